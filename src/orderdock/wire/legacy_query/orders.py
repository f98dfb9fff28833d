"""Legacy pull and get: requests -> queries (contract 2.6, 2.7). All faults are told at once, in the caller's words."""

from __future__ import annotations

from typing import Any, Final

from orderdock.accounts.model import Scope
from orderdock.errors import EmptyRequest, Fault
from orderdock.fields import Out, shown_at
from orderdock.kinds import BOOLEAN, CODE, COUNT, ID, Unreadable, as_text, is_empty
from orderdock.orders.query import GetRequest, OrderQuery, Wanted
from orderdock.wire.legacy_query.reader import Reader, completed, only

PULL: Final = "order.pull"
# What a page needs of its orders whatever is shown: where it ends, and whose they are.
_NEEDED: Final = ("id", "customer_id", "create_date", "modified_at", "erp_order_id")


def _columns(*places: Out) -> tuple[str, ...]:
    shown = [row.column for place in places for row in shown_at(place).values() if row.column]
    return tuple(dict.fromkeys((*_NEEDED, *shown)))


_COLUMNS: Final = _columns(Out.LEGACY_ORDER)
_COLUMNS_WITH_DETAILS: Final = _columns(Out.LEGACY_ORDER, Out.LEGACY_DETAILS)


def read_pull(items: list[Any], was_array: bool, scope: Scope) -> OrderQuery:
    """The query of a legacy pull (contract 2.6).

    Raises UnfitQuery with all faults, EmptyRequest, TooManyItems, AccountMismatch.
    """
    reader = only(items, was_array, scope)
    return completed(reader, _read_range(reader))


def _read_range(reader: Reader) -> OrderQuery | None:
    """Everything but the cursor; None when the range itself cannot be read."""
    extras = bool(reader.scope.settings["extra_keys"])
    start, end = reader.range("start_date", "end_date")
    enquiry_ids = _read_ids(reader, "enquiry_id")
    _check_mandatory(reader, end is None, enquiry_ids is None)
    modified = bool(reader.value("sortOnModificationDate", BOOLEAN))
    limit = reader.limit("numberOfRecords", "orders")
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
        limit=limit,
        offset=offset,
        with_total=extras,
        history=history,
        details=details,
        warnings=tuple(reader.warnings),
    )


def _check_mandatory(reader: Reader, no_end: bool, no_enquiry: bool) -> None:
    """What an administrator asks for in every pull of this key."""
    wanted = reader.scope.mandatory.get(PULL, ())
    if no_end and "end_date" in wanted and not reader.has_fault("end_date"):
        reader.missing("end_date")
    asked = "enquiry.id" in wanted or "order.enquiry" in wanted
    if no_enquiry and asked and not reader.has_fault("enquiry_id"):
        reader.missing("enquiry_id")


def _read_extras(reader: Reader, extras: bool) -> tuple[bool, bool]:
    """(whether history, whether details are wanted); a key without extra keys gets neither."""
    history, details = reader.value("includeHistory", BOOLEAN), reader.value("includeDetails", BOOLEAN)
    return bool(history and extras), bool(details and extras)


def _read_ids(reader: Reader, word: str) -> tuple[int, ...] | None:
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
    reader = Reader(item, at, scope)
    word = next((word for word in ("order_id", "kapture_order_id") if not _is_unset(reader, word)), "")
    order_id = reader.value(word, ID) if word else None
    erp_order_id = None if word else reader.value("erp_order_id", CODE)
    history, details = _read_extras(reader, bool(scope.settings["extra_keys"]))
    if order_id is None and erp_order_id is None and not reader.faults:
        reader.missing("order_id")
    said = word or "erp_order_id"
    missed = Fault("OrderNotFound", "", "no such order", reader.raw(said) or "", None, reader.path(said))
    return GetRequest(Wanted(order_id, erp_order_id), history, details, tuple(reader.sorted_faults()), missed)


def _is_unset(reader: Reader, word: str) -> bool:
    """Whether an id is empty; 0 is (contract 1.6)."""
    raw = reader.raw(word)
    try:
        return is_empty(raw) or ID.read(raw, reader.scope.locale, []) is None
    except Unreadable:
        return False
