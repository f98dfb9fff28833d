"""One statement for both engines, and the few fragments in which they differ.

Statements are written once (`Sql`), with `:name` parameters. A set of rows comes in as one JSON parameter,
read by a row source.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any, Final, Literal

import msgspec
import psycopg
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg_dialect
from sqlalchemy.dialects import sqlite as sqlite_dialect

Engine = Literal["sqlite", "postgresql"]
Row = tuple[Any, ...]
# A colon behind a quotation mark is JSON in a text.
_PARAMETER: Final = re.compile(r'(?<![:"\w]):(\w+)')
_DIALECTS: Final[dict[str, sa.Dialect]] = {
    "sqlite": sqlite_dialect.dialect(paramstyle="named"),
    "postgresql": pg_dialect.dialect(paramstyle="pyformat"),  # type: ignore[no-untyped-call]  # untyped there
}
_encoder: Final = msgspec.json.Encoder()
# A control character: JSON text never holds one.
_MARK: Final = "\x1e"


def source(name: str, /, **columns: str) -> tuple[str, str]:
    """The FROM item that reads the JSON array parameter `:name` as rows, for both engines, aliased by the name."""
    picked = ", ".join(f"value->>'{column}' AS \"{column}\"" for column in columns)
    typed = ", ".join(f'"{column}" {kind}' for column, kind in columns.items())
    return (
        f"(SELECT {picked} FROM json_each(:{name})) AS {name}",
        f"json_to_recordset(:{name}::json) AS {name}({typed})",
    )


def few_numbers(name: str) -> tuple[str, str]:
    """`source` of the JSON array parameter `:name` with the one column `id`, which PostgreSQL takes for few.

    It takes the other one for a hundred rows, and then rather reads a table of ten thousand than look one up.
    """
    array = f"ARRAY(SELECT (entry.value->>'id')::bigint FROM json_array_elements(:{name}::json) AS entry)"
    return source(name, id="bigint")[0], f"unnest({array}) AS {name}(id)"


def _source_apart(name: str, apart: str, columns: dict[str, str]) -> tuple[str, str]:
    """`source`, to which PostgreSQL gets the JSON texts of one column as a second parameter, `:apart`."""
    rest = {column: kind for column, kind in columns.items() if column != apart}
    typed = ", ".join(f'"{column}" {kind}' for column, kind in rest.items())
    return (
        source(name, **columns)[0],
        f"ROWS FROM (json_to_recordset(:{name}::json) AS ({typed}), unnest(string_to_array(:apart, chr({ord(_MARK)}))))"
        f" AS {name}({_list([*rest, apart])})",
    )


def blob(name: str) -> tuple[str, str]:
    """The bytes of the parameter `:name`, for both engines; PostgreSQL gets them as hexadecimal text behind `\\x`."""
    return f":{name}", f":{name}::bytea"


# Fragments that differ: (SQLite, PostgreSQL).
FOR_UPDATE: Final = ("", "FOR UPDATE")
SKIP_LOCKED: Final = ("", "FOR UPDATE SKIP LOCKED")
# SQLite needs a WHERE before ON CONFLICT when the rows come from a SELECT, or it reads ON as a join's.
UPSERT_WHERE: Final = ("WHERE true", "")
# A list of numbers from a subquery, as JSON text.
JSON_ARRAY: Final = ("json_group_array", "json_agg")


class Sql:
    """One statement for both engines: a template whose `{fragments}` are pairs (SQLite, PostgreSQL).

    `numbered` is PostgreSQL's text with `$1` for the first of `names`, as it is sent.
    """

    __slots__ = ("names", "numbered", "postgresql", "sqlite")

    def __init__(self, template: str, **fragments: tuple[str, str] | str) -> None:
        pairs = {name: (pair, pair) if isinstance(pair, str) else pair for name, pair in fragments.items()}
        text = " ".join(template.split())
        self.sqlite = text.format(**{name: pair[0] for name, pair in pairs.items()})
        theirs = text.format(**{name: pair[1] for name, pair in pairs.items()})
        self.postgresql = _PARAMETER.sub(r"%(\1)s", theirs.replace("%", "%%"))
        self.names = tuple(dict.fromkeys(_PARAMETER.findall(theirs)))
        self.numbered = _PARAMETER.sub(lambda found: f"${self.names.index(found[1]) + 1}", theirs)


def as_rows(rows: Sequence[Mapping[str, Any]]) -> str:
    """The JSON text of a set of rows, as a row source reads it."""
    return _encoder.encode(rows).decode()


class Reply:
    """What a statement answers; on PostgreSQL it may still be on its way until `rows` is called."""

    __slots__ = ("_cursor",)

    def __init__(self, cursor: Any) -> None:
        self._cursor = cursor

    def rows(self) -> list[Row]:
        return self._cursor.fetchall()  # type: ignore[no-any-return]  # both drivers answer a list of tuples


class Tx:
    """One open transaction. `statements` counts what was sent, for the promise that it does not grow with the data."""

    __slots__ = ("_raw", "engine", "statements")

    def __init__(self, raw: Any, engine: Engine) -> None:
        self._raw = raw
        self.engine: Engine = engine
        self.statements = 0

    def ask(self, statement: Sql | sa.ClauseElement, **values: Any) -> Reply:
        """Send a statement; in a pipeline it does not wait for the answer."""
        self.statements += 1
        if not isinstance(statement, Sql):
            compiled = statement.compile(dialect=_DIALECTS[self.engine], compile_kwargs={"render_postcompile": True})
            return Reply(self._raw.execute(str(compiled), {**compiled.params, **values}))
        if self.engine == "sqlite":
            return Reply(self._raw.execute(statement.sqlite, values))
        # With parameters of its own the driver would read a text of more than 4,096 characters anew each time.
        cursor: Any = psycopg.RawCursor(self._raw)
        return Reply(cursor.execute(statement.numbered, [values[name] for name in statement.names] or None))

    def put(self, text: str, values: Sequence[Any]) -> None:
        """Run a statement of SQLite with `?` for each of the values."""
        self.statements += 1
        self._raw.execute(text, values)

    def all(self, statement: Sql | sa.ClauseElement, **values: Any) -> list[Row]:
        """The rows that a statement answers."""
        return self.ask(statement, **values).rows()


def columns_of(table: sa.Table) -> tuple[str, ...]:
    """The columns of a tenant's table, without the account."""
    return tuple(column.name for column in table.columns if column.name != "cm_id")


