"""The order in which a request is judged (contract 1.4), and what every answer carries (1.16)."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import count
from typing import Any, Final

import structlog

from orderdock.accounts.actions import account_settings, hide, is_told_by
from orderdock.accounts.model import Scope
from orderdock.errors import (
    AccountMismatch,
    APIExpired,
    AuthKeyInvalid,
    IpNotAllowed,
    MalformedBody,
    MethodNotAllowed,
    NotFound,
    Overloaded,
    RateLimited,
    Refusal,
    ServerFailure,
)
from orderdock.requests.model import Asked
from orderdock.settings import Settings
from orderdock.stats import Stats
from orderdock.web import limits
from orderdock.web.request.cors import Preflights, headers_for
from orderdock.web.request.credentials import Credentials, token_of
from orderdock.web.request.failures import Failures
from orderdock.web.request.hosts import Origins
from orderdock.web.request.journal import Journal
from orderdock.web.request.model import LARGE, Answer, Call, Disconnected, Header, Reads, Request, Route
from orderdock.web.request.notes import note_access, own_forms, safe_path, without_credentials, without_own
from orderdock.web.request.rates import Rates
from orderdock.web.request.uses import Counts
from orderdock.wire import body as json_body
from orderdock.wire.body import Spelling
from orderdock.wire.refusals import STATUS_V1, is_failure, is_legacy, refusal
from orderdock.writer import Writer

log: Final = structlog.get_logger()
NO_STORE: Final = ("cache-control", "no-store")
CHALLENGE: Final = ("www-authenticate", 'Bearer realm="orderdock"')
_SOON: Final = ("retry-after", "1")
_is_request_id: Final = re.compile(r"[A-Za-z0-9._-]{1,128}", re.ASCII).fullmatch
# Bytes of a body that is about as long as one item, and how a dry run is asked for.
_SMALL: Final = 2 * 1024
_DRY: Final = "dry_run"
# After these the rest of the body is not waited for.
_CLOSING: Final = frozenset({"RequestTimeout", "PayloadTooLarge"})


def headers_of(status: int, code: str) -> list[Header]:
    """What a refusal carries beside its body (contract 1.3, 1.16)."""
    if status == 401:
        return [CHALLENGE]
    return [_SOON] if code == "Overloaded" else []


class Routes:
    """Addresses -> what answers there. An address that ends in `/` answers everything behind it."""

    def __init__(self, routes: Mapping[str, Route]) -> None:
        self._exact: dict[str, Route] = {}
        named = {
            path: replace(route, name=f"{path}{{id}}" if path.endswith("/") else path) for path, route in routes.items()
        }
        self.names = [route.name for route in named.values()]
        self._behind = {path: route for path, route in named.items() if path.endswith("/")}
        for path, route in named.items():
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

    def telling(self, path: str) -> tuple[Mapping[str, str], Spelling]:
        """(own `Message`s by code, how names are written) of refusals at an address, whatever is there."""
        try:
            route, _ = self.find(path)
        except NotFound:
            return {}, "capitals"
        return route.text, route.spelling


@dataclass
class Service:
    """Everything that answers requests in one process."""

    settings: Settings
    reads: Reads
    writer: Writer
    credentials: Credentials
    origins: Origins
    preflights: Preflights
    routes: Routes
    journal: Journal | None = None
    stats: Stats = field(default_factory=Stats)
    counts: Counts = field(default_factory=Counts)

    def __post_init__(self) -> None:
        self.stats.know(self.routes.names)
        self._prefix = os.urandom(8).hex()
        self._serial = count(1)
        self.keep_hours = self.settings.idempotency_hours
        self.rates = Rates(self.settings.workers)
        self.failures = Failures(self.settings.failed_logins)

    def request_id(self, sent: str | None) -> str:
        """The caller's own id of the request if it can be one, else a new one."""
        return sent if sent and _is_request_id(sent) else f"{self._prefix}-{next(self._serial):x}"


@dataclass(slots=True)
class _Found:
    """How far a request came: what a refusal is told by, and what the log is told; `known`: whose credential it is."""

    request_id: str
    route: Route | None = None
    scope: Scope | None = None
    known: Scope | None = None
    asked: Asked | None = None
    # The status of a refusal's code in the v1 family; 0 when nothing was refused.
    refused: int = 0


