"""Every table as a stream of rows in the order of its key, and a checksum of it that both engines agree on."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from hashlib import blake2b
from typing import Any, Final

import msgspec

from orderdock.db.sql import Engine, Row
from orderdock.errors import Invalid
from orderdock.tables import NUMBERED, SEQUENCES, metadata

BATCH: Final = 1_000
VERSION: Final = "alembic_version"
Told = Callable[[str, int], None]
"""Hears of progress: a table, and how many of its rows were just done."""

_NAME: Final = re.compile(r"[a-z_][a-z0-9_]*")
_encoder: Final = msgspec.json.Encoder()


class Shape(msgspec.Struct, frozen=True):
    """A table: its columns, and those of its key."""

    name: str
    columns: tuple[str, ...]
    key: tuple[str, ...]

    def __post_init__(self) -> None:
        if not self.key or not all(map(_NAME.fullmatch, (self.name, *self.columns, *self.key))):
            raise ValueError(f"not a table of Orderdock: {self.name}")


class Content(msgspec.Struct, frozen=True):
    """What a table held: its shape, its rows by account (under 0 those of no account), and their checksum."""

    shape: Shape
    rows: dict[int, int]
    digest: str

    @property
    def total(self) -> int:
        return sum(self.rows.values())


def shapes() -> list[Shape]:
    """Every table of this version, by name."""
    return [
        Shape(
            str(name), tuple(str(c.name) for c in table.columns), tuple(str(c.name) for c in table.primary_key.columns)
        )
        for name, table in sorted(metadata.tables.items())
    ]


def quoted(names: Iterable[str]) -> str:
    """Names as a list in SQL."""
    return ", ".join(f'"{name}"' for name in names)


def batches(raw: Any, engine: Engine, shape: Shape) -> Iterator[list[Row]]:
    """The rows of a table in the order of its key, some at a time; the connection is in a transaction."""
    text = f'SELECT {quoted(shape.columns)} FROM "{shape.name}" ORDER BY {quoted(shape.key)}'
    # A cursor with a name stays on the server, which hands out as much as is asked for.
    cursor = raw.cursor() if engine == "sqlite" else raw.cursor(name="move")
    try:
        cursor.execute(text)
        while rows := cursor.fetchmany(BATCH):
            yield rows
    finally:
        cursor.close()


class Scale:
    """Weighs rows as they pass: counts them by account, and sums them up in a checksum."""

    def __init__(self, shape: Shape) -> None:
        self._shape = shape
        self._rows: dict[int, int] = {}
        self._hash = blake2b(digest_size=32)
        self._account = shape.columns.index("cm_id") if "cm_id" in shape.columns else None

    def add(self, rows: Sequence[Row]) -> None:
        """Weigh some more rows."""
        # One line of JSON a row: numbers, text and (in base64) bytes look the same from both drivers.
        self._hash.update(_encoder.encode_lines(rows))
        for row in rows:
            account = 0 if self._account is None else row[self._account]
            self._rows[account] = self._rows.get(account, 0) + 1

    def read(self) -> Content:
        """What was weighed so far."""
        return Content(self._shape, self._rows, self._hash.hexdigest())


def weigh(raw: Any, engine: Engine, wanted: Iterable[Shape], told: Told) -> list[Content]:
    """What the tables hold, in one pass over each."""
    found = []
    for shape in wanted:
        scale = Scale(shape)
        for rows in batches(raw, engine, shape):
            scale.add(rows)
            told(shape.name, len(rows))
        found.append(scale.read())
    return found


def store(raw: Any, engine: Engine, shape: Shape, rows: Sequence[Row]) -> None:
    """Add rows to a table."""
    into = f'"{shape.name}" ({quoted(shape.columns)})'
    if engine == "sqlite":
        raw.executemany(f"INSERT INTO {into} VALUES ({', '.join('?' * len(shape.columns))})", rows)
        return
    with raw.cursor() as cursor, cursor.copy(f"COPY {into} FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)


def differences(wanted: Sequence[Content], found: Sequence[Content]) -> list[str]:
    """A sentence for each table that does not hold what it should; empty when all do."""
    held = {content.shape.name: content for content in found}
    return [
        f"{one.shape.name} holds {held[one.shape.name].total} rows of {one.total}"
        if held[one.shape.name].total != one.total
        else f"{one.shape.name} holds other rows"
        for one in wanted
        if held[one.shape.name] != one
    ]


def demand_same(wanted: Sequence[Content], found: Sequence[Content], what: str) -> None:
    """Raises Invalid when some table does not hold what it should."""
    if wrong := differences(wanted, found):
        raise Invalid(f"{what} is not the same: {'; '.join(wrong)}")


def tables_there(raw: Any, engine: Engine) -> set[str]:
    """The names of all tables in the database (on PostgreSQL: in the schema that Orderdock uses)."""
    text = (
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
        if engine == "sqlite"
        else "SELECT tablename FROM pg_tables WHERE schemaname = current_schema()"
    )
    return {name for (name,) in raw.execute(text).fetchall()}


def filled(raw: Any, present: set[str]) -> list[str]:
    """The tables of Orderdock among those present that hold something; blocks of ids at their beginning are nothing."""
    found = []
    for name in sorted(present & metadata.tables.keys()):
        if name == "id_block":
            given = dict(raw.execute("SELECT name, next_id FROM id_block").fetchall())
            began = any(number != SEQUENCES.get(sequence) for sequence, number in given.items())
        else:
            began = bool(raw.execute(f'SELECT 1 FROM "{name}" LIMIT 1').fetchall())
        found += [name] * began
    return found


def numbers_behind(raw: Any) -> list[str]:
    """A sentence for each sequence that would give a number again which is there already."""
    given = dict(raw.execute("SELECT name, next_id FROM id_block").fetchall())
    found = []
    for sequence, (table, column) in NUMBERED.items():
        ((newest,),) = raw.execute(f'SELECT MAX("{column}") FROM "{table}"').fetchall()
        if sequence in given and newest is not None and newest >= given[sequence]:
            found.append(f"the next {sequence} number is {given[sequence]}, but {newest} is there already")
    return found
