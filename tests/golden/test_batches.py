"""Golden cases G57-G61: several items in one request (contract 1.13, 2.5, section 5)."""

from tests.world import (
    GET,
    PAYMENT_FAILED,
    PUSH_FAILED,
    UPDATE_FAILED,
    World,
    call,
    faults,
    fresh_word,
    item,
    line,
    one,
    payment,
    post,
    push,
    write,
)


def known(world: World, *erps: str) -> list[bool]:
    found = [post(world, GET, [{"erp_order_id": erp}]).json() for erp in erps]
    return [answer.get("status") == "success" for answer in found]


def test_g57_a_bad_item_does_not_hold_up_good_ones(world: World) -> None:
    orders = [item(), item(create_date="2024-02-30"), item()]
    answer = write(world, *orders)
    assert answer.status_code == 200
    first, bad, last = answer.json()
    assert (first["outcome"], last["outcome"]) == ("created", "created")
    assert [bad[name] for name in ("Message", "Status", "Error")] == [PUSH_FAILED, "failed", "InvalidDate"]
    assert faults(bad) == [("InvalidDate", "[1].create_date")]
    assert known(world, *(order["erp_order_id"] for order in orders)) == [True, False, True]


def test_g57_a_strict_request_is_all_or_nothing(world: World) -> None:
    orders = [item(), item(create_date="2024-02-30"), item()]
    answer = write(world, *orders, headers={"Prefer": "handling=strict"})
    assert (answer.status_code, answer.headers["Preference-Applied"]) == (200, "handling=strict")
    assert [element["Error"] for element in answer.json()] == ["BatchRejected", "InvalidDate", "BatchRejected"]
    rejected = answer.json()[0]
    assert rejected["Message"] == "Not written because another item of the request failed."
    assert (rejected["Status"], faults(rejected)) == ("failed", [("BatchRejected", "[0]")])
    assert known(world, *(order["erp_order_id"] for order in orders)) == [False] * 3


def test_g58_later_items_see_what_earlier_ones_did(world: World) -> None:
    other, code = push(world), fresh_word("C-")
    order = item(customer_code=code, product_details=[line()])
    created = push(world, customer_code=code)  # so that the payment can name its customer
    paid = {
        "erp_order_id": order["erp_order_id"],
        "kapture_customer_id": created["kapture_customer_id"],
        "amount_paid": "300",
    }
    answer = write(world, order, paid, {"order_id": other["order_id"], "remarks": "third"})
    assert answer.status_code == 200
    pushed, booked, updated = answer.json()
    assert (pushed["outcome"], booked["outcome"], updated["outcome"]) == ("created", "created", "updated")
    assert pushed["kapture_customer_id"] == created["kapture_customer_id"]
    assert one(world, pushed)["totalPaid"] == 300
    assert one(world, other)["remarks"] == "third"


def test_g59_one_bad_item_is_answered_bare(world: World) -> None:
    answer = write(world, {"remarks": "nobody"})
    assert answer.status_code == 200
    assert isinstance(answer.json(), dict)
    assert answer.json()["Message"] == PUSH_FAILED


def test_g60_a_forbidden_item_fails_in_its_place(world: World) -> None:
    answer = write(world, item(), payment(world.f2, "1"), key="Kpush")
    assert answer.status_code == 200
    pushed, refused = answer.json()
    assert pushed["outcome"] == "created"
    assert [refused[name] for name in ("Message", "Status", "Error")] == [
        "This key is not allowed to use this operation.", "Fail", "OperationNotAllowed",
    ]  # fmt: skip


def test_g60_a_request_of_which_nothing_is_allowed_is_refused(world: World) -> None:
    answer = write(world, payment(world.f2, "1"), payment(world.f2, "2"), key="Kpush")
    assert answer.status_code == 403
    body = answer.json()
    assert body["Error"] == "OperationNotAllowed"
    assert [entry["code"] for entry in body["errors"]] == ["OperationNotAllowed"]
    assert body["Message"] not in (PAYMENT_FAILED, PUSH_FAILED, UPDATE_FAILED)


def test_g61_one_item_of_another_account_refuses_the_request(world: World) -> None:
    first, second = item(), item(cmId="2469")
    answer = write(world, first, second)
    assert (answer.status_code, answer.json()["Error"]) == (401, "AuthKeyInvalid")
    assert faults(answer.json()) == [("AccountMismatch", "[1].cmId")]
    assert known(world, first["erp_order_id"], second["erp_order_id"]) == [False, False]
    assert call(world, "GET", f"/api/v1/orders/erp:{first['erp_order_id']}", key="KB").status_code == 404
