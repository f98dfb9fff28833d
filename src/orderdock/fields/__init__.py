"""Every field once: the registry that columns, validation, name maps, documents and key profiles are derived from.

Source: contract section 3.
"""

from __future__ import annotations

from functools import cache
from typing import Final

from orderdock.fields.contact import CONTACT_FIELDS
from orderdock.fields.customer import CUSTOMER_FIELDS
from orderdock.fields.enquiry import ENQUIRY_FIELDS
from orderdock.fields.field import OURS, Field, In, Mandatory, Name, Out
from orderdock.fields.line import LINE_FIELDS
from orderdock.fields.order import ORDER_FIELDS
from orderdock.fields.payment import PAYMENT_FIELDS

ALL_FIELDS: Final[tuple[Field, ...]] = (
    *ORDER_FIELDS,
    *LINE_FIELDS,
    *PAYMENT_FIELDS,
    *CUSTOMER_FIELDS,
    *CONTACT_FIELDS,
    *ENQUIRY_FIELDS,
)
FIELDS: Final[dict[str, Field]] = {row.name: row for row in ALL_FIELDS}


@cache
def read_at(place: In) -> dict[str, tuple[tuple[Field, Name], ...]]:
    """Every name that callers write at a place -> the fields that it feeds, each with the name's row."""
    found: dict[str, list[tuple[Field, Name]]] = {}
    for row in ALL_FIELDS:
        for name in row.ins.get(place, ()):
            found.setdefault(name.word, []).append((row, name))
    return {word: tuple(rows) for word, rows in found.items()}


@cache
def shown_at(place: Out) -> dict[str, Field]:
    """Every name that answers show at a place -> its field."""
    return {name.word: row for row in ALL_FIELDS for name in row.outs.get(place, ())}


@cache
def resolve(word: str) -> tuple[Field, ...]:
    """The fields that an administrator means by a domain name or any wire name (`product_details[].sku_id`, `sku_id`)."""
    if word in FIELDS:
        return (FIELDS[word],)
    last = word.rpartition(".")[2]
    rows = [row for row in ALL_FIELDS if any(name.word == last for names in row.ins.values() for name in names)]
    if "[]." in word:
        rows = [row for row in rows if row.record in ("line", "contact", "payment")]
    return tuple(rows)


def mandatory_fields() -> tuple[Field, ...]:
    """The fields that a key may make mandatory."""
    return tuple(row for row in ALL_FIELDS if row.mandatory is Mandatory.YES)


__all__ = [
    "ALL_FIELDS",
    "CONTACT_FIELDS",
    "CUSTOMER_FIELDS",
    "ENQUIRY_FIELDS",
    "FIELDS",
    "LINE_FIELDS",
    "ORDER_FIELDS",
    "OURS",
    "PAYMENT_FIELDS",
    "Field",
    "In",
    "Mandatory",
    "Name",
    "Out",
    "mandatory_fields",
    "read_at",
    "resolve",
    "shown_at",
]
