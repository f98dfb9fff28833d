"""How large and how slow a request may be (contract 1.5, 1.15)."""

from __future__ import annotations

import asyncio
import zlib
from collections.abc import Awaitable, Callable
from typing import Final

from orderdock.errors import (
    HeadersTooLarge,
    MalformedBody,
    PayloadTooLarge,
    RequestTimeout,
    UnsupportedEncoding,
    UrlTooLong,
)

URL_MOST: Final = 16 * 1024
HEADERS_MOST: Final = 32 * 1024
# The largest `body_max_bytes` that an account can have: what is larger is refused before anything is looked up.
BODY_MOST: Final = 256 * 1024 * 1024
_GZIP: Final = 16 + zlib.MAX_WBITS
_MEMBERS_MOST: Final = 16


def check_head(url_size: int, headers_size: int) -> None:
    """Raises UrlTooLong, HeadersTooLarge."""
    if url_size > URL_MOST:
        raise UrlTooLong(f"at most {URL_MOST} bytes")
    if headers_size > HEADERS_MOST:
        raise HeadersTooLarge(f"at most {HEADERS_MOST} bytes")


def check_declared(length: str | None, most: int) -> None:
    """Raises PayloadTooLarge when the declared size is more than may be."""
    if length and length.isdigit() and int(length) > most:
        raise too_large(most)


def too_large(most: int) -> PayloadTooLarge:
    """The refusal of a body of more than `most` bytes."""
    return PayloadTooLarge(f"at most {most} bytes")


def check_encoding(encoding: str | None) -> bool:
    """Whether a body is compressed. Raises UnsupportedEncoding for anything but gzip."""
    name = (encoding or "").strip().lower()
    if name in ("", "identity"):
        return False
    if name not in ("gzip", "x-gzip"):
        raise UnsupportedEncoding("send it plain or as gzip", path="header:Content-Encoding", value=encoding)
    return True


def unpack(body: bytes, most: int) -> bytes:
    """A gzip body unpacked, never to more than `most` bytes. Raises PayloadTooLarge, MalformedBody."""
    parts: list[bytes] = []
    size = 0
    while body:
        if len(parts) == _MEMBERS_MOST:
            raise MalformedBody("too many gzip members")
        member = zlib.decompressobj(_GZIP)
        try:
            part = member.decompress(body, most - size + 1)
        except zlib.error:
            raise MalformedBody("not gzip") from None
        size += len(part)
        if size > most:
            raise too_large(most)
        if not member.eof:
            raise MalformedBody("the gzip body is cut short")
        parts.append(part)
        body = member.unused_data
    return b"".join(parts)


class Patience:
    """Ends the reading of bodies that take too long. One look a second at all of them costs less than a timer each."""

    def __init__(self, seconds: float, stopping: Callable[[], bool] = lambda: False) -> None:
        self._seconds = seconds
        self._stopping = stopping
        self._reading: dict[asyncio.Task[object], float] = {}
        self._late: set[asyncio.Task[object]] = set()
        self._watch: asyncio.TimerHandle | None = None

    async def read(self, receive: Callable[[int], Awaitable[bytes]], most: int) -> bytes:
        """The body. Raises RequestTimeout when it does not arrive in time, PayloadTooLarge."""
        loop, task = asyncio.get_running_loop(), asyncio.current_task()
        assert task is not None
        self._reading[task] = loop.time() + self._seconds
        if self._watch is None:
            self._watch = loop.call_later(min(1.0, self._seconds), self._look, loop)
        try:
            return await receive(most)
        except asyncio.CancelledError:
            if task not in self._late:
                raise
            task.uncancel()
            raise RequestTimeout(f"not received within {self._seconds:g} s") from None
        finally:
            del self._reading[task]
            self._late.discard(task)

    def _look(self, loop: asyncio.AbstractEventLoop) -> None:
        now = loop.time()
        # A process that stops gives a body that is still on its way three seconds more.
        due = now + max(0.0, self._seconds - 3) if self._stopping() else now
        for task in [task for task, until in self._reading.items() if until <= due and task not in self._late]:
            self._late.add(task)
            task.cancel()
        self._watch = loop.call_later(min(1.0, self._seconds), self._look, loop) if self._reading else None
