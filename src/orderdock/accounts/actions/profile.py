"""What a key carries beside its secret: read as administrators type it, and told to them again (contract 1.3, 1.17)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from argon2 import PasswordHasher

from orderdock.accounts import decide
from orderdock.accounts.actions.admin import checked_text, now_ms
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
from orderdock.accounts.sql import employees as employees_sql
from orderdock.accounts.sql import keys as sql
from orderdock.db import Tx
from orderdock.errors import Invalid

# OWASP's least for argon2id: more memory a try would be a way to exhaust the server.
PASSWORDS: Final = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
SHORTEST_PASSWORD: Final = 8


def hash_of(password: str) -> str:
    """What is stored of a password. Raises Invalid when it is too short or too long."""
    if len(password) < SHORTEST_PASSWORD or len(password) > 500:
        raise Invalid(f"a password has {SHORTEST_PASSWORD} to 500 characters")
    return PASSWORDS.hash(password)


def granted_of(operations: Sequence[str]) -> frozenset[str]:
    """Operations as typed -> plain names. Raises Invalid for unknown ones and for none at all."""
    try:
        granted = spell_out(list(operations))
    except ValueError as error:
        raise Invalid(f"there is no such operation: {error}; there are {', '.join(OPERATIONS)}") from None
    if not granted:
        raise Invalid("a key needs at least one operation")
    return granted


def settings_of(options: Mapping[str, str]) -> dict[str, Any]:
    """A key's settings as typed -> their values. Raises Invalid naming what is wrong."""
    values = read_options(KEY_OPTIONS, options)
    if values.get("allowed_fields"):
        values["allowed_fields"] = decide.allowed_of(values["allowed_fields"])
    return values


def mandatory_of(words: Sequence[str], granted: frozenset[str]) -> dict[str, list[str]]:
    """`FIELD` and `OPERATION=FIELD` as typed -> operation -> domain fields. Raises Invalid."""
    wanted = [(word.partition("=")[0], word.partition("=")[2]) if "=" in word else ("", word) for word in words]
    return decide.mandatory_of(wanted, granted)


def profile(
    cm_id: int, name: str, operations: Sequence[str], mandatory: Sequence[str], options: Mapping[str, str]
) -> ApiKey:
    """A key as typed, without its number, owner and secret. Raises Invalid."""
    granted = granted_of(operations)
    values, fields = settings_of(options), mandatory_of(mandatory, granted)
    return ApiKey(cm_id, 0, "key", checked_text(name, "name"), "", None, list(operations), fields, values, 0)


def key_named(tx: Tx, cm_id: int, name: str) -> ApiKey:
    """The key or login of an account with a name. Raises Invalid."""
    key = sql.key_named(tx, cm_id, name)
    if key is None:
        raise Invalid(f"there is no key named {name}")
    return key


def check_assignee(tx: Tx, key: ApiKey) -> None:
    """Raises Invalid when there is no such employee as the key assigns to by default."""
    assignee = key.options.get("default_assignee")
    if assignee is not None and employees_sql.employee(tx, key.cm_id, assignee) is None:
        raise Invalid(f"default_assignee={assignee}: there is no such employee")


def owner_of(tx: Tx, cm_id: int, code: str) -> int:
    """The number of the employee with a code. Raises Invalid."""
    owner = employees_sql.employee_coded(tx, cm_id, code)
    if owner is None:
        raise Invalid(f"there is no employee {code}")
    return owner.id


def told_of(key: ApiKey) -> dict[str, Any]:
    """What may be said of a key: everything but its secret."""
    said = {"id": key.id, "name": key.name, "kind": key.kind, "last4": key.last4, "operations": key.operations}
    return {**said, "mandatory_fields": key.mandatory, "owner": key.owner, **shown_options(KEY_OPTIONS, key.options)}


def state_of(account: Account, key: ApiKey) -> str:
    """`works`, `disabled` or `expired`."""
    if not key.options.get("enabled", True):
        return "disabled"
    return "expired" if is_over(account, key.options.get("expires_on")) else "works"


def is_over(account: Account, day: str | None) -> bool:
    """Whether a last day is over, in the account's zone."""
    return day is not None and last_moment(day, locale_of(defaults(ACCOUNT_OPTIONS, account.options))) < now_ms()
