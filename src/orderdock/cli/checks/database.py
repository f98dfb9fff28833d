"""The database: there, at the right schema, safe, large enough, on time."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final

from orderdock.cli.checks.finding import Finding
from orderdock.settings import Settings

if TYPE_CHECKING:
    from orderdock.db import Database

CLOCK_APART: Final = 2_000


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
            else "fsync, full_page_writes and synchronous_commit are on"
        )
        yield Finding("fail" if found else "ok", "durability", said)
        return
    with database.read() as tx:
        mode, sync = tx.all(Sql("PRAGMA journal_mode"))[0][0], tx.all(Sql("PRAGMA synchronous"))[0][0]
    said = f"journal_mode is {mode}, synchronous is {sync}"
    if sync != 2:
        yield Finding("fail", "durability", f"{said}; needed is 2")
    elif mode != "wal":
        yield Finding("warn", "durability", f"{said}; the server switches it to wal, unless this is a network disk")
    else:
        yield Finding("ok", "durability", said)


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
    """SQLite has one worker; PostgreSQL lets all of them connect."""
    if database.engine == "postgresql":
        yield from _connections(settings, database)
        return
    many = settings.workers > 1
    said = f"{settings.workers}, but SQLite takes one: set ORDERDOCK_WORKERS=1" if many else "one, as SQLite needs"
    yield Finding("fail" if many else "ok", "workers", said)


def _connections(settings: Settings, database: Database) -> Iterator[Finding]:
    from orderdock.db import MORE_READERS, Sql

    allowed = Sql(
        "SELECT current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int"
    )
    with database.read() as tx:
        most = int(tx.all(allowed)[0][0])
    each = settings.writers + settings.readers + MORE_READERS
    said = f"{settings.workers}, each with up to {each} connections of the {most} that PostgreSQL allows"
    if each * settings.workers > most:
        yield Finding("warn", "workers", f"{said}, which is too few: raise max_connections, or take fewer workers")
    else:
        yield Finding("ok", "workers", said)


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
