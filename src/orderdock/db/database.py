"""An installation's database: how it is opened, read and written, and whether it is safe to trust."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final, TypeVar

import psycopg
import sqlalchemy as sa
from sqlalchemy.engine import make_url

from orderdock.db.connection import Connection, is_broken_off
from orderdock.db.sql import Engine, Sql, Tx
from orderdock.errors import Unsafe

T = TypeVar("T")


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
# Reading connections that are made beyond those that are kept.
MORE_READERS: Final = 4
_TAKE_ONE: Final = Sql("UPDATE id_block SET next_id = next_id + 1 WHERE name = :name RETURNING next_id")


class Database:
    """An installation's database: a pool of reading connections, and writers' connections made on demand.

    `as_is`: it is only looked at. A SQLite file stays as it is, also where it is not yet as the server will have it.
    """

    def __init__(self, url: str, readers: int = 4, *, as_is: bool = False) -> None:
        self.url = url
        self._as_is = as_is
        try:
            parsed = make_url(url)
        except (sa.exc.ArgumentError, ValueError):
            raise Unsafe("the address of the database cannot be read (--database, ORDERDOCK_DATABASE)") from None
        if parsed.get_backend_name() not in ("sqlite", "postgresql"):
            raise Unsafe(f"not a database URL that Orderdock knows: {parsed.render_as_string()}")
        self.engine: Engine = "sqlite" if parsed.get_backend_name() == "sqlite" else "postgresql"
        self._path = parsed.database or ""
        self._shown = parsed.set(query={}).render_as_string()
        self._dsn = parsed.set(drivername="postgresql").render_as_string(hide_password=False)
        driver = "sqlite+pysqlite" if self.engine == "sqlite" else "postgresql+psycopg"
        self.sa = sa.create_engine(
            parsed.set(drivername=driver),
            creator=self._open,
            poolclass=sa.QueuePool,
            pool_size=readers,
            max_overflow=MORE_READERS,
            pool_timeout=10,
            pool_reset_on_return=None,  # `_give_back` sees to it
        )
        if self.engine == "postgresql":
            sa.event.listen(self.sa, "checkout", _check_is_alive)
            sa.event.listen(self.sa, "checkin", _note_use)
        if self.engine == "sqlite":
            # The driver leaves transactions alone, so SQLAlchemy (used by migrations) has to begin them itself.
            sa.event.listen(self.sa, "begin", lambda connection: connection.exec_driver_sql("BEGIN IMMEDIATE"))

    @property
    def path(self) -> str:
        """The file of a SQLite database."""
        return self._path

    @property
    def shown(self) -> str:
        """The address as it may be printed: without a password."""
        return self._shown

    def _open(self) -> Any:
        return self._open_sqlite() if self.engine == "sqlite" else self._open_postgresql(_SESSION)

    def _open_writing(self) -> Any:
        return self._open_sqlite() if self.engine == "sqlite" else self._open_postgresql(_SESSION + _LOOK_UPS)

    def _open_sqlite(self) -> sqlite3.Connection:
        raw = sqlite3.connect(
            self._path, timeout=10, isolation_level=None, check_same_thread=False, cached_statements=512
        )
        for pragma in (
            "query_only=ON" if self._as_is else "journal_mode=WAL",
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
    def look(self) -> Iterator[Tx]:
        """Reads of one statement each: each sees a snapshot of its own, and none has to begin or end a transaction."""
        pooled = self.sa.raw_connection()
        raw: Any = pooled.driver_connection
        try:
            if self.engine == "postgresql":
                raw.autocommit = True
            yield Tx(raw, self.engine)
        finally:
            _give_back(pooled, raw)

    @contextmanager
    def read(self) -> Iterator[Tx]:
        """A transaction that reads one snapshot and writes nothing."""
        pooled = self.sa.raw_connection()
        raw: Any = pooled.driver_connection
        try:
            if self.engine == "sqlite":
                raw.execute("BEGIN")
            else:
                raw.autocommit = False
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
                raw.autocommit, raw.isolation_level, raw.read_only = False, None, None
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
                # A reader may have left its own behind.
                raw.autocommit, raw.isolation_level, raw.read_only = False, None, None
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

    def insist(self, read: Callable[[], T]) -> T:
        """What is read; once more, with new connections, when the one that was taken turns out to have ended.

        A connection that was used a moment ago is not tried out first: the database may have ended it since.
        """
        try:
            return read()
        except Exception as error:
            if not is_broken_off(error):
                raise
        self.sa.dispose()
        return read()

    def close(self) -> None:
        """Close the pool."""
        self.sa.dispose()


# Seconds after which an idle connection is asked whether the server is still there.
_FRESH: Final = 1.0


def _check_is_alive(raw: Any, kept: Any, _: Any) -> None:
    """Raises DisconnectionError, upon which the pool connects anew."""
    if time.monotonic() - kept.info.get("used", 0.0) < _FRESH and not raw.closed:
        return
    try:
        raw.autocommit = True  # a rollback would let it forget its prepared statements
        raw.execute("")
    except psycopg.Error as error:
        raise sa.exc.DisconnectionError from error


def _note_use(_: Any, kept: Any) -> None:
    kept.info["used"] = time.monotonic()


def _give_back(pooled: Any, raw: Any) -> None:
    """Undo what was not committed and return a connection to the pool; a broken one is thrown away."""
    try:
        raw.rollback()
    except (psycopg.Error, sqlite3.Error):
        pooled.invalidate()
    pooled.close()


# A connection asks for the last one itself: it is off only where something on the way drops what connections ask for.
_DURABLE: Final = "'fsync', 'full_page_writes', 'synchronous_commit'"


def unsafe_settings(database: Database) -> list[str]:
    """What in a PostgreSQL server's settings may lose acknowledged writes; empty when nothing does."""
    if database.engine == "sqlite":
        return []
    with database.read() as tx:
        rows = tx.all(
            Sql("SELECT name, setting FROM pg_settings WHERE name IN ({names}) ORDER BY name", names=_DURABLE)
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


_SIZE: Final = Sql("SELECT pg_database_size(current_database())")


def size_of(tx: Tx, database: Database) -> int:
    """Bytes that the database takes on disk; of SQLite the file and its log."""
    if database.engine == "postgresql":
        return int(tx.all(_SIZE)[0][0])
    log = Path(f"{database.path}-wal")
    return Path(database.path).stat().st_size + (log.stat().st_size if log.exists() else 0)


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
