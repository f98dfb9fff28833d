"""What orders can be searched by: one row a filter (contract 2.9).

The names that callers give, how a value is read and compared, the SQL expression that it is compared with, and the
domain field. Reading, SQL, documents and tests take it from here. In expressions `o` is the order, `c` its customer,
`e` its enquiry.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final, NamedTuple

from orderdock.fields import FIELDS, Field


class How(StrEnum):
    """How a filter's value is read and compared; the value is its word in the documents."""

    IDS = "list of numbers, equal"
    WORDS = "list, exact"
    SAME = "text, equal, case-folded"
    SAME_LIST = "list, equal, case-folded"
    CONTAINS = "text, contains, case-folded"
    PHONE = "phone: E.164 equal; fewer than 8 digits: ends with them"
    EMAIL = "e-mail, equal, case-folded"
    SPAN = "first and last date, both included, either alone"
    PEOPLE = "list of employees by number, code or name"
    NOT_PEOPLE = "list of employees, excluded; unassigned orders stay in"
    ANY_PEOPLE = "list of employees by number, code or name, any in common"
    NAMED = "list of numbers or names of a named list"
    ANY_NAMED = "list of numbers or names of a named list, any in common"


# What names records, the ones that the fewest orders fit first: a customer may have very many.
KEYS: Final = ("o.id", "o.erp_order_id", "o.enquiry_id", "o.customer_id")


@dataclass(frozen=True, slots=True)
class Filter:
    """One filter. `names` are what callers write: the name and its aliases; of a span its first and its last date.

    `sql` is what is compared; of several expressions one that holds is enough. `index` serves a search by this
    filter alone; "" means that the orders are read in the order asked for until the page is full. What is asked of
    customers or enquiries is so on SQLite, which does not count its rows. `list` is the named list whose numbers are
    taken.
    """

    names: tuple[str, ...]
    how: How
    name: str
    sql: tuple[str, ...]
    index: str = ""
    list: str = ""

    @property
    def is_key(self) -> bool:
        """Whether it names records, so that few orders fit: better found by its index and sorted than read in order."""
        return self.sql[0] in KEYS

    @property
    def is_of_orders(self) -> bool:
        """Whether it compares what orders themselves have."""
        return self.sql[0].partition(".")[0] not in ("c", "e")

    @property
    def field(self) -> Field:
        """The domain field."""
        return FIELDS[self.name]


class Term(NamedTuple):
    """One condition of a search: a filter with its value, all of them plain JSON values.

    IDS: numbers; WORDS and the folded ones: texts; SPAN: (first, last), either None; PHONE: (comparison, digits);
    of employees and named lists the words as given, until they were looked up.
    """

    filter: Filter
    value: Any


def _row(names: str, how: How, name: str, sql: str, index: str = "", list: str = "") -> Filter:
    return Filter(tuple(names.split()), how, name, tuple(sql.split(" | ")), index, list)


H = How
BY_CUSTOMER: Final = "ix_orders_cm_id_customer_id_create_date_id"
BY_ENQUIRY: Final = "ix_orders_cm_id_enquiry_id_id"
BY_STATUS: Final = "ix_orders_cm_id_status_create_date_id"
BY_ASSIGNEE: Final = "ix_orders_assigned_to"
_BOOKED: Final = "COALESCE(o.booking_date, o.create_date)"

