"""Edge cases U1-U12 of the update, and its rules about which order is meant (contract 2.3)."""

from typing import Any

import pytest

from tests.world import (
    ORDERS,
    UPDATE_FAILED,
    Json,
    World,
    call,
    cli,
    events,
    faults,
    fresh_erp,
    fresh_phone,
    get,
    good,
    item,
    line,
    new_account,
    new_group,
    one,
    pay,
    payment,
    pull,
    push,
    told,
    update,
    warned,
    write,
)


def refused(world: World, body: Json, *, key: str = "K") -> Json:
    answer = write(world, body, key=key)
    assert answer.status_code == 200
    failure: Json = answer.json()
    assert (failure["Message"], failure["Status"]) == (UPDATE_FAILED, "Fail")
    return failure


def test_u1_an_order_id_alone_is_valid(world: World) -> None:
    shop = new_account(world)
    order = push(world, key=shop.key)
    seen = events(world, key=shop.key)["next"]
    assert update(world, order, key=shop.key)["outcome"] == "unchanged"
    assert events(world, key=shop.key)["next"] == seen


def test_u2_an_order_id_is_read_as_number_and_text(world: World) -> None:
    order = push(world)
    for number in (int(order["order_id"]), f" {order['order_id']} ", order["order_id"]):
        assert good(write(world, {"order_id": number}))["order_id"] == order["order_id"]


@pytest.mark.parametrize("number", ["abc", "77", "-1", "1.5", "9007199254740993", "99999999999999999999999", 7.5, True])
def test_u3_what_is_no_order_is_not_found(world: World, number: object) -> None:
    failure = refused(world, {"order_id": number, "remarks": "x"})
    assert faults(failure) == [("OrderNotFound", "[0].order_id")]


def test_u3_an_order_of_another_account_is_not_found(world: World) -> None:
    failure = refused(world, {"order_id": world.f1["order_id"], "remarks": "theirs"}, key="KB")
    assert faults(failure) == [("OrderNotFound", "[0].order_id")]
    assert one(world, world.f1)["remarks"] == "testing"


@pytest.mark.parametrize("number", ["0", "", 0, None, " "])
def test_u4_an_empty_order_id_is_no_update(world: World, number: object) -> None:
    assert good(write(world, {**item(), "order_id": number}))["outcome"] == "created"


def test_u5_every_other_member_empty_changes_nothing(world: World) -> None:
    order = push(
        world, remarks="keep", email_id="a@example.com", order_type="web", product_details=[line()], total_paid="5"
    )
    before = one(world, order, history=True)
    empty = dict.fromkeys(
        item() | {"remarks": 1, "email_id": 1, "order_type": 1, "total_paid": 1, "create_date": 1}, ""
    )
    assert update(world, order, **empty, product_details="", additional_fields={}, unknown="")["outcome"] == "unchanged"
    assert one(world, order, history=True) == before


def test_u6_an_enquiry_with_one_order_means_it(world: World) -> None:
    order = push(world)
    made = good(write(world, {"enquiry_id": order["enquiry_id"], "remarks": "x"}))
    assert (made["outcome"], made["order_id"]) == ("updated", order["order_id"])


def test_u6_with_another_number_it_gets_a_second_order(world: World) -> None:
    erp = fresh_erp()
    first = push(world)
    second = good(write(world, {"enquiry_id": first["enquiry_id"], "erp_order_id": erp}))
    assert (second["outcome"], second["kapture_customer_id"]) == ("created", first["kapture_customer_id"])
    again = good(write(world, {"enquiry_id": first["enquiry_id"], "erp_order_id": erp, "remarks": "x"}))
    assert (again["outcome"], again["order_id"]) == ("updated", second["order_id"])
    failure = refused(world, {"enquiry_id": first["enquiry_id"]})
    assert failure["Error"] == "AmbiguousOrder"


