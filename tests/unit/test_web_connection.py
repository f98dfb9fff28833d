"""A connection of the HTTP server, spoken to through a transport of the test (contract 1.5, 1.15)."""

import asyncio
import json
import tracemalloc
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import pytest

from orderdock.web.request import Answer, Call, Route, Ticket
from orderdock.web.server import Front
from orderdock.web.server.connection import Connection
from orderdock.web.server.head import address_of
from tests.http import raw_post
from tests.unit.test_web_request import Site

HEALTH = b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"
KEY = "Authorization: Basic K"
CHUNKED = f"POST /echo.html HTTP/1.1\r\nHost: x\r\n{KEY}\r\nTransfer-Encoding: chunked\r\n\r\n".encode()
MIB = 1 << 20


class Wire:
    """A transport that keeps what is written; nobody reads it while `is_stuck`."""

    def __init__(self) -> None:
        self.out = b""
        self.paused = self.ended = self.closed = self.aborted = False
        self.unread = 0

    def get_extra_info(self, name: str) -> Any:
        return ("203.0.113.9", 5) if name == "peername" else None

    def is_closing(self) -> bool:
        return self.closed or self.aborted

    def write(self, data: bytes) -> None:
        self.out += data

    def write_eof(self) -> None:
        self.ended = True

    def close(self) -> None:
        self.closed = True

    def abort(self) -> None:
        self.aborted = True

    def pause_reading(self) -> None:
        self.paused = True

    def resume_reading(self) -> None:
        self.paused = False

    def get_write_buffer_size(self) -> int:
        return self.unread

    @property
    def statuses(self) -> list[int]:
        return [int(part[:3]) for part in self.out.split(b"HTTP/1.1 ")[1:]]


class Talk:
    """One connection to a service whose handlers wait for tickets that the test settles."""

    def __init__(self, most: int = 10) -> None:
        self.tickets: list[Ticket] = []
        self.front = Front(self.site().service(), most)
        self.wire, self.connection = self.connect()

    def site(self) -> Site:
        async def wait(call: Call) -> Answer:
            self.tickets.append(ticket := Ticket())
            return Answer(200, await ticket)

        async def echo(call: Call) -> Answer:
            return Answer(200, call.body)

        return Site(routes={"/wait": Route(("GET",), wait, open=True), "/echo.html": Route(("POST",), echo)})

    def connect(self) -> tuple[Wire, Connection]:
        wire, connection = Wire(), self.front.connect()
        connection.connection_made(wire)  # type: ignore[arg-type]  # a stand-in
        return wire, connection

    def say(self, data: bytes) -> None:
        assert self.reads()
        self.connection.data_received(data)

    def reads(self) -> bool:
        return not self.wire.paused

    def look(self, *seconds: float) -> None:
        for second in seconds:
            self.connection.look(second)


def talk(script: Callable[[Talk], Awaitable[None]], **more: Any) -> None:
    async def run() -> None:
        one = Talk(**more)
        try:
            await script(one)
        finally:
            one.front.close()

    asyncio.run(run())


async def settled() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


def waiting(number: int) -> bytes:
    return f"GET /wait HTTP/1.1\r\nHost: x\r\nX-Request-Id: {number}\r\n\r\n".encode()


def test_pipelined_requests_are_answered_in_order_and_read_ahead_within_bounds() -> None:
    async def script(it: Talk) -> None:
        sent = b"".join(waiting(number) for number in range(6_000))
        it.say(sent)
        assert not it.reads()
        assert len(it.tickets) == 1
        assert len(it.connection._waiting) < 2_000
        for number in range(6_000):
            it.tickets[number].set_result(b"%d" % number)
        assert it.reads()
        ids = [line.split(b": ")[1] for line in it.wire.out.split(b"\r\n") if line.startswith(b"x-request-id")]
        assert ids == [b"%d" % number for number in range(6_000)]

    talk(script)


def test_many_requests_at_once_need_no_deep_stack() -> None:
    async def script(it: Talk) -> None:
        it.say(HEALTH * 5_000)
        assert it.wire.statuses == [200] * 5_000

    talk(script)


def test_a_caller_that_does_not_read_gets_no_more_and_is_given_up() -> None:
    async def script(it: Talk) -> None:
        it.connection.pause_writing()
        it.say(HEALTH + HEALTH)
        assert it.wire.out == b""
        assert not it.reads()
        it.wire.unread = 100
        it.look(0, 29)
        it.wire.unread = 50  # it reads, slowly
        it.look(31, 60)
        assert not it.wire.aborted
        it.connection.resume_writing()
        assert it.wire.statuses == [200, 200]
        it.connection.pause_writing()
        it.look(70, 101)
        assert it.wire.aborted

    talk(script)


