"""Named lists: their numbers are given out when a name is first shown (docs/decisions/0009)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Any

from orderdock.accounts.actions.admin import now_ms
from orderdock.accounts.model import Employee, Scope, fold_word
from orderdock.accounts.sql import admin as admin_sql
from orderdock.accounts.sql import employees as employees_sql
from orderdock.accounts.sql import lists as sql
from orderdock.db import Database, Tx


def give_numbers(database: Database, scope: Scope, words: Sequence[tuple[str, str, str]]) -> None:
    """Give a number to each (list, compared form, name) that has none, in a transaction of its own."""
    with database.write() as tx:
        admin_sql.lock(tx, scope.cm_id).rows()
        sql.add(tx, scope.cm_id, words, now_ms())


def list_numbers(tx: Tx, scope: Scope, words: Collection[tuple[str, str]]) -> dict[tuple[str, str], int]:
    """(list, compared form) -> its number, of those that have one."""
    return sql.by_key(tx, scope.cm_id, words) if words else {}


def _names_meant(tx: Tx, scope: Scope, asked: Iterable[tuple[str, str]]) -> dict[tuple[str, str], list[str]]:
    """(list, word as a caller gave it) -> the compared forms that it means: the word itself, or that of its number."""
    pairs = set(asked)
    numbers = {int(word) for _, word in pairs if _is_number(word)}
    known = {(name, number): key for name, number, key in sql.by_number(tx, scope.cm_id, numbers)} if numbers else {}
    meant = {}
    for name, word in pairs:
        key = known.get((name, int(word))) if _is_number(word) else None
        meant[name, word] = [fold_word(word), *([key] if key is not None else [])]
    return meant


def _employees_meant(tx: Tx, scope: Scope, words: Collection[str]) -> dict[str, list[int]]:
    """Word -> the employees, active or not, whose number, code, e-mail or name it is; codes and names case-folded."""
    by_word: dict[str, list[int]] = {}
    for who in employees_sql.employees(tx, scope.cm_id) if words else ():
        for word in _words_of(who):
            by_word.setdefault(word, []).append(who.id)
    return {word: list(by_word.get(fold_word(word), ())) for word in words}


def _words_of(who: Employee) -> set[str]:
    return {str(who.id), *map(fold_word, (who.code, who.name, who.email or who.code))}


def words_meant(tx: Tx, scope: Scope, asked: Sequence[tuple[str, Collection[str]]]) -> list[list[Any]]:
    """What the words of each (named list, words) mean, each once: compared forms; of no list (""), employees' numbers.

    A statement for each of the two.
    """
    people = {word for name, words in asked if not name for word in words}
    names = {(name, word) for name, words in asked if name for word in words}
    numbers = _employees_meant(tx, scope, people) if people else {}
    keys = _names_meant(tx, scope, names) if names else {}

    def meant(name: str, word: str) -> Sequence[Any]:
        return keys[name, word] if name else numbers[word]

    return [list(dict.fromkeys(one for word in words for one in meant(name, word))) for name, words in asked]


def list_entries(database: Database, cm_id: int) -> list[dict[str, Any]]:
    """Every name of the named lists that has a number."""
    with database.read() as tx:
        return [{"list": name, "id": number, "name": said} for name, number, said in sql.entries(tx, cm_id)]


def _is_number(word: str) -> bool:
    return word.isascii() and word.isdigit() and int(word[:17]) > 0 and len(word) < 17
