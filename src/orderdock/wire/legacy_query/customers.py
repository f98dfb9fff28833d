"""Get customer and pull customers by date: requests -> queries (contract 2.11, 2.12)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from orderdock.accounts.model import Scope, fold_word
from orderdock.fields import FIELDS, Out, shown_at
from orderdock.kinds import (
    BOOLEAN,
    COUNT,
    EMAIL,
    ID,
    NO_SUCH_ID,
    PHONE,
    REMARKS,
    Email,
    Kind,
    Locale,
    Note,
    Phone,
    entries,
    is_empty,
    local_ms,
)
from orderdock.orders.query import UnfitQuery
from orderdock.people.query import (
    CONSTANTS,
    FILTERS,
    CustomerQuery,
    Filter,
    GetCustomer,
    How,
    Identity,
    Term,
)
from orderdock.wire.legacy_query.reader import Reader, completed, only

START, END = "createStartDate", "createEndDate"
_HOUR: Final = 3_600_000
# What a page needs of its customers whatever is shown: where it ends, and whose contacts are first.
_NEEDED: Final = ("id", "created_at", "creator_id", "main_contact_id")
_SHOWN: Final = tuple(row.column for row in shown_at(Out.LEGACY_CUSTOMER).values())
_COLUMNS: Final = tuple(dict.fromkeys((*_NEEDED, *_SHOWN)))
# The callers' names of what a customer is asked for by, in the order in which they are looked at.
IDS: Final = ("kapture_customer_id", "customer_id")
IDENTITIES: Final = {
    "customer.code": ("customer_code",), "customer.phone": ("phone",), "customer.email": ("email_id", "email"),
}  # fmt: skip


def _first(reader: Reader, names: tuple[str, ...], kind: Kind) -> tuple[str, Any]:
    """(the first of some names under which something is given, what); what cannot be read is noted."""
    for word in names:
        known = len(reader.faults)
        value = reader.value(word, kind)
        if value is not None or len(reader.faults) > known:
            return word, value
    return names[0], None


def read_customer(items: list[Any], was_array: bool, scope: Scope) -> GetCustomer:
    """The one customer that is asked for (contract 2.11).

    Raises UnfitQuery with all faults, EmptyRequest, TooManyItems, AccountMismatch.
    """
    reader = only(items, was_array, scope)
    word, number = _first(reader, IDS, ID)
    if number is not None:
        by, told = [Identity("id", number)], [word]
    else:
        by, told = _identities(reader)
    if not by and not reader.faults:
        reader.missing(IDS[0])
    if reader.faults:
        raise UnfitQuery(reader.sorted_faults())
    said = tuple((reader.path(word), reader.raw(word)) for word in told)
    return GetCustomer(tuple(by), said, tuple(reader.warnings))


def _identities(reader: Reader) -> tuple[list[Identity], list[str]]:
    """By what somebody is asked for whose number is not given, and its names."""
    by: list[Identity] = []
    told: list[str] = []
    for name, names in IDENTITIES.items():
        kind = FIELDS[name].kind
        word, value = _first(reader, names, kind)
        if value is not None:
            if isinstance(kind, Phone | Email):
                value = kind.fold(value, reader.scope.locale) or ""
            by.append(Identity(name.rpartition(".")[2], value))
            told.append(word)
    return by, told


def read_customers(items: list[Any], was_array: bool, scope: Scope) -> CustomerQuery:
    """The query of a pull of customers (contract 2.12).

    Raises UnfitQuery with all faults, EmptyRequest, TooManyItems, AccountMismatch.
    """
    reader = only(items, was_array, scope)
    return completed(reader, _read_range(reader))


def _read_range(reader: Reader) -> CustomerQuery | None:
    """Everything but the cursor; None when the range itself cannot be read."""
    start, end = reader.range(START, END)
    last = end or start
    if start and last and not reader.has_fault(END):
        _check_length(reader, start[0], last[1])
    terms = _terms(reader)
    limit, offset = reader.limit("limit", "customers"), reader.value("offset", COUNT) or 0
    if start is None or last is None:
        return None
    return CustomerQuery(
        cm_id=reader.scope.cm_id,
        first=start[0],
        last=last[1],
        terms=terms,
        columns=_COLUMNS,
        members=tuple(CONSTANTS),
        limit=limit,
        offset=offset,
        with_total=bool(reader.scope.settings["extra_keys"]),
        warnings=tuple(reader.warnings),
    )


def _check_length(reader: Reader, first: int, last: int) -> None:
    """The longest range that the account allows, by the clock on the wall: a day is 24 hours."""
    most, zone = reader.scope.account["customer_pull_max_hours"], reader.scope.locale.zone
    if most is not None and local_ms(last + 1, zone) - local_ms(first, zone) > most * _HOUR:
        word = START if is_empty(reader.raw(END)) else END
        reader.fault("InvalidRange", word, f"at most {most} hours may be asked for at a time", reader.raw(word))


def _terms(reader: Reader) -> tuple[Term, ...]:
    found = []
    flagged = False
    for row in FILTERS:
        if row.how is How.FLAG:  # of these the first that is true counts, and the later ones are not looked at
            if not flagged and reader.value(row.names[0], BOOLEAN):
                flagged = True
                found.append(Term(row, True))
            continue
        value = next((one for word in row.names if (one := _read(reader, row, word)) is not None), None)
        if value is not None:
            found.append(Term(row, value))
    return tuple(found)


def _read(reader: Reader, row: Filter, word: str) -> Any:
    return None if is_empty(reader.raw(word)) else _READ[row.how](reader, row, word)


def _text(reader: Reader, row: Filter, word: str) -> str | None:
    text: str | None = reader.value(word, row.field.kind)
    return text


def _folded(reader: Reader, row: Filter, word: str) -> str | None:
    text = _text(reader, row, word)
    return None if text is None else fold_word(text)


def _phone(reader: Reader, row: Filter, word: str) -> tuple[str, str] | None:
    text = reader.value(word, REMARKS)
    return None if text is None else PHONE.sought(text, reader.scope.locale)


def _email(reader: Reader, row: Filter, word: str) -> str | None:
    text = reader.value(word, REMARKS)
    return None if text is None else EMAIL.fold(text, reader.scope.locale) or ""


def _ids(reader: Reader, row: Filter, word: str) -> list[int] | None:
    def read(raw: Any, locale: Locale, notes: list[Note]) -> list[int]:
        numbers = [ID.read(one, locale, notes) for one in entries(raw)]
        return list(dict.fromkeys(number for number in numbers if number is not None))

    numbers: list[int] | None = reader.read(word, read)
    if numbers and NO_SUCH_ID in numbers:
        reader.fault("InvalidId", word, "positive whole numbers are needed, separated by commas", reader.raw(word))
    return numbers or None


def _words(reader: Reader, row: Filter, word: str) -> list[str] | None:
    """Numbers or names; a 0 is no number."""

    def read(raw: Any, locale: Locale, notes: list[Note]) -> list[str]:
        found = [REMARKS.read(one, locale, notes) for one in entries(raw)]
        return list(dict.fromkeys(one for one in found if one is not None and one.strip("0")))

    return reader.read(word, read) or None


_READ: Final[dict[How, Callable[[Reader, Filter, str], Any]]] = {
    How.IDS: _ids, How.CODE: _text, How.SAME: _folded, How.CONTAINS: _folded, How.PHONE: _phone, How.EMAIL: _email,
    How.PEOPLE: _words, How.NAMED: _words,
}  # fmt: skip
