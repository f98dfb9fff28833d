"""Schemas of answers: what is printed, family by family (contract 1.10, 2.2 - 2.19a)."""

from __future__ import annotations

from typing import Any, Final

from orderdock.errors import CODES
from orderdock.events.model import ACTIONS, TYPES
from orderdock.fields import Out, shown_at
from orderdock.kinds import Json
from orderdock.orders.query.shape import Form, Key, Of
from orderdock.wire.body import Spelling
from orderdock.wire.legacy.show import FAILED
from orderdock.wire.openapi.profile import Profile
from orderdock.wire.openapi.values import MILLISECONDS, NUMBER, TEXT, printed, ref, words
from orderdock.wire.v1 import shape
from orderdock.wire.v1_write.show import ORDER_TERMS, Terms

OUTCOME: Final[Json] = {"type": "string", "enum": ["created", "updated", "unchanged", "stale"]}
SUCCESS: Final[Json] = {"type": "string", "const": "success"}
FAULTS: Final[Json] = {"type": "array", "items": ref("Fault")}
WARNINGS: Final[Json] = {"type": "array", "items": ref("Warning"), "description": "Only when there are any."}
TOLD: Final[Json] = {"type": "array", "items": TEXT, "description": "Names kept as additional fields; dry runs only."}
# How an endpoint of the legacy family writes the names of a failure -> the schema.
FAILURES: Final[dict[Spelling, str]] = {
    "capitals": "LegacyFailure", "both": "LegacyFailureInBoth", "lower": "LegacyFailureInLower",
}  # fmt: skip
# What fails in the v1 family.
FAILURE: Final = "Failure"
_BOTH_IDS: Final = ("Enquiry Id", "Order Id", "kapture_customer_id", "order_id", "enquiry_id", "Kapture Customer Id")


def _entry() -> Json:
    about = {
        "code": "The code; never renamed.",
        "field": "The path in the caller's own names; empty: the whole request.",
        "value": "What was received, cut to 64 characters.",
        "message": "For people; may change.",
    }
    return words({name: {**TEXT, "description": text} for name, text in about.items()})


def common(profile: Profile) -> dict[str, Json]:
    """Failures of both families, and what they are made of."""
    extra = ["Error", "errors"] if profile.has_extras else []
    statuses = sorted({status for _, status in FAILED.values()} | {"failed"})
    legacy = {
        "Message": {**TEXT, "examples": [FAILED["order.push"][0]]},
        "Status": {"type": "string", "enum": statuses},
        "Error": ref("Code"),
        "errors": FAULTS,
        "message": {**TEXT, "description": "`Message` again, only for accounts with `lowercase_twins`."},
        "status": {**TEXT, "description": "`Status` again, only for accounts with `lowercase_twins`."},
    }
    failed: dict[str, Json] = {"message": TEXT, "status": {"type": "string", "const": "failed"}}
    pair: dict[str, Json] = {"Message": TEXT, "Status": failed["status"], **failed}
    rest = {"Error": legacy["Error"], "errors": legacy["errors"]}
    v1 = {**failed, "error": ref("Code"), "errors": FAULTS}
    return {
        "Code": {"type": "string", "description": "What went wrong.", "enum": sorted(CODES)},
        "Fault": {**_entry(), "description": "One thing that is wrong."},
        "Warning": {**_entry(), "description": "One thing that was odd; the request was carried out."},
        FAILURES["capitals"]: {
            **words(legacy, "Message", "Status", *extra),
            "description": "A failure of the legacy family; also with 200.",
        },
        FAILURES["both"]: {
            **words({**pair, **rest}, *pair, *extra),
            "description": "A failure of the legacy family, its names in capitals and in lower case; also with 200.",
        },
        FAILURES["lower"]: {
            **words({**failed, **rest}, *failed, *extra),
            "description": "A failure of the legacy family, its names in lower case; also with 200.",
        },
        FAILURE: {**words(v1), "description": "A failure of the v1 family."},
    }


