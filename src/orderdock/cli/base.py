"""What the commands share: their options, the open database, and how they print."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from orderdock.errors import Invalid, Unsafe
from orderdock.settings import Settings, load

if TYPE_CHECKING:
    from orderdock.accounts.actions import Admin
    from orderdock.db import Database

DatabaseOption = Annotated[
    str | None,
    typer.Option("--database", metavar="URL", help="The database; else ORDERDOCK_DATABASE.", show_default=False),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON, for scripts.")]
AccountOption = Annotated[str, typer.Option("--account", metavar="SUBDOMAIN", help="The account, by its subdomain.")]


def settings_of(environ: Mapping[str, str] | None = None, **given: Any) -> Settings:
    """The installation's settings; what is given wins. Raises Invalid naming every setting that cannot be read."""
    try:
        return load(given, environ)
    except ValueError as error:
        raise Invalid(str(error)) from None


def make_file(database: Database) -> None:
    """Make a SQLite file that is not there yet, so that nobody else can read it; its logs take after it."""
    if database.engine == "sqlite":
        try:
            os.close(os.open(database.path, os.O_RDWR | os.O_CREAT, 0o600))
        except OSError as error:
            told = f"the database file {database.path} cannot be opened: {error.strerror}"
            raise Unsafe(f"{told} (--database, ORDERDOCK_DATABASE)") from None


@contextmanager
def opened(settings: Settings, *, as_is: bool = False) -> Iterator[Database]:
    """The database, closed at the end; `as_is`: only to be looked at."""
    from orderdock.db import Database

    database = Database(settings.database, settings.readers, as_is=as_is)
    try:
        yield database
    finally:
        database.close()


def demand_schema(database: Database) -> None:
    """Raise Unsafe unless the schema is what this version needs. A SQLite file that is not there is not made."""
    from orderdock import migrations

    missing = database.engine == "sqlite" and not Path(database.path).exists()
    found, needed = None if missing else migrations.current(database), migrations.head()
    if found != needed:
        what = "has no tables yet" if found is None else f"is at version {found}, and this Orderdock needs {needed}"
        raise Unsafe(f"the database {what}: run `orderdock migrate` first")


@contextmanager
def opened_at_schema(database: str | None) -> Iterator[Database]:
    """The database at the right schema, for commands that need no secret. Raises Unsafe when it is at another one."""
    with opened(settings_of(database=database)) as found:
        demand_schema(found)
        yield found


@contextmanager
def administration(database: str | None, actor: str = "cli") -> Iterator[Admin]:
    """From where a command changes accounts: the database at the right schema, and the installation's secret."""
    from orderdock.accounts.actions import Admin, open_hasher
    from orderdock.events.actions import record

    settings = settings_of(database=database)
    with opened(settings) as found:
        demand_schema(found)
        hasher = open_hasher(found, secret=settings.secret, secret_file=settings.secret_file)
        yield Admin(found, hasher, record, actor)


@contextmanager
def account_administration(database: str | None, subdomain: str) -> Iterator[tuple[Admin, int]]:
    """The same, with the number of the account that a subdomain names."""
    from orderdock.accounts.actions import find_account

    with administration(database) as admin:
        yield admin, find_account(admin.database, subdomain).cm_id


def assignments(words: Sequence[str]) -> dict[str, str]:
    """`SETTING=VALUE` words -> a mapping. Raises a usage error for a word without `=`."""
    for word in words:
        if "=" not in word:
            raise typer.BadParameter(f"{word}: write it as SETTING=VALUE")
    return {word.partition("=")[0].strip(): word.partition("=")[2] for word in words}


def print_json(value: Any) -> None:
    """One JSON value on stdout."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=2) + "\n")


def print_lines(*lines: str) -> None:
    """Plain lines on stdout, not wrapped: they are copied."""
    sys.stdout.write("".join(f"{line}\n" for line in lines))


def utc(ms: int) -> str:
    """A moment, in epoch ms, as people read it."""
    return datetime.fromtimestamp(ms / 1000, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def _cell(value: Any) -> str:
    if isinstance(value, list | tuple):
        return ", ".join(map(_cell, value))
    if isinstance(value, Mapping):
        return ", ".join(f"{name}: {_cell(entry)}" for name, entry in value.items())
    return {None: "", True: "yes", False: "no"}.get(value, str(value)) if isinstance(value, bool | None) else str(value)


def print_rows(
    rows: Sequence[Mapping[str, Any]], columns: Sequence[str], *, as_json: bool, whole: Sequence[str] = ()
) -> None:
    """Rows as JSON, or as a table of some of their columns; those named `whole` are on one line each."""
    if as_json:
        return print_json(list(rows))
    from rich.console import Console
    from rich.table import Column, Table

    # What is too long for its column goes on in the next line: ids are copied from here.
    table = Table(*(Column(column, overflow="fold", no_wrap=column in whole) for column in columns))
    for row in rows:
        table.add_row(*(_cell(row[column]) for column in columns))
    Console().print(table)
    return None
