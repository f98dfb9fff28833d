"""A search of orders: body and query parameters -> SearchQuery (contract 2.9, 2.16). All faults are told at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final, NamedTuple

from orderdock.accounts.model import Scope, fold_word
from orderdock.errors import AccountMismatch, Fault, OrderNotFound
from orderdock.kinds import (
    BOOLEAN,
    COUNT,
    EMAIL,
    ID,
    MOMENT,
    NO_SUCH_ID,
    PHONE,
    REMARKS,
    Kind,
    Note,
    Unreadable,
    as_text,
    is_empty,
)
from orderdock.orders.query import DEFAULT_LIMIT, MAX_LIMIT, OneQuery, UnfitQuery, Wanted
from orderdock.orders.query.filters import FILTERS, Filter, How, Term
from orderdock.orders.query.search import DEFAULT_SORT, SORTS, SearchQuery
from orderdock.orders.query.shape import Shape
from orderdock.wire.parts import read_value
from orderdock.wire.v1.shape import NAMES, element, one

_ACCOUNTS: Final = ("cmId", "cm_id")
_WAYS: Final = {"asc": False, "desc": True}
_FIRST_MS, _LAST_MS = 0, 1


class Asked(NamedTuple):
    """A search as it was read, before its saved view was looked up. `filters` are those of the request alone."""

    query: SearchQuery
    view: int | None
    view_said: Any
    view_path: str
    cursor: Any
    cursor_path: str
    demand_filter: bool
    faults: tuple[Fault, ...]


class _Reader:
    """Body and parameters while they are read: where both give a field, the body counts."""

    def __init__(self, body: Mapping[str, Any], parameters: Mapping[str, str], scope: Scope) -> None:
        self.body = body
        self.parameters = parameters
        self.scope = scope
        self.faults: list[Fault] = []
        self.warnings: list[Fault] = []

    def raw(self, word: str) -> Any:
        given = self.body.get(word)
        return self.parameters.get(word) if is_empty(given) else given

    def path(self, word: str) -> str:
        return word if not is_empty(self.body.get(word)) or word not in self.parameters else f"query:{word}"

    def fault(self, code: str, word: str, message: str, value: Any = None) -> None:
        said = self.raw(word) if value is None else value
        self.faults.append(Fault(code, "", message, said, None, self.path(word)))

    def warn(self, code: str, word: str, message: str, value: Any = None) -> None:
        said = self.raw(word) if value is None else value
        self.warnings.append(Fault(code, "", message, said, None, self.path(word)))

    def read(self, word: str, read: Any) -> Any:
        """What `read` makes of a given value; None when it is empty or cannot be read, which is noted."""

        def fault(code: str, message: str) -> None:
            self.fault(code, word, message)

        def warn(code: str, message: str) -> None:
            self.warn(code, word, message)

        return read_value(self.raw(word), read, self.scope.locale, fault, warn)

    def entries(self, word: str, kind: Kind) -> list[Any]:
        """The entries of a list, as text with commas or as an array; empty ones are passed over."""

        def read(raw: Any, locale: Any, notes: list[Note]) -> list[Any]:
            given = raw if isinstance(raw, list) else as_text(raw).split(",")
            parts = [as_text(one) for one in given if not is_empty(one)]
            values = [kind.read(part, locale, notes) for part in parts]
            return list(dict.fromkeys(value for value in values if value is not None))

        return self.read(word, read) or []

    def account(self, *, needed: bool) -> None:
        """The account in the request (contract 1.2). Raises AccountMismatch."""
        given = False
        for word in _ACCOUNTS:
            for said, path in ((self.body.get(word), word), (self.parameters.get(word), f"query:{word}")):
                if is_empty(said):
                    continue
                given = True
                number = _account_number(said)
                if number is None:
                    self.faults.append(Fault("InvalidId", "", "a positive whole number is needed", said, None, path))
                elif number != self.scope.cm_id:
                    raise AccountMismatch(path=path, value=said)
        if needed and not given:
            self.fault("InvalidId", "cmId", "cmId is needed: the number of the account", "")


def _account_number(said: Any) -> int | None:
    try:
        number = ID.read(said, _NO_LOCALE, [])
    except Unreadable:
        return None
    return None if number is None or number == NO_SUCH_ID else number


_NO_LOCALE: Final[Any] = None


def read_pull(body: Mapping[str, Any], parameters: Mapping[str, str], scope: Scope) -> Asked:
    """The documented pull (contract 2.9): the account must be named, and something must be asked for.

    Raises AccountMismatch; what else is wrong is told by `completed`.
    """
    return _read(_Reader(body, parameters, scope), documented=True)


def read_search(parameters: Mapping[str, str], scope: Scope) -> Asked:
    """`GET /api/v1/orders` (contract 2.16): neither account nor filter is needed. Raises AccountMismatch."""
    return _read(_Reader({}, parameters, scope), documented=False)


_ERP: Final = "erp:"


def one_shape(scope: Scope) -> Shape:
    """The shape of one order with all that belongs to it (contract 2.15)."""
    return one(scope.account["currency"])


def read_one(rest: str, parameters: Mapping[str, str], scope: Scope) -> OneQuery:
    """One order by the last part of the path (contract 2.15). Raises OrderNotFound, UnfitQuery."""
    wanted = _wanted(rest)
    reader = _Reader({}, parameters, scope)
    history = bool(reader.read("includeHistory", BOOLEAN.read))
    if reader.faults:
        raise UnfitQuery(reader.faults)
    return OneQuery(wanted, one_shape(scope), history)


def _wanted(rest: str) -> Wanted:
    if rest.startswith(_ERP):
        return Wanted(None, rest.removeprefix(_ERP).replace("\0", "").strip())
    if rest.isascii() and rest.isdigit() and len(rest) < 17:
        return Wanted(int(rest))
    raise OrderNotFound("no such order", value=rest)


def read_filters(given: Mapping[str, Any], scope: Scope) -> tuple[Term, ...]:
    """The filters of a saved view, or of one to be. Raises UnfitQuery when one cannot be read or is not known."""
    reader = _Reader(given, {}, scope)
    terms = _terms(reader)
    names = {name for row in FILTERS for name in row.names}
    for word in given:
        if word not in names:
            reader.fault("InvalidParameter", word, "no such filter", "")
    if reader.faults:
        raise UnfitQuery(reader.faults)
    return terms


def _read(reader: _Reader, *, documented: bool) -> Asked:
    reader.account(needed=documented)
    terms = _terms(reader)
    sort, descending = _sort(reader)
    limit = reader.read("limit", COUNT.read) or DEFAULT_LIMIT
    if limit > MAX_LIMIT:
        reader.warn("LimitReduced", "limit", f"at most {MAX_LIMIT} orders a page")
    offset = reader.read("offset", COUNT.read) or 0
    flags = {word: bool(reader.read(word, BOOLEAN.read)) for word in _FLAGS}
    view = reader.read("viewId", ID.read)
    shape = element(_fields(reader), flags["includeLines"], flags["includePayments"])
    query = SearchQuery(
        cm_id=reader.scope.cm_id,
        terms=terms,
        shape=shape,
        sort=sort,
        descending=descending,
        limit=min(limit, MAX_LIMIT),
        offset=offset,
        with_total=flags["includeTotal"],
        history=flags["includeHistory"],
        warnings=tuple(reader.warnings),
    )
    views = (view, reader.raw("viewId"), reader.path("viewId"))
    cursor = reader.raw("cursor")
    return Asked(query, *views, cursor, reader.path("cursor"), documented, tuple(_sorted(reader)))


_FLAGS: Final = ("includeLines", "includePayments", "includeHistory", "includeTotal")


def _sorted(reader: _Reader) -> list[Fault]:
    """Faults of the account first, then in the order of the body, then of the parameters."""
    places = {word: place for place, word in enumerate([*reader.body, *(f"query:{w}" for w in reader.parameters)])}
    first = {"cmId", "cm_id", "query:cmId", "query:cm_id"}
    return sorted(reader.faults, key=lambda fault: (fault.path not in first, places.get(fault.path or "", len(places))))


def completed(asked: Asked, view: Mapping[str, Any] | None, scope: Scope) -> SearchQuery:
    """The query, the filters of its saved view added (None: there is no such view). Raises UnfitQuery."""
    query, faults = asked.query, list(asked.faults)
    warnings = list(query.warnings)
    known = view is not None
    terms = (*query.terms, *(read_filters(view, scope) if view is not None else ()))
    if asked.view is not None and not known:
        warnings.append(Fault("ViewUnknown", "", "no such saved view", asked.view_said, None, asked.view_path))
    if asked.demand_filter and not terms and not known and not _tried(faults):
        faults.append(Fault("FilterRequired", "", "give at least one filter besides cmId", "", None, ""))
    query = _with(query, terms, warnings)
    if not faults and not is_empty(asked.cursor):
        resumed = query.resumed(asked.cursor.strip()) if isinstance(asked.cursor, str) else None
        if resumed is None:
            message = "damaged, or of another search: ask for the first page again"
            faults.append(Fault("InvalidCursor", "", message, asked.cursor, None, asked.cursor_path))
        else:
            query = resumed
    if faults:
        raise UnfitQuery(faults)
    return query


_FILTER_NAMES: Final = frozenset(name for row in FILTERS for name in row.names)


def _tried(faults: Sequence[Fault]) -> bool:
    """Whether a filter was given that cannot be read."""
    return any((fault.path or "").removeprefix("query:") in _FILTER_NAMES for fault in faults)


def _with(query: SearchQuery, terms: tuple[Term, ...], warnings: Sequence[Fault]) -> SearchQuery:
    return replace(query, terms=terms, warnings=tuple(warnings))


def _sort(reader: _Reader) -> tuple[str, bool]:
    """(the name to sort by, whether descending): `name`, `+name`, `-name`, `name asc`, `name desc`."""
    raw = reader.raw("sortParam")
    if is_empty(raw):
        return DEFAULT_SORT, True
    text = raw.strip() if isinstance(raw, str) else ""
    sign = text[:1] if text[:1] in ("-", "+") else ""
    name, _, way = text.removeprefix(sign).strip().partition(" ")
    way = way.strip().lower()
    if name not in SORTS or (way and (sign or way not in _WAYS)):
        reader.fault("InvalidSort", "sortParam", "one of " + ", ".join(SORTS) + ", with - before it for descending")
        return DEFAULT_SORT, True
    return name, sign == "-" or _WAYS.get(way, False)


def _fields(reader: _Reader) -> frozenset[str] | None:
    """The names that are asked for; None: all."""
    words = reader.entries("fields", REMARKS)
    for word in words:
        if word not in NAMES:
            reader.warn("FieldIgnored", "fields", "orders have no field of this name", word)
    return frozenset(words) & NAMES if words else None


def _terms(reader: _Reader) -> tuple[Term, ...]:
    found = []
    given = {*reader.body, *reader.parameters}
    for row in FILTERS:
        if given.isdisjoint(row.names):
            continue
        if row.how is How.SPAN:
            found += _span(reader, row)
            continue
        for word in row.names:
            if not is_empty(reader.raw(word)):
                value = _READ[row.how](reader, row, word)
                found += [] if value is None else [Term(row, value)]
    return tuple(found)


def _span(reader: _Reader, row: Filter) -> list[Term]:
    start, end = (reader.read(word, MOMENT.span) for word in row.names)
    if start is None and end is None:
        return []
    if start and end and end[_LAST_MS] < start[_FIRST_MS]:
        reader.fault("InvalidRange", row.names[1], f"{row.names[1]} is before {row.names[0]}")
    return [Term(row, (start[_FIRST_MS] if start else None, end[_LAST_MS] if end else None))]


def _ids(reader: _Reader, row: Filter, word: str) -> list[int] | None:
    numbers: list[int] = reader.entries(word, ID)
    if NO_SUCH_ID in numbers:
        reader.fault("InvalidId", word, "positive whole numbers are needed, separated by commas")
        return None
    return numbers or None


def _words(reader: _Reader, row: Filter, word: str) -> list[str] | None:
    return reader.entries(word, _text_kind(row)) or None


def _text_kind(row: Filter) -> Kind:
    """Texts are read as the field's own, employees and designations as short texts."""
    return row.field.kind if type(row.field.kind) is type(REMARKS) else REMARKS


