"""One order as both engines build it: the element and what 2.15 adds (contract 2.9 output fields, 2.15)."""

import json
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from orderdock import tables
from orderdock.db import Database, store_rows
from orderdock.orders import actions
from orderdock.orders.query import Wanted
from orderdock.orders.sql.write import keyed
from orderdock.wire import v1
from tests.sql.rows import A, B, customer, order, put, scope_of
from tests.sql.test_search import ODD, WHOLE

WHEN = 1715149492000
SCOPE = scope_of()
CUSTOMER, ENQUIRY, EMPLOYEE = 191696570, 24284201, 209803
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
ORDER: dict[str, Any] = order(
    23518265, WHEN, customer_id=CUSTOMER, enquiry_id=ENQUIRY, creator_id=EMPLOYEE, remarks="testing",
    assigned_to=EMPLOYEE, assigned_reason="by code",
)  # fmt: skip


@pytest.fixture
def database(engine_url: str) -> Iterator[Database]:
    database = Database(engine_url)
    yield database
    database.close()


def stored(database: Database, one: dict[str, Any], **more: list[dict[str, Any]]) -> None:
    with database.write() as tx:
        store_rows(tx, A, tables.orders, [keyed(one)])
        for name, rows in more.items():
            put(tx, tables.metadata.tables[name], *rows)


def text_of(database: Database, number: int) -> str:
    with database.read() as tx:
        found, names = actions.get(tx, SCOPE, v1.read_one(str(number), {}, SCOPE))
        assert tx.statements == (2 if names else 1)
    return v1.show_one(found).decode()


def show(database: Database, one: dict[str, Any], **more: list[dict[str, Any]]) -> dict[str, Any]:
    stored(database, one, **more)
    shown: dict[str, Any] = json.loads(text_of(database, one["id"]), parse_float=Decimal)
    return shown


def test_the_element_has_its_43_keys_then_what_2_15_adds(database: Database) -> None:
    shown = show(database, ORDER)
    assert len(SAMPLE) == 43
    assert list(shown) == [*SAMPLE, *BEHIND.split()]
    assert {key: shown[key] for key in SAMPLE} == SAMPLE
    assert [type(shown[key]) for key in SAMPLE] == [type(value) for value in SAMPLE.values()]


def test_unset_values_of_2_15(database: Database) -> None:
    shown = show(database, {"id": 1, "revision": 1, "received_at": 1, "total_given": 0, "create_date": WHEN})
    assert "remarks" not in shown
    assert [shown[name] for name in ("deliveryStatus", "creatorId", "assignedTo", "sourceVersion")] == [
        "",
        0,
        None,
        None,
    ]
    assert shown["customer"] == {"id": 0, "code": "", "name": "", "phone": "", "phoneE164": "", "email": ""}
    assert shown["enquiry"] == {
        "id": 0, "status": "", "subStatus": "", "assignedToId": 0, "nextFollowUpDate": 0, "createDate": 0,
    }  # fmt: skip
    assert [shown[name] for name in ("additionalFields", "lines", "payments", "balance")] == [{}, [], [], 0]


def test_what_is_set_is_shown_exactly(database: Database) -> None:
    extra = '{"cess":12.50,"serviceTax":"3","checkedIn":true,"vatamount":true,"unitId":4,"big":1e400}'
    shown_as = {
        "grand_total": 9_223_372_036_854_775_807, "total_paid": 1, "erp_order_id": "SO-1", "attr15": "x",
        "booking_date": WHEN, "deal_details": '{"stage":"won"}', "approval_designations": '["head"]',
        "approved_by": '["209803","7"]', "source_version": 7, "source_modified_at": WHEN, "zone": "West",
        "additional": extra,
    }  # fmt: skip
    stored(database, {**ORDER, **shown_as}, order_line=[])
    text = text_of(database, ORDER["id"])
    shown = json.loads(text.replace("1e400", "1"), parse_float=Decimal)
    assert '"sellingPrice":922337203685477.5807,' in text
    assert f'"additionalFields":{extra}' in text
    assert [shown[name] for name in ("cess", "serviceTax", "checkedIn", "vatamount", "unitId")] == [
        Decimal("12.5"), 0, True, 0, 0,
    ]  # fmt: skip
    assert (shown["balance"], shown["totalPaid"]) == (Decimal("922337203685477.5806"), Decimal("0.0001"))
    assert (shown["dealDetails"], shown["approvalDesignationIds"], shown["approvedByEmployeeId"]) == (
        {"stage": "won"}, ["head"], 209803,
    )  # fmt: skip
    assert [shown[name] for name in ("erpOrderId", "attr15", "bookingDate", "zoneName")] == ["SO-1", "x", WHEN, "West"]
    assert (shown["sourceVersion"], shown["sourceModifiedAt"]) == (7, WHEN)


