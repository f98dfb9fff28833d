"""What can be asked of an order and what comes of it.

Records are mappings of column names to stored forms (kinds), unset columns left out, and are never changed
in place: a change makes a new record. The columns come from the registry of fields, so they are not typed again.
"""

from __future__ import annotations

from typing import Any, Final, Literal, TypeAlias

import msgspec

from orderdock.errors import Fault
from orderdock.people.model import CustomerWrite, EnquiryWrite

Record: TypeAlias = dict[str, Any]
Outcome = Literal["created", "updated", "unchanged", "stale", "failed"]
Operation = Literal[
    "order.push", "order.update", "order.payment", "order.add-update", "customer.push", "customer.add-update",
    "enquiry.push",
]  # fmt: skip


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


class ContactWrite(msgspec.Struct):
    """One contact of an add-update: only what was given and could be read.

    `values` maps columns to stored forms, `id` being the caller's reference. `update` changes the contact that is
    matched; `both` matches by e-mail and phone together. `at` is its index in the caller's list.
    """

    values: Record
    extra: dict[str, Any]
    update: bool
    both: bool
    at: int


class PaymentPart(msgspec.Struct):
    """One payment of an add-update: `values` as in PaymentWrite; a refund may name the payment that it is of."""

    values: Record
    refund: bool
    refund_of: int | None
    at: int


class Clear(msgspec.Struct):
    """One path of `clear`: the fields that it unsets, or a member of an open object (`bag` is the object's field).

    `at` is the index of a contact in the caller's list. `where` is where the path stands, `path` the path itself.
    """

    fields: tuple[str, ...]
    bag: str
    member: str
    at: int | None
    where: str
    path: str


# Stands among the revisions that a caller allows: every one, but the order must be there (`If-Match: *`).
ANY_REVISION: Final = -1


class AddUpdate(msgspec.Struct):
    """An order together with its customer, contacts, enquiry and payments, as one transaction (contract 2.8).

    `order` holds what is said of the order, its lines and assignee; the customer's columns, by which it is found too;
    of the enquiry its number and group; and the faults and warnings of the whole. `enquiry` maps the enquiry's other
    columns. `is_order` is false when nothing of the request is about an order. `revisions` are those that the caller
    allows (None: any). As `customer.add-update` it is about a customer alone (contract 2.14): it has no order, lines or
    payments, and `order` holds the rest.
    """

    order: OrderWrite
    update: bool
    is_order: bool
    customer_update: bool
    customer_assignee: dict[str, str]
    customer_extra: dict[str, Any]
    customer_associate: dict[str, Any]
    contacts: list[ContactWrite]
    enquiry: Record
    enquiry_update: bool
    enquiry_assignee: dict[str, str]
    enquiry_extra: dict[str, Any]
    payments: list[PaymentPart]
    clears: list[Clear]
    revisions: frozenset[int] | None
    said: Any
    operation: Literal["order.add-update", "customer.add-update"] = "order.add-update"

    @property
    def is_customer(self) -> bool:
        """Whether it is about a customer alone."""
        return self.operation == "customer.add-update"

    @property
    def changes_customer(self) -> bool:
        """Whether a customer that is matched is changed; alone, one that is named by number always is (2.14)."""
        return self.customer_update or (self.is_customer and "id" in self.order.customer)

    @property
    def says_enquiry(self) -> bool:
        """Whether anything is said of an enquiry."""
        named = self.order.enquiry_id is not None or self.order.group is not None
        return named or bool(self.enquiry or self.enquiry_assignee or self.enquiry_extra)

    @property
    def changes_enquiry(self) -> bool:
        """Whether an enquiry that is matched is changed; beside a customer alone only if something is said of it."""
        return self.enquiry_update and (self.says_enquiry or not self.is_customer)

    @property
    def size(self) -> int:
        """How many records of one kind it may make, at most."""
        return 1 + len(self.contacts) + len(self.payments)

    @property
    def faults(self) -> list[Fault]:
        """What could not be read."""
        return self.order.faults

    @property
    def warnings(self) -> list[Fault]:
        """What was read and is odd."""
        return self.order.warnings

    @property
    def is_added(self) -> bool:
        """Whether it is answered as an add (contract 2.8 rule 5)."""
        return not self.update and "id" not in self.order.order


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


Command: TypeAlias = OrderWrite | PaymentWrite | Unread | OrderDelete | AddUpdate | CustomerWrite | EnquiryWrite


class Verdict(msgspec.Struct):
    """What came of one command. Ids are 0 when there is none; faults are there when the outcome is `failed`.

    Of an enquiry `assignee` is the code of the employee who looks after it. `known_by` are the contact details (phone,
    email) by which the customer of a repeated one was known; None: it is no repeat.
    """

    outcome: Outcome
    command: Command
    faults: list[Fault]
    warnings: list[Fault]
    order_id: int = 0
    customer_id: int = 0
    enquiry_id: int = 0
    payment_id: int = 0
    contact_id: int = 0
    payment_ids: tuple[int, ...] = ()
    assignee: str = ""
    known_by: tuple[str, ...] | None = None