async def respond(service: Service, request: Request) -> Answer:
    """The answer to a request; whatever goes wrong on the way is answered in its family's shape."""
    began = time.perf_counter()
    request_id = service.request_id(_sent_id(request))
    found = _Found(request_id)
    codes: list[str] = []
    try:
        answer = await _judge(service, request, request_id, found, began)
    except Refusal as error:
        codes = list(dict.fromkeys(fault.code for fault in error.faults))
        answer = await _refused(service, request, error, found)
    except Disconnected:
        service.stats.count("gone")
        raise
    except Exception:
        log.exception("a request failed", request_id=request_id, path=safe_path(request, found.route, found.scope))
        codes = ["ServerFailure"]
        answer = await _refused(service, request, ServerFailure(), found)
    answer.headers.append(("x-request-id", request_id))
    if service.journal is not None and found.known is not None:
        _note(service.journal, request, request_id, began, found, answer, codes)
    seconds = time.perf_counter() - began
    service.stats.request(found.route.name if found.route else "unknown", found.refused, answer.status, seconds)
    if service.settings.access_log:
        note_access(request, request_id, found.route, found.scope, answer, seconds)
    return answer


def _sent_id(request: Request) -> str | None:
    """The caller's id of a request; None when it holds a credential, since ids are kept and logged."""
    sent = request.headers.get("x-request-id")
    if not sent:
        return None
    token = token_of(request)
    return None if is_told_by(sent, token.text if token else None) else sent


def _note(
    journal: Journal, request: Request, request_id: str, began: float, found: _Found, answer: Answer, codes: list[str]
) -> None:
    """Have a request logged unless its group did."""
    asked = found.asked
    if asked is not None and "ServerFailure" in codes:
        asked.begin_anew(asked.taken)  # its group was undone, whatever it had noted
    if asked is not None and asked.is_logged:
        return
    if found.known is not None and not journal.is_flooded(codes):
        operation = found.route.operation if found.route else ""
        asked = asked or journal.asked(without_own(request, found.known), request_id, began, operation)
        journal.add(asked, found.known, answer, codes)


def refuse_early(service: Service, error: Refusal, path: str) -> Answer:
    """The answer where no request could be made of what came."""
    text, spelling = service.routes.telling(path)
    status, body = refusal(error, path, text=text, spelling=spelling)
    service.stats.request("unknown", STATUS_V1[error.code], status, 0.0)
    headers = [*headers_of(status, error.code), ("x-request-id", service.request_id(None))]
    return Answer(status, body, headers, close=True)


async def _judge(service: Service, request: Request, request_id: str, found: _Found, began: float) -> Answer:
    """The chain of 1.4, up to the handler."""
    limits.check_head(len(request.path) + len(request.query), request.headers_size)
    route, rest = service.routes.find(request.path)
    if route.is_hidden is not None and route.is_hidden(request):
        raise NotFound
    found.route = route
    method = request.method
    if method not in route.methods and not (method == "HEAD" and "GET" in route.methods):
        if method == "OPTIONS":
            return await service.preflights.answer(request, route)
        raise MethodNotAllowed
    declared = request.headers.get("content-length")
    limits.check_declared(declared, limits.BODY_MOST)
    # Who gives a credential where none is needed is judged by it.
    if route.open and not (route.knows and token_of(request)):
        call = Call(request, route, rest, request_id, _NOBODY, b"", service.reads, service.writer, service.rates)
        return await route.handler(call)
    if route.writes and service.writer.is_full():
        raise Overloaded("too much is waiting to be written")
    scope = found.scope = await _scope_of(service, request, found)
    if route.writes and _is_one(request, declared) and service.writer.is_late(scope.cm_id):
        raise Overloaded("too much is waiting to be written")
    if service.journal is not None:
        found.asked = service.journal.asked(without_own(request, scope), request_id, began, route.operation)
    label = service.origins.label(request)
    if scope.networks or (label and label != scope.subdomain):
        await _check_origin(service, request, scope, label)
    if scope.settings["rate_per_minute"] is not None:
        service.rates.take(scope)
    has_body = method == "POST" or route.reads_body
    body = await _read_body(service, request, scope, declared) if has_body else b""
    if found.asked is not None:
        found.asked.body = body
        if scope.kind == "login":  # its password may be data: only what is kept or shown of the request is without it
            found.asked.veil = partial(hide, own=own_forms(request))
    call = Call(
        request, route, rest, request_id, scope, body, service.reads, service.writer, service.rates, found.asked,
        service.keep_hours,
    )  # fmt: skip
    answer = await route.handler(call)
    _add_headers(service, request, answer, scope)
    service.counts.count(scope, failed=answer.status >= 400 or is_failure(answer.body))
    return answer


