"""Named lists: names of zones, blocks, units ... and the numbers given to them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Final

from orderdock.db import Row, Sql, Tx, as_rows, source

# One number space an account. The account is locked, so the newest number is known.
_ADD: Final = Sql(
    """INSERT INTO named_list (cm_id, id, list, name_key, name, created_at)
       SELECT :cm_id,
           (SELECT COALESCE(MAX(n.id), 0) FROM named_list n WHERE n.cm_id = :cm_id)
               + row_number() OVER (ORDER BY words.list, words.name_key),
           words.list, words.name_key, words.name, :at
       FROM {words} WHERE NOT EXISTS (SELECT 1 FROM named_list k
           WHERE k.cm_id = :cm_id AND k.list = words.list AND k.name_key = words.name_key)""",
    words=source("words", list="text", name_key="text", name="text"),
)
_BY_KEY: Final = Sql(
    """SELECT n.list, n.name_key, n.id FROM {words} CROSS JOIN named_list n
       WHERE n.cm_id = :cm_id AND n.list = words.list AND n.name_key = words.name_key""",
    words=source("words", list="text", name_key="text"),
)
_BY_NUMBER: Final = Sql(
    "SELECT n.list, n.id, n.name_key FROM {names} CROSS JOIN named_list n WHERE n.cm_id = :cm_id AND n.id = names.id",
    names=source("names", id="bigint"),
)
_ALL: Final = Sql("SELECT n.list, n.id, n.name FROM named_list n WHERE n.cm_id = :cm_id ORDER BY n.list, n.id")


def number_of(name: str, key: str) -> str:
    """A fragment: the number in a named list of the name that an expression compares; NULL when it has none."""
    return f"(SELECT n.id FROM named_list n WHERE n.cm_id = :cm_id AND n.list = '{name}' AND n.name_key = {key})"


def add(tx: Tx, cm_id: int, words: Sequence[tuple[str, str, str]], at: int) -> None:
    """Give numbers to (list, compared form, name) that have none; the account is locked."""
    rows = {(name, key): {"list": name, "name_key": key, "name": said} for name, key, said in words}
    tx.ask(_ADD, cm_id=cm_id, words=as_rows(list(rows.values())), at=at)


def by_key(tx: Tx, cm_id: int, words: Collection[tuple[str, str]]) -> dict[tuple[str, str], int]:
    """(list, compared form) -> its number, of those that have one."""
    rows = as_rows([{"list": name, "name_key": key} for name, key in sorted(words)])
    return {(name, key): number for name, key, number in tx.all(_BY_KEY, cm_id=cm_id, words=rows)}


def by_number(tx: Tx, cm_id: int, numbers: Collection[int]) -> list[Row]:
    """(list, number, compared form) of the numbers that were given out."""
    return tx.all(_BY_NUMBER, cm_id=cm_id, names=as_rows([{"id": number} for number in sorted(numbers)]))


def entries(tx: Tx, cm_id: int) -> list[Row]:
    """(list, number, name) of all that have numbers."""
    return tx.all(_ALL, cm_id=cm_id)
