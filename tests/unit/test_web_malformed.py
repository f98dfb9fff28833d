"""What is no request, or asks for what is not spoken here: refused in its turn, and never read as another one."""

import tracemalloc
from collections.abc import Mapping

import pytest

from tests.unit.connections import CHUNKED, HEALTH, KEY, Talk, settled, talk, waiting

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
