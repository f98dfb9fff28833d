"""Which fields of customers, contacts and enquiries a key asks for and a request lacks (contract 1.17)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from orderdock.accounts.model import Scope
from orderdock.errors import Fault
from orderdock.fields import FIELDS, Field
from orderdock.orders.model import AddUpdate
from orderdock.world import Record


def fault_of(name: str, at: int | None = None) -> Fault:
    """What is said of a field that a key asks for and that was not given."""
    return Fault("ReqFieldMissing", name, "mandatory for this key", "", at)


def is_told(faults: Iterable[Fault], name: str, at: int | None = None) -> bool:
    """Whether something is wrong with a field anyway: it was given and could not be read."""
    return any(fault.field == name and (at is None or fault.at == at) for fault in faults)


def missing(
    scope: Scope, operation: str, records: Mapping[str, Record], others: Mapping[str, object], faults: list[Fault]
) -> None:
    """Add one ReqFieldMissing for every field that the key asks for and that was not given.

    `records` maps customer, enquiry to the columns that were given, `others` the fields that are no columns to what was
    given of them. What was given and could not be read is told already.
    """
    told = {fault.field for fault in faults}
    for name in scope.mandatory.get(operation, ()):
        row = FIELDS[name]
        given = bool(others[name]) if name in others else row.column in records.get(row.record, {})
        if not given and not any(_is_same(one, name) for one in told):
            faults.append(fault_of(name))


def _is_same(told: str, name: str) -> bool:
    """Whether a fault of one field tells of another: what feeds two records is told of one of them."""
    one, other = FIELDS.get(told), FIELDS[name]
    if one is None:
        return False
    return one is other or (one.shared and other.shared and one.column == other.column)


def missing_people(form: AddUpdate, scope: Scope) -> list[Fault]:
    """One ReqFieldMissing for every such field that an add-update of a customer lacks."""
    return [
        fault for name in scope.mandatory.get(form.operation, ()) for fault in missing_of_people(form, FIELDS[name])
    ]


def missing_of_people(form: AddUpdate, row: Field) -> list[Fault]:
    """The same for one field; a contact's is needed in every contact."""
    if row.record == "contact":
        found = [(contact.at, contact.values) for contact in form.contacts] or [(0, {})]
        return [
            fault_of(row.name, at)
            for at, values in found
            if row.column not in values and not is_told(form.faults, row.name, at)
        ]
    return [] if _is_given(form, row) or is_told(form.faults, row.name) else [fault_of(row.name)]


def _is_given(form: AddUpdate, row: Field) -> bool:
    asked = {
        "customer.assigned_to": form.customer_assignee,
        "customer.additional": form.customer_extra,
        "customer.associate": form.customer_associate,
        "enquiry.assigned_to": form.enquiry_assignee,
        "enquiry.additional": form.enquiry_extra,
        "enquiry.group": form.order.group,
        "enquiry.id": form.order.enquiry_id,
    }
    if row.name in asked:
        return bool(asked[row.name])
    return row.column in (form.order.customer if row.record == "customer" else form.enquiry)
