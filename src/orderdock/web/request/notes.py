"""What is told of a request beside its answer: never its body, its query or a credential."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import structlog

from orderdock.accounts.actions import forms_of, hide_text
from orderdock.accounts.model import Scope
from orderdock.errors import Fault
from orderdock.web.request.credentials import token_of
from orderdock.web.request.model import Answer, Request, Route

log: Final = structlog.get_logger()


def _own(request: Request) -> Sequence[bytes]:
    token = token_of(request)
    return forms_of(token.text) if token else ()


def safe_path(request: Request) -> str:
    """The path of a request, without a credential that stands in it."""
    return hide_text(request.path, _own(request))


def without_credentials(faults: Sequence[Fault], request: Request) -> tuple[Fault, ...]:
    """What is wrong, told without the credentials that a caller wrote where they do not belong: answers are kept."""
    own = _own(request)

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
        route=route.name if route else "unknown",
        method=request.method,
        path=safe_path(request),
        status=answer.status,
        ms=round(seconds * 1000, 2),
        bytes=len(answer.body),
    )
