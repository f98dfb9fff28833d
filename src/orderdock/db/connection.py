"""A writer's own connection: begin, commit, roll back, and blocks of ids."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping
from typing import Any, Final

import psycopg

from orderdock.db.pipeline import Pipeline, PipelineTx
from orderdock.db.sql import Engine, Sql, Tx
from orderdock.tables import SEQUENCES


class Ids:
    """Numbers from block-allocated sequences: known before the insert, unique in the installation, with gaps."""

    def __init__(self) -> None:
        self._next = dict.fromkeys(SEQUENCES, 0)
        self._end = dict.fromkeys(SEQUENCES, 0)

    def take(self, name: str) -> int:
        """The next number of a sequence; `Connection.reserve` has seen to it that there is one."""
        number = self._next[name]
        if number >= self._end[name]:
            raise RuntimeError(f"no {name} number was reserved")
        self._next[name] = number + 1
        return number

    def short_of(self, count: int) -> bool:
        """Whether some sequence has fewer than `count` numbers left."""
        return any(self._end[name] - self._next[name] < count for name in SEQUENCES)

    def refill(self, block: int, ends: Mapping[str, int]) -> None:
        """Go on with the blocks that end (exclusively) at the given numbers."""
        for name, end in ends.items():
            self._next[name], self._end[name] = end - block, end


_TAKE_BLOCKS: Final = Sql("UPDATE id_block SET next_id = next_id + :block RETURNING name, next_id")
BLOCK: Final = 4_000


class Connection:
    """A writer's own connection: one transaction at a time, and its own blocks of ids."""

    def __init__(self, connect: Callable[[], Any], engine: Engine) -> None:
        self._connect = connect
        self._raw: Any = None
        self._pipeline: Pipeline | None = None
        self.engine: Engine = engine
        self.ids = Ids()

    def begin(self) -> Tx:
        """Begin a transaction; on PostgreSQL its statements go out as one pipeline (READ COMMITTED)."""
        if self._raw is None:
            self._raw = self._connect()
            self._pipeline = Pipeline(self._raw) if self.engine == "postgresql" else None
        if self._pipeline is None:
            self._raw.execute("BEGIN IMMEDIATE")
            return Tx(self._raw, self.engine)
        self._pipeline.begin()
        return PipelineTx(self._pipeline)

    def commit(self) -> None:
        """Make it durable. When this raises, nobody knows whether it happened."""
        if self._pipeline is None:
            self._raw.execute("COMMIT")
        else:
            self._pipeline.commit()

    def rollback(self) -> None:
        """Undo; a connection that cannot even do that is closed, which undoes as well."""
        try:
            if self._pipeline is not None:
                self._pipeline.leave()
            if self._raw is not None and self.in_transaction():
                self._raw.rollback()
        except (psycopg.Error, sqlite3.Error):
            self.close()

    def in_transaction(self) -> bool:
        """Whether something was begun and neither committed nor rolled back."""
        return bool(self._raw.in_transaction) if self._pipeline is None else self._pipeline.in_transaction

    def is_broken(self) -> bool:
        """Whether the connection is gone, so that the fate of a COMMIT that was sent is unknown."""
        if self._raw is None:
            return True
        return self.engine == "postgresql" and (self._raw.closed or self._raw.broken)

    def reserve(self, count: int) -> None:
        """See to it that `count` numbers of every sequence are at hand, in a transaction of its own."""
        if not self.ids.short_of(count):
            return
        block = max(BLOCK, count * 2)
        tx = self.begin()
        ends: dict[str, int] = dict(tx.all(_TAKE_BLOCKS, block=block))
        self.commit()
        self.ids.refill(block, ends)

    def close(self) -> None:
        """Close; the next `begin` connects anew."""
        raw, self._raw, self._pipeline = self._raw, None, None
        if raw is not None:
            try:
                raw.close()
            except (psycopg.Error, sqlite3.Error):
                return  # it was broken already; there is nothing left to close


def is_broken_off(error: BaseException) -> bool:
    """Whether an error says that PostgreSQL's end of a connection is gone."""
    if isinstance(error, psycopg.errors.QueryCanceled | psycopg.errors.LockNotAvailable):
        return False
    return isinstance(error, psycopg.OperationalError)


def is_lost(error: BaseException) -> bool:
    """Whether an error says that the connection or the server went away, or could not be taken in time."""
    waiting = psycopg.errors.QueryCanceled | psycopg.errors.LockNotAvailable
    if isinstance(error, waiting | psycopg.errors.ReadOnlySqlTransaction):  # the last: a standby, for now
        return True
    if isinstance(error, psycopg.OperationalError | psycopg.InterfaceError):
        return True
    return isinstance(error, sqlite3.OperationalError) and "locked" in str(error)
