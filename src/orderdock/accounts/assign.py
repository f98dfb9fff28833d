"""Who looks after a record: employees by code, e-mail or name, and the next one of a group (contract 1.8). Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

from orderdock.accounts.model import Scope, fold_word
from orderdock.errors import Fault
from orderdock.world import Record, World

PARTS: Final = ("code", "email", "name")


class Assignment(NamedTuple):
    """An employee (0: nobody) and how it came to that."""

    employee_id: int
    reason: str


NOBODY: Final = Assignment(0, "")


def default_of(scope: Scope) -> Assignment:
    """The employee who gets what the key makes when nobody is named; nobody when the key has none."""
    number = scope.settings["default_assignee"]
    return Assignment(number, "default of the key") if number else NOBODY


def word_key(part: str, text: str) -> tuple[str, str]:
    """How an employee's code, e-mail or name is compared: codes exactly, the others case-folded."""
    return part, text if part == "code" else fold_word(text)


def named(
    world: World,
    scope: Scope,
    given: Mapping[str, str],
    faults: list[Fault],
    warnings: list[Fault],
    field: str = "order.assigned_to",
) -> Assignment:
    """The employee whom the caller names; nobody, with EmployeeUnknown, when no identifier hits one active employee."""
    for part in PARTS:
        hits = world.employee_words.get(word_key(part, given[part]), ()) if part in given else ()
        if len(hits) == 1 or (hits and part != "name"):
            return Assignment(hits[0], f"by {part}")
    if given:
        text = next(given[part] for part in PARTS if part in given)
        if scope.account["unknown_employee"] == "error":
            faults.append(Fault("EmployeeUnknown", field, "no active employee", text))
        else:
            message = f"no active employee; {field.partition('.')[0]} left unassigned"
            warnings.append(Fault("EmployeeUnknown", field, message, text))
    return NOBODY


def next_in_turn(world: World, name: str, warnings: list[Fault], field: str = "order.group") -> Assignment:
    """The next active member of a group; the turn moves on. Unknown or empty group: nobody, warning GroupUnknown."""
    group = world.groups.get(name)
    members = group["members"] if group else []
    for step in range(len(members)):
        place = (group["turn"] + step) % len(members) if group else 0
        employee = world.employees.get(members[place])
        if group and employee and employee["active"]:
            world.put(world.groups, name, {**group, "turn": (place + 1) % len(members)})
            return Assignment(employee["id"], f"round robin {name}")
    warnings.append(Fault("GroupUnknown", field, "no such group, or nobody active in it"))
    return NOBODY


def looked_after(
    world: World,
    scope: Scope,
    asked: tuple[Mapping[str, str], str | None],
    stored: Record | None,
    faults: list[Fault],
    warnings: list[Fault],
    record: str = "order",
) -> Assignment:
    """Whom a write gives a record to: who is named, else whose turn it is in a group, else the key's default assignee.

    `asked` is what was given of an employee, and the group; `stored` the record as it is (None: new). Nobody: as it is.
    Adds EmployeeUnknown and GroupUnknown.
    """
    given, group = asked
    if given:
        chosen = named(world, scope, given, faults, warnings, f"{record}.assigned_to")
        if chosen.employee_id:
            return chosen
    if stored is not None and "assigned_to" in stored:
        return NOBODY
    if group is not None:
        return next_in_turn(world, group, warnings, f"{record}.group")
    return default_of(scope) if stored is None and not given else NOBODY


def people_named(world: World, words: list[str], warnings: list[Fault], field: str) -> list[int]:
    """The employees of a list of numbers, codes, e-mails or names; unknown ones are left out with EmployeeUnknown."""
    found = []
    for word in words:
        if word.isdecimal() and int(word) in world.employees:
            found.append(int(word))
            continue
        hits = next((hit for part in PARTS if (hit := world.employee_words.get(word_key(part, word)))), ())
        if len(hits) == 1:
            found.append(hits[0])
        else:
            warnings.append(Fault("EmployeeUnknown", field, "no such active employee", word))
    return list(dict.fromkeys(found))
