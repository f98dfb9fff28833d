"""Routes of the v1 family that are ours: one order, the change feed (contract 2.15, 2.18)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from orderdock.accounts.model import Scope
from orderdock.errors import AccountMismatch, InvalidId, OperationNotAllowed, OrderNotFound
from orderdock.events import actions as events
from orderdock.orders import actions as orders
from orderdock.web import limits
from orderdock.web.request import Answer, Call, Route
from orderdock.wire.v1 import read_feed_query, read_with_history, show_feed, show_one

_ACCOUNT_NAMES: Final = ("cmId", "cm_id")
_ERP: Final = "erp:"


async def one_order(call: Call) -> Answer:
    """`GET /api/v1/orders/{id}`, by number or `erp:` and the caller's own number (contract 2.15)."""
    _check_account(call)
    _demand(call.scope, "order.get", "order.search")
    limits.check_dry_run(call.request.parameters())
    named = _named(call.rest)
    history = read_with_history(call.request.parameters())
    page = await call.reads.read(orders.get, call.scope, history=history, **named)
    tag = f'"{page.orders[0]["revision"]}"'
    if _matches(call.request.headers.get("if-none-match"), tag):
        return Answer(304, b"", [("etag", tag)])
    return Answer(200, show_one(page, call.scope, history=history), [("etag", tag)])


def _named(rest: str) -> dict[str, Any]:
    if rest.startswith(_ERP):
        return {"erp_order_id": rest.removeprefix(_ERP).replace("\0", "").strip()}
    if rest.isascii() and rest.isdigit() and len(rest) < 17:
        return {"order_id": int(rest)}
    raise OrderNotFound("no such order", value=rest)


def _matches(header: str | None, tag: str) -> bool:
    sent = [] if header is None else [one.strip().removeprefix("W/") for one in header.split(",")]
    return tag in sent or "*" in sent


async def feed(call: Call) -> Answer:
    """`GET /api/v1/events` (contract 2.18)."""
    _check_account(call)
    _demand(call.scope, "events.read")
    limits.check_dry_run(call.request.parameters())
    query = read_feed_query(call.request.parameters())
    return Answer(200, await call.reads.read(_feed, call.scope, query))


def _feed(tx: Any, scope: Scope, query: Any) -> bytes:
    found = events.feed(tx, scope, query)
    records = orders.records(tx, scope, found.events) if query.record else None
    return show_feed(found, records, scope, query.warnings)


def _check_account(call: Call) -> None:
    """A given `cmId` must be the credential's account (contract 1.2.3, 1.2.5). Raises InvalidId, AccountMismatch."""
    parameters = call.request.parameters()
    for name in _ACCOUNT_NAMES:
        given = parameters.get(name, "").strip()
        if not given:
            continue
        if not (given.isascii() and given.isdigit() and int(given[:17])):
            raise InvalidId("a positive whole number is needed", path=f"query:{name}", value=given)
        if int(given[:17]) != call.scope.cm_id:
            raise AccountMismatch(path=f"query:{name}", value=given)


def _demand(scope: Scope, *operations: str) -> None:
    """Raises OperationNotAllowed unless the key has one of them."""
    if scope.operations.isdisjoint(operations):
        raise OperationNotAllowed(value=operations[0])


ROUTES: Final[Mapping[str, Route]] = {
    "/api/v1/orders/": Route(("GET",), one_order),
    "/api/v1/events": Route(("GET",), feed),
}
