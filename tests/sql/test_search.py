"""Searching orders on both engines (contract 2.9): the JSON that the database builds, and cursors in every sort."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from orderdock import tables
from orderdock.accounts.actions import give_numbers
from orderdock.accounts.model import Scope
from orderdock.db import Database, Sql, store_rows
from orderdock.errors import Refusal
from orderdock.kinds import from_json
from orderdock.orders import actions
from orderdock.orders.query.filters import FILTERS, folded_columns
from orderdock.orders.query.search import SORTS
from orderdock.orders.sql.write import keyed as keyed_order
from orderdock.people import query as pulled
from orderdock.people.sql import FOLDED
from orderdock.people.sql import keyed as keyed_customer
from orderdock.wire import v1
from tests.sql.rows import A, B, customer, order, put, scope_of

SCOPE = scope_of()
ODD = 'a "quoted" \\ line\r\n\t\b\f\u0001\u007f Ü 🙂 {"x":1} :p0 %s \' </'
WHOLE: dict[str, Any] = {
    "remarks": ODD, "erp_order_id": "SO-1", "grand_total": 999_999_999_999_999_999, "unit_name": "Pune",
    "block_name": "Straße", "zone": "West", "deal_details": '{"stage":"won","a":null}', "attr1": "x", "attr15": "ÄÖ",
    "approval_designations": '["Head","boss"]', "approved_by": '["209803","7"]', "associate": '{"a":{"b":null}}',
    "additional": '{"cess":12.50,"serviceTax":"3","checkedIn":true,"vatamount":true,"big":1e400,"extraCharges":-7}',
    "booking_date": 1715149492000, "shipping_address": "4 Hill Road", "discount": 1, "product_value": -5_000,
    "gross_value": 12_345, "assigned_to": 209803, "creator_id": 7, "contact_name": ODD, "contact_zip": "1",
}  # fmt: skip


def fill(database: Database, *orders: dict[str, Any], cm_id: int = A) -> None:
    with database.write() as tx:
        store_rows(tx, cm_id, tables.orders, [keyed_order(one) for one in orders])


def make(url: str) -> Database:
    database = Database(url)
    with database.write() as tx:
        rachel = customer(1, name="Rachel Smith", phone="987656889", email="r@example.com", zone="East", city="Pune")
        put(tx, tables.customer, keyed_customer(rachel), keyed_customer(customer(3, name="Émile", city="ÉVRY")))
        put(tx, tables.enquiry, customer(2, customer_id=1, status="N", assigned_to=5, created_at=1715149492000))
    return database


@pytest.fixture
def database(engine_url: str) -> Iterator[Database]:
    database = make(engine_url)
    yield database
    database.close()


def search(database: Database, scope: Scope = SCOPE, **asked: Any) -> dict[str, Any]:
    answer: dict[str, Any] = json.loads(text_of(database, scope, **asked))
    return answer


def text_of(database: Database, scope: Scope = SCOPE, **asked: Any) -> str:
    """The answer of `GET /api/v1/orders`; numbers of lists are given out where they are missing."""
    made = v1.read_search({name: str(value) for name, value in asked.items()}, scope)
    for _ in range(2):
        with database.read() as tx:
            view = None if made.view is None else actions.view_filters(tx, scope, made.view)
            query = v1.completed(made, view, scope)
            page = actions.find(tx, scope, query)
        if not page.unnumbered:
            break
        give_numbers(database, scope, page.unnumbered)
    assert not page.unnumbered
    return v1.show_orders(page, query).decode()


def ids(answer: dict[str, Any]) -> list[int]:
    return [one["id"] for one in answer["orders"]]


def test_the_database_builds_what_2_15_prints(database: Database) -> None:
    fill(database, order(1, **WHOLE), order(4))
    text = text_of(database, sortParam="id")
    shown, plain = from_json(text)["orders"]
    assert '"sellingPrice":99999999999999.9999,' in text
    assert '"cess":12.50,' in text
    assert (shown["remarks"], shown["productValue"], shown["basePrice"]) == (ODD, "-0.5", "1.2345")
    assert (plain["sellingPrice"], "remarks" in plain, "unitName" in plain) == (0, False, False)
    assert (plain["zoneName"], plain["enquiryAssignedTo"]) == ("East", 5)
    with database.read() as tx:
        for number, made in ((1, shown), (4, plain)):
            one = from_json(v1.show_one(actions.get(tx, SCOPE, v1.read_one(str(number), {}, SCOPE))[0]))
            assert {name: one.get(name) for name in made} == made


def test_both_engines_build_the_same_bytes(sqlite_url: str, postgres_url: str) -> None:
    texts = []
    for url in (sqlite_url, postgres_url):
        database = make(url)
        fill(database, order(1, **WHOLE), order(4, additional="{}"), order(5, remarks=""))
        with database.write() as tx:
            line = {"order_id": 1, "line_no": 1, "name": ODD, "rate": -1, "quantity": 10_000, "value": 15_001}
            put(tx, tables.order_line, *({**line, "line_no": n, "sku": str(n)} for n in range(12, 0, -1)))
            entry = {"payment_id": 7, "order_id": 1, "at": 3, "amount": 5_000, "kind": "payment", "paid_at": 3}
            put(tx, tables.payment_entry, {**entry, "entry_no": 1}, {**entry, "payment_id": 6, "entry_no": 1, "at": 9})
            put(tx, tables.payment_entry, {**entry, "entry_no": 2, "amount": -2_500, "kind": "reversal", "mode": "upi"})
        asked: Any = {"sortParam": "id", "includeLines": "true", "includePayments": "true", "includeTotal": "true"}
        texts += [text_of(database, **asked), text_of(database, fields="name,lines,remarks,x", **asked)]
        database.close()
    assert (texts[0], texts[1]) == (texts[2], texts[3])
    first = from_json(texts[0])["orders"][0]
    assert [one["skuId"] for one in first["lines"]] == [str(n) for n in range(1, 13)]
    assert [(one["paymentId"], one["amount"], one["mode"]) for one in first["payments"]] == [
        (7, "0.25", "upi"), (6, "0.5", ""),
    ]  # fmt: skip


def test_numbers_of_lists_are_given_once_and_stay(database: Database) -> None:
    fill(database, *(order(n, unit_name=name) for n, name in enumerate(("Pune", "PUNE", "Straße", "STRASSE"), 1)))
    first = {one["id"]: one["unitId"] for one in search(database)["orders"]}
    assert first[1] == first[2] != first[3] == first[4] > 0
    fill(database, order(5, unit_name="Delhi"))
    later = {one["id"]: one["unitId"] for one in search(database)["orders"]}
    assert {number: later[number] for number in first} == first
    assert later[5] not in first.values()
    assert ids(search(database, unitId=first[3], sortParam="id")) == [3, 4]
    assert ids(search(database, unitId="strasse, 77")) == [4, 3]
    fill(database, order(6, unit_name="Pune"), cm_id=B)
    other = scope_of(B)
    assert search(database, other)["orders"][0]["unitId"] == 1


def test_what_is_folded_is_kept_beside_by_its_keeper() -> None:
    assert {*folded_columns("c"), *pulled.FOLDED} == FOLDED
    assert {"attr1", "unit_name", "zone", "approval_designations"} <= set(folded_columns("o"))
    assert keyed_order({"id": 1, "words_key": "old", "contact_name_key": "old"}) == {"id": 1}
    assert "words_key" not in keyed_order({"attr1": "plain", "words_key": "old"})


@pytest.mark.parametrize("row", FILTERS, ids=lambda row: row.names[0])
def test_an_expression_of_a_filter_is_a_column_of_its_record(row: Any) -> None:
    known = {"o": tables.orders, "c": tables.customer, "e": tables.enquiry}
    assert row.field
    for sql in row.sql:
        alias, _, column = sql.partition(".")
        assert alias not in known or column in known[alias].c


SORTED: dict[str, list[Any]] = {
    "booking_date": [None, 1, 2, 3], "agreement_date": [None, 5], "expected_delivery_date": [None, 5, 6],
    "product_value": [-5, 0, 10_000], "product_quantity": [0, 1], "grand_total": [None, 1, 2], "total_paid": [0, 3],
    "status": [None, "AP", "Z", "ä"], "erp_order_id": [None], "assigned_to": [None, 1, 2], "customer_id": [1, 3],
    "enquiry_id": [2, 3], "modified_at": [1, 2], "create_date": [1, 2, 3],
}  # fmt: skip
ROWS = st.lists(st.fixed_dictionaries({name: st.sampled_from(some) for name, some in SORTED.items()}), max_size=12)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(ROWS, st.sampled_from(sorted(SORTS)), st.booleans(), st.integers(1, 4))
def test_a_walk_by_cursor_gives_each_order_once(
    database: Database, rows: list[dict[str, Any]], sort: str, descending: bool, limit: int
) -> None:
    with database.write() as tx:
        tx.ask(Sql("DELETE FROM orders WHERE cm_id = :cm_id"), cm_id=A)
    made = [{**order(n), **row, "erp_order_id": f"S{n % 3}-{n}" if n % 2 else None} for n, row in enumerate(rows, 1)]
    fill(database, *({name: value for name, value in one.items() if value is not None} for one in made))
    column = SORTS[sort].column
    set_ones = [one for one in made if one[column] is not None]
    wanted = sorted(set_ones, key=lambda one: (one[column], one["id"]), reverse=descending)
    wanted += sorted((one for one in made if one[column] is None), key=lambda one: one["id"], reverse=descending)
    asked: Any = {"sortParam": f"{'-' if descending else ''}{sort}", "fields": "id", "limit": limit}
    assert ids(search(database, **{**asked, "limit": 1000})) == [one["id"] for one in wanted]
    walked, cursor = [], ""
    while True:
        page = search(database, **asked, cursor=cursor)
        walked += ids(page)
        cursor = page.get("next", "")
        if not cursor:
            break
        assert len(page["orders"]) == limit
    assert walked == [one["id"] for one in wanted]


def test_a_cursor_belongs_to_its_search(database: Database) -> None:
    fill(database, *(order(n) for n in range(1, 6)))
    cursor = search(database, bookingStatus="AP", limit=2)["next"]
    assert ids(search(database, bookingStatus="AP", limit=2, cursor=cursor)) == [3, 2]
    assert ids(search(database, bookingStatus="AP", limit=1, cursor=cursor, offset=9)) == [3]
    asked: Any
    for asked in ({"bookingStatus": "X"}, {"bookingStatus": "AP", "sortParam": "id"}, {}):
        with pytest.raises(Refusal) as caught:
            search(database, **asked, cursor=cursor)
        assert caught.value.code == "InvalidCursor"
    with pytest.raises(Refusal):
        search(database, scope_of(B), bookingStatus="AP", cursor=cursor)


def test_the_total_is_carried_along(database: Database) -> None:
    fill(database, *(order(n) for n in range(1, 6)))
    first = search(database, includeTotal="true", limit=2)
    assert first["total"] == 5
    fill(database, order(9))
    assert search(database, includeTotal="true", limit=2, cursor=first["next"])["total"] == 5
    assert "total" not in search(database, limit=2, cursor=first["next"])


def test_a_search_runs_a_fixed_number_of_statements(database: Database) -> None:
    counts = []
    for numbers in (range(1, 2), range(2, 300)):
        fill(database, *(order(n, unit_name=f"U{n}", assigned_to=1) for n in numbers))
        asked = {"unitId": "u1,u2,u7", "assignIdStr": "1,E-7", "includeTotal": "1", "includeHistory": "1", "limit": "9"}
        made = v1.read_search(asked, SCOPE)
        with database.read() as tx:
            actions.find(tx, SCOPE, v1.completed(made, None, SCOPE))
            counts.append(tx.statements)
    assert counts[0] <= counts[1] <= 6  # employees, lists, page, total, names without a number, history


def test_a_search_stays_in_its_account(database: Database) -> None:
    fill(database, order(1), cm_id=B)
    assert search(database)["orders"] == []
    query = v1.completed(v1.read_search({}, SCOPE), None, SCOPE)
    with database.read() as tx, pytest.raises(ValueError, match="another account"):
        actions.find(tx, scope_of(B), query)
