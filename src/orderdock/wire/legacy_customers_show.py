"""Get customer and pull customers: customers -> bytes (contract 2.11, 2.12).

Numbers and booleans are those of JSON; text that is unset is empty. Names and
kinds come from the registry; what stands here is the order of the keys.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from orderdock.accounts.model import Scope
from orderdock.errors import CODES, CustomerNotFound, Fault
from orderdock.fields import CONTACT_FIELDS, Out, shown_at
from orderdock.kinds import BOOLEAN, ID, MOMENT, Kind, Locale, Number, from_json, show_spoken
from orderdock.people.query import CONSTANTS, CustomerPage, CustomerQuery, GetCustomer, Record
from orderdock.wire.body import encode, entry
from orderdock.wire.parts import Key, printed

# The keys of a customer in their order; `contacts` and the attributes follow them.
_DETAILS: Final = (
    "id cmId isOrganization name website address state city country latitude longitude currentStatus generationDate"
    " creatorId channelPartnerId remarks ratePlanId customerCode isChannelPartner pinCode campaignId campaignItemId"
    " campaignActivityId totalNoOfEnquiries feedbackOnCustomer"
)
_CONTACT: Final = "id cmId leadId contactPerson phone email"
_ATTRIBUTES: Final = " ".join(word for word in shown_at(Out.LEGACY_CUSTOMER) if word.startswith("attr"))
# Members of a contact that are ours, and shown when they are set.
_MORE_OF_CONTACT: Final = " ".join(
    name.word for row in CONTACT_FIELDS for name in row.outs.get(Out.LEGACY_CONTACT, ()) if name.ours
)
# The name of the details, and of what is said when there are none.
ANSWER: Final = "Customer Details"
MISSED: Final = "Information given by you does not exist in our sytsem."
# What a refused request says of the credential, and a get of somebody who is not there.
INVALID_KEY: Final = {code: CODES[code] for code in ("AuthKeyInvalid", "APIExpired")}
GET_TEXT: Final = {**INVALID_KEY, "CustomerNotFound": MISSED}
# A number of more digits is none of an id, and JSON readers would round it.
_MOST_DIGITS: Final = 15


def _spoken(value: int, locale: Locale) -> str:
    return show_spoken(value, locale.zone)


def _plain(value: Any, _: Locale) -> Any:
    return value


def _key(word: str, column: str, kind: Kind) -> Key:
    if kind is BOOLEAN:
        return Key(word, column, lambda value, _: bool(value), False)
    return Key(word, column, _spoken if kind is MOMENT else _plain, 0 if kind is ID else "")


# What no field of the registry is, by name: its column and its kind.
_OTHERS: Final[Mapping[str, tuple[str, Kind]]] = {
    "cmId": ("cm_id", ID), "leadId": ("customer_id", ID), "generationDate": ("created_at", MOMENT),
    "creatorId": ("creator_id", ID), "totalNoOfEnquiries": ("enquiries", ID),
}  # fmt: skip


def _plan(words: str, place: Out) -> tuple[Key, ...]:
    found = []
    for word in words.split():
        row = shown_at(place).get(word)
        if word in CONSTANTS:
            found.append(Key(word, word, _plain, CONSTANTS[word]))
        elif row is not None:
            found.append(_key(word, row.column, row.kind))
        else:
            found.append(_key(word, *_OTHERS[word]))
    return tuple(found)


DETAIL_KEYS: Final = _plan(_DETAILS, Out.LEGACY_CUSTOMER)
CONTACT_KEYS: Final = _plan(_CONTACT, Out.LEGACY_CONTACT)
MORE_KEYS: Final = _plan(_MORE_OF_CONTACT, Out.LEGACY_CONTACT)
ATTRIBUTE_KEYS: Final = _plan(_ATTRIBUTES, Out.LEGACY_CUSTOMER)


def _constants(customer: Record) -> dict[str, Any]:
    """What a customer's additional fields say instead of what is constant; of another type they say nothing."""
    members = from_json(customer["additional"]) if "additional" in customer else {}
    found = {}
    for word, unset in CONSTANTS.items():
        said = members.get(word)
        value = _whole(said) if isinstance(unset, int) else _text(said)
        if value is not None:
            found[word] = value
    return found


def _whole(said: Any) -> int | None:
    text = str(said) if type(said) is int or isinstance(said, str) else ""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS else None


def _text(said: Any) -> str | None:
    return str(said) if type(said) is int or isinstance(said, str | Number) else None


def _details(customer: Record, page: CustomerPage, scope: Scope) -> dict[str, Any]:
    number, locale = customer["id"], scope.locale
    whole = {**customer, **_constants(customer), "cm_id": scope.cm_id, "enquiries": page.enquiries.get(number)}
    shown = printed(DETAIL_KEYS, whole, locale)
    shown["contacts"] = [_contact(one, number, scope) for one in page.contacts.get(number, ())]
    shown.update(_set(ATTRIBUTE_KEYS, customer, locale))
    return shown


def _contact(contact: Record, number: int, scope: Scope) -> dict[str, Any]:
    shown = printed(CONTACT_KEYS, {**contact, "cm_id": scope.cm_id, "customer_id": number}, scope.locale)
    return {**shown, **_set(MORE_KEYS, contact, scope.locale)} if scope.settings["extra_keys"] else shown


def _set(keys: tuple[Key, ...], record: Record, locale: Locale) -> dict[str, Any]:
    """The keys that are set."""
    return printed(tuple(key for key in keys if key.column in record), record, locale)


def _warnings(warnings: Sequence[Fault]) -> dict[str, Any]:
    return {"warnings": [entry(one, one.path or "", one.value) for one in warnings]} if warnings else {}


def show_customer(page: CustomerPage, asked: GetCustomer, scope: Scope) -> bytes:
    """The answer of a get (contract 2.11). Raises CustomerNotFound."""
    if not page.customers:
        path, said = asked.told[0]
        raise CustomerNotFound("no such customer", path=path, value=said)
    answer: dict[str, Any] = {ANSWER: _details(page.customers[0], page, scope), "status": "success"}
    if scope.settings["extra_keys"]:
        warnings = list(asked.warnings)
        if page.others:
            path, _ = asked.told[page.by]
            others = ",".join(map(str, page.others))
            warnings.append(Fault("CustomerAmbiguous", "", "other customers have it too", others, None, path))
        answer.update(_warnings(warnings))
    return encode(answer)


def show_customers(page: CustomerPage, query: CustomerQuery, scope: Scope) -> bytes:
    """The answer of a pull (contract 2.12)."""
    shown = [_details(customer, page, scope) for customer in page.customers]
    answer: dict[str, Any] = {"customers": shown, "status": "success"}
    if scope.settings["extra_keys"]:
        answer.update(total=page.total, next=page.next, **_warnings(query.warnings))
    return encode(answer)