def test_u6_an_order_without_number_takes_the_one_given(world: World) -> None:
    first, erp = push(world, erp_order_id=None), fresh_erp()
    made = good(write(world, {"enquiry_id": first["enquiry_id"], "erp_order_id": erp}))
    assert (made["outcome"], made["order_id"]) == ("updated", first["order_id"])
    assert one(world, first)["erpOrderId"] == erp


def test_u6_an_unknown_enquiry_is_not_found(world: World) -> None:
    assert faults(refused(world, {"enquiry_id": "77"})) == [("EnquiryNotFound", "[0].enquiry_id")]
    assert refused(world, {"enquiry_id": world.f1["enquiry_id"]}, key="KB")["Error"] == "EnquiryNotFound"


def test_u6_a_known_number_must_be_in_the_enquiry(world: World) -> None:
    failure = refused(world, {"enquiry_id": world.f1["enquiry_id"], "erp_order_id": "SO-2"})
    assert failure["Error"] == "EnquiryMismatch"


def test_u6_another_enquiry_beside_an_order_id_moves_nothing(world: World) -> None:
    order = push(world)
    made = update(world, order, enquiry_id=world.f1["enquiry_id"], remarks="x")
    assert (made["outcome"], made["enquiry_id"]) == ("updated", order["enquiry_id"])
    assert warned(made) == [("EnquiryMismatch", "[0].enquiry_id")]


def test_u7_no_lines_given_leaves_them_and_one_replaces_all(world: World) -> None:
    order = push(world, product_details=[line(sku_id=f"A-{number}") for number in range(3)])
    assert update(world, order, product_details=[])["outcome"] == "unchanged"
    assert len(one(world, order)["lines"]) == 3
    assert update(world, order, product_details=[line(sku_id="A-9")])["outcome"] == "updated"
    assert [row["skuId"] for row in one(world, order)["lines"]] == ["A-9"]


def test_u7_the_same_lines_change_nothing(world: World) -> None:
    lines = [line(), line(sku_id="A-2", quantity="2.50", discount="1")]
    order = push(world, product_details=lines)
    assert update(world, order, product_details=lines)["outcome"] == "unchanged"
    assert update(world, order, product_details=lines[::-1])["outcome"] == "updated"


def test_u8_a_computed_total_follows_the_lines(world: World) -> None:
    order = push(world, product_details=[line(rate="10")])
    assert one(world, order)["grandTotal"] == 10
    made = update(world, order, product_details=[line(rate="25")])
    assert (one(world, order)["grandTotal"], warned(made)) == (25, [])


def test_u8_a_given_total_stays(world: World) -> None:
    order = push(world, grand_total="10", product_details=[line(rate="10")])
    made = update(world, order, product_details=[line(rate="25")])
    assert [code for code, _ in warned(made)] == ["TotalMismatch"]
    assert one(world, order)["grandTotal"] == 10


def test_u9_a_number_that_another_order_has_is_taken(world: World) -> None:
    order, before = push(world), one(world, world.f2)
    failure = refused(world, {"order_id": order["order_id"], "erp_order_id": "SO-2", "remarks": "x"})
    assert faults(failure) == [("ErpOrderIdTaken", "[0].erp_order_id")]
    assert failure["errors"][0]["value"] == world.f2["order_id"]
    assert one(world, world.f2) == before
    renamed = update(world, order, erp_order_id=fresh_erp())
    assert renamed["outcome"] == "updated"


def test_u10_an_order_stays_with_its_customer(world: World) -> None:
    order = push(world)
    made = update(world, order, customer_id=world.f1["kapture_customer_id"])
    assert made["kapture_customer_id"] == order["kapture_customer_id"]
    assert warned(made) == [("CustomerMismatch", "[0].customer_id")]
    nobody = update(world, order, phone=fresh_phone())
    assert (nobody["outcome"], warned(nobody)) == ("updated", [])


