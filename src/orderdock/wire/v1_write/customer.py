"""v1 add-update of a customer: a body -> one command (contract 2.14)."""

from __future__ import annotations

from typing import Any, Final, Literal

from orderdock.accounts.model import Scope
from orderdock.orders.model import AddUpdate
from orderdock.wire.parts import Part, Reading
from orderdock.wire.v1_write.places import CUSTOMER, CUSTOMER_GROUPS, ENQUIRY, GROUPS, ORDER
from orderdock.wire.v1_write.read import form_of, keep_unknown_groups, read_contacts, read_group
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
    return form_of(reading, said, body, OPERATION, (customer, Part(ORDER, "", {}), enquiry), contacts, {})
