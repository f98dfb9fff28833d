"""Who may call: passwords that are guessed first, keys about to expire, rates, and what is before the server."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import date
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any, Final

from orderdock.cli.checks.finding import Finding
from orderdock.settings import Settings

if TYPE_CHECKING:
    from orderdock.db import Database

# Seconds in which passwords are tried.
TRYING: Final = 20.0
SOON_DAYS: Final = 30
# Names that a sentence lists.
LISTED: Final = 10


def _listed(names: list[str]) -> str:
    more = len(names) - LISTED
    return ", ".join(names[:LISTED]) + (f" and {more} more" if more > 0 else "")


def _keys(database: Database) -> Iterator[tuple[str, dict[str, Any]]]:
    """(`subdomain/name`, settings) of every key and login that works."""
    from orderdock.accounts.actions import list_accounts, list_keys

    for account in list_accounts(database):
        for key in list_keys(database, account.cm_id):
            if key["state"] == "works":
                yield f"{account.subdomain}/{key['name']}", key


def passwords(settings: Settings, database: Database) -> Iterator[Finding]:
    """No login has a password that everybody tries first."""
    from orderdock.accounts.actions.weak import weak_logins

    began = time.monotonic()
    found = weak_logins(database, TRYING)
    took = f"{found.tried} logins tried in {time.monotonic() - began:.1f} s"
    if found.left:
        took += f", no time for {found.left} more"
    if found.weak:
        told = f"easy to guess: {_listed(found.weak)}; make new logins and disable these ({took})"
        yield Finding("warn", "passwords", told)
    else:
        yield Finding("ok", "passwords", took if found.tried + found.left else "there are no logins")


def expiry(settings: Settings, database: Database) -> Iterator[Finding]:
    """No key expires soon."""
    today = date.today()
    soon = [
        f"{name} ({key['expires_on']})"
        for name, key in _keys(database)
        if key["expires_on"] and (date.fromisoformat(key["expires_on"]) - today).days <= SOON_DAYS
    ]
    if soon:
        yield Finding("warn", "expiry", f"within {SOON_DAYS} days: {_listed(soon)}")
    else:
        yield Finding("ok", "expiry", f"no key expires within {SOON_DAYS} days")


def rates(settings: Settings, database: Database) -> Iterator[Finding]:
    """No key's rate is too small to be shared by the workers."""
    small = [
        f"{name} ({key['rate_per_minute']})"
        for name, key in _keys(database)
        if key["rate_per_minute"] is not None and key["rate_per_minute"] < settings.workers
    ]
    if small:
        told = f"less than the {settings.workers} workers, each of which gives 1 a minute: {_listed(small)}"
        yield Finding("warn", "rates", told)


def proxy(settings: Settings, database: Database) -> Iterator[Finding]:
    """Keys do not cross a network in the clear: a proxy with TLS is before a server that others can reach."""
    if _is_of_this_machine(settings.host):
        yield Finding("ok", "proxy", f"listens on {settings.host}, for this machine only")
    elif settings.trusted_proxies:
        yield Finding("ok", "proxy", f"listens on {settings.host}, behind {', '.join(settings.trusted_proxies)}")
    else:
        told = f"listens on {settings.host} without TLS, and no proxy is trusted: put one with TLS before it"
        yield Finding("warn", "proxy", f"{told}, and name it in ORDERDOCK_TRUSTED_PROXIES")


def _is_of_this_machine(host: str) -> bool:
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost"
