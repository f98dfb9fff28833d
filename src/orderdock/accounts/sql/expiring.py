"""Which keys end soon, and what was told of it."""

from __future__ import annotations

import json
from typing import Any, Final, NamedTuple

from orderdock.db import Sql, Tx

# Options are JSON text, and hold only what was set.
_DAY: Final = ("k.options ->> 'expires_on'", "k.options::json ->> 'expires_on'")
_OFF: Final = ("k.options ->> 'enabled' = 0", "k.options::json ->> 'enabled' = 'false'")
_SOON: Final = """SELECT k.cm_id, k.id, k.name, {day}, k.told, a.options, a.subdomain
       FROM api_key k JOIN account a ON a.cm_id = k.cm_id
       WHERE {day} BETWEEN :first AND :last AND COALESCE({off}, false) = false"""
_EVERYWHERE: Final = Sql(_SOON + " ORDER BY k.cm_id, k.id", day=_DAY, off=_OFF)
_OF_ONE: Final = Sql(_SOON + " AND k.cm_id = :cm_id AND a.cm_id = :cm_id ORDER BY k.id", day=_DAY, off=_OFF)
_SET_TOLD: Final = Sql("UPDATE api_key SET told = :told WHERE cm_id = :cm_id AND id = :id")


class Ending(NamedTuple):
    """A key that works and has a last day; `account` are the settings that its account has set."""

    cm_id: int
    id: int
    name: str
    expires_on: str
    told: str | None
    account: dict[str, Any]
    subdomain: str


def ending(tx: Tx, first: str, last: str, cm_id: int | None = None) -> list[Ending]:
    """The keys whose last day lies between two ISO dates, of one account or of all, account by account."""
    days = {"first": first, "last": last}
    rows = tx.all(_EVERYWHERE, **days) if cm_id is None else tx.all(_OF_ONE, **days, cm_id=cm_id)
    return [Ending(*row)._replace(account=json.loads(row[5])) for row in rows]


def set_told(tx: Tx, cm_id: int, key_id: int, told: str) -> None:
    """Remember what was told of a key's end."""
    tx.ask(_SET_TOLD, cm_id=cm_id, id=key_id, told=told)
