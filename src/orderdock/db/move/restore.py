"""Restore a backup into an empty database: all of it, or nothing."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any, Final, NamedTuple

from orderdock.db.database import Database
from orderdock.db.move import postgres
from orderdock.db.move.archive import DATABASES, Archive, Manifest, put, workshop
from orderdock.db.move.backup import Look, check_database, check_file
from orderdock.db.move.content import VERSION, Told, demand_same, tables_there
from orderdock.db.move.copy import claimed, demand_empty, pour
from orderdock.db.move.sqlite import looking
from orderdock.errors import Invalid
from orderdock.tables import metadata

_OURS: Final = {*metadata.tables, VERSION}
_MAY_FORCE: Final = "the database has tables already, which are empty: --force restores over them"

_IN_USE: Final = "somebody uses the tables: stop the server, then run this again"


class Order(NamedTuple):
    """How a backup is restored: by which schema, with what look at it, who is told, and how the secret is put in place.

    `place_secret` is called when all is ready; what it answers takes the secret away again.
    """

    schema: str
    look: Look
    told: Told
    place_secret: Callable[[], Callable[[], None]]
    pg_bin: str = ""
    force: bool = False


def restore(archive: Archive, database: Database, order: Order) -> None:
    """Restore a backup into an empty database.

    Raises Invalid when the backup is damaged or of the other engine, when the database holds anything, and when what
    arrived is not what was backed up: then the database is as empty as before.
    """
    manifest = archive.manifest
    if manifest.engine != database.engine:
        raise Invalid(
            f"this is a backup of {manifest.engine}: restore it there, then `orderdock copy` it to {database.engine}"
        )
    archive.check()
    look = order.look if manifest.schema == order.schema else None  # an older schema has not all that is looked at
    if database.engine == "sqlite":
        _restore_sqlite(archive, database, order, look)
    else:
        _restore_postgresql(archive, database, order, look)


def _restore_sqlite(archive: Archive, database: Database, order: Order, look: Look | None) -> None:
    path = Path(database.path).absolute()
    _demand_no_log(path)
    with workshop(path) as folder:
        made = folder / path.name
        archive.extract(DATABASES["sqlite"], made)
        check_file(made, archive.manifest, look, order.told)
        if not path.exists() or not path.stat().st_size:
            _with_secret(order, lambda: put(made, path, force=path.exists()))
            return
        _demand_force(database, order)
        if archive.manifest.schema != order.schema:
            raise Invalid(f"the backup has the older schema {archive.manifest.schema}: take the empty file away first")
        with looking(made) as theirs:
            _with_secret(order, lambda: _pour_into(database, theirs, archive.manifest, order.told))


def _demand_no_log(path: Path) -> None:
    """Raises Invalid when a file that is gone has left its log: SQLite would take it for the log of the new one."""
    left = [name for end in ("-wal", "-shm", "-journal") if Path(name := f"{path}{end}").exists()]
    if left and not path.exists():
        raise Invalid(f"{' and '.join(left)} of another database are still there: take them away first")


def _pour_into(database: Database, theirs: Any, manifest: Manifest, told: Told) -> None:
    """Fill a file that others may have open: rows go in, the file stays."""
    with claimed(database) as ours:
        demand_same(manifest.tables, pour(theirs, "sqlite", ours, "sqlite", told), "what was restored")


def _with_secret(order: Order, fill: Callable[[], None]) -> None:
    """Fill the database when the secret is there; keys without it are worthless. If that fails, it goes again."""
    take_away = order.place_secret()
    try:
        fill()
    except BaseException:
        take_away()
        raise


def _demand_force(database: Database, order: Order) -> bool:
    """Whether there are tables, all of them empty and to be restored over. Raises Invalid when they may not be."""
    with closing(database.alone()) as raw:
        present = tables_there(raw, database.engine)
        if strange := present - _OURS:
            raise Invalid(f"the database holds tables that are not Orderdock's: {', '.join(sorted(strange))}")
        demand_empty(raw, database.engine)
    if present and not order.force:
        raise Invalid(_MAY_FORCE)
    return bool(present)


def _restore_postgresql(archive: Archive, database: Database, order: Order, look: Look | None) -> None:
    manifest = archive.manifest
    with closing(database.alone()) as raw:
        server, place = postgres.server_version(raw), postgres.place_of(raw)
    if server < manifest.server:
        raise Invalid(f"this is a backup of PostgreSQL {manifest.server}, and the server is {server}, which is older")
    if place != manifest.place:
        raise Invalid(f"the tables of the backup are in the schema {manifest.place}, those of this role in {place}")
    program = postgres.find_program("pg_restore", manifest.program, order.pg_bin)
    if _demand_force(database, order):
        drop_empty(database)

    def fill() -> None:
        postgres.load(database, program, archive.read(DATABASES["postgresql"]))
        try:
            check_database(database, manifest, look, order.told)
        except BaseException:
            _drop(database, manifest)
            raise
        with closing(database.alone()) as raw:
            raw.execute("ANALYZE")  # without statistics PostgreSQL picks wrong indexes
            raw.commit()

    _with_secret(order, fill)


def drop_empty(database: Database) -> None:
    """Take the tables of a PostgreSQL database away, in one transaction. Raises Invalid when one holds anything."""
    with closing(database.alone()) as raw:
        present = tables_there(raw, "postgresql") & _OURS
        postgres.lock(raw, present, "ACCESS EXCLUSIVE", _IN_USE)
        demand_empty(raw, "postgresql")
        raw.execute(postgres.dropping(present))
        raw.commit()


def _drop(database: Database, manifest: Manifest) -> None:
    """Take away what was restored just now and is not what it should be."""
    with closing(database.alone()) as raw:
        raw.execute(postgres.dropping([*(one.shape.name for one in manifest.tables), VERSION]))
        raw.commit()
