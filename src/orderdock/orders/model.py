"""What can be asked of an order and what comes of it.

Records are mappings of column names to stored forms (kinds), unset columns left out, and are never changed
in place: a change makes a new record. The columns come from the registry of fields, so they are not typed again.
"""

from __future__ import annotations

from typing import Any, Literal, TypeAlias

import msgspec

from orderdock.errors import Fault

Record: TypeAlias = dict[str, Any]
Outcome = Literal["created", "updated", "unchanged", "stale", "failed"]
Operation = Literal["order.push", "order.update", "order.payment"]


class OrderWrite(msgspec.Struct):
    """A push or an update of one order: only what was given and could be read.

    `order` and `customer` map columns to stored forms; `id` in them is the caller's reference to a record, and
    what is matched by folded form has it beside it (`phone_key`). `enquiry_id` names an enquiry.
    `lines` are given lines (None: not given). `assignee` holds what was given of an employee: code, email, name.
    `extra` and `associate` are members to be merged. `faults` is what could not be read, told with everything that
    the rules find; `warnings` likewise. `said` is the dialect's own memory of the item, to name things in the
    caller's words.
    """

    operation: Operation
    order: Record
    customer: Record
    enquiry_id: int | None
    lines: list[Record] | None
    assignee: dict[str, str]
    group: str | None
    extra: dict[str, Any]
    associate: dict[str, Any]
    faults: list[Fault]
    warnings: list[Fault]
    said: Any


class PaymentWrite(msgspec.Struct):
    """A payment to be recorded, or corrected when `values["payment_id"]` names one.

    `values` maps payment columns to stored forms. `order_id`, `erp_order_id` and `customer_id` say which order is paid.
    """

    values: Record
    order_id: int | None
    erp_order_id: str | None
    customer_id: int | None
    faults: list[Fault]
    warnings: list[Fault]
    said: Any
    operation: Operation = "order.payment"


class Unread(msgspec.Struct):
    """An item of which no order or payment could be made: it is not an object, or the key may not do what it asks."""

    operation: Operation
    faults: list[Fault]
    warnings: list[Fault]
    said: Any


class OrderDelete(msgspec.Struct):
    """An administrator deletes an order; its number and erp_order_id become free."""

    order_id: int
    faults: list[Fault]
    warnings: list[Fault]
    operation: Literal["order.delete"] = "order.delete"
    said: Any = None


Command: TypeAlias = OrderWrite | PaymentWrite | Unread | OrderDelete


class Verdict(msgspec.Struct):
    """What came of one command. Ids are 0 when there is none; faults are there when the outcome is `failed`."""

    outcome: Outcome
    command: Command
    faults: list[Fault]
    warnings: list[Fault]
    order_id: int = 0
    customer_id: int = 0
    enquiry_id: int = 0
    payment_id: int = 0
