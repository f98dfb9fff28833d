"""Legacy add-update: items -> commands (contract 2.1 - 2.5, 1.9).

This is the busiest code of the service: one plain loop over an item's members, every name looked up once.
"""

from __future__ import annotations

from typing import Any, Final

from orderdock.accounts.model import Scope, granted, may_send
from orderdock.errors import Fault, OperationNotAllowed
from orderdock.fields import In
from orderdock.kinds import MAX_EXTRA, MAX_EXTRA_TEXT, Locale, Note, Unreadable, is_empty
from orderdock.orders.model import Command, Operation, OrderWrite, PaymentWrite, Unread
from orderdock.wire.legacy.choose import PAYMENT, PUSH, as_granted, choose, refused
from orderdock.wire.legacy.lines import read_lines
from orderdock.wire.legacy.places import (
    ACCOUNT,
    ASSIGNEE,
    ASSOCIATE,
    BOTH,
    CUSTOMER,
    ENQUIRY,
    EXTRA,
    FOLDED,
    GROUP,
    LINES,
    ORDER,
    ORDER_NAMES,
    PAYMENT_NAMES,
    Entry,
)
from orderdock.wire.legacy.said import Said
from orderdock.wire.parts import ACCOUNT_WORDS, account_fault

_NOTHING: Final[tuple[list[Any], dict[str, Any]]] = ([], {})
_ACCOUNTS: Final = frozenset(ACCOUNT_WORDS)


def read_writes(items: list[Any], was_array: bool, scope: Scope) -> list[Command]:
    """The commands of the items of one request, in order.

    Raises AccountMismatch and OperationNotAllowed, which refuse the whole request (contract 1.2.3, 2.1).
    """
    commands: list[Command] = []
    lacking: dict[Operation, None] = {}
    useful, operations = False, scope.operations
    for index, item in enumerate(items):
        said = Said(item, index, was_array)
        if not isinstance(item, dict):
            commands.append(Unread(PUSH, [Fault("ItemNotObject", "", "", item, None, "")], [], said))
            continue
        operation = as_granted(choose(item), operations)
        if operation in operations:
            useful = True
            reader = read_payment if operation == PAYMENT else read_order
            command: Command = reader(item, operation, scope, said)
        else:
            lacking[operation] = None
            command = Unread(operation, [refused(operation)], [], said)
        if not _ACCOUNTS.isdisjoint(item):
            _check_account(command, item, scope, f"[{index}]." if was_array else "")
        commands.append(command)
    if lacking and not useful:
        raise OperationNotAllowed(faults=[refused(operation) for operation in lacking])
    return commands


def _check_account(command: Command, item: dict[str, Any], scope: Scope, at: str) -> None:
    fault = account_fault(item, scope, at)
    if fault:
        command.faults.append(fault)


def read_order(item: dict[str, Any], operation: Operation, scope: Scope, said: Said) -> OrderWrite:
    """A push or an update: what was given and could be read (contract 2.2, 2.3)."""
    order: dict[str, Any] = {}
    customer: dict[str, Any] = {}
    write = OrderWrite(operation, order, customer, None, None, {}, None, {}, {}, [], [], said)
    locale, find, grant = scope.locale, ORDER_NAMES.get, granted(scope, operation)
    notes: list[Note] = []
    members = item if grant is None else _granted_members(item, grant, write.warnings)
    for name, raw in members.items():
        if not raw and (raw is None or raw == ""):
            continue
        entry = find(name)
        if entry is None:
            if not is_empty(raw):
                _keep_unknown(write, name, raw)
            continue
        sink, read, column, better, of_customer, _, _, _ = entry
        if better and _is_given(item, better):
            continue
        try:
            value = read(raw, locale, notes)
        except Unreadable as error:
            write.faults.append(Fault(error.code, entry.field, error.message, raw, None, name))
            continue
        if notes:
            _warn(write.warnings, notes, entry.field, name, raw)
        if value is None:
            continue
        if sink == ORDER:
            order[column] = value
        elif sink == BOTH:
            order[column] = customer[of_customer] = value
        elif sink == CUSTOMER:
            customer[of_customer] = value
        elif sink == FOLDED:
            order[column] = customer[of_customer] = value
            key = entry.fold(value, locale)
            if key is not None:
                order[column + "_key"] = customer[of_customer + "_key"] = key
        else:
            _keep(write, entry, value, scope, grant)
    return write


