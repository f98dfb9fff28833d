"""Routes of the request log (contract 2.19a)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from orderdock.accounts.actions import key_number
from orderdock.accounts.model import Scope
from orderdock.errors import OperationNotAllowed
from orderdock.orders.actions import numbers_about
from orderdock.requests import actions
from orderdock.requests.query import Found, LogPage, LogQuery, Meant
from orderdock.web.request import Answer, Call, Route, check_account
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

    Raises InvalidId, AccountMismatch, OperationNotAllowed.
    """
    check_account(call)
    if OPERATION not in call.scope.operations:
        raise OperationNotAllowed(value=OPERATION)
    return call.request.parameters()


ROUTES: Final[Mapping[str, Route]] = {
    "/api/v1/requests": Route(("GET",), search, operation=OPERATION),
    "/api/v1/requests/": Route(("GET",), one, operation=OPERATION),
}
