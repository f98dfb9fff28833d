"""Money: read and computed exactly, never rounded on the way in (contract 1.7)."""

import json

import pytest

from tests.world import (
    WRITE,
    World,
    call,
    faults,
    get,
    good,
    item,
    line,
    new_account,
    new_key,
    one,
    post,
    push,
    update,
    warned,
    write,
)

CENTS = "922337203685477.5807"  # the largest in whole 1/10000 of a BIGINT


def raw_push(world: World, name: str, number: str, **fields: object) -> dict[str, object]:
    """The answer to a push in which one value is written as given, quoted or not."""
    body = json.dumps([item(**{**fields, name: "@@"})]).replace('"@@"', number)
    answer = post(world, WRITE, body.encode())
    assert answer.status_code == 200
    return dict(answer.json()[0] if isinstance(answer.json(), list) else answer.json())


@pytest.mark.parametrize(
    ("sent", "printed"),
    [
        ('"1500"', "1500"), ("1500", "1500"), ('"1500.00"', "1500"), ("99.50", "99.5"), ('"0.0001"', "0.0001"),
        ('".5"', "0.5"), ('"5."', "5"), ('"+7"', "7"), ('" 7 "', "7"), ('"007"', "7"), ("1e3", "1000"),
        ("1.5E+2", "150"), ("25e-2", "0.25"), ("0e5", "0"), (f'"{CENTS}"', CENTS), (CENTS, CENTS),
        ('"1.2300000000000"', "1.23"), ("450359962737.0497", "450359962737.0497"),
    ],
)  # fmt: skip
def test_an_amount_is_read_exactly(world: World, sent: str, printed: str) -> None:
    made = raw_push(world, "grand_total", sent)
    assert get(world, made, includeDetails="true")["grandTotal"] == printed


def test_an_amount_may_be_as_large_as_the_store_can_hold(world: World) -> None:
    most = "922337203685477.5807"
    assert get(world, push(world, grand_total=most), includeDetails="true")["grandTotal"] == most


@pytest.mark.parametrize(
    "sent",
    [
        '"12,000"', '"12,000.50"', '"₹500"', '"500 INR"', '"$5"', '"1.23456"', '"1e3"', '"1E3"', "1.00001", "1e-5",
        "1e400", "-1e400", "1e15", '"1000000000000000"', '"--5"', '"-"', '"."', '"five"', '"NaN"', '"Infinity"',
        '"1 000"', '"0x10"', '"٥"', '"1_000"', "true", "1e-400",
    ],
)  # fmt: skip
def test_anything_else_is_no_amount(world: World, sent: str) -> None:
    failure = raw_push(world, "grand_total", sent)
    assert faults(failure) == [("InvalidAmount", "[0].grand_total")]


@pytest.mark.parametrize("name", ["grand_total", "total_paid"])
def test_totals_are_not_negative(world: World, name: str) -> None:
    assert faults(write(world, item(**{name: "-1"})).json()) == [("InvalidAmount", f"[0].{name}")]
    assert good(write(world, item(**{name: "0"})))["outcome"] == "created"


def test_discounts_and_quantities_are_not_negative(world: World) -> None:
    answer = write(
        world, item(product_details=[line(discount="-1", quantity="-1"), line(quantity="1.23456"), line(quantity="x")])
    ).json()
    assert faults(answer) == [
        ("InvalidNumber", "[0].product_details[0].quantity"), ("InvalidAmount", "[0].product_details[0].discount"),
        ("InvalidNumber", "[0].product_details[1].quantity"), ("InvalidNumber", "[0].product_details[2].quantity"),
    ]  # fmt: skip


def test_a_rate_may_be_a_credit(world: World) -> None:
    made = push(world, product_details=[line(rate="100"), line(rate="-30.5")])
    assert (get(world, made)["productValue"], warned(made)) == ("69.5", [])


