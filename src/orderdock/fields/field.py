"""What one row of the registry says about a field, and the places where fields have outside names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from orderdock.kinds import Kind

OURS = "†"


class In(StrEnum):
    """Where a caller writes a field."""

    LEGACY_ORDER = "legacy order"
    LEGACY_LINE = "legacy product_details[]"
    LEGACY_PAYMENT = "legacy payment"
    LEGACY_CUSTOMER = "legacy customer"
    LEGACY_ENQUIRY = "legacy enquiry"
    V1_TOP = "v1"
    V1_CUSTOMER = "v1 customer_info"
    V1_CONTACT = "v1 contact_info[]"
    V1_ENQUIRY = "v1 enquiry_info"
    V1_ORDER = "v1 order_info"
    V1_LINE = "v1 product_details[]"
    V1_PAYMENT = "v1 payment_details[]"


class Out(StrEnum):
    """Where an answer shows a field."""

    LEGACY_ORDER = "legacy pull"
    LEGACY_GET = "legacy get"
    LEGACY_DETAILS = "legacy includeDetails"
    LEGACY_LINE = "legacy lines[]"
    LEGACY_PAYMENT = "legacy payments[]"
    LEGACY_CUSTOMER = "legacy get customer"
    LEGACY_CONTACT = "legacy get customer contacts[]"
    V1_ORDER = "v1 order"
    V1_ONE = "v1 one order"
    V1_ONE_CUSTOMER = "v1 one order customer"
    V1_ONE_ENQUIRY = "v1 one order enquiry"
    V1_LINE = "v1 lines[]"
    V1_PAYMENT = "v1 payments[]"


class Mandatory(StrEnum):
    """Who may ask for a field: an administrator, the system by itself, or nobody."""

    YES = "yes"
    SYSTEM = "sys"
    NO = "no"


@dataclass(frozen=True, slots=True)
class Name:
    """An outside name; `ours` marks names that the documents do not show; `part` says which property of an employee it gives."""

    word: str
    ours: bool = False
    part: str = ""


@dataclass(frozen=True, slots=True)
class Field:
    """One fact about an order, line, payment, customer, contact or enquiry, said once.

    `name` is the domain name (`order.remarks`), `column` its column in the table of its record ("" when
    it is not one). `example` is a value as a caller sends it. `shared` says that its outside names feed
    another field too (contract section 3): a customer's phone is also the order's own copy.
    """

    name: str
    kind: Kind
    help: str
    example: Any
    ins: Mapping[In, tuple[Name, ...]]
    outs: Mapping[Out, tuple[Name, ...]]
    mandatory: Mandatory
    column: str
    shared: bool

    @property
    def record(self) -> str:
        """The record it belongs to: order, line, payment, customer, contact or enquiry."""
        return self.name.partition(".")[0]


def _names(words: str) -> tuple[Name, ...]:
    """`"a b† c†:code"` -> three names, the last two ours, the last giving an employee's code."""
    names = []
    for entry in words.split():
        word, _, part = entry.partition(":")
        names.append(Name(word.removesuffix(OURS), word.endswith(OURS), part))
    return tuple(names)


def field(
    name: str,
    kind: Kind,
    help: str,
    example: Any,
    *,
    ins: Mapping[In, str] | None = None,
    outs: Mapping[Out, str] | None = None,
    mandatory: Mandatory = Mandatory.YES,
    column: str | None = None,
    shared: bool = False,
) -> Field:
    """One row. Outside names are written as in the contract's dictionary: `†` behind a name of ours."""
    last = name.rpartition(".")[2]
    return Field(
        name,
        kind,
        help,
        example,
        {place: _names(words) for place, words in (ins or {}).items()},
        {place: _names(words) for place, words in (outs or {}).items()},
        mandatory,
        last if column is None else column,
        shared,
    )
