"""The way into the request log of what no group writes: reads, refusals, writes that changed nothing (2.19a)."""

from __future__ import annotations

import asyncio
import time
from functools import partial
from typing import Final

import structlog

from orderdock.accounts.model import Scope
from orderdock.errors import Overloaded
from orderdock.group import Work
from orderdock.requests.decide import ended, finds_of
from orderdock.requests.model import Asked, Ended
from orderdock.web.request.hosts import Origins
from orderdock.web.request.model import Answer, Request
from orderdock.web.request.ticket import Ticket
from orderdock.writer import Submission, Writer

log: Final = structlog.get_logger()
# Seconds for which requests are gathered, and how many of them are handed on at once.
GATHERED_FOR: Final = 0.25
HANDED_ON: Final = 500
# Of requests refused since too much is waiting so many are kept of each gathering: to note all of them is work too.
OVERLOADED_MOST: Final = 25


class Journal:
    """Gathers what is to be logged, by account, and hands it to the writer like any other work; never waits for it.

    What finds no room is dropped, and counted in `dropped`; so are most of very many refusals for too much load.
    """

    def __init__(self, writer: Writer, origins: Origins, *, most: int) -> None:
        self._writer = writer
        self._origins = origins
        self._most = most
        self._waiting: dict[int, tuple[Scope, list[Ended]]] = {}
        self._count = 0
        self._overloaded = 0
        self._timer: asyncio.TimerHandle | None = None
        self.dropped = 0

    def asked(self, request: Request, request_id: str, began: float, operation: str) -> Asked:
        """How a request came."""
        ip = str(self._origins.client(request) or "")
        return Asked(
            time.time_ns() // 1_000_000, began, request_id, ip, request.method, request.path, request.query,
            request.headers, self._most, operation=operation,
        )  # fmt: skip

    def is_flooded(self, codes: list[str]) -> bool:
        """Whether a request was refused for too much load and enough of those are kept; it counts as dropped."""
        if "Overloaded" not in codes:
            return False
        self._overloaded += 1
        if self._overloaded <= OVERLOADED_MOST:
            return False
        self.dropped += 1
        return True

    def add(self, asked: Asked, scope: Scope, answer: Answer, codes: list[str]) -> None:
        """Take in what came of a request that the log does not have yet."""
        asked.errors = codes or asked.errors
        if len(codes) > 1 and not asked.finds:
            asked.finds = finds_of((), codes[1:])  # by its first one it is found anyway
        found = ended(asked, scope, answer.status, answer.headers, answer.body, time.perf_counter())
        self._waiting.setdefault(scope.cm_id, (scope, []))[1].append(found)
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
        waiting, self._waiting, self._count, self._overloaded = self._waiting, {}, 0, 0
        for cm_id, (scope, late) in waiting.items():
            ticket = Ticket()
            ticket.add_done_callback(partial(self._settled, len(late)))
            work = Work(scope, "", (), False, list, late=late)
            try:
                self._writer.submit(Submission(cm_id, 0, sum(map(_weight, late)), work, ticket, len(late)))
            except Overloaded:
                self.dropped += len(late)
                log.warning("requests were not logged: too much is waiting", account=cm_id, requests=len(late))

    def _settled(self, count: int, ticket: Ticket) -> None:
        if ticket.failed:
            self.dropped += count


def _weight(found: Ended) -> int:
    """About how many bytes a request takes while it waits."""
    headers = sum(len(name) + len(text) for name, text in found.asked.headers.items())
    return len(found.asked.body) + len(found.body) + headers + len(found.asked.query)
