"""The requests that the order documents print are answered as they print it: their keys first, ours behind."""

from typing import Any

import pytest

from tests.docs.samples import OPERATIONS, printed, sample
from tests.world import (
    GET,
    PULL,
    WRITE,
    WRONG_KEY,
    Json,
    World,
    get,
    good,
    item,
    line,
    new_account,
    new_key,
    one,
    payment,
    post,
    push,
    warned,
    write,
)

PATHS = {"push": WRITE, "update": WRITE, "payment": WRITE, "pull": PULL, "get": GET}


def requests(world: World, key: str) -> dict[str, bytes]:
    """Every documented request, its ids those of records that exist."""
    order = push(world, key=key, customer_name="Rachel Smith", product_details=[line(rate="1500")])
    older = [push(world, key=key, create_date="2016-03-31") for _ in range(12)]
    return {
        "push": sample("push"),
        "update": sample("update", _4141343=order["order_id"]),
        "payment": sample("payment", _4238767=order["order_id"], _48658789=order["kapture_customer_id"]),
        "pull": sample("pull", _293312=",".join(made["enquiry_id"] for made in older)),
        "get": sample("get", _4075465=order["order_id"]),
    }


def shape(value: Any) -> Any:
    """A body with its values taken out: names and nesting, and of the values whether they are text."""
    if isinstance(value, dict):
        return {name: shape(member) for name, member in value.items()}
    if isinstance(value, list):
        return [shape(value[0])] if value else []
    return type(value)


@pytest.fixture(scope="module")
def plain(world: World) -> tuple[str, dict[str, bytes]]:
    """A key that wants the documented keys alone, and the documented requests for it."""
    shop = new_account(world)
    return new_key(world, shop.cm_id, extra_keys="off"), requests(world, shop.key)


@pytest.mark.parametrize("name", OPERATIONS)
def test_a_documented_request_has_its_documented_answer_key_for_key(
    world: World, plain: tuple[str, dict[str, bytes]], name: str
) -> None:
    key, bodies = plain
    answer = post(world, PATHS[name], bodies[name], key=key)
    assert answer.status_code == 200
    assert shape(answer.json()) == shape(printed(name, "success"))


@pytest.mark.parametrize("name", OPERATIONS)
def test_our_keys_come_behind_the_documented_ones(world: World, name: str) -> None:
    shop = new_account(world)
    body = requests(world, shop.key)[name]
    answer = post(world, PATHS[name], body, key=shop.key).json()
    documented = printed(name, "success")
    pairs = [(answer, documented)]
    if isinstance(answer, list):
        pairs = [(answer[0], documented[0])]
    if name == "pull":
        pairs.append((answer["orders"][0], documented["orders"][0]))
    if name == "get":
        pairs.append((answer["message"], documented["message"]))
    for ours, theirs in pairs:
        assert list(ours)[: len(theirs)] == list(theirs)
        for constant in ("message", "status"):
            if isinstance(theirs.get(constant), str):
                assert ours[constant] == theirs[constant]


FAILING: dict[str, tuple[str, bytes]] = {
    "push": (WRITE, b'[{"customer_name":"Guru","product_details":[]}];'),
    "update": (WRITE, sample("update")),
    "payment": (WRITE, sample("payment")),
    "pull": (PULL, sample("pull")),
    "get": (GET, sample("get")),
}


@pytest.mark.parametrize("name", OPERATIONS)
def test_a_documented_failure_is_answered_word_for_word(world: World, name: str) -> None:
    path, body = FAILING[name]
    documented = printed(name, "failure")
    answer = post(world, path, body)
    assert answer.status_code == 200
    assert list(answer.json())[:2] == list(documented) == ["Message", "Status"]
    assert documented.items() <= answer.json().items()
    assert post(world, path, body, key=new_key(world, extra_keys="off")).json() == documented


def test_the_four_documented_names_have_their_documented_texts(world: World) -> None:
    told: list[Json] = [
        post(world, WRITE, sample("push"), key=WRONG_KEY).json(),
        post(world, WRITE, sample("push"), key="Kexp").json(),
        post(world, PULL, b"[{}];").json(),
    ]
    assert [(one["Error"], one["Message"]) for one in told] == [
        ("AuthKeyInvalid", "Please use correct Authkey"), ("APIExpired", "API Request is Expired"),
        ("ReqFieldMissing", "Mandatory field missing"),
    ]  # fmt: skip


def test_the_samples_mean_what_they_say(world: World) -> None:
    shop = new_account(world)
    bodies = requests(world, shop.key)
    pushed = one(world, good(post(world, WRITE, bodies["push"], key=shop.key)), key=shop.key)
    assert (pushed["name"], pushed["phone"], pushed["email"]) == ("Guru", "1234567890", "xjbwih@jbk.ji")
    assert (pushed["productValue"], pushed["paymentMode"], pushed["totalPaid"]) == (9999, "cash", 0)
    updated = one(world, good(post(world, WRITE, bodies["update"], key=shop.key)), key=shop.key)
    assert (updated["lines"][0]["productName"], updated["productValue"]) == ("Subscription service", 9995)
    post(world, WRITE, bodies["payment"], key=shop.key)
    (paid,) = one(world, {"order_id": str(updated["id"])}, key=shop.key)["payments"]
    assert (paid["amount"], paid["mode"], paid["chequeDate"]) == (1000, "cheque", 1590085800000)
    page = post(world, PULL, bodies["pull"], key=shop.key).json()
    assert (len(page["orders"]), page["total"]) == (2, "12")
    got = post(world, GET, bodies["get"], key=shop.key).json()["message"]
    assert (got["name"], got["productValue"], got["cmId"]) == ("Guru", "9995", str(shop.cm_id))


def test_the_example_of_the_contract_is_stored_as_it_says(world: World) -> None:
    order = {
        "customer_name": "Asha", "phone": "8123456789", "email_id": "asha@example.com", "order_status": "",
        "create_date": "2024-05-08 11:54", "customer_id": "", "order_type": "", "total_paid": "500",
        "payment_mode": "cash", "order_id": "", "grand_total": "", "assign_email_id": "nobody@example.com",
        "erp_order_id": "SO-1001", "product_details": [line(rate="10000", discount="1", parent_product_name="")],
    }  # fmt: skip
    shop = new_account(world)
    made = good(write(world, order, key=shop.key))
    assert (made["outcome"], warned(made)) == ("created", [("EmployeeUnknown", "[0].assign_email_id")])
    stored = one(world, made, key=shop.key)
    assert (stored["productValue"], stored["grandTotal"], stored["totalPaid"], stored["balance"]) == (
        9999,
        9999,
        500,
        9499,
    )
    assert [(paid["amount"], paid["mode"]) for paid in stored["payments"]] == [(500, "cash")]
    assert stored["deliveryStatus"] == "AP"
    assert get(world, made, key=shop.key)["createDate"] == "2024-05-08 11:54:00"


def test_the_mixed_array_of_the_contract(world: World) -> None:
    order = push(world)
    lines = [line(rate="1000", quantity="10", discount="5")]
    changed = {"customer_name": "Guru", "order_id": order["order_id"], "product_details": lines}
    pushed, failed, updated = write(world, item(), payment(order, "0"), changed).json()
    assert (pushed["outcome"], updated["outcome"]) == ("created", "updated")
    assert failed["errors"] == [{
        "code": "AmountNotPositive", "field": "[1].amount_paid", "value": "0",
        "message": failed["errors"][0]["message"],
    }]  # fmt: skip
    assert (failed["Status"], failed["Error"]) == ("Fail", "AmountNotPositive")
