"""Every combination of `update` flags with what is there and what is not (contract 2.8 rules 1-5)."""

from itertools import product
from typing import Any

import pytest

from tests.world import (
    Json,
    World,
    add_update,
    added,
    events,
    fresh_erp,
    fresh_phone,
    groups,
    new_account,
    new_group,
    one,
    push,
    v1_bad,
    v1_good,
    warned,
)

FLAGS = (False, True)


@pytest.fixture(scope="module")
def key(world: World) -> str:
    """A key of an account apart, so that events can be counted."""
    return new_account(world).key


def since(world: World, key: str, seq: int) -> list[str]:
    """The types of the events after a number."""
    return [event["type"] for event in events(world, f"after={seq}", key=key)["events"]]


def newest(world: World, key: str) -> int:
    seq = 0
    while (page := events(world, f"after={seq}", key=key))["events"]:
        seq = page["next"]
    return seq


# (which number is sent, is it known, update) -> outcome or code, is it told as an add, what happens to the remarks
ORDERS: dict[tuple[str, bool, bool], tuple[str, bool, bool]] = {
    ("order_id", True, True): ("updated", False, True),
    ("order_id", True, False): ("unchanged", False, False),
    ("order_id", False, True): ("OrderNotFound", False, False),
    ("order_id", False, False): ("OrderNotFound", False, False),
    ("erp_order_id", True, True): ("updated", False, True),
    ("erp_order_id", True, False): ("unchanged", True, False),
    ("erp_order_id", False, True): ("OrderNotFound", False, False),
    ("erp_order_id", False, False): ("created", True, True),
    ("", False, True): ("ReqFieldMissing", False, False),
    ("", False, False): ("created", True, True),
}


@pytest.mark.parametrize(("case", "wanted"), [*ORDERS.items()], ids=str)
def test_the_orders_flag(world: World, key: str, case: tuple[str, bool, bool], wanted: tuple[str, bool, bool]) -> None:
    (word, known, update), (outcome, is_add, is_written) = case, wanted
    erp = fresh_erp()
    order = push(world, key=key, erp_order_id=erp, remarks="old")
    number: dict[str, Any] = {"order_id": order["order_id"], "erp_order_id": erp}
    if not known:
        number = {"order_id": 77, "erp_order_id": fresh_erp()}
    sent = {"update": update, "remarks": "new", **({word: number[word]} if word else {})}
    before = newest(world, key)
    answer = add_update(world, {"customer_info": {"customer_name": "Asha"}, "order_info": sent}, key=key)
    if outcome in ("OrderNotFound", "ReqFieldMissing"):
        assert v1_bad(answer)[1] == outcome
        assert newest(world, key) == before
        return
    made = v1_good(answer)
    assert made["outcome"] == outcome
    assert made["action_event"] == ("ORDER_CREATION" if is_add else "ORDER_FIELD_UPDATION")
    assert ("UpdateFlagFalse" in dict(warned(made))) == (outcome == "unchanged")
    assert one(world, made, key=key)["remarks"] == ("new" if is_written else "old")


@pytest.mark.parametrize(("known", "update", "on_order"), [*product(FLAGS, FLAGS, FLAGS)])
def test_the_customers_flag(world: World, key: str, known: bool, update: bool, on_order: bool) -> None:
    """A customer is matched, changed or made; on an order that is there nobody is made."""
    phone = fresh_phone()
    order = push(world, key=key, phone=phone)
    info = {"customer_name": "Asha", "phone": phone if known else fresh_phone(), "city": "Pune", "update": update}
    before = newest(world, key)
    sent = {"order_id": order["order_id"], "update": True} if on_order else {}
    made = added(world, sent, key=key, customer_info=info)
    is_same = made["customer_id"] == int(order["kapture_customer_id"])
    assert is_same == (known or on_order)
    told = [kind for kind in since(world, key, before) if kind.startswith("customer.")]
    if not known and not on_order:
        assert told == ["customer.created"]
        assert warned(made) == ([("NothingToUpdate", "customer_info.update")] if update else [])
    else:
        assert told == (["customer.updated"] if update else [])
        assert warned(made) == []


