"""Customers written alone, with contacts and enquiries: in one group, later requests see what earlier ones did."""

from __future__ import annotations

from typing import Any

from orderdock.kinds import from_json, to_json
from tests.model.account import MEERA
from tests.sql.desk import Desk

Json = dict[str, Any]
P, Q, X = "8123456781", "8123456782", "8123456784"


def form(customer: Json, *contacts: Json, **groups: Any) -> Json:
    return {"customer_info": {"customer_name": "Asha", **customer}, "contact_info": list(contacts), **groups}


def test_two_adds_of_one_phone_are_one_customer(desk: Desk) -> None:
    first, second, third = desk.run(form({"phone": P}), form({"phone": P}), form({"phone": P, "city": "Pune"}))
    assert [first.outcome, second.outcome, third.outcome] == ["created", "unchanged", "unchanged"]
    assert first.customer_id == second.customer_id == third.customer_id > 0
    assert [fault.code for fault in third.warnings] == ["UpdateFlagFalse"]
    assert len(desk.stored().customers) == 1


def test_everything_of_a_request_is_kept(desk: Desk) -> None:
    contact = {"first_name": "Ravi", "contact_person_phone": Q, "floor": "2"}
    enquiry = {"remarks": "x", "assign_emp_code": "E1", "area": 7}
    customer = {"phone": P, "channel_partner": "true", "customer_assign_emp_code": "E1", "segment": "gold"}
    (made,) = desk.run(form(customer, contact, enquiry_info=enquiry))
    kept = desk.stored()
    assert kept.customers[made.customer_id].items() >= {
        "name": "Asha", "channel_partner": 1, "assigned_to": MEERA, "additional": '{"segment":"gold"}',
    }.items()  # fmt: skip
    assert kept.enquiries[made.enquiry_id].items() >= {
        "customer_id": made.customer_id, "status": "N", "remarks": "x", "assigned_to": MEERA,
        "additional": '{"area":7}',
    }.items()  # fmt: skip
    assert kept.contacts[made.contact_id].items() >= {"name": "Ravi", "customer_id": made.customer_id}.items()
    assert len(kept.contacts) == 2
    assert [event["kind"] for event in kept.events] == ["customer.created"]
    assert from_json(kept.events[0]["changes"])["after"]["contacts"][0]["name"] == "Ravi"
    assert kept.events[0]["enquiry_id"] == made.enquiry_id


def test_a_failed_request_leaves_nothing(desk: Desk) -> None:
    assert desk.outcomes(form({"phone": P}, {"contact_id": 77}, enquiry_info={"remarks": "x"})) == ["failed"]
    kept = desk.stored()
    assert (kept.customers, kept.contacts, kept.enquiries, kept.identities, kept.events) == ({}, {}, {}, set(), [])


def test_an_enquiry_of_an_earlier_request_is_the_open_one(desk: Desk) -> None:
    asked = form({"phone": P}, enquiry_info={"remarks": "x", "update": True})
    first, second = desk.run(asked, asked)
    assert (first.outcome, second.outcome, second.enquiry_id) == ("created", "unchanged", first.enquiry_id)
    order, later = desk.run([{"phone": Q, "customer_name": "B"}], form({"phone": Q}, enquiry_info={"remarks": "x"}))
    assert later.enquiry_id == order.enquiry_id


def test_an_enquiry_that_an_earlier_request_closed_is_not(desk: Desk) -> None:
    closing = form({"phone": P}, enquiry_info={"status": "CL", "update": True})
    (old,) = desk.run(form({"phone": P}, enquiry_info={"remarks": "x"}))
    closed, new = desk.run(closing, form({"phone": P}, enquiry_info={"remarks": "y"}))
    assert closed.enquiry_id == old.enquiry_id
    assert (new.outcome, new.enquiry_id != old.enquiry_id) == ("updated", True)
    kinds = desk.told()
    assert kinds == ["customer.created", "enquiry.updated", "enquiry.created"]


