"""How the request log is cut back: in steps of so many rows, each of which is a transaction of its own.

Nobody changes these rows once they are written, so no account is locked for it.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Final, NamedTuple

from orderdock.db import Sql, Tx, as_rows, source

_NONE: Final = -1


class FindKey(NamedTuple):
    """Where a walk through the search rows of an account has come to."""

    kind: str
    value: str
    at: int
    id: int


WALK_FROM: Final = FindKey("", "", _NONE, _NONE)

# The rows are named by a subquery that ends at `most`: a step never takes longer for there being more.
_LOG: Final = Sql(
    """DELETE FROM request_log WHERE cm_id = :cm_id AND (at, id) IN (
           SELECT l.at, l.id FROM request_log l WHERE l.cm_id = :cm_id AND l.at < :until
           ORDER BY l.at, l.id LIMIT :most) RETURNING id"""
)
_BLOCKS: Final = Sql(
    """DELETE FROM request_block WHERE cm_id = :cm_id AND id IN (
           SELECT b.id FROM request_block b WHERE b.cm_id = :cm_id AND b.at < :until
           ORDER BY b.at LIMIT :most) RETURNING id"""
)
_ANSWERS: Final = Sql(
    """DELETE FROM idempotency WHERE cm_id = :cm_id AND (key_id, token) IN (
           SELECT i.key_id, i.token FROM idempotency i WHERE i.cm_id = :cm_id AND i.at < :until
           ORDER BY i.at LIMIT :most) RETURNING token"""
)
# Search rows lie by what they tell, not by time: one walk through all of an account finds the old ones.
_FINDS_EDGE: Final = Sql(
    """SELECT f.kind, f.value, f.at, f.id FROM request_find f
       WHERE f.cm_id = :cm_id AND (f.kind, f.value, f.at, f.id) > (:kind, :value, :at, :id)
       ORDER BY f.kind, f.value, f.at, f.id LIMIT 1 OFFSET :most"""
)
_FINDS: Final = Sql(
    """DELETE FROM request_find WHERE cm_id = :cm_id AND (kind, value, at, id) > (:kind, :value, :at, :id)
       AND (kind, value, at, id) <= (:last_kind, :last_value, :last_at, :last_id) AND at < :until RETURNING id"""
)
_FINDS_REST: Final = Sql(
    """DELETE FROM request_find WHERE cm_id = :cm_id AND (kind, value, at, id) > (:kind, :value, :at, :id)
       AND at < :until RETURNING id"""
)
_SIZES: Final = Sql(
    """SELECT accounts.cm_id, (SELECT SUM(LENGTH(b.data)) FROM request_block b WHERE b.cm_id = accounts.cm_id)
       FROM {accounts}""",
    accounts=source("accounts", cm_id="bigint"),
)
_OLDEST: Final = Sql(
    """SELECT b.at, b.id, LENGTH(b.data) FROM request_block b WHERE b.cm_id = :cm_id ORDER BY b.at, b.id LIMIT :most"""
)
_NAMED_BLOCKS: Final = Sql(
    "DELETE FROM request_block WHERE cm_id = :cm_id AND id IN (SELECT names.id FROM {names}) RETURNING id",
    names=source("names", id="bigint"),
)


def drop_log(tx: Tx, cm_id: int, until: int, most: int) -> int:
    """Remove the oldest requests from before a time (epoch ms); answers how many they were."""
    return len(tx.all(_LOG, cm_id=cm_id, until=until, most=most))


def drop_blocks(tx: Tx, cm_id: int, until: int, most: int) -> int:
    """Remove the oldest blocks from before a time; answers how many they were."""
    return len(tx.all(_BLOCKS, cm_id=cm_id, until=until, most=most))


def drop_answers(tx: Tx, cm_id: int, until: int, most: int) -> int:
    """Remove the oldest stored answers from before a time; answers how many they were."""
    return len(tx.all(_ANSWERS, cm_id=cm_id, until=until, most=most))


def drop_finds(tx: Tx, cm_id: int, until: int, behind: FindKey, most: int) -> tuple[int, FindKey | None]:
    """Look at the next `most` search rows and remove the old ones: (how many they were, how far it came).

    None: that was the end.
    """
    edge = next((FindKey(*row) for row in tx.all(_FINDS_EDGE, cm_id=cm_id, most=most - 1, **behind._asdict())), None)
    if edge is None:
        return len(tx.all(_FINDS_REST, cm_id=cm_id, until=until, **behind._asdict())), None
    last = {f"last_{name}": value for name, value in edge._asdict().items()}
    return len(tx.all(_FINDS, cm_id=cm_id, until=until, **behind._asdict(), **last)), edge


def sizes(tx: Tx, accounts: Collection[int]) -> dict[int, int]:
    """Account -> the bytes of its blocks, as they are stored."""
    rows = tx.all(_SIZES, accounts=as_rows([{"cm_id": number} for number in accounts]))
    return {cm_id: int(size or 0) for cm_id, size in rows}


def oldest_blocks(tx: Tx, cm_id: int, most: int) -> list[tuple[int, int, int]]:
    """(epoch ms, number, stored bytes) of the oldest blocks of an account."""
    return [(at, number, size) for at, number, size in tx.all(_OLDEST, cm_id=cm_id, most=most)]


def drop_named_blocks(tx: Tx, cm_id: int, numbers: Collection[int]) -> int:
    """Remove blocks; answers how many were there."""
    return len(tx.all(_NAMED_BLOCKS, cm_id=cm_id, names=as_rows([{"id": number} for number in numbers])))
