"""The request log is cut back by days and by size, stored answers by hours (contract 1.12, 1.17)."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Final, TypeVar

from orderdock.db import Database, Tx
from orderdock.requests.sql import prune as sql

T = TypeVar("T")
# Rows, and blocks, that one transaction removes at most, and the seconds for which others go first after it.
STEP: Final = 5_000
BLOCKS: Final = 200
REST: Final = 0.05
_HOUR: Final = 3_600_000
_DAY: Final = 24 * _HOUR


@dataclass(slots=True)
class Pruned:
    """How many rows were removed; `too_many` are blocks that went because all of them together were too large."""

    requests: int = 0
    finds: int = 0
    blocks: int = 0
    too_many: int = 0
    answers: int = 0


def _always() -> bool:
    return True


def prune(
    database: Database, days: Mapping[int, int], now: int, *, hours: int, most_bytes: int,
    go_on: Callable[[], bool] = _always,
) -> Pruned:  # fmt: skip
    """Remove what is too old or too much, a step a transaction; it may end or begin again after any of them.

    `days` maps an account to the days that its requests are kept; `now` is in epoch ms; stored answers are kept for
    `hours`. Of all blocks, which hold what was sent and answered, the oldest go until `most_bytes` are left. It ends
    after the step under way when `go_on` says no.
    """
    done, steps = Pruned(), _Steps(database, go_on)
    for cm_id, kept in days.items():
        until = now - kept * _DAY
        done.requests += steps.all(STEP, _of(sql.drop_log, cm_id, until, STEP))
        done.blocks += steps.all(BLOCKS, _of(sql.drop_blocks, cm_id, until, BLOCKS))
        done.finds += _walk_finds(steps, cm_id, until)
        done.answers += steps.all(STEP, _of(sql.drop_answers, cm_id, now - hours * _HOUR, STEP))
    done.too_many = _shrink(steps, list(days), most_bytes)
    return done


def _of(drop: Callable[[Tx, int, int, int], int], cm_id: int, until: int, most: int) -> Callable[[Tx], int]:
    return lambda tx: drop(tx, cm_id, until, most)


class _Steps:
    """Transactions one after the other, with a rest between them in which others write."""

    def __init__(self, database: Database, go_on: Callable[[], bool]) -> None:
        self.database = database
        self.go_on = go_on

    def one(self, do: Callable[[Tx], T]) -> T:
        """What `do` answers, in a transaction of its own."""
        with self.database.write() as tx:
            return do(tx)

    def all(self, most: int, drop: Callable[[Tx], int]) -> int:
        """How many rows went, `most` at a time, until there are no more."""
        total, gone = 0, most
        while gone == most and self.go_on():
            gone = self.one(drop)
            total += gone
            if gone:
                time.sleep(REST)
        return total


def _walk_finds(steps: _Steps, cm_id: int, until: int) -> int:
    total, behind = 0, sql.WALK_FROM
    while steps.go_on():
        gone, reached = steps.one(partial(_drop_finds, cm_id, until, behind))
        total += gone
        if gone:
            time.sleep(REST)
        if reached is None:
            break
        behind = reached
    return total


def _drop_finds(cm_id: int, until: int, behind: sql.FindKey, tx: Tx) -> tuple[int, sql.FindKey | None]:
    return sql.drop_finds(tx, cm_id, until, behind, STEP)


def _shrink(steps: _Steps, accounts: list[int], most_bytes: int) -> int:
    """Remove the oldest blocks of all accounts until the rest is small enough; answers how many were removed."""
    with steps.database.read() as tx:
        sizes = sql.sizes(tx, accounts)
    over, total = sum(sizes.values()) - most_bytes, 0
    filled = [cm_id for cm_id, size in sizes.items() if size]
    while over > 0 and steps.go_on():
        chosen, freed = _oldest(steps.database, filled, over)
        if not chosen:
            break  # somebody else has removed them meanwhile
        for cm_id, numbers in chosen.items():
            total += steps.one(partial(_drop_blocks, cm_id, numbers))
        over -= freed
    return total


def _drop_blocks(cm_id: int, numbers: list[int], tx: Tx) -> int:
    return sql.drop_named_blocks(tx, cm_id, numbers)


def _oldest(database: Database, accounts: list[int], over: int) -> tuple[dict[int, list[int]], int]:
    """(account -> its blocks among the oldest of all, their bytes): enough of them, or a step's worth."""
    found: list[tuple[int, int, int, int]] = []
    horizons: list[int] = []
    with database.read() as tx:
        for cm_id in accounts:
            blocks = sql.oldest_blocks(tx, cm_id, BLOCKS)
            found += [(at, cm_id, number, size) for at, number, size in blocks]
            if len(blocks) == BLOCKS:
                horizons.append(blocks[-1][0])  # what comes later may be older than another account's
    chosen: dict[int, list[int]] = {}
    freed = 0
    for at, cm_id, number, size in sorted(found):
        if freed >= over or at > min(horizons, default=at):
            break
        chosen.setdefault(cm_id, []).append(number)
        freed += size
    return chosen, freed
