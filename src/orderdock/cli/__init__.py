"""The command line. Errors are one sentence on stderr; exit 1: it cannot be done, 2: it was asked wrongly.

A command imports what it needs when it runs, so that `--help` and mistakes are answered at once.
"""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from orderdock.cli import accounts, backup, check, employees, key_docs, key_life, log, orders, server, views
from orderdock.errors import OrderdockError

app = typer.Typer(
    name="orderdock", help="Orderdock: a self-hosted order service.", no_args_is_help=True, add_completion=False,
    pretty_exceptions_enable=False, rich_markup_mode=None,
)  # fmt: skip
app.add_typer(accounts.app, name="account")
app.add_typer(employees.app, name="employee")
key_docs.register(key_life.app)
app.add_typer(key_life.app, name="key")
app.add_typer(key_life.logins, name="login")
app.add_typer(orders.app, name="order")
app.add_typer(log.app, name="log")
app.add_typer(views.app, name="view")
app.add_typer(views.lists, name="list")
app.command()(server.serve)
app.command()(server.migrate)
app.command()(check.doctor)
app.command()(backup.backup)
app.command()(backup.restore)
app.command()(backup.copy)
app.command()(server.demo)


def _show_version(asked: bool) -> None:
    if asked:
        from importlib.metadata import version

        sys.stdout.write(f"orderdock {version('orderdock')}\n")
        raise typer.Exit


@app.callback()
def _orderdock(
    version: Annotated[
        bool, typer.Option("--version", help="Print the version.", callback=_show_version, is_eager=True)
    ] = False,
) -> None:
    """Orderdock: a self-hosted order service."""


def main(args: list[str] | None = None) -> None:
    """Run one command and end the process with its exit code."""
    try:
        app(args)
    except Exception as error:
        from orderdock.db import sentence_of

        sentence = str(error) if isinstance(error, OrderdockError) else sentence_of(error)
        if sentence is None:
            raise
        sys.stderr.write(f"orderdock: {sentence}\n")
        sys.exit(1)
