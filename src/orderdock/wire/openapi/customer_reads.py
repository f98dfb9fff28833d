"""Schemas and examples of customers that are read in the legacy family (contract 2.11, 2.12)."""

from __future__ import annotations

from typing import Any, Final

from orderdock.fields import FIELDS, Out, shown_at
from orderdock.kinds import BOOLEAN, COUNT, ID, Json, Moment
from orderdock.orders.query import MAX_LIMIT
from orderdock.people.query import FILTERS, MOST_CONTACTS, MOST_CONTACTS_OF_MANY, Filter, How
from orderdock.wire.legacy_customers_show import (
    ANSWER,
    ATTRIBUTE_KEYS,
    CONTACT_KEYS,
    DETAIL_KEYS,
    MISSED,
    MORE_KEYS,
)
from orderdock.wire.legacy_query.customers import END, IDENTITIES, IDS, START
from orderdock.wire.openapi.answers import FAILURES, FAULTS, SUCCESS, WARNINGS
from orderdock.wire.openapi.bodies import batch
from orderdock.wire.openapi.profile import Profile
from orderdock.wire.openapi.records import given
from orderdock.wire.openapi.values import NUMBER, TEXT, name_of, ref, words
from orderdock.wire.parts import ACCOUNT_WORDS, Key

GET, PULL = "customer.get", "customer.pull"
_ACCOUNTS: Final = {word: ref("Account") for word in ACCOUNT_WORDS}
_TYPES: Final = {bool: "boolean", int: "integer", str: "string"}
_AT: Final = "May 2, 2024 4:15:42 PM"
_DETAILS, _CONTACT = (*DETAIL_KEYS, *ATTRIBUTE_KEYS), (*CONTACT_KEYS, *MORE_KEYS)
# How a filter's value is written, where that is not as its field's.
_SCHEMAS: Final = {
    How.IDS: "Ids", How.PEOPLE: "Words", How.NAMED: "Words", How.PHONE: "Text20000", How.EMAIL: "Text20000",
    How.FLAG: name_of(BOOLEAN),
}  # fmt: skip
_LATER: Final = {
    "isIndividual": "Only persons; not looked at when an earlier one is true.",
    "isChannelPartner": "Only channel partners; not looked at when an earlier one is true.",
    "isAllCustomerPage": "Has no effect.",
    "designationType": "Has no effect.",
}


def _about(word: str, place: Out) -> Json:
    row = shown_at(place).get(word)
    return {"description": row.help} if row else {}


def _members(keys: tuple[Key, ...], place: Out) -> dict[str, Any]:
    return {key.word: {"type": _TYPES[type(key.unset)], **_about(key.word, place)} for key in keys}


def customer_schemas(profile: Profile) -> dict[str, Json]:
    """What get customer and pull customers take and answer."""
    contacts: Json = {"type": "array", "items": ref("ContactDetails"), "maxItems": MOST_CONTACTS,
                      "description": f"The main one first; on a page at most {MOST_CONTACTS_OF_MANY}."}  # fmt: skip
    needed = [key.word for key in DETAIL_KEYS]
    page = {
        "customers": {"type": "array", "items": ref("CustomerDetails")}, "status": SUCCESS,
        "total": {**NUMBER, "description": "How many customers fit."},
        "next": {**TEXT, "description": "The cursor of the next page; empty on the last."}, "warnings": WARNINGS,
    }  # fmt: skip
    always = ("customers", "status", *(("total", "next") if profile.has_extras else ()))
    extra = ("Error", "errors") if profile.has_extras else ()
    missed = {ANSWER: {"type": "string", "const": MISSED}, "status": {"type": "string", "const": "failed"},
              "Error": ref("Code"), "errors": FAULTS}  # fmt: skip
    found = {ANSWER: ref("CustomerDetails"), "status": SUCCESS, "warnings": WARNINGS}
    return {
        "GetCustomer": get_customer(),
        "PullCustomers": pull_customers(),
        "CustomerDetails": words(
            {**_members(_DETAILS, Out.LEGACY_CUSTOMER), "contacts": contacts}, *needed, "contacts"
        ),
        "ContactDetails": words(
            _members(_CONTACT, Out.LEGACY_CONTACT), *(key.word for key in CONTACT_KEYS)
        ),
        "GotCustomer": {**words(found, ANSWER, "status"), "description": "One customer."},
        "CustomerMissed": {**words(missed, ANSWER, "status", *extra), "description": "There is no such customer."},
        "CustomersPage": {**words(page, *always), "description": "Customers of a range."},
    }  # fmt: skip


