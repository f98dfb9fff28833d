"""`orderdock employee`: make, change and list employees."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from orderdock.cli.base import (
    AccountOption,
    DatabaseOption,
    JsonOption,
    account_administration,
    print_json,
    print_lines,
    print_rows,
)

if TYPE_CHECKING:
    from orderdock.accounts.model import Employee

app = typer.Typer(help="Employees: whom orders are assigned to, and as whom keys act.", no_args_is_help=True)
GroupOption = Annotated[
    list[str] | None, typer.Option("--group", metavar="KEY", help="A group in whose turns the employee takes part.")
]
CodeOption = Annotated[str, typer.Option(help="The employee's code.")]


def _print(who: Employee, as_json: bool) -> None:
    if as_json:
        print_json(asdict(who))
    else:
        print_lines(f"employee {who.id}, code {who.code}, {'active' if who.active else 'inactive'}")


@app.command()
def create(
    account: AccountOption,
    code: CodeOption,
    name: Annotated[str, typer.Option(help="Name.")],
    email: Annotated[str | None, typer.Option(help="E-mail.")] = None,
    group: GroupOption = None,
    database: DatabaseOption = None,
    as_json: JsonOption = False,
) -> None:
    """Make an employee."""
    from orderdock.accounts.actions import create_employee

    with account_administration(database, account) as (admin, cm_id):
        who = create_employee(admin, cm_id, code=code, name=name, email=email, groups=group or ())
    _print(who, as_json)


@app.command("set")
def change(
    account: AccountOption,
    code: CodeOption,
    name: Annotated[str | None, typer.Option(help="New name.")] = None,
    email: Annotated[str | None, typer.Option(help="New e-mail; empty: none.")] = None,
    active: Annotated[
        bool | None, typer.Option("--active/--inactive", help="Whether orders are assigned to it.")
    ] = None,
    group: GroupOption = None,
    database: DatabaseOption = None,
    as_json: JsonOption = False,
) -> None:
    """Change what is given of an employee."""
    from orderdock.accounts.actions import set_employee

    with account_administration(database, account) as (admin, cm_id):
        who = set_employee(admin, cm_id, code, name=name, email=email, active=active, groups=group or ())
    _print(who, as_json)


@app.command("list")
def show(account: AccountOption, database: DatabaseOption = None, as_json: JsonOption = False) -> None:
    """List the employees of an account with their groups."""
    from orderdock.accounts.actions import list_employees

    with account_administration(database, account) as (admin, cm_id):
        rows = list_employees(admin.database, cm_id)
    print_rows(rows, ["id", "code", "name", "email", "active", "groups"], as_json=as_json)
