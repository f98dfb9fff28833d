"""Legacy pull and get: requests -> queries (contract 2.6, 2.7). All faults are told at once, in the caller's words."""

from __future__ import annotations

from typing import Any, Final

from orderdock.accounts.model import Scope
from orderdock.errors import AccountMismatch, EmptyRequest, Fault, TooManyItems
from orderdock.fields import FIELDS, In, Out, shown_at
from orderdock.kinds import BOOLEAN, CODE, COUNT, ID, MOMENT, NO_SUCH_ID, Kind, Note, Unreadable, as_text, is_empty
from orderdock.orders.query import DEFAULT_LIMIT, MAX_LIMIT, GetRequest, OrderQuery, UnfitQuery, Wanted

PULL: Final = "order.pull"
_ACCOUNTS: Final = tuple(name.word for name in FIELDS["order.account"].ins[In.LEGACY_ORDER])
# What a page needs of its orders whatever is shown: where it ends, and whose they are.
_NEEDED: Final = ("id", "customer_id", "create_date", "modified_at", "erp_order_id")


def _columns(*places: Out) -> tuple[str, ...]:
    shown = [row.column for place in places for row in shown_at(place).values() if row.column]
    return tuple(dict.fromkeys((*_NEEDED, *shown)))


_COLUMNS: Final = _columns(Out.LEGACY_ORDER)
_COLUMNS_WITH_DETAILS: Final = _columns(Out.LEGACY_ORDER, Out.LEGACY_DETAILS)


class _Reader:
    """One item while it is read: every fault is kept, with its complete path."""

    def __init__(self, item: Any, at: str, scope: Scope) -> None:
        self.scope = scope
        self.at = at
        self.faults: list[Fault] = []
        self.warnings: list[Fault] = []
        self.item: dict[str, Any] = item if isinstance(item, dict) else {}
        if not isinstance(item, dict):
            self.fault("ItemNotObject", "", "an object is needed", item)
        self._check_account()

    def path(self, word: str) -> str:
        return f"{self.at}.{word}" if self.at and word else self.at or word

    def raw(self, word: str) -> Any:
        return self.item.get(word)

    def fault(self, code: str, word: str, message: str, value: Any = "") -> None:
        self.faults.append(Fault(code, "", message, value, None, self.path(word)))

    def warn(self, code: str, word: str, message: str) -> None:
        self.warnings.append(Fault(code, "", message, self.raw(word), None, self.path(word)))

    def missing(self, word: str) -> None:
        self.fault("ReqFieldMissing", word, f"{word} is needed")

    def value(self, word: str, kind: Kind) -> Any:
        """The value of a member; None when it is empty or cannot be read, which is noted."""
        return self._read(word, kind.read)

    def span(self, word: str) -> tuple[int, int] | None:
        """(first, last) millisecond of the date that a member names."""
        span: tuple[int, int] | None = self._read(word, MOMENT.span)
        return span

    def _read(self, word: str, read: Any) -> Any:
        raw = self.raw(word)
        notes: list[Note] = []
        if is_empty(raw):
            return None
        try:
            value = read(raw, self.scope.locale, notes)
        except Unreadable as error:
            self.fault(error.code, word, error.message, raw)
            return None
        for code, message in notes:
            self.warn(code, word, message)
        return value

    def has_fault(self, word: str) -> bool:
        return any(fault.path == self.path(word) for fault in self.faults)

    def _check_account(self) -> None:
        """The account in the item must be the credential's (contract 1.2). Raises AccountMismatch."""
        for word in _ACCOUNTS:
            number = self._read(word, ID.read)
            if number == NO_SUCH_ID:
                self.fault("InvalidId", word, "a positive whole number is needed", self.raw(word))
            elif number is not None and number != self.scope.cm_id:
                raise AccountMismatch(path=self.path(word), value=self.raw(word))

    def sorted_faults(self) -> list[Fault]:
        """What is missing first, the rest in body order (contract 1.10.1)."""
        places = {self.path(word): place for place, word in enumerate(self.item)}
        return sorted(
            self.faults, key=lambda fault: (fault.code != "ReqFieldMissing", places.get(fault.path or "", len(places)))
        )


def read_pull(items: list[Any], was_array: bool, scope: Scope) -> OrderQuery:
    """The query of a legacy pull (contract 2.6).

    Raises UnfitQuery with all faults, EmptyRequest, TooManyItems, AccountMismatch.
    """
    if not items:
        raise EmptyRequest
    if len(items) > 1:
        raise TooManyItems("one item at a time", value=len(items))
    reader = _Reader(items[0], "[0]" if was_array else "", scope)
    if reader.item is not items[0]:
        raise UnfitQuery(reader.faults)
    query = _read_range(reader)
    cursor = reader.raw("cursor")
    if query is not None and not reader.faults and not is_empty(cursor):
        resumed = query.resumed(cursor.strip()) if isinstance(cursor, str) else None
        if resumed is None:
            reader.fault(
                "InvalidCursor", "cursor", "damaged, or of another request: ask for the first page again", cursor
            )
        query = resumed
    if reader.faults or query is None:
        raise UnfitQuery(reader.sorted_faults())
    return query


