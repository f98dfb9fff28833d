"""An installation's database: how it is opened, read and written, and whether it is safe to trust."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any, Final

import psycopg
import sqlalchemy as sa
from sqlalchemy.engine import make_url

from orderdock.db.connection import Connection
from orderdock.db.sql import Engine, Sql, Tx
from orderdock.errors import Unsafe


def sentence_of(error: BaseException) -> str | None:
    """What a failure of the database says to a person; None when it is no failure of the database."""
    if isinstance(error, sa.exc.DBAPIError) and error.orig is not None:
        error = error.orig
    if isinstance(error, psycopg.Error | sqlite3.Error | sa.exc.SQLAlchemyError):
        return next(iter(str(error).splitlines()), type(error).__name__)
    return None


_SESSION: Final = (
    "-c synchronous_commit=on -c lock_timeout=10s -c statement_timeout=60s -c jit=off"
    " -c idle_in_transaction_session_timeout=30s -c default_transaction_isolation=read\\ committed"
)
# What takes as long as it takes: backups and copies of everything.
_UNHURRIED: Final = (
    "-c synchronous_commit=on -c lock_timeout=10s -c statement_timeout=0 -c jit=off"
    " -c idle_in_transaction_session_timeout=0"
)
# A writer only looks things up by key. So its plans are made once, and never by way of a whole table, whatever
# the statistics of a new installation say (docs/decisions/0004).
_LOOK_UPS: Final = " -c plan_cache_mode=force_generic_plan" + "".join(
    f" -c enable_{way}=off" for way in ("seqscan", "hashjoin", "mergejoin", "material", "bitmapscan")
)
_TAKE_ONE: Final = Sql("UPDATE id_block SET next_id = next_id + 1 WHERE name = :name RETURNING next_id")


class Database:
    """An installation's database: a pool of reading connections, and writers' connections made on demand."""

    def __init__(self, url: str, readers: int = 4) -> None:
        self.url = url
        try:
            parsed = make_url(url)
        except (sa.exc.ArgumentError, ValueError):
            raise Unsafe("the address of the database cannot be read (--database, ORDERDOCK_DATABASE)") from None
        if parsed.get_backend_name() not in ("sqlite", "postgresql"):
            raise Unsafe(f"not a database URL that Orderdock knows: {parsed.render_as_string()}")
        self.engine: Engine = "sqlite" if parsed.get_backend_name() == "sqlite" else "postgresql"
        self._path = parsed.database or ""
        self._dsn = parsed.set(drivername="postgresql").render_as_string(hide_password=False)
        driver = "sqlite+pysqlite" if self.engine == "sqlite" else "postgresql+psycopg"
        self.sa = sa.create_engine(
            parsed.set(drivername=driver),
            creator=self._open,
            poolclass=sa.QueuePool,
            pool_size=readers,
            max_overflow=4,
            pool_timeout=10,
            pool_pre_ping=self.engine == "postgresql",
        )
        if self.engine == "sqlite":
            # The driver leaves transactions alone, so SQLAlchemy (used by migrations) has to begin them itself.
            sa.event.listen(self.sa, "begin", lambda connection: connection.exec_driver_sql("BEGIN IMMEDIATE"))

    @property
    def path(self) -> str:
        """The file of a SQLite database."""
        return self._path

    def _open(self) -> Any:
        return self._open_sqlite() if self.engine == "sqlite" else self._open_postgresql(_SESSION)

    def _open_writing(self) -> Any:
        return self._open_sqlite() if self.engine == "sqlite" else self._open_postgresql(_SESSION + _LOOK_UPS)

    def _open_sqlite(self) -> sqlite3.Connection:
        raw = sqlite3.connect(
            self._path, timeout=10, isolation_level=None, check_same_thread=False, cached_statements=512
        )
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",
            "cache_size=-65536",
            "temp_store=MEMORY",
            "mmap_size=268435456",
            # `tend` moves the log into the file beside the writer; a commit does it only when that falls far behind.
            "wal_autocheckpoint=16000",
        ):
            raw.execute(f"PRAGMA {pragma}")
        return raw

    def _open_postgresql(self, options: str) -> psycopg.Connection[Any]:
        raw = psycopg.connect(
            self._dsn,
            options=options,
            connect_timeout=5,
            keepalives=1,
            keepalives_idle=10,
            keepalives_interval=5,
            keepalives_count=3,
            tcp_user_timeout=30_000,
        )
        raw.prepare_threshold = 1
        return raw

    @property
    def dsn(self) -> str:
        """The address of a PostgreSQL database as libpq takes it, with its password: it is never printed."""
        return self._dsn

    def alone(self) -> Any:
        """The driver's own connection, in no pool and without time limits; who takes it closes it."""
        return self._open_sqlite() if self.engine == "sqlite" else self._open_postgresql(_UNHURRIED)

    def connection(self) -> Connection:
        """A connection of a writer's own; it connects when first used."""
        return Connection(self._open_writing, self.engine)

    @contextmanager
    def read(self) -> Iterator[Tx]:
        """A transaction that reads one snapshot and writes nothing."""
        pooled = self.sa.raw_connection()
        raw: Any = pooled.driver_connection
        try:
            if self.engine == "sqlite":
                raw.execute("BEGIN")
            else:
                raw.isolation_level, raw.read_only = psycopg.IsolationLevel.REPEATABLE_READ, True
            yield Tx(raw, self.engine)
            # Nothing was written; but a rollback would let psycopg forget every statement that it has prepared.
            # What was read is known, whatever becomes of the connection now: a broken one is thrown away.
            with suppress(psycopg.Error, sqlite3.Error):
                raw.commit()
        finally:
            _give_back(pooled, raw)

    @contextmanager
    def write(self) -> Iterator[Tx]:
        """A transaction of an administrator's command; committed at the end, undone when it raises."""
        pooled = self.sa.raw_connection()
        raw: Any = pooled.driver_connection
        try:
            if self.engine == "sqlite":
                raw.execute("BEGIN IMMEDIATE")
            else:
                raw.isolation_level, raw.read_only = None, None
            yield Tx(raw, self.engine)
            raw.commit()
        finally:
            _give_back(pooled, raw)

    @contextmanager
    def migrating(self) -> Iterator[sa.Connection]:
        """A transaction that changes the schema: one at a time, without a time limit; undone when it raises."""
        with self.sa.connect() as connection:
            raw: Any = connection.connection.driver_connection
            if self.engine == "postgresql":
                raw.isolation_level, raw.read_only = None, None  # a reader may have left its own behind
            with connection.begin():
                if self.engine == "postgresql":
                    connection.exec_driver_sql("SET LOCAL statement_timeout = 0; SET LOCAL lock_timeout = '60s'")
                    # The one lock without a row: there is no table yet.
                    connection.exec_driver_sql("SELECT pg_advisory_xact_lock(7310)")
                yield connection

    def take_id(self, name: str) -> int:
        """One number of a sequence, for records that administrators make one at a time."""
        with self.write() as tx:
            return int(tx.all(_TAKE_ONE, name=name)[0][0]) - 1

    def close(self) -> None:
        """Close the pool."""
        self.sa.dispose()


