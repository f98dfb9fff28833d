"""The profile of a key by its name, for whoever describes it; nothing is asked of its secret."""

from __future__ import annotations

from orderdock.accounts.actions.identify import scope_of
from orderdock.accounts.model import Scope
from orderdock.accounts.sql import admin as admin_sql
from orderdock.accounts.sql import keys as sql
from orderdock.db import Database
from orderdock.errors import Invalid


def scope_named(database: Database, cm_id: int, name: str) -> Scope:
    """What requests of a key or login are judged by. Raises Invalid when the account has none of this name."""
    with database.read() as tx:
        account, key = admin_sql.account(tx, cm_id), sql.key_named(tx, cm_id, name)
    if account is None or key is None:
        raise Invalid(f"there is no key named {name}")
    return scope_of(account, key)
