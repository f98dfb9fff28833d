"""Schemas of single values: what callers may send (contract 1.6), and what answers print."""

from __future__ import annotations

from typing import Any, Final

from orderdock.fields import ALL_FIELDS, Field, Name
from orderdock.kinds import (
    BOOLEAN,
    COUNT,
    EXTRA,
    ID,
    MOMENT,
    REMARKS,
    WORDS,
    Boolean,
    Decimals,
    Extra,
    Json,
    Kind,
    Objects,
    Text,
    TextOrObject,
    Words,
    trimmed,
)
from orderdock.orders.query.search import SORTS

SCHEMAS: Final = "#/components/schemas/"
EMPTY: Final[Json] = {
    "description": "What counts as not given: absent, null, or text of blanks only.",
    "type": ["null", "string"],
    "pattern": trimmed(""),
}
# As an id, 0 is empty too: answers print 0 for unset, and clients echo it.
EMPTY_ID: Final[Json] = {
    "description": "What counts as no id: what is empty, and 0.",
    "type": ["null", "string", "integer"],
    "pattern": trimmed("0+"),
    "minimum": 0,
    "maximum": 0,
}
_WORDS_OF_LABELS: Final = {
    "e-mail": "Email", "list of employees": "Employees", "text or object": "TextOrObject",
    "list": "List", "list of objects": "Objects",
    "date": "Date", "id": "Id", "employee": "Employee",
}  # fmt: skip
_HELP: Final = {
    "id": "A positive whole number as number or text; 0 is empty, anything else an id that does not exist.",
    "boolean": "true/false, yes/no, 1/0, in any case.",
    "count": "A whole number from 0, as number or text.",
    "money": "An exact decimal of up to 15 digits before and 4 behind the point, as number or text.",
    "quantity": "A decimal from 0 with up to 4 digits behind the point, as number or text.",
    "date": "yyyy-mm-dd, yyyy-mm-dd HH:MM[:SS] in the account's zone, ISO 8601 with offset, or epoch milliseconds.",
    "phone": "A phone number; printed as sent, matched in its international form.",
    "e-mail": "An e-mail address; printed as sent, matched case-folded.",
    "employee": "An employee, by code, e-mail or name.",
    "list": "Words in one text, separated by commas, or in an array.",
    "list of employees": "Employees in one text, separated by commas, or in an array.",
    "list of objects": "Objects in an array, or one alone; kept as they are.",
    "object": "An object of further members, merged member by member.",
    "text or object": "Text, or an object that is kept as it is.",
}


def ref(name: str) -> Json:
    """A reference to a schema of the document."""
    return {"$ref": SCHEMAS + name}


def name_of(kind: Kind) -> str:
    """The name of a kind's schema: `Text200`, `Date`, `SignedMoney`."""
    if type(kind) is Text:
        return f"Text{kind.limit}"
    signed = "Signed" if isinstance(kind, Decimals) and kind.negative else ""
    if kind.sql == "":
        return "Records"
    return signed + _WORDS_OF_LABELS.get(kind.label, kind.label.title())


def help_of(kind: Kind) -> str:
    """What a caller may write, in a sentence."""
    if type(kind) is Text:
        return f"Text of up to {kind.limit:,} characters; numbers and booleans are read as text."
    return _HELP.get(kind.label, kind.label)


def _account(cm_id: int) -> Json:
    """The number of the account in a request; 0 as `cm_id`: any."""
    about = "Number of the account; when given it must be that of the credential."
    if not cm_id:
        return {"description": about, "type": ["integer", "string", "null"], "minimum": 0, "pattern": trimmed("[0-9]+")}
    text = {"type": ["string", "null"], "pattern": trimmed(f"0*{cm_id}|0+")}
    return {"description": about, "anyOf": [{"const": cm_id}, {"const": 0}, text], "examples": [cm_id]}


def kind_schemas(cm_id: int = 0) -> dict[str, Json]:
    """The schemas of every kind of value, and of what is empty; `cm_id` is the one account that may be named."""
    kinds = {name_of(kind): kind for kind in (*(row.kind for row in ALL_FIELDS), *_OTHERS)}
    found = {name: {"description": help_of(kind), **kind.schema()} for name, kind in sorted(kinds.items())}
    del found["Records"]
    return {
        **found,
        "Empty": EMPTY,
        "EmptyId": EMPTY_ID,
        **_SEARCHED,
        "Account": _account(cm_id),
    }


_OTHERS: Final[tuple[Kind, ...]] = (ID, BOOLEAN, COUNT, MOMENT, REMARKS, WORDS, EXTRA)
_SCALARS: Final = ["string", "number", "boolean", "null"]
_SORT_WORDS: Final = "|".join(SORTS)
# Values of searches and of controls, which no field of the registry has.
_SEARCHED: Final[dict[str, Json]] = {
    "Ids": {
        "description": "Numbers in one text, separated by commas, or in an array.",
        "type": ["string", "integer", "array", "null"],
        "pattern": r"^[0-9,\s\x1c-\x1f\x85]*$",
        "minimum": 0,
        "items": {"type": ["string", "integer", "null"], "pattern": trimmed("[0-9]+"), "minimum": 0},
    },
    "Words": {
        "description": "Words in one text, separated by commas, or in an array.",
        "type": [*_SCALARS, "array"],
        "items": {"type": _SCALARS},
    },
    "Sort": {
        "description": f"One of {', '.join(SORTS)}; - before it, or desc behind it, for descending.",
        "type": ["string", "null"],
        "pattern": trimmed(rf"[+-]?\s*(?:{_SORT_WORDS})|(?:{_SORT_WORDS})\s+(?:[Aa][Ss][Cc]|[Dd][Ee][Ss][Cc])?"),
        "examples": ["-createDate"],
    },
    "Cursor": {
        "description": "`next` of the previous answer; the rest of the request stays the same.",
        "type": ["string", "null"],
    },
}


def sent(row: Field, name: Name, kind: Kind | None = None) -> Json:
    """The schema of a field under one of its names."""
    parts = {"code": " By code.", "email": " By e-mail.", "name": " By name."}
    about = row.help + parts.get(name.part, "")
    example = row.example
    if name.part:
        example = {"code": "E-7", "email": "meera@example.com", "name": "Meera"}[name.part]
    return {**ref(name_of(kind or row.kind)), "description": about, "examples": [example]}


def printed(kind: Kind) -> Json:
    """The schema of a value as the v1 family prints it; unset is 0, "" or false where it is printed at all."""
    if isinstance(kind, Boolean):
        return {"type": "boolean"}
    if isinstance(kind, Decimals):
        return {"type": "number"}
    if isinstance(kind, Extra):
        return {"type": "object"}
    if isinstance(kind, Words):
        return {"type": ["array", "string"], "items": {"type": "string"}}
    if isinstance(kind, Objects):
        return {"type": "array", "items": {"type": "object"}}
    if isinstance(kind, TextOrObject):
        return {"type": ["string", "object"]}
    return {"type": "integer" if kind.sql == "bigint" else "string"}


def words(members: dict[str, Any], *needed: str) -> Json:
    """An object of an answer: all its members are there unless `needed` names those that are."""
    return {"type": "object", "required": list(needed or members), "properties": members}


TEXT: Final[Json] = {"type": "string"}
NUMBER: Final[Json] = {"type": "integer"}
MILLISECONDS: Final[Json] = {"type": "integer", "description": "Epoch milliseconds."}
