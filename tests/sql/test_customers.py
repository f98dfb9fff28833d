"""Customers read on both engines: contract 2.11 (D1-D5) and 2.12 (E2-E5), without HTTP."""

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from orderdock import tables
from orderdock.accounts.model import Scope
from orderdock.db import Database
from orderdock.errors import AccountMismatch, CustomerNotFound, EmptyRequest, Refusal, TooManyItems
from orderdock.kinds import PHONE, Locale, to_json
from orderdock.people import actions
from orderdock.people.query import MOST_CONTACTS, MOST_CONTACTS_OF_MANY
from orderdock.people.sql import keyed
from orderdock.wire.legacy_customers_show import show_customer, show_customers
from orderdock.wire.legacy_query import read_customer, read_customers
from tests.sql.rows import A, B, ms, put, scope_of

Json = dict[str, Any]
SCOPE = scope_of()
DAY = "2024-05-02"
FOUR = ms("2024-05-02 16:15:42")


def customer(number: int, **values: Any) -> Json:
    return keyed({"id": number, "revision": 1, "created_at": FOUR, "modified_at": FOUR, "name": "Asha", **values})


def contact(number: int, customer_id: int, **values: Any) -> Json:
    return {"id": number, "customer_id": customer_id, "created_at": 1, "modified_at": 1, "own": 1, **values}


def known(customer_id: int, kind: str, value: str) -> Json:
    return {"kind": kind, "value": value, "customer_id": customer_id}


def phone(text: str) -> str:
    return PHONE.fold(text, Locale()) or ""


@pytest.fixture
def database(engine_url: str) -> Iterator[Database]:
    database = Database(engine_url)
    with database.write() as tx:
        put(
            tx, tables.customer,
            customer(5, main_contact_id=52, phone="8123456789", organization=1, code="C-5", creator_id=7),
            customer(6, name="Ravi", phone="8123456789", main_contact_id=61), customer(7, merged_into=5, name="gone"),
        )  # fmt: skip
        put(
            tx, tables.contact,
            contact(52, 5, name="Asha", phone="8123456789", email="asha@example.com", title="Dr", own=0),
            contact(51, 5, name="Meera", phone="080-1", phone2="2", gender="female", birth_date=FOUR),
            contact(61, 6, name="Ravi"),
        )  # fmt: skip
        put(
            tx, tables.customer_identity, known(5, "phone", phone("8123456789")),
            known(6, "phone", phone("8123456789")), known(5, "code", "C-5"), known(5, "email", "asha@example.com"),
            known(6, "phone", phone("9000000001")),
            known(7, "phone", phone("9000000007")),
        )  # fmt: skip
        dated = {"revision": 1, "created_at": 1, "modified_at": 1}
        put(tx, tables.enquiry, *({**dated, "id": n, "customer_id": 5} for n in (1, 2, 3)))
        put(tx, tables.customer, customer(5, name="theirs"), customer(8, name="theirs"), cm_id=B)
        put(tx, tables.customer_identity, known(8, "phone", phone("9000000008")), cm_id=B)
        put(tx, tables.contact, contact(59, 5, name="theirs"), cm_id=B)
        put(tx, tables.enquiry, {**dated, "id": 9, "customer_id": 5}, cm_id=B)
    yield database
    database.close()


def get(database: Database, scope: Scope = SCOPE, **item: Any) -> Json:
    asked = read_customer([item], True, scope)
    with database.read() as tx:
        answer: Json = json.loads(show_customer(actions.get(tx, scope, asked), asked, scope))
        assert tx.statements <= 8
    return answer


def pull(database: Database, scope: Scope = SCOPE, **item: Any) -> Json:
    query = read_customers([{"createStartDate": DAY, **item}], False, scope)
    with database.read() as tx:
        answer: Json = json.loads(show_customers(actions.pull(tx, scope, query), query, scope))
        assert tx.statements <= 6
    return answer


def ids(page: Json) -> list[int]:
    return [one["id"] for one in page["customers"]]


def refused(read: Any, *items: Any, scope: Scope = SCOPE, was_array: bool = True) -> list[tuple[str, str | None]]:
    with pytest.raises(Refusal) as caught:
        read(list(items), was_array, scope)
    return [(fault.code, fault.path) for fault in caught.value.faults]


def missed(database: Database, scope: Scope = SCOPE, **item: Any) -> tuple[str | None, Any]:
    with pytest.raises(CustomerNotFound) as caught:
        get(database, scope, **item)
    (fault,) = caught.value.faults
    return fault.path, fault.value