@pytest.mark.parametrize(("known", "update", "both"), [*product(FLAGS, FLAGS, FLAGS)])
def test_a_contacts_flags(world: World, key: str, known: bool, update: bool, both: bool) -> None:
    phone, mail = fresh_phone(), "c@x.in"
    entry: Json = {"first_name": "Ravi", "contact_person_phone": phone, "contact_person_email": mail}
    order = added(world, {}, key=key, contact_info=[entry])
    before = newest(world, key)
    said = {**entry, "title": "Dr", "update": update, "matchEmailPhone": both}
    if not known:
        said["contact_person_phone"] = fresh_phone()
        said["contact_person_email"] = "other@x.in"
    body = groups({"order_id": order["order_id"]}, contact_info=[{"update": True}, said])
    made = v1_good(add_update(world, body, key=key))
    assert (made["contact_id"] == order["contact_id"]) == known
    told = events(world, f"after={before}", key=key)["events"]
    if known and not update:
        assert (told, made["outcome"]) == ([], "unchanged")
        return
    assert [event["type"] for event in told] == ["customer.updated"]
    changes = {change["field"]: change["after"] for change in told[0]["changes"]}
    assert changes["contact.id"] == made["contact_id"]
    assert changes["contact.title"] == "Dr"
    assert ("contact.phone" in changes) == (not known)


# (is the order there, whose enquiry is named, update) -> code or warning, is the enquiry changed
ENQUIRIES: dict[tuple[bool, str, bool], tuple[str, bool]] = {
    (False, "", False): ("", False),
    (False, "", True): ("", False),
    (False, "own", False): ("", False),
    (False, "own", True): ("", True),
    (False, "other", False): ("EnquiryMismatch", False),
    (False, "other", True): ("EnquiryMismatch", False),
    (False, "none", False): ("EnquiryNotFound", False),
    (True, "", False): ("", False),
    (True, "", True): ("", True),
    (True, "own", True): ("", True),
    (True, "own", False): ("", False),
    (True, "other", True): ("EnquiryMismatch", False),
    (True, "none", True): ("EnquiryMismatch", False),
}


@pytest.mark.parametrize(("case", "wanted"), [*ENQUIRIES.items()], ids=str)
def test_the_enquirys_flag(world: World, key: str, case: tuple[bool, str, bool], wanted: tuple[str, bool]) -> None:
    (on_order, whose, update), (code, is_changed) = case, wanted
    phone = fresh_phone()
    order, other = push(world, key=key, phone=phone), push(world, key=key)
    numbers = {"own": order["enquiry_id"], "other": other["enquiry_id"], "none": 77}
    enquiry = {"action": "call", "update": update, **({"enquiry_id": numbers[whose]} if whose else {})}
    before = newest(world, key)
    body = {
        "customer_info": {"customer_name": "Asha", "phone": phone}, "enquiry_info": enquiry,
        "order_info": {"order_id": order["order_id"]} if on_order else {},
    }  # fmt: skip
    answer = add_update(world, body, key=key)
    if code and not on_order:
        assert v1_bad(answer)[1:] == (code, [(code, "enquiry_info.enquiry_id")])
        assert newest(world, key) == before
        return
    made = v1_good(answer)
    assert warned(made) == ([(code, "enquiry_info.enquiry_id")] if code else [])
    assert (made["enquiry_id"] == int(order["enquiry_id"])) == (on_order or whose == "own")
    assert ("enquiry.updated" in since(world, key, before)) == is_changed


def test_an_enquiry_takes_the_fields_of_its_group(world: World, key: str) -> None:
    enquiry = {"status": "HOT", "subStatus": "warm", "next_follow_up_date": "2024-06-01", "Floor": 2}
    made = added(world, {}, key=key, enquiry_info=enquiry)
    shown = one(world, made, key=key)["enquiry"]
    assert (shown["status"], shown["subStatus"]) == ("HOT", "warm")
    assert shown["nextFollowUpDate"] > 0


def test_order_and_enquiry_take_each_others_employee(world: World) -> None:
    group, members = new_group(world, 2)
    by_order = one(world, added(world, {"assign_emp_code": "E-7"}))
    by_enquiry = one(world, added(world, {}, enquiry_info={"assign_emp_email": "MEERA@example.com"}))
    meera = world.people["E-7"]
    for shown in (by_order, by_enquiry):
        assert (shown["assignedToId"], shown["enquiryAssignedTo"]) == (meera, meera)
    turns = [one(world, added(world, {}, enquiry_info={"round_robin_key": group})) for _ in range(3)]
    assert [shown["assignedToId"] for shown in turns] == [*members, members[0]]
    apart = one(world, added(world, {"assign_emp_code": "E-7"}, enquiry_info={"round_robin_key": group}))
    assert (apart["assignedToId"], apart["enquiryAssignedTo"]) == (meera, members[1])
    unknown = added(world, {}, enquiry_info={"assign_emp_code": "nobody", "round_robin_key": "nothing"})
    assert warned(unknown) == [
        ("EmployeeUnknown", "enquiry_info.assign_emp_code"), ("GroupUnknown", "enquiry_info.round_robin_key"),
    ]  # fmt: skip
