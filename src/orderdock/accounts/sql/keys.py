"""Keys and logins."""

from __future__ import annotations

import json
from typing import Any, Final

from orderdock.accounts.model import ApiKey
from orderdock.db import Row, Sql, Tx

_COLUMNS: Final = "cm_id, id, kind, name, last4, password_hash, operations, mandatory, options, owner"
_INSERT: Final = Sql(
    """INSERT INTO api_key ({columns}, created_at) VALUES (:cm_id, :id, :kind, :name, :last4, :password_hash,
       :operations, :mandatory, :options, :owner, :at)""",
    columns=_COLUMNS,
)
_BY_ID: Final = Sql("SELECT {columns} FROM api_key WHERE cm_id = :cm_id AND id = :id", columns=_COLUMNS)
_BY_NAME: Final = Sql("SELECT {columns} FROM api_key WHERE cm_id = :cm_id AND name = :name", columns=_COLUMNS)
_ALL: Final = Sql("SELECT {columns} FROM api_key WHERE cm_id = :cm_id ORDER BY id", columns=_COLUMNS)
_SET_OPTIONS: Final = Sql("UPDATE api_key SET options = :options WHERE cm_id = :cm_id AND id = :id")


def _key(row: Row) -> ApiKey:
    operations, mandatory, options = map(json.loads, row[6:9])
    cm_id, key_id, kind, name, last4, password_hash = row[:6]
    return ApiKey(cm_id, key_id, kind, name, last4, password_hash, operations, mandatory, options, row[9])


def insert_key(tx: Tx, key: ApiKey, at: int) -> None:
    """Keep a new key; its name is free in the account."""
    texts = {"operations": json.dumps(key.operations), "mandatory": json.dumps(key.mandatory)}
    same = {name: getattr(key, name) for name in ("cm_id", "id", "kind", "name", "last4", "password_hash", "owner")}
    tx.ask(_INSERT, **same, **texts, options=json.dumps(key.options), at=at)


def key(tx: Tx, cm_id: int, key_id: int) -> ApiKey | None:
    """One key of an account."""
    return next(map(_key, tx.all(_BY_ID, cm_id=cm_id, id=key_id)), None)


def key_named(tx: Tx, cm_id: int, name: str) -> ApiKey | None:
    """The key of an account with a name."""
    return next(map(_key, tx.all(_BY_NAME, cm_id=cm_id, name=name)), None)


def keys(tx: Tx, cm_id: int) -> list[ApiKey]:
    """Every key of an account, oldest first."""
    return [_key(row) for row in tx.all(_ALL, cm_id=cm_id)]


_SET_PROFILE: Final = Sql(
    """UPDATE api_key SET operations = :operations, mandatory = :mandatory, options = :options, owner = :owner
       WHERE cm_id = :cm_id AND id = :id"""
)
_SET_SECRET: Final = Sql(
    """UPDATE api_key SET kind = :kind, last4 = :last4, password_hash = :password_hash
       WHERE cm_id = :cm_id AND id = :id"""
)


def set_profile(tx: Tx, key: ApiKey) -> None:
    """Keep what a key may do and how its requests are judged."""
    texts = {"operations": json.dumps(key.operations), "mandatory": json.dumps(key.mandatory)}
    tx.ask(_SET_PROFILE, cm_id=key.cm_id, id=key.id, **texts, options=json.dumps(key.options), owner=key.owner)


def set_secret(tx: Tx, key: ApiKey) -> None:
    """Keep what is known of a key's new secret, or a login's new password."""
    same = {name: getattr(key, name) for name in ("cm_id", "id", "kind", "last4", "password_hash")}
    tx.ask(_SET_SECRET, **same)


def set_options(tx: Tx, cm_id: int, key_id: int, options: dict[str, Any]) -> None:
    """Keep what a key's settings are now."""
    tx.ask(_SET_OPTIONS, cm_id=cm_id, id=key_id, options=json.dumps(options))
