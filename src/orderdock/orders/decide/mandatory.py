"""Which fields a key asks for, and whether a command gives them (contract 1.17, Mandatory fields)."""

from __future__ import annotations

from orderdock.accounts.model import Scope
from orderdock.errors import Fault
from orderdock.fields import FIELDS
from orderdock.orders.model import OrderWrite, PaymentWrite


def _given(command: OrderWrite, record: str, name: str, column: str) -> bool:
    """Whether a field that belongs to no list was given."""
    if record == "customer":
        return column in command.customer
    if name == "order.assigned_to":
        return bool(command.assignee)
    if name == "order.group":
        return command.group is not None
    if name in ("order.enquiry", "enquiry.id"):
        return command.enquiry_id is not None
    if name == "order.additional":
        return bool(command.extra)
    if name == "order.associate":
        return bool(command.associate)
    return column in command.order


def _missing_in_lines(command: OrderWrite, name: str, column: str) -> list[Fault]:
    lines = command.lines or []
    if not lines:
        return [_fault(name, 0)] if not _bad(command, "lines", None) else []
    return [
        _fault(name, at)
        for at, line in enumerate(lines)
        if column not in line and not _bad(command, name, line.get("at", at))
    ]


def _bad(command: OrderWrite | PaymentWrite, name: str, at: int | None) -> bool:
    """Whether the field was given but could not be read, which is told already."""
    return any(fault.field == name and (at is None or fault.at == at) for fault in command.faults)


def _fault(name: str, at: int | None = None) -> Fault:
    return Fault("ReqFieldMissing", name, "mandatory for this key", "", at)


def _missing_open(command: OrderWrite, name: str) -> bool:
    """`order.additional.<name>`: a member that has no field of its own."""
    bag = command.associate if name.startswith("order.associate.") else command.extra
    return name.split(".", 2)[2] not in bag


def missing_order(command: OrderWrite, scope: Scope) -> list[Fault]:
    """One ReqFieldMissing for every field, and line, that the key asks for and the command does not give."""
    faults: list[Fault] = []
    for name in scope.mandatory.get(command.operation, ()):
        row = FIELDS.get(name)
        if row is None:
            if name.count(".") == 2 and _missing_open(command, name):
                faults.append(_fault(name))
        elif name == "lines":
            if not command.lines and not _bad(command, name, None):
                faults.append(_fault(name))
        elif row.record == "line":
            faults += _missing_in_lines(command, name, row.column)
        elif not _given(command, row.record, name, row.column) and not _bad(command, name, None):
            faults.append(_fault(name))
    return faults


def missing_payment(command: PaymentWrite, scope: Scope) -> list[Fault]:
    """The same for a payment."""
    return [
        _fault(name)
        for name in scope.mandatory.get("order.payment", ())
        if (row := FIELDS.get(name)) is not None
        and not (row.column in command.values if row.record == "payment" else _refers(command, name))
        and not _bad(command, name, None)
    ]


def _refers(command: PaymentWrite, name: str) -> bool:
    given = {
        "order.id": command.order_id,
        "order.erp_order_id": command.erp_order_id,
        "customer.id": command.customer_id,
    }
    return given.get(name) is not None
