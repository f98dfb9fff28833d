"""Golden case G94: a customer added and changed in the v1 family (contract 2.14, section 5)."""

from tests.customers import NEEDED, feed, info, kept, record, send
from tests.world import World, new_account, v1_bad


def test_g94_a_customer_is_added(world: World) -> None:
    shop = new_account(world)
    answer = send(world, {"customer_info": info(city="Pune")}, key=shop.key)
    assert (answer.status_code, list(answer.json())) == (200, ["status", "message", "Customer"])
    made = kept(answer)
    assert list(answer.json()["Customer"]) == [
        "result", "customer_id", "enquiry_id", "action", "action_event", "contact_id", "outcome",
    ]  # fmt: skip
    assert made["customer_id"] > 0
    assert made["contact_id"] > 0
    assert {**made, "customer_id": 0, "contact_id": 0} == {
        "result": True, "customer_id": 0, "enquiry_id": 0, "action": "CUSTOMER", "action_event": "CUSTOMER_CREATION",
        "contact_id": 0, "outcome": "created", "message": "Customer Added successfully !", "warnings": [],
    }  # fmt: skip
    assert [event["type"] for event in feed(world, shop.key)] == ["customer.created"]
    assert record(world, shop.key, made)["city"] == "Pune"


def test_g94_the_customer_of_a_number_is_changed_whatever_update_says(world: World) -> None:
    shop = new_account(world)
    made = kept(send(world, {"customer_info": info(city="Pune")}, key=shop.key))
    body = {"customer_info": {"customer_id": made["customer_id"], "city": "Goa", "update": False}}
    changed = kept(send(world, body, key=shop.key))
    assert changed == {
        **made, "action_event": "CUSTOMER_FIELD_UPDATION", "outcome": "updated",
        "message": "Customer Updated successfully !",
    }  # fmt: skip
    assert [event["type"] for event in feed(world, shop.key)] == ["customer.created", "customer.updated"]
    assert record(world, shop.key, made)["city"] == "Goa"


def test_g94_a_name_alone_adds_nobody(world: World) -> None:
    answer = send(world, {"customer_info": {"customer_name": "Asha"}})
    assert v1_bad(answer) == (400, "ReqFieldMissing", [("ReqFieldMissing", "customer_info.phone")])
    assert answer.json()["message"] == NEEDED
