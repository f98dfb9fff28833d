"""Which keys end soon, and telling ahead of it: one event 30, 7 and 1 days before its last one (contract 2.18)."""

from __future__ import annotations

from itertools import groupby
from typing import Final

from orderdock.accounts import decide
from orderdock.accounts.actions.admin import Record
from orderdock.accounts.actions.keys import DAY_MS
from orderdock.accounts.options import ACCOUNT_OPTIONS, day_of, defaults, last_moment, locale_of
from orderdock.accounts.sql import admin as admin_sql
from orderdock.accounts.sql import expiring as sql
from orderdock.accounts.sql.expiring import Ending
from orderdock.db import Database, Tx

ACTOR: Final = "system"
# No zone is further from UTC than a day.
_AHEAD: Final = max(decide.TOLD_BEFORE) + 1


def tell_expiring(database: Database, record: Record, now: int) -> int:
    """Append `key.expiring` for every key whose time has come at an epoch ms; how many were told.

    Each is told once, whoever asks at the same time: what is due is looked up without a lock, and judged again under
    its account's. A disabled key is not told.
    """
    first, last = decide.day_name(now // DAY_MS - 1), decide.day_name(now // DAY_MS + _AHEAD)
    with database.read() as tx:
        due = [key for key in sql.ending(tx, first, last) if _mark(key, now)]
    told = 0
    for cm_id, _ in groupby(due, key=lambda key: key.cm_id):
        with database.write() as tx:
            if admin_sql.lock(tx, cm_id).rows():
                told += sum(_tell(tx, record, key, now) for key in sql.ending(tx, first, last, cm_id))
    return told


def expiring_keys(tx: Tx, within: int, now: int) -> list[tuple[str, str, float]]:
    """(account, key, days left) of enabled keys and logins that end within some days of an epoch ms, soonest first."""
    first, last = decide.day_name(now // DAY_MS - 1), decide.day_name(now // DAY_MS + within + 1)
    found = []
    for key in sql.ending(tx, first, last):
        left = (last_moment(key.expires_on, locale_of(defaults(ACCOUNT_OPTIONS, key.account))) - now) / DAY_MS
        if 0 <= left <= within:
            found.append((key.subdomain, key.name, round(left, 2)))
    return sorted(found, key=lambda one: one[2])


def _today(key: Ending, now: int) -> str:
    return day_of(now, locale_of(defaults(ACCOUNT_OPTIONS, key.account)))


def _mark(key: Ending, now: int) -> str | None:
    return decide.due_mark(key.expires_on, _today(key, now), key.told)


def _tell(tx: Tx, record: Record, key: Ending, now: int) -> bool:
    """Whether there was something to tell."""
    mark = _mark(key, now)
    if mark is None:
        return False
    sql.set_told(tx, key.cm_id, key.id, mark)
    left = decide.days_between(_today(key, now), key.expires_on)
    said = {"id": key.id, "name": key.name, "expires_on": key.expires_on, "days_left": left}
    record(tx, key.cm_id, "key.expiring", ACTOR, {"before": {}, "after": said})
    return True
