"""What has moved in an order since a revision (contract 2.8 rule 8)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from orderdock.errors import Fault
from orderdock.fields import FIELDS, ORDER_FIELDS
from orderdock.kinds import Decimals, from_json, shortest
from orderdock.world import Record, World

_FIELDS: Final = {row.column: row for row in ORDER_FIELDS if row.column}
_HIDDEN: Final = frozenset({"id", "modified_at"})


def moved(world: World, order: Record, since: int) -> list[Fault]:
    """One RevisionMismatch for every field of an order that has changed since a revision; its value is what it is now.

    Every change of an order is one event and one revision. Nothing is told when the changes are no longer known.
    """
    number, steps = order["id"], order["revision"] - since
    stored = [(kind, from_json(changes)) for kind, changes in world.history.get(number, ())]
    told = [*stored, *((event.kind, event.changes) for event in world.events if event.order_id == number)]
    if since <= 0 or not 0 < steps <= len(told):
        return []
    names = dict.fromkeys(name for kind, changes in told[-steps:] for name in _names(kind, changes))
    return [Fault("RevisionMismatch", name, "changed meanwhile", _now(world, order, name)) for name in names]


def _names(kind: str, changes: dict[str, Any]) -> Iterator[str]:
    """The fields of the order that an event changed."""
    if kind.startswith("payment."):
        yield "order.total_paid"
    for column in changes.get("after") or {} if kind.startswith("order.") else ():
        if column == "lines":
            yield "lines"
        elif column in _FIELDS and column not in _HIDDEN:
            yield _FIELDS[column].name


def _now(world: World, order: Record, name: str) -> Any:
    """The present value of a field, as v1 shows it; unset is empty."""
    if name == "lines":
        return f"{len(world.lines[order['id']])} lines" if order["id"] in world.lines else ""
    row = FIELDS[name]
    value = order.get(row.column)
    if value is None:
        return ""
    return shortest(value) if isinstance(row.kind, Decimals) else row.kind.plain(value)
