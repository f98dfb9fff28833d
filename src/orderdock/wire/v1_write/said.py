"""What a v1 caller said: faults are told in the caller's own names, in the order of the body (contract 1.10)."""

from __future__ import annotations

import re
from typing import Any, Final

import msgspec

from orderdock.errors import Fault
from orderdock.kinds import is_empty
from orderdock.wire.v1_write.places import LINE, LINES_WORD, group_of, words_of

_STEP: Final = re.compile(r"\[(\d+)\]|([^.\[\]]+)")
# Faults whose value is what the service knows, not what the caller sent, even when it is empty.
_OURS: Final = frozenset({"RevisionMismatch"})


class Said(msgspec.Struct):
    """One body as it came. `lines` maps the command's lines to the caller's; `lines_path` says where they stand."""

    body: dict[str, Any]
    lines: list[int] = []
    lines_path: str = LINES_WORD


def locate(fault: Fault, said: Said) -> tuple[str, Any]:
    """(path in the caller's names, value received) of a fault."""
    if fault.path is not None:
        return fault.path, fault.value
    path, raw = _named(fault, said)
    if fault.code in _OURS or fault.value not in ("", None):
        raw = fault.value
    return path, raw


def _named(fault: Fault, said: Said) -> tuple[str, Any]:
    if not fault.field:
        return "", ""
    if fault.field == "lines":
        return said.lines_path, _at(said.body, said.lines_path)
    place, words = words_of(fault.field)
    path = group_of(place)
    if place is LINE:
        at = said.lines[fault.at] if fault.at is not None and fault.at < len(said.lines) else fault.at or 0
        path = f"{said.lines_path}[{at}]"
    elif fault.at is not None:
        path = f"{path}[{fault.at}]"
    given = _at(said.body, path)
    given = given[0] if isinstance(given, list) and len(given) == 1 else given
    given = given if isinstance(given, dict) else {}
    used = next((word for word in words if not is_empty(given.get(word))), words[0] if words else "")
    return (f"{path}.{used}", given.get(used, "")) if used else (path, "")


def _steps(path: str) -> list[str | int]:
    return [int(index) if index else word for index, word in _STEP.findall(path)]


def _at(value: Any, path: str) -> Any:
    """What stands at a path; nothing when there is no such."""
    for step in _steps(path):
        if isinstance(step, int):
            value = value if isinstance(value, list) else [value]
            value = value[step] if step < len(value) else None
        else:
            value = value.get(step) if isinstance(value, dict) else None
    return "" if value is None else value


Places = dict[int, dict[str, int]]


def position(path: str, body: Any, known: Places) -> list[float]:
    """Where in the body a path stands, for telling faults in body order; what is not in the body comes last.

    `known` keeps the places of an object's members between calls.
    """
    places: list[float] = []
    for step in _steps(path):
        if isinstance(step, int):
            places.append(step)
            body = body[step] if isinstance(body, list) and step < len(body) else body
        else:
            members = body if isinstance(body, dict) else {}
            if id(members) not in known:
                known[id(members)] = {name: place for place, name in enumerate(members)}
            places.append(known[id(members)].get(step, float("inf")))
            body = body.get(step) if isinstance(body, dict) else None
    return places or [float("inf")]
