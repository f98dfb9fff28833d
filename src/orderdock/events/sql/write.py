"""Append to the event log: gap-free, in commit order, never written over (contract 2.18)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

import msgspec

from orderdock.db import Reply, Sql, Tx, as_rows, source, store_rows
from orderdock.kinds import from_json
from orderdock.tables import event
from orderdock.world import Event, World

NEWEST: Final = Sql("SELECT e.seq, e.at FROM event e WHERE e.cm_id = :cm_id ORDER BY e.seq DESC LIMIT 1")
WRITTEN: Final = Sql(
    "SELECT e.seq FROM event e WHERE e.cm_id = :cm_id AND e.seq > :seq AND e.group_id = :group_id LIMIT 1"
)
# So many newest events of an order tell what has moved in it.
_MOST_MOVED: Final = 100
HISTORY: Final = Sql(
    f"""SELECT names.id, (SELECT {{listed}} FROM (
            SELECT s.seq, s.kind, s.changes FROM event s WHERE s.cm_id = :cm_id AND s.order_id = names.id
            ORDER BY s.seq DESC LIMIT {_MOST_MOVED}) AS hit) FROM {{names}}""",
    names=source("names", id="bigint"),
    listed=(
        "json_group_array(json_array(hit.seq, hit.kind, hit.changes))",
        "json_agg(json_build_array(hit.seq, hit.kind, hit.changes))",
    ),
)
_encoder: Final = msgspec.json.Encoder()


def ask_newest(tx: Tx, cm_id: int) -> Reply:
    """The last number given and its time; no row when nothing happened yet."""
    return tx.ask(NEWEST, cm_id=cm_id)


def ask_history(tx: Tx, cm_id: int, orders: Iterable[int]) -> Reply:
    """The newest events of orders."""
    return tx.ask(HISTORY, cm_id=cm_id, names=as_rows([{"id": number} for number in orders]))


def take_history(world: World, reply: Reply) -> None:
    """Note the answer."""
    for order_id, listed in reply.rows():
        rows = from_json(listed) if isinstance(listed, str) else listed or []
        world.history[order_id] = tuple((kind, changes) for _, kind, changes in sorted(rows))


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
