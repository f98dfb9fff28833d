"""What becomes of a key after its issue: its profile is changed, its secret replaced (contract 1.3)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from orderdock.accounts import decide
from orderdock.accounts.actions.admin import Admin, now_ms
from orderdock.accounts.actions.keys import DAY_MS, Issued, basic, new_secret, note_disabled
from orderdock.accounts.actions.profile import (
    check_assignee,
    granted_of,
    hash_of,
    key_named,
    mandatory_of,
    owner_of,
    settings_of,
    state_of,
    told_of,
)
from orderdock.accounts.decide import KeySecret
from orderdock.accounts.model import ApiKey
from orderdock.accounts.options import ACCOUNT_OPTIONS, defaults, locale_of, read_end
from orderdock.accounts.sql import admin as admin_sql
from orderdock.accounts.sql import keys as sql
from orderdock.db import Database, Tx
from orderdock.errors import Invalid

USUAL_OVERLAP: Final = "24h"
OLD_SECRETS_MOST: Final = 2
# A digest that ended is kept so long, so that it can be said whose a secret was that turns up somewhere.
_REMEMBERED_MS: Final = 400 * DAY_MS


def set_key(
    admin: Admin, cm_id: int, name: str, *, operations: Sequence[str] | None = None,
    mandatory: Sequence[str] | None = None, options: Mapping[str, str] | None = None, owner: str | None = None,
) -> dict[str, Any]:  # fmt: skip
    """Change what a key or login may do; its secret stays. Answers the whole profile. Raises Invalid.

    `operations` and `mandatory` replace what there was. Mandatory fields of operations that it has no more fall away.
    The event is `settings.updated` with the key's name; of a key that is switched off, `key.disabled`.
    """
    values = settings_of(options or {})
    with admin.change(cm_id) as tx:
        key = key_named(tx, cm_id, name)
        wanted = _granted(replace(key, options={**key.options, **values}), operations, mandatory)
        if owner is not None:
            wanted = replace(wanted, owner=owner_of(tx, cm_id, owner))
        if "default_assignee" in values:
            check_assignee(tx, wanted)
        if wanted != key:
            sql.set_profile(tx, wanted)
            _note_change(admin, tx, told_of(key), told_of(wanted), wanted)
    return told_of(wanted)


def _granted(key: ApiKey, operations: Sequence[str] | None, mandatory: Sequence[str] | None) -> ApiKey:
    granted = granted_of(key.operations if operations is None else operations)
    fields = key.mandatory if mandatory is None else mandatory_of(mandatory, granted)
    fields = {operation: rows for operation, rows in fields.items() if operation in granted}
    return replace(key, operations=key.operations if operations is None else list(operations), mandatory=fields)


def _note_change(admin: Admin, tx: Tx, before: dict[str, Any], after: dict[str, Any], key: ApiKey) -> None:
    if before["enabled"] and not after["enabled"]:
        note_disabled(admin, tx, key)
        before = {**before, "enabled": False}
    if before != after:
        admin.note(tx, key.cm_id, "settings.updated", before, {**after, "key": key.name})


@dataclass(frozen=True)
class Rotated:
    """A key with its new secret, as it is shown once; `until` is the last epoch ms of the old one."""

    issued: Issued
    until: int
    state: str


def overlap_end(database: Database, cm_id: int, *, overlap: str | None = None, until: str | None = None) -> int:
    """The epoch ms at which an old secret ends: after a length of time (24 h when nothing is said) or at a moment.

    Raises Invalid for what cannot be read, and for a moment that is over.
    """
    now = now_ms()
    if overlap is not None and until is not None:
        raise Invalid("say either for how long or until when the old secret works, not both")
    if until is None:
        return now + decide.read_span(overlap or USUAL_OVERLAP)
    with database.read() as tx:
        account = admin_sql.account(tx, cm_id)
    if account is None:
        raise Invalid(f"there is no account {cm_id}")
    end = read_end(until, locale_of(defaults(ACCOUNT_OPTIONS, account.options)))
    if end <= now:
        raise Invalid(f"{until} is over: the old secret must end later than now; no overlap (0) ends it at once")
    return end


def rotate_key(admin: Admin, cm_id: int, name: str, *, until: int) -> Rotated:
    """Give a key a new secret now; the old one works until an epoch ms, and no longer when that is not to come.

    Both are the same key. Two old secrets may live at a time: a third is refused, since ending one early would break
    a promise; but one that ends at once takes every older one with it. Raises Invalid.
    """
    secret, now = new_secret(), now_ms()
    at_once = until <= now
    with admin.change(cm_id) as tx:
        key = key_named(tx, cm_id, name)
        if key.kind == "login":
            raise Invalid(f"{name} is a login: give it a new password")
        if not at_once:
            _demand_room(tx, key, now)
        end = now - 1 if at_once else until
        admin_sql.end_credentials(tx, cm_id, key.id, end, old_too=at_once)
        admin_sql.forget_credentials(tx, cm_id, key.id, now - _REMEMBERED_MS)
        renewed = replace(key, kind="key", last4=secret[-4:])
        _keep_secret(admin, tx, key, renewed, end)
        admin_sql.insert_credential(tx, cm_id, key.id, admin.hasher.of(KeySecret(secret)))
        account = admin_sql.account(tx, cm_id)
    return Rotated(Issued(key.id, secret, basic(secret)), end, state_of(account, renewed) if account else "")


def _demand_room(tx: Tx, key: ApiKey, now: int) -> None:
    ends = admin_sql.ends(tx, key.cm_id, key.id, now)
    if len(ends) >= OLD_SECRETS_MOST:
        raise Invalid(
            f"{key.name} has {len(ends)} old secrets that still work, the first for {(ends[0] - now) // 60_000} minutes"
            " more: rotate it after that, or with no overlap (0), which ends every old one at once"
        )


def set_password(admin: Admin, cm_id: int, name: str, password: str) -> Rotated:
    """Give a login a new password; the old one ends at once, in every process within two seconds. Raises Invalid."""
    stored = hash_of(password)
    with admin.change(cm_id) as tx:
        key = key_named(tx, cm_id, name)
        if key.kind != "login":
            raise Invalid(f"{name} is a key and has no password: rotate it")
        end = now_ms()
        renewed = replace(key, password_hash=stored)
        _keep_secret(admin, tx, key, renewed, end)
        account = admin_sql.account(tx, cm_id)
    issued = Issued(key.id, "", basic(f"{key.name}:{password}"))
    return Rotated(issued, end, state_of(account, renewed) if account else "")


def _keep_secret(admin: Admin, tx: Tx, key: ApiKey, renewed: ApiKey, until: int) -> None:
    sql.set_secret(tx, renewed)
    same = {"id": key.id, "name": key.name}
    before, after = ({"kind": one.kind, "last4": one.last4} for one in (key, renewed))
    admin.note(tx, key.cm_id, "key.rotated", before, {**same, **after, "until": until})