def _give_back(pooled: Any, raw: Any) -> None:
    """Undo what was not committed and return a connection to the pool; a broken one is thrown away."""
    try:
        raw.rollback()
    except (psycopg.Error, sqlite3.Error):
        pooled.invalidate()
    pooled.close()


def unsafe_settings(database: Database) -> list[str]:
    """What in a PostgreSQL server's settings may lose acknowledged writes; empty when nothing does."""
    if database.engine == "sqlite":
        return []
    with database.read() as tx:
        rows = tx.all(
            Sql("SELECT name, setting FROM pg_settings WHERE name IN ('fsync', 'full_page_writes') ORDER BY name")
        )
    return [f"{name} is {setting}" for name, setting in rows if setting != "on"]


def check_safety(database: Database, *, allow: bool) -> list[str]:
    """Refuse to start on a database that may lose acknowledged writes, unless told to; answers what was found."""
    found = unsafe_settings(database)
    if found and not allow:
        raise Unsafe(
            f"the database may lose acknowledged writes: {', '.join(found)}."
            " Switch it on, or start with --unsafe-database."
        )
    return found


_growth: Final = threading.Lock()
_GROWN: Final = Sql(
    """SELECT s.relname FROM pg_stat_user_tables s JOIN pg_class c ON c.oid = s.relid
       WHERE s.n_mod_since_analyze > 500 AND s.n_mod_since_analyze > c.reltuples ORDER BY s.relname"""
)


def analyze_grown(database: Database) -> list[str]:
    """Let PostgreSQL count the tables that have doubled since it last did; answers their names.

    With the statistics of a small table it picks a wrong index, and a writer's cached plan keeps it (design, plan
    trap). A new count makes every connection plan anew.
    """
    if database.engine == "sqlite" or not _growth.acquire(blocking=False):
        return []
    try:
        with database.write() as tx:
            grown = [name for (name,) in tx.all(_GROWN)]
            if grown:
                tx.ask(Sql(f"ANALYZE {', '.join(grown)}"))
        return grown
    finally:
        _growth.release()


def tend(database: Database) -> list[str]:
    """What a database that is written to needs about once a second; answers the tables that were counted.

    SQLite gets its log moved into the file, which holds nobody up; PostgreSQL gets the tables counted that have grown.
    """
    if database.engine == "postgresql":
        return analyze_grown(database)
    pooled = database.sa.raw_connection()
    try:
        raw: Any = pooled.driver_connection
        raw.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()
    finally:
        pooled.close()
    return []