def test_the_orders_own_copy_falls_back_to_the_customers(database: Database) -> None:
    who = customer(CUSTOMER, name="Asha Rao", phone="8123456789", phone_key="+918123456789", zip="411001", zone="West")
    shown = show(database, {**ORDER, "contact_name": "Asha"}, customer=[who])
    assert [shown[name] for name in ("name", "phone", "zip", "address", "zoneName")] == [
        "Asha", "8123456789", "411001", "", "West",
    ]  # fmt: skip
    assert shown["customer"] == {
        "id": CUSTOMER, "code": "", "name": "Asha Rao", "phone": "8123456789", "phoneE164": "+918123456789",
        "email": "",
    }  # fmt: skip


def test_a_phone_without_a_country_is_no_international_one(database: Database) -> None:
    shown = show(database, ORDER, customer=[customer(CUSTOMER, phone="12", phone_key="12")])
    assert (shown["customer"]["phone"], shown["customer"]["phoneE164"]) == ("12", "")


def test_a_customer_that_was_merged_away_is_its_survivor(database: Database) -> None:
    people = [customer(CUSTOMER, name="Old", merged_into=5), customer(5, name="New", email="n@example.com")]
    shown = show(database, ORDER, customer=people)
    assert (shown["customerId"], shown["customer"]["id"], shown["name"], shown["email"]) == (
        CUSTOMER, 5, "New", "n@example.com",
    )  # fmt: skip


def test_assignee_enquiry_lines(database: Database) -> None:
    meera = {"id": EMPLOYEE, "code": "E-7", "name": "Meera", "name_key": "meera", "active": 1, "created_at": 1}
    line = {"order_id": ORDER["id"], "line_no": 1, "sku": "A-1", "rate": 5_000, "additional": '{"colour":"brass"}'}
    shown = show(
        database, ORDER, employee=[meera], order_line=[line],
        enquiry=[customer(ENQUIRY, customer_id=CUSTOMER, status="N", assigned_to=5, created_at=WHEN)],
    )  # fmt: skip
    assert shown["assignedTo"] == {"id": EMPLOYEE, "code": "E-7", "name": "Meera", "email": "", "reason": "by code"}
    assert (shown["enquiry"]["assignedToId"], shown["enquiryAssignedTo"], shown["enquiry"]["createDate"]) == (
        5,
        5,
        WHEN,
    )
    assert shown["lines"] == [
        {
            "skuId": "A-1", "productName": "", "parentProductName": "", "productType": "", "description": "",
            "rate": Decimal("0.5"), "quantity": 0, "discount": 0, "value": 0, "additionalFields": {"colour": "brass"},
        }
    ]  # fmt: skip


def test_an_employee_who_is_not_known_is_shown_by_number(database: Database) -> None:
    assert show(database, ORDER)["assignedTo"] == {
        "id": EMPLOYEE, "code": "", "name": "", "email": "", "reason": "by code",
    }  # fmt: skip


def test_both_engines_build_the_same_order(sqlite_url: str, postgres_url: str) -> None:
    texts = []
    entry = {"payment_id": 7, "order_id": 1, "at": 3, "amount": 5_000, "kind": "payment", "paid_at": 3}
    refund = {**entry, "entry_no": 2, "amount": -2_500, "kind": "refund", "mode": "upi"}
    for url in (sqlite_url, postgres_url):
        database = Database(url)
        lines = [{"order_id": 1, "line_no": n, "name": ODD, "rate": -1, "value": 15_001} for n in (2, 1)]
        stored(database, order(1, WHEN, **WHOLE), order_line=lines, payment_entry=[{**entry, "entry_no": 1}, refund])
        texts.append(text_of(database, 1))
        database.close()
    assert texts[0] == texts[1]
    [paid] = json.loads(texts[0].replace("1e400", "1"))["payments"]
    assert (paid["amount"], paid["mode"], [one["kind"] for one in paid["entries"]]) == (0.25, "", ["payment", "refund"])


def test_many_are_read_as_one_is(database: Database) -> None:
    for number in range(1, 40):
        stored(database, order(number, WHEN, erp_order_id=f"SO-{number}", **({"deleted_at": 1} if number == 9 else {})))
    with database.write() as tx:
        put(tx, tables.orders, order(50, WHEN), cm_id=B)
    wanted = [Wanted(number) for number in range(1, 60)] + [Wanted(None, "SO-3"), Wanted(None, "so-3")]
    with database.read() as tx:
        found, words = actions.shown(tx, SCOPE, v1.one_shape(SCOPE), wanted)
        assert (tx.statements, words) == (2, [])
    assert {one.order_id for one in found if one.order_id} == set(range(1, 40)) - {9}
    assert found[Wanted(None, "SO-3")].doc == found[Wanted(3)].doc == text_of(database, 3)
    assert Wanted(None, "so-3") not in found