@pytest.mark.parametrize(
    ("sent", "status"),
    [(b"", []), (b"GET /healthz HTTP/1.1\r\nHo", [408]), (raw_post("/echo.html", b"[", KEY, length=9), [408])],
)
def test_what_does_not_arrive_is_not_waited_for(sent: bytes, status: list[int]) -> None:
    async def script(it: Talk) -> None:
        it.say(sent)
        await settled()
        it.look(0, 29)
        assert it.wire.out == b""
        it.look(31)
        assert it.wire.statuses == status
        assert it.wire.closed or it.wire.ended
        it.look(32, 35)
        assert it.wire.closed or it.wire.aborted
        it.connection.connection_lost(None)
        assert (it.front.connections, it.front.running) == (set(), 0)

    talk(script)


def test_an_idle_connection_is_kept_for_a_while() -> None:
    async def script(it: Talk) -> None:
        it.say(HEALTH)
        it.look(0, 70)
        it.say(HEALTH)
        it.look(71, 140)
        assert not it.wire.closed
        it.look(150)
        assert it.wire.closed

    talk(script)


def test_the_body_is_asked_for_only_when_it_is_wanted() -> None:
    async def script(it: Talk) -> None:
        head, body = raw_post("/echo.html", b"[1]", KEY, "Expect: 100-continue").split(b"\r\n\r\n")
        it.say(head + b"\r\n\r\n")
        await settled()
        assert it.wire.out == b"HTTP/1.1 100 Continue\r\n\r\n"
        it.say(body)
        assert it.wire.statuses == [100, 200]
        it.say(head.replace(b"Basic K", b"Basic wrong") + b"\r\n\r\n")
        await settled()
        assert it.wire.statuses == [100, 200, 401]
        assert it.wire.ended

    talk(script)


def test_the_rest_of_a_refused_body_is_dropped_when_it_is_small() -> None:
    async def script(it: Talk) -> None:
        it.say(raw_post("/nothing.html", b"x" * 10, length=1_000))
        assert it.wire.statuses == [404]
        it.say(b"x" * 990 + HEALTH)
        assert it.wire.statuses == [404, 200]
        it.say(raw_post("/nothing.html", b"x", length=MIB))
        assert it.wire.ended
        it.say(HEALTH)
        assert it.wire.statuses == [404, 200, 404]

    talk(script)


def test_a_refused_body_that_is_no_http_ends_the_connection() -> None:
    async def script(it: Talk) -> None:
        it.say(raw_post("/nothing.html", b"", length=3))
        it.say(b"abc" + b"\0" * 20)
        assert it.wire.statuses == [404, 400]
        assert it.wire.ended

    talk(script)


def test_a_body_that_nobody_asked_for_yet_is_not_read_on_and_on() -> None:
    async def script(it: Talk) -> None:
        it.say(raw_post("/echo.html", b"x" * 90_000, KEY, length=100_000))
        assert not it.reads()
        await settled()
        it.say(b"x" * 10_000)
        assert it.wire.statuses == [200]
        assert it.wire.out.endswith(b"x" * 100_000)

    talk(script)


def test_a_caller_that_goes_away_cancels_nothing() -> None:
    async def script(it: Talk) -> None:
        it.say(waiting(1) + waiting(2))
        it.wire.abort()
        it.connection.connection_lost(None)
        assert it.front.running == 1
        it.tickets[0].set_result(b"")
        assert (it.front.running, len(it.tickets), it.wire.out) == (0, 1, b"")

    talk(script)


def test_a_caller_that_sends_no_more_still_gets_its_answers() -> None:
    async def script(it: Talk) -> None:
        it.say(waiting(1) + waiting(2))
        assert it.connection.eof_received()
        it.tickets[0].set_result(b"a")
        assert not it.wire.closed
        it.tickets[1].set_result(b"b")
        assert it.wire.statuses == [200, 200]
        assert it.wire.closed

    talk(script)


