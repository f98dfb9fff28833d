"""What a web process does now and then (web/chores.py), and how it counts the uses of keys."""

import asyncio
import sqlite3
import time
from collections.abc import Mapping
from typing import Any, cast

import pytest
import structlog

from orderdock.accounts.model import Scope
from orderdock.db import Database
from orderdock.web import chores
from orderdock.web.chores import Chore, Chores, flush_counts
from orderdock.web.request import Counts, uses

DAY = 86_400_000


class Key:
    """As much of a scope as counting looks at."""

    def __init__(self, cm_id: int, key_id: int) -> None:
        self.cm_id, self.key_id = cm_id, key_id


def key(cm_id: int = 1, key_id: int = 7) -> Scope:
    return cast(Scope, Key(cm_id, key_id))


def counted(counts: Counts, *failed: bool, of: Scope | None = None) -> Counts:
    for one in failed:
        counts.count(of or key(), failed=one)
    return counts


def plain(taken: Mapping[Any, list[int]]) -> dict[tuple[int, int], list[int]]:
    """What was counted, without days and times."""
    return {found[:2]: found_counts[:2] for found, found_counts in taken.items()}


def test_uses_are_counted_by_key_and_day() -> None:
    counts = counted(Counts(), False, True, False)
    counted(counts, True, of=key(2))
    before = int(time.time() * 1000)
    taken = counts.take()
    assert plain(taken) == {(1, 7): [3, 1], (2, 7): [1, 1]}
    for (_, _, day), (_, _, last) in taken.items():
        assert day == last // DAY
        assert before - 5_000 < last <= before
    assert counts.take() == {}


def test_what_could_not_be_written_is_counted_again() -> None:
    counts = counted(Counts(), False)
    taken = counts.take()
    counted(counts, True)
    counts.put_back(taken)
    assert plain(counts.take()) == {(1, 7): [2, 1]}


def test_counting_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uses, "MOST", 3)
    counts = Counts()
    for number in range(5):
        counted(counts, False, False, of=key(number))
    assert len(counts.take()) == 3
    assert counts.dropped == 4


def test_a_flush_that_fails_loses_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    written: list[Any] = []

    def add(database: Database, taken: Any) -> None:
        if not written:
            written.append(None)
            raise sqlite3.OperationalError("database is locked")
        written.append(plain(taken))

    monkeypatch.setattr(chores, "add_uses", add)

    async def run() -> None:
        counts = counted(Counts(), False, True)
        counts.dropped = 3
        with pytest.raises(sqlite3.OperationalError):
            await flush_counts(cast(Database, None), counts)
        counted(counts, False)
        await flush_counts(cast(Database, None), counts)
        await flush_counts(cast(Database, None), counts)

    with structlog.testing.capture_logs() as lines:
        asyncio.run(run())
    assert written == [None, {(1, 7): [3, 1]}], "nothing is written when nothing was counted"
    assert [line["requests"] for line in lines] == [3]


def test_chores_run_at_the_start_again_and_at_the_end() -> None:
    done: list[str] = []

    async def run() -> bool:
        async def often() -> None:
            done.append("often")

        async def once() -> None:
            done.append("once")

        both = Chores([Chore("often", 0.02, often, at_stop=True), Chore("once", 3_600, once)])
        both.start()
        await asyncio.sleep(0.2)
        before = done.count("often")
        stopped = await both.stop(5)
        assert done.count("often") == before + 1
        return stopped

    assert asyncio.run(run())
    assert done.count("often") > 2
    assert done.count("once") == 1


@pytest.mark.parametrize(("error", "level"), [(sqlite3.OperationalError("locked"), "warning"), (ValueError(), "error")])
def test_a_chore_that_fails_is_told_and_done_again(
    error: Exception, level: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chores, "AGAIN", 0.02)
    tries: list[int] = []

    async def fail() -> None:
        tries.append(1)
        raise error

    async def run() -> None:
        one = Chores([Chore("failing", 3_600, fail)])
        one.start()
        await asyncio.sleep(0.2)
        assert await one.stop(5)

    with structlog.testing.capture_logs() as lines:
        asyncio.run(run())
    assert len(tries) > 1
    assert {(line["log_level"], line["chore"]) for line in lines} == {(level, "failing")}


def test_a_stop_does_not_wait_for_ever() -> None:
    async def run() -> bool:
        async def hang() -> None:
            await asyncio.sleep(60)

        one = Chores([Chore("hanging", 60, hang)])
        one.start()
        await asyncio.sleep(0)
        return await one.stop(0.05)

    assert asyncio.run(run()) is False
    assert asyncio.run(Chores([]).stop(1))
