"""Reading a search, and the shape that it asks for (contract 2.9), without a database."""

from __future__ import annotations

from typing import Any

import pytest

from orderdock.errors import AccountMismatch, Refusal
from orderdock.fields import Out, shown_at
from orderdock.orders.query import UnfitQuery
from orderdock.orders.query.filters import FILTERS
from orderdock.orders.query.search import SearchQuery
from orderdock.people import query as customers
from orderdock.wire import v1
from orderdock.wire.v1.shape import ELEMENT, NAMES, SET_ONLY, element
from tests.sql.rows import SCOPE

NAMED = {"cmId": 1000298}


def read(body: dict[str, Any], parameters: dict[str, str] | None = None, view: Any = None) -> SearchQuery:
    return v1.completed(v1.read_pull({**NAMED, **body}, parameters or {}, SCOPE), view, SCOPE)


def faults(body: dict[str, Any], parameters: dict[str, str] | None = None) -> list[tuple[str, str | None]]:
    with pytest.raises(Refusal) as caught:
        read(body, parameters)
    return [(fault.code, fault.path) for fault in caught.value.faults]


def terms(**body: Any) -> dict[str, Any]:
    return {term.filter.names[0]: term.value for term in read(body).terms}


def test_every_key_of_the_registry_can_be_shown() -> None:
    assert set(shown_at(Out.V1_ORDER)) - {"lines"} == NAMES - (NAMES - set(shown_at(Out.V1_ORDER)))
    assert [key.word for key in element(None, False, False).keys] == [*ELEMENT, *SET_ONLY]
    assert len(ELEMENT) == 43
    assert [key.word for key in element(frozenset({"name", "cess"}), False, False).keys] == ["id", "cess", "name"]


def test_names_of_filters_are_unique() -> None:
    names = [name for row in FILTERS for name in row.names]
    assert len(names) == len(set(names))


def test_filters_by_named_lists_name_them_and_those_by_employees_none() -> None:
    rows = [(row.how.value, row.list) for row in FILTERS] + [(row.how.value, row.list) for row in customers.FILTERS]
    assert {("named list" in how, bool(name)) for how, name in rows} == {(True, True), (False, False)}
    assert not [how for how, name in rows if "employees" in how and name]


def test_values_are_read_as_their_filter_says() -> None:
    assert terms(orderIds="1, 2,,1", name=" ÄSHA ", city=["Pune", "PUNE"], attr1="A,B") == {
        "orderIds": [1, 2], "name": "äsha", "city": ["pune"], "attr1": ["a,b"],
    }  # fmt: skip
    assert terms(phone="99-77", email="X@Y.in") == {"phone": ("ends", "9977"), "email": "x@y.in"}
    assert terms(phone="+91 81234 56789")["phone"] == ("equals", "+918123456789")
    assert terms(phone="0000000000", email="no address") == {"phone": ("equals", ""), "email": ""}
    assert terms(createEndDate="1715149492000") == {"createStartDate": (None, 1715149492000)}


def test_the_body_counts_where_both_give_a_field() -> None:
    query = read({"orderIds": "1", "limit": ""}, {"orderIds": "2", "limit": "7", "bookingStatus": "AP"})
    assert {term.filter.names[0]: term.value for term in query.terms} == {"orderIds": [1], "bookingStatus": ["AP"]}
    assert query.limit == 7


def test_all_faults_are_told_in_body_order() -> None:
    body = {"limit": "x", "orderIds": "y", "cmId": "z", "sortParam": "q"}
    assert faults(body, {"offset": "-"}) == [
        ("InvalidId", "cmId"), ("InvalidNumber", "limit"), ("InvalidId", "orderIds"), ("InvalidSort", "sortParam"),
        ("InvalidNumber", "query:offset"),
    ]  # fmt: skip
    assert faults({"limit": "x"}) == [("InvalidNumber", "limit"), ("FilterRequired", "")]


def test_another_account_is_refused_wherever_it_stands() -> None:
    for body, parameters in (({"cm_id": 2469}, {}), ({}, {"cmId": "2469"}), ({}, {"cm_id": "2469"})):
        with pytest.raises(AccountMismatch):
            v1.read_pull({**NAMED, **body}, parameters, SCOPE)


def test_a_view_is_read_as_the_words_that_it_holds() -> None:
    query = read({"viewId": 2, "bookingStatus": "AP"}, view={"bookingStatus": "HOLD", "createStartDate": "2024-05-08"})
    assert len(query.terms) == 3
    with pytest.raises(UnfitQuery) as caught:
        v1.read_filters({"bogus": "1", "orderIds": "x"}, SCOPE)
    assert [fault.path for fault in caught.value.faults] == ["orderIds", "bogus"]
