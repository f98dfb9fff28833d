"""Schemas and examples of enquiries by themselves in the legacy family (contract 2.13)."""

from __future__ import annotations

from typing import Any, Final

from orderdock.kinds import Json
from orderdock.wire.legacy_people import enquiries
from orderdock.wire.openapi.answers import FAILURES, FAULTS, SUCCESS, legacy_success
from orderdock.wire.openapi.bodies import batch, words_at
from orderdock.wire.openapi.examples import examples_at
from orderdock.wire.openapi.profile import Profile
from orderdock.wire.openapi.records import given, record, rules_of
from orderdock.wire.openapi.values import TEXT, ref, words
from orderdock.wire.parts import BAGS

_E: Final = enquiries.PLACE


def enquiry_schemas(profile: Profile) -> dict[str, Json]:
    """The schemas of an enquiry push and of its answers."""
    known = [
        given(words_at(_E, "enquiry.id", "customer.id"), "EmptyId"),
        given(words_at(_E, "customer.code", "customer.phone", "customer.email")),
    ]
    about = "An enquiry to create, or to change when it is named by `enquiry_id`. What is empty is left as it is."
    item = record(_E, rules_of(profile, enquiries.PUSH), BAGS[_E], about, [{"anyOf": known}])
    return {"LegacyEnquiry": item, **_answers(profile)}


def enquiry_batch(profile: Profile) -> Json:
    """One enquiry, or several."""
    return batch(ref("LegacyEnquiry"), profile.batch_max_items)


def enquiries_written(profile: Profile) -> Json:
    """The body of the answer: one bare, several in place."""
    good = ("EnquiryWritten", "EnquiryWrittenBriefly")
    each = [ref(name) for name in (*good, "LeadExists", FAILURES["capitals"])]
    return {"anyOf": [*each, {"type": "array", "minItems": 2, "items": {"anyOf": each}}]}


def _answers(profile: Profile) -> dict[str, Json]:
    number = {"Enquiry Id": {**TEXT, "description": "Empty in a dry run that would make one."}}
    told = [enquiries.ADDED, enquiries.UPDATED, enquiries.repeat("8123456789", None)]
    whole = {
        **number,
        "Assigned Employee Code": {**TEXT, "description": "Empty when nobody looks after it."},
        "message": {**TEXT, "examples": told},
        "Kapture Customer Id": TEXT,
        "status": SUCCESS,
    }
    refused = {"message": {**TEXT, "examples": [enquiries.lead_exists(48046485, 11756843, 209000001)]},
               "status": {"type": "string", "const": "failed"}}  # fmt: skip
    extra: dict[str, Json] = {"Error": {"type": "string", "const": "LeadExists"}, "errors": FAULTS}
    about = {
        "EnquiryWritten": (legacy_success(profile, whole, {}), "The enquiry was written, or was so already."),
        "EnquiryWrittenBriefly": (
            legacy_success(profile, {**number, "status": SUCCESS}, {}), "The same under `Prefer: return=minimal`.",
        ),
        "LeadExists": (
            words({**refused, **extra}, *refused, *(extra if profile.has_extras else ())),
            "A repeat that the account does not want (`enquiry_duplicates`): the customer has an open enquiry.",
        ),
    }  # fmt: skip
    return {name: {**schema, "description": text} for name, (schema, text) in about.items()}


def enquiry_item(profile: Profile) -> Any:
    """An enquiry to push."""
    wanted = [row.name for row in rules_of(profile, enquiries.PUSH).mandatory]
    return [examples_at(_E, "customer.name", "customer.phone", "enquiry.campaign", "enquiry.remarks", *wanted)]


def enquiry_written(profile: Profile) -> Any:
    """Its answer."""
    body = {"Enquiry Id": "11756843", "Assigned Employee Code": "E-7", "message": enquiries.ADDED,
            "Kapture Customer Id": "48046485", "status": "success"}  # fmt: skip
    return {**body, "outcome": "created"} if profile.shows_extras else body