def legacy_success(profile: Profile, members: dict[str, Any], extras: dict[str, Any], always: str = "") -> Json:
    """A success: members that are always there, and those of ours, which a key may switch off."""
    needed = [*members, *(["outcome"] if profile.has_extras else [])]
    more: Json = {"warnings": WARNINGS, "dry_run": {"type": "string", "const": "true"}, "unknown_fields": TOLD}
    return words({**members, "outcome": OUTCOME, **extras, **more}, *needed, *always.split())


def legacy_writes(profile: Profile) -> dict[str, Json]:
    """What push, update and payment are answered with (contract 2.2 - 2.5, 1.12 for the minimal ones)."""
    ids = dict.fromkeys(_BOTH_IDS, TEXT)
    message = {"message": {"type": "string", "const": "Order Added Successfully"}}
    paid = {"message": {**TEXT, "examples": ["payment against order updated successfully."]}, "status": SUCCESS}
    number = {"payment_id": {**TEXT, "examples": ["90210"]}}
    found = {
        "OrderWritten": legacy_success(profile, {**ids, **message, "status": SUCCESS}, {}),
        "OrderWrittenBriefly": legacy_success(profile, {"order_id": TEXT, "status": SUCCESS}, {}),
        "PaymentWritten": legacy_success(profile, paid, number, "payment_id" if profile.has_extras else ""),
        "PaymentWrittenBriefly": legacy_success(profile, {**number, "status": SUCCESS}, {}),
    }
    about = {
        "OrderWritten": "An order was written, or was so already.",
        "OrderWrittenBriefly": "The same under `Prefer: return=minimal`.",
        "PaymentWritten": "A payment was written, or was so already.",
        "PaymentWrittenBriefly": "The same under `Prefer: return=minimal`.",
    }
    return {name: {**schema, "description": about[name]} for name, schema in found.items()}


def legacy_written(profile: Profile) -> Json:
    """The body of an add-update: one success in an array, one payment or one failure bare, several in an array."""
    orders = not profile.operations.isdisjoint(("order.push", "order.update"))
    pays = "order.payment" in profile.operations
    good = ["OrderWritten", "OrderWrittenBriefly"] if orders else []
    bare = ["PaymentWritten", "PaymentWrittenBriefly"] if pays else []
    element = {"anyOf": [ref(name) for name in (*good, *bare, FAILURES["capitals"])]}
    array = {"type": "array", "minItems": 1, "items": element}
    return {"anyOf": [array, *(ref(name) for name in (*bare, FAILURES["capitals"]))]}


# --- legacy reads ----------------------------------------------------------------------------------------------------

_PULL: Final = (
    "id leadId enquiryId name phone email creatorId productId productQuantity productValue paymentTerm paymentMode"
    " remarks companyName"
)
GET: Final = "id cmId leadId enquiryId name phone email creatorId productId productQuantity productValue"
_DATES: Final = "createDate modifiedDate"


def _strings(text: str, *places: Out) -> dict[str, Json]:
    """Members whose values are texts, whatever they are; help by the registry."""
    rows = {word: row for place in places for word, row in shown_at(place).items()}
    return {
        word: {**TEXT, "description": rows[word].help if word in rows else "Always empty in this version."}
        for word in text.split()
    }


def _shown(*places: Out) -> dict[str, Json]:
    return _strings(" ".join(word for place in places for word in shown_at(place)), *places)


def _legacy_order(needed: str, profile: Profile, *places: Out) -> Json:
    dates = _strings(_DATES, Out.LEGACY_ORDER)
    details = {word: schema for word, schema in _shown(Out.LEGACY_DETAILS).items() if word != "lines"}
    extras: dict[str, Json] = {
        **details,
        "lines": {"type": "array", "items": ref("LegacyShownLine"), "description": "Only with includeDetails."},
        "payments": {"type": "array", "items": ref("LegacyShownPayment"), "description": "Only with includeDetails."},
        "history": {"type": "array", "items": ref("LegacyHistory"), "description": "Only with includeHistory."},
    }
    shown = _strings(needed, *places)
    wanted = (*needed.split(), *(_DATES.split() if profile.has_extras else ()))
    return words({**shown, **dates, **extras}, *wanted)


