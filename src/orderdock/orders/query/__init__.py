"""What is asked when orders are read, and what comes of it (contract 2.6, 2.7, 2.15)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final, Literal, NamedTuple, TypeAlias

from orderdock.errors import Fault, Refusal
from orderdock.kinds.cursor import Position as Position
from orderdock.kinds.cursor import sealed, unsealed
from orderdock.orders.query.shape import Shape

DEFAULT_LIMIT: Final = 100
MAX_LIMIT: Final = 1_000
Record: TypeAlias = dict[str, Any]
RangeField = Literal["create_date", "modified_at"]


class UnfitQuery(Refusal):
    """A request for orders that cannot be carried out; its faults say why, with complete paths, all at once."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__(faults=faults)
        self.code = faults[0].code


class NoOrders(Refusal):
    """No order is in the range that was asked for (contract 2.6)."""


class Wanted(NamedTuple):
    """One order that is asked for: its number decides when it is given, else the caller's own number."""

    order_id: int | None = None
    erp_order_id: str | None = None


class OneQuery(NamedTuple):
    """One order in a shape (contract 2.15)."""

    wanted: Wanted
    shape: Shape
    history: bool = False


class GetRequest(NamedTuple):
    """One item of a legacy get (contract 2.7). `faults` have complete paths; `missed` is told when it is not there."""

    wanted: Wanted
    history: bool
    details: bool
    faults: tuple[Fault, ...]
    missed: Fault


@dataclass(frozen=True, slots=True)
class OrderQuery:
    """Orders of one account in a range, ascending by its field, ties by number.

    Both ends are inclusive. `enquiry_ids` None: of any enquiry. `columns` are those of the orders that will be
    shown. `position` is set when a cursor was given; `total` is what it carried along.
    """

    cm_id: int
    by: RangeField
    first: int
    last: int
    columns: tuple[str, ...]
    enquiry_ids: tuple[int, ...] | None = None
    limit: int = DEFAULT_LIMIT
    offset: int = 0
    with_total: bool = False
    history: bool = False
    details: bool = False
    position: Position | None = None
    total: int | None = None
    warnings: tuple[Fault, ...] = ()

    def _asked(self) -> list[Any]:
        enquiries = None if self.enquiry_ids is None else sorted(self.enquiry_ids)
        return [self.cm_id, self.by, self.first, self.last, enquiries, self.limit, self.history, self.details]

    def cursor(self, position: Position, total: int | None) -> str:
        """The opaque text with which the page behind a position is asked for."""
        return sealed(self._asked(), position, total)

    def resumed(self, cursor: str) -> OrderQuery | None:
        """This query, going on where a cursor says; None for a damaged one, or one of another query or account."""
        found = unsealed(self._asked(), cursor)
        if found is None or type(found[0].value) is not int:
            return None
        return replace(self, position=found[0], total=found[1], offset=0, with_total=False)


# Column of the order -> column of the customer that is printed when the order has no copy of its own (contract 1.8).
COPIES: Final = {
    "contact_name": "name",
    "contact_phone": "phone",
    "contact_email": "email",
    "contact_address": "address",
    "contact_zip": "zip",
    "contact_company": "company_name",
    "zone": "zone",
}
_NOTHING: Final[Mapping[str, Any]] = {}


@dataclass(slots=True)
class Page:
    """Orders and what was read with them, in dictionaries by number.

    Lines, payments (each its entries, oldest first) and history (`events.model.Logged`) go by order.
    """

    orders: list[Record]
    lines: dict[int, list[Record]] = field(default_factory=dict)
    payments: dict[int, list[list[Record]]] = field(default_factory=dict)
    history: dict[int, list[Any]] = field(default_factory=dict)
    customers: dict[int, Record] = field(default_factory=dict)
    total: int | None = None
    next: str = ""
    _found: dict[int | str | None, Record] = field(default_factory=dict)

    def find(self, wanted: Wanted) -> Record | None:
        """The order that was asked for."""
        if not self._found:
            for order in self.orders:
                self._found[order["id"]] = order
                if "erp_order_id" in order:
                    self._found[order["erp_order_id"]] = order
        return self._found.get(wanted.erp_order_id if wanted.order_id is None else wanted.order_id)

    def copied(self, order: Record) -> Record:
        """The order with its customer's name and contact where it has no copy of its own (contract 1.8)."""
        customer = self.customers.get(order.get("customer_id", 0), _NOTHING)
        lent = {
            column: customer[other] for column, other in COPIES.items() if column not in order and other in customer
        }
        return {**order, **lent} if lent else order


class Shown(NamedTuple):
    """One order as the database shows it: its JSON text in the shape that was asked for."""

    number: int
    erp_order_id: str | None
    revision: int
    doc: str
    is_unnumbered: bool
    history: Sequence[Any] = ()


@dataclass(slots=True)
class Records:
    """Records as they are now, by number: orders as JSON texts, customers and enquiries as they are kept.

    `unnumbered` are names of named lists, (list, compared form, name), that the orders show and that have no number
    yet: give them out and ask again.
    """

    orders: dict[int, str]
    customers: dict[int, Record] = field(default_factory=dict)
    enquiries: dict[int, Record] = field(default_factory=dict)
    unnumbered: list[tuple[str, str, str]] = field(default_factory=list)


def amount_of(entries: Sequence[Record]) -> int:
    """What a payment amounts to now: its entries, reversals and refunds being negative."""
    return sum(entry["amount"] for entry in entries)


def payment_of(entries: Sequence[Record]) -> Record:
    """A payment as it is now: the sum of its entries, with the details of the newest that is no refund of it."""
    own = [entry for entry in entries if entry.get("kind") != "refund" or entries[0].get("kind") == "refund"]
    return {**own[-1], "amount": amount_of(entries)}
