"""The legacy family's names of fields, compiled once from the registry: for reading fast, and for naming faults."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, NamedTuple

from orderdock.fields import FIELDS, Field, In, Name, read_at
from orderdock.kinds import Locale, Note

Read = Callable[[Any, Locale, list[Note]], Any]

# Where the value of a name goes; the ones that almost every item has come first.
ORDER, CUSTOMER, BOTH, FOLDED, LINES, ASSIGNEE, GROUP, ENQUIRY, EXTRA, ASSOCIATE, ACCOUNT, PAYMENT = range(12)


class Entry(NamedTuple):
    """What becomes of one name at a place.

    `order` and `customer` are the columns that its value feeds ("": none). `better` are names that win over this
    one when they are given too. `part` is the property of an employee.
    """

    sink: int
    read: Read
    order: str
    better: tuple[str, ...]
    customer: str
    fold: Callable[[str, Locale], str | None]
    part: str
    field: str


_SINKS: Final = {
    "order.account": ACCOUNT,
    "order.additional": EXTRA,
    "order.associate": ASSOCIATE,
    "order.assigned_to": ASSIGNEE,
    "order.group": GROUP,
    "enquiry.id": ENQUIRY,
    "lines": LINES,
}


def _is_copy(row: Field) -> bool:
    return row.name.startswith("order.contact_") or row.name == "order.enquiry"


def _better(place: In, row: Field, name: Name) -> tuple[str, ...]:
    """The names of the same fact that come before this one in the registry."""
    alike = [other.word for other in row.ins[place] if other.part == name.part]
    return tuple(alike[: alike.index(name.word)])


def _compile(place: In, rows: tuple[tuple[Field, Name], ...]) -> Entry:
    """A name that feeds a customer's field and the order's own copy of it is read once: their kinds are the same."""
    columns = {row.record: row.column for row, _ in rows}
    row, name = next((pair for pair in rows if not _is_copy(pair[0])), rows[0])
    order, customer = columns.get("order", ""), columns.get("customer", "")
    fold = getattr(row.kind, "fold", None)
    if row.name in _SINKS:
        sink = _SINKS[row.name]
    elif fold:
        sink = FOLDED
    else:
        sink = BOTH if order and customer else CUSTOMER if customer else ORDER
    read = _read_nothing if sink == ACCOUNT else row.kind.read  # the account was looked at before (contract 1.2)
    return Entry(sink, read, order, _better(place, row, name), customer, fold or _no_fold, name.part, row.name)


def _no_fold(text: str, locale: Locale) -> None:
    return None


def _read_nothing(raw: Any, locale: Locale, notes: list[Note]) -> None:
    return None


def _compile_payment(place: In, rows: tuple[tuple[Field, Name], ...]) -> Entry:
    row, name = rows[0]
    sink = {"customer": CUSTOMER, "order": ORDER}.get(row.record, PAYMENT)
    sink = _SINKS.get(row.name, sink)
    return Entry(sink, row.kind.read, row.column, _better(place, row, name), "", _no_fold, "", row.name)


ORDER_NAMES: Final = {word: _compile(In.LEGACY_ORDER, rows) for word, rows in read_at(In.LEGACY_ORDER).items()}
PAYMENT_NAMES: Final = {
    word: _compile_payment(In.LEGACY_PAYMENT, rows) for word, rows in read_at(In.LEGACY_PAYMENT).items()
}
LINE_NAMES: Final = {word: (rows[0][0].kind.read, rows[0][0].column) for word, rows in read_at(In.LEGACY_LINE).items()}

LINES_WORD: Final = next(word for word, entry in ORDER_NAMES.items() if entry.sink == LINES)
# Inside a line the container's own word is the product's name, or its description beside a name of the product.
LINE_NAME_WORD: Final = FIELDS["line.name"].ins[In.LEGACY_LINE][0].word
_DESCRIPTION: Final = FIELDS["line.description"]
DESCRIBED_LINE_NAMES: Final = {**LINE_NAMES, LINES_WORD: (_DESCRIPTION.kind.read, _DESCRIPTION.column)}


def words_of(field: str, place: In) -> tuple[Name, ...]:
    """The names of a domain field at a place, the documented one first."""
    return FIELDS[field].ins.get(place, ()) if field in FIELDS else ()


def field_of_line(word: str, described: bool) -> str:
    """The domain field that a name means inside a line."""
    if described and word == LINES_WORD:
        return "line.description"
    rows = read_at(In.LEGACY_LINE).get(word)
    return rows[0][0].name if rows else f"line.additional.{word}"
