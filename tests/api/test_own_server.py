"""Servers set up in another way: little patience, short queues, a proxy before them (contract 1.2, 1.14, 1.15)."""

import json
import shutil
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import httpx
import psutil
import pytest

from tests.http import RawConnection, raw_post
from tests.world import EVENTS, GET, WRITE, World, basic, call, faults, item, post, running, write


@pytest.fixture(scope="module")
def own(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A server that gives a request one second, lets two orders wait, and believes the proxy on this machine."""
    directory = tmp_path_factory.mktemp("own")
    url = f"sqlite:///{shutil.copyfile(sqlite_template, directory / 'orderdock.db')}"
    with running(
        url, directory, ORDERDOCK_BODY_TIMEOUT="1", ORDERDOCK_QUEUE_ITEMS="2", ORDERDOCK_TRUSTED_PROXIES="127.0.0.1"
    ) as world:
        yield world


def test_a_body_that_does_not_come_is_not_waited_for(own: World) -> None:
    with RawConnection(own.server.port) as connection:
        connection.send(raw_post(WRITE, b"[{", f"Authorization: {basic(own.keys['K'])}", length=50))
        answer = connection.answer()
        assert (answer.status, json.loads(answer.body)["Error"]) == (408, "RequestTimeout")
        assert connection.is_closed()
    assert call(own, "GET", "/healthz").status_code == 200


def test_a_head_that_does_not_end_is_not_waited_for(own: World) -> None:
    with RawConnection(own.server.port, timeout=10) as connection:
        connection.send(b"POST /x.html HTTP/1.1\r\nHost: x\r\n")
        with suppress(ConnectionError):  # the HTTP layer closes
            assert connection.answer().status == 408
    assert call(own, "GET", "/healthz").status_code == 200


def test_a_large_answer_waits_for_a_slow_reader(own: World) -> None:
    with RawConnection(own.server.port, timeout=30) as connection:
        body = json.dumps([{"order_id": own.f1["order_id"]}] * 1000).encode()
        connection.send(raw_post(GET, body, f"Authorization: {basic(own.keys['K'])}") * 20)
        time.sleep(1)  # the server cannot send all, and must neither hold it all nor give up
        sizes = [len(connection.answer().body) for _ in range(20)]
        assert min(sizes) == max(sizes) > 100_000
    assert call(own, "GET", "/healthz").status_code == 200


def test_a_worker_that_dies_is_replaced(own: World) -> None:
    main = psutil.Process(own.server.pid)
    (worker,) = main.children()
    worker.kill()
    psutil.wait_procs([worker], timeout=10)
    deadline = time.monotonic() + 10
    while True:
        with suppress(httpx.TransportError):
            if call(own, "GET", "/readyz").status_code == 200:
                break
        assert time.monotonic() < deadline
        time.sleep(0.1)
    (other,) = main.children()
    assert other.pid != worker.pid
    assert '"event": "a worker ended and is replaced"' in own.server.log.read_text()


def test_an_overloaded_server_refuses_early_and_loses_nothing(own: World) -> None:
    orders = [item() for _ in range(200)]
    with ThreadPoolExecutor(32) as pool:
        answers = list(pool.map(lambda order: write(own, order), orders))
    refused = [answer for answer in answers if answer.status_code != 200]
    assert refused, "a queue of two should have been full once"
    for answer in refused:
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "1")
        body = answer.json()
        assert (body["Message"], body["Error"]) == ("Server error while processing this request", "ServerFailure")
        assert faults(body) == [("Overloaded", "")]
    for order, answer in zip(orders, answers, strict=True):
        found = post(own, GET, [{"erp_order_id": order["erp_order_id"]}]).json()
        assert ("message" in found) == (answer.status_code == 200)


def test_a_retry_after_overload_succeeds(own: World) -> None:
    order = item()
    assert write(own, order).json()[0]["outcome"] in ("created", "unchanged")


def test_a_large_request_is_taken_whole_though_the_queue_is_short(own: World) -> None:
    assert [made["outcome"] for made in write(own, *(item() for _ in range(50))).json()] == ["created"] * 50


@pytest.mark.parametrize(
    ("forwarded", "status"), [("203.0.113.7", 200), ("198.51.100.1, 203.0.113.7", 200), ("203.0.113.8", 403)]
)
def test_behind_a_trusted_proxy_the_forwarded_address_counts(own: World, forwarded: str, status: int) -> None:
    answer = call(own, "GET", EVENTS, key="Kip", headers={"X-Forwarded-For": forwarded})
    assert answer.status_code == status
    assert call(own, "GET", EVENTS, key="Kip").status_code == 403


def test_behind_a_trusted_proxy_an_address_cannot_be_forged(own: World) -> None:
    forged = {"X-Forwarded-For": "203.0.113.7, 198.51.100.1"}  # the last is the one that the proxy saw
    assert call(own, "GET", EVENTS, key="Kip", headers=forged).status_code == 403


def test_behind_a_trusted_proxy_the_forwarded_host_counts(own: World) -> None:
    through = {"Host": "10.0.0.1", "X-Forwarded-Host": "other.example.com"}
    answer = call(own, "GET", EVENTS, headers=through)
    assert (answer.status_code, answer.json()["error"]) == (403, "AccountMismatch")
    assert call(own, "GET", EVENTS, headers={"X-Forwarded-Host": "kapdemo.example.com"}).status_code == 200
