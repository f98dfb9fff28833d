"""How keys are used: requests and failures a day."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from orderdock.db import UPSERT_WHERE, Row, Sql, Tx, as_rows, source

_ADD: Final = Sql(
    """INSERT INTO key_use (cm_id, key_id, day, requests, failures, last_at)
       SELECT :cm_id, uses.key_id, uses.day, uses.requests, uses.failures, uses.last_at FROM {uses} {where}
       ON CONFLICT (cm_id, key_id, day) DO UPDATE SET requests = key_use.requests + excluded.requests,
       failures = key_use.failures + excluded.failures,
       last_at = CASE WHEN excluded.last_at > key_use.last_at THEN excluded.last_at ELSE key_use.last_at END""",
    uses=source("uses", key_id="bigint", day="bigint", requests="bigint", failures="bigint", last_at="bigint"),
    where=UPSERT_WHERE,
)
_LAST: Final = Sql("SELECT key_id, max(last_at) FROM key_use WHERE cm_id = :cm_id GROUP BY key_id")
_DAYS: Final = Sql(
    """SELECT day, requests, failures, last_at FROM key_use
       WHERE cm_id = :cm_id AND key_id = :key_id AND day >= :since ORDER BY day DESC"""
)


def add(tx: Tx, cm_id: int, uses: Sequence[Mapping[str, Any]]) -> None:
    """Add to what is counted: rows of key_id, day (days since the epoch), requests, failures, last_at (epoch ms)."""
    tx.ask(_ADD, cm_id=cm_id, uses=as_rows(uses))


def last_used(tx: Tx, cm_id: int) -> dict[int, int]:
    """Key -> when it was last used, in epoch ms; keys that never were are not in it."""
    return {row[0]: row[1] for row in tx.all(_LAST, cm_id=cm_id)}


def days(tx: Tx, cm_id: int, key_id: int, since: int) -> list[Row]:
    """(day, requests, failures, last use in epoch ms) of a key since a day, the newest first."""
    return tx.all(_DAYS, cm_id=cm_id, key_id=key_id, since=since)
