"""Orders by number, as JSON that the database builds: a statement for all of them (contract 2.15, 2.18.4)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from orderdock.accounts.model import Scope
from orderdock.db import Tx
from orderdock.errors import OrderNotFound
from orderdock.events import actions as events
from orderdock.events.model import Logged
from orderdock.orders.query import OneQuery, Records, Shown, Wanted
from orderdock.orders.query.shape import Shape
from orderdock.orders.sql import find as sql
from orderdock.people.actions import customers, enquiries

Words = list[tuple[str, str, str]]


def shown(tx: Tx, scope: Scope, shape: Shape, wanted: Iterable[Wanted]) -> tuple[dict[Wanted, Shown], Words]:
    """(the wanted orders that are there, names of named lists that they show and that have no number yet).

    A statement for those wanted by number and one for those wanted by the caller's own; the number decides.
    """
    by_number = {one.order_id: one for one in wanted if one.order_id is not None}
    by_word = {one.erp_order_id: one for one in wanted if one.order_id is None}
    found: dict[Wanted, Shown] = {}
    if by_number:
        rows = sql.shown(tx, scope.cm_id, shape, "id", list(by_number))
        found.update((by_number[row[0]], Shown(*row)) for row in rows)
    if by_word:
        rows = sql.shown(tx, scope.cm_id, shape, "erp_order_id", list(by_word))
        found.update((by_word[row[1]], Shown(*row)) for row in rows)
    unnumbered = [one.number for one in found.values() if one.is_unnumbered]
    return found, sql.names_shown(tx, scope.cm_id, unnumbered) if unnumbered else []


def get(tx: Tx, scope: Scope, query: OneQuery) -> tuple[Shown, Words]:
    """One order in a shape, and the names as `shown` tells them. Raises OrderNotFound."""
    found, words = shown(tx, scope, query.shape, [query.wanted])
    one = found.get(query.wanted)
    if one is None:
        raise not_found(query.wanted)
    if query.history:
        one = one._replace(history=events.history(tx, scope, [one.number]).get(one.number, ()))
    return one, words


def not_found(wanted: Wanted) -> OrderNotFound:
    """What is said when an order is not there."""
    return OrderNotFound("no such order", value=wanted.erp_order_id if wanted.order_id is None else wanted.order_id)


def records(tx: Tx, scope: Scope, shape: Shape, told: Sequence[Logged]) -> Records:
    """The records that events are about, as they are now (contract 2.18.4): orders, else customers, else enquiries."""
    of_orders = {event.order_id for event in told if event.order_id}
    others = [event for event in told if not event.order_id]
    of_enquiries = {event.enquiry_id for event in others if event.kind.startswith("enquiry.") and event.enquiry_id}
    of_customers = {
        event.customer_id
        for event in others
        if event.customer_id and not (event.kind.startswith("enquiry.") and event.enquiry_id)
    }
    found, words = shown(tx, scope, shape, [Wanted(number) for number in sorted(of_orders)])
    return Records(
        {one.number: one.doc for one in found.values()},
        customers(tx, scope, of_customers),
        enquiries(tx, scope, of_enquiries),
        words,
    )