def _keep_unknown(write: OrderWrite, name: str, raw: Any) -> None:
    """An unknown member is kept under its exact name, bounded like every text (contract 1.6, 1.9)."""
    if len(write.extra) > MAX_EXTRA:  # they are refused for their number: no more of them have to be read
        return
    if isinstance(raw, str) and len(raw) > MAX_EXTRA_TEXT:
        message = f"at most {MAX_EXTRA_TEXT} characters"
        write.faults.append(Fault("TooLong", f"order.additional.{name}", message, raw, None, name))
    else:
        write.extra[name] = raw


def _granted_members(item: dict[str, Any], grant: frozenset[str], warnings: list[Fault]) -> dict[str, Any]:
    """The members that the key may send; each other one that is given is told (contract 1.9.4)."""
    members = {}
    for name, raw in item.items():
        if may_send(grant, In.LEGACY_ORDER, name, "order.additional"):
            members[name] = raw
        elif not is_empty(raw) and raw not in _NOTHING:
            _ignore(warnings, name, raw, ORDER_NAMES.get(name))
    return members


def _keep(write: OrderWrite, entry: Entry, value: Any, scope: Scope, grant: frozenset[str] | None) -> None:
    """Put what is no column of the order or its customer in its place."""
    sink = entry.sink
    if sink == LINES:
        read_lines(write, value, scope.locale, grant)
    elif sink == ASSIGNEE:
        write.assignee[entry.part] = value
    elif sink == GROUP:
        write.group = value
    elif sink == ENQUIRY:
        write.enquiry_id = value
    elif sink == EXTRA:
        write.extra.update(value)
    elif sink == ASSOCIATE:
        write.associate.update(value)


def read_payment(item: dict[str, Any], operation: Operation, scope: Scope, said: Said) -> PaymentWrite:
    """A payment or its correction; what means nothing for a payment is ignored with a warning (contract 2.4, 1.9.5)."""
    write = PaymentWrite({}, None, None, None, [], [], said)
    grant = granted(scope, operation)
    for name, raw in item.items():
        if is_empty(raw) or raw in _NOTHING:
            continue
        entry = PAYMENT_NAMES.get(name)
        if entry is None or (grant is not None and not may_send(grant, In.LEGACY_PAYMENT, name, "payment.additional")):
            _ignore(write.warnings, name, raw, entry or ORDER_NAMES.get(name))
        elif entry.sink != ACCOUNT and not (entry.better and _is_given(item, entry.better)):
            _read_payment_member(write, entry, name, raw, scope.locale)
    return write


def _read_payment_member(write: PaymentWrite, entry: Entry, name: str, raw: Any, locale: Locale) -> None:
    notes: list[Note] = []
    try:
        value = entry.read(raw, locale, notes)
    except Unreadable as error:
        write.faults.append(Fault(error.code, entry.field, error.message, raw, None, name))
        return
    _warn(write.warnings, notes, entry.field, name, raw)
    if value is None:
        return
    if entry.sink == CUSTOMER:
        write.customer_id = value
    elif entry.sink != ORDER:
        write.values[entry.order] = value
    elif entry.order == "id":
        write.order_id = value
    else:
        write.erp_order_id = value


def _is_given(item: dict[str, Any], words: tuple[str, ...]) -> bool:
    return any(not is_empty(item.get(word)) for word in words)


def _warn(warnings: list[Fault], notes: list[Note], field: str, path: str, raw: Any) -> None:
    warnings.extend(Fault(code, field, message, raw, None, path) for code, message in notes)
    notes.clear()


def _ignore(warnings: list[Fault], name: str, raw: Any, entry: Entry | None) -> None:
    if entry is None or entry.sink != ACCOUNT:
        message = "not used in this operation by this key"
        warnings.append(Fault("FieldIgnored", entry.field if entry else "", message, raw, None, name))
