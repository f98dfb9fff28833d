"""A connection of the HTTP server, and the transport of a test through which it is spoken to."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from orderdock.web.request import Answer, Call, Route, Ticket
from orderdock.web.server import Front
from orderdock.web.server.connection import Connection
from tests.unit.site import Site

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
