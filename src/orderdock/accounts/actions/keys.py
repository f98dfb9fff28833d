"""Keys and logins: issuing, adopting, listing, disabling. A secret is answered once, at issue, and stored nowhere."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from argon2 import PasswordHasher

from orderdock.accounts import decide
from orderdock.accounts.actions.admin import OWNER_CODE, Admin, checked_text, now_ms
from orderdock.accounts.decide import KeySecret, NameAndPassword
from orderdock.accounts.model import OPERATIONS, Account, ApiKey, spell_out
from orderdock.accounts.options import (
    ACCOUNT_OPTIONS,
    KEY_OPTIONS,
    defaults,
    last_moment,
    locale_of,
    read_options,
    shown_options,
)
from orderdock.accounts.sql import admin as admin_sql
from orderdock.accounts.sql import employees as employees_sql
from orderdock.accounts.sql import keys as sql
from orderdock.db import Database, Tx
from orderdock.errors import Invalid

# OWASP's least for argon2id: more memory a try would be a way to exhaust the server.
PASSWORDS: Final = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
SHORTEST_PASSWORD: Final = 8


@dataclass(frozen=True)
class Issued:
    """A key as it is shown once: `authorization` is what a caller sends in the header of that name."""

    id: int
    auth_key: str
    authorization: str


def new_secret() -> str:
    """A new key (contract 1.3)."""
    return decide.key_of("".join(secrets.choice(decide.ALPHABET) for _ in range(decide.RANDOM_LENGTH)))


def _basic(text: str) -> str:
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
    key = _profile(cm_id, name, operations, mandatory, options or {})
    key = replace(key, kind="adopted" if adopt else "key", last4=secret[-4:])
    issued = _keep(admin, key, owner, admin.hasher.of(KeySecret(secret)))
    return Issued(issued.id, secret, _basic(secret))


def create_login(
    admin: Admin, cm_id: int, *, username: str, password: str, operations: Sequence[str], mandatory: Sequence[str] = (),
    options: Mapping[str, str] | None = None, owner: str | None = None,
) -> Issued:  # fmt: skip
    """Issue an API login: a key that is named by a user name, unique in the installation, and proved by a password."""
    if ":" in username:
        raise Invalid("a user name has no colon")
    if len(password) < SHORTEST_PASSWORD or len(password) > 500:
        raise Invalid(f"a password has {SHORTEST_PASSWORD} to 500 characters")
    key = _profile(cm_id, username, operations, mandatory, options or {})
    key = replace(key, kind="login", password_hash=PASSWORDS.hash(password))
    issued = _keep(admin, key, owner, admin.hasher.of(NameAndPassword(key.name, password)))
    return Issued(issued.id, "", _basic(f"{key.name}:{password}"))


def _profile(
    cm_id: int, name: str, operations: Sequence[str], mandatory: Sequence[str], options: Mapping[str, str]
) -> ApiKey:
    try:
        granted = spell_out(list(operations))
    except ValueError as error:
        raise Invalid(f"there is no such operation: {error}; there are {', '.join(OPERATIONS)}") from None
    if not granted:
        raise Invalid("a key needs at least one operation")
    values = read_options(KEY_OPTIONS, options)
    if values.get("allowed_fields"):
        values["allowed_fields"] = decide.allowed_of(values["allowed_fields"])
    wanted = [(word.partition("=")[0], word.partition("=")[2]) if "=" in word else ("", word) for word in mandatory]
    fields = decide.mandatory_of(wanted, granted)
    return ApiKey(cm_id, 0, "key", checked_text(name, "name"), "", None, list(operations), fields, values, 0)


def _keep(admin: Admin, key: ApiKey, owner: str | None, digest: str) -> ApiKey:
    key = replace(key, id=admin.database.take_id("key"))
    with admin.change(key.cm_id) as tx:
        key = replace(key, owner=_owner(tx, key, owner))
        if sql.key_named(tx, key.cm_id, key.name):
            raise Invalid(f"there is a key named {key.name} already")
        sql.insert_key(tx, key, now_ms())
        if not admin_sql.insert_credential(tx, key.cm_id, key.id, digest):
            raise Invalid("this user name is taken" if key.kind == "login" else "this secret is another key's")
        admin.note(tx, key.cm_id, "key.created", {}, _told(key))
    return key


def _owner(tx: Tx, key: ApiKey, code: str | None) -> int:
    """The number of the employee as whom the key acts; the one that it assigns to by default is looked up too."""
    assignee = key.options.get("default_assignee")
    if assignee is not None and employees_sql.employee(tx, key.cm_id, assignee) is None:
        raise Invalid(f"default_assignee={assignee}: there is no such employee")
    owner = employees_sql.employee_coded(tx, key.cm_id, code or OWNER_CODE)
    if owner is None:
        raise Invalid(f"there is no employee {code or OWNER_CODE}")
    return owner.id


def _told(key: ApiKey) -> dict[str, Any]:
    """What may be said of a key: everything but its secret."""
    said = {"id": key.id, "name": key.name, "kind": key.kind, "last4": key.last4, "operations": key.operations}
    return {**said, "mandatory_fields": key.mandatory, "owner": key.owner, **shown_options(KEY_OPTIONS, key.options)}


def list_keys(database: Database, cm_id: int) -> list[dict[str, Any]]:
    """Every key and login of an account with its settings; never a secret."""
    with database.read() as tx:
        owners = {who.id: who.code for who in employees_sql.employees(tx, cm_id)}
        account = admin_sql.account(tx, cm_id)
        keys = sql.keys(tx, cm_id) if account else []
    return [
        {**_told(key), "owner": owners.get(key.owner, ""), "state": _state(account, key)} for key in keys if account
    ]


def _state(account: Account, key: ApiKey) -> str:
    if not key.options.get("enabled", True):
        return "disabled"
    return "expired" if _is_over(account, key.options.get("expires_on")) else "works"


def _is_over(account: Account, day: str | None) -> bool:
    """Whether a last day is over, in the account's zone."""
    return day is not None and last_moment(day, locale_of(defaults(ACCOUNT_OPTIONS, account.options))) < now_ms()


def check_expiry(admin: Admin, cm_id: int, options: Mapping[str, str]) -> None:
    """Raises Invalid when a key with these settings, as typed, would be expired from its first moment."""
    given = {name: text for name, text in options.items() if name == "expires_on"}
    day = read_options(KEY_OPTIONS, given).get("expires_on")
    with admin.database.read() as tx:
        account = admin_sql.account(tx, cm_id)
    if account and _is_over(account, day):
        raise Invalid(f"{day} is over: a key needs a last day that is not in the past")


def disable_key(admin: Admin, cm_id: int, name: str) -> bool:
    """Let a key or login work no more; False when it did not before. Raises Invalid when there is none."""
    with admin.change(cm_id) as tx:
        key = sql.key_named(tx, cm_id, name)
        if key is None:
            raise Invalid(f"there is no key named {name}")
        if not key.options.get("enabled", True):
            return False
        sql.set_options(tx, cm_id, key.id, {**key.options, "enabled": False})
        same = {"id": key.id, "name": key.name}
        admin.note(tx, cm_id, "key.disabled", {"enabled": True}, {**same, "enabled": False})
        return True
