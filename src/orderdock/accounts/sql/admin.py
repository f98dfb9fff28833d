"""Accounts, their lock and their credentials."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, Final

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
    "SELECT hash, account_id, key_id FROM credential WHERE hash IN (SELECT hash FROM {wanted})",
    wanted=source("wanted", hash="text"),
)
_ANY_CREDENTIAL: Final = Sql("SELECT key_id FROM credential LIMIT 1")


def insert_credential(tx: Tx, cm_id: int, key_id: int, digest: str) -> bool:
    """Keep how a key is found; False when another key of the installation has this secret or login name."""
    return bool(tx.all(_INSERT_CREDENTIAL, cm_id=cm_id, key_id=key_id, hash=digest))


def find_credentials(tx: Tx, digests: Sequence[str]) -> dict[str, tuple[int, int]]:
    """digest -> (account, key), for those that are known."""
    rows = tx.all(_FIND_CREDENTIAL, wanted=as_rows([{"hash": digest} for digest in digests]))
    return {digest: (cm_id, key_id) for digest, cm_id, key_id in rows}


def any_credential(tx: Tx) -> bool:
    """Whether the installation has any credential at all."""
    return bool(tx.all(_ANY_CREDENTIAL))