def picked(alias: str, table: sa.Table) -> str:
    """A select list of all columns of a tenant's table, in the order of `columns_of`."""
    return _list(columns_of(table), f"{alias}.")


def _list(names: Iterable[str], prefix: str = "") -> str:
    """Columns by name, quoted: `transaction` is a word of SQL too."""
    return ", ".join(f'{prefix}"{name}"' for name in names)


def record(names: Sequence[str], row: Row) -> dict[str, Any]:
    """A row as a record: its set columns by name."""
    return {name: value for name, value in zip(names, row, strict=True) if value is not None}


# What happens to a row whose key is there already.
_REFUSE, _CHANGE, _IGNORE = 0, 1, 2


def _insert(table: sa.Table, used: frozenset[str], change: int) -> tuple[list[sa.Column[Any]], str, str]:
    """(the columns that are used, `INSERT` with their names, what follows the rows)."""
    columns = [column for column in table.columns if column.name in used]
    keys = [column.name for column in table.primary_key]
    changes = ", ".join(f'"{name}" = excluded."{name}"' for name in columns_of(table) if name not in keys)
    there = f" ON CONFLICT ({', '.join(keys)})"
    conflict = ("", f"{there} DO UPDATE SET {changes}", f"{there} DO NOTHING")[change]
    return columns, f"INSERT INTO {table.name} (cm_id, {_list(column.name for column in columns)})", conflict


@lru_cache(maxsize=512)
def _store(table: sa.Table, used: frozenset[str], change: int, apart: str) -> Sql:
    """The statement that stores rows out of a JSON parameter."""
    columns, insert, conflict = _insert(table, used, change)
    typed = {one.name: "text" if isinstance(one.type, sa.Text) else "bigint" for one in columns}
    rows = _source_apart("rows", apart, typed) if apart else source("rows", **typed)
    listed = _list(typed)
    return Sql(f"{insert} SELECT :cm_id, {listed} FROM {{rows}} {{where}}{conflict}", rows=rows, where=UPSERT_WHERE)


@lru_cache(maxsize=512)
def _store_bound(table: sa.Table, used: frozenset[str], change: int, slots: int) -> tuple[list[str], str]:
    """(the columns, SQLite's statement that stores up to `slots` rows bound one by one; empty ones are passed over)."""
    columns, insert, conflict = _insert(table, used, change)
    one = f"({', '.join('?' * len(columns))})"
    picked = ", ".join(f"column{n}" for n in range(1, len(columns) + 1))
    text = f"{insert} SELECT ?, {picked} FROM (VALUES {', '.join([one] * slots)}) WHERE column1 IS NOT NULL{conflict}"
    return [column.name for column in columns], text


# SQLite reads a row out of JSON four times as slowly as it takes bound values. Statements for 1, 2, 4, ... rows are
# kept prepared; more rows than this, or more values than a statement may have, come as JSON.
_BOUND_ROWS: Final = 512
_BOUND_VALUES: Final = 32_000


def store_rows(
    tx: Tx,
    cm_id: int,
    table: sa.Table,
    rows: Sequence[Mapping[str, Any]],
    *,
    change: bool = False,
    ignore: bool = False,
    apart: str = "",
) -> None:
    """Write whole rows of a tenant's table in one statement: new ones, or with `change` changed ones.

    Only columns that some row has set are sent; the others are NULL, also in a row that is changed. With `ignore` a row
    that is there already stays as it is. `apart` names a column that holds JSON text in every row: PostgreSQL gets it
    apart, so that it need not read it.
    """
    if not rows:
        return
    how = _CHANGE if change else _IGNORE if ignore else _REFUSE
    used = frozenset().union(*rows)
    slots = 1 << (len(rows) - 1).bit_length()
    if tx.engine == "postgresql" and apart:
        texts = _MARK.join([row[apart] for row in rows])
        rest = [{name: value for name, value in row.items() if name != apart} for row in rows]
        tx.ask(_store(table, used, how, apart), cm_id=cm_id, rows=as_rows(rest), apart=texts)
    elif tx.engine == "postgresql" or slots > _BOUND_ROWS or slots * len(used) > _BOUND_VALUES:
        tx.ask(_store(table, used, how, ""), cm_id=cm_id, rows=as_rows(rows))
    else:
        names, text = _store_bound(table, used, how, slots)
        values = [cm_id, *(row.get(name) for row in rows for name in names)]
        tx.put(text, values + [None] * (len(names) * (slots - len(rows))))


def store_records(
    tx: Tx, cm_id: int, table: sa.Table, kept: Mapping[Any, Mapping[str, Any]], before: Mapping[Any, Any]
) -> None:
    """Write the records of `before`'s keys: those that were changed, and the new ones, whose value there is None.

    In this order: a new record may have what a changed one gave up.
    """
    store_rows(tx, cm_id, table, [kept[key] for key, old in before.items() if old is not None], change=True)
    store_rows(tx, cm_id, table, [kept[key] for key, old in before.items() if old is None])
