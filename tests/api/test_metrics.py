"""What Prometheus reads, and who may read it (contract 2.20)."""

import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import date, timedelta
from pathlib import Path

import httpx
import pytest
from prometheus_client import Metric
from prometheus_client.parser import text_string_to_metric_families

from orderdock.stats import METRICS, OUTCOMES
from tests.engines import PostgresServer
from tests.http import ServerProcess
from tests.world import GET, WRITE, World, call, fresh_erp, item, new_key, post, push, running, write

Numbers = dict[tuple[str, ...], float]
ELSEWHERE = "203.0.113.7"


def families(http: httpx.Client, **headers: str) -> dict[str, Metric]:
    answer = http.get("/metrics", headers=headers)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/plain; version=0.0.4; charset=utf-8")
    return {family.name: family for family in text_string_to_metric_families(answer.text)}


def numbers(http: httpx.Client) -> Numbers:
    """(name, values of its labels in their order) -> value."""
    return {
        (sample.name, *(sample.labels[name] for name in sorted(sample.labels))): sample.value
        for family in families(http).values()
        for sample in family.samples
    }


class Grown:
    """By how much numbers grew since it was made."""

    def __init__(self, http: httpx.Client) -> None:
        self._http, self._before = http, numbers(http)

    def by(self, *name: str) -> float:
        return numbers(self._http).get(name, 0.0) - self._before.get(name, 0.0)


def test_every_metric_of_the_table_is_told_with_its_kind_and_help(world: World) -> None:
    found = families(world.http)
    for metric in METRICS:
        family = found[metric.name.removesuffix("_total")]
        assert (family.type, family.documentation) == (metric.kind, metric.help)
        for sample in family.samples:
            assert set(sample.labels) - {"le"} == set(metric.labels), sample
    ours = {name for name in found if name.startswith("orderdock_")}
    assert ours == {metric.name.removesuffix("_total") for metric in METRICS}
    assert {"process_resident_memory_bytes", "process_cpu_seconds", "process_open_fds", "python_info"} <= set(found)


def test_requests_and_items_are_counted_by_what_became_of_them(world: World) -> None:
    grown = Grown(world.http)
    order = item()
    for _ in range(2):
        write(world, order)
    write(world, item(), item(phone=None, customer_name=None), item())
    post(world, GET, [{"erp_order_id": fresh_erp()}], key="Kexp")
    post(world, GET, [{"erp_order_id": fresh_erp()}], key="Kpush")
    call(world, "GET", "/api/v1/orders/999")
    call(world, "GET", "/api/v1/events?limit=nothing")
    call(world, "GET", "/nothing/there")
    request = "orderdock_requests_total"
    assert grown.by(request, "ok", WRITE) == 3
    assert [grown.by(request, outcome, GET) for outcome in ("unauthorised", "forbidden")] == [1, 1]
    assert grown.by(request, "not_found", "/api/v1/orders/{id}") == 1
    assert grown.by(request, "invalid", "/api/v1/events") == 1
    assert grown.by(request, "not_found", "unknown") == 1
    items = [grown.by("orderdock_items_total", name) for name in ("created", "unchanged", "failed")]
    assert items == [3, 1, 1]
    assert grown.by("orderdock_group_items_sum") == 5
    assert grown.by("orderdock_request_seconds_count", WRITE) == 3
    assert 0 < grown.by("orderdock_request_seconds_sum", WRITE) < 30
    assert grown.by("orderdock_responses_total", "404") == 2
    groups, commits = (grown.by(f"orderdock_{name}_seconds_count") for name in ("group", "commit"))
    assert 1 <= commits <= groups
    assert grown.by("orderdock_events_total") >= 3


def test_every_outcome_that_is_told_is_explained(world: World) -> None:
    told = {sample.labels["outcome"] for sample in families(world.http)["orderdock_requests"].samples}
    assert told <= set(OUTCOMES)


def test_credentials_that_are_looked_up_are_counted(world: World) -> None:
    key = new_key(world)
    grown = Grown(world.http)
    for sent in (key, key, "an unknown one " * 3):
        call(world, "GET", "/api/v1/events", key=sent)
    assert [grown.by("orderdock_credential_lookups_total", name) for name in ("found", "unknown")] == [1, 1]


@contextmanager
def own_world(engine_url: str, folder: Path, **environ: str) -> Iterator[World]:
    with running(engine_url, folder, **environ) as made:
        yield made


