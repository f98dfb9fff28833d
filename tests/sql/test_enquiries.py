"""Enquiries by themselves, a group at a time, on both engines: repeats, whose they are, who looks after them."""

from __future__ import annotations

from typing import Any

import pytest

from orderdock.kinds import from_json
from orderdock.orders.model import Verdict
from orderdock.wire.legacy_people.enquiries import PUSH
from tests.model.account import MEERA, RAVI, form_work, scope_of, work_of
from tests.sql.desk import Desk

Json = dict[str, Any]
P, Q, X = "8123456781", "8123456782", "8123456783"
REJECT = {"enquiry_duplicates": "reject"}


def codes(verdict: Verdict) -> list[tuple[str, str]]:
    return [(fault.code, fault.field) for fault in verdict.faults]


# --- a new one ------------------------------------------------------------------------------------------------------


def test_a_customer_comes_with_its_first_enquiry(desk: Desk) -> None:
    made = desk.push({"phone": P, "campaign_name": "spring", "secSource": "stand 4", "Expected Area": "1200"})[0]
    kept = desk.stored()
    customer, enquiry = kept.customers[made.customer_id], kept.enquiries[made.enquiry_id]
    assert (made.outcome, made.known_by, made.contact_id) == ("created", None, customer["main_contact_id"])
    assert (customer["name"], customer["secondary_source"]) == (P, "stand 4")
    assert (enquiry["status"], enquiry["campaign"], enquiry["creator_id"]) == ("N", "spring", 209803)
    assert (enquiry["secondary_source"], from_json(enquiry["additional"])) == ("stand 4", {"Expected Area": "1200"})
    assert desk.told() == ["customer.created", "enquiry.created"]


def test_the_event_of_an_enquiry_says_all_of_it(desk: Desk) -> None:
    products = [{"product_name": "Lamp", "rate": 12.50}]
    desk.push({"phone": P, "status": "hot", "product_details": products, "floor": 2, "assign_emp_code": "E1"})
    after = desk.changes("enquiry.created")["after"]
    assert from_json(after.pop("products")) == [{"product_name": "Lamp", "rate": "12.5"}]
    assert after == {"status": "hot", "additional": '{"floor":2}', "assigned_to": MEERA}


def test_a_placeholder_finds_nobody(desk: Desk) -> None:
    first, second = desk.push({"phone": "0000000000"}, {"phone": "0000000000"})
    assert first.customer_id != second.customer_id
    assert [one.known_by for one in (first, second)] == [None, None]


@pytest.mark.parametrize(
    ("item", "fault"),
    [
        ({"customer_name": "Asha"}, ("ReqFieldMissing", "customer.phone")),
        ({"customer_id": 77}, ("CustomerNotFound", "customer.id")),
        ({"customer_code": "C-1"}, ("CustomerNotFound", "customer.code")),
        ({"enquiry_id": 77}, ("EnquiryNotFound", "enquiry.id")),
        ({"enquiry_id": "abc", "phone": P}, ("EnquiryNotFound", "enquiry.id")),
    ],
)
def test_who_is_meant_must_be_said(desk: Desk, item: Json, fault: tuple[str, str]) -> None:
    told = desk.push({**item, "next_follow_up_date": "31/12/2024"})[0]
    assert sorted(codes(told)) == sorted([fault, ("InvalidDate", "enquiry.next_follow_up")])
    assert desk.stored().enquiries == {}


def test_the_blanks_of_a_known_customer_are_filled_but_not_its_sources(desk: Desk) -> None:
    known = desk.push({"phone": P})[0]
    desk.push({"phone": P, "customer_name": "Asha", "email_id": "a@x.in", "secSource": "stand 4"})
    customer = desk.stored().customers[known.customer_id]
    assert (customer["name"], customer["email"]) == (P, "a@x.in")
    assert "secondary_source" not in customer


@pytest.mark.parametrize(("how", "name"), [("overwrite", "Asha"), ("never", P), ("fill", P)])
def test_the_key_says_what_becomes_of_a_known_customer(desk: Desk, how: str, name: str) -> None:
    known = desk.push({"phone": P})[0]
    desk.push({"phone": P, "customer_name": "Asha", "email_id": "a@x.in"}, customer_update=how)
    customer = desk.stored().customers[known.customer_id]
    assert (customer["name"], customer.get("email")) == (name, None if how == "never" else "a@x.in")


# --- repeats --------------------------------------------------------------------------------------------------------


def test_a_repeat_tells_by_what_the_customer_was_known(desk: Desk) -> None:
    desk.push({"phone": P, "customer_code": "C-1"})
    again = [{"phone": P, "email_id": "a@x.in"}, {"phone": P, "email_id": "A@X.in"}, {"customer_code": "C-1"}]
    assert [one.known_by for one in desk.push(*again)] == [("phone",), ("phone", "email"), ()]


def test_a_repeat_sees_what_its_own_request_brought(desk: Desk) -> None:
    first, second = desk.push({"phone": P}, {"phone": P})
    assert (first.known_by, second.known_by) == (None, ("phone",))
    assert second.customer_id == first.customer_id