def test_a_request_that_breaks_off_takes_no_answer_with_it() -> None:
    async def script(it: Talk) -> None:
        it.say(waiting(1) + raw_post("/echo.html", b"[", KEY, length=9))
        assert it.connection.eof_received()
        it.tickets[0].set_result(b"a")
        await settled()
        assert it.wire.statuses == [200]
        assert it.wire.closed
        assert not it.wire.aborted

    talk(script)


BAD: Mapping[str, tuple[bytes, int]] = {
    "no HTTP": (b"\x16\x03\x01\x02\x00\x01", 400),
    "a broken chunk": (CHUNKED + b"zz\r\n[]\r\n0\r\n\r\n", 400),
    "endless chunk extensions": (CHUNKED + b"1;" + b"x" * 200_000, 400),
    "endless trailers": (CHUNKED + b"1\r\n1\r\n0\r\n" + b"a: b\r\n" * 50_000, 400),
    "two hosts": (b"GET /healthz HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400),
    "no host": (b"GET /healthz HTTP/1.1\r\n\r\n", 400),
    "another version": (b"GET /healthz HTTP/2.0\r\nHost: x\r\n\r\n", 400),
    "another coding": (CHUNKED.replace(b"chunked", b"gzip, chunked") + b"0\r\n\r\n", 400),
    "chunks of old": (CHUNKED.replace(b"HTTP/1.1", b"HTTP/1.0") + b"0\r\n\r\n", 400),
    "an unknown method behind another": (b"FOO /healthz HTTP/1.1\r\nHost: x\r\n\r\n", 400),
    "an endless URL": (b"GET /" + b"x" * 200_000, 414),
    "an endless header": (b"GET /x.html HTTP/1.1\r\na: " + b"x" * 200_000, 431),
    "endless headers": (b"GET /x.html HTTP/1.1\r\n" + b"a: b\r\n" * 50_000, 431),
}


@pytest.mark.parametrize("kind", BAD)
def test_what_is_no_request_is_refused_after_those_before_it(kind: str) -> None:
    async def script(it: Talk) -> None:
        data, status = BAD[kind]
        it.say(waiting(1))
        for start in range(0, len(data), 10_000):
            it.connection.data_received(data[start : start + 10_000])
        assert it.wire.out == b""
        it.tickets[0].set_result(b"1")
        await settled()
        assert it.wire.statuses == [200, status]
        assert it.wire.ended or it.wire.closed

    talk(script)


@pytest.mark.parametrize("url", [b"x" * 100_000, b"%41" * 14_000, b"?" + b"x" * 17_000])
def test_a_url_is_measured_as_it_was_sent(url: bytes) -> None:
    async def script(it: Talk) -> None:
        it.say(b"GET /" + url + b" HTTP/1.1\r\nHost: x\r\n\r\n")
        assert it.wire.statuses == [414]

    talk(script)


def test_an_unknown_method_is_refused_as_others_are() -> None:
    async def script(it: Talk) -> None:
        it.say(b"BREW /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
        assert it.wire.statuses == [405]
        assert b"allow: GET, HEAD\r\n" in it.wire.out
        assert it.wire.closed

    talk(script)


def test_a_body_is_never_read_as_requests() -> None:
    async def script(it: Talk) -> None:
        inner = b"X /healthz HTTP/1.1\r\nHost: a\r\n\r\n" + HEALTH
        it.say(f"POST /nothing HTTP/1.1\r\nHost: x\r\nContent-Length: {len(inner)}\r\n\r\n".encode())
        assert it.wire.statuses == [404]
        it.say(inner + b"FOO / HTTP/1.1\r\nHost: x\r\n\r\n")
        await settled()
        assert it.wire.statuses == [404, 400]
        assert it.wire.ended or it.wire.closed

    talk(script)


@pytest.mark.parametrize("size", [1, 7, 10_000])
@pytest.mark.parametrize("chunked", [False, True])
def test_another_protocol_is_not_taken_up_and_the_body_is_read(size: int, chunked: bool) -> None:
    async def script(it: Talk) -> None:
        body = b"3\r\n[1]\r\n0\r\n\r\n" if chunked else b"[1]"
        framing = "Transfer-Encoding: chunked" if chunked else "Content-Length: 3"
        ask = "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk"
        head = f"POST /echo.html HTTP/1.1\r\nHost: x\r\n{KEY}\r\n{ask}\r\n{framing}\r\n\r\n".encode()
        get = HEALTH.replace(b"\r\n\r\n", b"\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n")
        data = (head + body + get) * 3 + HEALTH
        for start in range(0, len(data), size):
            it.connection.data_received(data[start : start + size])
            await settled()
        assert it.wire.statuses == [200] * 7
        assert it.wire.out.count(b"\r\n\r\n[1]") == 3

    talk(script)


def test_an_unknown_method_may_ask_for_another_protocol() -> None:
    async def script(it: Talk) -> None:
        it.say(b"FOO /healthz HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n")
        assert it.wire.statuses == [405]

    talk(script)


def test_a_length_may_have_many_zeros() -> None:
    async def script(it: Talk) -> None:
        head = f"POST /echo.html HTTP/1.1\r\nHost: x\r\n{KEY}\r\nContent-Length: {'0' * 5_000}2\r\n\r\n"
        it.say(head.encode() + b"[]" + HEALTH)
        await settled()
        assert it.wire.statuses == [200, 200]

    talk(script)


def test_a_body_in_the_smallest_chunks_takes_no_more_room_than_it_has() -> None:
    async def script(it: Talk) -> None:
        it.say(CHUNKED)
        await settled()
        tracemalloc.start()
        for _ in range(100):
            it.connection.data_received(b"2\r\n  \r\n" * 1_000)
        used, _ = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert used < 4 * 200_000

    talk(script)


def test_a_slash_that_is_part_of_a_name_stays() -> None:
    assert address_of(b"/api/v1/orders/erp:A%2F") == ("/api/v1/orders/erp:A/", "")
    assert address_of(b"/api/v1/orders/erp:A%2F/?x=1") == ("/api/v1/orders/erp:A/", "x=1")
    assert address_of(b"/x.html//") == ("/x.html/", "")
    assert address_of(b"/") == ("/", "")


def test_headers_behind_a_body_in_chunks_are_not_those_of_the_next_request() -> None:
    async def script(it: Talk) -> None:
        it.say(CHUNKED + b"3\r\n[1]\r\n0\r\nx-request-id: mine\r\n\r\n" + HEALTH)
        await settled()
        assert it.wire.statuses == [200, 200]
        assert b"mine" not in it.wire.out

    talk(script)


def test_no_more_connections_than_there_may_be() -> None:
    async def script(it: Talk) -> None:
        wire, connection = it.connect()
        assert (wire.statuses, wire.closed) == ([503], True)
        assert b"retry-after: 1\r\n" in wire.out
        assert b"x-request-id: " in wire.out
        assert json.loads(wire.out.partition(b"\r\n\r\n")[2])["error"] == "Overloaded"
        connection.connection_lost(None)
        assert len(it.front.connections) == 1
        it.connection.connection_lost(None)
        wire, connection = it.connect()
        connection.data_received(HEALTH)
        assert wire.statuses == [200]

    talk(script, most=1)


def test_who_is_idle_makes_room() -> None:
    async def script(it: Talk) -> None:
        it.say(waiting(1))
        idle, sleeper = it.connect()
        sleeper.look(1e9)
        it.front._find_idle(sleeper._since + 6)
        wire, _ = it.connect()
        assert (idle.closed, wire.statuses) == (True, [])
        assert not it.wire.closed
        wire, _ = it.connect()
        assert wire.statuses == [503]

    talk(script, most=2)


def test_a_stop_waits_for_what_was_begun_and_for_nothing_else() -> None:
    async def script(it: Talk) -> None:
        idle, _ = it.connect()
        half, sending = it.connect()
        sending.data_received(HEALTH[:-2])
        it.say(waiting(1))
        drained = asyncio.ensure_future(it.front.drain(5))
        await settled()
        assert (idle.closed, half.closed, it.wire.closed, drained.done()) == (True, False, False, False)
        sending.data_received(HEALTH[-2:])
        it.tickets[0].set_result(b"1")
        for wire, connection in ((half, sending), (it.wire, it.connection)):
            assert (wire.statuses, wire.closed) == ([200], True)
            assert b"connection: close" in wire.out
            connection.connection_lost(None)
        it.front.connections.clear()
        it.front.note_end()
        assert await drained

    talk(script)


def test_an_order_is_answered_where_its_result_is_given() -> None:
    async def script(it: Talk) -> None:
        it.say(raw_post("/add-update-order-from-other-source.html", b'[{"phone":"8123456789"}]', KEY))
        await settled()
        head, _, body = it.wire.out.partition(b"\r\n\r\n")
        assert json.loads(body)[0]["outcome"] == "created"
        assert f"content-length: {len(body)}".encode() in head

    talk(script)
