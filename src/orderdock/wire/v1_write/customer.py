"""v1 add-update of a customer: a body -> one command (contract 2.14)."""

from __future__ import annotations

from typing import Any, Final, Literal

from orderdock.accounts.model import Scope
from orderdock.orders.model import AddUpdate, OrderWrite
from orderdock.wire.parts import UPDATE, Reading, flag
from orderdock.wire.v1_write.clears import read_clears
from orderdock.wire.v1_write.places import CLEAR, CUSTOMER, CUSTOMER_GROUPS, ENQUIRY, GROUPS
from orderdock.wire.v1_write.read import keep_unknown_groups, read_contacts, read_group
from orderdock.wire.v1_write.said import Said

OPERATION: Final[Literal["customer.add-update"]] = "customer.add-update"
_NOTHING: Final[tuple[Any, ...]] = (None, "", [], {})


def read_customer(body: dict[str, Any], scope: Scope) -> AddUpdate:
    """The one command of a body about a customer; what could not be read travels with it as faults."""
    reading, said = Reading(scope, OPERATION), Said(body)
    customer, enquiry = (read_group(reading, body, place) for place in (CUSTOMER, ENQUIRY))
    contacts = read_contacts(reading, body)
    keep_unknown_groups(reading, body, customer)
    for word, raw in body.items():
        if word in GROUPS and word not in CUSTOMER_GROUPS and raw not in _NOTHING:
            reading.warn("FieldIgnored", "", "not used in this operation", raw, word)
    write = OrderWrite(
        operation=OPERATION,
        order={}, lines=None, assignee={}, extra={}, associate={},
        customer=customer.of("customer"),
        enquiry_id=enquiry.of("enquiry").pop("id", None), group=enquiry.group,
        faults=reading.faults, warnings=reading.warnings, said=said,
    )  # fmt: skip
    return AddUpdate(
        operation=OPERATION, order=write, said=said,
        update=False, is_order=False, payments=[], revisions=None,
        customer_update=flag(reading, customer, UPDATE), customer_assignee=customer.assignee,
        customer_extra=customer.extra, customer_associate=customer.associate,
        contacts=contacts,
        enquiry=enquiry.of("enquiry"), enquiry_update=flag(reading, enquiry, UPDATE),
        enquiry_assignee=enquiry.assignee, enquiry_extra=enquiry.extra,
        clears=read_clears(reading, body.get(CLEAR), CUSTOMER),
    )  # fmt: skip
