"""One connection: requests are read ahead within bounds, judged one after the other, answered in their order."""

from __future__ import annotations

import asyncio
from collections import deque
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

from httptools import HttpParserError, HttpParserInvalidMethodError, HttpParserUpgrade, HttpRequestParser

from orderdock.errors import InvalidHeader, MalformedBody, Overloaded, Refusal, RequestTimeout
from orderdock.web.limits import HEADERS_MOST, URL_MOST
from orderdock.web.request import Answer, Disconnected, Request, refuse_early, respond
from orderdock.web.server.exchange import Exchange, render
from orderdock.web.server.head import ONCE, address_of, framing_of, is_sound
from orderdock.web.server.waits import Wait, patience

if TYPE_CHECKING:
    from orderdock.web.server.front import Front

# Bytes given to the parser at once. What it finds in them is kept in memory, so it bounds how far is read ahead.
_PIECE: Final = 64 * 1024
# Bytes of a body that nobody asked for yet, or that nobody will read: past it reading stops, or the connection ends.
_UNASKED: Final = 64 * 1024
# Bytes of a head that may come before it is complete; what is less is judged in the chain.
_HEAD_MOST: Final = URL_MOST + 2 * HEADERS_MOST + _PIECE
# Bytes between two parts of a body in chunks: their sizes, extensions and trailers.
_BETWEEN_MOST: Final = 64 * 1024
_UNTROUBLED: Final = (Wait.FIRST, Wait.REQUEST)
_NOTHING: Final = memoryview(b"")
_CONTINUE: Final = b"HTTP/1.1 100 Continue\r\n\r\n"
_JOINED: Final = "x-forwarded-for"


