"""Every filter of the newer pull: one order that fits is found, another is not (contract 2.9, R16; golden case G87)."""

from typing import Any, NamedTuple

import pytest

from orderdock import tables
from orderdock.accounts import actions
from orderdock.db import Database, store_rows
from orderdock.orders.query.filters import FILTERS
from orderdock.people.sql import keyed
from tests.world import Json, Tenant, World, call, fresh_word, new_account, push

PULL = "/ms/customer-search/order-search/api/v1/pull-internal"
DAY = {"Start": "2024-05-08", "End": "2024-05-08"}


class Case(NamedTuple):
    """What to ask, what the order has that fits, and what the other has."""

    asked: Json
    fits: Json
    other: Json = {}  # noqa: RUF012  # never changed


def _days(start: str, end: str, field: str) -> Case:
    return Case({start: "2024-05-08", end: "2024-05-08 10:00"}, {field: "2024-05-08"}, {field: "2024-05-09"})


# What callers push, or (`enquiry.`, `customer.`) what the record has.
CASES: dict[str, Case] = {
    "name": Case({"name": "SMÍTH"}, {"customer_name": "Zoë Smíth Rao"}, {"customer_name": "Smith"}),
    "phone": Case({"phone": "8123456789"}, {"phone": "+91 81234 56789"}, {"phone": "8123456780"}),
    "email": Case({"email": "ASHA@x.in"}, {"email_id": "Asha@X.in"}, {"email_id": "b@x.in"}),
    "country": Case({"country": "india, NEPAL"}, {"country": "Nepal"}, {"country": "Bhutan"}),
    "city": Case({"city": "ÉVRY"}, {"city": "évry"}, {"city": "Evry"}),
    "state": Case({"state": "goa"}, {"state": "GOA"}),
    "customerIds": Case({"customerIds": "{customer}"}, {}),
    "customer_Ids": Case({"customer_Ids": "{customer}"}, {}),
    "leadIdStr": Case({"leadIdStr": " {customer} , 77"}, {}),
    "enquiryIds": Case({"enquiryIds": "77,{enquiry}"}, {}),
    "clientReferenceIds": Case(
        {"clientReferenceIds": "PO-1,PO-2"}, {"client_reference_id": "PO-2"}, {"client_reference_id": "po-2"}
    ),
    "orderIds": Case({"orderIds": "{order}"}, {}),
    "erpOrderId": Case({"erpOrderId": "{erp}"}, {}),
    "erpInvoiceId": Case({"erpInvoiceId": "I-1"}, {"erp_invoice_no": "I-1"}, {"erp_invoice_no": "I-12"}),
    **{
        f"attr{n}": Case({f"attr{n}": "Ärger, x"}, {f"attr{n}": "äRGER, X"}, {f"attr{n}": "ärger"})
        for n in range(1, 16)
    },
    "createStartDate": _days("createStartDate", "createEndDate", "create_date"),
    "modifiedStartDate": Case(
        {"modifiedStartDate": "2024-05-08", "modifiedEndDate": "2024-05-08"}, {"order.modified_at": 1715149492000}
    ),
    "bookingStartDate": _days("bookingStartDate", "bookingEndDate", "booking_date"),
    "agreementStartDate": _days("agreementStartDate", "agreementEndDate", "agreement_date"),
    **{
        f"{word}StartDate": Case(
            {f"{word}StartDate": "2024-05-08"},
            {f"enquiry.{column}": 1715149492000},
            {f"enquiry.{column}": 1715000000000},
        )
        for word, column in (
            ("generation", "created_at"),
            ("nextFollowup", "next_follow_up"),
            ("lastFollowup", "last_follow_up"),
            ("expectedClosure", "expected_closure"),
        )
    },
    "bookingStatus": Case({"bookingStatus": "XX,AP2"}, {"order_status": "AP2"}),
    "bookingSubStatus": Case({"bookingSubStatus": ["packed", "sent"]}, {"order_sub_status": "sent"}),
    "statusStr": Case({"statusStr": "W"}, {"enquiry.status": "W"}, {"enquiry.status": "N"}),
    "subStatusStr": Case({"subStatusStr": "hot"}, {"enquiry.sub_status": "hot"}),
    "creatorIdStr": Case({"creatorIdStr": "Boss"}, {"key": "boss"}),
    "assignIdStr": Case({"assignIdStr": "e-9"}, {"assign_emp_code": "E-9"}, {"assign_emp_code": "E-8"}),
    "assignToIdsStr": Case({"assignToIdsStr": "{E-9}"}, {"assign_emp_code": "E-9"}, {"assign_emp_code": "E-8"}),
    "notAssignToIdsStr": Case({"notAssignToIdsStr": "E-9"}, {}, {"assign_emp_code": "E-9"}),
    "creatorOrAssignedIdStr": Case({"creatorOrAssignedIdStr": "E-9"}, {"assign_emp_code": "E-9"}),
    "zoneIdStr": Case({"zoneIdStr": "wEST"}, {"customer.zone": "West"}, {"zone": "East", "customer.zone": "West"}),
    "blockId": Case({"blockId": "block a"}, {"block_name": "Block A"}, {"block_name": "Block B"}),
    "unitId": Case({"unitId": "PUNE,delhi"}, {"unit_name": "Pune"}, {"unit_name": "Goa"}),
    "approvalDesignationIds": Case(
        {"approvalDesignationIds": "HEAD,x"},
        {"approval_designation_ids": "boss,Head"},
        {"approval_designation_ids": "Heads"},
    ),
    "approvedIds": Case({"approvedIds": "nine"}, {"approved_by": "E-8,E-9"}, {"approved_by": "E-8"}),
    "pricingStatus": Case({"pricingStatus": "final"}, {"pricing_status": "final"}, {"pricing_status": "Final"}),
    "leadPriorityStr": Case({"leadPriorityStr": "high"}, {"enquiry.priority": "high"}),
    **{
        f"{word}SourceId": Case(
            {f"{word}SourceId": "FAIR"}, {f"customer.{word}_source": "Fair"}, {f"customer.{word}_source": "web"}
        )
        for word in ("primary", "secondary", "tertiary")
    },
}


