"""Logins with a password that everybody tries first: looked for by trying, a bounded time long."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Final, NamedTuple

from argon2.exceptions import InvalidHashError, VerificationError

from orderdock.accounts.actions.profile import PASSWORDS, SHORTEST_PASSWORD
from orderdock.accounts.model import Account, ApiKey
from orderdock.accounts.sql import admin as admin_sql
from orderdock.accounts.sql import keys as keys_sql
from orderdock.db import Database

_WORDS: Final = (
    "password", "password1", "12345678", "123456789", "1234567890", "qwertyuiop", "orderdock", "changeme", "welcome1",
)  # fmt: skip
_ENDINGS: Final = ("", "1", "123", "1234", "12345678", "@123")


class Tried(NamedTuple):
    """Logins whose password was found, as `subdomain/name`; how many were tried, and how many there was no time for."""

    weak: list[str]
    tried: int
    left: int


def weak_logins(database: Database, seconds: float) -> Tried:
    """Try common passwords on every login that works, for so many seconds at most; one try takes some 30 ms."""
    until = time.monotonic() + seconds
    logins = list(_logins(database))
    weak: list[str] = []
    for number, (account, key) in enumerate(logins):
        for word in _words(account, key):
            if time.monotonic() > until:
                return Tried(weak, number, len(logins) - number)
            if _is_password(key.password_hash or "", word):
                weak.append(f"{account.subdomain}/{key.name}")
                break
    return Tried(weak, len(logins), 0)


def _is_password(stored: str, word: str) -> bool:
    try:
        return PASSWORDS.verify(stored, word)
    except (VerificationError, InvalidHashError):
        return False


def _logins(database: Database) -> Iterator[tuple[Account, ApiKey]]:
    with database.read() as tx:
        for account in admin_sql.accounts(tx):
            for key in keys_sql.keys(tx, account.cm_id):
                if key.password_hash and key.options.get("enabled", True):
                    yield account, key


def _words(account: Account, key: ApiKey) -> list[str]:
    """What is tried: the names that stand beside the password, with the usual endings, and words of the usual lists."""
    names = dict.fromkeys((key.name, account.subdomain, account.name))
    made = [name + ending for name in names for ending in _ENDINGS]
    return [word for word in dict.fromkeys((*made, *_WORDS)) if len(word) >= SHORTEST_PASSWORD]
