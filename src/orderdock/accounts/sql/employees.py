"""Employees and assignment groups, as administrators change them."""

from __future__ import annotations

import json
from collections.abc import Collection
from typing import Final

from orderdock.accounts.model import Employee, fold_word
from orderdock.db import Row, Sql, Tx, as_rows, source

_COLUMNS: Final = "id, code, name, email, active"
_BY_ID: Final = Sql("SELECT {columns} FROM employee WHERE cm_id = :cm_id AND id = :id", columns=_COLUMNS)
_BY_CODE: Final = Sql("SELECT {columns} FROM employee WHERE cm_id = :cm_id AND code = :code", columns=_COLUMNS)
_BY_IDS: Final = Sql(
    "SELECT {columns} FROM {names} CROSS JOIN employee e WHERE e.cm_id = :cm_id AND e.id = names.id",
    names=source("names", id="bigint"),
    columns="e.id, e.code, e.name, e.email, e.active",
)
# For queries of orders (alias `o`), which have the employee as `a`.
EMPLOYEE_OF_ORDER: Final = "LEFT JOIN employee a ON a.cm_id = :cm_id AND a.id = o.assigned_to"
_ALL: Final = Sql("SELECT {columns} FROM employee WHERE cm_id = :cm_id ORDER BY id", columns=_COLUMNS)
_BY_EMAIL: Final = Sql(
    """SELECT {columns} FROM employee WHERE cm_id = :cm_id AND email_key = :email_key AND active = 1 AND id <> :but
       ORDER BY id""",
    columns=_COLUMNS,
)
_PUT: Final = Sql(
    """INSERT INTO employee (cm_id, id, code, name, name_key, email, email_key, active, created_at)
       VALUES (:cm_id, :id, :code, :name, :name_key, :email, :email_key, :active, :at)
       ON CONFLICT (cm_id, id) DO UPDATE SET name = excluded.name, name_key = excluded.name_key,
       email = excluded.email, email_key = excluded.email_key, active = excluded.active"""
)


def _employee(row: Row) -> Employee:
    return Employee(row[0], row[1], row[2], row[3], bool(row[4]))


def employee(tx: Tx, cm_id: int, employee_id: int) -> Employee | None:
    """The employee with a number."""
    return next(map(_employee, tx.all(_BY_ID, cm_id=cm_id, id=employee_id)), None)


def employees_by_id(tx: Tx, cm_id: int, numbers: Collection[int]) -> dict[int, Employee]:
    """Employees by number."""
    rows = tx.all(_BY_IDS, cm_id=cm_id, names=as_rows([{"id": number} for number in numbers])) if numbers else []
    return {row[0]: _employee(row) for row in rows}


def employee_coded(tx: Tx, cm_id: int, code: str) -> Employee | None:
    """The employee with a code."""
    return next(map(_employee, tx.all(_BY_CODE, cm_id=cm_id, code=code)), None)


def other_with_email(tx: Tx, cm_id: int, who: Employee) -> Employee | None:
    """Another active employee with the e-mail of this one."""
    rows = tx.all(_BY_EMAIL, cm_id=cm_id, email_key=fold_word(who.email), but=who.id) if who.email else []
    return next(map(_employee, rows), None)


def employees(tx: Tx, cm_id: int) -> list[Employee]:
    """Every employee of an account, oldest first."""
    return [_employee(row) for row in tx.all(_ALL, cm_id=cm_id)]


def put_employee(tx: Tx, cm_id: int, who: Employee, at: int) -> None:
    """Keep an employee, new or changed; the code of a kept one does not change."""
    tx.ask(
        _PUT, cm_id=cm_id, id=who.id, code=who.code, name=who.name, name_key=fold_word(who.name), email=who.email,
        email_key=fold_word(who.email) if who.email else None, active=int(who.active), at=at,
    )  # fmt: skip


_GROUP: Final = Sql("SELECT id, members FROM assignment_group WHERE cm_id = :cm_id AND name = :name")
_GROUPS: Final = Sql("SELECT name, members FROM assignment_group WHERE cm_id = :cm_id ORDER BY name")
_INSERT_GROUP: Final = Sql(
    "INSERT INTO assignment_group (cm_id, id, name, members, turn) VALUES (:cm_id, :id, :name, :members, 0)"
)
_SET_MEMBERS: Final = Sql("UPDATE assignment_group SET members = :members WHERE cm_id = :cm_id AND id = :id")


def join_group(tx: Tx, cm_id: int, name: str, employee_id: int, new_id: int) -> bool:
    """Put an employee at the end of a group, made if there is none; False when the employee is in it already."""
    rows = tx.all(_GROUP, cm_id=cm_id, name=name)
    if not rows:
        tx.ask(_INSERT_GROUP, cm_id=cm_id, id=new_id, name=name, members=json.dumps([employee_id]))
        return True
    members: list[int] = json.loads(rows[0][1])
    if employee_id in members:
        return False
    tx.ask(_SET_MEMBERS, cm_id=cm_id, id=rows[0][0], members=json.dumps([*members, employee_id]))
    return True


def groups(tx: Tx, cm_id: int) -> dict[str, list[int]]:
    """Group -> its members in order."""
    return {name: json.loads(members) for name, members in tx.all(_GROUPS, cm_id=cm_id)}
