"""A connection of the HTTP server, spoken to through a transport of the test (contract 1.5, 1.15)."""

import asyncio
import json

import pytest

from orderdock.web.server.head import address_of
from tests.http import raw_post
from tests.unit.connections import CHUNKED, HEALTH, KEY, MIB, Talk, settled, talk, waiting


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
