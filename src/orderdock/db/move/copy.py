"""From one database to another: every row, in one transaction of the target, and read again before it counts."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any, Final

import psycopg

from orderdock.db.database import Database
from orderdock.db.move import postgres
from orderdock.db.move.content import (
    Content,
    Scale,
    Told,
    batches,
    demand_same,
    filled,
    numbers_behind,
    shapes,
    store,
    tables_there,
    weigh,
)
from orderdock.db.sql import Engine
from orderdock.errors import Invalid
from orderdock.tables import metadata

_BUSY: Final = "something writes to the {what}: stop the server, then run this again"


@contextmanager
def held(database: Database) -> Iterator[Any]:
    """A connection that reads a database to which nobody can write meanwhile. Raises Invalid when somebody does."""
    with closing(database.alone()) as raw:
        if database.engine == "sqlite":
            _begin_immediate(raw, _BUSY.format(what="source"))
        else:
            raw.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
            # The lock comes before the first look: what is seen is what stays.
            postgres.lock(raw, metadata.tables, "SHARE", _BUSY.format(what="source"))
        yield raw


def _begin_immediate(raw: sqlite3.Connection, refusal: str) -> None:
    try:
        raw.execute("BEGIN IMMEDIATE")
    except sqlite3.OperationalError:
        raise Invalid(refusal) from None


@contextmanager
def claimed(database: Database) -> Iterator[Any]:
    """A connection that writes into a migrated, empty database: all that is done in the block, or nothing.

    Raises Invalid when it holds anything, or somebody else uses it.
    """
    with closing(database.alone()) as raw:
        if database.engine == "sqlite":
            _begin_immediate(raw, _BUSY.format(what="target"))
        else:
            postgres.lock(raw, metadata.tables, "ACCESS EXCLUSIVE", _BUSY.format(what="target"))
        demand_empty(raw, database.engine)
        yield raw
        if database.engine == "sqlite":
            raw.execute("COMMIT")
        else:
            raw.commit()


def demand_empty(raw: Any, engine: Engine) -> None:
    """Raises Invalid when a table of Orderdock holds anything."""
    if names := filled(raw, tables_there(raw, engine)):
        raise Invalid(f"the database is not empty ({', '.join(names)}): nothing is ever written over data")


def pour(theirs: Any, their_engine: Engine, ours: Any, engine: Engine, told: Told) -> list[Content]:
    """Copy every row and read it again. Raises Invalid when what arrived is not what left."""
    ours.execute("DELETE FROM id_block")
    left = []
    for shape in shapes():
        scale = Scale(shape)
        for rows in batches(theirs, their_engine, shape):
            scale.add(rows)
            store(ours, engine, shape, rows)
            told(shape.name, len(rows))
        left.append(scale.read())
    demand_same(left, weigh(ours, engine, shapes(), told), "the copy")
    if behind := numbers_behind(ours):
        raise Invalid("; ".join(behind))
    if engine == "postgresql":
        ours.execute("ANALYZE")  # the statistics of empty tables would make it pick wrong indexes
    return left


def copy(source: Database, target: Database, told: Told) -> list[Content]:
    """Copy a database that nobody writes to into a migrated, empty one of either engine."""
    with held(source) as theirs, claimed(target) as ours:
        return pour(theirs, source.engine, ours, target.engine, told)
