"""The order in which a request is judged (contract 1.4), and what every answer carries (1.16)."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import count
from typing import Any, Final

import structlog

from orderdock.accounts.actions import account_settings
from orderdock.accounts.model import Scope
from orderdock.errors import (
    AccountMismatch,
    APIExpired,
    AuthKeyInvalid,
    IpNotAllowed,
    MethodNotAllowed,
    NotFound,
    Overloaded,
    Refusal,
    ServerFailure,
)
from orderdock.requests.model import Asked
from orderdock.settings import Settings
from orderdock.web import limits
from orderdock.web.request.credentials import Credentials, token_of
from orderdock.web.request.hosts import Origins
from orderdock.web.request.journal import Journal
from orderdock.web.request.model import Answer, Call, Disconnected, Header, Reads, Request, Route
from orderdock.web.request.uses import Counts
from orderdock.wire.refusals import LEGACY_FAILURE, is_legacy, refusal
from orderdock.writer import Writer

log: Final = structlog.get_logger()
NO_STORE: Final = ("cache-control", "no-store")
CHALLENGE: Final = ("www-authenticate", 'Bearer realm="orderdock"')
_SOON: Final = ("retry-after", "1")
_is_request_id: Final = re.compile(r"[A-Za-z0-9._-]{1,128}", re.ASCII).fullmatch
_HEADERS_OF: Final[Mapping[str, list[Header]]] = {
    "AuthKeyInvalid": [CHALLENGE],
    "APIExpired": [CHALLENGE],
    "Overloaded": [_SOON],
}
# After these the rest of the body is not waited for.
_CLOSING: Final = frozenset({"RequestTimeout", "PayloadTooLarge"})


class Routes:
    """Addresses -> what answers there. An address that ends in `/` answers everything behind it."""

    def __init__(self, routes: Mapping[str, Route]) -> None:
        self._exact: dict[str, Route] = {}
        self._behind = {path: route for path, route in routes.items() if path.endswith("/")}
        for path, route in routes.items():
            if path in self._behind:
                continue
            self._exact[path] = route
            if path.endswith(".html"):
                self._exact[path + "/v.2.0"] = route

    def find(self, path: str) -> tuple[Route, str]:
        """(the route, the rest of the path). Raises NotFound."""
        route = self._exact.get(path)
        if route is not None:
            return route, ""
        for start, behind in self._behind.items():
            if path.startswith(start) and len(path) > len(start):
                return behind, path[len(start) :]
        raise NotFound


@dataclass
class Service:
    """Everything that answers requests in one process."""

    settings: Settings
    reads: Reads
    writer: Writer
    credentials: Credentials
    origins: Origins
    routes: Routes
    journal: Journal | None = None
    counts: Counts = field(default_factory=Counts)

    def __post_init__(self) -> None:
        self._prefix = os.urandom(8).hex()
        self._serial = count(1)
        self.keep_hours = self.settings.idempotency_hours

    def request_id(self, sent: str | None) -> str:
        """The caller's own id of the request if it can be one, else a new one."""
        return sent if sent and _is_request_id(sent) else f"{self._prefix}-{next(self._serial):x}"


@dataclass(slots=True)
class _Found:
    """How far a request came: what a refusal is told by, and what the log is told; `known`: whose credential it is."""

    route: Route | None = None
    scope: Scope | None = None
    known: Scope | None = None
    asked: Asked | None = None


async def respond(service: Service, request: Request) -> Answer:
    """The answer to a request; whatever goes wrong on the way is answered in its family's shape."""
    began = time.perf_counter()
    request_id = service.request_id(request.headers.get("x-request-id"))
    found = _Found()
    codes: list[str] = []
    try:
        answer = await _judge(service, request, request_id, found, began)
    except Refusal as error:
        codes = list(dict.fromkeys(fault.code for fault in error.faults))
        answer = await _refused(service, request, error, found)
    except Disconnected:
        raise
    except Exception:
        log.exception("a request failed", request_id=request_id, path=request.path)
        codes = ["ServerFailure"]
        answer = await _refused(service, request, ServerFailure(), found)
    answer.headers.append(("x-request-id", request_id))
    if service.journal is not None and found.known is not None:
        _note(service.journal, request, request_id, began, found, answer, codes)
    return answer


def _note(
    journal: Journal, request: Request, request_id: str, began: float, found: _Found, answer: Answer, codes: list[str]
) -> None:
    """Have a request logged unless its group did."""
    asked = found.asked
    if asked is not None and asked.is_logged and answer.status < 500:
        return
    if found.known is not None:
        operation = found.route.operation if found.route else ""
        journal.add(asked or journal.asked(request, request_id, began, operation), found.known, answer, codes)


def refuse_early(service: Service, error: Refusal, path: str) -> Answer:
    """The answer where no request could be made of what came."""
    status, body = refusal(error, path)
    headers = [*_HEADERS_OF.get(error.code, ()), ("x-request-id", service.request_id(None))]
    return Answer(status, body, headers, close=True)


