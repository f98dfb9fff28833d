"""A real account for tests: its employees and group, keys, requests through the wire, and everything read back."""

from __future__ import annotations

import itertools
import json
import sqlite3
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from orderdock import group, tables
from orderdock.accounts.model import Account, Scope
from orderdock.accounts.options import ACCOUNT_OPTIONS, KEY_OPTIONS, defaults, locale_of
from orderdock.accounts.sql.admin import insert_account
from orderdock.db import Connection, Database, columns_of, record, store_rows
from orderdock.kinds import from_json, to_json
from orderdock.orders.model import AddUpdate, Verdict
from orderdock.wire.legacy import read_writes
from orderdock.wire.legacy_people.customers import PUSH
from orderdock.wire.legacy_people.customers import read_customer as read_person
from orderdock.wire.legacy_people.enquiries import PUSH as PUSH_ENQUIRY
from orderdock.wire.legacy_people.enquiries import read_enquiry
from orderdock.wire.legacy_people.items import read_items
from orderdock.wire.v1_write import read_customer, read_form
from orderdock.writer import Submission

Record = dict[str, Any]
MEERA, RAVI, ANIL, GONE = 11, 12, 13, 14
EMPLOYEES = [
    {"id": MEERA, "code": "E1", "name": "Meera", "email": "meera@example.com", "active": 1},
    {"id": RAVI, "code": "E2", "name": "Ravi", "email": "ravi@example.com", "active": 1},
    {"id": ANIL, "code": "E3", "name": "meera", "email": "anil@example.com", "active": 1},
    {"id": GONE, "code": "E4", "name": "Gone", "email": "gone@example.com", "active": 0},
]
GROUPS = {"north": [MEERA, GONE, RAVI], "empty": [], "left": [GONE]}
_numbers = itertools.count(500_001)


def scope_of(cm_id: int, *, account: Record | None = None, **key: Any) -> Scope:
    """A key that may write everything; `key` are settings of contract 1.17."""
    options = defaults(ACCOUNT_OPTIONS, account or {})
    operations = frozenset({"order.push", "order.update", "order.payment", "customer.push", "enquiry.push"})
    mandatory = key.pop("mandatory", {})
    return Scope(
        cm_id, f"shop{cm_id}", 1, "erp-push", "key", "7f3a", operations, mandatory, None, options,
        defaults(KEY_OPTIONS, key), 209803, True, None, (), locale_of(options),
    )  # fmt: skip


def open_account(connection: Connection, options: Record | None = None) -> int:
    """A new account with employees and groups; its number."""
    cm_id = next(_numbers)
    tx = connection.begin()
    insert_account(tx, Account(cm_id, "Shop", f"shop{cm_id}", options or {}, 1))
    more = [{"name_key": str(one["name"]).casefold(), "email_key": one["email"], "created_at": 1} for one in EMPLOYEES]
    store_rows(tx, cm_id, tables.employee, [{**one, **key} for one, key in zip(EMPLOYEES, more, strict=True)])
    rows = [
        {"id": at, "name": name, "members": json.dumps(ids), "turn": 0} for at, (name, ids) in enumerate(GROUPS.items())
    ]
    store_rows(tx, cm_id, tables.assignment_group, rows)
    connection.commit()
    return cm_id


def quick_connection(database: Database) -> Connection:
    """A writer's connection; on SQLite it does not wait for the disk, which only tests of crashes need."""
    if database.engine == "postgresql":
        return database.connection()

    def connect() -> sqlite3.Connection:
        raw = sqlite3.connect(database.path, timeout=10, isolation_level=None, check_same_thread=False)
        raw.execute("PRAGMA synchronous=OFF")
        return raw

    return Connection(connect, "sqlite")


def work_of(
    scope: Scope,
    items: Sequence[Any],
    *,
    strict: bool = False,
    request_id: str = "r1",
    render: Callable[[list[Verdict]], Any] = list,
) -> group.Work:
    """A request as the web hands it to the writer; numbers of the items pass through JSON, as in a body."""
    sent = from_json(to_json(list(items)))
    return group.Work(scope, request_id, read_writes(sent, True, scope), strict, render)


