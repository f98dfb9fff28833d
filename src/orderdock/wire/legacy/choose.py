"""Which operation a legacy item asks for, and whether the key may do it (contract 2.1)."""

from __future__ import annotations

from typing import Any, Final

from orderdock.errors import Fault
from orderdock.kinds import ID, Locale, Unreadable, is_empty
from orderdock.orders.model import Operation
from orderdock.wire.legacy.places import PAYMENT_NAMES

PUSH: Final[Operation] = "order.push"
UPDATE: Final[Operation] = "order.update"
PAYMENT: Final[Operation] = "order.payment"

_PAYMENT_IDS: Final = ("kapture_order_id", "payment_id")
_PAYMENT_AMOUNT: Final = "amount_paid"
_PAYMENT_MARKS: Final = frozenset({*_PAYMENT_IDS, _PAYMENT_AMOUNT})
_UPDATE_MARKS: Final = ("order_id", "enquiry_id")
_LOCALE: Final = Locale()


def choose(item: dict[str, Any]) -> Operation:
    """The operation that an item asks for by what it carries."""
    marked = not _PAYMENT_MARKS.isdisjoint(item)
    if marked and (not is_empty(item.get(_PAYMENT_AMOUNT)) or any(_is_id(item.get(word)) for word in _PAYMENT_IDS)):
        return PAYMENT
    for word in _UPDATE_MARKS:
        raw = item.get(word)
        if raw and _is_id(raw):
            return UPDATE
    if marked and all(is_empty(raw) or word in PAYMENT_NAMES for word, raw in item.items()):
        return PAYMENT
    return PUSH


def _is_id(raw: Any) -> bool:
    """Whether an id is given; 0 is empty."""
    try:
        return ID.read(raw, _LOCALE, []) is not None if raw is not None else False
    except Unreadable:
        return True


def as_granted(wanted: Operation, operations: frozenset[str]) -> Operation:
    """The operation as which an item is judged: a push may be judged by the rights that the key has."""
    if wanted == PUSH and PUSH not in operations:
        return UPDATE if UPDATE in operations else PAYMENT if PAYMENT in operations else PUSH
    return wanted


def refused(operation: Operation) -> Fault:
    """The fault of an item, or of a request, that asks for an operation that the key lacks."""
    return Fault("OperationNotAllowed", "", f"the key has no {operation}", operation, None, "")
