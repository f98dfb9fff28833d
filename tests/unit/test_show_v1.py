"""What the v1 family prints of one order and of the change feed (contract 2.9 output fields, 2.15, 2.18)."""

import json
from decimal import Decimal
from typing import Any

import pytest

from orderdock.accounts.model import OPERATIONS, Employee, Scope
from orderdock.accounts.options import ACCOUNT_OPTIONS, KEY_OPTIONS, defaults
from orderdock.errors import InvalidNumber, InvalidParameter
from orderdock.events.model import Feed, FeedQuery, Logged
from orderdock.fields import ALL_FIELDS
from orderdock.kinds import Locale
from orderdock.orders.query import Page
from orderdock.wire import v1
from orderdock.wire.v1 import show as show_module

WHEN = 1715149492000
SCOPE = Scope(
    1000298,
    "kapdemo",
    1,
    "erp-push",
    "key",
    "7f3a",
    frozenset(OPERATIONS),
    {},
    None,
    defaults(ACCOUNT_OPTIONS, {}),
    defaults(KEY_OPTIONS, {}),
    209803,
    True,
    None,
    (),
    Locale(),
)
ORDER = {
    "id": 23518265,
    "customer_id": 191696570,
    "enquiry_id": 24284201,
    "create_date": WHEN,
    "creator_id": 209803,
    "revision": 1,
    "product_quantity": 0,
    "product_value": 0,
    "gross_value": 0,
    "discount": 0,
    "total_paid": 0,
    "remarks": "testing",
    "status": "AP",
    "modified_at": WHEN,
    "assigned_to": 209803,
    "assigned_reason": "by code",
}
# The element that [002] shows, in its order.
SAMPLE: dict[str, Any] = {
    "id": 23518265, "cmId": 1000298, "customerId": 191696570, "enquiryId": 24284201, "createDate":
    1715149492000, "creatorId": 209803, "productQuantity": 0, "productValue": 0, "discount": 0, "remarks":
    "testing", "deliveryStatus": "AP", "lastModificationTime": 1715149492000, "unitId": 0, "blockId": 0,
    "zoneId": 0, "basePrice": 0, "serviceTax": 0, "bookingAmount": 0, "retainerFrequency": 0, "retainerAmount":
    0, "subOfficeId": 0, "retainerCreditPeriod": 0, "parentOrderId": 0, "assignedToId": 209803, "invoiceSent":
    False, "commissionAmount": 0, "totalSaleableArea": 0, "builderInvoiceId": 0, "enquiryAssignedTo": 0,
    "sellingPrice": 0, "cess": 0, "extraCharges": 0, "warrantyInDays": 0, "parentCustomerId": 0, "checkedIn":
    False, "includeInterest": False, "channelId": 0, "deliveredOrderId": 0, "commissionPaidAmount": 0,
    "onwardCruiseId": 0, "returnCruiseId": 0, "approvedByEmployeeId": 0, "vatamount": 0,
}  # fmt: skip
BEHIND = (
    "currency name phone email companyName address shippingAddress zip customer enquiry assignedTo lines payments"
    " grandTotal totalPaid balance additionalFields associateFields sourceVersion sourceModifiedAt"
)


def show(order: dict[str, Any], history: bool = False, **more: Any) -> dict[str, Any]:
    page = Page([order], **more)
    shown: dict[str, Any] = json.loads(v1.show_one(page, SCOPE, history=history), parse_float=Decimal)
    return shown


def test_the_element_has_its_43_keys_then_what_2_15_adds() -> None:
    shown = show(ORDER)
    assert len(SAMPLE) == 43
    assert list(shown) == [*SAMPLE, *BEHIND.split()]
    assert {key: shown[key] for key in SAMPLE} == SAMPLE
    assert [type(shown[key]) for key in SAMPLE] == [type(value) for value in SAMPLE.values()]


def test_unset_values_of_2_15() -> None:
    shown = show({"id": 1, "create_date": WHEN, "modified_at": WHEN})
    assert "remarks" not in shown
    assert (shown["deliveryStatus"], shown["creatorId"], shown["assignedTo"], shown["sourceVersion"]) == (
        "",
        0,
        None,
        None,
    )
    assert shown["customer"] == {"id": 0, "code": "", "name": "", "phone": "", "phoneE164": "", "email": ""}
    assert shown["enquiry"] == {
        "id": 0,
        "status": "",
        "subStatus": "",
        "assignedToId": 0,
        "nextFollowUpDate": 0,
        "createDate": 0,
    }
    assert (shown["additionalFields"], shown["lines"], shown["payments"], shown["balance"]) == ({}, [], [], 0)


