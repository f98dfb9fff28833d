"""Golden cases G31-G36, G39, G40, G100: money, additional fields and the shape of answers (contract 1.7, 1.9, 1.10)."""

import json

import pytest

from tests.world import (
    EIGHT_KEYS,
    GET,
    PUSH_FAILED,
    WRITE,
    WRONG_KEY,
    Json,
    World,
    faults,
    fresh_phone,
    fresh_word,
    get,
    good,
    item,
    line,
    new_account,
    new_key,
    one,
    post,
    push,
    warned,
    write,
)


def test_g31_all_faults_are_told_at_once(world: World) -> None:
    bad = {"create_date": "31/12/2024", "product_details": [line(rate="12,000")]}
    answer = write(world, bad)
    assert answer.json()["Error"] == "ReqFieldMissing"
    assert faults(answer.json()) == [
        ("ReqFieldMissing", "[0].customer_id"),
        ("InvalidDate", "[0].create_date"),
        ("InvalidAmount", "[0].product_details[0].rate"),
    ]
    assert [entry["value"] for entry in answer.json()["errors"]] == ["", "31/12/2024", "12,000"]


@pytest.mark.parametrize(
    ("rate", "printed"), [('"1.2300000"', "1.23"), ("1e3", "1000"), ('"0.1"', "0.1"), ("1.5", "1.5")]
)
def test_g32_a_rate_is_read_exactly(world: World, rate: str, printed: str) -> None:
    body = json.dumps([item(product_details=[line(rate="RATE")])]).replace('"RATE"', rate)
    made = good(post(world, WRITE, body.encode()))
    assert get(world, made)["productValue"] == printed


def test_g32_a_fifth_decimal_is_no_amount(world: World) -> None:
    answer = write(world, item(product_details=[line(rate="1.23456")]))
    assert faults(answer.json()) == [("InvalidAmount", "[0].product_details[0].rate")]


def test_g32_three_tenths_are_exactly_three_tenths(world: World) -> None:
    for lines in ([line(rate="0.1", quantity="3")], [line(rate="0.1")] * 3):
        assert get(world, push(world, product_details=lines))["productValue"] == "0.3"


def test_g33_a_total_that_differs_from_the_lines_is_a_warning(world: World) -> None:
    made = push(world, grand_total="9998", product_details=[line(rate="9999")])
    assert made["outcome"] == "created"
    assert warned(made) == [("TotalMismatch", "[0].grand_total")]
    assert get(world, made, includeDetails="true")["grandTotal"] == "9998"


def test_g33_a_key_may_have_it_refused(world: World) -> None:
    strict = new_key(world, total_mismatch="reject")
    answer = write(world, item(grand_total="9998", product_details=[line(rate="9999")]), key=strict)
    assert [answer.json()[name] for name in ("Message", "Status", "Error")] == [PUSH_FAILED, "failed", "TotalMismatch"]
    assert faults(answer.json()) == [("TotalMismatch", "[0].grand_total")]


@pytest.mark.parametrize(("kind", "value"), [("amount", "9995"), ("percent", "9500")])
def test_g34_a_discount_is_an_amount_or_a_percentage(world: World, kind: str, value: str) -> None:
    key = new_key(world, discount_kind=kind)
    made = push(world, key=key, product_details=[line(rate="1000", quantity="10", discount="5")])
    assert get(world, made)["productValue"] == value


def test_g35_total_paid_states_what_is_paid_so_far(world: World) -> None:
    order = item(payment_mode="cash")
    amounts = []
    for total in ("500", "500", "1000"):
        made = good(write(world, {**order, "total_paid": total}))
        amounts.append([(paid["amount"], paid["mode"]) for paid in one(world, made)["payments"]])
    assert amounts == [[(500, "cash")], [(500, "cash")], [(500, "cash"), (500, "cash")]]


def test_g36_unknown_members_are_kept(world: World) -> None:
    unknown: Json = {
        "Expected Area": "1200 sq/ft",
        "site_visit_scheduled": [{"when": "2024-05-08", "with": ["M1", 2, None, 1.50]}],
    }
    made = push(world, **unknown)
    assert one(world, made)["additionalFields"] == unknown


def test_g39_a_minimal_answer_is_an_answer(world: World) -> None:
    answer = write(world, item(), headers={"Prefer": "return=minimal"})
    (made,) = answer.json()
    assert made == {"order_id": made["order_id"], "outcome": "created", "status": "success"}
    assert answer.headers["Preference-Applied"] == "return=minimal"


def test_g40_a_key_may_want_the_documented_keys_alone(world: World) -> None:
    key = new_key(world, extra_keys="off")
    made = good(write(world, item(assign_email_id="nobody@example.com"), key=key))
    assert list(made) == EIGHT_KEYS
    failed = write(world, {"customer_name": "Asha"}, key=key)
    assert failed.json() == {"Message": PUSH_FAILED, "Status": "failed"}


def test_g40_an_account_may_want_failures_in_lower_case_too(world: World) -> None:
    shop = new_account(world, lowercase_twins="on")
    body = write(world, {"customer_name": "Asha"}, key=shop.key).json()
    assert (body["Message"], body["Status"]) == (body["message"], body["status"]) == (PUSH_FAILED, "failed")
    several = write(world, {"customer_name": "Asha"}, {"order_id": "9"}, item(), key=shop.key).json()
    assert [one["status"] for one in several] == ["failed", "Fail", "success"]
    assert [one.get("message") == one.get("Message") for one in several] == [True, True, False]
    whole = post(world, WRITE, b"{", key=shop.key).json()
    assert (whole["message"], whole["status"]) == ("Invalid Json.", "failed")
    read = post(world, GET, [{"order_id": "9"}, {"order_id": "8"}], key=shop.key).json()
    assert {one["message"] for one in read} == {"could not find the order"}
    unknown = post(world, GET, [{}], key=WRONG_KEY, headers={"Host": f"{shop.subdomain}.example.com"}).json()
    assert (unknown["message"], unknown["status"]) == ("Please use correct Authkey", "failed")
    bare = new_key(world, shop.cm_id, extra_keys="off")
    assert write(world, {"phone": ""}, key=bare).json() == {"Message": PUSH_FAILED, "Status": "failed"}
    assert not {"message", "status"} & write(world, {"customer_name": "Asha"}).json().keys()


def test_g100_one_phone_and_two_codes_are_two_customers(world: World) -> None:
    phone = fresh_phone()
    first = push(world, phone=phone, customer_code=fresh_word("C-"))
    second = push(world, phone=phone, customer_code=fresh_word("C-"))
    assert first["kapture_customer_id"] != second["kapture_customer_id"]
    assert [entry["code"] for entry in second["warnings"]] == ["CustomerAmbiguous"]
