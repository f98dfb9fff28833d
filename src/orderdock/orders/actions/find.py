"""A search of orders: words looked up, one statement for the page, at most one each for total and history."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, Final

from orderdock.accounts.actions import words_meant
from orderdock.accounts.model import Scope
from orderdock.db import Tx
from orderdock.events import actions as events
from orderdock.orders.query import Position
from orderdock.orders.query.filters import How, Term
from orderdock.orders.query.search import FoundPage, SearchQuery
from orderdock.orders.sql import find as sql
from orderdock.orders.sql import views

_LOOKED_UP: Final = (How.PEOPLE, How.NOT_PEOPLE, How.ANY_PEOPLE, How.NAMED, How.ANY_NAMED)


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


def _looked_up(tx: Tx, scope: Scope, terms: Sequence[Term]) -> list[Term]:
    """The terms with employees by number and named lists by compared form."""
    asked = [(term.filter.list, term.value) for term in terms if term.filter.how in _LOOKED_UP]
    meant = iter(words_meant(tx, scope, asked))
    return [Term(term.filter, next(meant)) if term.filter.how in _LOOKED_UP else term for term in terms]