def _folded_list(reader: _Reader, row: Filter, word: str) -> list[str] | None:
    return list(dict.fromkeys(map(fold_word, _words(reader, row, word) or ()))) or None


def _folded(reader: _Reader, row: Filter, word: str) -> list[str] | None:
    text = reader.read(word, _text_kind(row).read)
    return None if text is None else [fold_word(text)]


def _contains(reader: _Reader, row: Filter, word: str) -> str | None:
    text = reader.read(word, _text_kind(row).read)
    return None if text is None else fold_word(text)


def _phone(reader: _Reader, row: Filter, word: str) -> tuple[str, str] | None:
    """How it is compared and with what; what is no phone fits nothing."""
    text = reader.read(word, REMARKS.read)
    return None if text is None else PHONE.sought(text, reader.scope.locale)


def _email(reader: _Reader, row: Filter, word: str) -> str | None:
    text = reader.read(word, REMARKS.read)
    return None if text is None else EMAIL.fold(text, reader.scope.locale) or ""


_READ: Final = {
    How.IDS: _ids, How.WORDS: _words, How.SAME: _folded, How.SAME_LIST: _folded_list, How.CONTAINS: _contains,
    How.PHONE: _phone, How.EMAIL: _email, How.PEOPLE: _words, How.NOT_PEOPLE: _words, How.ANY_PEOPLE: _words,
    How.NAMED: _words, How.ANY_NAMED: _words,
}  # fmt: skip