WHOLE = {
    "id": 5, "cmId": A, "isOrganization": True, "name": "Asha", "website": "", "address": "", "state": "", "city": "",
    "country": "", "latitude": "", "longitude": "", "currentStatus": "N", "generationDate": "May 2, 2024 4:15:42 PM",
    "creatorId": 7, "channelPartnerId": 0, "remarks": "", "ratePlanId": 0, "customerCode": "C-5",
    "isChannelPartner": False, "pinCode": "", "campaignId": 0, "campaignItemId": 0, "campaignActivityId": 0,
    "totalNoOfEnquiries": 3, "feedbackOnCustomer": "0",
    "contacts": [
        {"id": 52, "cmId": A, "leadId": 5, "contactPerson": "Asha", "phone": "8123456789", "email": "asha@example.com",
         "title": "Dr"},
        {"id": 51, "cmId": A, "leadId": 5, "contactPerson": "Meera", "phone": "080-1", "email": "", "gender": "female",
         "additionalPhone": "2", "birthDate": "May 2, 2024 4:15:42 PM"},
    ],
}  # fmt: skip


def test_one_customer_as_documented(database: Database) -> None:
    answer = get(database, kapture_customer_id="5")
    assert answer == {"Customer Details": WHOLE, "status": "success"}
    assert list(answer["Customer Details"]) == list(WHOLE)
    bare = get(database, scope_of(extra_keys=False), kapture_customer_id="5")["Customer Details"]
    assert [list(one) for one in bare["contacts"]] == [list(WHOLE["contacts"][0])[:6]] * 2  # type: ignore[index]  # a list


@pytest.mark.parametrize(
    "item",
    [
        {"kapture_customer_id": 5}, {"customer_id": "5"}, {"kapture_customer_id": "0", "customer_id": 5},
        {"kapture_customer_id": 7}, {"customer_code": "C-5", "phone": "9000000001"}, {"email_id": "ASHA@example.com"},
        {"email": "asha@example.com"}, {"email_id": "", "email": "asha@example.com"}, {"phone": "+91 81234 56789"},
        {"customer_code": "none", "email": "asha@example.com", "phone": "9999999999", "kapture_customer_id": 5},
    ],
)  # fmt: skip
def test_the_first_that_is_given_decides(database: Database, item: Json) -> None:
    assert get(database, **item)["Customer Details"]["id"] == 5


def test_what_hits_nobody_leaves_it_to_the_next(database: Database) -> None:
    assert get(database, customer_code="C-9", phone="9000000001")["Customer Details"]["id"] == 6
    assert get(database, phone="9999999999", email="asha@example.com")["Customer Details"]["id"] == 5


def test_somebody_with_another_code_is_somebody_else(database: Database) -> None:
    assert missed(database, customer_code="C-9", email="asha@example.com") == ("[0].customer_code", "C-9")
    assert get(database, customer_code="C-9", phone="8123456789")["Customer Details"]["id"] == 6


def test_d1_a_number_decides_alone(database: Database) -> None:
    assert missed(database, kapture_customer_id="77", phone="8123456789") == ("[0].kapture_customer_id", "77")
    assert missed(database, customer_id="abc", phone="8123456789") == ("[0].customer_id", "abc")


@pytest.mark.parametrize("item", [{}, {"kapture_customer_id": "0"}, {"phone": " "}, {"email": None, "name": "Asha"}])
def test_d2_something_must_be_given(item: Json) -> None:
    assert refused(read_customer, item) == [("ReqFieldMissing", "[0].kapture_customer_id")]
    assert refused(read_customer, item, was_array=False) == [("ReqFieldMissing", "kapture_customer_id")]


def test_d3_of_several_the_lowest_number(database: Database) -> None:
    answer = get(database, phone="8123456789")
    assert answer["Customer Details"]["id"] == 5
    (warning,) = answer["warnings"]
    assert (warning["code"], warning["field"], warning["value"]) == ("CustomerAmbiguous", "[0].phone", "6")
    assert "warnings" not in get(database, scope_of(extra_keys=False), phone="8123456789")


def test_d5_foreign_is_not_found(database: Database) -> None:
    assert missed(database, kapture_customer_id="8") == ("[0].kapture_customer_id", "8")
    assert missed(database, phone="9000000008")[0] == "[0].phone"
    assert get(database, scope_of(B), kapture_customer_id="8")["Customer Details"]["cmId"] == B


def test_who_was_merged_away_is_found_as_the_survivor(database: Database) -> None:
    assert get(database, phone="9000000007")["Customer Details"]["id"] == 5
    assert ids(pull(database)) == [5, 6]
    assert ids(pull(database, customer_id="7,77")) == [5]


@pytest.mark.parametrize("text", ["0000000000", "12", "nobody"])
def test_what_cannot_be_compared_fits_nobody(database: Database, text: str) -> None:
    with database.write() as tx:
        put(tx, tables.customer_identity, known(6, "phone", ""), known(6, "email", ""))
    assert missed(database, phone=text)[0] == "[0].phone"
    assert missed(database, email=text)[0] == "[0].email"