class Connection(asyncio.Protocol):
    """Bytes in, answers out."""

    def __init__(self, front: Front) -> None:
        self._front = front
        self._parser = HttpRequestParser(self)
        self._transport: Any = None
        self._peer = ""
        # The head that is arriving; `_fed` bytes have come since something was found in them.
        self._url = b""
        self._headers: dict[str, str] = {}
        self._size = 0
        self._fed = 0
        self._is_twice = False  # a header stands there twice that may not
        self._is_touched = False  # the parser found something in what it was given
        self._upgrading: Exchange | None = None  # the request that asked for another protocol
        self._is_again = False  # its head is read once more
        # The request whose body is arriving, those that wait for their turn, the one that is being answered.
        self._arriving: Exchange | None = None
        self._waiting: deque[tuple[Exchange, Request | None]] = deque()
        self._current: Exchange | None = None
        self._rest = _NOTHING
        self._is_pumping = False
        self._is_reading = True
        self._is_full = False  # the caller does not read what was answered
        self._is_deaf = False  # no further request comes
        self._is_over = False  # nothing more is answered
        self._served = 0
        self._seen = (Wait.NOTHING, 0)
        self._since = front.now()
        self._framing = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The transport says: a caller is there."""
        self._transport = transport
        peer = transport.get_extra_info("peername")
        self._peer = peer[0] if peer else ""
        (front := self._front).connections.add(self)
        if len(front.connections) > front.most and not front.make_room():
            self._say_and_leave(Overloaded("too many connections"), linger=False)

    def connection_lost(self, exc: Exception | None) -> None:
        """The transport says: the caller is gone. What is being written is written all the same."""
        self._is_over = True
        self._waiting.clear()
        self._rest = _NOTHING
        if self._arriving is not None:
            self._arriving.fail(Disconnected())
        self._front.connections.discard(self)
        self._front.note_end()

    def data_received(self, data: bytes) -> None:
        """The transport brings bytes."""
        if self._is_over or self._is_deaf:
            return
        if self._rest or len(data) > _PIECE:
            self._rest = memoryview(self._rest.tobytes() + data)
        else:
            self._is_pumping = True
            self._feed(data)
            self._is_pumping = False
        self._pump()

    def eof_received(self) -> bool:
        """The transport says: the caller sends no more. Whether it may still get answers."""
        self._is_deaf = True
        if self._arriving is not None:
            self._arriving.fail(Disconnected())
        return not self._is_over and (self._current is not None or bool(self._waiting))

    def pause_writing(self) -> None:
        """The transport says: the caller does not read. Nothing more is answered until it does."""
        self._is_full = True

    def resume_writing(self) -> None:
        """The transport says: the caller has read."""
        self._is_full = False
        self._pump()

    def on_url(self, url: bytes) -> None:
        """The parser found the URL, or a part of it."""
        self._is_touched = True
        if not self._is_again:
            self._url += url

    def on_header(self, name: bytes, value: bytes) -> None:
        """The parser found a header. Of a repeated one the first counts; what proxies say of addresses is joined."""
        if self._is_again:
            return
        self._size += len(name) + len(value) + 4
        key = name.decode("latin-1").lower()
        headers = self._headers
        if key not in headers:
            headers[key] = value.decode("latin-1").rstrip(" \t")
        elif key == _JOINED:
            headers[key] = f"{headers[key]},{value.decode('latin-1')}"
        elif key in ONCE:
            self._is_twice = True

    def on_headers_complete(self) -> None:
        """The parser found the end of the head: the request can be judged when it is its turn."""
        if self._is_again or self._is_deaf:
            return
        parser, headers = self._parser, self._headers
        version = parser.get_http_version()
        if self._is_twice or not is_sound(version, headers):
            self._refuse_rest()
            return
        declared = headers.get("content-length")
        if declared is not None and len(declared) > 19:
            declared = headers["content-length"] = declared.lstrip("0") or "0"
        method = parser.get_method().decode("latin-1")
        path, query = address_of(self._url)
        exchange = Exchange(
            self._finish,
            self._on_wanted,
            keep=parser.should_keep_alive(),
            is_old=version == "1.0",
            without_body=method == "HEAD",
            expects="expect" in headers,
            declared=declared,
        )
        request = Request(method, path, query, headers, self._peer, exchange.receive, self._size)
        self._waiting.append((exchange, request))
        self._arriving = exchange
        if parser.should_upgrade():
            self._upgrading = exchange
            self._framing = framing_of(headers)
        self._url, self._headers, self._size, self._fed = b"", {}, 0, 0

    def on_body(self, part: bytes) -> None:
        """The parser found a part of the body."""
        self._is_touched = True
        self._fed = 0
        if self._arriving is not None:
            self._arriving.take(part)

    def on_message_complete(self) -> None:
        """The parser found the end of the request."""
        self._is_touched = True
        self._is_twice = False
        if self._upgrading is not None:  # it passed over the body
            return
        exchange, self._arriving = self._arriving, None
        if self._size:  # headers behind a body in chunks
            self._headers, self._size = {}, 0
        if exchange is not None:
            exchange.end()

    def _pump(self) -> None:
        """Answer what waits and read on, as long as both can be done at once."""
        if self._is_pumping:
            return
        self._is_pumping = True
        while not self._is_full and not self._is_over:
            current = self._current
            if current is None and self._waiting:
                self._begin(*self._waiting.popleft())
            elif self._rest and (current is None or current.is_reading):
                piece, self._rest = self._rest[:_PIECE], self._rest[_PIECE:]
                self._feed(piece)
            else:
                break
        self._is_pumping = False
        self._set_reading()

    def _begin(self, exchange: Exchange, request: Request | None) -> None:
        if request is None:
            self._say_and_leave(InvalidHeader("this is not as HTTP demands"))
            return
        front = self._front
        self._current = exchange
        front.running += 1
        exchange.start(respond(front.service, request))

    def _finish(self, exchange: Exchange, answer: Answer | None) -> None:
        """An answer is there; None when nobody waits for it, or it could not be made."""
        front, transport = self._front, self._transport
        front.running -= 1
        self._current = None
        self._served += 1
        if answer is None or transport.is_closing():
            transport.close()
            front.note_end()
            return
        last = (self._is_deaf or front.is_draining) and not self._waiting and not self._rest
        close = last or answer.close or not exchange.keep or exchange.left() > _UNASKED
        transport.write(render(front.heads.of(answer.status), answer, exchange, close=close))
        if close:
            self._leave(linger=not exchange.complete)
        else:
            if not exchange.complete:
                exchange.fail(Disconnected())  # what still comes of its body is dropped
            self._pump()

    def _on_wanted(self, exchange: Exchange) -> None:
        """The body is wanted now."""
        if exchange.expects and not exchange.is_old and not exchange.size:
            self._transport.write(_CONTINUE)
        exchange.expects = False
        self._pump()

    def _set_reading(self) -> None:
        """Read no more while there is enough to do."""
        body = self._arriving
        unasked = body is not None and body.size > _UNASKED and not body.is_wanted
        enough = self._is_full or self._waiting or self._rest or unasked
        wanted = self._is_over or not enough
        if wanted is self._is_reading or self._transport.is_closing():
            return
        self._is_reading = wanted
        if wanted:
            self._transport.resume_reading()
        else:
            self._transport.pause_reading()

    def _feed(self, data: bytes | memoryview) -> None:
        rest: bytes | memoryview | None = data
        while rest is not None:
            rest = self._feed_up_to_upgrade(rest)
        if self._url or self._arriving is not None:
            self._count(len(data))

    def _feed_up_to_upgrade(self, data: bytes | memoryview) -> bytes | memoryview | None:
        """Parse; answers what stands behind a request that asked for another protocol, None when all was parsed."""
        self._is_touched = False
        try:
            self._parser.feed_data(data)
        except HttpParserUpgrade as stop:
            self._pass_over_upgrade()
            return data[stop.args[0] :]
        except HttpParserInvalidMethodError:
            if self._is_touched or self._arriving is not None:
                self._refuse_rest()
            else:
                self._read_odd_method(bytes(data))
        except HttpParserError:
            self._refuse_rest()
        return None

    def _pass_over_upgrade(self) -> None:
        """No other protocol is spoken here, so the request is read as if it had not asked for one (RFC 9110, 7.8)."""
        self._upgrading = None
        self._parser = HttpRequestParser(self)
        self._is_again = True
        self._parser.feed_data(self._framing)
        self._is_again = False

    def _count(self, size: int) -> None:
        """Bound the bytes in which nothing was found."""
        self._fed += size
        if self._arriving is None and self._fed > _HEAD_MOST:
            self._refuse_head()
        elif self._arriving is not None and self._fed > _BETWEEN_MOST:
            self._refuse_rest()

    def _refuse_head(self) -> None:
        """Have the usual refusal made for a head that is too large to be waited for."""
        exchange = self._own_exchange()
        path = self._url.partition(b"?")[0].decode("latin-1")
        query = " " * (len(self._url) - len(path))
        self._waiting.append((exchange, Request("", path, query, {}, self._peer, exchange.receive, self._fed)))
        self._url = b""

    def _refuse_rest(self) -> None:
        """What comes is not HTTP."""
        exchange, self._arriving = self._arriving, None
        if exchange is None:
            self._waiting.append((self._own_exchange(), None))
            self._url = b""
            return
        self._is_deaf = True
        self._rest = _NOTHING
        if self._current is None and not self._waiting:  # it was refused, and its body only dropped
            self._leave(linger=True)
            return
        exchange.keep = False
        exchange.fail(MalformedBody("the body is not as HTTP demands"))

    def _own_exchange(self) -> Exchange:
        """The last one of the connection, made for a refusal."""
        self._is_deaf = True
        self._rest = _NOTHING
        return Exchange(
            self._finish, self._on_wanted, keep=False, is_old=False, without_body=False, expects=False, declared=None
        )

    def _read_odd_method(self, data: bytes) -> None:
        """A method that the parser does not know is read as one that no address takes, so it is refused as they are."""
        method, _, rest = data.partition(b" ")
        if method.isalpha() and not self._waiting and self._current is None:
            self._parser = HttpRequestParser(self)
            with suppress(HttpParserError, HttpParserUpgrade):
                self._parser.feed_data(b"TRACE " + rest)
            self._upgrading = None
        if self._waiting:
            self._is_deaf = True
            self._rest = _NOTHING
        else:
            self._refuse_rest()

    def _say_and_leave(self, error: Refusal, *, linger: bool = True) -> None:
        """Refuse what has no request that could be judged."""
        path = self._url.partition(b"?")[0].decode("latin-1")
        answer = refuse_early(self._front.service, error, path)
        self._transport.write(render(self._front.heads.of(answer.status), answer, self._own_exchange(), close=True))
        self._leave(linger=linger)

    def _leave(self, *, linger: bool) -> None:
        """End the connection when everything is sent; with `linger` only our half, so that the answer is not lost."""
        if self._is_over:
            return
        self._is_over = True
        self._waiting.clear()
        self._rest = _NOTHING
        if linger:
            self._transport.write_eof()
            self._set_reading()
        else:
            self._transport.close()

    def _state(self) -> tuple[Wait, int]:
        """What is waited for; the number changes when it gets on."""
        if self._is_full or self._transport.is_closing():
            return Wait.READER, self._transport.get_write_buffer_size()
        if self._is_over:
            return Wait.CLOSE, 0
        if self._current is not None:
            return Wait.BODY if self._current.is_reading else Wait.NOTHING, self._served
        if self._arriving is not None:
            return Wait.BODY, self._served
        if self._url:
            return Wait.HEAD, self._served
        return Wait.REQUEST if self._served else Wait.FIRST, self._served

    def look(self, now: float) -> None:
        """Give up what takes too long; called once a second."""
        seen = self._state()
        if seen != self._seen:
            self._seen, self._since = seen, now
        elif now - self._since >= patience(seen[0], self._front.body_timeout, draining=self._front.is_draining):
            self._give_up(seen[0])

    def _give_up(self, wait: Wait) -> None:
        if wait is Wait.HEAD:
            self._say_and_leave(RequestTimeout(f"not received within {self._front.body_timeout} s"))
        elif wait is Wait.BODY and self._current is not None:
            self._current.fail(RequestTimeout(f"not received within {self._front.body_timeout} s"))
        elif wait in _UNTROUBLED:
            self._transport.close()
        else:
            self._transport.abort()

    def is_idle_since(self) -> float | None:
        """Since when nothing is under way on it; None when something is."""
        return self._since if self._state()[0] in _UNTROUBLED else None

    def stop(self) -> None:
        """The process stops: end the connection unless something is under way on it."""
        if self._state()[0] in _UNTROUBLED:
            self._transport.close()

    def abort(self) -> None:
        """End the connection at once."""
        self._transport.abort()
