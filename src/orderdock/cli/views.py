"""`orderdock view` and `orderdock list`: saved views of orders, and the numbers of named lists."""

from __future__ import annotations

from typing import Annotated

import typer

from orderdock.cli.base import (
    AccountOption,
    DatabaseOption,
    JsonOption,
    account_administration,
    administration,
    assignments,
    print_json,
    print_lines,
    print_rows,
)
from orderdock.errors import Invalid, Refusal

app = typer.Typer(help="Saved views: filters that a pull names by number.", no_args_is_help=True)
lists = typer.Typer(help="Named lists: zones, blocks, units, sources, designations.", no_args_is_help=True)


@lists.callback()
def _lists() -> None:
    """Named lists: zones, blocks, units."""


@app.command()
def create(
    account: AccountOption,
    name: Annotated[str, typer.Option(help="Name of the view.")],
    filters: Annotated[
        list[str] | None, typer.Argument(metavar="[FILTER=VALUE]...", help="Filters of the pull (docs: v1 API).")
    ] = None,
    database: DatabaseOption = None,
    as_json: JsonOption = False,
) -> None:
    """Save filters under the account's next number."""
    from orderdock.accounts.actions import cli_scope, find_account
    from orderdock.orders.actions import create_view
    from orderdock.wire.v1 import read_filters

    words = assignments(filters or [])
    with administration(database) as admin:
        owner = find_account(admin.database, account)
        try:
            read_filters(words, cli_scope(owner))
        except Refusal as error:
            raise Invalid("; ".join(f"{fault.path}: {fault.message}" for fault in error.faults)) from None
        number = create_view(admin, owner.cm_id, name, words)
    if as_json:
        print_json({"id": number, "name": name, "filters": words})
    else:
        print_lines(f"view {number}, {name}")


@app.command("list")
def show(account: AccountOption, database: DatabaseOption = None, as_json: JsonOption = False) -> None:
    """List the views of an account."""
    from orderdock.orders.actions import list_views

    with account_administration(database, account) as (admin, cm_id):
        rows = list_views(admin.database, cm_id)
    print_rows(rows, ["id", "name", "filters"], as_json=as_json)


@lists.command("show")
def entries(account: AccountOption, database: DatabaseOption = None, as_json: JsonOption = False) -> None:
    """List the names that have numbers; sources and designations, which orders show as names, get theirs here."""
    from orderdock.accounts.actions import cli_scope, find_account, list_entries
    from orderdock.orders.actions import number_names

    with administration(database) as admin:
        owner = find_account(admin.database, account)
        number_names(admin.database, cli_scope(owner))
        rows = list_entries(admin.database, owner.cm_id)
    print_rows(rows, ["list", "id", "name"], as_json=as_json)
