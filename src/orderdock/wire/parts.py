"""One object of a body -> what was given of its records, by the names of the registry (contract 1.6, 1.9, 2.8); and how
a record's columns are printed under their names.

Nobody's dialect: every place of the registry is read alike.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Final, NamedTuple

from orderdock.accounts.model import Scope, granted, may_send
from orderdock.errors import AccountMismatch, Fault
from orderdock.fields import FIELDS, Field, In, Name, read_at
from orderdock.kinds import (
    BOOLEAN,
    EXTRA,
    ID,
    MAX_EXTRA,
    MAX_EXTRA_TEXT,
    NO_SUCH_ID,
    Locale,
    Note,
    Unreadable,
    is_empty,
)

UPDATE, BOTH, REFUND_OF = "update", "matchEmailPhone", "refund_of"
# Words of a place that are no field of a record (contract 2.8).
CONTROLS: Final[dict[In, set[str]]] = {
    In.V1_CUSTOMER: {UPDATE}, In.V1_CONTACT: {UPDATE, BOTH}, In.V1_ENQUIRY: {UPDATE}, In.V1_ORDER: {UPDATE},
    In.V1_LINE: set(), In.V1_PAYMENT: {REFUND_OF},
}  # fmt: skip
# Where unknown members are kept; those of a payment are not.
BAGS: Final = {
    In.V1_CUSTOMER: "customer.additional", In.V1_CONTACT: "contact.additional", In.V1_ENQUIRY: "enquiry.additional",
    In.V1_ORDER: "order.additional", In.V1_LINE: "line.additional", In.LEGACY_CUSTOMER: "customer.additional",
    In.LEGACY_ENQUIRY: "enquiry.additional",
}  # fmt: skip
LINE_NAME_WORD: Final = FIELDS["line.name"].ins[In.V1_LINE][0].word
# What the system itself asks for may always be sent: an enquiry does well without a name.
_ALWAYS: Final = frozenset({"customer.name", "payment.amount"})
_NAMELESS: Final = "enquiry.push"
# The names of the account in an item of the legacy family.
ACCOUNT_WORDS: Final = tuple(name.word for name in FIELDS["order.account"].ins[In.LEGACY_ORDER])
_NOTHING: Final[tuple[list[Any], dict[str, Any]]] = ([], {})


@cache
def feeds(place: In, word: str) -> tuple[tuple[Field, Name], ...]:
    """The fields that a name feeds at a place: a customer's own before the order's copy of it; none if unknown."""
    rows = read_at(place).get(word, ())
    return tuple(sorted(rows, key=lambda pair: pair[0].name.startswith("order.contact_")))


@cache
def better(place: In, word: str) -> tuple[str, ...]:
    """The names of the same fact that win over this one when they are given too."""
    field, name = feeds(place, word)[0]
    alike = [other.word for other in field.ins[place] if other.part == name.part]
    return () if field.kind.label == "object" else tuple(alike[: alike.index(word)])


class Key(NamedTuple):
    """One key of an answer: where its value comes from, how it is printed, what it is when unset."""

    word: str
    column: str
    show: Callable[[Any, Locale], Any]
    unset: Any


def printed(keys: tuple[Key, ...], record: Mapping[str, Any], locale: Locale) -> dict[str, Any]:
    """A record's columns under the names of an answer."""
    return {
        word: unset if (value := record.get(column)) is None else show(value, locale)
        for word, column, show, unset in keys
    }


Tell = Callable[[str, str], None]


def read_value(
    raw: Any, read: Callable[[Any, Locale, list[Note]], Any], locale: Locale, fault: Tell, warn: Tell
) -> Any:
    """What `read` makes of a value; None when it is empty or cannot be read. `fault` and `warn` get (code, message)."""
    if is_empty(raw):
        return None
    notes: list[Note] = []
    try:
        value = read(raw, locale, notes)
    except Unreadable as error:
        fault(error.code, error.message)
        return None
    for code, message in notes:
        warn(code, message)
    return value


class Reading:
    """A body while it is read: by whose rules, for which operation, and what is wrong or odd in it."""

    def __init__(self, scope: Scope, operation: str) -> None:
        self.scope = scope
        allowed = granted(scope, operation)
        self.grant = allowed if allowed is None or operation == _NAMELESS else allowed | _ALWAYS
        self.faults: list[Fault] = []
        self.warnings: list[Fault] = []

    def fault(self, code: str, name: str, message: str, raw: Any, path: str, at: int | None = None) -> None:
        self.faults.append(Fault(code, name, message, raw, at, path))

    def warn(self, code: str, name: str, message: str, raw: Any, path: str, at: int | None = None) -> None:
        self.warnings.append(Fault(code, name, message, raw, at, path))

    def may_send(self, place: In, word: str, bag: str) -> bool:
        return self.grant is None or may_send(self.grant, place, word, bag)


@dataclass
class Part:
    """What was given of one group. `values` maps a record to its columns; `lines` are lines as they came."""

    place: In
    path: str
    raw: dict[str, Any]
    at: int | None = None
    values: dict[str, dict[str, Any]] = field(default_factory=dict)
    assignee: dict[str, str] = field(default_factory=dict)
    group: str | None = None
    extra: dict[str, Any] = field(default_factory=dict)
    associate: dict[str, Any] = field(default_factory=dict)
    lines: Any = None
    is_bad: bool = False

    def of(self, record: str) -> dict[str, Any]:
        """The columns that are given of a record."""
        return self.values.setdefault(record, {})

    def says_nothing(self) -> bool:
        """Whether nothing of its record was given, nor anything that could not be read."""
        return not (any(self.values.values()) or self.extra or self.is_bad)


