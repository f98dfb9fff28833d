"""Orders by number and by date, as records: each reads a page in a fixed number of statements."""

from __future__ import annotations

from collections.abc import Sequence

from orderdock.accounts.model import Scope
from orderdock.db import Tx
from orderdock.events import actions as events
from orderdock.orders.model import Record
from orderdock.orders.query import NoOrders, OrderQuery, Page, Position, Wanted
from orderdock.orders.sql import read as sql
from orderdock.people.actions import customers


def pull(tx: Tx, scope: Scope, query: OrderQuery) -> Page:
    """A page of orders in a range (contract 2.6). Raises NoOrders when nothing is there.

    Behind a cursor an empty page is a page: the last orders of the range have moved or gone meanwhile.
    """
    if query.cm_id != scope.cm_id:
        raise ValueError("a query of another account")
    span = (query.first, query.last)
    found = sql.in_range(
        tx, scope.cm_id, query.columns, query.by, span, query.enquiry_ids, query.limit + 1, query.offset, query.position
    )
    if not found and query.position is None:
        raise NoOrders("no order in this range")
    total = query.total
    if query.with_total:
        total = sql.count_in_range(tx, scope.cm_id, query.by, span, query.enquiry_ids)
    page = Page(found[: query.limit], total=total)
    if len(found) > query.limit:
        last = page.orders[-1]
        page.next = query.cursor(Position(last[query.by], last["id"]), total)
    _add(tx, scope, page, details=query.details, history=query.history)
    return page


def get_many(tx: Tx, scope: Scope, wanted: Sequence[Wanted], *, details: bool = False, history: bool = False) -> Page:
    """Orders by number (contract 2.7); `Page.find` tells which of the wanted ones are there."""
    page = _find(tx, scope, wanted)
    _add(tx, scope, page, details=details, history=history)
    return page


def _find(tx: Tx, scope: Scope, wanted: Sequence[Wanted]) -> Page:
    """The wanted orders, each once; a statement for numbers, one for the callers' own numbers."""
    numbers = {one.order_id for one in wanted if one.order_id is not None}
    words = {one.erp_order_id for one in wanted if one.order_id is None and one.erp_order_id is not None}
    found: dict[int, Record] = {}
    if numbers:
        found.update((order["id"], order) for order in sql.orders_by_id(tx, scope.cm_id, sorted(numbers)))
    if words:
        found.update((order["id"], order) for order in sql.orders_by_erp(tx, scope.cm_id, sorted(words)))
    return Page(list(found.values()))


def _add(tx: Tx, scope: Scope, page: Page, *, details: bool, history: bool) -> None:
    """Customers, and if wanted lines, payments and history, of a page's orders: a statement each."""
    if not page.orders:
        return
    order_ids = [order["id"] for order in page.orders]
    page.customers = customers(tx, scope, _named(page, "customer_id"))
    if details:
        page.lines = sql.lines(tx, scope.cm_id, order_ids)
        page.payments = sql.payments(tx, scope.cm_id, order_ids)
    if history:
        page.history = events.history(tx, scope, order_ids)


def _named(page: Page, column: str) -> set[int]:
    """The records that a page's orders name in a column."""
    return {order[column] for order in page.orders if column in order}