def test_a_refused_repeat_names_what_is_there(desk: Desk) -> None:
    first, second = desk.push({"phone": P}, {"phone": P, "round_robin_key": "north"}, account=REJECT)
    assert (second.outcome, codes(second)) == ("failed", [("LeadExists", "")])
    assert (second.customer_id, second.enquiry_id, second.contact_id) == (
        first.customer_id, first.enquiry_id, first.contact_id,
    )  # fmt: skip
    kept = desk.stored()
    assert (len(kept.enquiries), kept.turns["north"]) == (1, 0)


def test_an_enquiry_that_an_earlier_item_closed_is_open_no_more(desk: Desk) -> None:
    first = desk.push({"phone": P})[0]
    closed, again = desk.push({"enquiry_id": first.enquiry_id, "status": "CL"}, {"phone": P}, account=REJECT)
    assert (closed.outcome, again.outcome) == ("updated", "created")
    opened, refused = desk.push({"enquiry_id": first.enquiry_id, "status": "N"}, {"phone": P}, account=REJECT)
    assert (opened.outcome, refused.outcome) == ("updated", "failed")


def test_the_account_says_which_statuses_are_closed(desk: Desk) -> None:
    account = {**REJECT, "closed_enquiry_statuses": ["won", "lost"]}
    outcomes = [
        desk.push({"phone": P, "status": status}, account=account)[0].outcome for status in ("won", "lost", "CL", "won")
    ]
    assert outcomes == ["created", "created", "created", "failed"]


def test_requests_under_two_settings_in_one_group_each_see_their_own(desk: Desk) -> None:
    desk.push({"phone": P, "status": "won"})
    strict, lenient = ({**REJECT, "closed_enquiry_statuses": words} for words in (["CL"], ["won"]))
    answers = desk.together(
        desk.work({"phone": P, "status": "won"}, account=lenient), desk.work({"phone": P}, account=strict)
    )
    assert [answer[0].outcome for answer in answers] == ["created", "failed"]


def test_an_order_brings_an_open_enquiry_too(desk: Desk) -> None:
    scope = scope_of(desk.cm_id)
    order, enquiry = desk.together(work_of(scope, [{"phone": P}]), desk.work({"phone": P}, account=REJECT))
    assert codes(enquiry[0]) == [("LeadExists", "")]
    assert enquiry[0].enquiry_id == order[0].enquiry_id


def test_all_or_nothing(desk: Desk) -> None:
    desk.push({"phone": Q})
    first, second = desk.push({"phone": P}, {"phone": Q}, account=REJECT, strict=True)
    assert (codes(first), codes(second)) == ([("BatchRejected", "")], [("LeadExists", "")])
    assert len(desk.stored().enquiries) == 1


# --- a known one ----------------------------------------------------------------------------------------------------


def test_an_enquiry_is_changed_by_its_number(desk: Desk) -> None:
    made = desk.push({"phone": P, "floor": "2", "remarks": "call"})[0]
    item = {"enquiry_id": made.enquiry_id, "remarks": "met", "door": "left", "floor": ""}
    changed, again = desk.push(item), desk.push(item)
    assert (changed[0].outcome, again[0].outcome) == ("updated", "unchanged")
    assert changed[0].customer_id == made.customer_id
    enquiry = desk.stored().enquiries[made.enquiry_id]
    assert (enquiry["remarks"], enquiry["revision"]) == ("met", 2)
    assert from_json(enquiry["additional"]) == {"floor": "2", "door": "left"}
    assert desk.told() == ["customer.created", "enquiry.created", "enquiry.updated"]


def test_what_is_asked_for_replaces_the_list(desk: Desk) -> None:
    made = desk.push({"phone": P, "product_details": [{"product_name": "Lamp"}, {"product_name": ""}, {"rate": 5}]})[0]
    assert from_json(desk.stored().enquiries[made.enquiry_id]["products"]) == [{"product_name": "Lamp"}, {"rate": 5}]
    nothing: list[Any] = ["", [], [{}]]
    for given in nothing:
        assert desk.push({"enquiry_id": made.enquiry_id, "product_details": given})[0].outcome == "unchanged"
    desk.push({"enquiry_id": made.enquiry_id, "product_details": {"product_name": "Desk"}})
    assert from_json(desk.stored().enquiries[made.enquiry_id]["products"]) == [{"product_name": "Desk"}]


def test_the_identifiers_must_mean_the_enquirys_customer_or_nobody(desk: Desk) -> None:
    mine, other = desk.push({"phone": P}, {"phone": Q, "email_id": "b@x.in"})
    number = {"enquiry_id": mine.enquiry_id, "remarks": "x"}
    wrong = desk.push({**number, "phone": Q}, {**number, "customer_id": other.customer_id, "phone": P})
    assert [codes(one) for one in wrong] == [[("EnquiryMismatch", "enquiry.id")]] * 2
    beside = desk.push({**number, "phone": P, "email_id": "b@x.in"})[0]
    assert beside.outcome == "updated"
    assert [(fault.code, fault.value) for fault in beside.warnings] == [("CustomerAmbiguous", str(other.customer_id))]
    nobody = desk.push({**number, "remarks": "y", "customer_id": 77, "email_id": "new@x.in"})[0]
    assert ([fault.code for fault in nobody.warnings], nobody.outcome) == (["CustomerIdUnknown"], "updated")
    customers = desk.stored().customers
    assert customers[mine.customer_id]["email"] == "new@x.in"
    assert customers[other.customer_id]["email"] == "b@x.in"