def read_part(
    reading: Reading, raw: dict[str, Any], place: In, path: str, at: int | None = None, locale: Locale | None = None
) -> Part:
    """Read every member of a group; `at` is its index when there are several of its kind."""
    part, known = Part(place, path, raw, at), len(reading.faults)
    for word, value in raw.items():
        if is_empty(value) or word in CONTROLS.get(place, ()):
            continue
        where = f"{path}.{word}" if path else word
        rows = feeds(place, word)
        if not reading.may_send(place, word, BAGS.get(place, "")) or (not rows and place is In.V1_PAYMENT):
            if value not in _NOTHING:
                name = rows[0][0].name if rows else ""
                reading.warn("FieldIgnored", name, "not used in this operation by this key", value, where, at)
        elif not rows:
            _keep_unknown(reading, part, word, value, where)
        elif not any(not is_empty(raw.get(other)) for other in better(place, word)):
            _read_member(reading, part, rows, value, where, locale or reading.scope.locale)
    part.is_bad = len(reading.faults) > known
    return part


def _keep_unknown(reading: Reading, part: Part, word: str, value: Any, where: str) -> None:
    if len(part.extra) > MAX_EXTRA:  # they are refused for their number: no more of them have to be read
        return
    if isinstance(value, str) and len(value) > MAX_EXTRA_TEXT:
        message = f"at most {MAX_EXTRA_TEXT} characters"
        reading.fault("TooLong", f"{BAGS[part.place]}.{word}", message, value, where, part.at)
    else:
        part.extra[word] = value


def _read_member(
    reading: Reading, part: Part, rows: tuple[tuple[Field, Name], ...], value: Any, where: str, locale: Locale
) -> None:
    notes: list[Note] = []
    if part.place is In.V1_LINE and len(rows) > 1:  # the product's name, or its description beside a name
        is_named = not is_empty(part.raw.get(LINE_NAME_WORD))
        rows = tuple(pair for pair in rows if (pair[0].name == "line.description") is is_named)
    row, name = rows[0]
    try:
        read = row.kind.read(value, locale, notes)
    except Unreadable as error:
        reading.fault(error.code, row.name, error.message, value, where, part.at)
        return
    for code, message in notes:
        reading.warn(code, row.name, message, value, where, part.at)
    if read is not None:
        _put(part, rows, name, read, locale)


def _put(part: Part, rows: tuple[tuple[Field, Name], ...], name: Name, value: Any, locale: Locale) -> None:
    """Put a value where it belongs."""
    row = rows[0][0]
    if name.part:
        part.assignee[name.part] = value
    elif row.name == "lines":
        part.lines = value
    elif row.name == "enquiry.group":
        part.group = value
    elif row.kind is EXTRA:
        (part.associate if row.column == "associate" else part.extra).update(value)
    else:
        fold = getattr(row.kind, "fold", None)
        key = fold(value, locale) if fold else None
        for one, _ in rows:
            part.of(one.record)[one.column] = value
            if key is not None:
                part.of(one.record)[f"{one.column}_key"] = key


def flag(reading: Reading, part: Part, word: str) -> bool:
    """A true/false word of a group; adds InvalidBoolean."""
    raw = part.raw.get(word)
    if raw is None:
        return False
    try:
        return bool(BOOLEAN.read(raw, reading.scope.locale, []))
    except Unreadable as error:
        reading.fault("InvalidBoolean", "", error.message, raw, f"{part.path}.{word}", part.at)
        return False


def one_group(reading: Reading, body: dict[str, Any], word: str) -> dict[str, Any] | None:
    """A group that is an object, or an array of one object; None when it is absent (contract 1.5)."""
    raw = body.get(word)
    if isinstance(raw, list) and len(raw) < 2:
        raw = raw[0] if raw else None
    if raw is None or is_empty(raw):
        return None
    if not isinstance(raw, dict):
        reading.fault("InvalidType", word, "an object is needed here", raw, word)
        return None
    return raw


def many_of(reading: Reading, raw: Any, path: str, most: int) -> list[tuple[int, dict[str, Any]]]:
    """The objects of a list, or one bare object, with their indexes; adds InvalidType and TooManyLines."""
    if isinstance(raw, dict):
        raw = [raw]
    if raw is None or is_empty(raw):
        return []
    if not isinstance(raw, list):
        reading.fault("InvalidType", "", "a list of objects is needed here", raw, path)
        return []
    if len(raw) > most:
        reading.fault("TooManyLines", "", f"at most {most} entries", len(raw), path)
        return []
    found = []
    for at, one in enumerate(raw):
        if isinstance(one, dict):
            found.append((at, one))
        elif not is_empty(one):
            reading.fault("InvalidType", "", "an object is needed here", one, f"{path}[{at}]")
    return found


def account_fault(item: dict[str, Any], scope: Scope, at: str) -> Fault | None:
    """The fault of a legacy item's account that is not a number; `at` leads the path of a refusal.

    Raises AccountMismatch when it is another's (contract 1.2).
    """
    for word in ACCOUNT_WORDS:
        raw = item.get(word)
        if raw is None or raw == "":
            continue
        try:
            number = ID.read(raw, scope.locale, [])
        except Unreadable:
            number = NO_SUCH_ID
        if number == NO_SUCH_ID:
            return Fault("InvalidId", "order.account", "a positive whole number is needed", raw, None, word)
        if number is not None and number != scope.cm_id:
            raise AccountMismatch(path=f"{at}{word}", value=raw)
    return None
