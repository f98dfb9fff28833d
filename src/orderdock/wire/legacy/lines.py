"""The lines of a legacy order: `product_details` -> records of line columns (contract 2.2, 1.9.6)."""

from __future__ import annotations

from typing import Any, Final, TypeAlias

from orderdock.accounts.model import may_send
from orderdock.errors import Fault
from orderdock.fields import In
from orderdock.kinds import EXTRA, Locale, Note, Unreadable, is_empty
from orderdock.orders.model import OrderWrite, Record
from orderdock.wire.legacy.places import (
    DESCRIBED_LINE_NAMES,
    LINE_NAME_WORD,
    LINE_NAMES,
    LINES_WORD,
    field_of_line,
)

MAX_LINES: Final = 1_000

# Index of a line for the caller, and among those kept.
At: TypeAlias = tuple[int, int]


def read_lines(write: OrderWrite, given: list[Any], locale: Locale, grant: frozenset[str] | None) -> None:
    """Give a command its lines; a line of empty members only is none, and no lines at all are as if not given."""
    lines: list[Record] = []
    kept: list[int] = []
    notes: list[Note] = []
    for at, raw in enumerate(given):
        if not isinstance(raw, dict):
            if not is_empty(raw):
                path = f"{LINES_WORD}[{at}]"
                write.faults.append(Fault("InvalidType", "lines", "a line must be an object", raw, None, path))
            continue
        line = _read_line(write, raw, (at, len(lines)), locale, notes, grant)
        if line is None:
            continue
        if len(lines) == MAX_LINES:
            message = f"at most {MAX_LINES} lines"
            write.faults.append(Fault("TooManyLines", "lines", message, len(given), None, LINES_WORD))
            break
        lines.append(line)
        kept.append(at)
    if lines:
        write.lines = lines
        if len(lines) != len(given):
            write.said.kept = kept


def _read_line(
    write: OrderWrite, raw: Record, at: At, locale: Locale, notes: list[Note], grant: frozenset[str] | None
) -> Record | None:
    """The record of one line, None when every member is empty."""
    line: Record = {}
    extra: Record | None = None
    find, empty = (DESCRIBED_LINE_NAMES if _is_described(raw) else LINE_NAMES).get, True
    members = raw if grant is None else _granted_members(raw, grant, write.warnings, at)
    for name, member in members.items():
        if not member and (member is None or member == ""):
            continue
        target = find(name)
        if target is None:
            if not is_empty(member):
                extra = {} if extra is None else extra
                extra[name] = member
            continue
        try:
            value = target[0](member, locale, notes)
        except Unreadable as error:
            _tell(write.faults, error.code, error.message, raw, name, at)
            empty = False
            continue
        if notes:
            _warn(write.warnings, notes, raw, name, at)
        if value is not None:
            line[target[1]] = value
    if extra:
        _keep_extra(write, line, extra, at)
        return line
    return line or (None if empty else line)


def _granted_members(raw: Record, grant: frozenset[str], warnings: list[Fault], at: At) -> Record:
    """The members that the key may send; each other one that is given is told (contract 1.9.4)."""
    members = {}
    for name, member in raw.items():
        if may_send(grant, In.LEGACY_LINE, name, "line.additional"):
            members[name] = member
        elif not is_empty(member):
            _tell(warnings, "FieldIgnored", "not used in this operation by this key", raw, name, at)
    return members


def _is_described(raw: Record) -> bool:
    return LINES_WORD in raw and not is_empty(raw.get(LINE_NAME_WORD))


def _warn(told: list[Fault], notes: list[Note], raw: Record, name: str, at: At) -> None:
    for code, message in notes:
        _tell(told, code, message, raw, name, at)
    notes.clear()


def _tell(told: list[Fault], code: str, message: str, raw: Record, name: str, at: At) -> None:
    field = field_of_line(name, _is_described(raw))
    told.append(Fault(code, field, message, raw[name], at[1], f"{LINES_WORD}[{at[0]}].{name}"))


def _keep_extra(write: OrderWrite, line: Record, extra: Record, at: At) -> None:
    try:
        line["additional"] = EXTRA.merge(None, extra)
    except Unreadable as error:
        write.faults.append(Fault(error.code, "line.additional", error.message, "", at[1], f"{LINES_WORD}[{at[0]}]"))