def _change(value: Json) -> Json:
    return {"type": "array", "items": words({"field": TEXT, "before": value, "after": value})}


def _history(at: Json, value: Json) -> Json:
    actions = {"type": "string", "enum": sorted({*ACTIONS.values(), "assigned"})}
    return words({"at": at, "actor": TEXT, "action": actions, "changes": _change(value)})


def legacy_reads(profile: Profile) -> dict[str, Json]:
    """What pull and get are answered with (contract 2.6, 2.7)."""
    page = {
        "orders": {"type": "array", "items": ref("LegacyPulledOrder")},
        "status": SUCCESS,
        "total": {**TEXT, "description": "How many orders are in the range; empty behind a cursor without it."},
        "next": {**TEXT, "description": "The cursor of the next page; empty on the last."},
        "warnings": WARNINGS,
    }
    always = ("orders", "status", *(("total", "next") if profile.has_extras else ()))
    return {
        "LegacyPulledOrder": _legacy_order(_PULL, profile, Out.LEGACY_ORDER),
        "LegacyGotOrder": _legacy_order(GET, profile, Out.LEGACY_GET, Out.LEGACY_ORDER),
        "LegacyShownLine": words(_shown(Out.LEGACY_LINE)),
        "LegacyShownPayment": words(_shown(Out.LEGACY_PAYMENT)),
        "LegacyHistory": _history(TEXT, TEXT),
        "LegacyPage": {**words(page, *always), "description": "Orders of a range."},
        "LegacyOrder": {
            **words({"message": ref("LegacyGotOrder"), "status": SUCCESS}),
            "description": "One order.",
        },
    }


def legacy_got() -> Json:
    """The body of a get: of one item bare, of several an array in place."""
    each = [ref("LegacyOrder"), ref(FAILURES["capitals"])]
    return {"anyOf": [*each, {"type": "array", "minItems": 2, "items": {"anyOf": each}}]}


# --- v1 --------------------------------------------------------------------------------------------------------------


def v1_write() -> dict[str, Json]:
    """What an add-update of an order is answered with (contract 2.8, 1.12)."""
    paid = {"type": "array", "items": {"type": "integer"}, "description": "In the order of the request."}
    return v1_written(ORDER_TERMS, "AddUpdated", {"payment_ids": paid})


def v1_written(terms: Terms, name: str, more: dict[str, Json]) -> dict[str, Json]:
    """The answer of an add-update, as `name`, and its minimal form; `more` are members that are not always there."""
    number, told = {"type": "integer"}, terms.name.lower()
    record = {
        "result": {"type": "boolean"}, "customer_id": number, "enquiry_id": number,
        "action": {"type": "string", "const": terms.name.upper()},
        "action_event": {"type": "string", "enum": [terms.added[1], terms.updated[1]]},
        "contact_id": number, terms.number: number, "outcome": OUTCOME,
    }  # fmt: skip
    extras: Json = {"warnings": WARNINGS, "dry_run": {"type": "boolean"}, "unknown_fields": TOLD}
    whole = {
        "status": SUCCESS,
        "message": {"type": "string", "enum": [terms.added[0], terms.updated[0]]},
        terms.name: words({**record, **more}, *record),
    }
    brief = {"status": SUCCESS, terms.number: number, "outcome": OUTCOME}
    return {
        name: {**words({**whole, **extras}, *whole), "description": f"The {told} was written, or was so already."},
        f"{name}Briefly": {
            **words({**brief, **extras}, *brief),
            "description": "The same under `Prefer: return=minimal`.",
        },
    }


