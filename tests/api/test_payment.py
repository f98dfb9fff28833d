"""Edge cases Y1-Y10 of payments, and the rules of the ledger (contract 2.4)."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.world import (
    GET,
    PAYMENT_FAILED,
    Json,
    World,
    faults,
    fresh_word,
    get,
    item,
    line,
    new_account,
    new_key,
    one,
    pay,
    payment,
    post,
    push,
    told,
    warned,
    write,
)


def refused(world: World, body: Json, *, key: str = "K") -> list[tuple[str, str]]:
    """What a payment that fails as documented is told."""
    answer = write(world, body, key=key)
    assert answer.status_code == 200
    failure: Json = answer.json()
    assert (failure["Message"], failure["Status"]) == (PAYMENT_FAILED, "Fail")
    assert failure["Error"] == failure["errors"][0]["code"]
    return faults(failure)


def order_worth(world: World, total: str = "2000") -> Json:
    return push(world, product_details=[line(rate=total)])


@pytest.mark.parametrize(
    ("amount", "code"),
    [
        ("0", "AmountNotPositive"), ("-5", "AmountNotPositive"), (0, "AmountNotPositive"), ("", "ReqFieldMissing"),
        (None, "ReqFieldMissing"),
    ],
)  # fmt: skip
def test_y1_an_amount_is_needed_and_positive(world: World, amount: object, code: str) -> None:
    body = {**payment(world.f2, ""), "amount_paid": amount}
    assert refused(world, body) == [(code, "[0].amount_paid")]
    if code == "ReqFieldMissing":
        absent = {name: value for name, value in body.items() if name != "amount_paid"}
        assert refused(world, absent) == [(code, "[0].amount_paid")]


def test_y2_order_and_customer_belong_together(world: World) -> None:
    order, customer = world.f2["order_id"], world.f2["kapture_customer_id"]
    missing = ("ReqFieldMissing", "[0].kapture_customer_id")
    assert refused(world, {"kapture_order_id": order, "amount_paid": "1"}) == [missing]
    missing = ("ReqFieldMissing", "[0].kapture_order_id")
    assert refused(world, {"kapture_customer_id": customer, "amount_paid": "1"}) == [missing]


def test_y2_everything_missing_is_told_at_once(world: World) -> None:
    told_at_once = refused(world, {"kapture_order_id": "", "amount_paid": "0", "cheque_date": "2024-02-30"})
    assert {code for code, _ in told_at_once} == {"ReqFieldMissing", "AmountNotPositive", "InvalidDate"}
    assert told_at_once[0][0] == "ReqFieldMissing"


def test_y3_an_unknown_order_and_a_wrong_customer(world: World) -> None:
    unknown = {**payment(world.f2, "1"), "kapture_order_id": "77"}
    assert refused(world, unknown) == [("OrderNotFound", "[0].kapture_order_id")]
    assert refused(world, payment(world.f2, "1"), key="KB") == [("OrderNotFound", "[0].kapture_order_id")]
    wrong = {**payment(world.f2, "1"), "kapture_customer_id": world.f1["kapture_customer_id"]}
    assert refused(world, wrong) == [("CustomerMismatch", "[0].kapture_customer_id")]
    assert get(world, world.f2, includeDetails="true")["payments"] == []


def test_y4_the_callers_number_names_the_order(world: World) -> None:
    order = item(product_details=[line()])
    made: Json = write(world, order).json()[0]
    paid = {"erp_order_id": order["erp_order_id"], "customer_id": made["kapture_customer_id"], "amount_paid": "10"}
    assert write(world, paid).json()["outcome"] == "created"
    assert one(world, made)["totalPaid"] == 10
    both = {**payment(made, "10"), "erp_order_id": "SO-2"}
    assert [code for code, _ in refused(world, both)] == ["PaymentMismatch"]
    agreeing = {**payment(made, "10"), "erp_order_id": order["erp_order_id"]}
    assert write(world, agreeing).json()["outcome"] == "created"


def test_y5_a_correction_moves_the_sum_by_the_difference(world: World) -> None:
    shop = new_account(world)
    order = push(world, key=shop.key, product_details=[line(rate="2000")])
    made = pay(world, order, "1000", key=shop.key, payment_mode="cheque", cheque_number="C-1", bank_name="HDFC")
    pay(world, order, "50", key=shop.key)
    fixed = write(world, {"payment_id": made["payment_id"], "amount_paid": "400"}, key=shop.key).json()
    assert (fixed["outcome"], fixed["payment_id"]) == ("updated", made["payment_id"])
    stored = one(world, order, key=shop.key, history=True)
    assert (stored["totalPaid"], stored["balance"]) == (450, 1550)
    first = next(paid for paid in stored["payments"] if str(paid["paymentId"]) == made["payment_id"])
    assert (first["amount"], first["mode"], first["chequeNumber"], first["bankName"]) == (400, "cheque", "C-1", "HDFC")
    assert [entry["amount"] for entry in first["entries"]] == [1000, -1000, 400]
    assert [step["action"] for step in stored["history"]] == [
        "created",
        "payment_added",
        "payment_added",
        "payment_corrected",
    ]
    assert told(world, order, key=shop.key)[-1] == "payment.corrected"


def test_y5_a_correction_must_name_a_payment_of_the_order(world: World) -> None:
    order = order_worth(world)
    made = pay(world, order, "10")
    assert refused(world, {"payment_id": "77", "amount_paid": "1"}) == [("PaymentNotFound", "[0].payment_id")]
    assert refused(world, {"payment_id": made["payment_id"], "amount_paid": "1"}, key="KB")[0][0] == "PaymentNotFound"
    other_order = {"payment_id": made["payment_id"], "kapture_order_id": world.f2["order_id"], "amount_paid": "1"}
    assert [code for code, _ in refused(world, other_order)] == ["PaymentMismatch"]
    other_customer = {
        "payment_id": made["payment_id"],
        "customer_id": world.f2["kapture_customer_id"],
        "amount_paid": "1",
    }
    assert [code for code, _ in refused(world, other_customer)] == ["PaymentMismatch"]
    same = write(world, {"payment_id": made["payment_id"], "amount_paid": "10.00"}).json()
    assert (same["outcome"], same["payment_id"]) == ("unchanged", made["payment_id"])
    assert one(world, order)["totalPaid"] == 10


def test_y6_without_a_reference_the_same_body_twice_is_two_payments(world: World) -> None:
    order = order_worth(world)
    first, second = pay(world, order, "10"), pay(world, order, "10")
    assert first["payment_id"] != second["payment_id"]
    assert one(world, order)["totalPaid"] == 20


def test_y6_a_reference_makes_repeats_harmless(world: World) -> None:
    order, reference = order_worth(world), fresh_word("P-")
    first = pay(world, order, "10", payment_reference=reference)
    again = pay(world, order, "10", payment_reference=reference)
    assert (again["outcome"], again["payment_id"]) == ("unchanged", first["payment_id"])
    other = {**payment(order, "11"), "payment_reference": reference}
    assert [code for code, _ in refused(world, other)] == ["PaymentMismatch"]
    fixed = pay(world, order, "11", payment_id=first["payment_id"], payment_reference=reference)
    assert fixed["outcome"] == "updated"
    elsewhere = pay(world, order_worth(world), "10", payment_reference=reference)
    assert elsewhere["outcome"] == "created"  # a reference is one order's


def test_y7_order_fields_in_a_payment_are_ignored(world: World) -> None:
    order = order_worth(world)
    made = pay(world, order, "10", product_details=[line(rate="1")], order_status="XX", nonsense="kept nowhere")
    assert warned(made) == [
        ("FieldIgnored", "[0].product_details"), ("FieldIgnored", "[0].order_status"), ("FieldIgnored", "[0].nonsense"),
    ]  # fmt: skip
    stored = one(world, order)
    assert (stored["totalPaid"], stored["deliveryStatus"], len(stored["lines"])) == (10, "AP", 1)
    assert stored["additionalFields"] == {}


def test_y8_twenty_simultaneous_payments_are_twenty(world: World) -> None:
    order = order_worth(world)
    with ThreadPoolExecutor(20) as pool:
        list(pool.map(lambda _: pay(world, order, "1"), range(20)))
    assert one(world, order)["totalPaid"] == 20


def test_y9_payment_names_without_values_are_a_failed_payment(world: World) -> None:
    empty = dict.fromkeys(["kapture_order_id", "kapture_customer_id", "payment_id", "amount_paid", "payment_mode"], "")
    assert refused(world, empty)[0][0] == "ReqFieldMissing"
    for name in ("kapture_order_id", "payment_id", "amount_paid"):
        assert refused(world, {name: ""})[0][0] == "ReqFieldMissing"


def test_y10_more_than_is_owed_is_recorded(world: World) -> None:
    order = order_worth(world, "100")
    assert warned(pay(world, order, "100")) == []
    over = pay(world, order, "0.5")
    assert [(entry["code"], entry["value"]) for entry in over["warnings"]] == [("Overpaid", "0.5")]
    assert (one(world, order)["totalPaid"], one(world, order)["balance"]) == (100.5, -0.5)
    assert warned(pay(world, push(world), "5")) == []  # no total to exceed


def test_a_cheque_paid_in_twice_is_recorded_and_told(world: World) -> None:
    order, cheque = order_worth(world), {"payment_mode": "cheque", "cheque_number": fresh_word("CH-")}
    assert warned(pay(world, order, "10", **cheque)) == []
    assert [code for code, _ in warned(pay(world, order, "10", **cheque))] == ["PossibleDuplicate"]
    assert warned(pay(world, order, "11", **cheque)) == []
    assert warned(pay(world, order, "10", **cheque, payment_reference=fresh_word("P-"))) == []


def test_a_key_may_ask_for_details_of_payments(world: World) -> None:
    key = new_key(world, operations=("order.payment",), mandatory=("payment.mode", "bank_name"))
    order = order_worth(world)
    missing = {("ReqFieldMissing", "[0].payment_mode"), ("ReqFieldMissing", "[0].bank_name")}
    assert set(refused(world, payment(order, "1", payment_mode=""), key=key)) == missing
    assert pay(world, order, "1", key=key, payment_mode="cash", bank_name="HDFC")["outcome"] == "created"


def test_the_details_of_a_payment_are_kept(world: World) -> None:
    order = order_worth(world)
    details = {"payment_mode": "cheque", "cheque_number": "000123", "bank_name": "HDFC", "remarks": "first half"}
    reference = fresh_word("P-")
    dates = {"cheque_date": "2024-05-22", "payment_date": "2024-05-23 10:30"}
    pay(world, order, "99.5", **details, **dates, payment_reference=reference)
    (legacy,) = post(world, GET, {"order_id": order["order_id"], "includeDetails": True}).json()["message"]["payments"]
    assert (legacy["amount"], legacy["mode"], legacy["chequeNumber"]) == ("99.5", "cheque", "000123")
    assert (legacy["chequeDate"], legacy["paidAt"]) == ("2024-05-22 00:00:00", "2024-05-23 10:30:00")
    assert (legacy["bankName"], legacy["reference"], legacy["remarks"]) == ("HDFC", reference, "first half")
    (kept,) = one(world, order)["payments"]
    assert (kept["amount"], kept["chequeDate"], kept["paidAt"]) == (99.5, 1716316200000, 1716440400000)
    assert [entry["kind"] for entry in kept["entries"]] == ["payment"]
