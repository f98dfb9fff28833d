"""A search of orders: filters, sort, page and shape (contract 2.9, 2.16)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, NamedTuple

from orderdock.errors import Fault
from orderdock.kinds.cursor import Position, sealed, unsealed
from orderdock.orders.query.filters import Term
from orderdock.orders.query.shape import Shape


class Sort(NamedTuple):
    """A field to sort by. `always`: every order has it, so that no place is needed for unset ones."""

    column: str
    always: bool = False
    text: bool = False


SORTS: Final[Mapping[str, Sort]] = {
    "id": Sort("id", always=True),
    "createDate": Sort("create_date", always=True),
    "lastModificationTime": Sort("modified_at", always=True),
    "bookingDate": Sort("booking_date"),
    "agreementDate": Sort("agreement_date"),
    "expectedDeliveryDate": Sort("expected_delivery_date"),
    "productValue": Sort("product_value"),
    "productQuantity": Sort("product_quantity"),
    "grandTotal": Sort("grand_total"),
    "totalPaid": Sort("total_paid"),
    "deliveryStatus": Sort("status", text=True),
    "erpOrderId": Sort("erp_order_id", text=True),
    "customerId": Sort("customer_id", always=True),
    "enquiryId": Sort("enquiry_id", always=True),
    "assignedToId": Sort("assigned_to"),
}
DEFAULT_SORT: Final = "createDate"


@dataclass(frozen=True, slots=True)
class SearchQuery:
    """Orders of one account that fit every term, sorted, ties by number in the same direction, unset values last.

    `position` is set when a cursor was given; `total` is what it carried along.
    """

    cm_id: int
    terms: tuple[Term, ...]
    shape: Shape
    sort: str = DEFAULT_SORT
    descending: bool = True
    limit: int = 100
    offset: int = 0
    with_total: bool = False
    history: bool = False
    position: Position | None = None
    total: int | None = None
    warnings: tuple[Fault, ...] = ()

    def _asked(self) -> list[Any]:
        terms = [[term.filter.names[0], term.value] for term in self.terms]
        return [self.cm_id, terms, self.sort, self.descending]

    def cursor(self, position: Position, total: int | None) -> str:
        """The opaque text with which the page behind a position is asked for."""
        return sealed(self._asked(), position, total)

    def resumed(self, cursor: str) -> SearchQuery | None:
        """This query, going on where a cursor says; None for a damaged one, or one of other filters or another sort."""
        found = unsealed(self._asked(), cursor)
        if found is None or not _fits(found[0].value, SORTS[self.sort]):
            return None
        return replace(self, position=found[0], total=found[1], offset=0)


def _fits(value: int | str | None, sort: Sort) -> bool:
    return not sort.always if value is None else isinstance(value, str) is sort.text


@dataclass(slots=True)
class FoundPage:
    """A page of a search: the orders' JSON texts in order, with their numbers.

    `history` goes by order (`events.model.Logged`). `unnumbered` are names of named lists, (list, compared form,
    name), that these orders show and that have no number yet: give them out and search again.
    """

    docs: list[str]
    numbers: list[int]
    history: dict[int, list[Any]]
    unnumbered: list[tuple[str, str, str]]
    total: int | None = None
    next: str = ""
