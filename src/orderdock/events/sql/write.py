"""Append to the event log: gap-free, in commit order, never written over (contract 2.18)."""

from __future__ import annotations

from typing import Any, Final

import msgspec

from orderdock.db import Reply, Sql, Tx, store_rows
from orderdock.tables import event
from orderdock.world import Event

NEWEST: Final = Sql("SELECT e.seq, e.at FROM event e WHERE e.cm_id = :cm_id ORDER BY e.seq DESC LIMIT 1")
WRITTEN: Final = Sql(
    "SELECT e.seq FROM event e WHERE e.cm_id = :cm_id AND e.seq > :seq AND e.group_id = :group_id LIMIT 1"
)
_encoder: Final = msgspec.json.Encoder()


def ask_newest(tx: Tx, cm_id: int) -> Reply:
    """The last number given and its time; no row when nothing happened yet."""
    return tx.ask(NEWEST, cm_id=cm_id)


def row(seq: int, at: int, told: Event, actor: str, request_id: str, group_id: int) -> dict[str, Any]:
    """One row of the log; its changes are JSON text."""
    return {
        "seq": seq,
        "at": at,
        "kind": told.kind,
        "order_id": told.order_id,
        "customer_id": told.customer_id,
        "enquiry_id": told.enquiry_id,
        "actor": actor,
        "request_id": request_id,
        "group_id": group_id,
        "changes": _encoder.encode(told.changes).decode(),
    }


def append(tx: Tx, cm_id: int, rows: list[dict[str, Any]]) -> None:
    """Write rows; the account is locked, so their numbers are nobody else's."""
    store_rows(tx, cm_id, event, rows, apart="changes")


def was_written(tx: Tx, cm_id: int, after: int, group_id: int) -> bool:
    """Whether a group's events are in the log: what is looked at when a COMMIT's answer got lost."""
    return bool(tx.all(WRITTEN, cm_id=cm_id, seq=after, group_id=group_id))
