"""The event log played from its beginning: what it says of every order and customer."""

from __future__ import annotations

from typing import Any

from orderdock.kinds import from_json, to_json

Record = dict[str, Any]


def replayed(events: list[Record]) -> tuple[dict[int, Record], dict[int, Record]]:
    """(orders with their lines, customers) by number. Asserts that no event is missing, and every `before` was so."""
    assert [event["seq"] for event in events] == list(range(1, len(events) + 1))
    assert [event["at"] for event in events] == sorted(event["at"] for event in events)
    orders: dict[int, Record] = {}
    customers: dict[int, Record] = {}
    for event in events:
        noted = from_json(event["changes"])
        before, after = noted.get("before") or {}, noted.get("after") or {}
        record, _, what = event["kind"].partition(".")
        if record == "order":
            _order(orders, event, what, before, after)
        elif record == "payment":
            _payment(orders[event["order_id"]], what, before, after)
        elif event["kind"] == "customer.created":
            after.pop("contact")
            after.pop("contacts", None)
            assert ("enquiry" in after) == ("enquiry_id" in event)
            after.pop("enquiry", None)
            customers[event["customer_id"]] = after
        elif event["kind"] == "customer.updated":
            before.pop("contact", None)
            after.pop("contact", None)
            _change(customers[event["customer_id"]], before, after)
    return orders, customers


def _order(orders: dict[int, Record], event: Record, what: str, before: Record, after: Record) -> None:
    number = event["order_id"]
    if what == "created":
        after.pop("enquiry", None)
        orders[number] = {"lines": [], **after}
    elif what == "updated":
        _change(orders[number], before, after)
    else:
        assert what == "deleted"
        orders[number]["deleted_at"] = event["at"]
    assert orders[number]["customer_id"] == event["customer_id"]
    assert orders[number]["enquiry_id"] == event["enquiry_id"]


def _change(record: Record, before: Record, after: Record) -> None:
    """Every value that an update takes back was there, and it changes something."""
    assert before.keys() == after.keys()
    for name, value in after.items():
        assert value != before[name]
        if name in ("additional", "associate") and value is not None and before[name] is not None:
            _change_members(record, name, from_json(before[name]), from_json(value))
            continue
        assert record.get(name) == before[name]
        if value is None:
            del record[name]
        else:
            record[name] = value


def _change_members(record: Record, name: str, before: Record, after: Record) -> None:
    """Of an open object the members that differ are told."""
    members = from_json(record[name])
    assert {one: members[one] for one in before} == before
    assert all(one in before or one not in members for one in after)
    left = {one: value for one, value in members.items() if one in after or one not in before}
    record[name] = to_json({**left, **after})


def _payment(order: Record, what: str, before: Record, after: Record) -> None:
    if what in ("added", "refunded"):
        order["total_paid"] += after["amount"]
    else:
        assert what == "corrected"
        assert after != before
        order["total_paid"] += after.get("amount", 0) - before.get("amount", 0)
