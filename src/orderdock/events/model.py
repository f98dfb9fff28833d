"""What an event says: who changed what of which record, and when (contract 2.6, 2.18)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from orderdock.errors import Fault
from orderdock.fields import ALL_FIELDS, Field
from orderdock.kinds import from_json


class Logged(NamedTuple):
    """One event as it is kept, in the order of its table's columns. `changes` is JSON: columns before and after."""

    seq: int
    at: int
    kind: str
    order_id: int | None
    customer_id: int | None
    enquiry_id: int | None
    actor: str
    request_id: str
    group_id: int
    changes: str


class Change(NamedTuple):
    """One value that changed, in stored forms; unset is None.

    `record` is whose value it is: order, line, payment, customer, contact, enquiry, or "" for the account's own
    keeping, whose names are shown as they are. `inner` is the record again when it is told by another one's event (an
    order's enquiry, a customer's contact). `at` is the index of a line. `field` is None for a column that the
    registry of fields does not know.
    """

    record: str
    name: str
    field: Field | None
    at: int | None
    before: Any
    after: Any
    inner: str = ""


DEFAULT_EVENTS: Final = 100
MAX_EVENTS: Final = 1_000
# Every type of event, those that this version does not write included.
TYPES: Final = frozenset(
    {
        "order.created", "order.updated", "order.deleted", "payment.added", "payment.corrected", "payment.refunded",
        "customer.created", "customer.updated", "enquiry.created", "enquiry.updated", "key.created", "key.rotated",
        "key.disabled", "key.expiring", "employee.changed", "settings.updated",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class FeedQuery:
    """What is asked of the change feed (contract 2.18). `types` None: all. `wait` is in seconds."""

    after: int = 0
    limit: int = DEFAULT_EVENTS
    types: frozenset[str] | None = None
    wait: int = 0
    record: bool = False
    warnings: tuple[Fault, ...] = ()


@dataclass(frozen=True, slots=True)
class Feed:
    """A part of the log. `next` is the highest number that was looked at; `has_more` says that there are later ones."""

    events: list[Logged]
    next: int
    has_more: bool


class Span(NamedTuple):
    """The events that are kept of an account: the oldest and the newest number, and how many they are."""

    oldest: int
    newest: int
    kept: int

    @property
    def has_gap(self) -> bool:
        """Whether a number between the two is missing."""
        return self.newest - self.oldest + 1 != self.kept


# What an order's history calls the events that it shows.
ACTIONS: Final = {
    "order.created": "created",
    "order.updated": "updated",
    "payment.added": "payment_added",
    "payment.corrected": "payment_corrected",
    "payment.refunded": "payment_refunded",
}
_ASSIGNMENT: Final = frozenset({"assigned_to", "assigned_reason"})
_HIDDEN: Final = frozenset(
    {"cm_id", "id", "revision", "modified_at", "received_at", "deleted_at", "total_given", "line_no", "order_id"}
)
_COLUMNS: Final = {(row.record, row.column): row for row in ALL_FIELDS if row.column}
_PARTS: Final = ("enquiry", "contact")
# The contacts that a new customer brings beside its main one.
_CONTACTS: Final = "contacts"


def _is_hidden(record: str, name: str) -> bool:
    """Bookkeeping is not told; a contact's number is, since the event names it nowhere else."""
    return (name in _HIDDEN and (record, name) != ("contact", "id")) or name.endswith("_key")


def changes_of(event: Logged) -> list[Change]:
    """What an event changed, value by value, in the order in which it was noted; lines by their index."""
    noted: dict[str, Any] = from_json(event.changes)
    before, after = noted.get("before") or {}, noted.get("after") or {}
    record = event.kind.partition(".")[0]
    if record not in ("order", "payment", "customer", "enquiry"):
        return [Change("", name, None, None, old, new) for name, old, new in _differences(before, after)]
    found = []
    if "payment_id" in noted:
        number = noted["payment_id"]
        known = None if event.kind == "payment.added" else number
        found.append(Change(record, "payment_id", _COLUMNS["payment", "payment_id"], None, known, number))
    after = {**{name: noted[name] for name in ("lines", *_PARTS) if name in noted}, **after}
    for name, old, new in _differences(before, after):
        if name == "lines":
            found += _changes_of_lines(old or [], new or [])
        elif name in _PARTS:
            found += [change._replace(inner=name) for change in _changes_of(name, old or {}, new or {})]
        elif name == _CONTACTS:
            for at, one in enumerate(new):
                found += [change._replace(inner=f"{name}[{at}]") for change in _changes_of("contact", {}, one)]
        elif not _is_hidden(record, name):
            found.append(Change(record, name, _COLUMNS.get((record, name)), None, old, new))
    return found


def _differences(before: dict[str, Any], after: dict[str, Any]) -> Iterator[tuple[str, Any, Any]]:
    for name in {**after, **before}:
        old, new = before.get(name), after.get(name)
        if old != new:
            yield name, old, new


def _changes_of(record: str, before: dict[str, Any], after: dict[str, Any], at: int | None = None) -> list[Change]:
    return [
        Change(record, name, _COLUMNS.get((record, name)), at, old, new)
        for name, old, new in _differences(before, after)
        if not _is_hidden(record, name)
    ]


def _changes_of_lines(before: list[dict[str, Any]], after: list[dict[str, Any]]) -> list[Change]:
    found: list[Change] = []
    for at in range(max(len(before), len(after))):
        old = before[at] if at < len(before) else {}
        new = after[at] if at < len(after) else {}
        found += _changes_of("line", old, new, at)
    return found


def action_of(event: Logged, changes: list[Change]) -> str:
    """What an order's history calls an event (contract 2.6): an update of nothing but the assignee is `assigned`."""
    if event.kind == "order.updated" and changes and all(change.name in _ASSIGNMENT for change in changes):
        return "assigned"
    return ACTIONS[event.kind]
