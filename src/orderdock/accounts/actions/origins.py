"""From where browsers may call, over all accounts: asked before a caller is known (contract 1.16)."""

from __future__ import annotations

from orderdock.accounts.sql import admin as sql
from orderdock.db import Database


def cors_origins(database: Database) -> frozenset[str]:
    """Every origin that some account lists."""
    with database.read() as tx:
        return frozenset(origin for origins in sql.option_values(tx, "cors_origins") for origin in origins)
