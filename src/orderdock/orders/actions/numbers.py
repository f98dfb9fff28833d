"""Which orders something is about: numbers alone, for those who look for what was done to them."""

from __future__ import annotations

from collections.abc import Mapping

from orderdock.accounts.model import Scope
from orderdock.db import Tx
from orderdock.orders.sql import numbers as sql
from orderdock.people.actions import known_by


def numbers_about(tx: Tx, scope: Scope, about: Mapping[str, str], most: int) -> dict[str, list[int]]:
    """For each thing the newest orders that it is about, a little over `most` of them at most, newest first.

    Things are `order` (a number), `erp` (the caller's own number), `phone` and `email`, in their compared forms: those
    lead to the orders of the customers whom they belong to, and to those that carry them themselves.
    """
    return {kind: _about(tx, scope, kind, value, most) for kind, value in about.items()}


def _about(tx: Tx, scope: Scope, kind: str, value: str, most: int) -> list[int]:
    if kind == "order":
        return [int(value)]
    if kind == "erp":
        return sql.by_erp(tx, scope.cm_id, value)
    found = set(sql.of_contact(tx, scope.cm_id, kind, value, most + 1))
    if customers := known_by(tx, scope, kind, value):
        found.update(sql.of_customers(tx, scope.cm_id, customers, most))
    return sorted(found, reverse=True)[: most + 1]
