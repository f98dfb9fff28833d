"""`orderdock account`: make, set and list accounts."""

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

app = typer.Typer(help="Accounts: the tenants of this installation.", no_args_is_help=True)


@app.command()
def create(
    name: Annotated[str, typer.Option(help="Name of the account.")],
    subdomain: Annotated[str, typer.Option(help="Its label in host names.")],
    cm_id: Annotated[int | None, typer.Option(help="Its number; one is given if none is named.")] = None,
    time_zone: Annotated[str | None, typer.Option(help="Zone of local dates, such as Asia/Kolkata.")] = None,
    country: Annotated[str | None, typer.Option(help="Country of phone numbers, such as IN.")] = None,
    currency: Annotated[str | None, typer.Option(help="The one currency, such as INR.")] = None,
    database: DatabaseOption = None,
    as_json: JsonOption = False,
) -> None:
    """Make an account."""
    from orderdock.accounts.actions import create_account

    options = {"time_zone": time_zone, "country": country, "currency": currency}
    with administration(database) as admin:
        given = {word: value for word, value in options.items() if value is not None}
        account = create_account(admin, name=name, subdomain=subdomain, cm_id=cm_id, options=given)
    if as_json:
        print_json({"cm_id": account.cm_id, "subdomain": account.subdomain, "name": account.name})
    else:
        print_lines(f"account {account.cm_id}, subdomain {account.subdomain}")


@app.command("set")
def change(
    account: AccountOption,
    settings: Annotated[list[str], typer.Argument(metavar="SETTING=VALUE...", help="Settings (docs: settings).")],
    database: DatabaseOption = None,
    as_json: JsonOption = False,
) -> None:
    """Set settings of an account."""
    from orderdock.accounts.actions import set_account_options

    words = assignments(settings)
    with account_administration(database, account) as (admin, cm_id):
        values = set_account_options(admin, cm_id, words)
    if as_json:
        print_json(values)
    else:
        print_lines(*(f"{word} = {values[word]}" for word in words))


@app.command("list")
def show(database: DatabaseOption = None, as_json: JsonOption = False) -> None:
    """List the accounts with their settings."""
    from orderdock.accounts.actions import account_settings, list_accounts

    with administration(database) as admin:
        accounts = list_accounts(admin.database)
    rows = [
        {
            "cm_id": row.cm_id,
            "subdomain": row.subdomain,
            "name": row.name,
            "settings": account_settings(row),
            "set": row.options,
        }
        for row in accounts
    ]
    print_rows(rows, ["cm_id", "subdomain", "name", "set"], as_json=as_json)
