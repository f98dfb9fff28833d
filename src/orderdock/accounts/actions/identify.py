"""Who a caller is: a token resolved to a Scope (contract 1.3)."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from ipaddress import ip_network
from typing import Final

from argon2.exceptions import InvalidHashError, VerificationError

from orderdock.accounts import decide
from orderdock.accounts.actions.admin import now_ms
from orderdock.accounts.actions.profile import PASSWORDS, state_of
from orderdock.accounts.decide import Candidate, Hasher, KeySecret, NameAndPassword
from orderdock.accounts.model import Account, ApiKey, Scope, spell_out
from orderdock.accounts.options import ACCOUNT_OPTIONS, KEY_OPTIONS, defaults, last_moment, locale_of
from orderdock.accounts.sql import admin as admin_sql
from orderdock.accounts.sql import keys as keys_sql
from orderdock.db import Database

REMEMBERED_FOR: Final = 300.0
REMEMBERED_MOST: Final = 10_000
_verified: Final[dict[str, tuple[str, float]]] = {}
_remembering: Final = threading.Lock()
_verifying: Final = threading.BoundedSemaphore(2)  # each takes 19 MiB and a core
# Verified when a login name is unknown, so that the time of the answer does not tell which names exist.
_NOBODY: Final = "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"


def authenticate(database: Database, hasher: Hasher, token: str | Sequence[Candidate]) -> Scope | None:
    """Whom a token, or what it may mean, belongs to; None when unknown or wrong, or a secret that has ended.

    A disabled or expired key answers too: `enabled` and `expires_at` say so, and the caller decides. Two short
    reads; a login's password is verified once in five minutes.
    """
    wanted = decide.candidates(token) if isinstance(token, str) else list(token)
    if not wanted:
        return None
    found = _find(database, hasher, wanted)
    if found is None or found.is_over:
        for candidate in wanted:
            if isinstance(candidate, NameAndPassword):
                _is_password(_NOBODY, candidate.password)
        return None
    said, key = found.said, found.key
    if isinstance(said, NameAndPassword):
        is_right = _is_login(hasher, said, key.password_hash or _NOBODY)
        return scope_of(found.account, key) if is_right else None
    return replace(scope_of(found.account, key), until=found.until, last4=said.text[-4:])


@dataclass(frozen=True)
class _Found:
    """Whose a candidate is."""

    said: Candidate
    key: ApiKey
    account: Account
    until: int | None
    is_over: bool


def _find(database: Database, hasher: Hasher, wanted: list[Candidate]) -> _Found | None:
    digests = [hasher.of(candidate) for candidate in wanted]
    with database.read() as tx:
        known = admin_sql.find_credentials(tx, digests)
        for candidate, digest in zip(wanted, digests, strict=True):
            if (one := known.get(digest)) is not None:
                key, account = keys_sql.key(tx, one.cm_id, one.key_id), admin_sql.account(tx, one.cm_id)
                return _Found(candidate, key, account, one.until, one.is_over(now_ms())) if key and account else None
    return None


@dataclass(frozen=True)
class Looked:
    """What an administrator is told of a secret. `form` is `key` (issued by an Orderdock), `adoptable` or `none`.

    `state` is `works`, `disabled`, `expired` or, of a secret that was rotated out, `ended`; `unknown` when no key has
    it, "" when nobody looked. `until` is the epoch ms at which an old secret ends.
    """

    form: str
    last4: str
    state: str = ""
    account: str = ""
    name: str = ""
    kind: str = ""
    until: int | None = None


def look_at(token: str) -> Looked:
    """What can be told of a secret, as sent or as a key, without a database."""
    secrets = _secrets_of(token)
    issued = next((secret for secret in secrets if decide.is_key(secret.text)), None)
    secret = issued or next(iter(secrets), None)
    return Looked("key" if issued else "adoptable" if secret else "none", secret.text[-4:] if secret else "")


def look_up(database: Database, hasher: Hasher, token: str, subdomain: str | None = None) -> Looked:
    """The same, with whose it is; of one account only, when its subdomain is named."""
    told = look_at(token)
    found = _find(database, hasher, [*_secrets_of(token)])
    if found is None or subdomain not in (None, found.account.subdomain):
        return replace(told, state="unknown")
    state = "ended" if found.is_over else state_of(found.account, found.key)
    whose = {"account": found.account.subdomain, "name": found.key.name, "kind": found.key.kind}
    return replace(told, state=state, until=found.until, last4=found.said[0][-4:], **whose)


def _secrets_of(token: str) -> list[KeySecret]:
    word = (token.split() or [""])[-1]
    return [one for one in decide.candidates(word, keys_only=True) if isinstance(one, KeySecret)]


def _is_login(hasher: Hasher, login: NameAndPassword, stored: str) -> bool:
    """Whether the password is the stored one; remembered for a while, and only as long as the stored one stays."""
    digest, now = hasher.of_password(login), time.monotonic()
    verified, until = _verified.get(digest, ("", 0.0))
    if verified == stored and now < until:
        return True
    if not _is_password(stored, login.password):
        return False
    with _remembering:
        if len(_verified) >= REMEMBERED_MOST:
            _verified.clear()
        _verified[digest] = (stored, now + REMEMBERED_FOR)
    return True


def _is_password(stored: str, password: str) -> bool:
    with _verifying:
        try:
            return PASSWORDS.verify(stored, password)
        except (VerificationError, InvalidHashError):
            return False


def scope_of(account: Account, key: ApiKey) -> Scope:
    """A key with everything resolved that requests ask of it."""
    settings, options = defaults(KEY_OPTIONS, key.options), defaults(ACCOUNT_OPTIONS, account.options)
    locale = locale_of(options)
    expires_on, allowed = settings["expires_on"], settings["allowed_fields"]
    return Scope(
        cm_id=account.cm_id,
        subdomain=account.subdomain,
        key_id=key.id,
        key_name=key.name,
        kind=key.kind,
        last4=key.last4,
        operations=spell_out(key.operations),
        mandatory={operation: tuple(rows) for operation, rows in key.mandatory.items()},
        allowed=None if allowed is None else frozenset(allowed),
        account=options,
        settings=settings,
        owner=key.owner,
        enabled=settings["enabled"],
        expires_at=last_moment(expires_on, locale) if expires_on else None,
        networks=tuple(map(ip_network, settings["ip_allow"])),
        locale=locale,
    )


def cli_scope(account: Account) -> Scope:
    """As whom the command line writes orders of an account: nothing is mandatory, nothing is kept from it."""
    return scope_of(account, ApiKey(account.cm_id, 0, "cli", "cli", "", None, ["*"], {}, {}, 0))
