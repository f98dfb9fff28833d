"""Accounts, and the transaction in which an administrator changes one."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import Any, Final

from orderdock.accounts.decide import Hasher
from orderdock.accounts.model import Account, Employee
from orderdock.accounts.options import ACCOUNT_OPTIONS, read_options, shown_options
from orderdock.accounts.sql import admin as sql
from orderdock.accounts.sql import employees as employees_sql
from orderdock.db import Database, Tx
from orderdock.errors import Invalid

Record = Callable[[Tx, int, str, str, dict[str, Any]], Any]
OWNER_CODE: Final = "system"
_SUBDOMAIN: Final = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?", re.ASCII)
_TEXT: Final = re.compile(r"[^\s\x00-\x1f\x7f]([^\x00-\x1f\x7f]{0,98}[^\s\x00-\x1f\x7f])?")


def now_ms() -> int:
    """The clock, in epoch milliseconds."""
    return time.time_ns() // 1_000_000


def checked_text(text: str, what: str) -> str:
    """A name or code of at most 100 characters, trimmed. Raises Invalid."""
    if not _TEXT.fullmatch(text.strip()):
        raise Invalid(f"{what}: from 1 to 100 characters on one line are needed")
    return text.strip()


@dataclass(frozen=True)
class Admin:
    """From where administrators' changes are made.

    `record(tx, cm_id, kind, actor, changes)` appends the event of a change in the change's own transaction. It is
    handed in (`events.actions.record`), since events stand above accounts.
    """

    database: Database
    hasher: Hasher
    record: Record
    actor: str = "cli"

    @contextmanager
    def change(self, cm_id: int) -> Iterator[Tx]:
        """A transaction that holds the account's lock. Raises Invalid when there is no such account."""
        with self.database.write() as tx:
            if not sql.lock(tx, cm_id).rows():
                raise Invalid(f"there is no account {cm_id}")
            yield tx

    def note(self, tx: Tx, cm_id: int, kind: str, before: dict[str, Any], after: dict[str, Any]) -> None:
        """Append an event that tells what differs; nothing when nothing does."""
        names = [name for name in {**before, **after} if before.get(name) != after.get(name)]
        if names:
            sides = {"before": before, "after": after}
            told = {side: {name: values[name] for name in names if name in values} for side, values in sides.items()}
            self.record(tx, cm_id, kind, self.actor, told)


def create_account(
    admin: Admin, *, name: str, subdomain: str, cm_id: int | None = None, options: Mapping[str, str] | None = None
) -> Account:
    """Make an account and its first employee, `system`, as whom keys act that name nobody else. Raises Invalid."""
    values = read_options(ACCOUNT_OPTIONS, options or {})
    if not _SUBDOMAIN.fullmatch(subdomain):
        raise Invalid("the subdomain must be one label of lower-case letters, digits and inner hyphens")
    if cm_id is not None and not 0 < cm_id < 2**53:
        raise Invalid("the cm-id must be a positive whole number below 2^53")
    if account_of_subdomain(admin.database, subdomain):
        raise Invalid(f"the subdomain {subdomain} is taken")
    account = Account(cm_id or _free_id(admin.database), checked_text(name, "name"), subdomain, values, now_ms())
    owner = Employee(admin.database.take_id("employee"), OWNER_CODE, "Orderdock", None, True)
    _keep(admin, account, owner)
    return account


def _free_id(database: Database) -> int:
    while True:  # somebody may have named a number of the sequence by hand
        cm_id = database.take_id("account")
        with database.read() as tx:
            if sql.account(tx, cm_id) is None:
                return cm_id


def _keep(admin: Admin, account: Account, owner: Employee) -> None:
    with admin.database.write() as tx:
        if not sql.insert_account(tx, account):
            raise Invalid(f"the account number {account.cm_id} or the subdomain {account.subdomain} is taken")
        sql.lock(tx, account.cm_id).rows()
        employees_sql.put_employee(tx, account.cm_id, owner, now_ms())
        given = {"name": account.name, "subdomain": account.subdomain, **account.options}
        admin.note(tx, account.cm_id, "settings.updated", {}, given)
        admin.note(tx, account.cm_id, "employee.changed", {}, asdict(owner))


def set_account_options(admin: Admin, cm_id: int, words: Mapping[str, str]) -> dict[str, Any]:
    """Set settings as typed; answers all settings of the account. Raises Invalid naming every setting that is wrong."""
    values = read_options(ACCOUNT_OPTIONS, words)
    with admin.change(cm_id) as tx:
        account = sql.account(tx, cm_id)
        kept = account.options if account else {}
        before = shown_options(ACCOUNT_OPTIONS, kept)
        if any(before[name] != value for name, value in values.items()):
            sql.set_options(tx, cm_id, {**kept, **values})
            admin.note(tx, cm_id, "settings.updated", {name: before[name] for name in values}, values)
    return {**before, **values}


def account_settings(account: Account) -> dict[str, Any]:
    """Every setting of an account that this version acts on, set or default."""
    return shown_options(ACCOUNT_OPTIONS, account.options)


def account_of_subdomain(database: Database, subdomain: str) -> Account | None:
    """The account that the first label of a host name belongs to (contract 1.2), or None."""
    if not _SUBDOMAIN.fullmatch(subdomain.lower()):
        return None
    with database.read() as tx:
        return sql.account_of(tx, subdomain.lower())


def find_account(database: Database, subdomain: str) -> Account:
    """The account of a subdomain. Raises Invalid when there is none."""
    account = account_of_subdomain(database, subdomain)
    if account is None:
        raise Invalid(f"there is no account with the subdomain {subdomain}")
    return account


def list_accounts(database: Database) -> list[Account]:
    """Every account of the installation."""
    with database.read() as tx:
        return sql.accounts(tx)
