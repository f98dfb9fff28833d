"""Where Orderdock's data lies during a run: one shape for PostgreSQL databases and SQLite files."""

import contextlib
import shutil
import sqlite3
from pathlib import Path
from typing import Protocol

from bench.postgres import Postgres

COUNT = "SELECT (SELECT count(*) FROM orders), (SELECT count(*) FROM order_line)"


class Home(Protocol):
    """Databases by name; a copy of a database saves preparing each run anew."""

    @property
    def pid(self) -> int | None:
        """The database's own process, for the CPU accounting."""

    def url(self, name: str) -> str:
        """The URL of a database."""

    def make(self, name: str, copy_of: str | None = None) -> str:
        """Make a database, empty or as a copy, and return its URL."""

    def remove(self, name: str) -> None:
        """Throw a database away."""

    def count(self, name: str) -> tuple[int, int]:
        """Orders and order lines stored."""

    def rest(self, name: str) -> None:
        """Bring a database that nobody writes to into the state of a service that has run for a while."""

    def checkpoint(self) -> None:
        """Write out what earlier runs left behind."""


class PostgresHome:
    """Databases of the one server."""

    def __init__(self, server: Postgres) -> None:
        self.server = server

    @property
    def pid(self) -> int | None:
        return self.server.pid

    def url(self, name: str) -> str:
        return self.server.url(name)

    def make(self, name: str, copy_of: str | None = None) -> str:
        self.server.create(name, copy_of or "template0")
        return self.url(name)

    def remove(self, name: str) -> None:
        self.server.drop(name)

    def count(self, name: str) -> tuple[int, int]:
        with self.server.connect(name) as connection:
            row = connection.execute(COUNT).fetchone()
        return (int(row[0]), int(row[1])) if row else (0, 0)

    def rest(self, name: str) -> None:
        self.server.analyze(name)
        self.server.warm(name)

    def checkpoint(self) -> None:
        self.server.checkpoint()


class SqliteHome:
    """One directory a database, with the files that SQLite and Orderdock keep beside it."""

    pid: int | None = None

    def __init__(self, directory: Path) -> None:
        self.directory = directory

    def _file(self, name: str) -> Path:
        return self.directory / name / "orderdock.db"

    def url(self, name: str) -> str:
        return f"sqlite:///{self._file(name)}"

    def make(self, name: str, copy_of: str | None = None) -> str:
        if copy_of:
            shutil.copytree(self.directory / copy_of, self.directory / name)
        else:
            (self.directory / name).mkdir(parents=True)
        return self.url(name)

    def remove(self, name: str) -> None:
        shutil.rmtree(self.directory / name, ignore_errors=True)

    def count(self, name: str) -> tuple[int, int]:
        with contextlib.closing(sqlite3.connect(self._file(name), timeout=30)) as connection:
            orders, lines = connection.execute(COUNT).fetchone()
        return int(orders), int(lines)

    def rest(self, name: str) -> None:
        with contextlib.closing(sqlite3.connect(self._file(name), timeout=30)) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            connection.execute("ANALYZE")
            connection.commit()

    def checkpoint(self) -> None:
        """Nothing: SQLite empties its log every thousand pages by itself."""
