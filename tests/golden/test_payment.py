"""Golden cases G48-G56: payments against orders, and their corrections (contract 2.4, section 5)."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.docs.samples import sample
from tests.world import (
    PAID,
    PAYMENT_FAILED,
    WRITE,
    Json,
    World,
    faults,
    fresh_erp,
    fresh_word,
    get,
    line,
    one,
    pay,
    payment,
    post,
    push,
    write,
)

NAMES = ["kapture_order_id", "erp_order_id", "kapture_customer_id", "payment_mode", "cheque_number", "cheque_date",
         "bank_name", "payment_id", "amount_paid", "remarks"]  # fmt: skip


def like_f2(world: World, **fields: str) -> Json:
    """An order with one line 2 x 1000 and no payments."""
    return push(world, product_details=[line(quantity="2")], **fields)


def total_paid(world: World, order: Json) -> str:
    return str(get(world, order, includeDetails="true")["totalPaid"])


def test_g48_the_documented_sample_records_a_payment(world: World) -> None:
    order = like_f2(world)
    body = sample("payment", _4238767=order["order_id"], _48658789=order["kapture_customer_id"])
    answer = post(world, WRITE, body)
    assert answer.status_code == 200
    made = answer.json()
    assert list(made) == ["message", "status", "outcome", "payment_id"]
    assert (made["message"], made["status"], made["outcome"]) == (PAID, "success", "created")
    assert total_paid(world, order) == "1000"


@pytest.mark.parametrize(("amount", "code"), [("0", "AmountNotPositive"), ("", "ReqFieldMissing")])
def test_g49_an_amount_must_be_above_zero(world: World, amount: str, code: str) -> None:
    answer = write(world, payment(world.f2, amount))
    assert answer.status_code == 200
    assert [answer.json()[name] for name in ("Message", "Status", "Error")] == [PAYMENT_FAILED, "Fail", code]
    assert faults(answer.json()) == [(code, "[0].amount_paid")]


def test_g50_order_and_customer_must_fit(world: World) -> None:
    order, customer = world.f2["order_id"], world.f2["kapture_customer_id"]
    wrong = world.f1["kapture_customer_id"]
    for ids, fault in (
        ({"kapture_order_id": order}, ("ReqFieldMissing", "[0].kapture_customer_id")),
        ({"kapture_order_id": order, "kapture_customer_id": wrong}, ("CustomerMismatch", "[0].kapture_customer_id")),
        ({"kapture_order_id": "77", "kapture_customer_id": customer}, ("OrderNotFound", "[0].kapture_order_id")),
    ):
        answer = write(world, {**ids, "amount_paid": "1"})
        assert answer.status_code == 200
        assert [answer.json()[name] for name in ("Message", "Status", "Error")] == [PAYMENT_FAILED, "Fail", fault[0]]
        assert faults(answer.json()) == [fault]


def test_g51_an_order_may_be_paid_by_the_callers_number_and_overpaid(world: World) -> None:
    erp = fresh_erp()
    order = like_f2(world, erp_order_id=erp)
    by_erp = {"erp_order_id": erp, "kapture_customer_id": order["kapture_customer_id"], "amount_paid": "500"}
    assert write(world, by_erp).json()["outcome"] == "created"
    over = pay(world, order, "5000")
    assert over["outcome"] == "created"
    assert [(entry["code"], entry["value"]) for entry in over["warnings"]] == [("Overpaid", "3500")]
    assert total_paid(world, order) == "5500"


def test_g52_a_payment_is_corrected_by_its_id(world: World) -> None:
    order = like_f2(world)
    made = pay(world, order, "1000")
    fixed = write(world, {"payment_id": made["payment_id"], "amount_paid": "400"}).json()
    assert (fixed["outcome"], fixed["payment_id"]) == ("updated", made["payment_id"])
    assert total_paid(world, order) == "400"
    (kept,) = one(world, order)["payments"]
    assert [(entry["kind"], entry["amount"]) for entry in kept["entries"]] == [
        ("payment", 1000), ("reversal", -1000), ("payment", 400),
    ]  # fmt: skip


def test_g53_a_reference_is_booked_once(world: World) -> None:
    order, reference = like_f2(world), fresh_word("PAY-")
    first, second = (pay(world, order, "300", payment_reference=reference) for _ in range(2))
    assert (first["outcome"], second["outcome"]) == ("created", "unchanged")
    assert first["payment_id"] == second["payment_id"]
    assert total_paid(world, order) == "300"


def test_g54_two_payments_are_answered_by_two(world: World) -> None:
    order = like_f2(world)
    made = write(world, payment(order, "10"), payment(order, "20")).json()
    assert [(answer["message"], answer["status"]) for answer in made] == [(PAID, "success")] * 2
    assert len({answer["payment_id"] for answer in made}) == 2
    assert total_paid(world, order) == "30"


def test_g55_an_empty_payment_is_no_order(world: World) -> None:
    answer = write(world, dict.fromkeys(NAMES, ""), key="Kpay")
    assert answer.status_code == 200
    assert [answer.json()[name] for name in ("Message", "Status")] == [PAYMENT_FAILED, "Fail"]
    assert answer.json()["Error"] == "ReqFieldMissing"


def test_g56_simultaneous_payments_lose_nothing(world: World) -> None:
    order = like_f2(world)
    with ThreadPoolExecutor(20) as pool:
        made = list(pool.map(lambda _: pay(world, order, "1"), range(20)))
    assert len({answer["payment_id"] for answer in made}) == 20
    assert total_paid(world, order) == "20"