def test_an_enquiry_without_a_status_is_open(desk: Desk) -> None:
    (made,) = desk.run(form({"phone": P}, enquiry_info={"remarks": "x"}))
    cleared = form({"phone": P}, enquiry_info={"update": True, "action": "wait"}, clear=["enquiry_info.status"])
    assert desk.outcomes(cleared) == ["updated"]
    assert "status" not in desk.stored().enquiries[made.enquiry_id]
    (again,) = desk.run(form({"phone": P}, enquiry_info={"remarks": "y"}))
    assert again.enquiry_id == made.enquiry_id


def test_of_open_enquiries_the_newest_by_date_and_number(desk: Desk) -> None:
    orders = desk.run(*([{"phone": P, "customer_name": "A", "erp_order_id": f"S{n}"}] for n in range(30)))
    (met,) = desk.run(form({"phone": P}, enquiry_info={"remarks": "x"}))
    assert met.enquiry_id == max(order.enquiry_id for order in orders)


def test_a_phone_given_by_number_leads_to_the_contacts(desk: Desk) -> None:
    """Without `update`: a number is enough to change its customer, so a later request finds it by the new phone."""
    (made,) = desk.run(form({"email_id": "asha@x.in"}, {"contact_person_phone": X}))
    given, later = desk.run(
        form({"customer_id": made.customer_id, "phone": P}), form({"phone": P}, {"contact_person_phone": X})
    )
    assert (given.outcome, later.outcome) == ("updated", "unchanged")
    assert (later.customer_id, later.contact_id) == (made.customer_id, made.contact_id)


def test_a_phone_taken_away_by_number_stays_while_a_contact_has_it(desk: Desk) -> None:
    (made,) = desk.run(form({"phone": P}, {"contact_person_phone": Q, "additional_contact_phone": P}))
    _, later = desk.run(form({"customer_id": made.customer_id, "phone": X}), form({"phone": P}))
    assert (later.outcome, later.customer_id) == ("unchanged", made.customer_id)


def test_a_phone_taken_away_by_number_is_free_at_once(desk: Desk) -> None:
    (made,) = desk.run(form({"phone": P}))
    _, later = desk.run(form({"customer_id": made.customer_id, "phone": Q}), form({"phone": P}))
    assert (later.outcome, later.customer_id != made.customer_id) == ("created", True)


def test_orders_see_the_customer_and_customers_the_order(desk: Desk) -> None:
    made, order, again = desk.run(
        form({"phone": P}), {**form({"phone": P}), "order_info": {}}, form({"phone": P}, enquiry_info={"action": "a"})
    )
    assert (order.customer_id, again.enquiry_id) == (made.customer_id, order.enquiry_id)


def test_a_newer_guard_alone_is_kept_without_a_word(desk: Desk) -> None:
    (made,) = desk.run(form({"phone": P, "source_version": 1}))
    number = {"customer_id": made.customer_id}
    assert desk.outcomes(form({**number, "source_version": 3})) == ["unchanged"]
    assert desk.outcomes(form({**number, "source_version": 2, "city": "Pune"})) == ["stale"]
    assert desk.outcomes(form({"phone": P, "source_version": 2, "update": True, "city": "Pune"})) == ["stale"]
    assert desk.outcomes(form({**number, "source_version": 3, "city": "Pune"})) == ["updated"]
    assert len(desk.stored().events) == 2


def test_of_many_additional_fields_an_event_tells_those_that_changed(desk: Desk) -> None:
    many = {f"k{number}": "z" * 1_000 for number in range(190)}
    (made,) = desk.run(form({"phone": P, **many}))
    number = {"customer_id": made.customer_id}
    changes = [{**number, "k0": f"{turn}"} for turn in range(50)]
    assert {verdict.outcome for verdict in desk.run(*map(form, changes))} == {"updated"}
    assert desk.outcomes(form({**number, "k1": "z" * 1_000, "k2": None})) == ["unchanged"]
    desk.run({**form(number), "clear": ["customer_info.additional_fields.k3"]})
    events = desk.stored().events
    told = [from_json(event["changes"]) for event in events[1:]]
    assert max(len(event["changes"]) for event in events[1:]) < 2_000
    assert told[1] == {"before": {"additional": '{"k0":"0"}'}, "after": {"additional": '{"k0":"1"}'}}
    assert (told[-1]["before"], told[-1]["after"]) == (
        {"additional": to_json({"k3": "z" * 1_000})}, {"additional": "{}"},
    )  # fmt: skip
