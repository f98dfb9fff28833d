"""Accounts, their lock and their credentials."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, Final, NamedTuple

from orderdock.accounts.model import Account
from orderdock.db import FOR_UPDATE, SKIP_LOCKED, Reply, Row, Sql, Tx, as_rows, source

_LOCK: Final = Sql("SELECT cm_id FROM account_lock WHERE cm_id = :cm_id {lock}", lock=FOR_UPDATE)
_TRY: Final = Sql("SELECT cm_id FROM account_lock WHERE cm_id = :cm_id {lock}", lock=SKIP_LOCKED)


def lock(tx: Tx, cm_id: int, *, wait: bool = True) -> Reply:
    """Take the account's lock until the transaction ends. No row: no such account or, not waiting, it is taken."""
    return tx.ask(_LOCK if wait else _TRY, cm_id=cm_id)


_INSERT: Final = Sql(
    """INSERT INTO account (cm_id, name, subdomain, options, created_at)
       VALUES (:cm_id, :name, :subdomain, :options, :at) ON CONFLICT DO NOTHING RETURNING cm_id"""
)
_INSERT_LOCK: Final = Sql("INSERT INTO account_lock (cm_id) VALUES (:cm_id)")


def insert_account(tx: Tx, account: Account) -> bool:
    """Keep a new account; False when its number or subdomain is taken."""
    values = {"cm_id": account.cm_id, "name": account.name, "subdomain": account.subdomain}
    if not tx.all(_INSERT, **values, options=json.dumps(account.options), at=account.created_at):
        return False
    tx.ask(_INSERT_LOCK, cm_id=account.cm_id)
    return True


_BY_ID: Final = Sql("SELECT cm_id, name, subdomain, options, created_at FROM account WHERE cm_id = :cm_id")
_BY_SUBDOMAIN: Final = Sql(
    "SELECT cm_id, name, subdomain, options, created_at FROM account WHERE subdomain = :subdomain"
)
_ALL: Final = Sql("SELECT cm_id, name, subdomain, options, created_at FROM account ORDER BY cm_id")


def _account(row: Row) -> Account:
    return Account(row[0], row[1], row[2], json.loads(row[3]), row[4])


def account(tx: Tx, cm_id: int) -> Account | None:
    """One account."""
    return next(map(_account, tx.all(_BY_ID, cm_id=cm_id)), None)


def account_of(tx: Tx, subdomain: str) -> Account | None:
    """The account that a subdomain belongs to."""
    return next(map(_account, tx.all(_BY_SUBDOMAIN, subdomain=subdomain)), None)


def accounts(tx: Tx) -> list[Account]:
    """Every account of the installation."""
    return [_account(row) for row in tx.all(_ALL)]


_WITH_OPTION: Final = Sql("SELECT cm_id, options FROM account WHERE options LIKE :part ORDER BY cm_id")


def option_values(tx: Tx, name: str) -> list[Any]:
    """What the accounts that set an option have set it to."""
    return [found[name] for _, text in tx.all(_WITH_OPTION, part=f'%"{name}"%') if name in (found := json.loads(text))]


_SET_OPTIONS: Final = Sql("UPDATE account SET options = :options WHERE cm_id = :cm_id")


def set_options(tx: Tx, cm_id: int, options: dict[str, Any]) -> None:
    """Keep what an account's settings are now."""
    tx.ask(_SET_OPTIONS, cm_id=cm_id, options=json.dumps(options))


_INSERT_CREDENTIAL: Final = Sql(
    """INSERT INTO credential (hash, account_id, key_id) VALUES (:hash, :cm_id, :key_id)
       ON CONFLICT DO NOTHING RETURNING key_id"""
)
_FIND_CREDENTIAL: Final = Sql(
    "SELECT hash, account_id, key_id, until FROM credential WHERE hash IN (SELECT hash FROM {wanted})",
    wanted=source("wanted", hash="text"),
)
_ANY_CREDENTIAL: Final = Sql("SELECT key_id FROM credential LIMIT 1")


def insert_credential(tx: Tx, cm_id: int, key_id: int, digest: str) -> bool:
    """Keep how a key is found; False when another key of the installation has this secret or login name."""
    return bool(tx.all(_INSERT_CREDENTIAL, cm_id=cm_id, key_id=key_id, hash=digest))


class Known(NamedTuple):
    """Whom a digest belongs to. `until`: the epoch ms after which it is dead, when the key was rotated."""

    cm_id: int
    key_id: int
    until: int | None

    def is_over(self, now: int) -> bool:
        """Whether it is dead."""
        return self.until is not None and self.until < now


def find_credentials(tx: Tx, digests: Sequence[str]) -> dict[str, Known]:
    """Digests that are known, those that are dead included."""
    rows = tx.all(_FIND_CREDENTIAL, wanted=as_rows([{"hash": digest} for digest in digests]))
    return {row[0]: Known(*row[1:]) for row in rows}


_FOR_EVER: Final = 2**62
_ENDS: Final = Sql(
    "SELECT until FROM credential WHERE account_id = :cm_id AND key_id = :key_id AND until >= :now ORDER BY until"
)
_END: Final = Sql(
    """UPDATE credential SET until = :until
       WHERE account_id = :cm_id AND key_id = :key_id AND (until IS NULL OR until > :but)"""
)
_FORGET: Final = Sql("DELETE FROM credential WHERE account_id = :cm_id AND key_id = :key_id AND until < :before")


def ends(tx: Tx, cm_id: int, key_id: int, now: int) -> list[int]:
    """When the old secrets of a key end that still work, the earliest first."""
    return [until for (until,) in tx.all(_ENDS, cm_id=cm_id, key_id=key_id, now=now)]


def end_credentials(tx: Tx, cm_id: int, key_id: int, until: int, *, old_too: bool) -> None:
    """Let the secret of a key work until then, and with `old_too` no older one any longer."""
    tx.ask(_END, cm_id=cm_id, key_id=key_id, until=until, but=until if old_too else _FOR_EVER)


def forget_credentials(tx: Tx, cm_id: int, key_id: int, before: int) -> None:
    """Take away what a key was found by when it has been dead since then."""
    tx.ask(_FORGET, cm_id=cm_id, key_id=key_id, before=before)


def any_credential(tx: Tx) -> bool:
    """Whether the installation has any credential at all."""
    return bool(tx.all(_ANY_CREDENTIAL))
