"""One order and the change feed -> bytes (contract 2.9 output fields, 2.15, 2.18).

Values are JSON types; money and quantities are exact numbers that never pass through a binary float.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import msgspec

from orderdock.errors import Fault
from orderdock.events.model import ACTIONS, Change, Feed, Logged, action_of, changes_of
from orderdock.fields import ALL_FIELDS, CUSTOMER_FIELDS, ENQUIRY_FIELDS, Field, Out
from orderdock.kinds import (
    SCALE,
    Decimals,
    Extra,
    Objects,
    TextOrObject,
    Words,
    shortest,
    to_json,
)
from orderdock.orders.model import Record
from orderdock.orders.query import Records, Shown
from orderdock.wire.body import entry

_encode: Final = msgspec.json.Encoder(decimal_format="number").encode


def _plain(row: Field, value: Any) -> Any:
    """A stored value as JSON; open objects and lists are JSON text already."""
    if isinstance(row.kind, Decimals):
        return _exact(value)
    if isinstance(row.kind, Extra | Objects | Words | TextOrObject):
        return msgspec.Raw(value.encode()) if isinstance(value, str) else _loose(value)
    return row.kind.plain(value)


def _exact(scaled: int) -> Any:
    return scaled // SCALE if scaled % SCALE == 0 else msgspec.Raw(shortest(scaled).encode())


def _loose(value: Any) -> Any:
    """A JSON value that no field describes, its numbers in the digits in which they were written."""
    return msgspec.Raw(to_json(value).encode())


def show_one(one: Shown, *, history: bool = False) -> bytes:
    """`GET /api/v1/orders/{id}` (contract 2.15); the database has made the order's JSON already."""
    return with_history(one.doc, one.history).encode() if history else one.doc.encode()


def with_history(doc: str, events: Sequence[Logged]) -> str:
    """The JSON text of an order with its history."""
    return f'{doc[:-1]},"history":{_encode(history_of(events)).decode()}}}'


def history_of(events: Sequence[Logged]) -> list[dict[str, Any]]:
    """An order's history (contract 2.6), in JSON types."""
    shown = []
    for event in events:
        if event.kind in ACTIONS:
            changes = changes_of(event)
            listed = [_change(change) for change in changes]
            shown.append({"at": event.at, "actor": event.actor, "action": action_of(event, changes), "changes": listed})
    return shown


def _change(change: Change) -> dict[str, Any]:
    return {
        "field": _name(change),
        "before": _changed(change.field, change.before),
        "after": _changed(change.field, change.after),
    }


def _changed(row: Field | None, value: Any) -> Any:
    if value is None or row is None:
        return _loose(value)
    return _plain(row, value)


def _camel(word: str) -> str:
    """`next_follow_up` -> `nextFollowUp`."""
    first, *rest = word.split("_")
    return first + "".join(part.capitalize() for part in rest)


# Where a field's name is looked for; the first place that has one counts.
_OUTS: Final = (Out.V1_ORDER, Out.V1_ONE, Out.V1_LINE, Out.V1_PAYMENT, Out.V1_ONE_CUSTOMER, Out.V1_ONE_ENQUIRY)


def _name_of(row: Field) -> str:
    return next((row.outs[place][-1].word for place in _OUTS if place in row.outs), _camel(row.column))


_NAMES: Final = {row.name: _name_of(row) for row in ALL_FIELDS}


def _name(change: Change) -> str:
    """The name of a changed value: `remarks`, `lines[0].rate`, `enquiry.status`, `contact.phone`."""
    if not change.record:
        return change.name
    name = _NAMES[change.field.name] if change.field else _camel(change.name)
    if change.at is not None:
        return f"lines[{change.at}].{name}"
    return f"{change.inner}.{name}" if change.inner else name


def show_feed(feed: Feed, records: Records | None, warnings: Sequence[Fault] = ()) -> bytes:
    """The change feed (contract 2.18); with `record`, the record as it is now, when `records` are given."""
    events = [_event(event) for event in feed.events]
    if records is not None:
        for shown, event in zip(events, feed.events, strict=True):
            shown["record"] = _record(event, records)
    answer: dict[str, Any] = {"events": events, "next": feed.next, "hasMore": feed.has_more}
    if warnings:
        answer["warnings"] = [entry(fault, fault.path or "", fault.value) for fault in warnings]
    return _encode(answer)


def _event(event: Logged) -> dict[str, Any]:
    return {
        "seq": event.seq,
        "at": event.at,
        "type": event.kind,
        "orderId": event.order_id or 0,
        "customerId": event.customer_id or 0,
        "enquiryId": event.enquiry_id or 0,
        "actor": event.actor,
        "requestId": event.request_id,
        "changes": [_change(change) for change in changes_of(event)],
    }


def _record(event: Logged, records: Records) -> dict[str, Any] | msgspec.Raw | None:
    """The record that an event is about; None when it is gone, or when the event is of the account's own keeping."""
    if event.order_id:
        doc = records.orders.get(event.order_id)
        return None if doc is None else msgspec.Raw(doc.encode())
    if event.kind.startswith("enquiry."):
        return _set_values(records.enquiries.get(event.enquiry_id or 0), ENQUIRY_FIELDS)
    return _set_values(records.customers.get(event.customer_id or 0), CUSTOMER_FIELDS)


def _set_values(record: Record | None, rows: Sequence[Field]) -> dict[str, Any] | None:
    """What is set of a record that has no shape of its own yet: domain names in camelCase."""
    if record is None:
        return None
    shown = {
        _camel(row.name.partition(".")[2]): _plain(row, record[row.column]) for row in rows if row.column in record
    }
    for name in ("customer_id", "created_at", "modified_at"):
        if name in record:
            shown.setdefault(_camel(name), record[name])
    return shown
