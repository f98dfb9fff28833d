"""`orderdock doctor`: looks whether an installation is sound, and says what to do where it is not."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Annotated, Final, TypeAlias

import typer

from orderdock.cli.base import DatabaseOption, JsonOption, opened, print_json, settings_of
from orderdock.cli.checks import access, database, files
from orderdock.cli.checks.finding import Finding
from orderdock.errors import OrderdockError
from orderdock.settings import Settings

if TYPE_CHECKING:
    from orderdock.db import Database

STYLES: Final = {"ok": "green", "warn": "yellow", "fail": "bold red"}


Check: TypeAlias = "Callable[[Settings, Database], Iterator[Finding]]"
CHECKS: Final[tuple[Check, ...]] = (
    database.schema, database.durability, database.integrity, database.workers, files.secret, files.own, files.handles,
    database.clock, access.proxy,
)  # fmt: skip
# These read tables, so the schema must be right.
OF_TABLES: Final[tuple[Check, ...]] = (access.passwords, access.expiry, access.rates)


def examine(settings: Settings) -> list[Finding]:
    """Every finding; what needs a database is left out when there is none."""
    with opened(settings, as_is=True) as found:
        findings = _run(database.reachable, settings, found)
        if any(finding.result == "fail" for finding in findings):
            return findings
        for check in CHECKS:
            findings += _run(check, settings, found)
        if not any(finding.result == "fail" and finding.check == "schema" for finding in findings):
            for check in OF_TABLES:
                findings += _run(check, settings, found)
        return findings


def _run(check: Check, settings: Settings, found: Database) -> list[Finding]:
    from orderdock.db import sentence_of

    try:
        return list(check(settings, found))
    except (OrderdockError, OSError) as error:
        return [Finding("fail", check.__name__, str(error))]
    except Exception as error:
        if (sentence := sentence_of(error)) is None:
            raise
        return [Finding("fail", "database" if check is database.reachable else check.__name__, sentence)]


def doctor(
    host: Annotated[str | None, typer.Option(help="Address to listen on that is meant.")] = None,
    workers: Annotated[int | None, typer.Option(help="Worker processes that are meant.", min=1, max=64)] = None,
    database: DatabaseOption = None,
    as_json: JsonOption = False,
) -> None:
    """Look whether this installation is sound; exit 1 when something is not."""
    found = examine(settings_of(host=host, database=database, workers=workers))
    if as_json:
        print_json([finding._asdict() for finding in found])
    else:
        from rich.console import Console
        from rich.text import Text

        console = Console(soft_wrap=True, highlight=False)
        for finding in found:
            console.print(
                Text.assemble((f"{finding.result:<5}", STYLES[finding.result]), f"{finding.check:<11}{finding.said}")
            )
    if any(finding.result == "fail" for finding in found):
        raise typer.Exit(1)
