"""Customers and contacts in one group: later requests see whom earlier ones gave a phone, and who still has one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.sql.desk import Desk

Json = dict[str, Any]
P, Q, R, X = "8123456781", "8123456782", "8123456783", "8123456784"


class Known(Desk):
    """With a customer who has a contact with phone X."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.made = self.run(form({"email_id": "asha@x.in"}, contact(X)))[0]
        self.customer = {"customer_id": self.made.customer_id}

    def contacts(self) -> list[str]:
        """The phones of the customer's contacts, each contact once."""
        kept = self.stored().contacts.values()
        return sorted(one.get("phone", "") for one in kept if one["customer_id"] == self.made.customer_id)


def contact(phone: str, **more: Any) -> Json:
    return {"contact_person_phone": phone, **more}


def form(customer: Json, *contacts: Json, **groups: Any) -> Json:
    """An add-update that makes an order unless `order_info` says otherwise."""
    info = {"customer_name": "Asha", **customer}
    return {"customer_info": info, "contact_info": list(contacts), "order_info": {}, **groups}


def customer(**fields: Any) -> tuple[Json, ...]:
    """A customer push of one item."""
    return (fields,)


@pytest.fixture
def desk(engine_url: str) -> Iterator[Known]:
    with Known(engine_url) as desk:
        yield desk


# --- whom an earlier request gave a phone, a number ... -------------------------------------------------------------


def test_a_phone_given_to_a_customer_leads_to_its_contacts(desk: Known) -> None:
    _, later = desk.run(form({**desk.customer, "phone": P, "update": True}), form({"phone": P}, contact(X)))
    assert (later.customer_id, later.contact_id) == (desk.made.customer_id, desk.made.contact_id)
    assert desk.contacts() == [P, X]


def test_the_phone_of_a_new_contact_leads_to_the_other_contacts(desk: Known) -> None:
    _, later = desk.run(form(desk.customer, contact(P)), form({"phone": P}, contact(X)))
    assert later.contact_id == desk.made.contact_id
    assert desk.contacts() == ["", P, X]


def test_a_blank_that_a_push_fills_leads_to_the_contacts(desk: Known) -> None:
    _, later = desk.run([{"email_id": "asha@x.in", "phone": P}], form({"phone": P}, contact(X)))
    assert later.contact_id == desk.made.contact_id
    assert desk.contacts() == [P, X]


def test_one_phone_leads_to_the_next(desk: Known) -> None:
    given = [form({**desk.customer, "phone": P, "update": True}), form({"phone": P}, contact(Q))]
    last = desk.run(*given, form({"phone": Q}, contact(R)), form({"phone": R}, contact(X)))[-1]
    assert last.contact_id == desk.made.contact_id
    assert desk.contacts() == [P, Q, R, X]


def test_an_order_made_in_the_group_leads_to_the_contacts_of_its_customer(desk: Known) -> None:
    push = [{"customer_name": "Asha", "email_id": "asha@x.in", "erp_order_id": "S1"}]
    _, later = desk.run(push, form({}, contact(X), order_info={"erp_order_id": "S1"}))
    assert (later.outcome, later.contact_id) == ("unchanged", desk.made.contact_id)
    assert desk.contacts() == ["", X]


def test_an_order_made_in_a_named_enquiry_does_too(desk: Known) -> None:
    first = desk.run([{"customer_name": "Asha", "email_id": "asha@x.in"}])[0]
    freed = desk.run([{"enquiry_id": first.enquiry_id, "remarks": "x"}])[0]
    assert freed.outcome == "updated"
    given = form(desk.customer, order_info={"erp_order_id": "S1"}, enquiry_info={"enquiry_id": first.enquiry_id})
    _, later = desk.run(given, form({}, contact(X), order_info={"erp_order_id": "S1", "update": True}))
    assert later.contact_id == desk.made.contact_id
    assert desk.contacts() == ["", X]


def test_a_phone_given_by_a_customer_push_leads_to_the_contacts(desk: Known) -> None:
    _, later = desk.run(customer(**desk.customer, phone=P), form({"phone": P}, contact(X)))
    assert (later.customer_id, later.contact_id) == (desk.made.customer_id, desk.made.contact_id)
    assert desk.contacts() == [P, X]


