"""Schemas and examples of customers by themselves in the legacy family (contract 2.10)."""

from __future__ import annotations

from typing import Any, Final

from orderdock.kinds import Json
from orderdock.wire.legacy_people import customers
from orderdock.wire.openapi.answers import FAILURES, legacy_success
from orderdock.wire.openapi.bodies import batch, words_at
from orderdock.wire.openapi.examples import examples_at
from orderdock.wire.openapi.profile import Profile
from orderdock.wire.openapi.records import given, record, rules_of
from orderdock.wire.openapi.values import TEXT, ref
from orderdock.wire.parts import BAGS

_C: Final = customers.PLACE
_SUCCESS: Final[Json] = {"type": "string", "enum": ["success", "Success"]}


def customer_push(profile: Profile) -> dict[str, Json]:
    """The schema of a customer push."""
    known = [
        given(words_at(_C, "customer.id"), "EmptyId"),
        given(words_at(_C, "customer.code")),
        {"allOf": [given(words_at(_C, "customer.name")), given(words_at(_C, "customer.phone", "customer.email"))]},
    ]
    about = "A customer to create, or to change. What is empty is left as it is."
    rules = rules_of(profile, customers.PUSH, ("customer.name",))
    return {"LegacyCustomer": record(_C, rules, BAGS[_C], about, [{"anyOf": known}])}


def customer_batch(profile: Profile) -> Json:
    """One customer, or several."""
    return batch(ref("LegacyCustomer"), profile.batch_max_items)


def customers_written(profile: Profile) -> Json:
    """The body of the answer: one bare, several in place."""
    each = [ref(name) for name in ("CustomerWritten", "CustomerWrittenBriefly", FAILURES[customers.SPELLING])]
    return {"anyOf": [*each, {"type": "array", "minItems": 2, "items": {"anyOf": each}}]}


def customer_answers(profile: Profile) -> dict[str, Json]:
    """What a customer push is answered with."""
    number = {"Kapture Customer Id": {**TEXT, "description": "Empty in a dry run that would make one."}}
    told: Json = {"type": "string", "const": customers.ADDED}
    whole = {"Message": told, **number, "Status": _SUCCESS, "message": told, "status": _SUCCESS}
    return {
        "CustomerWritten": {
            **legacy_success(profile, whole, {}), "description": "The customer was written, or was so already.",
        },
        "CustomerWrittenBriefly": {
            **legacy_success(profile, {**number, "status": _SUCCESS}, {}),
            "description": "The same under `Prefer: return=minimal`.",
        },
    }  # fmt: skip


def customer_item(profile: Profile) -> Any:
    """A customer to push."""
    wanted = [row.name for row in rules_of(profile, customers.PUSH).mandatory]
    return [examples_at(_C, "customer.name", "customer.phone", "customer.email", "customer.city", *wanted)]


def customer_written(profile: Profile) -> Any:
    """Its answer."""
    body = {"Message": customers.ADDED, "Kapture Customer Id": "48046485", "Status": "Success",
            "message": customers.ADDED, "status": "success"}  # fmt: skip
    return {**body, "outcome": "created"} if profile.shows_extras else body
