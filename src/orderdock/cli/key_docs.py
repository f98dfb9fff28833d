"""`orderdock key docs`: what the user of a key is handed."""

from __future__ import annotations

import sys
from enum import StrEnum
from importlib.metadata import version
from typing import Annotated

import typer

from orderdock.cli.base import AccountOption, DatabaseOption, administration, print_json, settings_of


class Format(StrEnum):
    """As what the description of a key is printed."""

    MARKDOWN = "markdown"
    OPENAPI = "openapi"
    SCHEMA = "schema"


def docs(
    account: AccountOption,
    name: Annotated[str, typer.Option(help="Name of the key or login.")],
    form: Annotated[Format, typer.Option("--format", help="A page, OpenAPI 3.1, or JSON Schema of the bodies.")] = (
        Format.MARKDOWN
    ),
    url: Annotated[
        str | None, typer.Option("--url", metavar="URL", help="The address that callers use; else this server's own.")
    ] = None,
    database: DatabaseOption = None,
) -> None:
    """Describe the API to the user of a key: its operations alone, with its mandatory fields."""
    from orderdock.accounts.actions import find_account, key_scope
    from orderdock.wire.openapi import Base, document, handout, operation_schemas, profile_of

    settings = settings_of(database=database)
    with administration(database) as admin:
        profile = profile_of(key_scope(admin.database, find_account(admin.database, account), name))
    base = Base(version("orderdock"), url or f"http://{settings.host}:{settings.port}")
    if form is Format.MARKDOWN:
        sys.stdout.write(handout(profile, base))
    else:
        print_json(document(profile, base) if form is Format.OPENAPI else operation_schemas(profile))


def register(app: typer.Typer) -> None:
    """Make it a command of `orderdock key`."""
    app.command("docs")(docs)
