"""What may be done with customers and enquiries: read by number, a set at a time; get one customer, pull a page."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Final

from orderdock.accounts.actions import words_meant
from orderdock.accounts.model import Scope
from orderdock.db import Tx
from orderdock.people import sql
from orderdock.people.query import (
    MOST_CONTACTS,
    MOST_CONTACTS_OF_MANY,
    CustomerPage,
    CustomerQuery,
    GetCustomer,
    How,
    Identity,
    Term,
)
from orderdock.people.sql import find
from orderdock.world import Record, World


def _nowhere(name: str) -> int:
    raise RuntimeError(f"reading takes no {name} number")


def customers(tx: Tx, scope: Scope, numbers: Collection[int]) -> dict[int, Record]:
    """Customers by number; one that was merged away stands for its survivor (contract 1.8 rule 4)."""
    world = World(0, _nowhere)
    if numbers:
        sql.take_customers(world, sql.ask_customers(tx, scope.cm_id, sorted(numbers)))
    return {number: found for number in numbers if (found := world.customer_of(number)) is not None}


def sources(tx: Tx, scope: Scope) -> set[str]:
    """Every source that a customer has, for administrators: it reads all customers."""
    return sql.sources(tx, scope.cm_id)


def enquiries(tx: Tx, scope: Scope, numbers: Collection[int]) -> dict[int, Record]:
    """Enquiries by number."""
    world = World(0, _nowhere)
    if numbers:
        sql.take_enquiries(world, sql.ask_enquiries(tx, scope.cm_id, sorted(numbers)))
    return world.enquiries


def known_by(tx: Tx, scope: Scope, kind: str, value: str) -> list[int]:
    """The customers whom a phone or an e-mail (`kind`), in its compared form, belongs to; of many the first ones."""
    world = World(0, _nowhere)
    sql.take_identities(world, sql.ask_identities(tx, scope.cm_id, [(kind, value)]))
    return list(world.identities.get((kind, value), ()))


def get(tx: Tx, scope: Scope, asked: GetCustomer) -> CustomerPage:
    """One customer with what belongs to it (contract 2.11); nobody is an empty page."""
    for place, identity in enumerate(asked.by):
        found = _meant(tx, scope, identity, asked)
        if found:
            page = _whole(tx, scope, found[:1], MOST_CONTACTS)
            page.by, page.others = place, tuple(one["id"] for one in found[1:])
            return page
    return CustomerPage([])


def _meant(tx: Tx, scope: Scope, identity: Identity, asked: GetCustomer) -> list[Record]:
    """Whom an identity means, the lowest number first; of a phone or an e-mail nobody who has another code."""
    kind, value = identity
    numbers = [int(value)] if kind == "id" else known_by(tx, scope, kind, str(value)) if value else []
    known = customers(tx, scope, numbers)
    found = {one["id"]: one for one in map(known.get, numbers) if one is not None}
    code = next((one.value for one in asked.by if one.kind == "code"), None)
    return [one for number, one in sorted(found.items()) if code is None or one.get("code", code) == code]


def pull(tx: Tx, scope: Scope, query: CustomerQuery) -> CustomerPage:
    """A page of customers in a range (contract 2.12); nothing found is an empty page."""
    if query.cm_id != scope.cm_id:
        raise ValueError("a query of another account")
    terms = _looked_up(tx, scope, query.terms)
    found = find.find(tx, scope.cm_id, query, terms, query.limit + 1)
    page = _whole(tx, scope, found[: query.limit], MOST_CONTACTS_OF_MANY)
    page.total = find.count(tx, scope.cm_id, query, terms) if query.with_total else query.total
    if len(found) > query.limit:
        page.next = query.cursor(page.customers[-1], page.total)
    return page


def _whole(tx: Tx, scope: Scope, found: list[Record], most: int) -> CustomerPage:
    """Customers with their contacts and the number of their enquiries: a statement each."""
    page = CustomerPage(found)
    if found:
        mains = {one["id"]: one.get("main_contact_id") for one in found}
        page.contacts = find.contacts_shown(tx, scope.cm_id, mains, most)
        page.enquiries = find.enquiries_counted(tx, scope.cm_id, list(mains))
    return page


_LOOKED_UP: Final = (How.PEOPLE, How.NAMED)


def _looked_up(tx: Tx, scope: Scope, terms: Sequence[Term]) -> list[Term]:
    """The terms with employees by number and named lists by compared form."""
    asked = [(term.filter.list, term.value) for term in terms if term.filter.how in _LOOKED_UP]
    meant = iter(words_meant(tx, scope, asked))
    return [Term(term.filter, next(meant)) if term.filter.how in _LOOKED_UP else term for term in terms]
