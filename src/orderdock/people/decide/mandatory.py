"""Which fields a key asks for, and whether a write of a customer or an enquiry gives them (contract 1.17)."""

from __future__ import annotations

from orderdock.accounts.model import Scope
from orderdock.errors import Fault
from orderdock.fields import FIELDS
from orderdock.people.model import CustomerWrite, EnquiryWrite


def missing(command: CustomerWrite | EnquiryWrite, scope: Scope) -> list[Fault]:
    """One ReqFieldMissing for every field that the key asks for and the command does not give.

    What was given and could not be read is told already.
    """
    return [
        Fault("ReqFieldMissing", name, "mandatory for this key")
        for name in scope.mandatory.get(command.operation, ())
        if not _is_given(command, name) and not any(_is_about(fault, name) for fault in command.faults)
    ]


def _is_about(fault: Fault, name: str) -> bool:
    """Whether a fault tells of a field; what feeds two fields is told of one of them."""
    told, row = FIELDS.get(fault.field), FIELDS.get(name)
    if told is None or row is None:
        return False
    return told.shared and row.shared and told.column == row.column


def _is_given(command: CustomerWrite | EnquiryWrite, name: str) -> bool:
    """Whether a field was given, or a member that has no field of its own (`enquiry.additional.<name>`)."""
    row = FIELDS.get(name)
    if row is None:
        return name.partition(".additional.")[2] in command.extra
    if row.column == "additional":
        return bool(command.extra)
    if row.column == "assigned_to":
        return bool(command.assignee)
    if isinstance(command, CustomerWrite) or row.record == "customer":
        return row.column in command.customer
    return command.group is not None if row.name == "enquiry.group" else row.column in command.enquiry
