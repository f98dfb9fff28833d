"""A SQLite file: copied while it is written to, and looked at without touching it."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Final, TypeVar

from orderdock.db.database import Database
from orderdock.db.move.content import Told
from orderdock.db.sql import Tx
from orderdock.errors import Invalid

PAGES: Final = 2_048
Seen = TypeVar("Seen")


def copy_file(database: Database, to: Path, look: Callable[[Tx], Seen], told: Told) -> Seen:
    """Copy a database that may be written to meanwhile; answers what `look` sees in the state that was copied."""
    os.close(os.open(to, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
    with closing(database.alone()) as source, closing(sqlite3.connect(to, isolation_level=None)) as target:
        # One read transaction around all steps. Without it every write of another process makes SQLite begin again, so
        # that a copy of a busy database would never end. Writers go on: they write to the log.
        source.execute("BEGIN")
        seen = look(Tx(source, "sqlite"))
        target.execute("PRAGMA synchronous=OFF")  # it is synchronised as a part of the backup
        source.backup(target, pages=PAGES, progress=lambda *_: told("pages", PAGES))
        target.execute("PRAGMA journal_mode=DELETE")  # one file, without a log beside it
        check_integrity(target)
    return seen


def check_integrity(raw: sqlite3.Connection) -> None:
    """Raises Invalid when a page of the file is damaged."""
    said = "; ".join(str(row[0]) for row in raw.execute("PRAGMA integrity_check(10)"))
    if said != "ok":
        raise Invalid(f"the database file is damaged: {said}")


@contextmanager
def looking(path: Path) -> Iterator[sqlite3.Connection]:
    """A connection that reads a file that is nobody else's, in one transaction."""
    with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True, isolation_level=None)) as raw:
        raw.execute("BEGIN")
        yield raw
