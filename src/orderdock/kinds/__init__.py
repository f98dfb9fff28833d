"""What a value can be: how it is read, shown, compared and described.

A kind reads what a caller sent (a JSON value) into the form that is stored, and shows it again for
either family. Stored forms: text as str, money and quantity as whole 1/10000 (int), moments as UTC
epoch milliseconds (int), booleans as 0/1, lists and objects as JSON text.
Source: contract 1.6, 1.7.
"""

from __future__ import annotations

from typing import Final

from orderdock.kinds.bags import (
    MAX_EXTRA,
    MAX_EXTRA_TEXT,
    Extra,
    Objects,
    People,
    Records,
    TextOrObject,
    Words,
    changed_members,
    entries,
)
from orderdock.kinds.base import (
    MAX_BIGINT,
    MAX_ID,
    NO_SUCH_ID,
    SCALE,
    Json,
    Kind,
    Locale,
    Note,
    Number,
    Unreadable,
    as_text,
    from_json,
    is_empty,
    to_json,
    trimmed,
)
from orderdock.kinds.contact import Email, Phone, load_phone_plans, region_of
from orderdock.kinds.decimals import Decimals, shortest
from orderdock.kinds.moment import Moment, local_ms, show_local, show_spoken
from orderdock.kinds.text import Boolean, Count, Id, Person, Text, fold_words

CODE: Final = Text(200)
SHORT: Final = Text(500)
ADDRESS: Final = Text(2_000)
REMARKS: Final = Text(20_000)
ID: Final = Id()
BOOLEAN: Final = Boolean()
COUNT: Final = Count()
MONEY: Final = Decimals()
SIGNED: Final = Decimals(negative=True)
QUANTITY: Final = Decimals(label="quantity", code="InvalidNumber", message="not a number of up to 4 decimals")
MOMENT: Final = Moment()
PHONE: Final = Phone()
EMAIL: Final = Email()
PERSON: Final = Person()
WORDS: Final = Words()
PEOPLE: Final = People()
EXTRA: Final = Extra()
TEXT_OR_OBJECT: Final = TextOrObject()
RECORDS: Final = Records()
OBJECTS: Final = Objects()

__all__ = [
    "ADDRESS",
    "BOOLEAN",
    "CODE",
    "COUNT",
    "EMAIL",
    "EXTRA",
    "ID",
    "MAX_BIGINT",
    "MAX_EXTRA",
    "MAX_EXTRA_TEXT",
    "MAX_ID",
    "MOMENT",
    "MONEY",
    "NO_SUCH_ID",
    "OBJECTS",
    "PEOPLE",
    "PERSON",
    "PHONE",
    "QUANTITY",
    "RECORDS",
    "REMARKS",
    "SCALE",
    "SHORT",
    "SIGNED",
    "TEXT_OR_OBJECT",
    "WORDS",
    "Boolean",
    "Count",
    "Decimals",
    "Email",
    "Extra",
    "Id",
    "Json",
    "Kind",
    "Locale",
    "Moment",
    "Note",
    "Number",
    "Objects",
    "People",
    "Person",
    "Phone",
    "Records",
    "Text",
    "TextOrObject",
    "Unreadable",
    "Words",
    "as_text",
    "changed_members",
    "entries",
    "fold_words",
    "from_json",
    "is_empty",
    "load_phone_plans",
    "local_ms",
    "region_of",
    "shortest",
    "show_local",
    "show_spoken",
    "to_json",
    "trimmed",
]
