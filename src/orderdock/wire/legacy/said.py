"""What a caller said: remembered with a command, so that faults are told in the caller's own names and values."""

from __future__ import annotations

from typing import Any

import msgspec

from orderdock.errors import Fault
from orderdock.fields import In
from orderdock.kinds import is_empty
from orderdock.wire.legacy.places import LINES_WORD, words_of


class Said(msgspec.Struct, gc=False):
    """One item as it came, its index, and whether the request was an array.

    `kept` maps the command's lines to the caller's when empty ones were left out (None: they are the same).
    """

    item: Any
    index: int
    was_array: bool
    kept: list[int] | None = None


def locate(fault: Fault, said: Said, place: In) -> tuple[str, Any]:
    """(path in the caller's names, value received) of a fault; the item's index leads when the request was an array."""
    path, raw = _named(fault, said, place) if fault.path is None else (fault.path, fault.value)
    if said.was_array:
        path = f"[{said.index}].{path}" if path else f"[{said.index}]"
    return path, raw if fault.value in ("", None) else fault.value


def _named(fault: Fault, said: Said, place: In) -> tuple[str, Any]:
    item = said.item if isinstance(said.item, dict) else {}
    if not fault.field:
        return "", ""
    if fault.at is None:
        word = _word(fault.field, place, item)
        return word, item.get(word, "")
    at = said.kept[fault.at] if said.kept and fault.at < len(said.kept) else fault.at
    line = _line(item, at)
    word = _word(fault.field, In.LEGACY_LINE, line)
    path = f"{LINES_WORD}[{at}]"
    return (f"{path}.{word}", line.get(word, "")) if word else (path, "")


def _line(item: dict[str, Any], at: int) -> dict[str, Any]:
    lines = item.get(LINES_WORD)
    lines = lines if isinstance(lines, list) else [lines]
    line = lines[at] if at < len(lines) else None
    return line if isinstance(line, dict) else {}


def _word(field: str, place: In, given: dict[str, Any]) -> str:
    """The name that the caller used for a field, else its first documented one."""
    words = [name.word for name in words_of(field, place)]
    used = next((word for word in words if not is_empty(given.get(word))), None)
    if used or words:
        return used or words[0]
    for bag in (".additional.", ".associate."):  # a member that is no field of its own has the caller's name already
        if bag in field:
            return field.partition(bag)[2]
    return field.rpartition(".")[2]


Places = dict[int, dict[str, int]]


def position(path: str, item: Any, known: Places) -> tuple[float, float, float]:
    """Where in the body a path stands, for telling faults in body order; what is not in the body comes last.

    `known` keeps the places of an object's members between calls.
    """
    if not isinstance(item, dict):
        return (0, 0, 0)
    word, _, rest = path.partition("[")
    at, _, inner = rest.partition("].")
    if not (rest and word in item):
        return (_place_of(path, item, known), 0, 0)
    index = int(at.rstrip("]")) if at.rstrip("]").isdigit() else 0
    return (_place_of(word, item, known), index, _place_of(inner, _line(item, index), known))


def _place_of(word: str, given: dict[str, Any], known: Places) -> float:
    if id(given) not in known:
        known[id(given)] = {name: place for place, name in enumerate(given)}
    return known[id(given)].get(word, float("inf"))
