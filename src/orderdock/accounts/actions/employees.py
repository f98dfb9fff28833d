"""Employees and the groups in which they take turns."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import asdict, replace
from typing import Any

from orderdock.accounts.actions.admin import Admin, checked_text, now_ms
from orderdock.accounts.model import Employee, Scope
from orderdock.accounts.sql import employees as sql
from orderdock.db import Database, Tx
from orderdock.errors import Invalid


def _checked_email(email: str) -> str | None:
    if not email:
        return None
    if "@" not in email or len(email.split()) != 1 or len(email) > 500:
        raise Invalid(f"not an e-mail address: {email}")
    return email.strip()


def _check_is_alone(tx: Tx, cm_id: int, who: Employee) -> None:
    """An e-mail finds one active employee. Raises Invalid when another one has it."""
    other = sql.other_with_email(tx, cm_id, who) if who.active else None
    if other:
        raise Invalid(f"the e-mail {who.email} is that of employee {other.code}, who is active")


def create_employee(
    admin: Admin, cm_id: int, *, code: str, name: str, email: str | None = None, groups: Sequence[str] = ()
) -> Employee:
    """Make an employee, and put it at the end of groups. Raises Invalid when the code or the e-mail is taken."""
    code, name, email = checked_text(code, "code"), checked_text(name, "name"), _checked_email(email or "")
    who = Employee(admin.database.take_id("employee"), code, name, email, True)
    new_groups = _numbers_for(admin.database, groups)
    with admin.change(cm_id) as tx:
        if sql.employee_coded(tx, cm_id, who.code):
            raise Invalid(f"the code {who.code} is taken")
        _check_is_alone(tx, cm_id, who)
        sql.put_employee(tx, cm_id, who, now_ms())
        joined = _join(tx, cm_id, who, new_groups)
        admin.note(tx, cm_id, "employee.changed", {}, {**asdict(who), **joined})
    return who


def set_employee(
    admin: Admin, cm_id: int, code: str, *, name: str | None = None, email: str | None = None,
    active: bool | None = None, groups: Sequence[str] = (),
) -> Employee:  # fmt: skip
    """Change what is given of an employee; an empty e-mail takes it away. Raises Invalid."""
    given: dict[str, Any] = {"name": name and checked_text(name, "name"), "active": active}
    given = {word: value for word, value in given.items() if value is not None}
    if email is not None:
        given["email"] = _checked_email(email)
    new_groups = _numbers_for(admin.database, groups)
    with admin.change(cm_id) as tx:
        before = sql.employee_coded(tx, cm_id, code)
        if before is None:
            raise Invalid(f"there is no employee {code}")
        after = replace(before, **given)
        if after != before:
            if (after.email, after.active) != (before.email, before.active):
                _check_is_alone(tx, cm_id, after)
            sql.put_employee(tx, cm_id, after, now_ms())
        joined = _join(tx, cm_id, after, new_groups)
        same = {"id": after.id, "code": after.code}
        differs = {word: value for word, value in asdict(after).items() if asdict(before)[word] != value}
        if differs or joined:
            told = {word: asdict(before)[word] for word in differs}
            admin.note(tx, cm_id, "employee.changed", told, {**same, **differs, **joined})
    return after


def _numbers_for(database: Database, groups: Sequence[str]) -> dict[str, int]:
    """Group -> a number for it, should it have to be made; taken before the change, which is one transaction."""
    return {checked_text(name, "group"): database.take_id("group") for name in groups}


def _join(tx: Tx, cm_id: int, who: Employee, groups: dict[str, int]) -> dict[str, Any]:
    joined = [name for name, number in groups.items() if sql.join_group(tx, cm_id, name, who.id, number)]
    return {"groups_joined": joined} if joined else {}


def employees_by_id(tx: Tx, scope: Scope, numbers: Collection[int]) -> dict[int, Employee]:
    """Employees by number, in one statement."""
    return sql.employees_by_id(tx, scope.cm_id, numbers)


def list_employees(database: Database, cm_id: int) -> list[dict[str, Any]]:
    """Every employee of an account with the groups it is in."""
    with database.read() as tx:
        groups = sql.groups(tx, cm_id)
        return [
            {**asdict(who), "groups": [name for name, members in groups.items() if who.id in members]}
            for who in sql.employees(tx, cm_id)
        ]
