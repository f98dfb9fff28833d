"""`GET /api/v1/orders` (contract 2.16), and what a search does with whatever is sent to it."""

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from orderdock.orders.query.filters import FILTERS
from tests.world import World, call, faults, new_account, new_key, push

SEARCH = "/api/v1/orders"
PULL = "/ms/customer-search/order-search/api/v1/pull-internal"
OTHERS = "sortParam limit offset cursor fields viewId includeLines includeHistory includeTotal includePayments"
NAMES = sorted({*(name for row in FILTERS for name in row.names), *OTHERS.split()})


def test_every_order_is_listed_newest_first(world: World) -> None:
    shop = new_account(world)
    made = [push(world, key=shop.key, create_date=f"2024-05-0{day}")["order_id"] for day in (1, 3, 2)]
    answer = call(world, "GET", SEARCH, key=shop.key)
    assert answer.status_code == 200
    assert list(answer.json()) == ["orders"]
    assert [str(order["id"]) for order in answer.json()["orders"]] == [made[1], made[2], made[0]]
    first = call(world, "GET", f"{SEARCH}/?limit=2&includeTotal=true", key=shop.key).json()
    assert (list(first), first["total"]) == (["orders", "next", "total"], 3)
    rest = call(world, "GET", f"{SEARCH}?limit=2&cursor={first['next']}", key=shop.key).json()
    assert ([str(order["id"]) for order in rest["orders"]], "next" in rest) == ([made[0]], False)


def test_names_mean_what_they_mean_in_the_pull(world: World) -> None:
    order = push(world, unit_name="Pune")
    query = f"orderIds={order['order_id']}&includeLines=true&includeHistory=1"
    listed = call(world, "GET", f"{SEARCH}?{query}&bogus=1").json()["orders"]
    pulled = call(world, "GET", f"{PULL}?cmId=1000298&{query}").json()["order_details"]
    assert listed == pulled
    assert call(world, "GET", f"{SEARCH}?cmId=1000298&{query}").json()["orders"] == listed
    assert call(world, "GET", f"{SEARCH}?orderIds={order['order_id']}", key="KB").json()["orders"] == []


@pytest.mark.parametrize(
    ("query", "status", "fault"),
    [
        ("cmId=2469", 403, ("AccountMismatch", "query:cmId")),
        ("cm_id=2469", 403, ("AccountMismatch", "query:cm_id")),
        ("cmId=x", 400, ("InvalidId", "query:cmId")),
        ("orderIds=x", 400, ("InvalidId", "query:orderIds")),
        ("createStartDate=x", 400, ("InvalidDate", "query:createStartDate")),
        ("sortParam=x", 400, ("InvalidSort", "query:sortParam")),
        ("cursor=x", 400, ("InvalidCursor", "query:cursor")),
        ("limit=-1", 400, ("InvalidNumber", "query:limit")),
        ("includeTotal=x", 400, ("InvalidBoolean", "query:includeTotal")),
        ("bookingStatus=" + "x" * 501, 400, ("TooLong", "query:bookingStatus")),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_by_its_name(world: World, query: str, status: int, fault: tuple[str, str]) -> None:
    answer = call(world, "GET", f"{SEARCH}?{query}")
    assert (answer.status_code, faults(answer.json())) == (status, [fault])
    assert answer.json()["status"] == "failed"


def test_the_right_and_the_method(world: World) -> None:
    assert call(world, "GET", SEARCH, key="Kpush").json()["error"] == "OperationNotAllowed"
    reader = new_key(world, operations=("order.search",))
    assert call(world, "HEAD", SEARCH, key=reader).status_code == 200
    wrong = call(world, "POST", SEARCH, {})
    assert (wrong.status_code, wrong.headers["Allow"]) == (405, "GET, HEAD")
    other = call(world, "PUT", PULL, {})
    assert (other.status_code, other.headers["Allow"]) == (405, "POST, GET, HEAD")


@pytest.mark.parametrize(
    ("body", "error"),
    [
        (b"", "MalformedBody"), (b"{", "MalformedBody"), (b"5", "MalformedBody"), (b"null", "MalformedBody"),
        (b"[]", "EmptyRequest"), (b"[1]", "InvalidType"), (b"[{},{}]", "InvalidType"), (b"{}", "InvalidId"),
    ],
)  # fmt: skip
def test_a_body_is_one_object(world: World, body: bytes, error: str) -> None:
    answer = call(world, "POST", PULL, body)
    assert (answer.status_code, answer.json()["error"]) == (400, error)


def test_an_array_of_one_object_is_that_object(world: World) -> None:
    asked = {"cmId": 1000298, "orderIds": world.f1["order_id"]}
    assert call(world, "POST", PULL, [asked]).json() == call(world, "POST", PULL, asked).json()
    assert call(world, "HEAD", f"{PULL}?cmId=1000298&orderIds=1").status_code == 200


VALUES = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False, allow_infinity=False), st.text(max_size=20),
    st.sampled_from(
        ["", "1,2", "2024-05-08", "%", "_", "'", '"', "\\", "\0", ":p0", "{0}", "9" * 30, "-createDate", "true", "0",
         "1715149492000", "99999999999999", "2200-12-31", "+91", "()", "a,b\0c", "🙂", "İ", "9223372036854775807"]
    ),
    st.lists(st.one_of(st.text(max_size=5), st.integers(), st.none(), st.lists(st.none(), max_size=1)), max_size=3),
    st.dictionaries(st.text(max_size=3), st.integers(), max_size=2),
)  # fmt: skip


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.dictionaries(st.sampled_from(NAMES), VALUES, max_size=6))
def test_no_search_breaks_the_service(world: World, asked: dict[str, Any]) -> None:
    body = json.dumps({"cmId": 1000298, **asked}).encode()
    answer = call(world, "POST", PULL, body)
    assert answer.status_code in (200, 400), (asked, answer.text)
    plain = {name: value for name, value in asked.items() if isinstance(value, str)}
    by_query = world.http.get(SEARCH, params=plain, headers={"Authorization": f"Bearer {world.keys['K']}"})
    assert by_query.status_code in (200, 400), (plain, by_query.text)
    json.loads(answer.text), json.loads(by_query.text)


def test_a_forged_cursor_is_refused_or_harmless(world: World) -> None:
    from orderdock.kinds.cursor import Position, sealed

    asked = [1000298, [], "createDate", True]
    for value in (2**70, "x", None, True, -(2**63) - 1, 5):
        forged = sealed(asked, Position(value, 1), None)
        assert call(world, "GET", f"{SEARCH}?cursor={forged}").status_code in (200, 400)
    assert call(world, "GET", f"{SEARCH}?cursor={sealed(asked, Position(1, 2**80), None)}").status_code == 400
