"""Waiting for something newer in the event log: one look a tick for all who wait in a process (contract 2.18)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final, NamedTuple

import structlog

from orderdock.errors import Overloaded
from orderdock.events.actions import newest_numbers
from orderdock.web.request.model import Reads

log: Final = structlog.get_logger()
TICK: Final = 0.1
# Most requests of a process that wait, and of one account; past them: 503.
WAITING_MOST: Final = 1_000
WAITING_MOST_OF_ONE: Final = 100


class _Waiting(NamedTuple):
    cm_id: int
    after: int
    heard: asyncio.Future[bool]


def _give_up(heard: asyncio.Future[bool]) -> None:
    if not heard.done():
        heard.set_result(False)


class Watch:
    """Looks for new events while somebody waits for them, and not otherwise; writers know nothing of it."""

    def __init__(self, reads: Reads, is_stopping: Callable[[], bool]) -> None:
        self._reads = reads
        self._is_stopping = is_stopping
        self._waiting: set[_Waiting] = set()
        self._task: asyncio.Task[None] | None = None

    async def newer(self, cm_id: int, after: int, seconds: float) -> bool:
        """Whether a number above `after` came up in time; False also when the process stops. Raises Overloaded."""
        mine = sum(one.cm_id == cm_id for one in self._waiting)
        if len(self._waiting) >= WAITING_MOST or mine >= WAITING_MOST_OF_ONE:
            raise Overloaded("too many requests are waiting for events")
        loop = asyncio.get_running_loop()
        waiting = _Waiting(cm_id, after, loop.create_future())
        self._waiting.add(waiting)
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._look())
        timer = loop.call_later(seconds, _give_up, waiting.heard)
        try:
            return await waiting.heard
        finally:
            timer.cancel()
            self._waiting.discard(waiting)

    async def _look(self) -> None:
        while self._waiting:
            await asyncio.sleep(TICK)
            newest: dict[int, int] = {}
            given_up = self._is_stopping()
            try:
                accounts = sorted({one.cm_id for one in self._waiting})
                newest = {} if given_up else await self._reads.read(newest_numbers, accounts)
            except Exception as error:
                # Who waits asks once more and is told what is wrong.
                log.warning("events could not be looked for", error=type(error).__name__)
                given_up = True
            for one in tuple(self._waiting):
                is_newer = newest.get(one.cm_id, 0) > one.after
                if (is_newer or given_up) and not one.heard.done():
                    one.heard.set_result(is_newer)