def people_work(scope: Scope, items: Sequence[Any], *, strict: bool = False, request_id: str = "r1") -> group.Work:
    """Customers by themselves as the web hands them to the writer."""
    sent = from_json(to_json(list(items)))
    return group.Work(scope, request_id, read_items(sent, True, scope, PUSH, read_person), strict, list)


def enquiry_work(scope: Scope, items: Sequence[Any], *, strict: bool = False, request_id: str = "r1") -> group.Work:
    """Enquiries by themselves as the web hands them to the writer."""
    sent = from_json(to_json(list(items)))
    commands = read_items(sent, True, scope, PUSH_ENQUIRY, read_enquiry)
    return group.Work(scope, request_id, commands, strict, list)


def form_work(
    scope: Scope, body: Record, *, request_id: str = "r1", revisions: frozenset[int] | None = None
) -> group.Work:
    """A v1 add-update as the web hands it to the writer; its body passes through JSON."""
    form = read_form(from_json(to_json(body)), scope, revisions)
    return group.Work(scope, request_id, [form], False, list)


def customer_work(scope: Scope, body: Record, *, request_id: str = "r1") -> group.Work:
    """A v1 add-update of a customer as the web hands it to the writer; its body passes through JSON."""
    return group.Work(scope, request_id, [read_customer(from_json(to_json(body)), scope)], False, list)


def numbers_for(works: Sequence[group.Work]) -> int:
    """How many numbers of a sequence a group may take."""
    commands = [command for work in works for command in work.commands]
    return 1 + sum(command.size if isinstance(command, AddUpdate) else 1 for command in commands)


def submission(ticket: Any, scope: Scope, items: Sequence[Any], **options: Any) -> Submission:
    work = work_of(scope, items, **options)
    return Submission(scope.cm_id, len(items), 100 * len(items), work, ticket)


def write(connection: Connection, cm_id: int, works: Sequence[group.Work]) -> list[Any]:
    """Run one group of an account and make it durable, as the writer does."""
    connection.reserve(numbers_for(works))
    tx = connection.begin()
    done = group.run(tx, cm_id, works, connection.ids)
    assert done is not None
    if done.wrote:
        connection.commit()
    else:
        connection.rollback()
    return done.answers


@dataclass
class Stored:
    """Everything that is kept of an account: table -> key -> record without unset columns."""

    orders: dict[int, Record]
    lines: dict[int, list[Record]]
    payments: dict[int, list[Record]]
    customers: dict[int, Record]
    contacts: dict[int, Record]
    identities: set[tuple[str, str, int]]
    enquiries: dict[int, Record]
    turns: dict[str, int]
    events: list[Record]


def _rows(database: Database, table: sa.Table, cm_id: int) -> list[Record]:
    names = columns_of(table)
    keys = [column for column in table.primary_key if column.name != "cm_id"]
    wanted = sa.select(*(table.c[name] for name in names)).where(table.c.cm_id == cm_id).order_by(*keys)
    with database.read() as tx:
        return [record(names, row) for row in tx.all(wanted)]


def stored(database: Database, cm_id: int) -> Stored:
    """Read an account back."""
    lines: dict[int, list[Record]] = {}
    for row in _rows(database, tables.order_line, cm_id):
        lines.setdefault(row.pop("order_id"), []).append(row)
        assert row.pop("line_no") == len(lines[list(lines)[-1]])
    payments: dict[int, list[Record]] = {}
    for row in _rows(database, tables.payment_entry, cm_id):
        payments.setdefault(row["payment_id"], []).append(row)
        assert row["entry_no"] == len(payments[row["payment_id"]])
    identities = _rows(database, tables.customer_identity, cm_id)
    return Stored(
        {row["id"]: row for row in _rows(database, tables.orders, cm_id)},
        lines,
        payments,
        {row["id"]: row for row in _rows(database, tables.customer, cm_id)},
        {row["id"]: row for row in _rows(database, tables.contact, cm_id)},
        {(row["kind"], row["value"], row["customer_id"]) for row in identities},
        {row["id"]: row for row in _rows(database, tables.enquiry, cm_id)},
        {row["name"]: row["turn"] for row in _rows(database, tables.assignment_group, cm_id)},
        _rows(database, tables.event, cm_id),
    )


def now() -> int:
    return time.time_ns() // 1_000_000
