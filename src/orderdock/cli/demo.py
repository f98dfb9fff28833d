"""What `orderdock demo` makes: an account with customers, orders and payments, by the commands that callers send."""

from __future__ import annotations

import base64
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from rich.console import Console
from rich.progress import Progress

from orderdock import group
from orderdock.accounts.actions import (
    Admin,
    account_of_subdomain,
    authenticate,
    create_account,
    create_employee,
    create_key,
    list_employees,
    list_keys,
    new_secret,
)
from orderdock.accounts.model import Account, Scope
from orderdock.cli.demo_orders import EMPLOYEES, order_of, payments_of, progress_of
from orderdock.db import Database
from orderdock.errors import Invalid
from orderdock.orders.model import Verdict
from orderdock.settings import Settings
from orderdock.wire.legacy import read_writes
from orderdock.writer import run_now

SUBDOMAIN: Final = "demo"
KEY_FILE: Final = "orderdock-demo.key"
BATCH: Final = 100


def _account(admin: Admin) -> Account:
    account = account_of_subdomain(admin.database, SUBDOMAIN)
    return account or create_account(admin, name="Lamps & Shades (demo)", subdomain=SUBDOMAIN)


def key_path(database: Database) -> Path:
    """Where the demo key is kept: beside the SQLite file, else in the working directory."""
    return Path(database.path).with_name(KEY_FILE) if database.engine == "sqlite" else Path(KEY_FILE)


def _secret(database: Database) -> str:
    """The demo key: made once, kept in a file that only we may read."""
    path = key_path(database)
    if not path.exists():
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(new_secret() + "\n")
    return path.read_text().strip()


def _scope(admin: Admin, account: Account) -> tuple[Scope, str]:
    """As whom the demo writes, and its key; the key is registered when the account does not know it."""
    secret = _secret(admin.database)
    scope = authenticate(admin.database, admin.hasher, secret)
    if scope is None:
        count = sum(row["name"].startswith("demo") for row in list_keys(admin.database, account.cm_id))
        name = f"demo {count + 1}" if count else "demo"
        create_key(admin, account.cm_id, name=name, operations=["*"], adopt=secret)
        scope = authenticate(admin.database, admin.hasher, secret)
    if scope is None or scope.cm_id != account.cm_id or not scope.enabled:
        raise Invalid(f"the demo key does not work any more: remove {KEY_FILE} and run this again")
    return scope, secret


def _employees(admin: Admin, cm_id: int) -> None:
    known = {who["code"] for who in list_employees(admin.database, cm_id)}
    for code, name, email, groups in EMPLOYEES:
        if code not in known:
            create_employee(admin, cm_id, code=code, name=name, email=email, groups=groups)


class Pusher:
    """Writes legacy bodies as a caller's request would, without the HTTP around it."""

    def __init__(self, settings: Settings, database: Database, scope: Scope) -> None:
        self._settings = settings
        self._database = database
        self._scope = scope

    def push(self, bodies: list[dict[str, Any]], name: str) -> list[Verdict]:
        """The verdicts of one request. Raises Invalid when one of them failed."""
        if not bodies:
            return []
        work = group.Work(self._scope, name, read_writes(bodies, True, self._scope), False, list)
        verdicts: list[Verdict] = run_now(self._database, group.run, self._scope.cm_id, [work], self._settings)[0]
        for body, verdict in zip(bodies, verdicts, strict=True):
            if verdict.outcome == "failed":
                raise Invalid(f"the demo could not write {body}: {verdict.faults[0]}")
        return verdicts


def _batches(orders: int) -> Iterator[range]:
    for first in range(1, orders + 1, BATCH):
        yield range(first, min(first + BATCH, orders + 1))


def fill(settings: Settings, admin: Admin, orders: int) -> tuple[Account, str, dict[str, int]]:
    """The demo account with so many orders, its key, and what came of the orders. Twice is as good as once."""
    account = _account(admin)
    _employees(admin, account.cm_id)
    scope, secret = _scope(admin, account)
    pusher, outcomes = Pusher(settings, admin.database, scope), dict[str, int]()
    console = Console(stderr=True)
    with Progress(console=console, transient=True, disable=not console.is_terminal) as progress:
        bar = progress.add_task("orders", total=orders)
        for numbers in _batches(orders):
            verdicts = pusher.push(
                [order_of(number, account.created_at) for number in numbers], f"demo-{numbers.start}"
            )
            for verdict in verdicts:
                outcomes[verdict.outcome] = outcomes.get(verdict.outcome, 0) + 1
            pusher.push([body for number in numbers for body in progress_of(number)], f"demo-{numbers.start}-progress")
            paid = zip(numbers, verdicts, strict=True)
            payments = [body for number, told in paid for body in payments_of(number, told.order_id, told.customer_id)]
            pusher.push(payments, f"demo-{numbers.start}-payments")
            progress.advance(bar, len(numbers))
    return account, secret, outcomes


def header_of(secret: str) -> str:
    """The `Authorization` header of a key."""
    return "Basic " + base64.b64encode(secret.encode()).decode()
