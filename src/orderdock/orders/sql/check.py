"""How all orders of an account are walked through, some at a time."""

from __future__ import annotations

from typing import Final

from orderdock.db import Sql, Tx

_REVISIONS: Final = Sql(
    "SELECT o.id, o.revision FROM orders o WHERE o.cm_id = :cm_id AND o.id > :after ORDER BY o.id LIMIT :limit"
)


def revisions(tx: Tx, cm_id: int, after: int, limit: int) -> list[tuple[int, int]]:
    """(order, revision) of the orders behind a number, deleted ones too."""
    return [(number, revision) for number, revision in tx.all(_REVISIONS, cm_id=cm_id, after=after, limit=limit)]


_ACCOUNTS: Final = Sql("SELECT DISTINCT o.cm_id FROM orders o ORDER BY o.cm_id")


def accounts_with_orders(tx: Tx) -> list[int]:
    """The accounts that have any order."""
    return [cm_id for (cm_id,) in tx.all(_ACCOUNTS)]
