"""Routes of the request log (contract 2.19a)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from orderdock.accounts.actions import account_settings, key_number, list_accounts, now_ms
from orderdock.accounts.model import Scope
from orderdock.db import Database
from orderdock.errors import AccountMismatch, InvalidId, OperationNotAllowed
from orderdock.orders.actions import numbers_about
from orderdock.requests import actions
from orderdock.requests.query import Found, LogPage, LogQuery, Meant
from orderdock.settings import Settings
from orderdock.web import limits
from orderdock.web.request import Answer, Call, Route
from orderdock.wire import requests as wire

OPERATION: Final = "requests.read"


async def search(call: Call) -> Answer:
    """`GET /api/v1/requests`: what was asked and answered, newest first."""
    query = wire.read_query(_parameters(call), call.scope)
    return Answer(200, wire.show_page(await call.reads.read(found, call.scope, query)))


async def one(call: Call) -> Answer:
    """`GET /api/v1/requests/{request id}`: the newest request with an id, whole."""
    _parameters(call)
    return Answer(200, wire.show_one(await call.reads.read(_one, call.scope, call.rest)))


def found(tx: Any, scope: Scope, query: LogQuery) -> LogPage:
    """A page of the log, its names looked up first."""
    key = None if query.key is None else key_number(tx, scope.cm_id, query.key)
    return actions.search(tx, scope, query, Meant(key, numbers_about(tx, scope, query.about, actions.MOST_ORDERS)))


def _one(tx: Any, scope: Scope, request_id: str) -> Found:
    return actions.one(tx, scope, request_id)


def _parameters(call: Call) -> dict[str, str]:
    """The parameters, once account and right are known to be good.

    Raises InvalidId, AccountMismatch, OperationNotAllowed, InvalidParameter.
    """
    parameters = call.request.parameters()
    for name in ("cmId", "cm_id"):
        given = parameters.get(name, "").strip()
        if given and not (given.isascii() and given.isdigit() and int(given[:17])):
            raise InvalidId("a positive whole number is needed", path=f"query:{name}", value=given)
        if given and int(given[:17]) != call.scope.cm_id:
            raise AccountMismatch(path=f"query:{name}", value=given)
    if OPERATION not in call.scope.operations:
        raise OperationNotAllowed(value=OPERATION)
    limits.is_dry_run(parameters)
    return parameters


def prune(database: Database, settings: Settings, go_on: Callable[[], bool]) -> actions.Pruned:
    """Remove what the log of every account keeps no longer; what a server does now and then, in a thread.

    It ends after the step under way when `go_on` says no.
    """
    days = {one.cm_id: int(account_settings(one)["request_log_days"]) for one in list_accounts(database)}
    return actions.prune(
        database, days, now_ms(), hours=settings.idempotency_hours, most_bytes=settings.request_log_bytes, go_on=go_on
    )


ROUTES: Final[Mapping[str, Route]] = {
    "/api/v1/requests": Route(("GET",), search, operation=OPERATION),
    "/api/v1/requests/": Route(("GET",), one, operation=OPERATION),
}
