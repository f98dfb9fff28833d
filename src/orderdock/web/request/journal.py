"""The way into the request log of what no group writes: reads, refusals, writes that changed nothing (2.19a)."""

from __future__ import annotations

import asyncio
import time
from typing import Final

import structlog

from orderdock.accounts.model import Scope
from orderdock.errors import Overloaded
from orderdock.group import Work
from orderdock.requests.decide import entry_of, finds_of
from orderdock.requests.model import Asked, Entry
from orderdock.web.request.hosts import Origins
from orderdock.web.request.model import Answer, Request
from orderdock.web.request.ticket import Ticket
from orderdock.writer import Submission, Writer

log: Final = structlog.get_logger()
# Seconds for which entries are gathered, how many of them are handed on at once, and how many may wait.
GATHERED_FOR: Final = 0.25
HANDED_ON: Final = 500
WAITING_MOST: Final = 20_000


class Journal:
    """Gathers what is to be logged, by account, and hands it to the writer like any other work; never waits for it.

    What finds no room is dropped, and counted in `dropped`.
    """

    def __init__(self, writer: Writer, origins: Origins, *, most: int) -> None:
        self._writer = writer
        self._origins = origins
        self._most = most
        self._waiting: dict[int, tuple[Scope, list[Entry]]] = {}
        self._count = 0
        self._timer: asyncio.TimerHandle | None = None
        self.dropped = 0

    def asked(self, request: Request, request_id: str, began: float, operation: str) -> Asked:
        """How a request came."""
        ip = str(self._origins.client(request) or "")
        return Asked(
            time.time_ns() // 1_000_000, began, request_id, ip, request.method, request.path, request.query,
            request.headers, self._most, operation=operation,
        )  # fmt: skip

    def add(self, asked: Asked, scope: Scope, answer: Answer, codes: list[str]) -> None:
        """Take in what came of a request that the log does not have yet."""
        if self._count >= WAITING_MOST:
            self.dropped += 1
            return
        asked.errors = codes or asked.errors
        if len(codes) > 1 and not asked.finds:
            asked.finds = finds_of((), codes[1:])  # by its first one it is found anyway
        entry = entry_of(asked, scope, answer.status, answer.headers, answer.body, time.perf_counter())
        _, entries = self._waiting.setdefault(scope.cm_id, (scope, []))
        entries.append(entry)
        self._count += 1
        if self._count >= HANDED_ON:
            self.flush()
        elif self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(GATHERED_FOR, self.flush)

    def flush(self) -> None:
        """Hand on what was gathered."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        waiting, self._waiting, self._count = self._waiting, {}, 0
        for cm_id, (scope, entries) in waiting.items():
            work = Work(scope, "", (), False, list, entries=entries)
            size = sum(len(one.exchange.request.body) + len(one.exchange.response.body) for one in entries)
            try:
                self._writer.submit(Submission(cm_id, len(entries), size, work, Ticket()))
            except Overloaded:
                self.dropped += len(entries)
                log.warning("requests were not logged: too much is waiting", account=cm_id, requests=len(entries))
