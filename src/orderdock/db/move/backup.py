"""Make a backup of a database that is in use, and read it back."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable
from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple

from orderdock.db.database import Database
from orderdock.db.move import postgres
from orderdock.db.move.archive import DATABASES, FORMAT, SECRET, Archive, Manifest, Writer, chunks, put, workshop
from orderdock.db.move.content import (
    VERSION,
    Content,
    Shape,
    Told,
    demand_same,
    numbers_behind,
    shapes,
    weigh,
)
from orderdock.db.move.sqlite import check_integrity, copy_file, looking
from orderdock.db.sql import Engine, Tx
from orderdock.errors import Invalid
from orderdock.tables import metadata


class Seen(NamedTuple):
    """What a look at a database found: the newest event of each account, and what is not sound."""

    last: dict[int, int]
    faults: list[str]


Look = Callable[[Tx], Seen]


class Wish(NamedTuple):
    """How a backup is made: by which version, at which schema, with which secret, and who looks and is told.

    `last` answers the newest event of each account, `look` that and what is not sound.
    """

    version: str
    schema: str
    secret: str | None
    last: Callable[[Tx], dict[int, int]]
    look: Look
    told: Told
    pg_bin: str = ""
    force: bool = False
    verify: bool = False


def _see(raw: Any, engine: Engine, look: Look) -> Seen:
    seen = look(Tx(raw, engine))
    return Seen(seen.last, [*seen.faults, *numbers_behind(raw)])


def back_up(database: Database, path: Path, wish: Wish) -> Manifest:
    """Write a backup of a database, which may be written to meanwhile, and read it back.

    Raises Invalid when the file is there already or what was written does not hold what was read.
    """
    path = path.absolute()
    if path.exists() and not wish.force:
        raise Invalid(f"{path} is there already: choose another name, or --force")
    make = _back_up_sqlite if database.engine == "sqlite" else _back_up_postgresql
    with workshop(path) as folder:
        manifest = make(database, folder, wish)
        with closing(Archive(folder / "backup")) as archive:
            read_back(archive, database, folder, wish)
        put(folder / "backup", path, force=wish.force)
    return manifest


def _finish(writer: Writer, database: Database, wish: Wish, seen: Seen, tables: list[Content], **more: Any) -> Manifest:
    if wish.secret is not None:
        writer.add(SECRET, [f"{wish.secret}\n".encode()])
    manifest = Manifest(
        format=FORMAT, orderdock=wish.version, made_at=time.time_ns() // 1_000_000, engine=database.engine,
        schema=wish.schema, last=seen.last, faults=seen.faults, tables=tables, parts=dict(writer.parts), **more,
    )  # fmt: skip
    writer.finish(manifest)
    return manifest


def _back_up_sqlite(database: Database, folder: Path, wish: Wish) -> Manifest:
    copied = folder / "copy.db"
    before = copy_file(database, copied, wish.last, wish.told)
    with looking(copied) as raw:
        seen, tables = _see(raw, "sqlite", wish.look), weigh(raw, "sqlite", shapes(), wish.told)
    if seen.last != before:
        raise Invalid(f"the copy ends at other events than what was copied: {seen.last}, not {before}")
    with closing(Writer(folder / "backup")) as writer:
        with copied.open("rb") as file:
            writer.add(DATABASES["sqlite"], chunks(file))
        os.unlink(copied)
        return _finish(writer, database, wish, seen, tables, server=0, program=0, place="")


def _back_up_postgresql(database: Database, folder: Path, wish: Wish) -> Manifest:
    with postgres.snapshot(database) as raw, closing(Writer(folder / "backup")) as writer:
        server, place = postgres.server_version(raw), postgres.place_of(raw)
        program = postgres.find_program("pg_dump", server, wish.pg_bin)
        # What is weighed here is the very state that pg_dump writes down.
        ((state,),) = raw.execute("SELECT pg_export_snapshot()").fetchall()
        wanted = [(place, name) for name in (*metadata.tables, VERSION)]
        writer.add(DATABASES["postgresql"], _counted(postgres.dump(database, program, state, wanted), wish.told))
        seen, tables = _see(raw, "postgresql", wish.look), weigh(raw, "postgresql", shapes(), wish.told)
        more = {"server": server, "program": program.version, "place": place}
        return _finish(writer, database, wish, seen, tables, **more)


def _counted(content: Iterable[bytes], told: Told) -> Iterable[bytes]:
    for chunk in content:
        told("bytes", len(chunk))
        yield chunk


def read_back(archive: Archive, database: Database, folder: Path, wish: Wish) -> None:
    """Read a backup as a restore would. Raises Invalid when it is not what it says it is.

    The checksums of all parts always; with `verify` the content too, restored into a file or a database of its own.
    """
    archive.check()
    manifest = archive.manifest
    name = DATABASES[manifest.engine]
    if manifest.engine == "sqlite":
        if wish.verify:
            archive.extract(name, folder / "again.db")
            check_file(folder / "again.db", manifest, wish.look, wish.told)
        return
    program = postgres.find_program("pg_restore", manifest.program, wish.pg_bin)
    if missing := {one.shape.name for one in manifest.tables} - postgres.listed(program, archive.read(name)):
        raise Invalid(f"the dump holds no rows of {', '.join(sorted(missing))}")
    if wish.verify:
        with postgres.scratch(database, manifest.place) as other:
            postgres.load(other, program, archive.read(name))
            check_database(other, manifest, wish.look, wish.told)


def _demand(raw: Any, engine: Engine, manifest: Manifest, look: Look | None, told: Told) -> None:
    """Raises Invalid unless a database holds what a manifest says."""
    wanted: list[Shape] = [one.shape for one in manifest.tables]
    demand_same(manifest.tables, weigh(raw, engine, wanted, told), "what was restored")
    if look is not None and (seen := _see(raw, engine, look)) != Seen(manifest.last, manifest.faults):
        raise Invalid(f"what was restored is not sound: {'; '.join(seen.faults) or 'it ends at other events'}")


def check_file(path: Path, manifest: Manifest, look: Look | None, told: Told) -> None:
    """Raises Invalid unless a SQLite file, which is nobody else's, holds what a manifest says."""
    with looking(path) as raw:
        check_integrity(raw)
        _demand(raw, "sqlite", manifest, look, told)


def check_database(database: Database, manifest: Manifest, look: Look | None, told: Told) -> None:
    """Raises Invalid unless a PostgreSQL database holds what a manifest says."""
    with postgres.snapshot(database) as raw:
        raw.execute("SELECT set_config('search_path', %s, true)", (f'"{manifest.place}"',))
        _demand(raw, "postgresql", manifest, look, told)
