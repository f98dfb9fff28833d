"""Keys and logins: issuing, adopting, listing, disabling. A secret is answered once, at issue, and stored nowhere."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from orderdock.accounts import decide
from orderdock.accounts.actions.admin import OWNER_CODE, Admin, now_ms
from orderdock.accounts.actions.profile import (
    check_assignee,
    hash_of,
    is_over,
    key_named,
    owner_of,
    profile,
    state_of,
    told_of,
)
from orderdock.accounts.decide import KeySecret, NameAndPassword
from orderdock.accounts.model import Account, ApiKey
from orderdock.accounts.options import KEY_OPTIONS, read_options
from orderdock.accounts.sql import admin as admin_sql
from orderdock.accounts.sql import employees as employees_sql
from orderdock.accounts.sql import key_use as use_sql
from orderdock.accounts.sql import keys as sql
from orderdock.db import Database, Tx
from orderdock.errors import Invalid

DAY_MS: Final = 86_400_000


@dataclass(frozen=True)
class Issued:
    """A key as it is shown once: `authorization` is what a caller sends in the header of that name."""

    id: int
    auth_key: str
    authorization: str


def new_secret() -> str:
    """A new key (contract 1.3)."""
    return decide.key_of("".join(secrets.choice(decide.ALPHABET) for _ in range(decide.RANDOM_LENGTH)))


def basic(text: str) -> str:
    """The value of `Authorization` that carries a key, or `user:password`."""
    return "Basic " + base64.b64encode(text.encode()).decode()


def create_key(
    admin: Admin, cm_id: int, *, name: str, operations: Sequence[str], mandatory: Sequence[str] = (),
    options: Mapping[str, str] | None = None, owner: str | None = None, adopt: str | None = None,
) -> Issued:  # fmt: skip
    """Issue a key, or register an existing secret as one.

    `mandatory` names fields as `FIELD` (every granted operation that takes it) or `OPERATION=FIELD`, `owner` is an
    employee's code. Raises Invalid for what cannot be.
    """
    if adopt is not None and not decide.could_be_secret(adopt):
        raise Invalid("an adopted secret must be 32 to 128 visible ASCII characters")
    secret = adopt or new_secret()
    key = profile(cm_id, name, operations, mandatory, options or {})
    key = replace(key, kind="adopted" if adopt else "key", last4=secret[-4:])
    issued = _keep(admin, key, owner, admin.hasher.of(KeySecret(secret)))
    return Issued(issued.id, secret, basic(secret))


def create_login(
    admin: Admin, cm_id: int, *, username: str, password: str, operations: Sequence[str], mandatory: Sequence[str] = (),
    options: Mapping[str, str] | None = None, owner: str | None = None,
) -> Issued:  # fmt: skip
    """Issue an API login: a key that is named by a user name, unique in the installation, and proved by a password."""
    if ":" in username:
        raise Invalid("a user name has no colon")
    stored = hash_of(password)
    key = replace(profile(cm_id, username, operations, mandatory, options or {}), kind="login", password_hash=stored)
    issued = _keep(admin, key, owner, admin.hasher.of(NameAndPassword(key.name, password)))
    return Issued(issued.id, "", basic(f"{key.name}:{password}"))


def _keep(admin: Admin, key: ApiKey, owner: str | None, digest: str) -> ApiKey:
    key = replace(key, id=admin.database.take_id("key"))
    with admin.change(key.cm_id) as tx:
        check_assignee(tx, key)
        key = replace(key, owner=owner_of(tx, key.cm_id, owner or OWNER_CODE))
        if sql.key_named(tx, key.cm_id, key.name):
            raise Invalid(f"there is a key named {key.name} already")
        sql.insert_key(tx, key, now_ms())
        if not admin_sql.insert_credential(tx, key.cm_id, key.id, digest):
            raise Invalid("this user name is taken" if key.kind == "login" else "this secret is another key's")
        admin.note(tx, key.cm_id, "key.created", {}, told_of(key))
    return key


def _shown(account: Account, key: ApiKey, owners: Mapping[int, str], used: Mapping[int, int]) -> dict[str, Any]:
    owner = owners.get(key.owner, "")
    return {**told_of(key), "owner": owner, "state": state_of(account, key), "last_used_at": used.get(key.id)}


def list_keys(database: Database, cm_id: int) -> list[dict[str, Any]]:
    """Every key and login of an account with its settings and its last use (epoch ms); never a secret."""
    with database.read() as tx:
        owners = {who.id: who.code for who in employees_sql.employees(tx, cm_id)}
        account, used = admin_sql.account(tx, cm_id), use_sql.last_used(tx, cm_id)
        return [_shown(account, key, owners, used) for key in sql.keys(tx, cm_id)] if account else []


def show_key(database: Database, cm_id: int, name: str, days: int = 30) -> dict[str, Any]:
    """One key as `list_keys` shows it, with `old_secrets` (epoch ms at which each ends) and `use`, day by day (UTC).

    Raises Invalid when there is none of this name.
    """
    with database.read() as tx:
        key, account, now = key_named(tx, cm_id, name), admin_sql.account(tx, cm_id), now_ms()
        if account is None:
            raise Invalid(f"there is no account {cm_id}")
        owners = {who.id: who.code for who in employees_sql.employees(tx, cm_id)}
        shown = _shown(account, key, owners, use_sql.last_used(tx, cm_id))
        old = admin_sql.ends(tx, cm_id, key.id, now)
        use = [_day(*row) for row in use_sql.days(tx, cm_id, key.id, now // DAY_MS - days + 1)]
    return {**shown, "old_secrets": old, "use": use}


def _day(day: int, requests: int, failures: int, last_at: int) -> dict[str, Any]:
    return {"day": decide.day_name(day), "requests": requests, "failures": failures, "last_at": last_at}


def check_expiry(admin: Admin, cm_id: int, options: Mapping[str, str]) -> None:
    """Raises Invalid when a key with these settings, as typed, would be expired from its first moment."""
    given = {name: text for name, text in options.items() if name == "expires_on"}
    day = read_options(KEY_OPTIONS, given).get("expires_on")
    with admin.database.read() as tx:
        account = admin_sql.account(tx, cm_id)
    if account and is_over(account, day):
        raise Invalid(f"{day} is over: a key needs a last day that is not in the past")


def disable_key(admin: Admin, cm_id: int, name: str) -> bool:
    """Let a key or login work no more; False when it did not before. Raises Invalid when there is none."""
    with admin.change(cm_id) as tx:
        key = key_named(tx, cm_id, name)
        if not key.options.get("enabled", True):
            return False
        sql.set_options(tx, cm_id, key.id, {**key.options, "enabled": False})
        note_disabled(admin, tx, key)
        return True


def note_disabled(admin: Admin, tx: Tx, key: ApiKey) -> None:
    """Append the event of a key that works no more."""
    same = {"id": key.id, "name": key.name}
    admin.note(tx, key.cm_id, "key.disabled", {"enabled": True}, {**same, "enabled": False})