def test_a_customer_push_finds_whom_an_earlier_request_made(desk: Known) -> None:
    push = [{"customer_name": "B", "phone": P, "erp_order_id": "S1"}]
    first, pushed, order = desk.run(push, customer(name="B", phone=P, city="Pune"), [{"phone": P, "remarks": "x"}])
    assert (pushed.outcome, pushed.customer_id, order.customer_id) == ("updated", first.customer_id, first.customer_id)
    assert desk.stored().customers[first.customer_id]["city"] == "Pune"


# --- who still has a phone ------------------------------------------------------------------------------------------


def test_a_phone_stays_while_another_contact_has_it(desk: Known) -> None:
    both = [contact(P), contact(P, contact_person_email="ravi@x.in", matchEmailPhone=True)]
    first = desk.run(form(desk.customer, *both))[0]
    assert desk.contacts() == ["", P, P, X]
    moved = contact(Q, contact_id=first.contact_id, update=True)
    _, later = desk.run(form(desk.customer, moved), form({"phone": P}))
    assert later.customer_id == desk.made.customer_id


def test_a_phone_stays_while_it_is_somebodys_second_one(desk: Known) -> None:
    desk.run(form({**desk.customer, "phone": P, "update": True}, contact(R, additional_contact_phone=P)))
    _, later = desk.run(form({**desk.customer, "phone": Q, "update": True}), form({"phone": P}))
    assert later.customer_id == desk.made.customer_id


def test_a_phone_stays_while_it_is_the_customers_own(desk: Known) -> None:
    desk.run(form({**desk.customer, "phone": P, "update": True}))
    main = desk.run(form({"phone": P}))[0].contact_id
    moved = contact(Q, contact_id=main, update=True)
    _, later = desk.run(form(desk.customer, moved), form({"phone": P}))
    assert later.customer_id == desk.made.customer_id


def test_a_phone_that_was_overwritten_stays_while_a_contact_has_it(desk: Known) -> None:
    item = {"customer_name": "Asha", "email_id": "asha@x.in"}
    desk.run(form({**desk.customer, "phone": P, "update": True}, contact(R, additional_contact_phone=P)))
    _, later = desk.run([{**item, "phone": Q}], [{"customer_name": "B", "phone": P}], customer_update="overwrite")
    assert later.customer_id == desk.made.customer_id


def test_a_mail_stays_while_a_contact_has_it(desk: Known) -> None:
    desk.run(form(desk.customer, contact(R, contact_person_email="asha@x.in", matchEmailPhone=True)))
    away = {**desk.customer, "email_id": "other@x.in", "update": True}
    _, later = desk.run(form(away), form({"email_id": "asha@x.in"}))
    assert later.customer_id == desk.made.customer_id


def test_a_phone_that_a_customer_push_takes_away_stays_while_a_contact_has_it(desk: Known) -> None:
    desk.run(form({**desk.customer, "phone": P, "update": True}, contact(R, additional_contact_phone=P)))
    _, later, last = desk.run(customer(**desk.customer, phone=Q), customer(name="B", phone=P), [{"phone": P}])
    assert later.customer_id == last.customer_id == desk.made.customer_id
    kept = {(kind, value) for kind, value, number in desk.stored().identities
            if number == desk.made.customer_id}  # fmt: skip
    assert ("phone", f"+91{P}") in kept


@pytest.mark.parametrize("update", ["form", "push", "customer"])
def test_a_phone_that_nobody_has_any_more_is_free_at_once(desk: Known, update: str) -> None:
    desk.run(form({**desk.customer, "phone": P, "update": True}))
    away: Any = form({**desk.customer, "phone": Q, "update": True})
    if update == "push":
        away = [{"customer_name": "Asha", "email_id": "asha@x.in", "phone": Q}]
    if update == "customer":
        away = customer(**desk.customer, phone=Q)
    _, later = desk.run(away, form({"phone": P}), customer_update="overwrite")
    assert later.customer_id != desk.made.customer_id
