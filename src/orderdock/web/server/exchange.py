"""One request on its way to its answer, and the bytes that carry an answer."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Coroutine
from email.utils import formatdate
from http import HTTPStatus
from typing import Any, Final

import structlog

from orderdock.web.limits import too_large
from orderdock.web.request import Answer, Disconnected, Ticket

log: Final = structlog.get_logger()


class Exchange:
    """A request, its body as it arrives, and the coroutine that answers it.

    No task runs the coroutine: what it waits for, a ticket or a future, calls `go_on`. So a request that waits for
    nothing is answered in the call that brought its last byte, and the answers of a written group in the call that
    brought the group's results.
    """

    __slots__ = (
        "_body", "_course", "_declared", "_error", "_finish", "_most", "_ticket", "_wants", "complete", "expects",
        "is_old", "keep", "size", "without_body",
    )  # fmt: skip

    def __init__(
        self,
        finish: Callable[[Exchange, Answer | None], None],
        wants: Callable[[Exchange], None],
        *,
        keep: bool,
        is_old: bool,
        without_body: bool,
        expects: bool,
        declared: str | None,
    ) -> None:
        self._finish = finish
        self._wants = wants
        self.keep = keep
        self.is_old = is_old
        self.without_body = without_body
        # Whether the caller waits to be asked before it sends the body.
        self.expects = expects
        self._declared = declared
        self.complete = False
        self.size = 0
        self._body: bytes | bytearray = b""
        self._most: int | None = None
        self._ticket: Ticket | None = None
        self._error: Exception | None = None
        self._course: Coroutine[Any, Any, Answer]

    @property
    def is_wanted(self) -> bool:
        """Whether the body was asked for, or is dropped as it comes."""
        return self._most is not None or self._error is not None

    def left(self) -> float:
        """Bytes of the body that may still come."""
        if self.complete:
            return 0
        return float("inf") if self.expects or self._declared is None else int(self._declared) - self.size

    @property
    def is_reading(self) -> bool:
        """Whether the rest of the body is waited for."""
        return self._ticket is not None and not self._ticket.done()

    def start(self, course: Coroutine[Any, Any, Answer]) -> None:
        """Run the coroutine that answers, up to where it has to wait."""
        self._course = course
        self.go_on(None)

    def go_on(self, _: object) -> None:
        """Run on. Called by what was waited for."""
        try:
            waited = self._course.send(None)
        except StopIteration as end:
            self._finish(self, end.value)
        except Disconnected:
            self._finish(self, None)
        except (Exception, asyncio.CancelledError):
            log.exception("a request was given up")
            self._finish(self, None)
        else:
            if waited is None:  # it only lets others go first
                asyncio.get_running_loop().call_soon(self.go_on, None)
            else:
                waited.add_done_callback(self.go_on)

    def take(self, part: bytes) -> None:
        """A part of the body has come."""
        self.size += len(part)
        if self._error is not None:
            return
        if self._most is not None and self.size > self._most:
            self.fail(too_large(self._most))
        elif self._body:  # in one piece, however small the parts are
            self._body = self._body if isinstance(self._body, bytearray) else bytearray(self._body)
            self._body += part
        else:
            self._body = part

    def end(self) -> None:
        """The whole body has come."""
        self.complete = True
        if self.is_reading and self._ticket is not None:
            self._ticket.set_result(None)

    def fail(self, error: Exception) -> None:
        """The body will not come, or is not wanted."""
        self._error = error
        self._body = b""
        if self.is_reading and self._ticket is not None:
            self._ticket.set_exception(error)

    async def receive(self, most: int) -> bytes:
        """The body. Raises PayloadTooLarge, RequestTimeout, MalformedBody, Disconnected."""
        if self.size > most:
            raise too_large(most)
        if self._error is None and not self.complete:
            self._most = most
            self._ticket = Ticket()
            self._wants(self)
            await self._ticket
        if self._error is not None:
            raise self._error
        return bytes(self._body)


# A browser takes an answer for nothing but what it says to be, and tells no other server where it came from.
_GUARDS: Final = "x-content-type-options: nosniff\r\nreferrer-policy: no-referrer\r\n"


class Heads:
    """What answers of one status begin with; made anew each second, for the date in it."""

    def __init__(self) -> None:
        self._made: dict[int, str] = {}

    def renew(self) -> None:
        """A second has passed."""
        self._made.clear()

    def of(self, status: int) -> str:
        """The first lines of an answer."""
        made = self._made.get(status)
        if made is None:
            date = formatdate(time.time(), usegmt=True)
            first = f"HTTP/1.1 {status} {HTTPStatus(status).phrase}"
            made = self._made[status] = f"{first}\r\nserver: orderdock\r\ndate: {date}\r\n{_GUARDS}"
        return made


def render(head: str, answer: Answer, exchange: Exchange, *, close: bool) -> bytes:
    """The bytes of an answer."""
    body = answer.body
    lines = [head, *[f"{name}: {value}\r\n" for name, value in answer.headers]]
    if body:
        lines.append(f"content-type: {answer.content_type}\r\ncontent-length: {len(body)}\r\n")
    elif answer.status not in (204, 304):
        lines.append("content-length: 0\r\n")
    if close:
        lines.append("connection: close\r\n")
    elif exchange.is_old:
        lines.append("connection: keep-alive\r\n")
    lines.append("\r\n")
    text = "".join(lines).encode("latin-1", "replace")
    return text if exchange.without_body else text + body