def test_the_database_and_the_keys_that_expire(engine_url: str, tmp_path: Path) -> None:
    with own_world(engine_url, tmp_path) as world:
        for days in (5, 29, 40):
            new_key(world, expires_on=(date.today() + timedelta(days=days)).isoformat())
        new_key(world, expires_on=(date.today() + timedelta(days=3)).isoformat(), enabled="off")
        found = families(world.http)
        left = sorted(sample.value for sample in found["orderdock_key_expires_days"].samples)
        assert [
            round(days) in (days_meant, days_meant + 1) for days, days_meant in zip(left, (5, 29), strict=True)
        ] == [True, True]
        assert {sample.labels["account"] for sample in found["orderdock_key_expires_days"].samples} == {"kapdemo"}
        assert found["orderdock_database_up"].samples[0].value == 1
        size = found["orderdock_database_bytes"].samples[0].value
        assert 100_000 < size < 100_000_000
        assert found["orderdock_build_info"].samples[0].labels == {
            "version": "0.1.0", "engine": engine_url.partition(":")[0],
        }  # fmt: skip
        # The database is asked once in 15 seconds: what is new is not told yet.
        new_key(world, expires_on=(date.today() + timedelta(days=2)).isoformat())
        assert len(families(world.http)["orderdock_key_expires_days"].samples) == 2


def told(answer: httpx.Response) -> tuple[int, bytes, dict[str, str]]:
    """Everything but what is another in each answer."""
    own = ("date", "x-request-id")
    return answer.status_code, answer.content, {name: text for name, text in answer.headers.items() if name not in own}


def test_for_other_addresses_there_is_no_such_address(engine_url: str, tmp_path: Path) -> None:
    allowed = {"ORDERDOCK_METRICS_ALLOW": "203.0.113.0/24", "ORDERDOCK_TRUSTED_PROXIES": "127.0.0.1"}
    with own_world(engine_url, tmp_path, **allowed) as world:
        for method in ("GET", "HEAD", "POST", "PUT", "OPTIONS", "DELETE"):
            for forwarded in (
                {},
                {"X-Forwarded-For": "198.51.100.1"},
                {"X-Forwarded-For": f"{ELSEWHERE}, 198.51.100.1"},
            ):
                known, unknown = (
                    world.http.request(method, path, headers=forwarded) for path in ("/metrics", "/metrik")
                )
                assert told(known) == told(unknown)
                assert known.status_code == 404
        assert "orderdock_requests" in families(world.http, **{"X-Forwarded-For": ELSEWHERE})
        refused = world.http.post("/metrics", headers={"X-Forwarded-For": ELSEWHERE})
        assert (refused.status_code, refused.headers["allow"]) == (405, "GET, HEAD")


def test_only_loopback_reads_them_by_default(engine_url: str, tmp_path: Path) -> None:
    with own_world(engine_url, tmp_path, ORDERDOCK_TRUSTED_PROXIES="127.0.0.1") as world:
        assert world.http.get("/metrics").status_code == 200
        assert world.http.get("/metrics", headers={"X-Forwarded-For": "::1"}).status_code == 200
        assert world.http.get("/metrics", headers={"X-Forwarded-For": "10.0.0.1"}).status_code == 404


def test_they_are_told_also_while_the_database_is_away(own_postgres: PostgresServer, tmp_path: Path) -> None:
    template = own_postgres.create_template()
    server = ServerProcess(own_postgres.create_database(template), tmp_path, {"ORDERDOCK_SECRET": "x" * 32})
    with server, httpx.Client(base_url=server.url, timeout=30) as http:
        own_postgres.stop("immediate")
        found = families(http)
        assert found["orderdock_database_up"].samples[0].value == 0
        assert found["orderdock_database_bytes"].samples == []


def test_workers_are_summed_and_a_new_one_goes_on_counting(
    postgres: PostgresServer, postgres_template: str, tmp_path: Path
) -> None:
    url = postgres.create_database(postgres_template)
    with running(url, tmp_path, ORDERDOCK_WORKERS="2") as world:
        created = ("orderdock_items_total", "created")
        for _ in range(12):
            with httpx.Client(base_url=world.server.url) as another:  # each connection may reach another worker
                assert another.get("/healthz").status_code == 200
            push(world)
        assert numbers(world.http)[created] == 14  # with the two that the world begins with
        pids = worker_pids(world)
        assert len(pids) == 2
        for pid in pids:
            os.kill(pid, signal.SIGKILL)
        wait_for_workers(world, unlike=pids)
        with httpx.Client(base_url=world.server.url, timeout=30) as http:
            after = numbers(http)
        assert after[created] == 14
        assert after["orderdock_requests_total", "ok", "/healthz"] == 12
        assert after["orderdock_workers",] == 2


def worker_pids(world: World) -> set[int]:
    children = Path(f"/proc/{world.server.pid}/task/{world.server.pid}/children").read_text()
    return {int(word) for word in children.split()}


def wait_for_workers(world: World, *, unlike: set[int]) -> None:
    """Until two new ones answer."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        now = worker_pids(world)
        if len(now) == 2 and not now & unlike:
            # The kernel may still hand a connection to a worker that is no more: then it is asked again.
            with suppress(httpx.TransportError), httpx.Client(base_url=world.server.url, timeout=5) as http:
                if numbers(http)["orderdock_workers",] == 2:
                    return
        time.sleep(0.1)
    pytest.fail("no new workers")
