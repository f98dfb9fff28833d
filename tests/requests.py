"""Rows of the request log as the writing side leaves them, for tests that need them at chosen times."""

import itertools
import json
from collections.abc import Sequence
from typing import Any

import zstandard

from orderdock import tables
from orderdock.db import Database, Sql, store_rows
from tests.sql.rows import A

_numbers = itertools.count(10**12)  # a running server takes its numbers from 1 on
_BLOCK = Sql("INSERT INTO request_block (cm_id, id, at, size, data) VALUES (:cm_id, :id, :at, :size, :data)")
FACTS = {
    "key": "erp", "ip": "10.0.0.7", "method": "POST", "path": "/add-update-order-from-other-source.html", "ms": 6,
    "queuedMs": 3, "items": 1, "created": 1, "updated": 0, "unchanged": 0, "stale": 0, "failed": 0, "errors": [],
}  # fmt: skip


def logged(at: int, request_id: str, facts: dict[str, Any] | None = None, **columns: Any) -> dict[str, Any]:
    """A row of a push that went well, unless something else is said."""
    shown = json.dumps({**FACTS, **(facts or {})})
    usual = {"at": at, "id": next(_numbers), "request_id": request_id, "key_id": 1, "operation": "order.push"}
    return {**usual, "status": 200, "facts": shown, **columns}


def failed(at: int, request_id: str, *errors: str, **columns: Any) -> dict[str, Any]:
    """A row of a push whose item failed."""
    return logged(at, request_id, {"created": 0, "failed": 1, "errors": errors}, error=errors[0], **columns)


def keep(database: Database, *rows: dict[str, Any], finds: Sequence[tuple[str, str]] = (), cm_id: int = A) -> None:
    """Put rows into the log; each of them is found by `finds` (kind, value)."""
    found = [{"kind": kind, "value": value, "at": row["at"], "id": row["id"]} for row in rows for kind, value in finds]
    with database.write() as tx:
        store_rows(tx, cm_id, tables.request_log, rows)
        store_rows(tx, cm_id, tables.request_find, found)


def keep_block(database: Database, at: int, *exchanges: dict[str, Any], cm_id: int = A) -> int:
    """Put what was sent and answered into a block of its own; answers its number."""
    text = json.dumps(exchanges).encode()
    number, data = next(_numbers), zstandard.ZstdCompressor().compress(text)
    with database.write() as tx:
        tx.ask(_BLOCK, cm_id=cm_id, id=number, at=at, size=len(text), data=data)
    return number


def count(database: Database, table: str, cm_id: int = A) -> int:
    with database.read() as tx:
        return int(tx.all(Sql(f"SELECT COUNT(*) FROM {table} WHERE cm_id = :cm_id"), cm_id=cm_id)[0][0])
