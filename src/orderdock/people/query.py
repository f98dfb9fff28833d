"""What is asked when customers are read, and what comes of it (contract 2.11, 2.12)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any, Final, NamedTuple, TypeAlias

from orderdock.errors import Fault
from orderdock.fields import FIELDS, Field
from orderdock.kinds.cursor import Position, sealed, unsealed

Record: TypeAlias = dict[str, Any]
# So many contacts of a customer are shown, the main one first: who walks in may have a million.
MOST_CONTACTS: Final = 1_000
# On a page, which may have a thousand customers, so many of each.
MOST_CONTACTS_OF_MANY: Final = 100


# What the documents show of every customer and Orderdock does not keep: its value (contract 2.11) unless the customer
# has an additional field of that name.
CONSTANTS: Final[Mapping[str, int | str]] = {
    "latitude": "", "longitude": "", "currentStatus": "N", "channelPartnerId": 0, "ratePlanId": 0, "campaignId": 0,
    "campaignItemId": 0, "campaignActivityId": 0, "feedbackOnCustomer": "0",
}  # fmt: skip


class How(StrEnum):
    """How a filter's value is read and compared; the value is its word in the documents."""

    IDS = "list of numbers, equal"
    CODE = "text, exact"
    SAME = "text, equal, case-folded"
    CONTAINS = "text, contains, case-folded"
    PHONE = "phone: E.164 equal; fewer than 8 digits: ends with them"
    EMAIL = "e-mail, equal, case-folded"
    PEOPLE = "list of employees by number, code or name"
    NAMED = "list of numbers or names of a named list"
    FLAG = "true: only those; the first of the three that is true counts"


@dataclass(frozen=True, slots=True)
class Filter:
    """One filter of a pull. `names` are what callers write: of several the first that is not empty counts.

    `column` is what is compared. `list` is the named list whose numbers are taken.
    """

    names: tuple[str, ...]
    how: How
    name: str
    column: str
    list: str = ""

    @property
    def field(self) -> Field:
        """The domain field."""
        return FIELDS[self.name]


class Term(NamedTuple):
    """One condition of a pull: a filter with its value, all of them plain JSON values.

    IDS: numbers; CODE, SAME, CONTAINS, EMAIL: a text, empty when nobody can be meant; PHONE: (comparison, digits);
    FLAG: true; of employees and named lists the words as given, until they were looked up.
    """

    filter: Filter
    value: Any


def _row(names: str, how: How, name: str, column: str = "", list: str = "") -> Filter:
    return Filter(tuple(names.split()), how, name, column or FIELDS[name].column, list)


H = How
FILTERS: Final[tuple[Filter, ...]] = (
    _row("name", H.CONTAINS, "customer.name", "name_key"),
    _row("phone", H.PHONE, "customer.phone"),
    _row("email", H.EMAIL, "customer.email"),
    _row("customerCode", H.CODE, "customer.code"),
    _row("customer_id", H.IDS, "customer.id"),
    _row("zoneIdStr zone_id", H.NAMED, "customer.zone", list="zone"),
    _row("assignedToId assignedToIdStr", H.PEOPLE, "customer.assigned_to"),
    _row("isOrganisation", H.FLAG, "customer.organization"),
    _row("isIndividual", H.FLAG, "customer.individual"),
    _row("isChannelPartner", H.FLAG, "customer.channel_partner"),
    _row("primarySourceId", H.NAMED, "customer.primary_source", list="source"),
    _row("secondarySourceId", H.NAMED, "customer.secondary_source", list="source"),
    _row("tertiarySourceId", H.NAMED, "customer.tertiary_source", list="source"),
    *(_row(row.column, H.SAME, name) for name, row in FIELDS.items() if name.startswith("customer.attr")),
)
# The columns that are compared case-folded, and kept beside their folded forms (`tables`: words_key).
FOLDED: Final = tuple(row.column for row in FILTERS if row.how in (H.SAME, H.NAMED))


class Identity(NamedTuple):
    """By what one customer is asked for: its number (`id`), its `code`, or the compared form of `phone` or `email`.

    An empty text is nobody's.
    """

    kind: str
    value: int | str


@dataclass(frozen=True, slots=True)
class GetCustomer:
    """One customer (contract 2.11): the first of `by` that somebody has decides; a number stands alone.

    `told` are the callers' names of `by`, with what they said, in the same order.
    """

    by: tuple[Identity, ...]
    told: tuple[tuple[str, Any], ...]
    warnings: tuple[Fault, ...] = ()


@dataclass(frozen=True, slots=True)
class CustomerQuery:
    """Customers of one account that were made in a range and fit every term, ascending by that, ties by number.

    Both ends are inclusive. `columns` are those that will be shown, `members` the additional fields that will.
    `position` is set when a cursor was given; `total` is what it carried along.
    """

    cm_id: int
    first: int
    last: int
    terms: tuple[Term, ...]
    columns: tuple[str, ...]
    members: tuple[str, ...]
    limit: int
    offset: int = 0
    with_total: bool = False
    position: Position | None = None
    total: int | None = None
    warnings: tuple[Fault, ...] = ()

    def _asked(self) -> list[Any]:
        terms = [[term.filter.names[0], term.value] for term in self.terms]
        return ["customers", self.cm_id, self.first, self.last, terms, self.limit]

    def cursor(self, last: Record, total: int | None) -> str:
        """The opaque text with which the page behind a customer is asked for."""
        return sealed(self._asked(), Position(last["created_at"], last["id"]), total)

    def resumed(self, cursor: str) -> CustomerQuery | None:
        """This query, going on where a cursor says; None for a damaged one, or one of another query or account."""
        found = unsealed(self._asked(), cursor)
        if found is None or type(found[0].value) is not int:
            return None
        return replace(self, position=found[0], total=found[1], offset=0, with_total=False)


@dataclass(slots=True)
class CustomerPage:
    """Customers, and by number their contacts (the main one first, then by number) and how many enquiries they have.

    Of a get `by` is the place of what decided, and `others` are customers that it means just as well.
    """

    customers: list[Record]
    contacts: Mapping[int, Sequence[Record]] = field(default_factory=dict)
    enquiries: Mapping[int, int] = field(default_factory=dict)
    others: tuple[int, ...] = ()
    by: int = 0
    total: int | None = None
    next: str = ""