def _read_range(reader: _Reader) -> OrderQuery | None:
    """Everything but the cursor; None when the range itself cannot be read."""
    extras = bool(reader.scope.settings["extra_keys"])
    start, end = _read_dates(reader)
    enquiry_ids = _read_ids(reader, "enquiry_id")
    _check_mandatory(reader, end is None, enquiry_ids is None)
    modified = bool(reader.value("sortOnModificationDate", BOOLEAN))
    limit = reader.value("numberOfRecords", COUNT) or DEFAULT_LIMIT
    if limit > MAX_LIMIT:
        reader.warn("LimitReduced", "numberOfRecords", f"at most {MAX_LIMIT} orders a page")
    offset = reader.value("startPosition", COUNT) or 0
    history, details = _read_extras(reader, extras)
    if start is None:
        return None
    return OrderQuery(
        cm_id=reader.scope.cm_id,
        by="modified_at" if modified else "create_date",
        first=start[0],
        last=(end or start)[1],
        columns=_COLUMNS_WITH_DETAILS if details else _COLUMNS,
        enquiry_ids=enquiry_ids,
        limit=min(limit, MAX_LIMIT),
        offset=offset,
        with_total=extras,
        history=history,
        details=details,
        warnings=tuple(reader.warnings),
    )


def _read_dates(reader: _Reader) -> tuple[tuple[int, int] | None, tuple[int, int] | None]:
    start, end = reader.span("start_date"), reader.span("end_date")
    if start is None and not reader.has_fault("start_date"):
        reader.missing("start_date")
    if start and end and end[1] < start[0]:
        reader.fault("InvalidRange", "end_date", "end_date is before start_date", reader.raw("end_date"))
    return start, end


def _check_mandatory(reader: _Reader, no_end: bool, no_enquiry: bool) -> None:
    """What an administrator asks for in every pull of this key."""
    wanted = reader.scope.mandatory.get(PULL, ())
    if no_end and "end_date" in wanted and not reader.has_fault("end_date"):
        reader.missing("end_date")
    asked = "enquiry.id" in wanted or "order.enquiry" in wanted
    if no_enquiry and asked and not reader.has_fault("enquiry_id"):
        reader.missing("enquiry_id")


def _read_extras(reader: _Reader, extras: bool) -> tuple[bool, bool]:
    """(whether history, whether details are wanted); a key without extra keys gets neither."""
    history, details = reader.value("includeHistory", BOOLEAN), reader.value("includeDetails", BOOLEAN)
    return bool(history and extras), bool(details and extras)


def _read_ids(reader: _Reader, word: str) -> tuple[int, ...] | None:
    """A list of ids, as text with commas or as an array; None when it holds none."""
    raw = reader.raw(word)
    if is_empty(raw):
        return None
    try:
        texts = [as_text(one) for one in raw] if isinstance(raw, list) else as_text(raw).split(",")
    except Unreadable as error:
        reader.fault(error.code, word, "ids are needed here, in a list or separated by commas", raw)
        return None
    numbers = [ID.read(text, reader.scope.locale, []) for text in texts]
    return tuple(dict.fromkeys(number for number in numbers if number is not None)) or None


def read_gets(items: list[Any], was_array: bool, scope: Scope) -> list[GetRequest]:
    """The items of a legacy get, in order (contract 2.7). Raises EmptyRequest, AccountMismatch."""
    if not items:
        raise EmptyRequest
    return [_read_get(item, f"[{index}]" if was_array else "", scope) for index, item in enumerate(items)]


def _read_get(item: Any, at: str, scope: Scope) -> GetRequest:
    reader = _Reader(item, at, scope)
    word = next((word for word in ("order_id", "kapture_order_id") if not _is_unset(reader, word)), "")
    order_id = reader.value(word, ID) if word else None
    erp_order_id = None if word else reader.value("erp_order_id", CODE)
    history, details = _read_extras(reader, bool(scope.settings["extra_keys"]))
    if order_id is None and erp_order_id is None and not reader.faults:
        reader.missing("order_id")
    said = word or "erp_order_id"
    missed = Fault("OrderNotFound", "", "no such order", reader.raw(said) or "", None, reader.path(said))
    return GetRequest(Wanted(order_id, erp_order_id), history, details, tuple(reader.sorted_faults()), missed)


def _is_unset(reader: _Reader, word: str) -> bool:
    """Whether an id is empty; 0 is (contract 1.6)."""
    raw = reader.raw(word)
    try:
        return is_empty(raw) or ID.read(raw, reader.scope.locale, []) is None
    except Unreadable:
        return False