def test_all_faults_of_a_get_are_told_at_once() -> None:
    item = {"phone": ["1"], "customer_code": "x" * 201, "email": {}, "cm_id": "x"}
    assert refused(read_customer, item) == [
        ("InvalidType", "[0].phone"), ("TooLong", "[0].customer_code"), ("InvalidType", "[0].email"),
        ("InvalidId", "[0].cm_id"),
    ]  # fmt: skip


@pytest.mark.parametrize("read", [read_customer, read_customers])
def test_requests_are_about_one_thing(read: Any) -> None:
    assert refused(read, 5) == [("ItemNotObject", "[0]")]
    with pytest.raises(EmptyRequest):
        read([], True, SCOPE)
    with pytest.raises(TooManyItems):
        read([{}, {}], True, SCOPE)
    with pytest.raises(AccountMismatch):
        read([{"cm_id": str(B)}], True, SCOPE)


def test_additional_fields_say_what_is_constant_elsewhere(database: Database) -> None:
    said = {"channelPartnerId": "12", "campaignId": 7, "ratePlanId": "12.5", "campaignItemId": True, "latitude": 18,
            "longitude": [1], "currentStatus": "CL", "feedbackOnCustomer": "4", "secret": "x" * 100}  # fmt: skip
    with database.write() as tx:
        put(tx, tables.customer, customer(9, additional=to_json(said)), customer(10, additional=to_json({"odd": "é'"})))
    told = {"channelPartnerId": 12, "campaignId": 7, "ratePlanId": 0, "campaignItemId": 0, "campaignActivityId": 0,
            "latitude": "18", "longitude": "", "currentStatus": "CL", "feedbackOnCustomer": "4"}  # fmt: skip
    one = get(database, kapture_customer_id=9)["Customer Details"]
    assert {word: one[word] for word in told} == told
    pulled = {row["id"]: row for row in pull(database)["customers"]}
    assert pulled[9] == one
    assert pulled[10]["currentStatus"] == "N"


def test_attributes_follow_the_contacts_when_they_are_set(database: Database) -> None:
    with database.write() as tx:
        put(tx, tables.customer, customer(9, attr15="b", attr2="a"))
    assert list(get(database, customer_id=9)["Customer Details"].items())[-3:] == [
        ("contacts", []), ("attr2", "a"), ("attr15", "b"),
    ]  # fmt: skip


def test_contacts_are_bounded_and_the_main_one_is_first(database: Database) -> None:
    many = [contact(1_000 + n, 9, name=f"{n}") for n in range(MOST_CONTACTS + 10)]
    with database.write() as tx:
        put(tx, tables.customer, customer(9, main_contact_id=1_000 + MOST_CONTACTS + 5))
        for at in range(0, len(many), 500):
            put(tx, tables.contact, *many[at : at + 500])
    shown = get(database, customer_id=9)["Customer Details"]["contacts"]
    assert [one["id"] for one in shown] == [2_005, *range(1_000, 1_999)]
    (row,) = pull(database, customer_id="9")["customers"]
    assert [one["id"] for one in row["contacts"]] == [2_005, *range(1_000, 1_000 + MOST_CONTACTS_OF_MANY - 1)]


# --- pull ------------------------------------------------------------------------------------------------------------


def test_a_day_is_pulled(database: Database) -> None:
    page = pull(database)
    assert list(page) == ["customers", "status", "total", "next"]
    assert (ids(page), page["status"], page["total"], page["next"]) == ([5, 6], "success", 2, "")
    assert page["customers"][0] == WHOLE
    assert list(pull(database, scope_of(extra_keys=False))) == ["customers", "status"]


def test_nothing_in_range_is_success(database: Database) -> None:
    assert pull(database, createStartDate="1999-01-01") == {
        "customers": [],
        "status": "success",
        "total": 0,
        "next": "",
    }


def test_e4_ends_are_included(database: Database) -> None:
    with database.write() as tx:
        put(
            tx, tables.customer, customer(20, created_at=ms("2024-05-02 23:59:59") + 999),
            customer(21, created_at=ms("2024-05-03 00:00:00")), customer(22, created_at=ms("2024-05-02 00:00:00")),
            customer(23, created_at=ms("2024-05-02 00:00:00") - 1),
        )  # fmt: skip
    assert ids(pull(database)) == ids(pull(database, createEndDate=DAY)) == [22, 5, 6, 20]
    assert ids(pull(database, createStartDate="2024-05-02 16:15", createEndDate="2024-05-02 16:15")) == [5, 6]
    assert ids(pull(database, createStartDate="2024-05-02 16:16", createEndDate="2024-05-03 00:00:00")) == [20, 21]


