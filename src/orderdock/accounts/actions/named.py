"""Keys and logins by the name that they have in their account."""

from __future__ import annotations

from orderdock.accounts.actions.identify import scope_of
from orderdock.accounts.model import Account, Scope
from orderdock.accounts.sql import keys as sql
from orderdock.db import Database, Tx
from orderdock.errors import Invalid


def key_number(tx: Tx, cm_id: int, name: str) -> int | None:
    """The number of the key or login of a name; None when there is none."""
    key = sql.key_named(tx, cm_id, name)
    return None if key is None else key.id


def key_scope(database: Database, account: Account, name: str) -> Scope:
    """As whom a key or login of an account acts. Raises Invalid when there is none of that name."""
    with database.read() as tx:
        found = sql.key_named(tx, account.cm_id, name)
    if found is None:
        raise Invalid(f"there is no key named {name}")
    return scope_of(account, found)
