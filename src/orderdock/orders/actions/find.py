"""A search of orders: words looked up, one statement for the page, at most one each for total and history."""

from __future__ import annotations

import json
from typing import Any, Final

from orderdock.accounts.actions import employees_meant, names_meant
from orderdock.accounts.model import Scope
from orderdock.db import Tx
from orderdock.events import actions as events
from orderdock.orders.query import Position
from orderdock.orders.query.filters import How, Term
from orderdock.orders.query.search import FoundPage, SearchQuery
from orderdock.orders.sql import find as sql
from orderdock.orders.sql import views

_PEOPLE: Final = (How.PEOPLE, How.NOT_PEOPLE, How.ANY_PEOPLE)
_NAMED: Final = (How.NAMED, How.ANY_NAMED)


def view_filters(tx: Tx, scope: Scope, number: int) -> dict[str, Any] | None:
    """The filters of a saved view, as a search names them; None when there is no such view."""
    text = views.filters_of(tx, scope.cm_id, number)
    found: dict[str, Any] | None = None if text is None else json.loads(text)
    return found


def find(tx: Tx, scope: Scope, query: SearchQuery) -> FoundPage:
    """A page of the orders that fit (contract 2.9); nothing found is an empty page."""
    if query.cm_id != scope.cm_id:
        raise ValueError("a query of another account")
    terms = _looked_up(tx, scope, query.terms)
    found = sql.find(tx, scope.cm_id, query, terms, query.limit + 1)
    rows = found[: query.limit]
    total = query.total
    if query.with_total and total is None:
        total = sql.count(tx, scope.cm_id, terms)
    page = FoundPage([row[0] for row in rows], [row[2] for row in rows], {}, [], total if query.with_total else None)
    if len(found) > query.limit:
        page.next = query.cursor(Position(rows[-1][1], rows[-1][2]), total)
    if any(row[3] for row in rows):
        page.unnumbered = sql.names_shown(tx, scope.cm_id, page.numbers)
    if query.history and rows:
        page.history = events.history(tx, scope, page.numbers)
    return page


def _looked_up(tx: Tx, scope: Scope, terms: tuple[Term, ...]) -> list[Term]:
    """The terms with employees by number and named lists by compared form; a statement for each of the two."""
    people = {word for term in terms if term.filter.how in _PEOPLE for word in term.value}
    names = {(term.filter.list, word) for term in terms if term.filter.how in _NAMED for word in term.value}
    numbers = employees_meant(tx, scope, people) if people else {}
    keys = names_meant(tx, scope, names) if names else {}
    found = []
    for term in terms:
        value = term.value
        if term.filter.how in _PEOPLE:
            value = list(dict.fromkeys(number for word in value for number in numbers[word]))
        elif term.filter.how in _NAMED:
            value = list(dict.fromkeys(key for word in value for key in keys[term.filter.list, word]))
        found.append(Term(term.filter, value))
    return found
