"""Which fields a key asks for, and whether a command gives them (contract 1.17, Mandatory fields)."""

from __future__ import annotations

from orderdock.accounts.model import Scope
from orderdock.errors import Fault
from orderdock.fields import FIELDS, Field
from orderdock.orders.model import AddUpdate, OrderWrite, PaymentWrite
from orderdock.people import decide as people


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
        return [people.fault_of(name, 0)] if not _bad(command, "lines", None) else []
    return [
        people.fault_of(name, at)
        for at, line in enumerate(lines)
        if column not in line and not _bad(command, name, line.get("at", at))
    ]


def _bad(command: OrderWrite | PaymentWrite | AddUpdate, name: str, at: int | None) -> bool:
    """Whether the field was given but could not be read, which is told already."""
    return people.is_told(command.faults, name, at)


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
                faults.append(people.fault_of(name))
        elif name == "lines":
            if not command.lines and not _bad(command, name, None):
                faults.append(people.fault_of(name))
        elif row.record == "line":
            faults += _missing_in_lines(command, name, row.column)
        elif not _given(command, row.record, name, row.column) and not _bad(command, name, None):
            faults.append(people.fault_of(name))
    return faults


def missing_payment(command: PaymentWrite, scope: Scope) -> list[Fault]:
    """The same for a payment."""
    return [
        people.fault_of(name)
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


def missing_form(form: AddUpdate, scope: Scope) -> list[Fault]:
    """The same for an add-update: a contact's field in every contact, a payment's in every payment that there is."""
    faults: list[Fault] = []
    for name in scope.mandatory.get(form.operation, ()):
        row = FIELDS[name]
        if row.record == "line":
            faults += _missing_in_lines(form.order, name, row.column)
        elif row.record == "payment":
            faults += [people.fault_of(name, one.at) for one in form.payments if _lacks(form, row, one.values, one.at)]
        elif row.record in ("customer", "contact", "enquiry"):
            faults += people.missing_of_people(form, row)
        elif not (form.order.lines if name == "lines" else _given(form.order, row.record, name, row.column)):
            faults += [] if _bad(form, name, None) else [people.fault_of(name)]
    return faults


def _lacks(form: AddUpdate, row: Field, values: dict[str, object], at: int) -> bool:
    return row.column not in values and not _bad(form, row.name, at)