async def _judge(service: Service, request: Request, request_id: str, found: _Found, began: float) -> Answer:
    """The chain of 1.4, up to the handler."""
    limits.check_head(len(request.path) + len(request.query), request.headers_size)
    route, rest = service.routes.find(request.path)
    found.route = route
    method = request.method
    if method not in route.methods and not (method == "HEAD" and "GET" in route.methods):
        if method == "OPTIONS":
            return Answer(204, b"", [("allow", route.allow)])
        raise MethodNotAllowed
    declared = request.headers.get("content-length")
    limits.check_declared(declared, limits.BODY_MOST)
    if route.open:
        return await route.handler(Call(request, route, rest, request_id, _NOBODY, b"", service.reads, service.writer))
    if route.writes and service.writer.is_full():
        raise Overloaded("too much is waiting to be written")
    scope = found.scope = await _scope_of(service, request, found)
    if service.journal is not None:
        found.asked = service.journal.asked(request, request_id, began, route.operation)
    label = service.origins.label(request)
    if scope.networks or (label and label != scope.subdomain):
        await _check_origin(service, request, scope, label)
    has_body = method == "POST" or route.reads_body
    body = await _read_body(service, request, scope, declared) if has_body else b""
    if found.asked is not None:
        found.asked.body = body
    call = Call(
        request, route, rest, request_id, scope, body, service.reads, service.writer, found.asked, service.keep_hours
    )
    answer = await route.handler(call)
    _add_headers(answer, scope)
    service.counts.count(scope, failed=answer.status >= 400 or answer.body.startswith(LEGACY_FAILURE))
    return answer


# An open route asks for no credential, so its handler does not look at the scope.
_NOBODY: Final[Any] = None


async def _scope_of(service: Service, request: Request, found: _Found) -> Scope:
    """The credential, and its expiry. Raises AuthKeyInvalid, APIExpired."""
    token = token_of(request)
    if token is None:
        raise AuthKeyInvalid("no credential")
    scope = service.credentials.believed(token.text) or await service.credentials.scope_of(token.text)
    found.known = scope
    if scope is None or not scope.enabled or (token.keys_only and scope.kind == "login"):
        raise AuthKeyInvalid("credential missing, wrong or disabled")
    if token.by_query and not scope.account["allow_query_key"]:
        raise AuthKeyInvalid("keys in the address are switched off for this account")
    if scope.expires_at is not None and time.time() * 1000 > scope.expires_at:
        raise APIExpired("the credential has expired")
    return scope


async def _check_origin(service: Service, request: Request, scope: Scope, label: str) -> None:
    """Host and address (contract 1.2.2, 1.3). Raises AccountMismatch, IpNotAllowed."""
    if label and label != scope.subdomain:
        account = await service.origins.account(label)
        if account is not None and account.cm_id != scope.cm_id:
            raise AccountMismatch(
                "the host belongs to another account", path="header:Host", value=request.headers.get("host", "")
            )
    if scope.networks:
        address = service.origins.client(request)
        if address is None or not any(address in network for network in scope.networks):
            raise IpNotAllowed(value=str(address or ""))


async def _read_body(service: Service, request: Request, scope: Scope, declared: str | None) -> bytes:
    """The body, unpacked. Raises UnsupportedEncoding, PayloadTooLarge, RequestTimeout, MalformedBody."""
    most = scope.account["body_max_bytes"]
    packed = limits.check_encoding(request.headers.get("content-encoding"))
    limits.check_declared(declared, most)
    body = await request.receive(most)
    return await service.reads.aside(limits.unpack, body, most) if packed else body


def _add_headers(answer: Answer, scope: Scope) -> None:
    answer.headers.append(NO_STORE)
    if (announced := scope.announced) is not None and time.time() * 1000 > announced[0]:
        answer.headers.append(("orderdock-key-expires", announced[1]))


async def _refused(service: Service, request: Request, error: Refusal, found: _Found) -> Answer:
    mode = "compatible" if found.scope else await _status_mode(service, request)
    text = found.route.text if found.route else {}
    status, body = refusal(error, request.path, found.scope, http_status=mode, text=text)
    answer = Answer(status, body, list(_HEADERS_OF.get(error.code, ())), close=error.code in _CLOSING)
    if error.code == "MethodNotAllowed" and found.route:
        answer.headers.append(("allow", found.route.allow))
    if found.scope:
        _add_headers(answer, found.scope)
        service.counts.count(found.scope, failed=True)
    return answer


async def _status_mode(service: Service, request: Request) -> str:
    """How legacy failures are numbered before a credential is known: as the account named by the host says."""
    label = service.origins.label(request)
    if not label or not is_legacy(request.path):
        return "compatible"
    try:
        account = await service.origins.account(label)
    except Exception:
        log.exception("an account could not be looked up")
        return "compatible"
    return str(account_settings(account)["http_status"]) if account else "compatible"
