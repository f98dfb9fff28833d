"""The add-update of a customer in the documents: its body, its answer, examples (contract 2.14)."""

from __future__ import annotations

from typing import Any, Final

from orderdock.fields import FIELDS
from orderdock.kinds import Json
from orderdock.wire.openapi.answers import v1_written
from orderdock.wire.openapi.bodies import ACCOUNTS, CUSTOMER_FORM, MOST, Named, clear, groups_of, wanted_groups
from orderdock.wire.openapi.examples import examples_at
from orderdock.wire.openapi.profile import Profile
from orderdock.wire.openapi.records import given, many, one, rules_of
from orderdock.wire.openapi.values import ref
from orderdock.wire.v1_write.places import CLEAR, CONTACT, CUSTOMER, ENQUIRY, group_of
from orderdock.wire.v1_write.show import CUSTOMER_TERMS

BODY, ANSWER = "AddUpdateCustomer", "CustomerAddUpdated"
# A key may always send the name: without one nobody can be added.
_ALWAYS: Final = ("customer.name",)
_ABOUT: Final[Named] = {
    CUSTOMER: ("CustomerRecord", "The customer. A `customer_id` names one that is changed, whatever `update` says."),
    CONTACT: ("CustomerContact", "A contact of the customer."),
    ENQUIRY: ("CustomerEnquiry", "An enquiry of the customer: the newest open one, else a new one."),
}
# One of these is needed: without all of them nobody is found, and nobody added.
_WHO: Final = ("customer.id", "customer.code", "customer.phone", "customer.email")


def schemas(profile: Profile) -> dict[str, Json]:
    """The body with its groups, and the answers."""
    rules = rules_of(profile, CUSTOMER_FORM, _ALWAYS)
    found = groups_of(_ABOUT, rules)
    customer = found[_ABOUT[CUSTOMER][0]]
    who = given([name.word for field in _WHO for name in FIELDS[field].ins[CUSTOMER]])
    customer["allOf"] = [*customer.get("allOf", ()), who]
    needed = wanted_groups(rules)
    groups = {group_of(place): one(_ABOUT[place][0], needed=place in needed) for place in (CUSTOMER, ENQUIRY)}
    contacts = many(_ABOUT[CONTACT][0], most=MOST, needed=CONTACT in needed)
    found[BODY] = {
        "type": "object",
        "description": "One customer with its contacts and an enquiry. A group that nobody knows is kept under the"
        " customer's associate fields.",
        "required": [group_of(place) for place in needed],
        "properties": {**groups, group_of(CONTACT): contacts, CLEAR: clear("customer_info.remarks"), **ACCOUNTS},
    }
    return {**found, **v1_written(CUSTOMER_TERMS, ANSWER, {})}


def body(profile: Profile) -> Json:
    """The object, bare or alone in an array."""
    return {"anyOf": [ref(BODY), {"type": "array", "minItems": 1, "maxItems": 1, "items": ref(BODY)}]}


def answer(profile: Profile) -> Json:
    """What it is answered with, whole or minimal."""
    return {"anyOf": [ref(ANSWER), ref(f"{ANSWER}Briefly")]}


def example(profile: Profile) -> Any:
    """A customer to add."""
    wanted = [row.name for row in rules_of(profile, CUSTOMER_FORM).mandatory]
    contact, enquiry = examples_at(CONTACT, *wanted), examples_at(ENQUIRY, *wanted)
    return {
        group_of(CUSTOMER): examples_at(CUSTOMER, "customer.name", "customer.phone", "customer.city", *wanted),
        **({group_of(CONTACT): [contact]} if contact else {}),
        **({group_of(ENQUIRY): enquiry} if enquiry else {}),
    }


def shown(profile: Profile) -> Any:
    """Its answer."""
    message, event = CUSTOMER_TERMS.added
    customer = {"result": True, "customer_id": 48046485, "enquiry_id": 0, "action": "CUSTOMER", "action_event": event,
                "contact_id": 210006001, "outcome": "created"}  # fmt: skip
    return {"status": "success", "message": message, CUSTOMER_TERMS.name: customer}
