"""The OpenAPI 3.1 document of everything that is served, or of what one key may do (contract 2.19, 2.20)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from orderdock.accounts.model import OPERATIONS
from orderdock.errors import CODES
from orderdock.kinds import Json
from orderdock.wire.body import legacy_failure
from orderdock.wire.openapi.answers import FAILURE, FAILURES, answer_schemas
from orderdock.wire.openapi.bodies import SHAPES, batch
from orderdock.wire.openapi.endpoints import ENDPOINTS, SERVICE, Endpoint
from orderdock.wire.openapi.people import customer_answers
from orderdock.wire.openapi.profile import EVERYBODY, Base, Profile
from orderdock.wire.openapi.values import SCHEMAS, TEXT, kind_schemas, ref
from orderdock.wire.refusals import LEGACY_TEXT, STATUS_LEGACY, STATUS_V1

_PRINTABLE: Final[Json] = {"type": "string", "minLength": 1, "maxLength": 255, "pattern": r"^[\x21-\x7e]{1,255}$"}
# Headers that control a request (contract 1.12, 1.16, 2.8, 2.15).
CONTROLS: Final[dict[str, tuple[str, Json]]] = {
    "Idempotency-Key": (
        "Makes a repeat harmless: the same key with the same body is answered with the first answer.", _PRINTABLE,
    ),
    "Prefer": (
        "`return=minimal`: a short answer. `handling=strict`: one bad item and nothing is written.",
        {**TEXT, "examples": ["return=minimal"]},
    ),
    "X-Request-Id": (
        "The caller's own id of the request: 1 to 128 of A-Z a-z 0-9 . _ -; anything else is replaced.",
        {**TEXT, "examples": ["shop-7f3a"]},
    ),
    "If-Match": ("`ETag` of the order: another revision is refused with 412.", {**TEXT, "examples": ['"3"']}),
    "If-None-Match": ("`ETag` that is known already: the same is answered with 304.", {**TEXT, "examples": ['"3"']}),
}  # fmt: skip
_COUNT: Final[Json] = {"type": "integer", "minimum": 0}
# Headers of answers (contract 1.16): what it says, its schema, whether it is always there where it is named.
HEADERS: Final[dict[str, tuple[str, Json, bool]]] = {
    "X-Request-Id": ("The id of the request; the caller's own if it can be one.", TEXT, True),
    "Cache-Control": ("`no-store`.", TEXT, True),
    "ETag": ("The revision.", TEXT, True),
    "Retry-After": ("Seconds after which to try again.", _COUNT, False),
    "WWW-Authenticate": ("How to give a credential.", TEXT, True),
    "RateLimit-Limit": ("Units a minute.", _COUNT, False),
    "RateLimit-Remaining": ("Units that are left.", _COUNT, False),
    "RateLimit-Reset": ("Seconds until all units are there again.", _COUNT, False),
    "Orderdock-Key-Expires": ("Last day of the key, from 30 days before it.", TEXT, False),
    "Idempotency-Replayed": ("`true`: this is the stored answer of the first request.", TEXT, False),
    "Preference-Applied": ("What was applied of `Prefer`.", TEXT, False),
    "Orderdock-Dry-Run": ("`true`: nothing was written.", TEXT, False),
}
_RATES: Final = ("RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset", "Orderdock-Key-Expires")
SECURITY: Final[dict[str, Json]] = {
    "basic": {
        "type": "http", "scheme": "basic",
        "description": "The key as user name with an empty password, or user name and password of an API login. A key"
        " that is sent bare or as base64 behind `Basic` counts too.",
    },
    "bearer": {"type": "http", "scheme": "bearer", "description": "A key."},
    "apiKey": {"type": "apiKey", "in": "header", "name": "x-api-key", "description": "A key."},
}  # fmt: skip
# A status that stays what it is when an account answers all legacy failures with 200.
_STAY: Final = frozenset({404, 405, 408, 413, 414, 415, 431, 503})
_NAMES_OF_STATUSES: Final = {
    304: "Not changed", 400: "The request cannot be read", 401: "The credential is missing, wrong or expired",
    403: "Not allowed", 404: "Not there", 408: "Too slow", 409: "In conflict", 410: "No longer kept",
    412: "Changed meanwhile", 413: "Too large", 414: "The address is too long", 415: "Unknown encoding",
    429: "Too many requests", 431: "The headers are too large", 500: "Something failed", 503: "Too busy",
}  # fmt: skip


def document(profile: Profile | None, base: Base) -> Json:
    """The document of a key, or of everything when there is no profile."""
    who = profile or EVERYBODY
    endpoints = [one for one in ENDPOINTS if _is_told(one, who, base)]
    paths: dict[str, Json] = {}
    for one in endpoints:
        paths.setdefault(one.path, {})[one.method] = _operation(one, who)
    known = joined(
        kind_schemas(who.cm_id), answer_schemas(who), customer_answers(who), *(one.schemas(who) for one in endpoints)
    )
    whole: Json = {
        "openapi": "3.1.0",
        "info": _info(profile, base),
        "servers": [{"url": base.url}],
        "security": [{name: []} for name in SECURITY],
        "tags": [{"name": tag} for tag in dict.fromkeys(one.tag for one in endpoints)],
        "paths": paths,
    }
    return {
        **whole,
        "components": {
            "schemas": _named(whole["paths"], known),
            "headers": {name: _header(*row) for name, row in HEADERS.items()},
            "securitySchemes": SECURITY,
        },
    }


def joined(*parts: Mapping[str, Json]) -> dict[str, Json]:
    """The schemas of all parts by name. Raises ValueError when one name means two different schemas."""
    found: dict[str, Json] = {}
    for name, schema in (pair for part in parts for pair in part.items()):
        if found.setdefault(name, schema) != schema:
            raise ValueError(f"two different schemas are named {name}")
    return found


def _is_told(one: Endpoint, who: Profile, base: Base) -> bool:
    served = base.served is None or one.route in base.served
    return served and one.is_for(who) and (who is EVERYBODY or one.tag != SERVICE)


def _info(profile: Profile | None, base: Base) -> Json:
    about = (
        "Orders go in exactly once and come out without a gap. Values are lenient: text, numbers and booleans may stand"
        " for each other, and what is empty counts as not given. Objects are open."
    )
    if profile is None:
        return {"title": "Orderdock", "version": base.version, "description": about}
    granted = ", ".join(f"`{name}`" for name in OPERATIONS if name in profile.operations)
    told = f"{about}\n\nThis is what the key `{profile.name}` may do: {granted}."
    return {"title": f"Orderdock for {profile.name}", "version": base.version, "description": told}


def _header(about: str, schema: Json, always: bool) -> Json:
    return {"description": about, "schema": schema, **({"required": True} if always else {})}


def _operation(one: Endpoint, who: Profile) -> Json:
    made: Json = {"operationId": one.name, "tags": [one.tag], "summary": one.summary, "description": one.about}
    granted = [name for name in one.operations if name in who.operations]
    if granted:
        made["description"] += f" Needs {' or '.join(f'`{name}`' for name in granted)}."
    parameters = _parameters(one)
    if parameters:
        made["parameters"] = parameters
    if one.body is not None:
        content: Json = {"schema": one.body(who)}
        if one.example is not None:
            content["example"] = one.example(who)
        made["requestBody"] = {"required": one.body_needed, "content": {"application/json": content}}
    made["responses"] = _responses(one, who)
    if one.open:
        # Who gives a credential to an open address that knows credentials gets its own.
        made["security"] = [{}, *({name: []} for name in SECURITY)] if one.codes else []
    return made


# What stands in the path where it says `{id}`.
_IDS: Final = {
    "getOrder": ("Number of the order, or `erp:` and the caller's own number.", "erp:SO-1001"),
    "request": ("The `X-Request-Id` of the request's answer.", "shop-7f3a"),
}


def _parameters(one: Endpoint) -> list[Json]:
    found: list[Json] = []
    if "{id}" in one.path:
        told, example = _IDS[one.name]
        number: Json = {"type": "string", "minLength": 1, "examples": [example]}
        found.append({"name": "id", "in": "path", "required": True, "description": told, "schema": number})
    for word, schema in one.query.items():
        about = schema.get("description")
        plain = {key: value for key, value in schema.items() if key != "description"}
        found.append({"name": word, "in": "query", **({"description": about} if about else {}), "schema": plain})
    for word in one.takes:
        about, schema = CONTROLS[word]
        found.append({"name": word, "in": "header", "description": about, "schema": schema})
    return found


def codes_of(one: Endpoint, who: Profile) -> dict[int, list[str]]:
    """HTTP status -> the codes that can occur with it."""
    found: dict[int, list[str]] = {}
    for code in dict.fromkeys(one.codes.split()):
        status = (STATUS_LEGACY if one.is_legacy else STATUS_V1)[code]
        if one.is_legacy and who.always_200 and status not in _STAY:
            status = 200
        found.setdefault(status, []).append(code)
    return found


def _responses(one: Endpoint, who: Profile) -> Json:
    codes = codes_of(one, who)
    told = f" What fails is told with this status too: {_codes(codes[200])}." if 200 in codes else ""
    good: Json = {"schema": one.answer(who)}
    if one.shown is not None:
        good["example"] = one.shown(who)
    # A refusal without a known credential can be a 200 of the legacy family, and is not marked as private.
    public = one.open or (one.is_legacy and who.always_200 is not False)
    always = (*(() if public else ("Cache-Control",)), *(() if one.open else _RATES))
    found: Json = {"200": _response(f"Success.{told}", ("X-Request-Id", *always, *one.gives), {one.media: good})}
    if one.not_modified:
        found["304"] = _response(_NAMES_OF_STATUSES[304] + ".", ("X-Request-Id", "ETag"))
    if one.route == "/readyz":
        found["503"] = _response(
            "Not ready.", ("X-Request-Id", "Retry-After"), {one.media: {"schema": ref("NotReady")}}
        )
    for status in sorted(status for status in codes if status != 200):
        found[str(status)] = _failure(one, status, codes[status], who)
    return found


def _codes(codes: Iterable[str]) -> str:
    return ", ".join(f"`{code}`" for code in codes)


def _failure(one: Endpoint, status: int, codes: list[str], who: Profile) -> Json:
    schema = ref(FAILURES[one.spelling] if one.is_legacy else FAILURE)
    if one.name == "validate":
        schema = {"anyOf": [ref(FAILURES["capitals"]), ref(FAILURE)]}
    headers = ["X-Request-Id"]
    if status == 401:
        # Of a request whose account disagrees the credential was right.
        headers += [] if one.is_legacy else ["WWW-Authenticate"]
    headers += ["Retry-After"] if status in (409, 429, 503) else []
    example = _example_of(codes[0], one, who)
    content = {"application/json": {"schema": schema, "example": example}}
    return _response(f"{_NAMES_OF_STATUSES[status]}: {_codes(codes)}.", tuple(headers), content)


def _example_of(code: str, one: Endpoint, who: Profile) -> Json:
    fault = {"code": code, "field": "", "value": "", "message": CODES[code]}
    if not one.is_legacy:
        return {"message": CODES[code], "status": "failed", "error": code, "errors": [fault]}
    message = one.text.get(code, LEGACY_TEXT[code])
    return legacy_failure(message, "failed", code, [fault], extra=who.shows_extras, twins=False, spelling=one.spelling)


def _response(about: str, headers: tuple[str, ...], content: Json | None = None) -> Json:
    named = {name: {"$ref": f"#/components/headers/{name}"} for name in headers}
    return {"description": about, "headers": named, **({"content": content} if content else {})}


def _references(value: Any) -> Iterable[str]:
    """The names of the schemas that a part of the document refers to."""
    if isinstance(value, dict):
        target = value.get("$ref")
        if isinstance(target, str) and target.startswith(SCHEMAS):
            yield target.removeprefix(SCHEMAS)
        for part in value.values():
            yield from _references(part)
    elif isinstance(value, list):
        for part in value:
            yield from _references(part)


def _named(paths: Json, known: dict[str, Json]) -> dict[str, Json]:
    """The schemas that are referred to, directly or by others, by name."""
    found: dict[str, Json] = {}
    waiting = list(_references(paths))
    while waiting:
        name = waiting.pop()
        if name not in found:
            found[name] = known[name]
            waiting += _references(known[name])
    return dict(sorted(found.items()))


def operation_schemas(profile: Profile) -> dict[str, Json]:
    """The JSON Schema (2020-12) of the body of each operation that a key has, each complete in itself."""
    found: dict[str, Json] = {}
    kinds = kind_schemas(profile.cm_id)
    for one in ENDPOINTS:
        if one.body is None or not one.operations or one.name in ("validate", "pullInternalByQuery"):
            continue
        for operation in one.operations:
            if operation in profile.operations:
                if operation in SHAPES:
                    name, make = SHAPES[operation]
                    body, made = batch(ref(name), profile.batch_max_items), make(profile)
                else:
                    body, made = one.body(profile), one.schemas(profile)
                found[operation] = _standing(operation, body, joined(kinds, made))
    return found


def _standing(operation: str, body: Json, known: dict[str, Json]) -> Json:
    used = _named(body, known)
    whole = {
        "$schema": "https://json-schema.org/draft/2020-12/schema", "title": operation,
        "description": OPERATIONS[operation], **body, "$defs": used,
    }  # fmt: skip
    moved: Json = _moved(whole)
    return moved


def _moved(value: Any) -> Any:
    """The same with every reference to `components` turned to `$defs`."""
    if isinstance(value, dict):
        return {
            key: part.replace(SCHEMAS, "#/$defs/") if key == "$ref" and isinstance(part, str) else _moved(part)
            for key, part in value.items()
        }
    return [_moved(part) for part in value] if isinstance(value, list) else value
