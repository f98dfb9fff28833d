"""Who a caller is: a token resolved to a Scope (contract 1.3)."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from ipaddress import ip_network
from typing import Final

from argon2.exceptions import InvalidHashError, VerificationError

from orderdock.accounts import decide
from orderdock.accounts.actions.keys import PASSWORDS
from orderdock.accounts.decide import Candidate, Hasher, NameAndPassword
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
    """Whom a token, or what it may mean, belongs to; None when unknown or wrong.

    A disabled or expired key answers too: `enabled` and `expires_at` say so, and the caller decides. Two short
    reads; a login's password is verified once in five minutes.
    """
    wanted = decide.candidates(token) if isinstance(token, str) else list(token)
    if not wanted:
        return None
    found = _find(database, hasher, wanted)
    if found is None:
        for candidate in wanted:
            if isinstance(candidate, NameAndPassword):
                _is_password(_NOBODY, candidate.password)
        return None
    candidate, key, account = found
    if isinstance(candidate, NameAndPassword) and not _is_login(hasher, candidate, key.password_hash or _NOBODY):
        return None
    return scope_of(account, key)


def _find(database: Database, hasher: Hasher, wanted: list[Candidate]) -> tuple[Candidate, ApiKey, Account] | None:
    digests = [hasher.of(candidate) for candidate in wanted]
    with database.read() as tx:
        known = admin_sql.find_credentials(tx, digests)
        for candidate, digest in zip(wanted, digests, strict=True):
            if digest in known:
                cm_id, key_id = known[digest]
                key, account = keys_sql.key(tx, cm_id, key_id), admin_sql.account(tx, cm_id)
                return (candidate, key, account) if key and account else None
    return None


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
