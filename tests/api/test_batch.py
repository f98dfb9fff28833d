"""Edge cases B1-B7 of arrays of many, and which operation an item is (contract 2.1, 2.5, 1.13)."""

import pytest

from tests.world import (
    ADDED,
    GET,
    PAID,
    PAYMENT_FAILED,
    PUSH_FAILED,
    UPDATE_FAILED,
    WRITE,
    Json,
    World,
    call,
    events,
    faults,
    fresh_phone,
    good,
    item,
    line,
    new_account,
    new_key,
    one,
    payment,
    post,
    push,
    write,
)

STRICT = {"Prefer": "handling=strict"}
FORBIDDEN = "This key is not allowed to use this operation."


def test_b1_a_thousand_items_are_accepted_and_one_more_is_not(world: World) -> None:
    shop = new_account(world)
    start = events(world, key=shop.key)["next"]
    refused = write(world, *(item() for _ in range(1001)), key=shop.key)
    assert (refused.status_code, refused.json()["Error"]) == (413, "TooManyItems")
    assert refused.json()["Status"] == "failed"
    assert events(world, key=shop.key)["next"] == start
    accepted = write(world, *(item() for _ in range(1000)), key=shop.key)
    assert [answer["outcome"] for answer in accepted.json()] == ["created"] * 1000


def test_b1_an_account_may_take_fewer(world: World) -> None:
    shop = new_account(world, batch_max_items="2")
    assert write(world, item(), item(), key=shop.key).status_code == 200
    assert write(world, item(), item(), item(), key=shop.key).status_code == 413
    assert post(world, GET, [{"order_id": "1"}] * 3, key=shop.key).status_code == 413


def test_b2_a_later_item_pays_the_order_that_an_earlier_one_made(world: World) -> None:
    phone = fresh_phone()
    customer = push(world, phone=phone)["kapture_customer_id"]
    order = item(phone=phone)
    paid = {"erp_order_id": order["erp_order_id"], "customer_id": customer, "amount_paid": "7"}
    _, made, booked = write(world, item(), order, paid).json()
    assert (made["outcome"], booked["outcome"], booked["message"]) == ("created", "created", PAID)
    assert one(world, made)["totalPaid"] == 7


def test_b3_all_bad_is_still_an_array(world: World) -> None:
    answer = write(world, {"remarks": "x"}, {"order_id": "77"}, {"amount_paid": "0"})
    assert answer.status_code == 200
    assert [(failure["Message"], failure["Status"]) for failure in answer.json()] == [
        (PUSH_FAILED, "failed"), (UPDATE_FAILED, "Fail"), (PAYMENT_FAILED, "Fail"),
    ]  # fmt: skip


@pytest.mark.parametrize("odd", [5, [], "x", None, True, [{}]])
def test_b4_an_element_that_is_no_object_fails_alone(world: World, odd: object) -> None:
    first, bad, last = write(world, item(), odd, item()).json()
    assert (first["outcome"], last["outcome"]) == ("created", "created")
    assert faults(bad) == [("ItemNotObject", "[1]")]
    alone = write(world, odd)
    assert (alone.status_code, faults(alone.json())) == (200, [("ItemNotObject", "[0]")])


@pytest.mark.parametrize("name", ["cmId", "cm_id"])
def test_b5_one_foreign_item_refuses_the_request(world: World, name: str) -> None:
    order = item()
    answer = write(world, order, item(**{name: 2469}))
    assert (answer.status_code, answer.json()["Error"]) == (401, "AuthKeyInvalid")
    assert faults(answer.json()) == [("AccountMismatch", f"[1].{name}")]
    assert post(world, GET, [{"erp_order_id": order["erp_order_id"]}]).json()["Error"] == "OrderNotFound"


def test_b6_a_forbidden_payment_fails_in_its_place(world: World) -> None:
    pushed, refused = write(world, item(), payment(world.f2, "1"), key="Kpush").json()
    assert pushed["outcome"] == "created"
    assert [refused[name] for name in ("Message", "Status", "Error")] == [FORBIDDEN, "Fail", "OperationNotAllowed"]


def test_b6_one_entry_for_each_operation_that_is_refused(world: World) -> None:
    answer = write(world, payment(world.f2, "1"), {"order_id": "77"}, payment(world.f2, "2"), key="Kpush")
    assert answer.status_code == 403
    assert [entry["code"] for entry in answer.json()["errors"]] == ["OperationNotAllowed"] * 2


def test_b7_a_strict_request_of_good_items_is_like_any_other(world: World) -> None:
    order = push(world)
    answer = write(world, item(), {"order_id": order["order_id"], "remarks": "x"}, headers=STRICT)
    assert [made["outcome"] for made in answer.json()] == ["created", "updated"]
    assert [made["message"] for made in answer.json()] == [ADDED] * 2
    assert one(world, order)["remarks"] == "x"


def test_a_strict_request_tells_each_item_in_its_operations_words(world: World) -> None:
    answer = write(
        world, item(), {"amount_paid": "0"}, {"order_id": world.f2["order_id"], "remarks": "x"}, headers=STRICT
    )
    pushed, paid, updated = answer.json()
    text = "Not written because another item of the request failed."
    assert [pushed[name] for name in ("Message", "Status", "Error")] == [text, "failed", "BatchRejected"]
    assert [updated[name] for name in ("Message", "Status", "Error")] == [text, "Fail", "BatchRejected"]
    assert (paid["Message"], paid["Status"]) == (PAYMENT_FAILED, "Fail")
    assert (faults(pushed), faults(updated)) == ([("BatchRejected", "[0]")], [("BatchRejected", "[2]")])
    assert "remarks" not in one(world, world.f2)


