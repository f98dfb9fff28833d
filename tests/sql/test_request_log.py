"""Searching the request log on both engines (contract 2.19a): what fits, pages, bounds, other accounts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest

from orderdock import tables
from orderdock.accounts.model import Scope
from orderdock.db import Database, Sql
from orderdock.errors import NotFound
from orderdock.events.sql import read as events_sql
from orderdock.orders.actions import numbers_about
from orderdock.orders.sql import numbers as orders_sql
from orderdock.requests import actions
from orderdock.requests.actions import find as searching
from orderdock.requests.query import Meant, UnfitLogQuery
from orderdock.requests.sql import read as sql
from orderdock.wire import requests as wire
from tests.requests import FACTS, failed, keep, keep_block, logged
from tests.sql.rows import A, B, add, customer, event, order, put, scope_of

SCOPE, OTHER = scope_of(), scope_of(B)
KEYS = {"erp": 1, "shop": 2}
PHONE = "+919876568890"


@pytest.fixture
def database(engine_url: str) -> Iterator[Database]:
    """One order, which a request made and another one changed, of a customer with a phone and an e-mail."""
    database = Database(engine_url)
    with database.write() as tx:
        put(tx, tables.customer, customer(1, name="Rachel"))
        put(tx, tables.customer_identity, {"kind": "phone", "value": PHONE, "customer_id": 1})
        put(tx, tables.customer_identity, {"kind": "email", "value": "r@example.com", "customer_id": 1})
        put(
            tx, tables.event,
            event(1, "customer.created", {}, customer_id=1, request_id="made", at=1_000_005),
            event(2, "order.created", {}, order_id=7, customer_id=1, request_id="made", at=1_000_005),
            event(3, "order.updated", {}, order_id=7, customer_id=1, request_id="changed", at=2_000_005),
        )  # fmt: skip
    add(database, order(7, erp_order_id="SO-7"))
    keep(database, logged(1_000_000, "made"), logged(2_000_000, "changed", operation="order.update", key_id=2))
    yield database
    database.close()


def search(database: Database, scope: Scope = SCOPE, **asked: Any) -> dict[str, Any]:
    """The answer of `GET /api/v1/requests`."""
    query = wire.read_query({name.rstrip("_"): str(value) for name, value in asked.items()}, scope)
    with database.read() as tx:
        key = None if query.key is None else KEYS.get(query.key)
        orders = numbers_about(tx, scope, query.about, actions.MOST_ORDERS)
        return wire.page_of(actions.search(tx, scope, query, Meant(key, orders)))


def ids(answer: dict[str, Any]) -> list[str]:
    return [one["id"] for one in answer["requests"]]


def all_ids(database: Database, scope: Scope = SCOPE, **asked: Any) -> list[str]:
    """Through every page."""
    found: list[str] = []
    answer = search(database, scope, **asked)
    for _ in range(100):
        found += ids(answer)
        if not answer["next"]:
            return found
        answer = search(database, scope, cursor=answer["next"], **asked)
    raise AssertionError("the pages do not end")


@pytest.mark.parametrize(
    "asked",
    [
        {"orderId": 7},
        {"erpOrderId": "SO-7"},
        {"phone": "98765 68890"},
        {"email": "R@Example.com"},
        {"orderId": 7, "erpOrderId": "SO-7", "phone": PHONE, "email": "r@example.com"},
    ],
)
def test_what_a_request_did_is_found_by_the_order_and_its_customer(database: Database, asked: dict[str, Any]) -> None:
    keep(database, logged(3_000_000, "another"))
    assert ids(search(database, **asked)) == ["changed", "made"]
    assert ids(search(database, OTHER, **asked)) == []


@pytest.mark.parametrize("asked", [{"phone": "98765 00000"}, {"email": "Own@Example.com"}])
def test_a_request_is_found_by_what_its_order_carries_itself(database: Database, asked: dict[str, Any]) -> None:
    """The customer was matched by something else, and is known by neither."""
    add(database, order(8, contact_phone_key="+919876500000", contact_email_key="own@example.com"))
    with database.write() as tx:
        put(tx, tables.event, event(4, "order.created", {}, order_id=8, customer_id=1, request_id="own", at=3_000_005))
    keep(database, logged(3_000_000, "own"))
    assert ids(search(database, **asked)) == ["own"]
    assert ids(search(database, OTHER, **asked)) == []
    assert ids(search(database, **asked, orderId=7)) == []


@pytest.mark.parametrize(
    ("kind", "value", "asked"),
    [
        ("order", "7", {"orderId": 7}),
        ("erp", "SO-7", {"erpOrderId": " SO-7 "}),
        ("phone", PHONE, {"phone": "+91 98765 68890"}),
        ("email", "r@example.com", {"email": "r@EXAMPLE.com"}),
    ],
)
def test_items_without_an_event_are_found_by_their_search_rows(
    database: Database, kind: str, value: str, asked: dict[str, Any]
) -> None:
    keep(database, failed(1_500_000, "failed", "InvalidAmount"), finds=[(kind, value), ("error", "InvalidAmount")])
    assert ids(search(database, **asked)) == ["changed", "failed", "made"]
    assert ids(search(database, **asked, error="InvalidAmount")) == ["failed"]
    assert ids(search(database, OTHER, **asked)) == []


def test_everything_given_must_fit(database: Database) -> None:
    keep(database, failed(1_500_000, "failed", "InvalidAmount"), finds=[("erp", "SO-8"), ("phone", PHONE)])
    assert ids(search(database, phone=PHONE)) == ["changed", "failed", "made"]
    assert ids(search(database, phone=PHONE, erpOrderId="SO-8")) == ["failed"]
    assert ids(search(database, phone=PHONE, erpOrderId="SO-7")) == ["changed", "made"]
    assert ids(search(database, phone=PHONE, operation="order.update")) == ["changed"]
    assert ids(search(database, phone=PHONE, key="shop")) == ["changed"]


def test_what_is_not_there_finds_nothing(database: Database) -> None:
    for asked in ({"orderId": 8}, {"erpOrderId": "SO-9"}, {"phone": "0000"}, {"email": "no mail"}):
        assert search(database, **asked) == {"requests": [], "next": ""}


@pytest.mark.parametrize("word", ["key", "operation", "error"])
def test_a_name_that_there_is_not_is_refused(database: Database, word: str) -> None:
    with pytest.raises(UnfitLogQuery) as caught:
        search(database, SCOPE, **{word: "none"})
    assert [(one.code, one.path, one.value) for one in caught.value.faults] == [
        ("InvalidParameter", f"query:{word}", "none")
    ]


def test_rows_are_filtered_by_what_they_say(database: Database) -> None:
    keep(database, logged(3_000_000, "refused", status=403, error="OperationNotAllowed", operation=""))
    assert ids(search(database, operation="order.push")) == ["made"]
    assert ids(search(database, key="erp")) == ["refused", "made"]
    assert ids(search(database, status=403)) == ["refused"]
    assert ids(search(database, status=403, key="shop")) == []
    assert ids(search(database)) == ["refused", "changed", "made"]


def test_an_error_is_the_first_of_a_request_or_that_of_an_item(database: Database) -> None:
    keep(database, logged(3_000_000, "refused", status=403, error="OperationNotAllowed"))
    keep(
        database, failed(4_000_000, "items", "InvalidDate", "InvalidAmount"),
        finds=[("error", "InvalidDate"), ("error", "InvalidAmount")],
    )  # fmt: skip
    assert ids(search(database, error="OperationNotAllowed")) == ["refused"]
    assert ids(search(database, error="InvalidAmount")) == ["items"]
    assert ids(search(database, error="InvalidDate")) == ["items"]
    assert ids(search(database, error="InvalidDate", status=400)) == []


def test_dates_are_read_in_the_zone_and_both_ends_count(database: Database) -> None:
    assert ids(search(database, from_="1970-01-01 05:46:40", to="1970-01-01 05:46:40")) == ["made"]
    assert ids(search(database, from_="1970-01-01 05:46:41")) == ["changed"]
    assert ids(search(database, to="1970-01-01 05:50", orderId=7)) == ["made"]
    assert ids(search(database, from_="2000-01-01", orderId=7)) == []


def test_a_page_is_followed_by_its_cursor(database: Database) -> None:
    rows = [failed(5_000_000 + number // 3, f"r{number}", "TooLong") for number in range(20)]
    keep(database, *rows, finds=[("erp", "SO-7"), ("error", "TooLong")])
    newest = [row["request_id"] for row in sorted(rows, key=lambda row: (row["at"], row["id"]), reverse=True)]
    every = [*newest, "changed", "made"]
    assert all_ids(database, limit=3) == every
    assert all_ids(database, limit=3, erpOrderId="SO-7") == every
    assert all_ids(database, limit=7, error="TooLong") == newest
    assert all_ids(database, limit=2, operation="order.push", key="erp") == [*newest, "made"]
    cursor = search(database, limit=3)["next"]
    assert ids(search(database, limit=2, cursor=cursor)) == newest[3:5]
    for wrong in ({"cursor": cursor, "status": 200}, {"cursor": cursor[:-2]}, {"cursor": "??"}):
        with pytest.raises(UnfitLogQuery) as caught:
            search(database, **wrong)
        assert [(fault.code, fault.path) for fault in caught.value.faults] == [("InvalidCursor", "query:cursor")]
    with pytest.raises(UnfitLogQuery):
        search(database, OTHER, cursor=cursor)


def test_a_search_goes_only_so_far_at_once(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    keep(database, *(logged(10_000_000 + number, f"r{number}") for number in range(30)))
    monkeypatch.setattr(searching, "MOST_LOOKED_AT", 7)
    answer = search(database, operation="order.update")
    assert (ids(answer), bool(answer["next"])) == ([], True)
    assert all_ids(database, operation="order.update") == ["changed"]
    assert len(all_ids(database, operation="order.push", limit=4)) == 31
    monkeypatch.setattr(searching, "MOST_PLACES", 4)
    keep(database, *(failed(20_000_000 + n, f"f{n}", "TooLong", status=400) for n in range(11)), finds=[("erp", "X")])
    for asked in ({"erpOrderId": "X"}, {"error": "TooLong"}, {"error": "TooLong", "status": 400}):
        assert all_ids(database, **asked) == [f"f{number}" for number in reversed(range(11))]
    assert all_ids(database, error="TooLong", status=500) == []


def test_of_very_many_orders_the_newest_are_looked_at(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    add(database, order(8), order(9))
    with database.write() as tx:
        put(tx, tables.event, event(4, "order.created", {}, order_id=9, request_id="ninth", at=3_000_005))
    keep(database, logged(3_000_000, "ninth"))
    assert ids(search(database, phone=PHONE)) == ["ninth", "changed", "made"]
    for name in ("MOST_ORDERS",):
        monkeypatch.setattr(searching, name, 2)
    answer = search(database, phone=PHONE)
    assert ids(answer) == ["ninth"]
    assert [(told["code"], told["field"]) for told in answer["warnings"]] == [("LimitReduced", "query:phone")]


def test_a_repeated_request_id_is_told_apart_by_time(database: Database) -> None:
    keep(database, logged(999_000, "made"), logged(1_002_000, "made"), logged(10_000_000, "made"))
    assert [one["at"] for one in search(database, orderId=7)["requests"]] == [2_000_000, 1_000_000, 999_000]


def test_one_request_is_shown_whole_and_says_how_many_have_its_id(database: Database) -> None:
    answer = {"headers": {}, "body": ""}
    sides = [{"request": {"query": "a=1", "headers": {"x": str(n)}, "body": "é"}, "response": answer} for n in range(3)]
    block = keep_block(database, 5_000_000, *sides)
    keep(
        database,
        logged(4_000_000, "twice", block_id=block, place=0),
        logged(5_000_000, "twice", block_id=block, place=2),
    )
    with database.read() as tx:
        shown = wire.found_of(actions.one(tx, SCOPE, "twice"))
        assert (shown["at"], shown["others"]) == (5_000_000, 1)
        assert (shown["request"], shown["response"]) == (sides[2]["request"], sides[2]["response"])
        bare = wire.found_of(actions.one(tx, SCOPE, "made"))
        assert (bare["others"], bare["request"], bare["response"]) == (0, None, None)
        for scope, request_id in ((OTHER, "made"), (SCOPE, "never")):
            with pytest.raises(NotFound):
                actions.one(tx, scope, request_id)


def test_a_block_that_is_gone_leaves_the_entry(database: Database) -> None:
    keep(database, logged(4_000_000, "alone", block_id=77, place=0))
    with database.read() as tx:
        assert wire.found_of(actions.one(tx, SCOPE, "alone"))["request"] is None


def test_an_entry_has_the_keys_of_the_contract_in_their_order(database: Database) -> None:
    shown = search(database, orderId=7)["requests"][1]
    assert list(shown) == [
        "id", "at", "key", "ip", "operation", "method", "path", "status", "ms", "queuedMs", "items", "created",
        "updated", "unchanged", "stale", "failed", "errors",
    ]  # fmt: skip
    assert shown == {**FACTS, "id": "made", "at": 1_000_000, "operation": "order.push", "status": 200}


def test_every_fault_is_told_at_once() -> None:
    wrong = {
        "orderId": "x", "status": "99", "limit": "-1", "from": "soon", "to": "31-12-2024", "cursor": "nonsense",
    }  # fmt: skip
    with pytest.raises(UnfitLogQuery) as caught:
        wire.read_query(wrong, SCOPE)
    assert sorted((fault.code, fault.path or "") for fault in caught.value.faults) == [
        ("InvalidDate", "query:from"), ("InvalidDate", "query:to"), ("InvalidId", "query:orderId"),
        ("InvalidNumber", "query:limit"), ("InvalidNumber", "query:status"),
    ]  # fmt: skip
    with pytest.raises(UnfitLogQuery) as caught:
        wire.read_query({"from": "2024-02-01", "to": "2024-01-01"}, SCOPE)
    assert [(fault.code, fault.path) for fault in caught.value.faults] == [("InvalidRange", "query:to")]


def test_a_large_limit_is_reduced_and_says_so() -> None:
    query = wire.read_query({"limit": "5000"}, SCOPE)
    assert (query.limit, [warning.code for warning in query.warnings]) == (1_000, ["LimitReduced"])
    assert (wire.read_query({"limit": "0"}, SCOPE).limit, wire.read_query({"limit": ""}, SCOPE).limit) == (100, 100)


SPAN = {"low_at": 0, "low_id": 0, "high_at": 9, "high_id": 9}
LOOK_UPS: list[tuple[Sql, dict[str, Any], str]] = [
    (sql._BY_REQUEST, {"names": "[]"}, "ix_request_log_cm_id_request_id_at"),
    (sql._BY_FIND, {"kind": "erp", "value": "x", "most": 1, **SPAN}, "pk_request_find"),
    (sql._BY_ERROR, {"error": "x", "most": 1, **SPAN}, "ix_request_log_error"),
    (sql._EDGE, {"most": 1, **SPAN}, "pk_request_log"),
    (sql._NEWEST, {"request_id": "x"}, "ix_request_log_cm_id_request_id_at"),
    (sql._COUNT, {"request_id": "x", "most": 1}, "ix_request_log_cm_id_request_id_at"),
    (sql._between(("key_id", "status")), {"limit": 1, "key_id": 1, "status": 1, **SPAN}, "pk_request_log"),
    (sql._at(()), {"names": "[]"}, "pk_request_log"),
    (orders_sql._BY_ERP, {"erp_order_id": "x"}, "uq_orders_erp_order_id"),
    (orders_sql._OF_CUSTOMERS, {"names": "[]", "most": 1}, "ix_orders_cm_id_customer_id_create_date_id"),
    (orders_sql._OF_CONTACT["phone"], {"value": "x", "most": 1, "looked_at": 1}, "ix_orders_contact_phone_key"),
    (orders_sql._OF_CONTACT["email"], {"value": "x", "most": 1, "looked_at": 1}, "ix_orders_contact_email_key"),
    (events_sql._REQUESTS, {"names": "[]", "most": 1}, "ix_event_cm_id_order_id_seq"),
]


@pytest.mark.parametrize("engine", ["sqlite", "postgres"])
def test_every_look_up_goes_by_its_index(request: pytest.FixtureRequest, engine: str) -> None:
    database = Database(request.getfixturevalue(f"{engine}_url"))
    rows = [failed(n, f"r{n}", f"E{n % 50}") for n in range(1, 5_001)]
    keep(database, *rows, finds=[("erp", "SO-1"), ("error", "TooLong")])
    raw: Any = database._open_writing() if engine == "sqlite" else database._open()
    if engine == "postgres":
        raw.execute("SET enable_seqscan = off")  # of so few rows it would read all
    for statement, values, index in LOOK_UPS:
        if engine == "postgres" and index == "pk_request_log":
            continue  # of so few rows any index will do
        text = f"EXPLAIN QUERY PLAN {statement.sqlite}" if engine == "sqlite" else f"EXPLAIN {statement.postgresql}"
        plan = "\n".join(str(row[-1]) for row in raw.execute(text, {"cm_id": A, **values}).fetchall())
        # SQLite names the index behind a key after the table.
        assert (index if engine == "postgres" else index.replace("pk_", "sqlite_autoindex_")) in plan, plan
        assert not re.search(r"Seq Scan|SCAN l\b", plan), plan
    raw.close()
    database.close()