def test_a_shared_phone_means_the_enquirys_own_customer(desk: Desk) -> None:
    older = desk.push({"phone": P, "customer_code": "C-1"})[0]
    younger = desk.push({"phone": P, "customer_code": "C-2"})[0]
    assert older.customer_id != younger.customer_id
    item = {"enquiry_id": younger.enquiry_id, "phone": P, "remarks": "x"}
    assert desk.push(item)[0].customer_id == younger.customer_id


# --- who looks after it ---------------------------------------------------------------------------------------------


def test_the_code_of_who_looks_after_it_is_told(desk: Desk) -> None:
    by_mail = desk.push({"phone": P, "assign_email_id": "MEERA@example.com"})[0]
    in_turn = desk.push({"phone": P, "round_robin_key": "north"})[0]
    by_key = desk.push({"phone": P}, default_assignee=RAVI)[0]
    nobody = desk.push({"phone": P})[0]
    assert [one.assignee for one in (by_mail, in_turn, by_key, nobody)] == ["E1", "E1", "E2", ""]
    for known in (by_mail, by_key):
        assert desk.push({"enquiry_id": known.enquiry_id, "remarks": "x"})[0].assignee == known.assignee
    moved = desk.push({"enquiry_id": by_mail.enquiry_id, "assign_emp_code": "E2", "round_robin_key": "north"})[0]
    assert (moved.assignee, desk.stored().turns["north"]) == ("E2", 1)


def test_a_group_serves_only_what_nobody_looks_after(desk: Desk) -> None:
    taken, free = desk.push({"phone": P, "assign_emp_code": "E1"}, {"phone": Q})
    item = {"round_robin_key": "north"}
    kept, given = desk.push({"enquiry_id": taken.enquiry_id, **item}, {"enquiry_id": free.enquiry_id, **item})
    assert (kept.outcome, kept.assignee) == ("unchanged", "E1")
    assert (given.outcome, given.assignee) == ("updated", "E1")


def test_an_unknown_employee_is_as_the_account_says(desk: Desk) -> None:
    item = {"phone": P, "assign_emp_code": "E99"}
    warned, refused = desk.push(item)[0], desk.push(item, account={"unknown_employee": "error"})[0]
    assert (warned.outcome, [fault.code for fault in warned.warnings]) == ("created", ["EmployeeUnknown"])
    assert codes(refused) == [("EmployeeUnknown", "enquiry.assigned_to")]


def test_what_a_key_asks_for_is_told_once(desk: Desk) -> None:
    fields = ("customer.name", "enquiry.secondary_source", "enquiry.assigned_to", "enquiry.group", "enquiry.products",
              "enquiry.additional")  # fmt: skip
    told = desk.push({"phone": P, "secSource": "x" * 501}, mandatory={PUSH: fields})[0]
    missing = [fault.field for fault in told.faults if fault.code == "ReqFieldMissing"]
    assert missing == [name for name in fields if name != "enquiry.secondary_source"]
    whole = {"phone": P, "customer_name": "A", "secSource": "x", "assign_emp_code": "E1", "round_robin_key": "north",
             "product_details": [{"rate": 1}], "floor": 2}  # fmt: skip
    assert desk.push(whole, mandatory={PUSH: fields})[0].outcome == "created"


# --- what other writes of the group see -----------------------------------------------------------------------------


def test_a_phone_that_an_enquiry_filled_in_leads_to_the_contacts(desk: Desk) -> None:
    scope = scope_of(desk.cm_id)
    asha = {"customer_info": {"customer_name": "Asha", "email_id": "asha@x.in"}, "order_info": {}}
    made = desk.together(form_work(scope, {**asha, "contact_info": [{"contact_person_phone": X}]}))[0][0]
    by_phone = {"customer_name": "Asha", "phone": P}
    later = form_work(
        scope, {"customer_info": by_phone, "contact_info": [{"contact_person_phone": X}], "order_info": {}}
    )
    _, found = desk.together(desk.work({"email_id": "asha@x.in", "phone": P}), later)
    assert (found[0].customer_id, found[0].contact_id) == (made.customer_id, made.contact_id)


def test_a_phone_that_an_enquiry_overwrote_stays_while_a_contact_has_it(desk: Desk) -> None:
    scope = scope_of(desk.cm_id)
    asha = {"customer_name": "Asha", "email_id": "asha@x.in", "phone": P}
    contact = {"contact_person_phone": X, "additional_contact_phone": P}
    made = desk.together(form_work(scope, {"customer_info": asha, "contact_info": [contact], "order_info": {}}))[0][0]
    away = desk.work({"email_id": "asha@x.in", "phone": Q}, customer_update="overwrite")
    _, found = desk.together(away, desk.work({"phone": P}))
    assert found[0].customer_id == made.customer_id
