"""The shape of an order's JSON: a dialect hands it down, `orders.sql` compiles it, the database builds the text."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final, NamedTuple


class Form(StrEnum):
    """How a stored value is printed."""

    NUMBER = "number"
    EXACT = "exact"  # a whole number of 1/10000, printed as the shortest decimal
    TEXT = "text"
    JSON = "json"  # JSON text already


class Of(StrEnum):
    """Where a value comes from."""

    ACCOUNT = "account"  # the account's number
    ORDER = "order"  # a column of the order
    SUM = "sum"  # a column of the order that is 0 when it is unset
    COPY = "copy"  # the order's own copy, else the column of its customer (`other`)
    ENQUIRY = "enquiry"  # a column of the order's enquiry
    LIST = "list"  # the number of a name in a named list (`other`)
    FIRST = "first"  # the first number of a JSON list
    NUMBER = "additional number"  # the additional field of that name, if it is a number
    FLAG = "additional boolean"  # the additional field of that name, if it is true or false
    FIXED = "fixed"  # always what stands for unset
    BALANCE = "balance"  # what is left to pay
    CUSTOMER = "customer"  # a column of the order's customer; of an inner: that customer
    E164 = "international phone"  # a column of the order's customer, if it is a phone with its country
    EMPLOYEE = "employee"  # a column of the employee that the order is assigned to; of an inner: that employee, or null
    LINE = "line"
    PAYMENT = "payment"  # the payment as it is now: details of its newest entry
    PAID = "paid"  # the sum of a payment's entries
    ENTRY = "entry"  # an entry of a payment


class Key(NamedTuple):
    """One member: its name, where its value comes from, how it is printed, and the JSON text that stands for unset.

    `unset` None: the member is left out then.
    """

    word: str
    of: Of
    column: str
    form: Form = Form.NUMBER
    unset: str | None = "0"
    other: str = ""


class Inner(NamedTuple):
    """A member that is an object (of the customer, enquiry, employee), or a list of them (lines, payments, entries)."""

    word: str
    of: Of
    keys: tuple[Key | Inner, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Shape:
    """The members of an order in their order; the first one is a key that is always there.

    Who makes one keeps it: statements are kept by it, and to compare all that is in it would cost more than to read.
    """

    keys: tuple[Key | Inner, ...]


# The named lists whose numbers orders show: the list -> the column of the name, and of the customer's if that counts.
LISTS: Final = {"unit": ("unit_name", ""), "block": ("block_name", ""), "zone": ("zone", "zone")}