@pytest.mark.parametrize(
    ("rate", "quantity", "discount", "value"),
    [
        ("1000", "10", "5", "9995"), ("0.1", "3", "", "0.3"), ("1.1111", "1.1111", "0", "1.2345"),
        ("0.0001", "0.5", "", "0.0001"), ("0.0001", "0.4999", "", "0"), ("3.3333", "3", "0.0001", "9.9998"),
        ("10", "0", "", "0"), ("", "7", "", "0"),
    ],
)  # fmt: skip
def test_a_line_is_rate_times_quantity_less_discount(
    world: World, rate: str, quantity: str, discount: str, value: str
) -> None:
    made = push(world, product_details=[line(rate=rate, quantity=quantity, discount=discount)])
    assert get(world, made)["productValue"] == value


@pytest.mark.parametrize(
    ("rate", "quantity", "percent", "value", "amount"),
    [
        ("1000", "10", "5", "9500", "500"),
        ("0.01", "1", "33.3333", "0.0067", "0.0033"),
        ("10", "1", "100", "0", "10"),
        ("10", "1", "", "10", "0"),
    ],
)
def test_a_discount_may_be_a_percentage_and_its_amount_is_kept(
    world: World, rate: str, quantity: str, percent: str, value: str, amount: str
) -> None:
    key = new_key(world, discount_kind="percent")
    made = push(world, key=key, product_details=[line(rate=rate, quantity=quantity, discount=percent)])
    shown = get(world, made, includeDetails="true")
    assert (shown["productValue"], shown["lines"][0]["discount"], shown["discount"]) == (value, amount, amount)


@pytest.mark.parametrize("percent", ["100.01", "-1", "5%"])
def test_a_percentage_is_at_most_a_hundred(world: World, percent: str) -> None:
    answer = write(
        world, item(product_details=[line(discount=percent)]), key=new_key(world, discount_kind="percent")
    ).json()
    assert faults(answer) == [("InvalidAmount", "[0].product_details[0].discount")]


def test_a_discount_above_the_line_is_kept_and_told(world: World) -> None:
    made = push(world, product_details=[line(rate="10", discount="12")])
    assert warned(made) == [("DiscountExceedsLine", "[0].product_details[0].discount")]
    assert get(world, made)["productValue"] == "-2"


def test_sums_are_over_all_lines(world: World) -> None:
    lines = [
        line(rate="10", quantity="1.5", discount="1"),
        line(rate="0.3333", quantity="3"),
        line(rate="5", quantity="0.0001", discount="0.5"),
    ]
    shown = get(world, push(world, product_details=lines), includeDetails="true")
    assert (shown["productQuantity"], shown["productValue"], shown["discount"]) == ("4.5001", "14.5004", "1.5")
    assert shown["grandTotal"] == "14.5004"
    assert [row["quantity"] for row in shown["lines"]] == ["1.5", "3", "0.0001"]


def test_a_total_is_unset_without_lines_and_follows_them_later(world: World) -> None:
    order = push(world)
    assert get(world, order, includeDetails="true")["grandTotal"] == ""
    update(world, order, product_details=[line(rate="10")])
    assert get(world, order, includeDetails="true")["grandTotal"] == "10"
    update(world, order, grand_total="11")
    assert warned(update(world, order, product_details=[line(rate="11")])) == []
    assert [code for code, _ in warned(update(world, order, product_details=[line(rate="12")]))] == ["TotalMismatch"]
    assert get(world, order, includeDetails="true")["grandTotal"] == "11"


def test_v1_prints_numbers_exactly(world: World) -> None:
    made = raw_push(world, "grand_total", f'"{CENTS}"')
    text = call(world, "GET", f"/api/v1/orders/{made['order_id']}").text
    assert f'"grandTotal":{CENTS}' in text.replace(" ", "")
    small = one(world, push(world, product_details=[line(rate="0.1", quantity="3")]))
    assert (small["productValue"], small["productQuantity"]) == (0.3, 3)


def test_an_account_has_one_currency(world: World) -> None:
    shop = new_account(world, currency="EUR")
    assert one(world, push(world, key=shop.key), key=shop.key)["currency"] == "EUR"


def test_what_is_too_large_together_is_refused(world: World) -> None:
    huge = "900000000000000"
    answer = write(world, item(product_details=[line(rate=huge, quantity=huge)])).json()
    assert {code for code, _ in faults(answer)} == {"InvalidAmount"}
    many = write(world, item(product_details=[line(rate=huge)] * 1000)).json()
    assert {code for code, _ in faults(many)} == {"InvalidAmount"}
