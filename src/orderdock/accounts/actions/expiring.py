"""Which keys of the installation expire soon."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import Final

from orderdock.accounts.options import ACCOUNT_OPTIONS, defaults, last_moment, locale_of
from orderdock.accounts.sql import keys as sql
from orderdock.db import Tx

_DAY: Final = 86_400_000


def expiring_keys(tx: Tx, within: int) -> list[tuple[str, str, float]]:
    """(account, key, days left) of enabled keys and logins that expire in `within` days, the soonest first."""
    now = time.time() * 1000
    today = datetime.fromtimestamp(now / 1000, UTC).date()
    # A day more at both ends, for accounts in other zones.
    rows = sql.expiring(tx, str(today - timedelta(days=1)), str(today + timedelta(days=within + 1)))
    found = []
    for account, key, day, settings, options in rows:
        left = (last_moment(day, locale_of(defaults(ACCOUNT_OPTIONS, options))) - now) / _DAY
        if settings.get("enabled", True) and 0 <= left <= within:
            found.append((account, key, round(left, 2)))
    return found