def names() -> list[str]:
    return [name for row in FILTERS for name in (row.names if "Date" not in row.names[0] else row.names[:1])]


def test_every_filter_has_a_case() -> None:
    assert sorted(names()) == sorted(CASES)


class Shop(NamedTuple):
    """An account with employees E-8 and E-9, and a key as which Boss acts."""

    tenant: Tenant
    boss: str
    people: dict[str, int]


@pytest.fixture(scope="module")
def shop(world: World) -> Shop:
    made = new_account(world)
    people = {
        code: actions.create_employee(world.admin, made.cm_id, code=code, name=name).id
        for code, name in (("E-8", "Eight"), ("E-9", "Nine"), ("B-1", "Boss"))
    }
    key = actions.create_key(world.admin, made.cm_id, name="boss", operations=("*",), owner="B-1").auth_key
    return Shop(made, key, people)


def put(world: World, shop: Shop, fields: Json) -> Json:
    """An order of the shop; `order.`, `enquiry.` and `customer.` name columns that no caller of today writes."""
    sent = {name: value for name, value in fields.items() if "." not in name and name != "key"}
    order = push(world, key=shop.boss if "key" in fields else shop.tenant.key, **sent)
    places = {
        "order": (tables.orders, "order_id"), "enquiry": (tables.enquiry, "enquiry_id"),
        "customer": (tables.customer, "kapture_customer_id"),
    }  # fmt: skip
    for name, value in fields.items():
        record, _, column = name.partition(".")
        if column:
            table, number = places[record]
            change(world.admin.database, shop.tenant.cm_id, table, int(order[number]), {column: value})
    return order


def change(database: Database, cm_id: int, table: Any, number: int, values: Json) -> None:
    with database.write() as tx:
        row = tx.ask(table.select().where(table.c.cm_id == cm_id, table.c.id == number)).rows()[0]
        record = dict(zip((column.name for column in table.columns), row, strict=True))
        record = {name: value for name, value in {**record, **values}.items() if value is not None and name != "cm_id"}
        store_rows(tx, cm_id, table, [keyed(record) if table is tables.customer else record], change=True)


