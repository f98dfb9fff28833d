"""What is told of a request beside its answer: never its body, its query or a credential."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Final
from urllib.parse import parse_qsl, quote, urlencode

import structlog
from msgspec import structs

from orderdock.accounts.actions import forms_of, hide_text
from orderdock.accounts.model import Scope
from orderdock.errors import Fault
from orderdock.web.request.credentials import token_of
from orderdock.web.request.model import Answer, Request, Route

log: Final = structlog.get_logger()
_CREDENTIAL: Final = frozenset({"authorization", "x-api-key", "cookie", "proxy-authorization"})
_LEAST_SECRET: Final = 32
_KEY_LENGTH: Final = 50
_SHORTEST: Final = 8
_has_digit: Final = re.compile(r"\d").search


def own_forms(request: Request, *, passwords: bool = True) -> Sequence[bytes]:
    """How the credential of a request may stand elsewhere in it."""
    token = token_of(request)
    return forms_of(token.text, passwords=passwords) if token else ()


def without_own(request: Request, scope: Scope) -> Request:
    """A request as the request log may know it: no credential in its path, its query and the headers of no credential.

    Nearly always the same one.
    """
    is_key = scope.kind == "key"
    own = () if is_key else own_forms(request)
    least = _KEY_LENGTH if is_key else _SHORTEST
    said = [text for name, text in request.headers.items() if len(text) >= least and name not in _CREDENTIAL]
    said += [text for text in (request.path, request.query) if len(text) >= least]
    whole = "\n".join(said)
    query = _hidden_query(request.query, own) if "%" in request.query or "+" in request.query else request.query
    if query is request.query and hide_text(whole, own) is whole:
        return request
    return structs.replace(
        request,
        path=hide_text(request.path, own),
        query=hide_text(query, own),
        headers={name: text if name in _CREDENTIAL else hide_text(text, own) for name, text in request.headers.items()},
    )


def _hidden_query(query: str, own: Sequence[bytes]) -> str:
    """A query without credentials, however they are escaped in it; the same one when it has none."""
    pairs = parse_qsl(query, keep_blank_values=True)
    hidden = [(hide_text(name, own), hide_text(text, own)) for name, text in pairs]
    return query if hidden == pairs else urlencode(hidden).replace(quote("•"), "•")


def safe_path(request: Request, route: Route | None, scope: Scope | None) -> str:
    """The path of a request, without a credential that stands in it.

    Where nobody is known yet, an adopted secret cannot be told from other words: so of a known address only the
    route is told, and an unknown one not when it is as long as a secret and has digits.
    """
    if scope is None and route is not None:
        return route.name
    path = hide_text(request.path, own_forms(request))
    is_unknown = scope is None and len(path) > _LEAST_SECRET and _has_digit(path)
    return "/•" if is_unknown else path


def without_credentials(faults: Sequence[Fault], request: Request) -> tuple[Fault, ...]:
    """What is wrong, told without the credentials that a caller wrote where they do not belong: answers are kept."""
    own = own_forms(request)

    def clean(value: Any) -> Any:
        return hide_text(value, own) if isinstance(value, str) else value

    return tuple(
        fault._replace(message=clean(fault.message), path=clean(fault.path), value=clean(fault.value))
        for fault in faults
    )


def note_access(
    request: Request, request_id: str, route: Route | None, scope: Scope | None, answer: Answer, seconds: float
) -> None:
    """One line for one request (setting `access_log`)."""
    log.info(
        "request",
        request_id=request_id,
        account=scope.subdomain if scope else "",
        key=scope.key_name if scope else "",
        operation=route.operation if route else "",
        route=route.name if route else "unknown",
        method=request.method,
        path=safe_path(request, route, scope),
        status=answer.status,
        ms=round(seconds * 1000, 2),
        bytes=len(answer.body),
    )
