"""Routes of the v1 family that read: searches, one order, the change feed (contract 2.9, 2.15, 2.16, 2.18)."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final, TypeVar

from orderdock.accounts.actions import give_numbers
from orderdock.accounts.model import Scope
from orderdock.db import is_lost
from orderdock.errors import OperationNotAllowed, Overloaded
from orderdock.events import actions as events
from orderdock.events.model import Feed, FeedQuery
from orderdock.orders import actions as orders
from orderdock.web.request import Answer, Call, Route, Watch, check_account
from orderdock.wire import body as json_body
from orderdock.wire import v1

T = TypeVar("T")
Words = list[tuple[str, str, str]]


async def _numbered(call: Call, work: Callable[..., tuple[T, Words]], *args: Any, alone: bool = False) -> T:
    """The result of a read that also tells which names of named lists have no number yet; they get one first.

    `alone`: one of its statements alone tells what is shown, so that no snapshot is needed over several.
    """
    read = call.reads.look if alone else call.reads.read
    found, words = await read(work, call.scope, *args)
    if words:
        await call.reads.aside(_give_numbers, call, words)
        found, _ = await read(work, call.scope, *args)
    return found


def _give_numbers(call: Call, words: Words) -> None:
    """Raises Overloaded when the writers leave no room for it in time."""
    try:
        give_numbers(call.reads.database, call.scope, words)
    except Exception as error:
        if is_lost(error):
            raise Overloaded("the database is busy") from error
        raise


async def pull(call: Call) -> Answer:
    """The documented pull: a body, on GET also query parameters (contract 2.9)."""
    given = await call.aside(_body, call)
    parameters = call.request.parameters() if call.request.method != "POST" else {}
    asked = await call.aside(v1.read_pull, given, parameters, call.scope)
    _demand(call.scope, "order.search")
    return Answer(200, await _found(call, asked, v1.show_pulled))


def _body(call: Call) -> dict[str, Any]:
    """The object of a body; a GET may have none."""
    if call.request.method != "POST" and not call.body.strip():
        return {}
    return json_body.one_object(json_body.read(call.body))


async def search(call: Call) -> Answer:
    """`GET /api/v1/orders` (contract 2.16)."""
    asked = v1.read_search(call.request.parameters(), call.scope)
    _demand(call.scope, "order.search")
    return Answer(200, await _found(call, asked, v1.show_orders))


async def _found(call: Call, asked: v1.Asked, show: Callable[[Any, Any], bytes]) -> bytes:
    """A page; a total or histories are of the same moment as its orders."""
    alone = not (asked.query.with_total or asked.query.history)
    return await _numbered(call, _search, asked, show, alone=alone)


def _search(tx: Any, scope: Scope, asked: v1.Asked, show: Callable[[Any, Any], bytes]) -> tuple[bytes, Words]:
    view = None if asked.view is None else orders.view_filters(tx, scope, asked.view)
    query = v1.completed(asked, view, scope)
    page = orders.find(tx, scope, query)
    return show(page, query), page.unnumbered


async def one_order(call: Call) -> Answer:
    """`GET /api/v1/orders/{id}`, by number or `erp:` and the caller's own number (contract 2.15)."""
    check_account(call)
    _demand(call.scope, "order.get", "order.search")
    query = v1.read_one(call.rest, call.request.parameters(), call.scope)
    found = await _numbered(call, orders.get, query) if query.history else await _shown(call, query)
    tag = f'"{found.revision}"'
    if _matches(call.request.headers.get("if-none-match"), tag):
        return Answer(304, b"", [("etag", tag)])
    return Answer(200, v1.show_one(found, history=query.history), [("etag", tag)])


async def _shown(call: Call, query: Any) -> Any:
    """The order, read together with others that are asked for just now. Raises OrderNotFound."""
    found, words = await call.reads.together(_orders, call.scope, query.wanted)
    one = found.get(query.wanted)
    if one is None:
        raise orders.not_found(query.wanted)
    if not one.is_unnumbered:
        return one
    await call.reads.aside(_give_numbers, call, words)
    return (await call.reads.look(orders.get, call.scope, query))[0]


def _orders(tx: Any, scope: Scope, wanted: list[Any]) -> Any:
    return orders.shown(tx, scope, v1.one_shape(scope), wanted)


def _matches(header: str | None, tag: str) -> bool:
    sent = [] if header is None else [one.strip().removeprefix("W/") for one in header.split(",")]
    return tag in sent or "*" in sent


def feed(watch: Watch | None = None) -> Route:
    """`GET /api/v1/events` (contract 2.18). Without a watch nobody waits."""

    async def answer(call: Call) -> Answer:
        check_account(call)
        _demand(call.scope, "events.read")
        query = v1.read_feed_query(call.request.parameters())
        deadline = time.monotonic() + query.wait
        while True:
            found, body = await _numbered(call, _feed, query)
            left = deadline - time.monotonic()
            if watch is None or found.events or found.has_more or left <= 0:
                return Answer(200, body)
            # What is newer may be of other types only: then the rest of the time is waited as well.
            if not await watch.newer(call.scope.cm_id, found.next, left):
                return Answer(200, body)
            query = replace(query, after=found.next)

    return Route(("GET",), answer, operation="events.read")


def _feed(tx: Any, scope: Scope, query: FeedQuery) -> tuple[tuple[Feed, bytes], Words]:
    found = events.feed(tx, scope, query)
    records = orders.records(tx, scope, v1.one_shape(scope), found.events) if query.record else None
    return (found, v1.show_feed(found, records, query.warnings)), records.unnumbered if records else []


def _demand(scope: Scope, *operations: str) -> None:
    """Raises OperationNotAllowed unless the key has one of them."""
    if scope.operations.isdisjoint(operations):
        raise OperationNotAllowed(value=operations[0])


ROUTES: Final[Mapping[str, Route]] = {
    "/ms/customer-search/order-search/api/v1/pull-internal": Route(
        ("POST", "GET"), pull, reads_body=True, operation="order.search"
    ),
    "/api/v1/orders": Route(("GET",), search, operation="order.search"),
    "/api/v1/orders/": Route(("GET",), one_order, operation="order.get"),
    "/api/v1/events": feed(),
}