def _of_key(key: Key) -> Json:
    """The schema of a member that the shape of an order describes."""
    if key.of in (Of.ACCOUNT, Of.ENQUIRY, Of.LIST, Of.FIRST):
        return NUMBER
    if key.of is Of.NUMBER:
        return {"type": "number"}
    if key.of is Of.FLAG:
        return {"type": "boolean"}
    row = shown_at(Out.V1_ORDER).get(key.word)
    about = {"description": row.help} if row else {}
    if key.form is Form.JSON and row is not None:
        return {**printed(row.kind), **about}
    form: Json = {"type": {Form.NUMBER: "integer", Form.EXACT: "number"}.get(key.form, "string")}
    return {**form, **about}


def _element(*, whole: bool) -> Json:
    """An order as searches show it; `whole`: as it is shown alone, where no member can be left out by `fields`."""
    asked = frozenset({*shape.NAMES, "id"})
    keys = {
        key.word: key
        for key in (*shape.element(None, False, False).keys, *shape.element(asked, False, False).keys)
        if isinstance(key, Key)
    }
    lists: dict[str, Json] = {
        "lines": {"type": "array", "items": ref("Line"), "description": "Only with includeLines."},
        "payments": {"type": "array", "items": ref("Payment"), "description": "Only with includePayments."},
        "history": {"type": "array", "items": ref("History"), "description": "Only with includeHistory."},
    }
    needed = [word for word in shape.ELEMENT if word != shape.OMITTED] if whole else ["id"]
    return words({**{word: _of_key(key) for word, key in keys.items()}, **lists}, *needed)


def _rows(place: Out, **more: Json) -> Json:
    return words(
        {**{word: {**printed(row.kind), "description": row.help} for word, row in shown_at(place).items()}, **more}
    )


def _without(schema: Json, *names: str) -> Json:
    properties = {word: member for word, member in schema["properties"].items() if word not in names}
    return {**schema, "properties": properties, "required": [word for word in schema["required"] if word not in names]}


_TEXTS_OF_ONE: Final = ("name", "phone", "email", "companyName", "address", "shippingAddress", "zip")


def v1_reads() -> dict[str, Json]:
    """Orders as the v1 family shows them, one and many (contract 2.9, 2.15, 2.16)."""
    entry = words({"entryId": NUMBER, "at": MILLISECONDS, "amount": {"type": "number"}, "kind": TEXT})
    page = {
        "next": {**TEXT, "description": "The cursor of the next page; not on the last."},
        "total": {**NUMBER, "description": "Only with includeTotal."},
        "warnings": WARNINGS,
    }
    orders: Json = {"type": "array", "items": ref("Order")}
    success: Json = {"type": "string", "const": "true", "description": "A text."}
    return {
        "Order": {**_element(whole=False), "description": "An order; with `fields` only those, and its id."},
        "OneOrder": _one_order(),
        "Line": _without(_rows(Out.V1_LINE), "additionalFields"),
        "OneLine": _rows(Out.V1_LINE),
        "Payment": _rows(Out.V1_PAYMENT),
        "OnePayment": _rows(Out.V1_PAYMENT, entries={"type": "array", "items": entry}),
        "History": _history(MILLISECONDS, {}),
        "PulledOrders": words({"success": success, "order_details": orders, **page}, "success", "order_details"),
        "FoundOrders": words({"orders": orders, **page}, "orders"),
    }


def _one_order() -> Json:
    """One order with everything (contract 2.15)."""
    element = _element(whole=True)
    who = words({"id": NUMBER, "code": TEXT, "name": TEXT, "email": TEXT, "reason": TEXT})
    money: Json = {"type": "number"}
    more: dict[str, Json] = {
        "currency": TEXT,
        **dict.fromkeys(_TEXTS_OF_ONE, TEXT),
        "customer": _rows(Out.V1_ONE_CUSTOMER, phoneE164=TEXT),
        "enquiry": _rows(Out.V1_ONE_ENQUIRY),
        "assignedTo": {"anyOf": [who, {"type": "null"}]},
        "lines": {"type": "array", "items": ref("OneLine")},
        "payments": {"type": "array", "items": ref("OnePayment")},
        "grandTotal": money, "totalPaid": money, "balance": money,
        "additionalFields": {"type": "object"}, "associateFields": {"type": "object"},
        "sourceVersion": {"type": ["integer", "null"]}, "sourceModifiedAt": {"type": ["integer", "null"]},
    }  # fmt: skip
    whole = words({**element["properties"], **more}, *element["required"], *more)
    return {**whole, "description": "An order with its customer, enquiry, lines and payments."}