def test_a_failed_item_leaves_nothing_behind(world: World) -> None:
    shop, phone = new_account(world), fresh_phone()
    start = events(world, key=shop.key)["next"]
    bad, good_one = write(world, item(phone=phone, total_paid="x"), item(phone=phone), key=shop.key).json()
    assert (bad["Error"], good_one["outcome"]) == ("InvalidAmount", "created")
    told = [event["type"] for event in events(world, f"after={start}", key=shop.key)["events"]]
    assert told == ["customer.created", "order.created"]


def failure(world: World, body: Json, key: str = "K") -> tuple[str, str]:
    answer: Json = write(world, body, key=key).json()
    return answer["Message"], answer["Error"]


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"kapture_order_id": "77", "order_id": "77", "phone": "1"}, PAYMENT_FAILED),
        ({"payment_id": "77"}, PAYMENT_FAILED),
        ({"amount_paid": "0", "order_id": "77"}, PAYMENT_FAILED),
        ({"order_id": "77", "amount_paid": "", "payment_mode": "cash", "phone": "1"}, UPDATE_FAILED),
        ({"order_id": "77"}, UPDATE_FAILED),
        ({"enquiry_id": "77"}, UPDATE_FAILED),
        ({"kapture_order_id": "0", "payment_mode": "cash", "erp_order_id": "x"}, PAYMENT_FAILED),
        ({"amount_paid": "", "payment_mode": "cash", "customer_name": "Asha"}, PUSH_FAILED),
        ({"payment_mode": "cash"}, PUSH_FAILED),
        ({"order_id": "0", "enquiry_id": ""}, PUSH_FAILED),
        ({}, PUSH_FAILED),
    ],
)
def test_the_content_decides_which_operation_an_item_is(world: World, body: Json, message: str) -> None:
    assert failure(world, body)[0] == message


def test_the_key_decides_what_is_left(world: World) -> None:
    assert failure(world, {"remarks": "x"}, "Kpush") == (PUSH_FAILED, "ReqFieldMissing")
    assert failure(world, {"remarks": "x"}, "Kupd") == (UPDATE_FAILED, "ReqFieldMissing")
    assert failure(world, {"remarks": "x"}, "Kpay")[0] == PAYMENT_FAILED
    assert failure(world, {"order_id": "77"}, "Kpush") == (FORBIDDEN, "OperationNotAllowed")
    assert failure(world, {"order_id": "77"}, "Kpay") == (FORBIDDEN, "OperationNotAllowed")
    assert failure(world, {"amount_paid": "1"}, "Kupd") == (FORBIDDEN, "OperationNotAllowed")
    assert failure(world, {"phone": fresh_phone()}, "Kget") == (FORBIDDEN, "OperationNotAllowed")


def test_neither_header_nor_path_chooses_the_operation(world: World) -> None:
    for headers in ({"x-api-type": "PAYMENT"}, {"api_id": "7"}):
        assert good(write(world, item(), headers=headers))["outcome"] == "created"
    assert good(write(world, item(api_id="payment")))["outcome"] == "created"


def test_two_operations_of_one_key_work_on_one_path(world: World) -> None:
    both = new_key(world, operations=("order.push", "order.payment"))
    order = good(write(world, item(product_details=[line()]), key=both))
    assert write(world, payment(order, "1"), key=both).json()["outcome"] == "created"
    assert call(world, "GET", f"/api/v1/orders/{order['order_id']}", key=both).status_code == 403


def test_an_order_has_at_most_a_thousand_lines(world: World) -> None:
    assert good(write(world, item(product_details=[line()] * 1000)))["outcome"] == "created"
    refused = write(world, item(product_details=[line()] * 1001)).json()
    assert (refused["Message"], faults(refused)) == (PUSH_FAILED, [("TooManyLines", "[0].product_details")])


def test_a_forbidden_item_rejects_a_strict_request(world: World) -> None:
    order = item()
    pushed, refused = write(world, order, payment(world.f2, "1"), key="Kpush", headers=STRICT).json()
    assert (pushed["Error"], refused["Error"]) == ("BatchRejected", "OperationNotAllowed")
    assert post(world, GET, [{"erp_order_id": order["erp_order_id"]}]).json()["Error"] == "OrderNotFound"


def test_a_strict_request_of_one_bad_item_is_answered_bare(world: World) -> None:
    answer = write(world, {"remarks": "x"}, headers=STRICT)
    assert (answer.status_code, faults(answer.json())) == (200, [("ReqFieldMissing", "[0].customer_id")])
    assert post(world, WRITE, {"remarks": "x"}, headers=STRICT).json()["Error"] == "ReqFieldMissing"


def test_what_a_bad_item_would_have_made_is_not_there_for_later_ones(world: World) -> None:
    order = item(create_date="x")
    paid = {"erp_order_id": order["erp_order_id"], "customer_id": world.f2["kapture_customer_id"], "amount_paid": "1"}
    bad, orphan, again = write(world, order, paid, {**order, "create_date": ""}).json()
    assert (bad["Error"], orphan["Error"], again["outcome"]) == ("InvalidDate", "OrderNotFound", "created")


def test_a_body_may_be_limited_by_the_account(world: World) -> None:
    shop = new_account(world, body_max_bytes="2000")
    assert write(world, item(remarks="x" * 1000), key=shop.key).status_code == 200
    refused = write(world, item(remarks="x" * 3000), key=shop.key)
    assert (refused.status_code, refused.json()["Error"]) == (413, "PayloadTooLarge")