def test_pages_by_offset_and_by_cursor_are_the_same(database: Database) -> None:
    with database.write() as tx:
        put(tx, tables.customer, *(customer(100 + n, created_at=FOUR + n // 3) for n in range(10)))
    whole = ids(pull(database))
    by_offset = [pull(database, limit=5, offset=start) for start in (0, 5, 10)]
    walked: list[Json] = []
    cursor = ""
    while not walked or cursor:
        walked.append(pull(database, limit="5", offset="", cursor=cursor))
        cursor = walked[-1]["next"]
    assert [ids(page) for page in walked] == [ids(page) for page in by_offset] == [whole[:5], whole[5:10], whole[10:]]
    assert {page["total"] for page in walked} == {12}
    assert ids(pull(database, offset=12)) == []
    assert ids(pull(database, limit=5, offset=5, cursor=walked[0]["next"])) == whole[5:10]  # the cursor wins


def test_a_cursor_belongs_to_its_question(database: Database) -> None:
    cursor = pull(database, limit=1)["next"]
    assert ids(pull(database, limit=1, cursor=cursor)) == [6]
    for other in ({"limit": 2}, {"limit": 1, "name": "a"}, {"limit": 1, "createEndDate": "2024-05-03"}):
        asked = {"createStartDate": DAY, "cursor": cursor, **other}
        assert refused(read_customers, asked, was_array=False) == [("InvalidCursor", "cursor")]
    assert refused(read_customers, {"createStartDate": DAY, "cursor": ["x"]}) == [("InvalidCursor", "[0].cursor")]
    mine = {"createStartDate": DAY, "limit": 1, "cursor": cursor}
    assert refused(read_customers, mine, scope=scope_of(B)) == [("InvalidCursor", "[0].cursor")]


def test_e5_sizes_of_pages(database: Database) -> None:
    with database.write() as tx:
        put(tx, tables.customer, *(customer(100 + n) for n in range(99)))
    assert len(ids(pull(database, limit=""))) == len(ids(pull(database, limit=0))) == 100
    page = pull(database, limit="5000")
    assert [(one["code"], one["field"], one["value"]) for one in page["warnings"]] == [
        ("LimitReduced", "limit", "5000")
    ]
    assert (len(ids(page)), page["next"]) == (101, "")


def test_all_faults_of_a_pull_are_told_at_once() -> None:
    item = {
        "createEndDate": "2024-02-30", "customer_id": "5,abc", "limit": "x", "offset": -1, "isIndividual": "maybe",
        "attr1": "x" * 501, "phone": [], "zoneIdStr": {}, "customerCode": ["C"],
    }  # fmt: skip
    assert refused(read_customers, item, was_array=False) == [
        ("ReqFieldMissing", "createStartDate"), ("InvalidDate", "createEndDate"), ("InvalidId", "customer_id"),
        ("InvalidNumber", "limit"), ("InvalidNumber", "offset"), ("InvalidBoolean", "isIndividual"),
        ("TooLong", "attr1"), ("InvalidType", "phone"), ("InvalidType", "zoneIdStr"), ("InvalidType", "customerCode"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("dates", "fault"),
    [
        ({}, ("ReqFieldMissing", "createStartDate")),
        ({"createStartDate": "yyyy-mm-dd"}, ("ReqFieldMissing", "createStartDate")),
        ({"createStartDate": "2024-13-01"}, ("InvalidDate", "createStartDate")),
        ({"createStartDate": DAY, "createEndDate": "2024-05-01"}, ("InvalidRange", "createEndDate")),
    ],
)
def test_a_range_must_be_one(dates: Json, fault: tuple[str, str]) -> None:
    assert refused(read_customers, dates, was_array=False) == [fault]


def limited(hours: int, zone: str = "Asia/Kolkata") -> Scope:
    scope = replace(scope_of(), locale=Locale(ZoneInfo(zone)))
    scope.account["customer_pull_max_hours"] = hours
    return scope


def test_an_account_may_limit_the_range() -> None:
    one, two = {"createStartDate": DAY}, {"createStartDate": DAY, "createEndDate": "2024-05-03"}
    assert refused(read_customers, two, was_array=False, scope=limited(24)) == [("InvalidRange", "createEndDate")]
    assert refused(read_customers, one, scope=limited(23)) == [("InvalidRange", "[0].createStartDate")]
    assert read_customers([one], True, limited(24)).limit == 100
    assert read_customers([two], True, limited(48)).limit == 100
    assert read_customers([{**two, "createEndDate": "2100-01-01"}], True, SCOPE).limit == 100


def test_a_day_of_25_hours_is_a_day() -> None:
    longest, shortest = {"createStartDate": "2024-10-27"}, {"createStartDate": "2024-03-31"}
    for day in (longest, shortest):
        assert read_customers([day], True, limited(24, "Europe/Berlin")).limit == 100
