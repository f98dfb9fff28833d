"""Questions that come while others are being answered are answered together, by the next look (design, idea 3)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final

import structlog

from orderdock.accounts.model import Scope
from orderdock.web.request.ticket import Ticket

log: Final = structlog.get_logger()
# Most questions of one look.
_MOST: Final = 50

Work = Callable[[Any, Scope, list[Any]], Any]
Asked = list[tuple[Any, Ticket]]


class Together:
    """Gathers questions of one kind and account while a look is under way, without any delay of its own.

    A statement for twenty orders costs little more than one for one, and so does the way to a thread and back. Two
    looks at a time were slower: each has to set out for half as many.
    """

    def __init__(self, pool: ThreadPoolExecutor, look: Callable[..., Any]) -> None:
        self._pool = pool
        self._look = look
        # What waits behind a look that is under way.
        self._waiting: dict[tuple[Work, int], Asked] = {}

    def ask(self, work: Work, scope: Scope, question: Any) -> Ticket:
        """The ticket for what `work` answers to this question and its neighbours."""
        ticket = Ticket()
        key = (work, scope.cm_id)
        if key in self._waiting:
            self._waiting[key].append((question, ticket))
        else:
            self._waiting[key] = []
            self._start(work, scope, [(question, ticket)])
        return ticket

    def _start(self, work: Work, scope: Scope, asked: Asked) -> None:
        run = asyncio.get_running_loop().run_in_executor
        found = run(self._pool, self._look, work, scope, [question for question, _ in asked])
        found.add_done_callback(lambda done: self._settle(work, scope, asked, done))

    def _settle(self, work: Work, scope: Scope, asked: Asked, done: asyncio.Future[Any]) -> None:
        """Begin the next look, then give the answers of this one."""
        key = (work, scope.cm_id)
        waiting = self._waiting.pop(key)
        if waiting:
            self._waiting[key] = waiting[_MOST:]
            try:
                self._start(work, scope, waiting[:_MOST])
            except RuntimeError as stopped:  # the process ends: nobody looks any more
                del self._waiting[key]
                self._give(waiting, None, stopped)
        error = asyncio.CancelledError() if done.cancelled() else done.exception()
        self._give(asked, done, error)

    @staticmethod
    def _give(asked: Asked, done: asyncio.Future[Any] | None, error: BaseException | None) -> None:
        for _, ticket in asked:
            try:
                if error is None and done is not None:
                    ticket.set_result(done.result())
                else:
                    ticket.set_exception(error or asyncio.CancelledError())
            except Exception:  # it must not take the answers of others with it
                log.exception("an answer could not be given")
