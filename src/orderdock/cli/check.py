"""`orderdock doctor`: looks whether an installation is sound, and says what to do where it is not."""

from __future__ import annotations

import shutil
import stat
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final, Literal, NamedTuple, TypeAlias

import typer

from orderdock.cli.base import DatabaseOption, JsonOption, opened, print_json, settings_of
from orderdock.errors import OrderdockError
from orderdock.settings import Settings

if TYPE_CHECKING:
    from orderdock.db import Database

STYLES: Final = {"ok": "green", "warn": "yellow", "fail": "bold red"}
GIB: Final = 1024**3
LEAST_FREE: Final = GIB // 10
CLOCK_APART: Final = 2_000


class Finding(NamedTuple):
    """What a check found: whether it is sound, and a sentence that says what is so, and what to do."""

    result: Literal["ok", "warn", "fail"]
    check: str
    said: str


def reachable(settings: Settings, database: Database) -> Iterator[Finding]:
    """The database answers."""
    from orderdock.db import Sql

    if database.engine == "sqlite" and not Path(database.path).exists():
        yield Finding("fail", "database", f"there is no file {database.path}: run `orderdock migrate`")
        return
    version = Sql("SELECT {version}", version=("'SQLite ' || sqlite_version()", "version()"))
    with database.read() as tx:
        yield Finding("ok", "database", str(tx.all(version)[0][0]).partition(" on ")[0])


def schema(settings: Settings, database: Database) -> Iterator[Finding]:
    """The schema is the one that this version needs."""
    from orderdock import migrations

    found, needed = migrations.current(database), migrations.head()
    if found == needed:
        yield Finding("ok", "schema", f"at {needed}")
    else:
        yield Finding("fail", "schema", f"at {found or 'nothing'}, needed is {needed}: run `orderdock migrate`")


def durability(settings: Settings, database: Database) -> Iterator[Finding]:
    """What is acknowledged survives a loss of power."""
    from orderdock.db import Sql, unsafe_settings

    if database.engine == "postgresql":
        found = unsafe_settings(database)
        said = (
            f"{', '.join(found)}: acknowledged writes may be lost; switch it on"
            if found
            else "fsync and full_page_writes are on"
        )
        yield Finding("fail" if found else "ok", "durability", said)
        return
    with database.read() as tx:
        mode, sync = tx.all(Sql("PRAGMA journal_mode"))[0][0], tx.all(Sql("PRAGMA synchronous"))[0][0]
    sound = mode == "wal" and sync == 2
    said = f"journal_mode is {mode}, synchronous is {sync}" + (
        "" if sound else "; needed are wal and 2 (is this a network disk?)"
    )
    yield Finding("ok" if sound else "fail", "durability", said)


def integrity(settings: Settings, database: Database) -> Iterator[Finding]:
    """Every page of a SQLite file reads well. PostgreSQL has tools of its own (amcheck)."""
    from orderdock.db import Sql

    if database.engine == "sqlite":
        with database.read() as tx:
            said = "; ".join(str(row[0]) for row in tx.all(Sql("PRAGMA integrity_check(10)")))
        yield Finding(
            "ok" if said == "ok" else "fail", "integrity", said if said == "ok" else f"{said}: restore a backup"
        )


def workers(settings: Settings, database: Database) -> Iterator[Finding]:
    """SQLite has one worker."""
    if database.engine == "postgresql":
        each = f"each with {settings.writers} writing and {settings.readers} reading connections"
        yield Finding("ok", "workers", f"{settings.workers}, {each}")
        return
    many = settings.workers > 1
    said = f"{settings.workers}, but SQLite takes one: set ORDERDOCK_WORKERS=1" if many else "one, as SQLite needs"
    yield Finding("fail" if many else "ok", "workers", said)


def _mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def secret(settings: Settings, database: Database) -> Iterator[Finding]:
    """The secret that keys are hashed with is there, and nobody else's to read."""
    from orderdock.accounts.actions import secret_path

    if settings.secret:
        yield Finding("ok", "secret", "given by a setting")
        return
    path = secret_path(database, settings.secret_file).resolve()
    if not path.exists():
        yield _missing_secret(database, path)
        return
    mode = _mode(path)
    if mode & 0o077:
        yield Finding("fail", "secret", f"{path} has mode {mode:o}, others can read it: chmod 600 {path}")
    else:
        yield Finding("ok", "secret", f"{path}, mode {mode:o}; keep it in the backup")


def _missing_secret(database: Database, path: Path) -> Finding:
    """A secret that is not there is made at the first use, unless keys need the one that is lost."""
    from orderdock import migrations
    from orderdock.accounts.actions import demand_no_keys

    if migrations.current(database) != migrations.head():
        return Finding("warn", "secret", f"{path} is not there; run `orderdock migrate`, then look again")
    demand_no_keys(database, path)
    return Finding("ok", "secret", f"{path} is not there yet; it is made at the first use")


def files(settings: Settings, database: Database) -> Iterator[Finding]:
    """A SQLite file is not everybody's to read, and its disk has room."""
    if database.engine != "sqlite":
        return
    path = Path(database.path).resolve()
    mode, free = _mode(path), shutil.disk_usage(path.parent).free
    if mode & 0o007:
        yield Finding(
            "warn", "file", f"{path} has mode {mode:o}, everybody on this machine can read it: chmod 640 {path}"
        )
    else:
        yield Finding("ok", "file", f"{path}, mode {mode:o}")
    result: Literal["ok", "warn", "fail"] = "fail" if free < LEAST_FREE else "warn" if free < GIB else "ok"
    yield Finding(result, "disk", f"{free / GIB:.1f} GiB free")


def clock(settings: Settings, database: Database) -> Iterator[Finding]:
    """This machine and the database's agree on the time."""
    from orderdock.db import Sql

    if database.engine != "postgresql":
        return
    before = time.time_ns() // 1_000_000
    with database.read() as tx:
        theirs = int(tx.all(Sql("SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint"))[0][0])
    after = time.time_ns() // 1_000_000
    apart = max(before - theirs, theirs - after, 0)
    said = f"{apart} ms apart from the database's"
    yield (
        Finding("warn", "clock", f"{said}: run a time service") if apart > CLOCK_APART else Finding("ok", "clock", said)
    )


Check: TypeAlias = "Callable[[Settings, Database], Iterator[Finding]]"
CHECKS: Final[tuple[Check, ...]] = (schema, durability, integrity, workers, secret, files, clock)


def examine(settings: Settings) -> list[Finding]:
    """Every finding; what needs a database is left out when there is none."""
    with opened(settings) as database:
        found = _run(reachable, settings, database)
        if any(finding.result == "fail" for finding in found):
            return found
        return [*found, *(finding for check in CHECKS for finding in _run(check, settings, database))]


def _run(check: Check, settings: Settings, database: Database) -> list[Finding]:
    from orderdock.db import sentence_of

    try:
        return list(check(settings, database))
    except (OrderdockError, OSError) as error:
        return [Finding("fail", check.__name__, str(error))]
    except Exception as error:
        if (sentence := sentence_of(error)) is None:
            raise
        return [Finding("fail", "database" if check is reachable else check.__name__, sentence)]


def doctor(
    workers: Annotated[int | None, typer.Option(help="Worker processes that are meant.", min=1, max=64)] = None,
    database: DatabaseOption = None,
    as_json: JsonOption = False,
) -> None:
    """Look whether this installation is sound; exit 1 when something is not."""
    found = examine(settings_of(database=database, workers=workers))
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