def test_what_is_set_is_shown_exactly() -> None:
    order = {
        **ORDER,
        "grand_total": 9_999_999_999_999_999_999,
        "total_paid": 1,
        "erp_order_id": "SO-1",
        "attr15": "x",
        "booking_date": WHEN,
        "deal_details": '{"stage":"won"}',
        "approval_designations": '["head"]',
        "approved_by": '["209803","7"]',
        "source_version": 7,
        "additional": '{"cess":12.50,"serviceTax":"3","checkedIn":true,"vatamount":true,"unitId":4,"big":1e400}',
        "zone": "West",
    }
    text = v1.show_one(Page([order]), SCOPE).decode()
    shown = show(
        {**order, "additional": '{"cess":12.50,"serviceTax":"3","checkedIn":true,"vatamount":true,"unitId":4}'}
    )
    assert '"sellingPrice":999999999999999.9999' in text
    assert '"big":1e400' in text
    assert (shown["cess"], shown["serviceTax"], shown["checkedIn"], shown["vatamount"], shown["unitId"]) == (
        Decimal("12.5"),
        0,
        True,
        0,
        0,
    )
    assert (shown["balance"], shown["totalPaid"]) == (Decimal("999999999999999.9998"), Decimal("0.0001"))
    assert (shown["dealDetails"], shown["approvalDesignationIds"], shown["approvedByEmployeeId"]) == (
        {"stage": "won"},
        ["head"],
        209803,
    )
    assert (shown["erpOrderId"], shown["attr15"], shown["bookingDate"], shown["zoneName"], shown["sourceVersion"]) == (
        "SO-1",
        "x",
        WHEN,
        "West",
        7,
    )


def test_the_orders_own_copy_falls_back_to_the_customers() -> None:
    customer = {
        "id": 191696570,
        "name": "Asha Rao",
        "phone": "8123456789",
        "phone_key": "+918123456789",
        "zip": "411001",
        "zone": "West",
    }
    shown = show({**ORDER, "contact_name": "Asha"}, customers={191696570: customer})
    assert (shown["name"], shown["phone"], shown["zip"], shown["address"], shown["zoneName"]) == (
        "Asha",
        "8123456789",
        "411001",
        "",
        "West",
    )
    assert shown["customer"] == {
        "id": 191696570,
        "code": "",
        "name": "Asha Rao",
        "phone": "8123456789",
        "phoneE164": "+918123456789",
        "email": "",
    }


def test_assignee_enquiry_lines() -> None:
    shown = show(
        ORDER,
        employees={209803: Employee(209803, "E-7", "Meera", None, True)},
        enquiries={24284201: {"id": 24284201, "status": "N", "assigned_to": 5, "created_at": WHEN}},
        lines={
            23518265: [
                {"order_id": 23518265, "line_no": 1, "sku": "A-1", "rate": 5_000, "additional": '{"colour":"brass"}'}
            ]
        },
    )
    assert shown["assignedTo"] == {"id": 209803, "code": "E-7", "name": "Meera", "email": "", "reason": "by code"}
    assert (shown["enquiry"]["assignedToId"], shown["enquiryAssignedTo"], shown["enquiry"]["createDate"]) == (
        5,
        5,
        WHEN,
    )
    assert shown["lines"] == [
        {
            "skuId": "A-1",
            "productName": "",
            "parentProductName": "",
            "productType": "",
            "description": "",
            "rate": Decimal("0.5"),
            "quantity": 0,
            "discount": 0,
            "value": 0,
            "additionalFields": {"colour": "brass"},
        }
    ]


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


def feed(*events: Logged, records: Page | None = None) -> dict[str, Any]:
    shown: dict[str, Any] = json.loads(v1.show_feed(Feed(list(events), 812, False), records, SCOPE))
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
    page = Page(
        [ORDER],
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
    assert records[2]["id"] == 23518265
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
