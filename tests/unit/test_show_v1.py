"""What the v1 family prints of the change feed and of histories (contract 2.15, 2.18)."""

import json
from typing import Any

import pytest

from orderdock.errors import InvalidNumber, InvalidParameter
from orderdock.events.model import Feed, FeedQuery, Logged
from orderdock.fields import ALL_FIELDS
from orderdock.orders.query import Records
from orderdock.wire import v1
from orderdock.wire.v1 import show as show_module

WHEN = 1715149492000


def told(kind: str, changes: dict[str, Any], **ids: Any) -> Logged:
    return Logged(
        812,
        WHEN,
        kind,
        ids.get("order"),
        ids.get("customer"),
        ids.get("enquiry"),
        "key:erp-push",
        "b7f0c2",
        1,
        json.dumps(changes),
    )


def feed(*events: Logged, records: Records | None = None) -> dict[str, Any]:
    shown: dict[str, Any] = json.loads(v1.show_feed(Feed(list(events), 812, False), records))
    return shown


def changed(event: Logged) -> list[tuple[str, Any, Any]]:
    return [(one["field"], one["before"], one["after"]) for one in feed(event)["events"][0]["changes"]]


def test_the_sample_of_the_feed() -> None:
    event = told(
        "order.created", {"after": {"remarks": "call first"}}, order=4236966, customer=48046485, enquiry=11756843
    )
    assert feed(event) == {
        "events": [
            {
                "seq": 812,
                "at": 1715149492000,
                "type": "order.created",
                "orderId": 4236966,
                "customerId": 48046485,
                "enquiryId": 11756843,
                "actor": "key:erp-push",
                "requestId": "b7f0c2",
                "changes": [{"field": "remarks", "before": None, "after": "call first"}],
            }
        ],
        "next": 812,
        "hasMore": False,
    }


def test_changes_speak_the_v1_names_and_types() -> None:
    after = {
        "grand_total": 995_000,
        "create_date": WHEN,
        "contact_address": "4 Hill Road",
        "assigned_to": 5,
        "assigned_reason": "by code",
        "deal_details": '"won"',
        "additional": '{"a":1.50}',
        "lines": [{"sku": "A", "rate": 10_000}],
        "enquiry": {"next_follow_up": 3},
    }
    assert changed(told("order.created", {"after": after}, order=1)) == [
        ("grandTotal", None, 99.5),
        ("createDate", None, WHEN),
        ("address", None, "4 Hill Road"),
        ("assignedToId", None, 5),
        ("assignedReason", None, "by code"),
        ("dealDetails", None, "won"),
        ("additionalFields", None, {"a": 1.5}),
        ("lines[0].skuId", None, "A"),
        ("lines[0].rate", None, 1),
        ("enquiry.nextFollowUpDate", None, 3),
    ]
    customer = {
        "name": "Asha",
        "company_name": "Lamps",
        "individual": 1,
        "phone_key": "+1",
        "contact": {"id": 9, "first_name": "A"},
    }
    assert changed(told("customer.created", {"after": customer}, customer=1)) == [
        ("name", None, "Asha"),
        ("companyName", None, "Lamps"),
        ("individual", None, True),
        ("contact.id", None, 9),
        ("contact.firstName", None, "A"),
    ]
    paid = {"payment_id": 9, "before": {"paid_at": 1}, "after": {"paid_at": 2}}
    assert changed(told("payment.corrected", paid, order=1)) == [("paymentId", 9, 9), ("paidAt", 1, 2)]


def test_events_of_the_accounts_own_keeping_are_shown_as_they_are() -> None:
    changes = {"before": {"enabled": True, "id": 4}, "after": {"enabled": False, "id": 4, "operations": ["order.get"]}}
    assert changed(told("key.disabled", changes)) == [("enabled", True, False), ("operations", None, ["order.get"])]


def test_records_go_with_their_events() -> None:
    customer = {
        "id": 5,
        "name": "Asha",
        "company_name": "Lamps",
        "revision": 2,
        "created_at": 3,
        "modified_at": 4,
        "phone_key": "+1",
    }
    page = Records(
        {23518265: '{"id":23518265}'},
        customers={5: customer},
        enquiries={6: {"id": 6, "customer_id": 5, "sub_status": "warm", "created_at": 3}},
    )
    events = [
        told("customer.created", {}, customer=5),
        told("enquiry.updated", {}, customer=5, enquiry=6),
        told("payment.added", {}, order=23518265),
        told("order.deleted", {}, order=9, customer=5),
        told("settings.updated", {}),
    ]
    records = [one["record"] for one in feed(*events, records=page)["events"]]
    assert records[0] == {"id": 5, "name": "Asha", "companyName": "Lamps", "createdAt": 3, "modifiedAt": 4}
    assert records[1] == {"id": 6, "subStatus": "warm", "createdAt": 3, "customerId": 5}
    assert records[2] == {"id": 23518265}
    assert records[3:] == [None, None]


def test_the_query_of_the_feed() -> None:
    assert v1.read_feed_query({}) == FeedQuery(0, 100, None, 0, False)
    asked = {
        "after": ["3", "7"],
        "limit": "5000",
        "wait": "99",
        "types": ["order.created, payment.added", "key.expiring"],
        "include": "record",
    }
    query = v1.read_feed_query(asked)
    types = frozenset({"order.created", "payment.added", "key.expiring"})
    assert query == FeedQuery(7, 1000, types, 30, True, query.warnings)
    assert [(fault.code, fault.path, fault.value) for fault in query.warnings] == [
        ("LimitReduced", "query:limit", 5000)
    ]
    with pytest.raises(InvalidNumber) as caught:  # X5
        v1.read_feed_query({"after": "abc", "limit": "-1"})
    assert [(one.code, one.path, one.value) for one in caught.value.faults] == [
        ("InvalidNumber", "query:after", "abc"),
        ("InvalidNumber", "query:limit", "-1"),
    ]
    with pytest.raises(InvalidParameter):
        v1.read_feed_query({"include": "everything"})


def test_every_field_has_one_name_in_a_history() -> None:
    for record in {row.record for row in ALL_FIELDS}:
        names = [show_module._NAMES[row.name] for row in ALL_FIELDS if row.record == record and row.column]
        assert len(names) == len(set(names)), record
