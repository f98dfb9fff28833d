"""What may be done with customers and enquiries: read them by number, a set at a time."""

from __future__ import annotations

from collections.abc import Collection

from orderdock.accounts.model import Scope
from orderdock.db import Tx
from orderdock.people import sql
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
