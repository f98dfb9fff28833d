"""Edge cases T1-T8 of the legacy get (contract 2.7)."""

import pytest

from tests.world import (
    GET,
    World,
    faults,
    fresh_erp,
    get,
    line,
    new_key,
    pay,
    post,
    push,
)

NOT_FOUND = {"Message": "could not find the order", "Status": "failed", "Error": "OrderNotFound"}


def test_t1_array_and_object_are_answered_alike(world: World) -> None:
    number = world.f1["order_id"]
    assert post(world, GET, [{"order_id": number}]).json() == post(world, GET, {"order_id": int(number)}).json()


def test_t2_an_order_of_another_account_is_not_found(world: World) -> None:
    answer = post(world, GET, [{"order_id": world.f1["order_id"]}], key="KB")
    unknown = post(world, GET, [{"order_id": "77"}], key="KB")
    assert answer.status_code == unknown.status_code == 200
    assert NOT_FOUND.items() <= answer.json().items()
    assert answer.text.replace(world.f1["order_id"], "77") == unknown.text


@pytest.mark.parametrize("body", [{}, {"order_id": ""}, {"order_id": 0, "erp_order_id": " "}, {"orderid": "77"}])
def test_t3_a_number_is_needed(world: World, body: dict[str, object]) -> None:
    answer = post(world, GET, [body]).json()
    assert [answer[name] for name in ("Message", "Status", "Error")] == [
        "Mandatory field missing",
        "failed",
        "ReqFieldMissing",
    ]
    assert faults(answer) == [("ReqFieldMissing", "[0].order_id")]


@pytest.mark.parametrize("number", ["abc", "1e3", -1, 1.5, "9" * 40, True])
def test_t4_what_is_no_number_is_not_found(world: World, number: object) -> None:
    answer = post(world, GET, [{"order_id": number}])
    assert answer.status_code == 200
    assert NOT_FOUND.items() <= answer.json().items()
    assert faults(answer.json()) == [("OrderNotFound", "[0].order_id")]


def test_t5_several_are_answered_in_place(world: World) -> None:
    answer = post(world, GET, [{"order_id": world.f1["order_id"]}, {"order_id": "77"}, {}, {"erp_order_id": "SO-2"}])
    first, unknown, empty, last = answer.json()
    assert (first["message"]["id"], last["message"]["id"]) == (world.f1["order_id"], world.f2["order_id"])
    assert (NOT_FOUND.items() <= unknown.items(), faults(unknown)) == (True, [("OrderNotFound", "[1].order_id")])
    assert faults(empty) == [("ReqFieldMissing", "[2].order_id")]


def test_t6_a_given_number_decides(world: World) -> None:
    answer = post(world, GET, [{"order_id": "77", "erp_order_id": "SO-2"}]).json()
    assert faults(answer) == [("OrderNotFound", "[0].order_id")]
    by_erp = post(world, GET, [{"erp_order_id": "SO-none"}]).json()
    assert (NOT_FOUND.items() <= by_erp.items(), faults(by_erp)) == (True, [("OrderNotFound", "[0].erp_order_id")])
    assert post(world, GET, {"order_id": "0", "erp_order_id": "SO-2"}).json()["message"]["id"] == world.f2["order_id"]


@pytest.mark.parametrize(
    ("rate", "printed"), [("1500.00", "1500"), ("99.5000", "99.5"), ("0.0001", "0.0001"), ("-3.10", "-3.1")]
)
def test_t7_money_prints_its_shortest_form(world: World, rate: str, printed: str) -> None:
    assert get(world, push(world, product_details=[line(rate=rate)]))["productValue"] == printed


def test_t8_message_is_an_object_or_absent(world: World) -> None:
    assert isinstance(post(world, GET, [{"order_id": world.f1["order_id"]}]).json()["message"], dict)
    assert "message" not in post(world, GET, [{"order_id": "77"}]).json()


def test_details_and_history_are_added_when_asked_for(world: World) -> None:
    order = push(world, erp_order_id=fresh_erp(), product_details=[line()])
    pay(world, order, "10")
    assert "lines" not in get(world, order)
    whole = get(world, order, includeDetails="true", includeHistory="true")
    assert [row["skuId"] for row in whole["lines"]] == ["A-1"]
    assert [paid["amount"] for paid in whole["payments"]] == ["10"]
    assert [step["action"] for step in whole["history"]] == ["created", "payment_added"]
    bad = post(world, GET, [{"order_id": order["order_id"], "includeHistory": "maybe"}]).json()
    assert faults(bad) == [("InvalidBoolean", "[0].includeHistory")]


def test_a_key_may_want_the_documented_keys_alone(world: World) -> None:
    plain = new_key(world, extra_keys="off")
    answer = post(world, GET, [{"order_id": world.f1["order_id"]}], key=plain).json()
    assert list(answer["message"]) == [
        "id", "cmId", "leadId", "enquiryId", "name", "phone", "email", "creatorId", "productId", "productQuantity",
        "productValue",
    ]  # fmt: skip
    assert post(world, GET, [{"order_id": "77"}], key=plain).json() == {
        "Message": NOT_FOUND["Message"],
        "Status": "failed",
    }


def test_an_order_without_a_copy_of_its_own_shows_its_customers(world: World) -> None:
    first = push(world, email_id=f"{fresh_erp()}@example.com")
    second = push(world, phone=None, customer_name=None, customer_id=first["kapture_customer_id"])
    printed, known = get(world, second), get(world, first)
    assert [printed[name] for name in ("leadId", "name", "phone", "email")] == [
        known[name] for name in ("leadId", "name", "phone", "email")
    ]
