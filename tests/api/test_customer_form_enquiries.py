"""The enquiry of a customer of the v1 family: named, open, or new (contract 2.14, 2.18)."""

from typing import Any

import pytest

from tests.customers import added, changes, feed, info, kept, send
from tests.world import Json, World, new_account, new_group, push, v1_bad, warned


@pytest.fixture(scope="module")
def key(world: World) -> str:
    """A key of an account apart, so that events can be counted."""
    return new_account(world).key


def newest(world: World, key: str) -> int:
    return max((event["seq"] for event in feed(world, key)), default=0)


def of_enquiry(world: World, key: str, made: Json) -> list[Json]:
    """The events of an enquiry, oldest first."""
    return [event for event in feed(world, key) if event["enquiryId"] == made["enquiry_id"]]


@pytest.mark.parametrize("group", [None, {}, {"update": True}, {"remarks": "", "update": "yes"}, []])
def test_nothing_but_update_touches_no_enquiry(world: World, key: str, group: Any) -> None:
    customer = info()
    first = added(world, customer, key=key, enquiry_info={"remarks": "x"})
    assert first["enquiry_id"] > 0
    before = newest(world, key)
    again = added(world, customer, key=key, enquiry_info=group)
    assert (again["enquiry_id"], again["outcome"], again["warnings"]) == (0, "unchanged", [])
    assert newest(world, key) == before


def test_a_new_customer_tells_of_the_enquiry_that_it_brings(world: World, key: str) -> None:
    made = added(world, key=key, enquiry_info={"remarks": "met at the fair", "Expected Area": "1200"})
    (event,) = of_enquiry(world, key, made)
    assert (event["type"], event["customerId"]) == ("customer.created", made["customer_id"])
    told = changes(event)
    assert (told["enquiry.remarks"], told["enquiry.status"]) == ("met at the fair", "N")
    assert told["enquiry.additional"] == {"Expected Area": "1200"}
    assert told["name"] == "Asha"


def test_a_known_customer_gets_an_enquiry_with_an_event_of_its_own(world: World, key: str) -> None:
    customer = info()
    first = added(world, customer, key=key)
    made = added(world, customer, key=key, enquiry_info={"remarks": "x", "status": "HOT"})
    assert (made["outcome"], made["customer_id"]) == ("updated", first["customer_id"])
    (event,) = of_enquiry(world, key, made)
    assert event["type"] == "enquiry.created"
    assert (changes(event)["remarks"], changes(event)["status"]) == ("x", "HOT")
    assert event["record"]["customerId"] == first["customer_id"]


def test_an_open_enquiry_is_kept(world: World, key: str) -> None:
    customer = info()
    made = added(world, customer, key=key, enquiry_info={"remarks": "first"})
    before = newest(world, key)
    left = added(world, customer, key=key, enquiry_info={"remarks": "second"})
    assert (left["enquiry_id"], left["outcome"]) == (made["enquiry_id"], "unchanged")
    assert warned(left) == [("UpdateFlagFalse", "enquiry_info.update")]
    assert newest(world, key) == before
    changed = added(world, customer, key=key, enquiry_info={"remarks": "second", "update": True})
    assert (changed["enquiry_id"], changed["outcome"], changed["warnings"]) == (made["enquiry_id"], "updated", [])
    told = of_enquiry(world, key, made)[-1]
    assert (told["type"], changes(told)) == ("enquiry.updated", {"remarks": "second"})
    again = added(world, customer, key=key, enquiry_info={"remarks": "second", "update": True})
    assert (again["outcome"], again["enquiry_id"]) == ("unchanged", made["enquiry_id"])


@pytest.mark.parametrize("update", [False, True])
def test_a_closed_enquiry_is_no_open_one(world: World, update: bool) -> None:
    key = new_account(world, closed_enquiry_statuses="LOST,WON").key
    customer = info()
    first = added(world, customer, key=key, enquiry_info={"status": "WON"})
    second = added(world, customer, key=key, enquiry_info={"status": "CL", "update": update})
    assert second["enquiry_id"] != first["enquiry_id"]
    third = added(world, customer, key=key, enquiry_info={"remarks": "x", "update": update})
    assert third["enquiry_id"] == second["enquiry_id"]


def test_the_newest_open_enquiry_is_meant(world: World, key: str) -> None:
    customer = info()
    orders = [push(world, key=key, phone=customer["phone"]) for _ in range(3)]
    made = added(world, {"phone": customer["phone"]}, key=key, enquiry_info={"action": "call", "update": True})
    assert made["enquiry_id"] == int(orders[-1]["enquiry_id"])
    closing = {"status": "CL", "enquiry_id": made["enquiry_id"], "update": True}
    added(world, {"phone": customer["phone"]}, key=key, enquiry_info=closing)
    before = added(world, {"phone": customer["phone"]}, key=key, enquiry_info={"action": "wait", "update": True})
    assert before["enquiry_id"] == int(orders[1]["enquiry_id"])


@pytest.mark.parametrize("update", [False, True])
def test_a_named_enquiry_is_matched_or_changed(world: World, key: str, update: bool) -> None:
    customer = info()
    made = added(world, customer, key=key, enquiry_info={"remarks": "first"})
    group = {"enquiry_id": made["enquiry_id"], "remarks": "second", "update": update}
    again = added(world, customer, key=key, enquiry_info=group)
    assert (again["enquiry_id"], again["warnings"]) == (made["enquiry_id"], [])
    assert again["outcome"] == ("updated" if update else "unchanged")


def test_an_enquiry_of_nobody_or_of_somebody_else(world: World, key: str) -> None:
    other, mine = added(world, key=key, enquiry_info={"remarks": "x"}), added(world, key=key)
    for customer in ({"customer_id": mine["customer_id"]}, info()):
        for number, status, code in ((other["enquiry_id"], 409, "EnquiryMismatch"), (77, 404, "EnquiryNotFound")):
            answer = send(world, {"customer_info": customer, "enquiry_info": {"enquiry_id": number}}, key=key)
            assert v1_bad(answer) == (status, code, [(code, "enquiry_info.enquiry_id")])


def test_a_field_of_the_open_enquiry_is_cleared(world: World, key: str) -> None:
    customer = info()
    made = added(world, customer, key=key, enquiry_info={"remarks": "first", "action": "call"})
    body = {
        "customer_info": customer,
        "enquiry_info": {"action": "wait", "update": True},
        "clear": "enquiry_info.remarks",
    }
    assert kept(send(world, body, key=key))["outcome"] == "updated"
    assert changes(of_enquiry(world, key, made)[-1]) == {"action": "wait", "remarks": None}


def test_the_next_of_a_group_takes_an_enquiry_that_is_made(world: World) -> None:
    shop = new_account(world)
    group, members = new_group(world, 2, shop.cm_id)
    customer = info()
    first = added(world, customer, key=shop.key, enquiry_info={"round_robin_key": group})
    left = added(world, customer, key=shop.key, enquiry_info={"round_robin_key": group})
    assert left["enquiry_id"] == first["enquiry_id"]
    second = added(world, key=shop.key, enquiry_info={"round_robin_key": group})
    told = [changes(of_enquiry(world, shop.key, made)[0])["enquiry.assignedToId"] for made in (first, second)]
    assert told == members
