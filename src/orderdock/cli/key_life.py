"""`orderdock key` and `orderdock login`, continued: show, change, rotate, check what there is."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from orderdock.cli.base import (
    AccountOption,
    DatabaseOption,
    JsonOption,
    account_administration,
    administration,
    print_json,
    print_lines,
    print_rows,
    utc,
)
from orderdock.cli.keys import ExpiresOption, OwnerOption, SetOption, app, logins, options_of, password_of, print_issued
from orderdock.errors import Invalid

if TYPE_CHECKING:
    from orderdock.accounts.actions import Looked, Rotated

__all__ = ["app", "logins"]
NameOption = Annotated[str, typer.Option("--name", help="Name of the key or login.")]
OperationsOption = Annotated[
    list[str] | None,
    typer.Option("--operation", metavar="OP", help="What it may do from now on, instead of what it may now."),
]
FieldsOption = Annotated[
    list[str] | None,
    typer.Option("--mandatory", metavar="FIELD", help="A field that must be given, instead of those of now; or none."),
]
NOT_COUNTED: Final = "not counted yet (uses are counted every 10 s)"
_HEAD: Final = ("name", "kind", "last4", "state", "operations", "mandatory_fields", "owner")


@app.command("set")
@logins.command("set")
def change(
    account: AccountOption,
    name: NameOption,
    operation: OperationsOption = None,
    mandatory: FieldsOption = None,
    expires: ExpiresOption = None,
    owner: OwnerOption = None,
    settings: SetOption = None,
    enable: Annotated[bool, typer.Option("--enable", help="Let it work again.")] = False,
    database: DatabaseOption = None,
    as_json: JsonOption = False,
) -> None:
    """Change what a key or login may do. Its secret stays; every process goes by it within two seconds."""
    from orderdock.accounts.actions import check_expiry, set_key

    options = {**options_of(settings, expires), **({"enabled": "on"} if enable else {})}
    fields = [] if mandatory == ["none"] else mandatory
    with account_administration(database, account) as (admin, cm_id):
        check_expiry(admin, cm_id, options)
        values = set_key(admin, cm_id, name, operations=operation, mandatory=fields, options=options, owner=owner)
    if as_json:
        print_json(values)
    else:
        print_lines(f"{name} is changed")


@app.command("show")
@logins.command("show")
def show(
    account: AccountOption,
    name: NameOption,
    days: Annotated[int, typer.Option(help="Days of use to show.", min=1, max=3660)] = 30,
    database: DatabaseOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show a key or login, never its secret, and how it was used day by day (UTC)."""
    from orderdock.accounts.actions import show_key

    with account_administration(database, account) as (admin, cm_id):
        shown = show_key(admin.database, cm_id, name, days)
    if as_json:
        return print_json(shown)
    shown["allowed_fields"] = shown["allowed_fields"] or "*"
    settings = [word for word in shown if word not in (*_HEAD, "id", "last_used_at", "old_secrets", "use")]
    print_lines(*(f"{word} = {_said(shown[word])}" for word in (*_HEAD, *settings)))
    print_lines(*(f"an old secret works until {utc(until)}" for until in shown["old_secrets"]))
    print_lines(f"last used {utc(shown['last_used_at'])}" if shown["last_used_at"] else NOT_COUNTED)
    if shown["use"]:
        print_rows(shown["use"], ["day", "requests", "failures"], as_json=False)
    return None


def _said(value: Any) -> str:
    if isinstance(value, dict):
        return "; ".join(f"{word}: {_said(entry)}" for word, entry in value.items())
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return {None: "", True: "on", False: "off"}[value] if isinstance(value, bool | None) else str(value)


@app.command()
def rotate(
    account: AccountOption,
    name: Annotated[str, typer.Option(help="Name of the key.")],
    overlap: Annotated[
        str | None,
        typer.Option(help="How long the old secret works: 90m, 24h, 7d; 0: no more.", show_default="24h"),
    ] = None,
    until: Annotated[
        str | None, typer.Option(metavar="MOMENT", help="Until when it works, in the account's zone.")
    ] = None,
    database: DatabaseOption = None,
    as_json: JsonOption = False,
) -> None:
    """Give a key a new secret and print it, this once. The old one works for a while beside it."""
    from orderdock.accounts.actions import overlap_end, rotate_key

    with account_administration(database, account) as (admin, cm_id):
        end = overlap_end(admin.database, cm_id, overlap=overlap, until=until)
        rotated = rotate_key(admin, cm_id, name, until=end)
    _print_rotated(rotated, "key", "the old secret", as_json)


@logins.command()
def password(
    account: AccountOption,
    name: Annotated[str, typer.Option("--name", "--username", help="The user name.")],
    password_stdin: Annotated[
        bool, typer.Option("--password-stdin", help="Read the password from standard input.")
    ] = False,
    database: DatabaseOption = None,
    as_json: JsonOption = False,
) -> None:
    """Give a login a new password. It is asked for, or read from standard input. The old one ends at once."""
    from orderdock.accounts.actions import set_password

    text = password_of(password_stdin)
    with account_administration(database, account) as (admin, cm_id):
        rotated = set_password(admin, cm_id, name, text)
    _print_rotated(rotated, "login", "the old password", as_json)


def _print_rotated(rotated: Rotated, what: str, old: str, as_json: bool) -> None:
    import time

    print_issued(rotated.issued, what, as_json, until=rotated.until)
    if as_json:
        return
    is_over = rotated.until <= time.time() * 1000
    print_lines(f"{old} ended at once" if is_over else f"{old} works until {utc(rotated.until)}")
    if rotated.state not in ("works", ""):
        print_lines(f"mind: the {what} itself is {rotated.state}")


@app.command()
def check(
    secret: Annotated[
        str | None, typer.Argument(metavar="SECRET", help="The secret; else the first line of standard input.")
    ] = None,
    account: Annotated[
        str | None, typer.Option("--account", metavar="SUBDOMAIN", help="Look whether a key of this account has it.")
    ] = None,
    database: DatabaseOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say whether a text is an Orderdock key, and with --account or --database whose it is. Never prints it.

    The exit code is 1 when it is neither a key by its form nor known.
    """
    from dataclasses import asdict

    from orderdock.accounts.actions import look_at

    token = sys.stdin.readline().strip() if secret is None else secret
    if not token:
        raise Invalid("there is nothing to check: give a secret, or one line of standard input")
    looked = look_at(token) if account is None and database is None else _looked_up(token, account, database)
    if as_json:
        print_json(asdict(looked))
    else:
        print_lines(*_sentences(looked))
    if looked.form != "key" and looked.state in ("", "unknown"):
        raise typer.Exit(1)


def _looked_up(token: str, subdomain: str | None, database: str | None) -> Looked:
    from orderdock.accounts.actions import find_account, look_up

    with administration(database) as admin:
        if subdomain is not None:
            find_account(admin.database, subdomain)
        return look_up(admin.database, admin.hasher, token, subdomain)


def _sentences(looked: Looked) -> list[str]:
    form = {
        "key": f"the form and checksum of an Orderdock key, ending in {looked.last4}",
        "adoptable": f"no Orderdock key by its form; a secret that could be adopted, ending in {looked.last4}",
        "none": "no key: neither the form of one, nor 32 to 128 visible ASCII characters",
    }[looked.form]
    if not looked.state:
        return [form]
    if looked.state == "unknown":
        return [form, "unknown here"]
    whose = f"{looked.kind} {looked.name} of the account {looked.account}: {looked.state}"
    until = f", an old secret until {utc(looked.until)}" if looked.until is not None else ""
    return [form, whose + until]
