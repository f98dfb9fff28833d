"""The orderly stop answers what was taken; and without its main process no worker goes on."""

import json
import signal
import socket
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager

import psutil
import pytest

from tests.crash.load import WRITE
from tests.crash.rounds import Run, running, wait_quiet
from tests.crash.server import HOST, Server
from tests.crash.shop import Shop

pytestmark = [pytest.mark.crash, pytest.mark.slow]
SOON = 15.0  # for a slow machine; less than what a server that ignores its signal is given
PROBE = b"GET /readyz HTTP/1.1\r\nHost: x\r\n"


class Talk:
    """One connection, spoken to by hand."""

    def __init__(self, server: Server) -> None:
        self._socket = socket.create_connection((HOST, server.port), timeout=20)

    def say(self, data: bytes) -> None:
        self._socket.sendall(data)

    def hear(self) -> bytes:
        """Everything up to the end of the connection."""
        parts = []
        while part := self._socket.recv(1 << 16):
            parts.append(part)
        return b"".join(parts)

    def close(self) -> None:
        self._socket.close()


def push(shop: Shop, erp: str) -> tuple[bytes, bytes]:
    """The head and the body of a push."""
    body = json.dumps([{"erp_order_id": erp, "phone": "9123456789", "client_reference_id": erp}]).encode()
    lines = [
        f"POST {WRITE} HTTP/1.1",
        "Host: x",
        f"Authorization: {shop.authorization}",
        f"Content-Length: {len(body)}",
    ]
    return "\r\n".join([*lines, "", ""]).encode(), body


def is_refused(server: Server) -> bool:
    try:
        socket.create_connection((HOST, server.port), timeout=5).close()
    except ConnectionRefusedError:
        return True
    return False


def wait_refused(server: Server) -> None:
    deadline = time.monotonic() + SOON
    while not is_refused(server):
        assert time.monotonic() < deadline, f"connections are still taken after {SOON:g} s"
        time.sleep(0.01)


def wait_gone(server: Server) -> None:
    server.running.wait(SOON)
    deadline = time.monotonic() + SOON
    while server.group:
        assert time.monotonic() < deadline, f"workers go on after {SOON:g} s; listening: {server.workers()}"
        time.sleep(0.02)


def of(shop: Shop) -> Server:
    return Server(shop, workers=1 if shop.database.startswith("sqlite") else 2)


def go_on(run: Run) -> None:
    """Check, start again, let the clients get everything acknowledged, check, and stop."""
    run.load.halt()
    wait_quiet(run.server.shop.database)
    run.check()
    run.server.start()
    run.finish()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=["term", "int"])
def test_what_was_taken_is_answered(shop: Shop, number: signal.Signals) -> None:
    head, body = push(shop, "SLOW")
    with (
        running("stop", of(shop), clients=6) as run,
        closing(Talk(run.server)) as slow,
        closing(Talk(run.server)) as probe,
    ):
        slow.say(head + body[:10])
        probe.say(PROBE)
        run.load.run()
        run.load.strangers.add("SLOW")
        run.wait(0.4, 0.7)
        run.server.terminate(number)
        time.sleep(0.1)
        probe.say(b"\r\n")
        assert probe.hear().startswith(b"HTTP/1.1 503 "), "/readyz says ready while stopping"
        wait_refused(run.server)
        assert run.server.running.poll() is None, "it did not wait for a client that was sending"
        slow.say(body[10:])
        assert b'"outcome":"created"' in slow.hear()
        assert run.server.running.wait(SOON) == 0
        assert not run.server.group
        run.load.halt()
        run.check()
        assert run.survived == 0, f"{run.survived} requests were written and not answered"
        go_on(run)


def test_a_client_that_never_finishes_does_not_hold_the_stop(sqlite_shop: Shop) -> None:
    with (
        Server(sqlite_shop, settings={"ORDERDOCK_STOP_TIMEOUT": "1"}) as server,
        closing(Talk(server)) as stuck, closing(Talk(server)) as fine,
    ):  # fmt: skip
        head, body = push(sqlite_shop, "NEVER")
        stuck.say(head + body[:10])
        head, body = push(sqlite_shop, "FINE")
        fine.say(head + body[:10])
        time.sleep(0.2)
        server.terminate()
        fine.say(body[10:])
        assert b'"outcome":"created"' in fine.hear()
        assert server.running.wait(1 + 5 + SOON) == 0
        assert not server.group


def test_without_its_main_process_no_worker_goes_on(shop: Shop) -> None:
    with running("orphan", of(shop), clients=6) as run:
        run.load.run()
        run.wait(0.3, 0.6)
        run.server.running.kill()
        wait_gone(run.server)
        assert is_refused(run.server)
        go_on(run)


@contextmanager
def newborn(shop: Shop) -> Iterator[tuple[Server, psutil.Process]]:
    """A server whose worker is stopped just when it is born."""
    server = Server(shop)
    try:
        server.start(wait=False)
        main = psutil.Process(server.running.pid)
        while not (children := main.children()):
            assert server.running.poll() is None, server.tail()
        children[0].send_signal(signal.SIGSTOP)
        yield server, children[0]
    finally:
        server.close()


@pytest.mark.parametrize("_again", range(2))  # the moment differs
def test_a_worker_that_is_just_born_does_not_outlive_the_main_process(sqlite_shop: Shop, _again: int) -> None:
    with newborn(sqlite_shop) as (server, worker):
        server.running.kill()
        server.running.wait(SOON)
        worker.send_signal(signal.SIGCONT)  # it is born an orphan
        wait_gone(server)
        assert is_refused(server)


@pytest.mark.parametrize("_again", range(2))
def test_a_worker_that_is_just_born_hears_that_it_has_to_stop(sqlite_shop: Shop, _again: int) -> None:
    with newborn(sqlite_shop) as (server, worker):
        server.terminate()
        time.sleep(0.3)  # the main process has told it by now
        worker.send_signal(signal.SIGCONT)
        assert server.running.wait(SOON) == 0
        assert not server.group
