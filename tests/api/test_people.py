"""Customers, enquiries and employees of a written order (contract 1.8)."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from orderdock.accounts import actions
from tests.world import (
    World,
    events,
    faults,
    fresh_phone,
    fresh_word,
    get,
    good,
    item,
    new_account,
    new_group,
    new_key,
    one,
    push,
    update,
    warned,
    write,
)


def email() -> str:
    return f"{fresh_word('p')}@example.com"


def test_the_first_identifier_that_hits_wins(world: World) -> None:
    code, phone, mail = fresh_word("C-"), fresh_phone(), email()
    by_code = push(world, customer_code=code)["kapture_customer_id"]
    by_phone = push(world, phone=phone)["kapture_customer_id"]
    by_mail = push(world, phone=None, email_id=mail)["kapture_customer_id"]
    everything = {"customer_code": code, "phone": phone, "email_id": mail}
    made = push(world, **everything)
    assert made["kapture_customer_id"] == by_code
    (ambiguous,) = made["warnings"]
    assert ambiguous["code"] == "CustomerAmbiguous"
    assert set(ambiguous["value"].replace(" ", "").split(",")) == {by_phone, by_mail}
    assert push(world, phone=phone, email_id=mail)["kapture_customer_id"] == by_phone
    assert push(world, phone=None, email_id=mail)["kapture_customer_id"] == by_mail


def test_several_customers_on_one_phone_mean_the_oldest(world: World) -> None:
    phone = fresh_phone()
    first = push(world, phone=phone, customer_code=fresh_word("C-"))
    second = push(world, phone=phone, customer_code=fresh_word("C-"))
    third = push(world, phone=phone)
    assert third["kapture_customer_id"] == first["kapture_customer_id"]
    assert [(entry["code"], entry["value"]) for entry in third["warnings"]] == [
        ("CustomerAmbiguous", second["kapture_customer_id"])
    ]


def test_a_family_shares_a_phone_but_not_a_code(world: World) -> None:
    phone, mail, code = fresh_phone(), email(), fresh_word("C-")
    mother = push(world, phone=phone, customer_code=fresh_word("C-"))
    son = push(world, phone=phone, customer_code=code, email_id=mail)
    assert son["kapture_customer_id"] != mother["kapture_customer_id"]
    assert [entry["code"] for entry in son["warnings"]] == ["CustomerAmbiguous"]
    again = push(world, phone=phone, customer_code=code)
    assert again["kapture_customer_id"] == son["kapture_customer_id"]


def test_a_customer_without_a_code_takes_the_first_one(world: World) -> None:
    phone, code = fresh_phone(), fresh_word("C-")
    first = push(world, phone=phone)
    second = push(world, phone=phone, customer_code=code)
    assert second["kapture_customer_id"] == first["kapture_customer_id"]
    assert one(world, first)["customer"]["code"] == code
    assert push(world, customer_code=code)["kapture_customer_id"] == first["kapture_customer_id"]


@pytest.mark.parametrize("contact", ["phone", "email_id"])
def test_a_customer_without_a_name_is_named_by_its_contact(world: World, contact: str) -> None:
    value = fresh_phone() if contact == "phone" else email()
    made = good(write(world, {contact: value}))
    assert one(world, made)["customer"]["name"] == value


def test_order_writes_only_fill_blanks_of_the_customer(world: World) -> None:
    phone, mail, taken = fresh_phone(), email(), email()
    push(world, phone=None, email_id=taken)
    push(world, phone=phone, customer_name="Asha")
    filled = one(world, push(world, phone=phone, customer_name="Other", email_id=mail))
    assert (filled["customer"]["name"], filled["customer"]["email"]) == ("Asha", mail)
    assert (filled["name"], filled["email"]) == ("Other", mail)
    other = fresh_phone()
    push(world, phone=other)
    kept = one(world, push(world, phone=other, email_id=taken))
    assert (kept["customer"]["email"], kept["email"]) == ("", taken)


@pytest.mark.parametrize(("setting", "name"), [("fill", "Asha"), ("overwrite", "Other"), ("never", "Asha")])
def test_a_key_says_what_order_writes_do_to_the_customer(world: World, setting: str, name: str) -> None:
    key, phone, mail = new_key(world, customer_update=setting), fresh_phone(), email()
    push(world, phone=phone, customer_name="Asha")
    customer = one(world, push(world, key=key, phone=phone, customer_name="Other", email_id=mail))["customer"]
    assert (customer["name"], customer["email"]) == (name, "" if setting == "never" else mail)


def test_an_order_has_its_own_copies(world: World) -> None:
    phone = fresh_phone()
    copies = {"address": "4 Hill Road", "zip_code": "411001", "company_name": "Lamps", "shipping_address": "Dock 9"}
    first, second = push(world, phone=phone, **copies), push(world, phone=phone, address="5 Hill Road")
    shown = one(world, second)
    assert (shown["address"], one(world, first)["address"]) == ("5 Hill Road", "4 Hill Road")
    assert [one(world, first)[name] for name in ("zip", "companyName", "shippingAddress")] == [
        "411001",
        "Lamps",
        "Dock 9",
    ]


def test_an_update_keeps_the_customer(world: World) -> None:
    other, order = push(world), push(world)
    for named in ({"customer_id": other["kapture_customer_id"]}, {"phone": one(world, other)["phone"]}):
        made = update(world, order, **named)
        assert made["kapture_customer_id"] == order["kapture_customer_id"]
        assert [code for code, _ in warned(made)] == ["CustomerMismatch"]
    assert warned(update(world, order, customer_code=fresh_word("C-"))) == []


def test_every_order_has_an_enquiry(world: World) -> None:
    phone = fresh_phone()
    first, second = push(world, phone=phone), push(world, phone=phone)
    assert first["kapture_customer_id"] == second["kapture_customer_id"]
    assert first["enquiry_id"] != second["enquiry_id"]
    assert one(world, first)["enquiry"]["status"] == "N"
    shop = new_account(world, default_enquiry_status="OPEN", default_status="NEW")
    shown = one(world, push(world, key=shop.key), key=shop.key)
    assert (shown["enquiry"]["status"], shown["deliveryStatus"]) == ("OPEN", "NEW")


def test_a_status_is_stored_as_sent(world: World) -> None:
    assert one(world, push(world, order_status="Out for delivery"))["deliveryStatus"] == "Out for delivery"
    assert (
        one(world, push(world, delivery_status="X", order_status="Y"))["deliveryStatus"] == "Y"
    )  # the documented name counts


def test_employees_are_found_by_code_then_email_then_name(world: World) -> None:
    cases = {
        "by code": {"assign_emp_code": "E-7", "assign_email_id": "nobody@example.com"},
        "by email": {"assign_emp_code": "e-7", "assign_emp_email": "Meera@Example.com"},
        "by name": {"assign_emp_name": " meera "},
    }
    for reason, given in cases.items():
        made = push(world, **given)
        assigned = one(world, made)["assignedTo"]
        assert (assigned["code"], assigned["reason"], warned(made)) == ("E-7", reason, [])


def test_a_name_that_two_have_is_nobodys(world: World) -> None:
    name = fresh_word("Ravi ")
    first = actions.create_employee(world.admin, world.a.cm_id, code=fresh_word("E-"), name=name)
    assert one(world, push(world, assign_emp_name=name))["assignedToId"] == first.id
    actions.create_employee(world.admin, world.a.cm_id, code=fresh_word("E-"), name=name.upper())
    assert [code for code, _ in warned(push(world, assign_emp_name=name))] == ["EmployeeUnknown"]
    actions.set_employee(world.admin, world.a.cm_id, first.code, active=False)
    assert warned(push(world, assign_emp_name=name)) == []
    assert [code for code, _ in warned(push(world, assign_emp_code=first.code))] == ["EmployeeUnknown"]


def test_an_account_may_refuse_unknown_employees(world: World) -> None:
    shop = new_account(world, unknown_employee="error")
    answer = write(world, item(assign_email_id="nobody@example.com"), key=shop.key).json()
    assert faults(answer) == [("EmployeeUnknown", "[0].assign_email_id")]


def test_a_key_has_a_default_assignee(world: World) -> None:
    key = new_key(world, default_assignee=str(world.people["M1"]))
    assert one(world, push(world, key=key))["assignedTo"]["reason"] == "default of the key"
    assert one(world, push(world, key=key, assign_emp_code="E-7"))["assignedTo"]["code"] == "E-7"
    order = push(world)
    update(world, order, key=key, remarks="x")
    assert one(world, order)["assignedTo"] in (None, one(world, push(world, key=key))["assignedTo"])


def test_a_named_employee_wins_over_a_turn(world: World) -> None:
    group, (first, _) = new_group(world, 2)
    assert one(world, push(world, round_robin_key=group, assign_emp_code="E-7"))["assignedTo"]["code"] == "E-7"
    taken = one(world, push(world, round_robin_key=group))["assignedTo"]
    assert (taken["id"], taken["reason"]) == (first, f"round robin {group}")


def test_an_unknown_group_is_a_warning(world: World) -> None:
    made = push(world, round_robin_key="nobody's")
    assert warned(made) == [("GroupUnknown", "[0].round_robin_key")]
    assert one(world, made)["assignedTo"] is None


def test_a_failed_item_takes_no_turn(world: World) -> None:
    group, (first, second) = new_group(world, 2)
    bad, made = write(world, item(round_robin_key=group, create_date="x"), item(round_robin_key=group)).json()
    assert (bad["Error"], one(world, made)["assignedToId"]) == ("InvalidDate", first)
    strict = {"Prefer": "handling=strict"}
    write(world, item(round_robin_key=group), item(create_date="x"), headers=strict)
    assert one(world, push(world, round_robin_key=group))["assignedToId"] == second


def test_enquiry_and_order_take_each_others_employee(world: World) -> None:
    order = push(world, assign_emp_code="E-7")
    shown = one(world, order)
    assert shown["enquiry"]["assignedToId"] == shown["enquiryAssignedTo"] == world.people["E-7"]
    second = good(write(world, {"enquiry_id": order["enquiry_id"], "erp_order_id": fresh_word("SO-")}))
    assert one(world, second)["assignedToId"] == world.people["E-7"]


def test_simultaneous_first_pushes_of_one_phone_are_one_customer(world: World) -> None:
    phone = fresh_phone()
    with ThreadPoolExecutor(10) as pool:
        made = list(pool.map(lambda _: push(world, phone=phone), range(10)))
    assert len({answer["kapture_customer_id"] for answer in made}) == 1
    assert len({answer["order_id"] for answer in made}) == 10


def test_a_customer_is_told_once(world: World) -> None:
    shop, phone = new_account(world), fresh_phone()
    start = events(world, key=shop.key)["next"]
    write(world, *(item(phone=phone) for _ in range(3)), key=shop.key)
    types = [event["type"] for event in events(world, f"after={start}", key=shop.key)["events"]]
    assert (types.count("customer.created"), types.count("order.created")) == (1, 3)


def test_an_order_prints_its_own_name_and_else_the_customers(world: World) -> None:
    phone = fresh_phone()
    push(world, phone=phone, customer_name="Asha")
    assert get(world, push(world, phone=phone, customer_name=None))["name"] == "Asha"


def test_who_is_not_active_is_passed_over(world: World) -> None:
    group, (first, second) = new_group(world, 2)
    codes = {who["id"]: who["code"] for who in actions.list_employees(world.admin.database, world.a.cm_id)}
    actions.set_employee(world.admin, world.a.cm_id, codes[first], active=False)
    assert [one(world, push(world, round_robin_key=group))["assignedToId"] for _ in range(2)] == [second, second]
    actions.set_employee(world.admin, world.a.cm_id, codes[second], active=False)
    assert [code for code, _ in warned(push(world, round_robin_key=group))] == ["GroupUnknown"]