def get_body(profile: Profile) -> Json:
    """The body of a get."""
    return batch(ref("GetCustomer"), 1)


def pull_body(profile: Profile) -> Json:
    """The body of a pull."""
    return batch(ref("PullCustomers"), 1)


def got(profile: Profile) -> Json:
    """The answers of a get with HTTP 200."""
    return {"anyOf": [ref(name) for name in ("GotCustomer", "CustomerMissed", FAILURES["lower"])]}


def pulled(profile: Profile) -> Json:
    """The answers of a pull with HTTP 200."""
    return {"anyOf": [ref("CustomersPage"), ref(FAILURES["lower"])]}


def get_customer() -> Json:
    """The item of a get: its number, else a code, a phone or an e-mail."""
    others = {
        word: {"description": f"{FIELDS[name].help} Used when no number is given.", "examples": [FIELDS[name].example]}
        for name, names in IDENTITIES.items()
        for word in names
    }
    number = FIELDS["customer.id"]
    return {
        "type": "object",
        "description": "The customer that is asked for. A number decides alone; else the first that somebody has.",
        "anyOf": [*given(IDS, "EmptyId")["anyOf"], *given(list(others))["anyOf"]],
        "properties": {
            IDS[0]: {**ref(name_of(ID)), "description": number.help, "examples": [number.example]},
            IDS[1]: {"description": f"Another name of `{IDS[0]}`, which wins when both are given."},
            **others,
            **_ACCOUNTS,
        },
    }


def pull_customers() -> Json:
    """The item of a pull: a range of dates, and what the customers of it are filtered by."""
    filters = {word: _filter(row, word) for row in FILTERS for word in row.names}
    return {
        "type": "object",
        "description": "A range of dates, both days included; what else is given, all of it must fit.",
        "allOf": [given([START])],
        "required": [START],
        "properties": {
            START: {**ref("Date"), "description": "First day of creation.", "examples": ["2024-05-08"]},
            END: {**ref("Date"), "description": "Last day; empty: the first.", "examples": ["2024-05-08"]},
            **_ACCOUNTS,
            **filters,
            "limit": _count(f"Size of a page; empty: 100; at most {MAX_LIMIT}.", 100),
            "offset": _count("Customers to skip.", 0),
            "cursor": ref("Cursor"),
            **{word: {"description": about} for word, about in _LATER.items()},
        },
    }


def _count(about: str, example: int) -> Json:
    return {**ref(name_of(COUNT)), "description": about, "examples": [example]}


def _filter(row: Filter, word: str) -> Json:
    """What a filter takes under one of its names; a second one is read only when the first is empty."""
    about = f"{row.field.help} ({row.how.value})"
    if word != row.names[0]:
        return {"description": f"{about}. Counts when `{row.names[0]}` is empty."}
    return {**ref(_SCHEMAS.get(row.how, name_of(row.field.kind))), "description": about}


# --- examples --------------------------------------------------------------------------------------------------------


def get_example(profile: Profile) -> Any:
    """One customer by number."""
    return [{IDS[0]: FIELDS["customer.id"].example}]


def pull_example(profile: Profile) -> Any:
    """A day."""
    return {START: "2024-05-02", END: "2024-05-02", "limit": "100"}


def _shown(keys: tuple[Key, ...], place: Out) -> Json:
    found: Json = {}
    for key in keys:
        row = shown_at(place).get(key.word)
        if key.word == "generationDate" or (row and isinstance(row.kind, Moment)):
            found[key.word] = _AT
        elif row is None or isinstance(key.unset, bool):
            found[key.word] = key.unset
        else:
            found[key.word] = type(key.unset)(row.example)
    return found


def _details() -> Json:
    return {**_shown(DETAIL_KEYS, Out.LEGACY_CUSTOMER), "contacts": [_shown(CONTACT_KEYS, Out.LEGACY_CONTACT)]}


def got_example(profile: Profile) -> Any:
    """The answer of a get."""
    return {ANSWER: _details(), "status": "success"}


def pulled_example(profile: Profile) -> Any:
    """A page of one customer."""
    more = {"total": 1, "next": ""} if profile.shows_extras else {}
    return {"customers": [_details()], "status": "success", **more}