FILTERS: Final[tuple[Filter, ...]] = (
    _row("name", H.CONTAINS, "customer.name", "o.contact_name_key | c.name_key"),
    _row("phone", H.PHONE, "customer.phone", "o.contact_phone_key"),
    _row("email", H.EMAIL, "customer.email", "o.contact_email_key"),
    _row("country", H.SAME_LIST, "customer.country", "c.country", BY_CUSTOMER),
    _row("city", H.SAME_LIST, "customer.city", "c.city", BY_CUSTOMER),
    _row("state", H.SAME_LIST, "customer.state", "c.state", BY_CUSTOMER),
    _row("customerIds customer_Ids", H.IDS, "customer.id", "o.customer_id", BY_CUSTOMER),
    _row("leadIdStr", H.IDS, "customer.id", "o.customer_id", BY_CUSTOMER),
    _row("enquiryIds", H.IDS, "enquiry.id", "o.enquiry_id", BY_ENQUIRY),
    _row("clientReferenceIds", H.WORDS, "order.client_reference_id", "o.client_reference_id"),
    _row("orderIds", H.IDS, "order.id", "o.id", "pk_orders"),
    _row("erpOrderId", H.WORDS, "order.erp_order_id", "o.erp_order_id", "uq_orders_erp_order_id"),
    _row("erpInvoiceId", H.WORDS, "order.erp_invoice_no", "o.erp_invoice_no"),
    *(_row(f"attr{n}", H.SAME, f"order.attr{n}", f"o.attr{n}") for n in range(1, 16)),
    _row("createStartDate createEndDate", H.SPAN, "order.create_date", "o.create_date", "ix_orders_cm_id_create_date_id"),
    _row("modifiedStartDate modifiedEndDate", H.SPAN, "order.modified_at", "o.modified_at", "ix_orders_cm_id_modified_at_id"),
    _row("bookingStartDate bookingEndDate", H.SPAN, "order.booking_date", _BOOKED),
    _row("agreementStartDate agreementEndDate", H.SPAN, "order.agreement_date", "o.agreement_date"),
    _row("generationStartDate generationEndDate", H.SPAN, "enquiry.created_at", "e.created_at", BY_ENQUIRY),
    _row("nextFollowupStartDate nextFollowupEndDate", H.SPAN, "enquiry.next_follow_up", "e.next_follow_up", BY_ENQUIRY),
    _row("lastFollowupStartDate lastFollowupEndDate", H.SPAN, "enquiry.last_follow_up", "e.last_follow_up", BY_ENQUIRY),
    _row("expectedClosureStartDate expectedClosureEndDate", H.SPAN, "enquiry.expected_closure", "e.expected_closure", BY_ENQUIRY),
    _row("bookingStatus", H.WORDS, "order.status", "o.status", BY_STATUS),
    _row("bookingSubStatus", H.WORDS, "order.sub_status", "o.sub_status"),
    _row("statusStr", H.WORDS, "enquiry.status", "e.status", BY_ENQUIRY),
    _row("subStatusStr", H.WORDS, "enquiry.sub_status", "e.sub_status", BY_ENQUIRY),
    _row("creatorIdStr", H.PEOPLE, "order.creator", "o.creator_id"),
    _row("assignIdStr", H.PEOPLE, "order.assigned_to", "o.assigned_to", BY_ASSIGNEE),
    _row("assignToIdsStr", H.PEOPLE, "order.assigned_to", "o.assigned_to", BY_ASSIGNEE),
    _row("notAssignToIdsStr", H.NOT_PEOPLE, "order.assigned_to", "o.assigned_to"),
    _row("creatorOrAssignedIdStr", H.PEOPLE, "order.assigned_to", "o.creator_id | o.assigned_to"),
    _row("zoneIdStr", H.NAMED, "order.zone", "o.zone | c.zone", list="zone"),
    _row("blockId", H.NAMED, "order.block_name", "o.block_name", list="block"),
    _row("unitId", H.NAMED, "order.unit_name", "o.unit_name", list="unit"),
    _row("approvalDesignationIds", H.ANY_NAMED, "order.approval_designations", "o.approval_designations", list="designation"),
    _row("approvedIds", H.ANY_PEOPLE, "order.approved_by", "o.approved_by"),
    _row("pricingStatus", H.WORDS, "order.pricing_status", "o.pricing_status"),
    _row("leadPriorityStr", H.WORDS, "enquiry.priority", "e.priority", BY_ENQUIRY),
    _row("primarySourceId", H.NAMED, "customer.primary_source", "c.primary_source", BY_CUSTOMER, "source"),
    _row("secondarySourceId", H.NAMED, "customer.secondary_source", "c.secondary_source", BY_CUSTOMER, "source"),
    _row("tertiarySourceId", H.NAMED, "customer.tertiary_source", "c.tertiary_source", BY_CUSTOMER, "source"),
)  # fmt: skip
BY_NAME: Final = {name: row for row in FILTERS for name in row.names}
# What is compared case-folded and kept beside its folded form, by record (`tables`: words_key).
_FOLDED: Final = (How.SAME, How.SAME_LIST, How.NAMED, How.ANY_NAMED)


def folded_columns(alias: str) -> tuple[str, ...]:
    """The columns of the order (`o`) or of its customer (`c`) that searches compare case-folded."""
    found = (sql for row in FILTERS if row.how in _FOLDED for sql in row.sql if sql.startswith(f"{alias}."))
    return tuple(dict.fromkeys(sql.partition(".")[2] for sql in found))
