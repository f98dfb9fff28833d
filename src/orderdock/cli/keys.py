"""`orderdock key` and `orderdock login`: issue, list and disable credentials."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from orderdock.cli.base import (
    AccountOption,
    DatabaseOption,
    JsonOption,
    account_administration,
    assignments,
    print_json,
    print_lines,
    print_rows,
    utc,
)
from orderdock.errors import Invalid

if TYPE_CHECKING:
    from orderdock.accounts.actions import Issued

app = typer.Typer(help="Keys of an account.", no_args_is_help=True)
logins = typer.Typer(help="API logins of an account: user name and password.", no_args_is_help=True)
OperationOption = Annotated[
    list[str],
    typer.Option("--operation", metavar="OP", help="What it may do: order.push, order.*, * (docs: operations)."),
]
MandatoryOption = Annotated[
    list[str] | None,
    typer.Option("--mandatory", metavar="FIELD", help="A field that must be given; OP=FIELD for one operation only."),
]
ExpiresOption = Annotated[
    str | None, typer.Option("--expires", metavar="DATE", help="Last day, in the account's zone.")
]
OwnerOption = Annotated[str | None, typer.Option("--owner", metavar="CODE", help="The employee as whom it acts.")]
SetOption = Annotated[
    list[str] | None, typer.Option("--set", metavar="SETTING=VALUE", help="A setting (docs: settings).")
]


def options_of(words: list[str] | None, expires: str | None) -> dict[str, str]:
    """Settings as typed, the last day among them."""
    return {**assignments(words or ()), **({"expires_on": expires} if expires else {})}


def print_issued(issued: Issued, what: str, as_json: bool, **more: Any) -> None:
    """Print a new secret, this once; as JSON with what there is more to say."""
    if as_json:
        secret = {"auth_key": issued.auth_key} if issued.auth_key else {}
        return print_json({"id": issued.id, **secret, "authorization": issued.authorization, **more})
    print_lines(f"{what} {issued.id}")
    if issued.auth_key:
        print_lines(f"  {issued.auth_key}", "It is shown this once. As a header:")
    print_lines(f"  Authorization: {issued.authorization}")
    return None


@app.command()
def create(
    account: AccountOption,
    name: Annotated[str, typer.Option(help="Its name in the account.")],
    operation: OperationOption,
    mandatory: MandatoryOption = None,
    expires: ExpiresOption = None,
    owner: OwnerOption = None,
    settings: SetOption = None,
    adopt: Annotated[str | None, typer.Option(metavar="SECRET", help="Register this existing secret.")] = None,
    database: DatabaseOption = None,
    as_json: JsonOption = False,
) -> None:
    """Issue a key and print it, this once; an adopted secret is known already and not printed."""
    from orderdock.accounts.actions import check_expiry, create_key

    options = options_of(settings, expires)
    with account_administration(database, account) as (admin, cm_id):
        check_expiry(admin, cm_id, options)
        issued = create_key(
            admin,
            cm_id,
            name=name,
            operations=operation,
            mandatory=mandatory or (),
            options=options,
            owner=owner,
            adopt=adopt,
        )
    if adopt is None:
        print_issued(issued, "key", as_json)
    elif as_json:
        print_json({"id": issued.id, "last4": adopt[-4:]})
    else:
        print_lines(f"key {issued.id}, the adopted secret ending in {adopt[-4:]}")


def is_terminal() -> bool:
    """Whether somebody can be asked."""
    return sys.stdin.isatty()


def password_of(stdin: bool) -> str:
    """The password: a line of standard input, or as typed twice at the terminal. Raises Invalid when there is none."""
    if stdin:
        return sys.stdin.readline().rstrip("\r\n")
    if not is_terminal():
        raise Invalid("the password is asked for at a terminal; give --password-stdin to read it from a pipe")
    return str(typer.prompt("Password", hide_input=True, confirmation_prompt=True))


@logins.command("create")
def login(
    account: AccountOption,
    username: Annotated[str, typer.Option(help="The user name, unique in the installation.")],
    operation: OperationOption,
    password_stdin: Annotated[
        bool, typer.Option("--password-stdin", help="Read the password from standard input.")
    ] = False,
    mandatory: MandatoryOption = None,
    expires: ExpiresOption = None,
    owner: OwnerOption = None,
    settings: SetOption = None,
    database: DatabaseOption = None,
    as_json: JsonOption = False,
) -> None:
    """Issue an API login. The password is asked for, or read from standard input; it is on no command line."""
    from orderdock.accounts.actions import check_expiry, create_login

    options = options_of(settings, expires)
    password = password_of(password_stdin)
    with account_administration(database, account) as (admin, cm_id):
        check_expiry(admin, cm_id, options)
        issued = create_login(
            admin, cm_id, username=username, password=password, operations=operation, mandatory=mandatory or (),
            options=options, owner=owner,
        )  # fmt: skip
    print_issued(issued, "login", as_json)


@app.command("list")
def show(account: AccountOption, database: DatabaseOption = None, as_json: JsonOption = False) -> None:
    """List keys and logins, never their secrets; --json tells all their settings."""
    from orderdock.accounts.actions import list_keys

    with account_administration(database, account) as (admin, cm_id):
        rows = list_keys(admin.database, cm_id)
    if as_json:
        return print_json(rows)
    shown = [{**row, "last_used": utc(row["last_used_at"]) if row["last_used_at"] else "never"} for row in rows]
    return print_rows(shown, ["name", "kind", "operations", "expires_on", "state", "last_used"], as_json=False)


@app.command()
def disable(
    account: AccountOption,
    name: Annotated[str, typer.Option(help="Name of the key or login.")],
    database: DatabaseOption = None,
) -> None:
    """Let a key or login work no more."""
    from orderdock.accounts.actions import disable_key

    with account_administration(database, account) as (admin, cm_id):
        was_enabled = disable_key(admin, cm_id, name)
    print_lines(f"{name} is disabled" if was_enabled else f"{name} was disabled already")