def found(world: World, shop: Shop, method: str, asked: Json) -> list[str]:
    """The numbers of the orders found, asked in a body by POST, or in the address by GET."""
    whole = {"cmId": shop.tenant.cm_id, **asked}
    if method == "POST":
        answer = call(world, "POST", PULL, whole, key=shop.tenant.key)
    else:
        plain = {name: ",".join(value) if isinstance(value, list) else value for name, value in whole.items()}
        headers = {"Authorization": f"Bearer {shop.tenant.key}"}
        answer = world.http.get(PULL, params=plain, headers=headers)
    assert answer.status_code == 200, answer.text
    body = answer.json()
    assert (body["success"], "warnings" in body) == ("true", False)
    return [str(order["id"]) for order in body["order_details"]]


@pytest.mark.parametrize("name", names())
def test_g87_a_filter_finds_what_fits_and_nothing_else(world: World, shop: Shop, name: str) -> None:
    asked, fits, other = CASES[name]
    marked = {"transaction": fresh_word("T"), "erp_order_id": fresh_word("ERP")}
    wanted = put(world, shop, {**marked, **fits})
    unwanted = put(world, shop, {**other})
    said = {
        "{customer}": wanted["kapture_customer_id"], "{enquiry}": wanted["enquiry_id"], "{order}": wanted["order_id"],
        "{erp}": marked["erp_order_id"], "{E-9}": str(shop.people["E-9"]),
    }  # fmt: skip
    for place, value in said.items():
        asked = {word: text.replace(place, value) if isinstance(text, str) else text for word, text in asked.items()}
    for method in ("POST", "GET"):
        numbers = found(world, shop, method, {**asked, "limit": "1000"})
        assert wanted["order_id"] in numbers
        assert unwanted["order_id"] not in numbers
        both = {"orderIds": [wanted["order_id"], unwanted["order_id"]]}
        assert found(world, shop, method, {**both, **asked}) == [wanted["order_id"]]


def test_r14_a_phone_is_found_by_its_last_digits(world: World, shop: Shop) -> None:
    order = put(world, shop, {"phone": "+91 81234 99119"})
    assert found(world, shop, "POST", {"phone": "99119"}) == [order["order_id"]]
    assert found(world, shop, "POST", {"phone": "9-9119"}) == [order["order_id"]]
    assert found(world, shop, "GET", {"phone": "abc"}) == []


def test_a_contact_of_the_orders_own_is_found_too(world: World, shop: Shop) -> None:
    first = put(world, shop, {"phone": "8123477001", "customer_code": "C-1", "customer_name": "Known"})
    second = put(
        world, shop, {"phone": "8123477002", "customer_code": "C-1", "email_id": "own@x.in", "customer_name": "Own"}
    )
    assert first["kapture_customer_id"] == second["kapture_customer_id"]
    for asked in ({"phone": "8123477002"}, {"name": "own"}):
        assert second["order_id"] in found(world, shop, "POST", asked)
    assert found(world, shop, "POST", {"name": "known"}) == [second["order_id"], first["order_id"]]


def test_r9_unassigned_orders_stay_in(world: World, shop: Shop) -> None:
    status = fresh_word("S")
    plain = put(world, shop, {"order_status": status})
    put(world, shop, {"order_status": status, "assign_emp_code": "E-8"})
    asked = {"bookingStatus": status, "notAssignToIdsStr": "E-8"}
    assert found(world, shop, "POST", asked) == [plain["order_id"]]


def test_two_filters_of_the_assignee_must_both_hold(world: World, shop: Shop) -> None:
    put(world, shop, {"assign_emp_code": "E-8"})
    assert found(world, shop, "POST", {"assignIdStr": "E-8", "assignToIdsStr": "E-9"}) == []


def test_an_unset_booking_date_is_the_creation_date(world: World, shop: Shop) -> None:
    asked = {"bookingStartDate": "2019-05-08", "bookingEndDate": "2019-05-08"}
    order = put(world, shop, {"create_date": "2019-05-08"})
    put(world, shop, {"create_date": "2019-05-08", "booking_date": "2019-05-09"})
    assert found(world, shop, "POST", asked) == [order["order_id"]]


def test_a_neighbours_orders_are_never_found(world: World, shop: Shop) -> None:
    neighbour = new_account(world)
    for name in ("unitId", "bookingStatus", "attr1", "phone", "name", "createStartDate"):
        case = CASES[name]
        put(world, shop, dict(case.fits))
        answer = call(world, "POST", PULL, {"cmId": neighbour.cm_id, **case.asked}, key=neighbour.key)
        assert (answer.status_code, answer.json()["order_details"]) == (200, [])
