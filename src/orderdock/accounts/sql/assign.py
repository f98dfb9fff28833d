"""Employees and groups as a write needs them: by the words of callers, by number, and with the turn."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from orderdock.db import Reply, Sql, Tx, as_rows, source
from orderdock.kinds import from_json
from orderdock.world import Changed, World

_EMPLOYEE: Final = "w.id, w.code, w.name_key, w.email_key, w.active"
EMPLOYEES_BY_WORD: Final = Sql(
    " UNION ".join(
        f"SELECT {_EMPLOYEE} FROM {{names}} CROSS JOIN employee w"
        f" WHERE w.cm_id = :cm_id AND w.{column} = names.word AND names.part = '{part}'"
        for part, column in (("code", "code"), ("email", "email_key"), ("name", "name_key"))
    ),
    names=source("names", part="text", word="text"),
)
EMPLOYEES: Final = Sql(
    f"SELECT {_EMPLOYEE} FROM {{names}} CROSS JOIN employee w WHERE w.cm_id = :cm_id AND w.id = names.id",
    names=source("names", id="bigint"),
)
GROUPS: Final = Sql(
    "SELECT g.id, g.name, g.members, g.turn FROM {names} CROSS JOIN assignment_group g"
    " WHERE g.cm_id = :cm_id AND g.name = names.name",
    names=source("names", name="text"),
)
STORE_TURNS: Final = Sql(
    "UPDATE assignment_group SET turn = rows.turn FROM {rows}"
    " WHERE assignment_group.cm_id = :cm_id AND assignment_group.id = rows.id",
    rows=source("rows", id="bigint", turn="bigint"),
)


def ask_words(tx: Tx, cm_id: int, words: Iterable[tuple[str, str]]) -> Reply:
    """Employees by (code | email | name, compared form)."""
    return tx.ask(EMPLOYEES_BY_WORD, cm_id=cm_id, names=as_rows([{"part": part, "word": word} for part, word in words]))


def ask_employees(tx: Tx, cm_id: int, numbers: Iterable[int]) -> Reply:
    """Employees by number."""
    return tx.ask(EMPLOYEES, cm_id=cm_id, names=as_rows([{"id": number} for number in numbers]))


def take_employees(world: World, reply: Reply) -> None:
    """Note employees; only active ones are found by words."""
    for number, code, name, email, active in reply.rows():
        world.employees[number] = {"id": number, "active": active, "code": code}
        if not active:
            continue
        for part, word in (("code", code), ("email", email), ("name", name)):
            if word is not None:
                hits = world.employee_words.get((part, word), ())
                world.employee_words[part, word] = hits if number in hits else (*hits, number)


def ask_groups(tx: Tx, cm_id: int, names: Iterable[str]) -> Reply:
    """Assignment groups by name."""
    return tx.ask(GROUPS, cm_id=cm_id, names=as_rows([{"name": name} for name in names]))


def take_groups(world: World, reply: Reply) -> set[int]:
    """Note groups; answers their members."""
    members: set[int] = set()
    for number, name, listed, turn in reply.rows():
        world.groups[name] = {"id": number, "members": from_json(listed), "turn": turn}
        members.update(world.groups[name]["members"])
    return members


def store_turns(tx: Tx, cm_id: int, world: World, changed: Changed) -> None:
    """Write whose turn it is now."""
    rows = [
        {"id": world.groups[name]["id"], "turn": world.groups[name]["turn"]}
        for name in changed.get(id(world.groups), ())
    ]
    if rows:
        tx.ask(STORE_TURNS, cm_id=cm_id, rows=as_rows(rows))
