"""What a request and an answer are to us, whatever server carries them."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final, ParamSpec, TypeVar
from urllib.parse import parse_qsl

import msgspec

from orderdock.accounts.model import Scope
from orderdock.db import Database
from orderdock.errors import Overloaded
from orderdock.requests.model import Asked
from orderdock.web.request.rates import Rates
from orderdock.web.request.together import Together
from orderdock.wire.body import Spelling
from orderdock.writer import Writer

P = ParamSpec("P")
T = TypeVar("T")
Header = tuple[str, str]
# Bodies beyond this are read in a thread, so that small requests need not wait for large ones.
LARGE: Final = 64 * 1024
# Most reads that wait for a reading thread; past it: 503.
READS_MOST: Final = 1_000


class Disconnected(Exception):
    """The caller went away while sending; nobody waits for an answer."""


class Request(msgspec.Struct, frozen=True):
    """A request as it came: `headers` by lower-case name, `peer` the address it came from, `receive` reads its body."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    peer: str
    receive: Callable[[int], Awaitable[bytes]]
    headers_size: int = 0

    def parameters(self) -> dict[str, str]:
        """Query parameters by name, without NUL characters; of a repeated one the last counts."""
        pairs = parse_qsl(self.query, keep_blank_values=True) if self.query else ()
        return {name: text.replace("\0", "") for name, text in pairs}


class Answer(msgspec.Struct):
    """An answer: its status, its body, the headers that only it has, and whether the connection ends with it."""

    status: int
    body: bytes
    headers: list[Header] = []
    content_type: str = "application/json; charset=utf-8"
    close: bool = False


@dataclass(frozen=True)
class Route:
    """What answers at an address. `text` holds the endpoint's own `Message` for refused requests, by code, and
    `spelling` is how a legacy one writes the names of a failure.

    `reads_body`: a GET may have a body, which is read. `operation`: what the request log calls it unless it is told.
    `is_hidden` says for which callers there is no such address. `name` is what it is counted as: its address.
    `knows`: an open address that answers a given credential by it.
    """

    methods: tuple[str, ...]
    handler: Callable[[Call], Awaitable[Answer]]
    writes: bool = False
    open: bool = False
    knows: bool = False
    reads_body: bool = False
    text: Mapping[str, str] = field(default_factory=dict)
    spelling: Spelling = "capitals"
    operation: str = ""
    is_hidden: Callable[[Request], bool] | None = None
    name: str = "unknown"

    @property
    def allow(self) -> str:
        """The value of `Allow`."""
        return ", ".join((*self.methods, *(("HEAD",) if "GET" in self.methods else ())))


class Reads:
    """Runs blocking reads in threads, a bounded number of them waiting."""

    def __init__(self, database: Database, threads: int) -> None:
        self.database = database
        self.pool = ThreadPoolExecutor(threads, thread_name_prefix="reader")
        # Who somebody is must be found out also while every other thread is busy with large bodies.
        self._look_ups = ThreadPoolExecutor(2, thread_name_prefix="look-up")
        self._waiting = 0
        self._together = Together(self.pool, self._look)

    @property
    def waiting(self) -> int:
        """How many reads are under way or wait for a thread."""
        return self._waiting

    async def aside(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """The result of blocking work. Raises Overloaded when too much is waiting."""
        return await self._in(self.pool, work, *args, **kwargs)

    async def look_up(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """The result of a quick look into the database. Raises Overloaded when too much is waiting."""
        return await self._in(self._look_ups, self.database.insist, partial(work, *args, **kwargs))

    def close(self) -> None:
        """Take nothing more; what has not begun is dropped."""
        for pool in (self.pool, self._look_ups):
            pool.shutdown(wait=False, cancel_futures=True)

    async def _in(self, pool: ThreadPoolExecutor, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        if self._waiting >= READS_MOST:
            raise Overloaded("too many reads are waiting")
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(pool, partial(work, *args, **kwargs))
        finally:
            self._waiting -= 1

    async def read(self, work: Callable[..., T], *args: Any, **kwargs: Any) -> T:
        """The result of work that begins with an open reading transaction."""
        return await self.aside(self._read, work, args, kwargs)

    async def look(self, work: Callable[..., T], *args: Any) -> T:
        """The result of work that begins with what can read, each statement with a snapshot of its own."""
        return await self.aside(self._look, work, *args)

    async def together(self, work: Callable[[Any, Scope, list[Any]], T], scope: Scope, question: Any) -> T:
        """What `look` says to this question and to those of the account that came meanwhile. Raises Overloaded."""
        if self._waiting >= READS_MOST:
            raise Overloaded("too many reads are waiting")
        self._waiting += 1
        try:
            return await self._together.ask(work, scope, question)  # type: ignore[no-any-return]  # as `work` says
        finally:
            self._waiting -= 1

    def _read(self, work: Callable[..., T], args: Any, kwargs: Any) -> T:
        def read() -> T:
            with self.database.read() as tx:
                return work(tx, *args, **kwargs)

        return self.database.insist(read)

    def _look(self, work: Callable[..., T], *args: Any) -> T:
        def look() -> T:
            with self.database.look() as tx:
                return work(tx, *args)

        return self.database.insist(look)


class Call(msgspec.Struct):
    """One admitted request on its way through a handler. `rest` is what the path says behind the route's own.

    `asked` is what the request log is to know of it, None when there is no log; `keep_hours` is for how long the
    answer to a repeated request is kept.
    """

    request: Request
    route: Route
    rest: str
    request_id: str
    scope: Scope
    body: bytes
    reads: Reads
    writer: Writer
    rates: Rates
    asked: Asked | None = None
    keep_hours: int = 72

    def charge(self, items: int) -> None:
        """Spend what a request of so many items costs beyond its first unit (contract 1.15). Raises RateLimited."""
        self.rates.take_for_items(self.scope, items)

    async def aside(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """The result of computing; in a thread when the body is large."""
        if len(self.body) <= LARGE:
            return work(*args, **kwargs)
        return await self.reads.aside(work, *args, **kwargs)
