"""One order and the change feed -> bytes (contract 2.9 output fields, 2.15, 2.18).

Values are JSON types; money and quantities are exact numbers that never pass through a binary float.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec

from orderdock.accounts.model import Scope
from orderdock.errors import Fault
from orderdock.events.model import ACTIONS, Change, Feed, Logged, action_of, changes_of
from orderdock.fields import ALL_FIELDS, CUSTOMER_FIELDS, ENQUIRY_FIELDS, Field, Out, shown_at
from orderdock.kinds import (
    SCALE,
    Decimals,
    Extra,
    Number,
    TextOrObject,
    Words,
    from_json,
    shortest,
    to_json,
)
from orderdock.orders.model import Record
from orderdock.orders.query import Page, payment_of
from orderdock.wire.body import entry
from orderdock.wire.v1.shape import BOOLEANS, ELEMENT, FIXED, NUMBERS_OF_LISTS, OMITTED, ON_REQUEST

_encode: Final = msgspec.json.Encoder(decimal_format="number").encode
_NONE: Final[Mapping[str, Any]] = {}
_EMPTY: Final = msgspec.Raw(b"{}")

# What 2.15 shows anyway, behind the element.
_SHOWN_LATER: Final = frozenset({"shippingAddress", "grandTotal", "totalPaid", "additionalFields", "associateFields"})
_SET_ONLY: Final = tuple(
    (word, row)
    for word, row in shown_at(Out.V1_ORDER).items()
    if row.column and word not in FIXED | ON_REQUEST | _SHOWN_LATER
)


def _plain(row: Field, value: Any) -> Any:
    """A stored value as JSON; open objects and lists are JSON text already."""
    if isinstance(row.kind, Decimals):
        return _exact(value)
    if isinstance(row.kind, Extra | Words | TextOrObject):
        return msgspec.Raw(value.encode()) if isinstance(value, str) else _loose(value)
    return row.kind.plain(value)


def _exact(scaled: int) -> Any:
    return scaled // SCALE if scaled % SCALE == 0 else msgspec.Raw(shortest(scaled).encode())


def _loose(value: Any) -> Any:
    """A JSON value that no field describes, its numbers in the digits in which they were written."""
    return msgspec.Raw(to_json(value).encode())


def _or_unset(row: Field, value: Any) -> Any:
    """A value of 2.15, where unset text is "" and an unset number 0."""
    if value is not None:
        return _plain(row, value)
    if isinstance(row.kind, Extra):
        return _EMPTY
    return 0 if row.kind.sql == "bigint" else ""


def _element(page: Page, order: Record, enquiry: Mapping[str, Any], scope: Scope) -> dict[str, Any]:
    """The element of 2.9: 43 keys (`remarks` only when set), then what is set of the others."""
    shown: dict[str, Any] = {}
    extra = from_json(order["additional"]) if "additional" in order else _NONE
    fields = shown_at(Out.V1_ORDER)
    for word in ELEMENT:
        row = fields.get(word)
        if word in NUMBERS_OF_LISTS:
            shown[word] = page.list_number(NUMBERS_OF_LISTS[word], order)
        elif row is None:
            shown[word] = _additional(word, extra)
        else:
            shown[word] = _or_unset(row, order.get(row.column))
    shown["cmId"] = scope.cm_id
    shown["enquiryAssignedTo"] = enquiry.get("assigned_to", 0)
    shown["approvedByEmployeeId"] = _first_number(order.get("approved_by"))
    if OMITTED not in order:
        del shown[OMITTED]
    for word, row in _SET_ONLY:
        if row.column in order:
            shown[word] = _plain(row, order[row.column])
    return shown


def _additional(word: str, extra: Mapping[str, Any]) -> Any:
    """An undescribed key: the additional field of its name if that is of its type, else 0 or false."""
    value = extra.get(word)
    if word in BOOLEANS:
        return value is True
    number = isinstance(value, int | Number) and not isinstance(value, bool)
    return _loose(value) if number else 0


def _first_number(words: str | None) -> int:
    """The first of a list of employees, when it is named by its number."""
    first = next(iter(from_json(words)), "") if words else ""
    return int(first) if str(first).isdecimal() else 0


def show_one(page: Page, scope: Scope, *, history: bool = False) -> bytes:
    """`GET /api/v1/orders/{id}` (contract 2.15): the order of a page of one."""
    shown = _one(page, page.orders[0], scope)
    if history:
        shown["history"] = history_of(page.history.get(page.orders[0]["id"], ()))
    return _encode(shown)


def _one(page: Page, order: Record, scope: Scope) -> dict[str, Any]:
    order = page.copied(order)
    number, enquiry = order["id"], page.enquiries.get(order.get("enquiry_id", 0), _NONE)
    total, paid = order.get("grand_total", 0), order.get("total_paid", 0)
    shown = _element(page, order, enquiry, scope)
    shown["currency"] = scope.account["currency"]
    for word in ("name", "phone", "email", "companyName", "address", "shippingAddress", "zip"):
        shown[word] = order.get(_column(word), "")
    shown["customer"] = _customer(page.customers.get(order.get("customer_id", 0), _NONE))
    shown["enquiry"] = {
        word: _or_unset(row, enquiry.get(row.column)) for word, row in shown_at(Out.V1_ONE_ENQUIRY).items()
    }
    shown["assignedTo"] = _assignee(page, order)
    shown["lines"] = [_line(line) for line in page.lines.get(number, ())]
    shown["payments"] = [_payment(entries) for entries in page.payments.get(number, ())]
    shown["grandTotal"], shown["totalPaid"], shown["balance"] = _exact(total), _exact(paid), _exact(total - paid)
    for word in ("additionalFields", "associateFields"):
        row = shown_at(Out.V1_ORDER)[word]
        shown[word] = _or_unset(row, order.get(row.column))
    for word in ("sourceVersion", "sourceModifiedAt"):
        shown[word] = order.get(_column(word))
    return shown


def _column(word: str) -> str:
    row = shown_at(Out.V1_ORDER).get(word) or shown_at(Out.V1_ONE)[word]
    return row.column


def _customer(customer: Mapping[str, Any]) -> dict[str, Any]:
    shown = {}
    for word, row in shown_at(Out.V1_ONE_CUSTOMER).items():
        shown[word] = _or_unset(row, customer.get(row.column))
        if row.name == "customer.phone":
            key = customer.get("phone_key") or ""
            shown["phoneE164"] = key if key.startswith("+") else ""
    return shown


def _assignee(page: Page, order: Record) -> dict[str, Any] | None:
    if not order.get("assigned_to"):
        return None
    who = page.employees.get(order["assigned_to"])
    return {
        "id": order["assigned_to"],
        "code": who.code if who else "",
        "name": who.name if who else "",
        "email": (who.email or "") if who else "",
        "reason": order.get("assigned_reason", ""),
    }


def _line(line: Record) -> dict[str, Any]:
    return {word: _or_unset(row, line.get(row.column)) for word, row in shown_at(Out.V1_LINE).items()}


def _payment(entries: Sequence[Record]) -> dict[str, Any]:
    """A payment as it is now, and the entries themselves."""
    now = payment_of(entries)
    shown = {word: _or_unset(row, now.get(row.column)) for word, row in shown_at(Out.V1_PAYMENT).items()}
    shown["entries"] = [
        {"entryId": entry["entry_no"], "at": entry["at"], "amount": _exact(entry["amount"]), "kind": entry["kind"]}
        for entry in entries
    ]
    return shown


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


def show_feed(feed: Feed, records: Page | None, scope: Scope, warnings: Sequence[Fault] = ()) -> bytes:
    """The change feed (contract 2.18); with `record`, the record as it is now, when `records` are given."""
    events = [_event(event) for event in feed.events]
    if records is not None:
        orders = {order["id"]: order for order in records.orders}
        for shown, event in zip(events, feed.events, strict=True):
            shown["record"] = _record(event, orders, records, scope)
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


def _record(event: Logged, orders: Mapping[int, Record], records: Page, scope: Scope) -> dict[str, Any] | None:
    """The record that an event is about; None when it is gone, or when the event is of the account's own keeping."""
    if event.order_id:
        return _one(records, orders[event.order_id], scope) if event.order_id in orders else None
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