def events() -> dict[str, Json]:
    """The change feed (contract 2.18)."""
    record = {"description": "The record as it is now; only with include=record.", "type": ["object", "null"]}
    event = {
        "seq": NUMBER, "at": MILLISECONDS, "type": {**TEXT, "examples": sorted(TYPES)}, "orderId": NUMBER,
        "customerId": NUMBER, "enquiryId": NUMBER, "actor": TEXT, "requestId": TEXT, "changes": _change({}),
    }  # fmt: skip
    feed: dict[str, Json] = {
        "events": {"type": "array", "items": ref("Event")},
        "next": {**NUMBER, "description": "The highest number that was looked at."},
        "hasMore": {"type": "boolean"},
    }
    return {
        "Event": words({**event, "record": record}, *event),
        "Events": words({**feed, "warnings": WARNINGS}, *feed),
    }


def requests() -> dict[str, Json]:
    """The request log (contract 2.19a)."""
    counts = ("items", "created", "updated", "unchanged", "stale", "failed")
    logged: dict[str, Json] = {
        "id": TEXT, "at": MILLISECONDS, "key": TEXT, "ip": TEXT, "operation": TEXT, "method": TEXT, "path": TEXT,
        "status": NUMBER, "ms": {"type": "number"}, "queuedMs": {"type": "number"},
        **dict.fromkeys(counts, NUMBER), "errors": {"type": "array"},
    }  # fmt: skip
    bodies = {"others": NUMBER, "request": {"type": ["object", "null"]}, "response": {"type": ["object", "null"]}}
    page: dict[str, Json] = {"requests": {"type": "array", "items": ref("LoggedRequest")}, "next": TEXT}
    return {
        "LoggedRequest": words(logged, "id", "at", "method", "path", "status"),
        "OneLoggedRequest": words({**logged, **bodies}, "id", "at", "method", "path", "status"),
        "LoggedRequests": words({**page, "warnings": WARNINGS}, *page),
    }


def key() -> dict[str, Json]:
    """The credential itself (contract 2.19)."""
    named: Json = {"type": "object", "additionalProperties": {"type": "array", "items": TEXT}}
    members: dict[str, Json] = {
        "name": TEXT, "kind": {"type": "string", "enum": ["key", "adopted", "login"]}, "last4": TEXT, "cmId": NUMBER,
        "subdomain": TEXT, "operations": {"type": "array", "items": TEXT},
        "expires_on": {"type": ["string", "null"]}, "enabled": {"type": "boolean"}, "mandatory_fields": named,
        "mandatory_names": named, "allowed_fields": {"type": ["string", "array"], "items": TEXT},
        "limits": {"type": "object"}, "settings": {"type": "object"},
    }  # fmt: skip
    return {"Key": words(members)}


def health() -> dict[str, Json]:
    """Whether the service runs, and whether it can answer (contract 2.20)."""
    checks: Json = {"type": "object", "additionalProperties": TEXT}
    return {
        "Alive": words({"status": {"type": "string", "const": "ok"}}),
        "Ready": words({"status": {"type": "string", "const": "ready"}}),
        "NotReady": words({"status": {"type": "string", "const": "not ready"}, "checks": checks}),
    }


def answer_schemas(profile: Profile) -> dict[str, Json]:
    """Every schema of an answer; the document keeps those that its endpoints name."""
    return {
        **common(profile), **legacy_writes(profile), **legacy_reads(profile), **v1_write(), **v1_reads(), **events(),
        **requests(), **key(), **health(),
    }  # fmt: skip
