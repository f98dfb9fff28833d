"""Whatever is sent, the answer is the contract's: never a 500, all faults at once, in the caller's own names."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orderdock.fields import In, read_at
from tests.world import (
    EVENTS,
    GET,
    ORDERS,
    PAYMENT_FAILED,
    PULL,
    PUSH_FAILED,
    UPDATE_FAILED,
    WRITE,
    World,
    call,
    faults,
    fresh_phone,
    new_account,
    post,
    push,
    write,
)

WRONG: list[Any] = [
    [], {}, [[]], [{}], ["a"], {"a": {"b": ["c"]}}, 0, -1, 5, 1.5, 10**30, 1e300, True, False, None, "", " ", "x", "0",
    "-1", "1e400", "NaN", "Infinity", "12,000.50", "2026-02-30", "yyyy-mm-dd", "9" * 40, "x" * 10_000, "\0", "a\0b",
    "'; --", "%s%n", "../..", "\u202e🙂\u0301", "\ud7ff\ue000\uffff", "٣", "true", "null", "[]", "{}",
]  # fmt: skip
PUSH_NAMES = [*sorted(read_at(In.LEGACY_ORDER)), "additional_fields", "no such field", ""]
LINE_NAMES = [*sorted(read_at(In.LEGACY_LINE)), "no such field"]
PAYMENT_NAMES = [*sorted(read_at(In.LEGACY_PAYMENT)), "no such field"]
PULL_NAMES = [
    "start_date", "end_date", "enquiry_id", "sortOnModificationDate", "numberOfRecords", "startPosition",
    "includeHistory", "includeDetails", "cursor",
]  # fmt: skip
GET_NAMES = ["order_id", "kapture_order_id", "erp_order_id", "includeHistory", "includeDetails"]
OF_THE_ACCOUNT = {"cmId", "cm_id"}  # refuse the whole request
CODES = {
    "ReqFieldMissing", "InvalidType", "InvalidDate", "InvalidNumber", "InvalidAmount", "InvalidId", "InvalidBoolean",
    "TooLong", "OrderNotFound", "EnquiryNotFound", "CustomerNotFound", "PaymentNotFound", "AmountNotPositive",
    "PaymentMismatch", "CustomerMismatch", "AmbiguousOrder", "ErpOrderIdTaken", "EnquiryMismatch", "TotalMismatch",
    "TooManyLines", "ItemNotObject",
}  # fmt: skip


@pytest.fixture(scope="module")
def key(world: World) -> str:
    """A key of an account apart: some wrong values make orders, under numbers that nobody else would like to meet."""
    return new_account(world).key


def check(world: World, key: str, items: list[Any]) -> None:
    """Every item of an array is answered in its place, well or with faults of its own."""
    for first in range(0, len(items), 500):
        some = items[first : first + 500]
        answer = write(world, *some, {}, key=key)
        assert answer.status_code == 200, answer.text[:300]
        assert len(answer.json()) == len(some) + 1
        for index, element in enumerate(answer.json()[:-1]):
            if "errors" in element:
                assert element["Message"] in (PUSH_FAILED, UPDATE_FAILED, PAYMENT_FAILED), (some[index], element)
                assert {code for code, _ in faults(element)} <= CODES, (some[index], element)
                assert all(path.startswith(f"[{index}]") for _, path in faults(element)), (some[index], element)
            else:
                assert element["status"] == "success", (some[index], element)


def test_every_field_of_a_push_with_every_wrong_value(world: World, key: str) -> None:
    phone = fresh_phone()
    names = [name for name in PUSH_NAMES if name not in OF_THE_ACCOUNT]
    check(world, key, [{"phone": phone, name: value} for name in names for value in WRONG])


def test_every_field_of_a_line_with_every_wrong_value(world: World, key: str) -> None:
    phone = fresh_phone()
    check(
        world,
        key,
        [{"phone": phone, "product_details": [{"sku_id": "A", name: value}]} for name in LINE_NAMES for value in WRONG],
    )


def test_every_field_of_an_update_with_every_wrong_value(world: World, key: str) -> None:
    order = push(world, key=key)["order_id"]
    names = [name for name in PUSH_NAMES if name not in OF_THE_ACCOUNT]
    check(world, key, [{"order_id": order, name: value} for name in names for value in WRONG])


def test_every_field_of_a_payment_with_every_wrong_value(world: World, key: str) -> None:
    order = push(world, key=key)
    ids = {"kapture_order_id": order["order_id"], "kapture_customer_id": order["kapture_customer_id"]}
    names = [name for name in PAYMENT_NAMES if name not in OF_THE_ACCOUNT]
    check(world, key, [{**ids, "amount_paid": "1", name: value} for name in names for value in WRONG])


@pytest.mark.parametrize("name", ["cmId", "cm_id"])
def test_an_account_number_with_every_wrong_value(world: World, name: str) -> None:
    for value in WRONG:
        answer = write(world, {"phone": fresh_phone(), name: value})
        assert answer.status_code in (200, 401), (value, answer.text)


@pytest.mark.parametrize("name", PULL_NAMES)
def test_every_field_of_a_pull_with_every_wrong_value(world: World, name: str) -> None:
    for value in WRONG:
        for body in ([{"start_date": "1999-01-01", name: value}], {name: value}):
            answer = post(world, PULL, body)
            assert answer.status_code == 200, (body, answer.text)
            assert answer.json()["Status"] == "failed", (body, answer.text)
            for _, path in faults(answer.json()):
                assert path in ("", "[0].start_date", "[0].end_date", f"[0].{name}", "start_date", "end_date", name)


def test_every_field_of_a_get_with_every_wrong_value(world: World, key: str) -> None:
    items = [{name: value} for name in GET_NAMES for value in WRONG]
    answer = post(world, GET, items)
    assert answer.status_code == 200
    for index, element in enumerate(answer.json()):
        assert {code for code, _ in faults(element)} <= {
            "OrderNotFound",
            "ReqFieldMissing",
            "InvalidType",
            "InvalidBoolean",
            "TooLong",
        }
        assert all(path.startswith(f"[{index}].") for _, path in faults(element)), (items[index], element)


@pytest.mark.parametrize(
    "value", ["", "abc", "-1", "1.5", "9" * 40, "%00", "%F0%9F%99%82", "[]", "null", "1;2", "1%0d%0aX: y"]
)
def test_every_parameter_with_every_wrong_value(world: World, value: str) -> None:
    for name in ("after", "limit", "types", "include"):
        assert call(world, "GET", f"{EVENTS}?{name}={value}").status_code in (200, 400)
    assert call(world, "GET", f"{ORDERS}{value or 'x'}?includeHistory={value}").status_code == 404
    assert call(world, "GET", f"{ORDERS}erp:{value or 'x'}").status_code == 404
    assert post(world, f"{WRITE}?{value}={value}&dry_run={value}", [{}]).status_code in (200, 400)


@pytest.mark.parametrize("path", [WRITE, PULL, GET])
@pytest.mark.parametrize(
    "body", [[[]], [[[{}]]], {"a": []}, [{"a": [[[[]]]]}], {"": ""}, [{}, {}], [None], [1, "2", True]]
)
def test_odd_shapes_are_answered_in_the_familys_shape(world: World, path: str, body: Any) -> None:
    answer = post(world, path, body)
    assert answer.status_code in (200, 413)
    elements = answer.json() if isinstance(answer.json(), list) else [answer.json()]
    assert all({"Message", "Status", "Error", "errors"} == element.keys() for element in elements)


def test_a_header_is_no_place_for_odd_values(world: World) -> None:
    for name in (
        "Prefer",
        "Content-Type",
        "X-Request-Id",
        "If-None-Match",
        "X-Forwarded-For",
        "Cookie",
        "Accept",
        "User-Agent",
    ):
        for value in (b"\xff\xfe", b"x" * 5000, b";,=", b'"', b""):
            answer = post(world, GET, [{}], headers={name: value})
            assert answer.status_code == 200, (name, value)


SCALARS = (
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=20)
)
NAMES = st.sampled_from([name for name in (*PUSH_NAMES, *PAYMENT_NAMES) if name not in OF_THE_ACCOUNT]) | st.text(
    max_size=8
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
LINES = st.lists(st.dictionaries(st.sampled_from(LINE_NAMES), VALUES, max_size=4), max_size=3)
ITEMS = st.dictionaries(NAMES, VALUES, max_size=6) | st.fixed_dictionaries(
    {"phone": st.just("8123456780"), "product_details": LINES}
)


@given(items=st.lists(ITEMS | VALUES, min_size=1, max_size=20))
@settings(max_examples=30)
def test_any_json_is_answered(world: World, key: str, items: list[Any]) -> None:
    body = json.dumps([*items, {}]).encode("utf-8")
    answer = post(world, WRITE, body, key=key)
    assert answer.status_code in (200, 400), answer.text[:300]  # 400: a lone surrogate in a text
    if answer.status_code == 200:
        assert len(answer.json()) == len(items) + 1
        assert "ServerFailure" not in answer.text


@given(body=st.binary(max_size=200))
@settings(max_examples=50)
def test_any_bytes_are_answered(world: World, body: bytes) -> None:
    for path in (WRITE, PULL, GET):
        assert post(world, path, body).status_code in (200, 400)


def test_a_dry_run_takes_texts_of_many_digits(world: World) -> None:
    answer = post(world, f"{WRITE}?dry_run=true", [{"phone": fresh_phone(), "remarks": "1" * 20_001}])
    assert (answer.status_code, answer.json()["Error"]) == (200, "TooLong")
