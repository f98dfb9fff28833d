"""A key's document as a page of Markdown: what an integration engineer is handed (contract 2.19)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from orderdock.accounts.model import OPERATIONS, TAKES
from orderdock.errors import CODES
from orderdock.fields import In
from orderdock.kinds import Json
from orderdock.wire.openapi.bodies import ADD_UPDATE, mandatory_names
from orderdock.wire.openapi.document import codes_of, document
from orderdock.wire.openapi.endpoints import ADD_UPDATE_ORDER, ENDPOINTS, Endpoint
from orderdock.wire.openapi.examples import legacy_item
from orderdock.wire.openapi.page import as_text, curl
from orderdock.wire.openapi.profile import Base, Profile
from orderdock.wire.openapi.values import help_of
from orderdock.wire.refusals import LEGACY_TEXT

_LINES: Final = frozenset({In.LEGACY_LINE, In.V1_LINE})


def handout(profile: Profile, base: Base) -> str:
    """The page: address, header, operations, mandatory fields, a curl for each operation, codes."""
    whole = document(profile, base)
    endpoints = [one for one in ENDPOINTS if one.operations and one.is_for(profile)]
    parts = [
        f"# {whole['info']['title']}",
        f"Address: `{base.url}`\n\nHeader: `Authorization: Bearer YOUR-KEY` (or `x-api-key: YOUR-KEY`)",
        "Values are lenient: text, numbers and booleans may stand for each other, and what is empty counts as not"
        " given. A retry is harmless with the same `Idempotency-Key` header; an order, with the same `erp_order_id`.",
        "## What this key may do\n\n"
        + _table(("operation", "what it allows"), ((f"`{name}`", OPERATIONS[name]) for name in _granted(profile))),
        *_rate(profile),
        *_mandatory(profile),
        "## Calls",
        *(_call(one, operation, profile, whole) for one in endpoints for operation in _own(one, profile)),
        "## Errors\n\nThe codes that can occur; `errors` names the field and the value of each. What is wrong with an"
        " item of a write has its address's own `Message`, whatever the code, so go by `Error`; the table has the"
        " texts of requests that are refused as a whole.",
        _errors(endpoints, profile),
        f"The whole, for tools: `{base.url.rstrip('/')}/api/v1/keys/current/openapi.json`, asked for with the key.",
    ]
    return "\n\n".join(parts) + "\n"


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)


def _granted(profile: Profile) -> list[str]:
    return [name for name in OPERATIONS if name in profile.operations]


def _rate(profile: Profile) -> list[str]:
    """How often it may ask."""
    if profile.rate is None:
        return []
    return [
        f"It has {profile.rate:,} units a minute. A request costs one, and one more for every started hundred items"
        " behind the first hundred. Without units the answer is `RateLimited`, and `Retry-After` says when there are."
    ]


def _mandatory(profile: Profile) -> list[str]:
    """The fields that every request must give, in the caller's names, operation by operation."""
    found = []
    for operation, places in TAKES.items():
        wanted = mandatory_names(profile, operation) if operation in profile.operations else []
        if wanted:
            rows = [
                (
                    " or ".join(f"`{name}`" for name in names),
                    row.help,
                    help_of(row.kind),
                    f"`{as_text(row.example)}`",
                )
                for row, names in wanted
            ]
            about = "Every request must give them, under any one of their names."
            if not _LINES.isdisjoint(places):
                about += " A field of a line is needed in every line, and at least one line is."
            table = _table(("name", "what it is", "how it is written", "example"), rows)
            found.append(f"## Mandatory in `{operation}`\n\n{about}\n\n{table}")
    return found


def _own(one: Endpoint, profile: Profile) -> list[str]:
    """The operations of an address that are shown apart."""
    granted = [name for name in one.operations if name in profile.operations]
    return granted if one is ADD_UPDATE_ORDER else [" or ".join(granted)]


def _call(one: Endpoint, operation: str, profile: Profile, whole: Json) -> str:
    shown = whole["paths"][one.path][one.method]
    if one is ADD_UPDATE_ORDER:
        body = shown["requestBody"]["content"]["application/json"]
        body = {**body, "example": [legacy_item(profile, operation)]}
        shown = {**shown, "requestBody": {"content": {"application/json": body}}}
    command = curl(one.path, one.method, shown, whole["servers"][0]["url"], profile.cm_id)
    return f"### {one.summary}: `{operation}`\n\n{shown['description']}\n\n```sh\n{command}\n```"


# What only some operations of the legacy family can meet.
_OF_ORDERS = frozenset({"order.push", "order.update"})
_OF_PAYMENTS = frozenset({"order.payment"})
_OF_CHANGES = frozenset({"order.update", "order.payment"})
_MET_BY = {
    "PaymentNotFound": _OF_PAYMENTS,
    "PaymentMismatch": _OF_PAYMENTS,
    "AmountNotPositive": _OF_PAYMENTS,
    "AmbiguousOrder": _OF_CHANGES,
    "OrderNotFound": _OF_CHANGES,
    "EnquiryNotFound": _OF_CHANGES,
    "TotalMismatch": _OF_ORDERS,
    "EmployeeUnknown": _OF_ORDERS,
}


def _is_met(code: str, one: Endpoint, profile: Profile) -> bool:
    """Whether the key's operations can meet a code at an address."""
    is_judged = one.name == "validate"
    if (one is not ADD_UPDATE_ORDER and not is_judged) or (is_judged and ADD_UPDATE in profile.operations):
        return True
    by = _MET_BY.get(code)
    return code in ADD_UPDATE_ORDER.codes.split() and (by is None or bool(by & profile.operations))


def _errors(endpoints: list[Endpoint], profile: Profile) -> str:
    """The codes with what is said at addresses of each family where they can occur."""
    found: dict[str, set[int]] = {}
    # Code -> what the addresses of the family say, each once.
    told: dict[bool, dict[str, list[str]]] = {True: {}, False: {}}
    for one in endpoints:
        for status, codes in codes_of(one, profile).items():
            for code in (code for code in codes if _is_met(code, one, profile)):
                found.setdefault(code, set()).add(status)
                said = one.text.get(code, LEGACY_TEXT[code]) if one.is_legacy else CODES[code]
                known = told[one.is_legacy].setdefault(code, [])
                known += [] if said in known else [said]
    rows = [
        (
            f"`{code}`",
            ", ".join(map(str, sorted(found[code]))),
            " / ".join(told[True].get(code, ())),
            " / ".join(told[False].get(code, ())),
        )
        for code in CODES
        if code in found
    ]
    return _table(("code", "HTTP", "`Message` at `.html` addresses", "`message` elsewhere"), rows)
