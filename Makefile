# One word for each need. `make` alone prints them.

SHELL := /bin/sh
.DEFAULT_GOAL := help
.NOTPARALLEL:

PYTHON ?= python3
BIN := .venv/bin
PART ?= tests
WORKERS ?= 2
# A start takes 1 s with Python's compiled files and 2.5 s without; uv makes none, so the first run has to.
unexport PYTHONDONTWRITEBYTECODE
# Which figures to measure: `make bench ONLY=P1,P4`.
ONLY ?=
# Tests that kill, cut and trace run without a neighbour.
ALONE := tests/crash tests/api/test_durable.py tests/sql/test_writer_cut.py

# A stamp carries the checksum of what it was installed from, so an unchanged checkout installs nothing.
sum = $(shell cat pyproject.toml $(1) | cksum | tr ' ' '-')
RUNTIME := .venv/runtime-$(call sum,requirements.lock)
DEV := .venv/dev-$(call sum,requirements-dev.lock)
# The service that P4 measures against has an environment of its own, so that the product's is not touched.
PEER := .venv-peer/peer-$(call sum,requirements-peer.lock)

# uv is fast; pip is there for a machine where only pip knows the way to a package index.
define install
	@echo "installing $(1)"
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r $(1) \
	  || $(BIN)/python -m pip install --quiet --require-hashes -r $(1)
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --offline --no-deps --no-build-isolation -e . \
	  || $(BIN)/python -m pip install --quiet --no-index --no-deps --no-build-isolation -e .
endef

.PHONY: help
help: ## print this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: setup
setup: $(DEV) ## install everything for work on Orderdock into .venv (does nothing when nothing changed)
	@echo ready

.PHONY: serve
serve: $(RUNTIME) ## start a demo server here, with an account and orders in it
	@$(BIN)/orderdock serve --demo

.PHONY: test
test: check $(if $(filter tests tests/api%,$(PART)),strace) ## check, then run every test, on SQLite and on a real PostgreSQL (PART=tests/unit for less)
	@$(BIN)/python -m pytest -n $(WORKERS) $(PART) $(if $(filter tests,$(PART)),$(addprefix --ignore=,$(ALONE)))
	@$(if $(filter tests,$(PART)),$(BIN)/python -m pytest $(ALONE),true)

.PHONY: check
check: $(DEV) ## lint, format, types and the laws of the layout
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy $(wildcard src tests bench)
	@$(BIN)/python -m pytest -q tests/test_law.py

.PHONY: cover
cover: $(DEV) ## run every test and say which lines none of them ran
	@$(BIN)/coverage erase
	@$(COVER) $(PART) $(if $(filter tests,$(PART)),$(addprefix --ignore=,$(ALONE))) -n $(WORKERS) --cov-report=
	@$(if $(filter tests,$(PART)),$(COVER) $(ALONE) --cov-append --cov-report=)
	@$(BIN)/coverage report
# Servers that tests start stand elsewhere: they are told whole paths.
COVER = COVERAGE_FILE=$(CURDIR)/.coverage $(BIN)/python -m pytest --cov --cov-config=$(CURDIR)/pyproject.toml

.PHONY: bench
bench: $(DEV) wrk $(if $(or $(findstring P4,$(ONLY)),$(if $(ONLY),,all)),$(PEER)) ## run the benchmarks (QUICK=1 for a short run, ONLY=P1,P4 for some)
	@ONLY=$(ONLY) $(BIN)/python -m bench

.PHONY: bench-growth
bench-growth: $(DEV) wrk ## measure how speed holds up as orders grow to 10 million (ORDERS=1000000 for fewer)
	@$(BIN)/python -m bench --only P7 $(if $(ORDERS),--orders $(ORDERS))

.PHONY: bench-strain
bench-strain: $(DEV) wrk ## measure what the request log costs, a noisy neighbour, and overload
	@$(BIN)/python -m bench.strain

.PHONY: wrk
wrk:
	@command -v wrk >/dev/null || { \
	  test "$$(id -u)" = 0 && command -v apt-get >/dev/null && apt-get update -qq && apt-get install -y -qq wrk; \
	} || { echo "the benchmarks need wrk: install it with the system's package manager" >&2; exit 1; }

# Without it, and without the right to install it, what needs it is skipped, and said so.
.PHONY: strace
strace:
	@command -v strace >/dev/null || { \
	  test "$$(id -u)" = 0 && command -v apt-get >/dev/null && apt-get update -qq && apt-get install -y -qq strace; \
	} || echo "strace is missing, so tests of the order of syncs and answers are skipped: install it" >&2

.PHONY: docs
docs: $(RUNTIME) ## write the generated tables of docs/ again
	@$(BIN)/python -m orderdock.docs

.PHONY: lock
lock: $(BIN)/uv ## choose new versions of the dependencies, within pyproject.toml
	@$(BIN)/uv pip compile $(LOCK) --extra build -o requirements.lock
	@$(BIN)/uv pip compile $(LOCK) --extra build --extra dev -o requirements-dev.lock
	@$(BIN)/uv pip compile $(LOCK) --extra peer -o requirements-peer.lock
LOCK := pyproject.toml --quiet --upgrade --generate-hashes --universal --python-version 3.11 \
  --no-emit-index-url --no-emit-find-links --no-header

.PHONY: clean
clean: ## remove what was installed and generated
	@rm -rf .venv .venv-peer .pytest_cache .mypy_cache .ruff_cache .hypothesis .coverage .coverage.* htmlcov dist build
	@find src tests bench -name __pycache__ -type d -prune -exec rm -rf {} + 2>/dev/null || true

# The environment begins with uv, at the version and hashes of the lock.
$(BIN)/uv: | $(BIN)/python
	@awk '/^[A-Za-z0-9]/ {on = /^uv==/} on' requirements.lock > .venv/uv.lock
	@$(BIN)/python -m pip install --quiet --require-hashes -r .venv/uv.lock

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "Orderdock needs Python 3.11 or newer: make PYTHON=/path/to/python3" >&2; exit 1; }
	@echo "creating .venv"
	@$(PYTHON) -m venv .venv \
	  || { rm -rf .venv; echo "Python's venv is missing (Debian: apt-get install python3-venv)" >&2; exit 1; }

$(RUNTIME): | $(BIN)/uv
	$(call install,requirements.lock)
	@rm -f .venv/runtime-*
	@touch $@

$(DEV): | $(BIN)/uv
	$(call install,requirements-dev.lock)
	@rm -f .venv/runtime-* .venv/dev-*
	@touch $(RUNTIME) $@

$(PEER): | $(BIN)/uv
	@echo "installing requirements-peer.lock"
	@$(BIN)/python -m venv --clear .venv-peer
	@$(BIN)/uv pip install --quiet --python .venv-peer/bin/python --require-hashes -r requirements-peer.lock \
	  || .venv-peer/bin/python -m pip install --quiet --require-hashes -r requirements-peer.lock
	@touch $@
