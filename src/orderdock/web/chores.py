"""What a web process does now and then: keys' uses are written, keys that end are told of, the log is cut back."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from typing import Final, NamedTuple

import structlog

from orderdock.accounts.actions import account_settings, add_uses, list_accounts, now_ms, tell_expiring
from orderdock.db import Database, is_lost
from orderdock.events.actions import record
from orderdock.requests.actions import Pruned, prune
from orderdock.settings import Settings
from orderdock.web.request import Counts

log: Final = structlog.get_logger()
FLUSH_EVERY: Final = 10.0
TELL_EVERY: Final = 3_600.0
CUT_EVERY: Final = 1_800.0
# Seconds after which what failed is tried again, if not sooner anyway.
AGAIN: Final = 60.0


class Chore(NamedTuple):
    """Work that is done at the start and then every so many seconds; with `at_stop` once more when the process ends.

    `do` must wait for what blocks, in a thread; it is never cut off.
    """

    name: str
    every: float
    do: Callable[[], Awaitable[object]]
    at_stop: bool = False


class Chores:
    """Several chores, each in a task of its own. One that fails is logged, and done again."""

    def __init__(self, chores: Sequence[Chore]) -> None:
        self._chores = chores
        self._stopping = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        """Begin; called in the loop."""
        self._tasks = [asyncio.create_task(self._repeat(chore)) for chore in self._chores]

    async def stop(self, seconds: float) -> bool:
        """Finish what is under way and do what is done at the end; whether all was done in time."""
        self._stopping.set()
        if not self._tasks:
            return True
        _, late = await asyncio.wait(self._tasks, timeout=seconds)
        return not late

    async def _repeat(self, chore: Chore) -> None:
        while not self._stopping.is_set():
            pause = chore.every if await _went_well(chore) else min(chore.every, AGAIN)
            with suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), pause)
        if chore.at_stop:
            await _went_well(chore)


async def _went_well(chore: Chore) -> bool:
    try:
        await chore.do()
    except Exception as error:
        if is_lost(error):
            log.warning("a chore was put off", chore=chore.name, error=type(error).__name__)
        else:
            log.exception("a chore failed", chore=chore.name)
        return False
    return True


def usual_chores(
    database: Database, counts: Counts, settings: Settings, is_stopping: Callable[[], bool]
) -> list[Chore]:
    """Those of every web process."""

    async def tell() -> None:
        await asyncio.to_thread(tell_expiring, database, record, time.time_ns() // 1_000_000)

    async def flush() -> None:
        await flush_counts(database, counts)

    async def cut() -> None:
        await asyncio.to_thread(cut_back, database, settings, is_stopping)

    return [
        Chore("tell of keys that end", TELL_EVERY, tell),
        Chore("cut back the request log", CUT_EVERY, cut),
        Chore("write uses of keys", FLUSH_EVERY, flush, True),
    ]


def cut_back(database: Database, settings: Settings, is_stopping: Callable[[], bool]) -> Pruned:
    """Remove what of the request log and of stored answers is over; several processes may do it at once."""
    days = {one.cm_id: int(account_settings(one)["request_log_days"]) for one in list_accounts(database)}
    hours, most = settings.idempotency_hours, settings.request_log_bytes
    done = prune(database, days, now_ms(), hours=hours, most_bytes=most, go_on=lambda: not is_stopping())
    if done.requests or done.blocks or done.too_many or done.answers:
        log.info("the request log was cut back", requests=done.requests, blocks=done.blocks + done.too_many)
    return done


async def flush_counts(database: Database, counts: Counts) -> None:
    """Write what was counted; what could not be written is kept for the next time."""
    taken = counts.take()
    dropped, counts.dropped = counts.dropped, 0
    if dropped:
        log.error("uses of keys were not counted: too many keys at a time", requests=dropped)
    if not taken:
        return
    try:
        await asyncio.to_thread(add_uses, database, taken)
    except Exception:
        counts.put_back(taken)
        raise