def test_u11_a_turn_is_taken_only_when_nobody_is_assigned(world: World) -> None:
    group, (first, second) = new_group(world, 2)
    assigned, free = push(world, assign_emp_code="E-7"), push(world)
    assert update(world, assigned, round_robin_key=group)["outcome"] == "unchanged"
    assert one(world, assigned)["assignedTo"]["code"] == "E-7"
    assert update(world, free, round_robin_key=group)["outcome"] == "updated"
    assert one(world, free)["assignedTo"]["id"] == first
    assert one(world, push(world, round_robin_key=group))["assignedTo"]["id"] == second


def test_u12_the_creation_date_can_be_changed(world: World) -> None:
    order = push(world, create_date="2024-05-08 10:00")
    assert update(world, order, create_date="2024-05-09 10:00")["outcome"] == "updated"
    assert get(world, order)["createDate"] == "2024-05-09 10:00:00"
    last = one(world, order, history=True)["history"][-1]
    assert last["changes"] == [{"field": "createDate", "before": 1715142600000, "after": 1715229000000}]


def test_u12_history_names_each_change_of_a_line(world: World) -> None:
    shop = new_account(world)
    order = push(world, key=shop.key, product_details=[line(rate="10")])
    update(world, order, key=shop.key, product_details=[line(rate="11")])
    assert told(world, order, key=shop.key) == ["order.created", "order.updated"]
    changes = get(world, order, key=shop.key, includeHistory="true")["history"][-1]["changes"]
    assert {"field": "product_details[0].rate", "before": "10", "after": "11"} in changes


def test_an_update_only_key_is_told_what_is_missing(world: World) -> None:
    for nobody in ({"remarks": "x"}, {"phone": fresh_phone()}, {"customer_name": "Asha"}, {"customer_code": "C"}):
        assert refused(world, nobody, key="Kupd")["Error"] == "ReqFieldMissing"


def test_lines_without_content_leave_the_lines(world: World) -> None:
    order = push(world, product_details=[line()])
    template = {"product_details": "", "product_type": "", "rate": "", "quantity": "", "discount": ""}
    assert update(world, order, product_details=[template])["outcome"] == "unchanged"
    assert len(one(world, order)["lines"]) == 1


def test_other_spellings_of_the_same_values_change_nothing(world: World) -> None:
    order = push(
        world, create_date="2024-05-08 11:54:00", grand_total="1500", approved_by="E-7,M1", attr1="x",
        product_details=[line(rate="1500", quantity="1", discount="")],
    )  # fmt: skip
    same: dict[str, Any] = {
        "create_date": "2024-05-08T06:24:00Z", "grand_total": 1500.00, "approved_by": ["E-7", " M1 "], "attr1": " x ",
        "product_details": line(rate="1500.0000", quantity=1, discount=0),
    }  # fmt: skip
    assert update(world, order, **same)["outcome"] == "unchanged"


def test_a_deleted_order_is_gone_everywhere(world: World) -> None:
    shop = new_account(world)
    order = push(world, key=shop.key, create_date="2024-05-08", product_details=[line()])
    paid = pay(world, order, "10", key=shop.key)
    cli(world, "order", "delete", "--account", shop.subdomain, "--order-id", order["order_id"])
    assert faults(refused(world, {"order_id": order["order_id"]}, key=shop.key)) == [("OrderNotFound", "[0].order_id")]
    assert write(world, payment(order, "1"), key=shop.key).json()["Error"] == "OrderNotFound"
    correction = write(world, {"payment_id": paid["payment_id"], "amount_paid": "1"}, key=shop.key).json()
    assert correction["Error"] in ("PaymentNotFound", "OrderNotFound")
    assert pull(world, key=shop.key, start_date="2024-05-08")["Error"] == "NoOrders"
    assert call(world, "GET", f"{ORDERS}{order['order_id']}", key=shop.key).status_code == 404
    assert told(world, order, key=shop.key) == ["order.created", "payment.added", "order.deleted"]
    assert events(world, "include=record", key=shop.key)["events"][-1]["type"] == "order.deleted"
