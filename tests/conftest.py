"""What every test may ask for: a fresh, migrated database on each engine. A test that skips fails.

The one exception: what a machine does not allow (`tests.crash.tracing.unable`) is skipped, counted and listed.
"""

import os
import shutil
from collections.abc import Generator, Iterator
from pathlib import Path

import hypothesis
import pytest

from tests.crash.tracing import UNABLE
from tests.engines import PostgresServer, prepare_template

ENGINES = ("sqlite", "postgresql")

# Settings of the person who runs the tests are not settings of the tests. (Without compiled files every start is slow.)
for name in [name for name in os.environ if name.startswith(("ORDERDOCK_", "PG", "PYTHONDONTWRITE"))]:
    del os.environ[name]

hypothesis.settings.register_profile("orderdock", deadline=None)
hypothesis.settings.load_profile("orderdock")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Turn a skip into a failure: nothing is left out silently."""
    report = yield
    if report.skipped and not hasattr(report, "wasxfail") and UNABLE not in str(report.longrepr):
        report.outcome = "failed"
        report.longrepr = f"skipped, which no test here may: {report.longrepr}"
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """The same for a whole file."""
    report = yield
    if report.skipped:
        report.outcome = "failed"
        report.longrepr = f"skipped, which no test here may: {report.longrepr}"
    return report


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """The PostgreSQL server of this test process. Whoever stops or kills it takes `own_postgres` instead."""
    with PostgresServer() as server:
        yield server


@pytest.fixture
def own_postgres() -> Iterator[PostgresServer]:
    """A server for one test alone, with nothing in it."""
    with PostgresServer() as server:
        yield server


@pytest.fixture(scope="session")
def postgres_template(postgres: PostgresServer) -> str:
    return postgres.create_template()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated file. Its directory goes with it: what is not in the file itself would be lost in a copy."""
    path = tmp_path_factory.mktemp("template") / "orderdock.db"
    prepare_template(f"sqlite:///{path}")
    log = path.with_name(f"{path.name}-wal")
    assert not log.exists() or not log.stat().st_size, "`orderdock migrate` left a write-ahead log behind"
    return path


@pytest.fixture
def postgres_url(postgres: PostgresServer, postgres_template: str) -> Iterator[str]:
    """A fresh, migrated PostgreSQL database."""
    postgres.start()
    url = postgres.create_database(postgres_template)
    yield url
    postgres.drop_database(url)


@pytest.fixture
def sqlite_url(tmp_path: Path, sqlite_template: Path) -> str:
    """A fresh, migrated SQLite file."""
    path = tmp_path / "orderdock.db"
    shutil.copyfile(sqlite_template, path)
    return f"sqlite:///{path}"


@pytest.fixture(params=ENGINES)
def engine_url(request: pytest.FixtureRequest) -> str:
    """A fresh, migrated database, on one engine after the other."""
    url: str = request.getfixturevalue({"sqlite": "sqlite_url", "postgresql": "postgres_url"}[request.param])
    return url