def _is_one(request: Request, declared: str | None) -> bool:
    """Whether a body is that of about one item to be written. Of a larger one the items are counted first, since it may
    wait for longer, and a dry run waits for nobody.
    """
    return declared is not None and declared.isdigit() and int(declared) <= _SMALL and _DRY not in request.query


# An open route asks for no credential, so its handler does not look at the scope.
_NOBODY: Final[Any] = None


async def _scope_of(service: Service, request: Request, found: _Found) -> Scope:
    """The credential, and its expiry. Raises AuthKeyInvalid, APIExpired, RateLimited."""
    failures = service.failures
    if not failures.is_quiet:
        failures.admit(service.origins.client(request))
    token = token_of(request)
    if token is None:  # nothing was guessed, so nothing is counted
        raise AuthKeyInvalid("no credential")
    scope = service.credentials.believed(token.text)
    if scope is None:
        check = partial(failures.check, service.origins.client(request))
        scope = await service.credentials.scope_of(token.text, check)
    found.known = scope
    if scope is None or not scope.enabled or (token.keys_only and scope.kind == "login"):
        failures.note(service.origins.client(request))
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
    if packed:
        body = await service.reads.aside(limits.unpack, body, most)
    # A key in a body is never data: from here on nobody can keep it, log it or answer it.
    own = own_forms(request, passwords=False) if scope.kind == "adopted" else ()
    return _without_keys(body, own) if len(body) <= LARGE else await service.reads.aside(_without_keys, body, own)


def _without_keys(body: bytes, own: Sequence[bytes]) -> bytes:
    """A body without keys; one in which letters are written as escapes is read for that."""
    hidden = hide(body, own)
    if hidden != body or not (b"\\u00" in body or b"\\/" in body):
        return hidden
    try:
        plain = json_body.written(json_body.read(body))
    except MalformedBody:  # it is refused for that, in its turn
        return body
    hidden = hide(plain, own)
    return body if hidden == plain else hidden


def _add_headers(service: Service, request: Request, answer: Answer, scope: Scope) -> None:
    """What every answer to a known caller carries (contract 1.16)."""
    answer.headers.append(NO_STORE)
    if scope.settings["rate_per_minute"] is not None:
        answer.headers += service.rates.headers(scope)
    if origins := scope.account["cors_origins"]:
        answer.headers += headers_for(origins, request.headers.get("origin"))
    if (announced := scope.announced) is not None and time.time() * 1000 > announced[0]:
        answer.headers.append(("orderdock-key-expires", announced[1]))


async def _refused(service: Service, request: Request, error: Refusal, found: _Found) -> Answer:
    mode, twins = ("compatible", False) if found.scope else await _modes_of_host(service, request, found.request_id)
    text, spelling = service.routes.telling(request.path)
    found.refused = STATUS_V1[error.code]
    error.faults = without_credentials(error.faults, request)
    status, body = refusal(
        error, request.path, found.scope, http_status=mode, twins=twins, text=text, spelling=spelling
    )
    answer = Answer(status, body, headers_of(status, error.code), close=error.code in _CLOSING)
    if isinstance(error, RateLimited):
        answer.headers.append(("retry-after", str(error.seconds)))
    if error.code == "MethodNotAllowed" and found.route:
        answer.headers.append(("allow", found.route.allow))
    if found.scope:
        _add_headers(service, request, answer, found.scope)
        service.counts.count(found.scope, failed=True)
    return answer


async def _modes_of_host(service: Service, request: Request, request_id: str) -> tuple[str, bool]:
    """`http_status` and `lowercase_twins` before a credential is known: as the account named by the host says."""
    label = service.origins.label(request)
    if not label or not is_legacy(request.path):
        return "compatible", False
    try:
        account = await service.origins.account(label)
    except Exception:
        log.exception("an account could not be looked up", request_id=request_id)
        account = None
    if account is None:
        return "compatible", False
    settings = account_settings(account)
    return settings["http_status"], settings["lowercase_twins"]
