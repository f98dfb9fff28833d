"""How much each key is used: counted in memory by the processes that answer, and added up here."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import groupby
from typing import Final

from orderdock.accounts.sql import key_use as sql
from orderdock.db import Database

# (account, key, day since the epoch, UTC) -> [requests, failures, epoch ms of the last one].
Uses = Mapping[tuple[int, int, int], list[int]]
_COLUMNS: Final = ("key_id", "day", "requests", "failures", "last_at")


def add_uses(database: Database, uses: Uses) -> None:
    """Add what was counted, all of it or nothing: one statement an account.

    Accounts and keys come in order, so that two processes that add at once wait for each other and do not embrace.
    """
    with database.write() as tx:
        for cm_id, found in groupby(sorted(uses.items()), key=lambda use: use[0][0]):
            rows = [dict(zip(_COLUMNS, (*key[1:], *counts), strict=True)) for key, counts in found]
            sql.add(tx, cm_id, rows)
