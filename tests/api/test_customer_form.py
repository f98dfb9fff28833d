"""Customers of the v1 family: the edge cases of contract 2.14, and what holds for every write."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.customers import NEEDED, added, feed, info, kept, record, send
from tests.world import (
    Json,
    World,
    add_update,
    call,
    cli,
    fresh_phone,
    fresh_word,
    groups,
    new_account,
    new_key,
    v1_bad,
    v1_good,
    warned,
)

MISSING_NAME = ("ReqFieldMissing", "customer_info.customer_name")
MISSING_PHONE = ("ReqFieldMissing", "customer_info.phone")


@pytest.fixture(scope="module")
def key(world: World) -> str:
    """A key of an account apart, so that events can be counted."""
    return new_account(world).key


def newest(world: World, key: str) -> int:
    return max((event["seq"] for event in feed(world, key)), default=0)


# --- who is meant ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("update", [False, True, "", "no"])
def test_v1_a_number_changes_its_customer_whatever_update_says(world: World, key: str, update: Any) -> None:
    made = added(world, key=key)
    customer = {"customer_id": str(made["customer_id"]), "city": "Pune", "phone": "9811111111", "update": update}
    changed = added(world, customer, key=key)
    assert (changed["outcome"], changed["customer_id"]) == ("updated", made["customer_id"])
    stored = record(world, key, made)
    assert (stored["city"], stored["phone"], stored["name"]) == ("Pune", "9811111111", "Asha")
    assert added(world, customer, key=key)["outcome"] == "unchanged"
    added(world, {"customer_id": made["customer_id"], "phone": fresh_phone()}, key=key)


@pytest.mark.parametrize("number", [77, "77", "abc"])
def test_v2_an_unknown_number_is_not_found(world: World, key: str, number: Any) -> None:
    before = newest(world, key)
    answer = send(world, {"customer_info": info(customer_id=number)}, key=key)
    assert v1_bad(answer) == (404, "CustomerNotFound", [("CustomerNotFound", "customer_info.customer_id")])
    assert answer.json()["message"] == "No such customer."
    assert answer.json()["errors"][0]["value"] == str(number)
    assert newest(world, key) == before


def test_v3_name_and_mail_are_enough(world: World, key: str) -> None:
    made = added(world, {"customer_name": "Asha", "email_id": f"{fresh_word('a')}@x.in"}, key=key)
    assert (made["outcome"], made["warnings"]) == ("created", [])


ADDS: dict[str, tuple[Any, list[tuple[str, str]]]] = {
    "name only": ({"customer_name": "Asha"}, [MISSING_PHONE]),
    "phone only": ({"phone": "7900000099"}, [MISSING_NAME]),
    "nothing": ({}, [MISSING_NAME, MISSING_PHONE]),
    "no group": (None, [MISSING_NAME, MISSING_PHONE]),
    "unknown code": ({"customer_name": "Asha", "customer_code": "nobody's"}, [MISSING_PHONE]),
    "empty": ({"customer_name": " ", "phone": "", "email_id": None}, [MISSING_NAME, MISSING_PHONE]),
    "update": ({"customer_name": "Asha", "update": True}, [MISSING_PHONE]),
}


@pytest.mark.parametrize("case", ADDS)
def test_v4_an_add_needs_a_name_and_a_phone_or_a_mail(world: World, key: str, case: str) -> None:
    customer, wanted = ADDS[case]
    before = newest(world, key)
    answer = send(world, {} if customer is None else {"customer_info": customer}, key=key)
    assert v1_bad(answer) == (400, "ReqFieldMissing", wanted)
    assert answer.json()["message"] == NEEDED
    assert newest(world, key) == before


def test_v5_of_two_contacts_the_first_is_told(world: World, key: str) -> None:
    contacts = [{"first_name": "Ravi", "contact_person_phone": fresh_phone()},
                {"first_name": "Anil", "contact_person_phone": fresh_phone()}]  # fmt: skip
    made = added(world, key=key, contact_info=[{"update": True}, *contacts])
    told = [event for event in feed(world, key) if event["customerId"] == made["customer_id"]]
    assert [event["type"] for event in told] == ["customer.created"], "what it brings has no event of its own"
    values = {change["field"]: change["after"] for change in told[0]["changes"]}
    numbers = [values[f"{name}.id"] for name in ("contact", "contacts[0]", "contacts[1]")]
    assert (values["contacts[0].firstName"], values["contacts[1].firstName"]) == ("Ravi", "Anil")
    assert made["contact_id"] == numbers[1]
    assert len(set(numbers)) == 3
    by_contact = added(world, {"phone": contacts[1]["contact_person_phone"]}, key=key, contact_info=[contacts[1]])
    assert (by_contact["customer_id"], by_contact["contact_id"]) == (made["customer_id"], numbers[2])
    assert added(world, {"customer_id": made["customer_id"]}, key=key)["contact_id"] == numbers[0]


@pytest.mark.parametrize("update", [False, True])
def test_v6_a_contact_of_another_customer_is_a_conflict(world: World, key: str, update: bool) -> None:
    other, mine = added(world, key=key), added(world, key=key)
    before = newest(world, key)
    contact = {"contact_id": other["contact_id"], "title": "Dr", "update": update}
    for customer in ({"customer_id": mine["customer_id"]}, info()):
        answer = send(world, {"customer_info": customer, "contact_info": contact}, key=key)
        assert v1_bad(answer) == (409, "ContactMismatch", [("ContactMismatch", "contact_info[0].contact_id")])
    unknown = send(world, {"customer_info": info(), "contact_info": {"contact_id": 77}}, key=key)
    assert v1_bad(unknown) == (404, "ContactNotFound", [("ContactNotFound", "contact_info[0].contact_id")])
    assert newest(world, key) == before


def test_v7_a_replay_answers_the_same_and_says_so(world: World, key: str) -> None:
    body, headers = {"customer_info": info()}, {"Idempotency-Key": fresh_word("once")}
    first = send(world, body, key=key, headers=headers)
    again = send(world, body, key=key, headers=headers)
    assert (again.status_code, again.content) == (200, first.content)
    assert (first.headers.get("idempotency-replayed"), again.headers["idempotency-replayed"]) == (None, "true")
    other = send(world, {"customer_info": info()}, key=key, headers=headers)
    assert v1_bad(other)[:2] == (409, "IdempotencyConflict")


# --- update, and what is left ----------------------------------------------------------------------------------------


def test_a_matched_customer_is_left_without_update(world: World, key: str) -> None:
    customer = info(city="Pune", source_version=1)
    made = added(world, customer, key=key)
    before = newest(world, key)
    for sent, wanted in (
        (customer, []), ({"phone": customer["phone"]}, []), ({**customer, "source_version": 2}, []),
        ({**customer, "city": "Goa"}, [("UpdateFlagFalse", "customer_info.update")]),
        ({**customer, "floor": "2"}, [("UpdateFlagFalse", "customer_info.update")]),
    ):  # fmt: skip
        again = added(world, sent, key=key)
        assert (again["outcome"], warned(again), again["customer_id"]) == ("unchanged", wanted, made["customer_id"])
        assert again["action_event"] == "CUSTOMER_FIELD_UPDATION"
    assert newest(world, key) == before


def test_a_matched_customer_is_changed_with_update(world: World, key: str) -> None:
    customer = info(customer_code=fresh_word("C-"))
    made = added(world, customer, key=key)
    for sent in ({"phone": customer["phone"]}, {"customer_code": customer["customer_code"]}):
        city = fresh_word("Pune")
        changed = added(world, {**sent, "city": city, "update": "true"}, key=key)
        assert (changed["outcome"], changed["customer_id"], changed["warnings"]) == ("updated", made["customer_id"], [])
        assert record(world, key, made)["city"] == city


def test_update_of_nobody_adds_and_says_so(world: World, key: str) -> None:
    made = added(world, info(update=True), key=key)
    assert (made["outcome"], warned(made)) == ("created", [("NothingToUpdate", "customer_info.update")])


def test_another_code_on_the_same_phone_is_another_customer(world: World, key: str) -> None:
    phone = fresh_phone()
    first = added(world, info(phone=phone, customer_code=fresh_word("C-")), key=key)
    second = added(world, info(phone=phone, customer_code=fresh_word("C-")), key=key)
    assert second["outcome"] == "created"
    assert warned(second) == [("CustomerAmbiguous", "customer_info.phone")]
    assert second["warnings"][0]["value"] == str(first["customer_id"])


def test_the_code_of_somebody_else_is_taken(world: World, key: str) -> None:
    code = fresh_word("C-")
    added(world, info(customer_code=code), key=key)
    mine = added(world, key=key)
    answer = send(world, {"customer_info": {"customer_id": mine["customer_id"], "customer_code": code}}, key=key)
    assert v1_bad(answer) == (409, "CustomerCodeTaken", [("CustomerCodeTaken", "customer_info.customer_code")])
    assert answer.json()["errors"][0]["value"] != ""


def test_an_older_version_changes_nothing(world: World, key: str) -> None:
    made = added(world, info(source_version=5), key=key)
    before = newest(world, key)
    body = {
        "customer_info": {"customer_id": made["customer_id"], "city": "Goa", "source_version": 4},
        "contact_info": {"first_name": "Ravi"}, "enquiry_info": {"remarks": "x"},
    }  # fmt: skip
    stale = kept(send(world, body, key=key))
    assert (stale["outcome"], stale["contact_id"], stale["enquiry_id"]) == ("stale", made["contact_id"], 0)
    assert stale["message"] == "Customer Updated successfully !"
    assert newest(world, key) == before


def test_the_main_contacts_birthday_is_the_customers(world: World, key: str) -> None:
    customer = info()
    born = {"contact_person_phone": customer["phone"], "dob": "1990-02-01"}
    made = added(world, customer, key=key, contact_info=[born])
    assert record(world, key, made)["birthDate"] > 0
    other = added(world, key=key)
    entry = {"contact_id": other["contact_id"], "dob": "1990-02-01", "update": True}
    added(world, {"customer_id": other["customer_id"]}, key=key, contact_info=[entry])
    assert record(world, key, other)["birthDate"] > 0


def test_a_repeated_add_makes_its_contact_once(world: World, key: str) -> None:
    body = {"customer_info": info(), "contact_info": [{"first_name": "Ravi", "title": "Dr"}]}
    kept(send(world, body, key=key))
    before = newest(world, key)
    assert kept(send(world, body, key=key))["outcome"] == "unchanged"
    assert newest(world, key) == before


def test_a_new_contact_of_a_customer_that_is_left_is_an_update(world: World, key: str) -> None:
    customer = info()
    made = added(world, customer, key=key)
    entry = {"first_name": "Ravi", "contact_person_phone": fresh_phone()}
    again = added(world, customer, key=key, contact_info=[entry])
    assert (again["outcome"], again["warnings"]) == ("updated", [])
    assert again["contact_id"] != made["contact_id"]


def test_employees_of_customers_are_named_or_by_default(world: World) -> None:
    shop = new_account(world)
    cli(world, "employee", "create", "--account", shop.subdomain, "--code", "E-1", "--name", "Ravi")
    named = added(world, info(customer_assign_emp_code="E-1"), key=shop.key)
    ravi = record(world, shop.key, named)["assignedTo"]
    unknown = added(world, info(customer_assign_emp_code="nobody"), key=shop.key)
    assert warned(unknown) == [("EmployeeUnknown", "customer_info.customer_assign_emp_code")]
    assert "assignedTo" not in record(world, shop.key, unknown)
    given = new_key(world, shop.cm_id, default_assignee=str(ravi))
    made = added(world, key=given, enquiry_info={"remarks": "x"})
    assert record(world, shop.key, made)["assignedTo"] == ravi


# --- clear, fields of other places, faults at once -------------------------------------------------------------------


def test_fields_are_cleared_by_name(world: World, key: str) -> None:
    made = added(world, info(city="Pune", floor="2"), key=key, contact_info=[{"title": "Dr", "first_name": "Ravi"}])
    contact = {"contact_id": made["contact_id"], "update": True}
    body = {
        "customer_info": {"customer_id": made["customer_id"]}, "contact_info": [contact],
        "clear": ["customer_info.city", "customer_info.additional_fields.floor", "contact_info[0].title"],
    }  # fmt: skip
    assert kept(send(world, body, key=key))["outcome"] == "updated"
    assert {"city", "additional"}.isdisjoint(record(world, key, made))


CLEARS: dict[str, tuple[Json, str, str]] = {
    "given too": ({"city": "Goa"}, "customer_info.city", "ClearConflict"),
    "a name": ({}, "customer_info.customer_name", "NotClearable"),
    "a code": ({}, "customer_info.customer_code", "NotClearable"),
    "of an order": ({}, "order_info.remarks", "NotClearable"),
    "lines": ({}, "product_details", "NotClearable"),
    "of no enquiry": ({}, "enquiry_info.remarks", "ClearConflict"),
}


@pytest.mark.parametrize("case", CLEARS)
def test_what_cannot_be_cleared(world: World, key: str, case: str) -> None:
    more, path, code = CLEARS[case]
    made = added(world, key=key)
    customer = {"customer_id": made["customer_id"], **more}
    body = {"customer_info": customer, "enquiry_info": {"update": True}, "clear": [path]}
    assert v1_bad(send(world, body, key=key)) == (400, code, [(code, "clear[0]")])


def test_a_group_that_is_only_matched_cannot_be_cleared(world: World, key: str) -> None:
    customer = info(city="Pune")
    added(world, customer, key=key)
    body = {"customer_info": {"phone": customer["phone"]}, "clear": ["customer_info.city"]}
    assert v1_bad(send(world, body, key=key)) == (400, "ClearConflict", [("ClearConflict", "clear[0]")])


def test_groups_of_an_order_are_ignored_and_unknown_ones_kept(world: World, key: str) -> None:
    body = {
        "customer_info": info(), "order_info": {"remarks": "x"}, "product_details": [{"rate": "1"}],
        "payment_details": {"amount_paid": "0"}, "site_visit": {"on": "Monday"},
    }  # fmt: skip
    made = kept(send(world, body, key=key))
    assert sorted(warned(made)) == [
        ("FieldIgnored", "order_info"), ("FieldIgnored", "payment_details"), ("FieldIgnored", "product_details"),
    ]  # fmt: skip
    assert record(world, key, made)["associate"] == {"site_visit": {"on": "Monday"}}
    empty = added(world, key=key, order_info={}, product_details=[], payment_details="")
    assert empty["warnings"] == []


def test_everything_that_is_wrong_is_told_at_once(world: World, key: str) -> None:
    before = newest(world, key)
    body = {
        "customer_info": {"customer_name": "Asha", "individual": "maybe", "customer_id": 77},
        "contact_info": [{"dob": "2024-02-30"}, {"contact_id": 78}], "enquiry_info": {"enquiry_id": 79},
        "clear": ["customer_info.customer_code"],
    }  # fmt: skip
    assert v1_bad(send(world, body, key=key))[2] == [
        ("InvalidBoolean", "customer_info.individual"), ("CustomerNotFound", "customer_info.customer_id"),
        ("InvalidDate", "contact_info[0].dob"), ("ContactNotFound", "contact_info[1].contact_id"),
        ("EnquiryNotFound", "enquiry_info.enquiry_id"), ("NotClearable", "clear[0]"),
    ]  # fmt: skip
    assert newest(world, key) == before


# --- what holds for every write --------------------------------------------------------------------------------------


def test_a_dry_run_writes_nothing_and_tells_unknown_names(world: World, key: str) -> None:
    before = newest(world, key)
    body = {
        "customer_info": info(citty="Pune"), "contact_info": [{"first_name": "A", "flor": 1}],
        "enquiry_info": {"remark": "x"}, "visit": {"on": "Monday"},
    }  # fmt: skip
    answer = send(world, body, key=key, query="?dry_run=1")
    made = kept(answer)
    assert (made["outcome"], made["customer_id"], made["contact_id"], made["enquiry_id"]) == ("created", 0, 0, 0)
    assert (answer.headers["orderdock-dry-run"], answer.json()["dry_run"]) == ("true", True)
    assert answer.json()["unknown_fields"] == [
        "customer_info.citty", "enquiry_info.remark", "contact_info[0].flor", "visit",
    ]  # fmt: skip
    assert newest(world, key) == before


def test_a_minimal_answer(world: World, key: str) -> None:
    answer = send(world, {"customer_info": info(update=True)}, key=key, headers={"Prefer": "return=minimal"})
    assert list(answer.json()) == ["status", "customer_id", "outcome", "warnings"]
    assert answer.headers["preference-applied"] == "return=minimal"


def test_a_key_needs_the_operation(world: World) -> None:
    shop = new_account(world)
    other = new_key(world, shop.cm_id, operations=("order.*", "customer.push"))
    assert v1_bad(send(world, {"customer_info": info()}, key=other))[:2] == (403, "OperationNotAllowed")
    mine = new_key(world, shop.cm_id, operations=("customer.add-update",))
    assert added(world, key=mine)["outcome"] == "created"
    assert v1_bad(add_update(world, groups(), key=mine))[:2] == (403, "OperationNotAllowed")


def test_mandatory_and_allowed_fields_of_a_key(world: World) -> None:
    shop = new_account(world)
    mandatory = ("customer.city", "contact.email", "enquiry.remarks")
    key = new_key(world, shop.cm_id, operations=("customer.add-update",), mandatory=mandatory)
    answer = send(world, {"customer_info": info(), "contact_info": [{"first_name": "A"}]}, key=key)
    assert answer.json()["message"] == NEEDED
    assert v1_bad(answer) == (400, "ReqFieldMissing", [
        ("ReqFieldMissing", "customer_info.city"), ("ReqFieldMissing", "contact_info[0].contact_person_email"),
        ("ReqFieldMissing", "enquiry_info.remarks"),
    ])  # fmt: skip
    some = new_key(world, shop.cm_id, allowed_fields="customer.city")
    made = added(world, info(city="Pune", state="MH"), key=some, enquiry_info={"remarks": "x"}, visit={"on": "Monday"})
    assert warned(made) == [
        ("FieldIgnored", "customer_info.state"), ("FieldIgnored", "enquiry_info.remarks"), ("FieldIgnored", "visit"),
    ]  # fmt: skip
    assert made["enquiry_id"] == 0
    assert record(world, shop.key, made)["city"] == "Pune"


def test_a_body_of_several_or_of_another_account_is_refused(world: World, key: str) -> None:
    body = {"customer_info": info()}
    assert kept(send(world, [body], key=key))["outcome"] == "created"
    assert v1_bad(send(world, [body, body], key=key))[:2] == (400, "InvalidType")
    assert v1_bad(send(world, {**body, "cmId": world.b.cm_id}, key=key))[:2] == (403, "AccountMismatch")
    assert v1_bad(send(world, b"[", key=key))[:2] == (400, "MalformedBody")


def test_an_order_finds_the_customer_that_was_added(world: World, key: str) -> None:
    customer = info(customer_code=fresh_word("C-"))
    made = added(world, customer, key=key)
    order = v1_good(add_update(world, {"customer_info": {**customer}, "order_info": {}}, key=key))
    assert order["customer_id"] == made["customer_id"]


def test_the_log_finds_it_by_phone_and_judges_it_again(world: World) -> None:
    shop = new_account(world)
    customer = info()
    request_id = fresh_word("customer-")
    send(world, {"customer_info": customer}, key=shop.key, headers={"X-Request-Id": request_id})
    found = call(world, "GET", f"/api/v1/requests?phone={customer['phone']}", key=shop.key).json()["requests"]
    assert [(one["id"], one["operation"], one["created"]) for one in found] == [(request_id, "customer.add-update", 1)]
    again = cli(world, "log", "rerun", request_id, "--dry-run", "--account", shop.subdomain)
    assert "unchanged" in again


def test_twenty_adds_of_one_phone_at_once_are_one_customer(world: World, key: str) -> None:
    body = {"customer_info": info(), "contact_info": [{"first_name": "Ravi"}], "enquiry_info": {"action": "call"}}
    with ThreadPoolExecutor(20) as pool:
        made = [kept(answer) for answer in pool.map(lambda _: send(world, body, key=key), range(20))]
    assert sorted(one["outcome"] for one in made) == ["created"] + ["unchanged"] * 19
    assert len({(one["customer_id"], one["enquiry_id"]) for one in made}) == 1
