"""Routes of the legacy family: add-update, pull, get (contract 2.1 - 2.7)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Final, TypeVar

from orderdock.accounts.model import Scope
from orderdock.errors import (
    AccountMismatch,
    EmptyRequest,
    OperationNotAllowed,
    Refusal,
    TooManyItems,
)
from orderdock.group import Work
from orderdock.orders import actions
from orderdock.orders.model import Command
from orderdock.web import limits
from orderdock.web.request import Answer, Call, Route, Ticket, controls
from orderdock.wire import body as json_body
from orderdock.wire.legacy import REQUEST_TEXT, read_writes, render_writes
from orderdock.wire.legacy_query import read_gets, read_pull
from orderdock.wire.legacy_show import join, show_get, show_page
from orderdock.wire.refusals import failed_item
from orderdock.writer import Submission


async def write(call: Call) -> Answer:
    """Push, update, payment: one path, one item or many (contract 2.1 - 2.5)."""
    commands = await call.aside(_read_writes, call.body, call.scope)
    minimal, strict, headers = controls(call)
    render = partial(render_writes, scope=call.scope, minimal=minimal)
    work = Work(call.scope, call.request_id, commands, strict, render)
    ticket = Ticket()
    call.writer.submit(Submission(call.scope.cm_id, len(commands), len(call.body), work, ticket))
    status, body = await ticket
    return Answer(status, body, headers)


def _read_writes(body: bytes, scope: Scope) -> list[Command]:
    items, was_array = json_body.items(json_body.read(body), scope.account["batch_max_items"])
    return read_writes(items, was_array, scope)


async def get(call: Call) -> Answer:
    """Orders by number, answered in place (contract 2.7)."""
    items, was_array = await call.aside(_items, call.body, call.scope)
    requests = await call.aside(_granted, call.scope, "order.get", lambda: read_gets(items, was_array, call.scope))
    limits.check_dry_run(call.request.parameters())
    return Answer(200, await call.reads.read(_get, call.scope, requests))


def _get(tx: Any, scope: Scope, requests: list[Any]) -> bytes:
    """The answer to several; who asks for one order many times gets it made once."""
    wanted = [request.wanted for request in requests]
    details, history = any(one.details for one in requests), any(one.history for one in requests)
    page = actions.get_many(tx, scope, wanted, details=details, history=history)
    made: dict[Any, bytes] = {}
    bodies = []
    for request in requests:
        key = (request.wanted, request.details, request.history)
        shown = made.get(key) or show_get(page, request, scope)
        if isinstance(shown, bytes):
            made[key] = shown
        bodies.append(shown if isinstance(shown, bytes) else failed_item(shown, scope))
    return bodies[0] if len(bodies) == 1 else join(bodies)


async def pull(call: Call) -> Answer:
    """Orders in a range of dates (contract 2.6)."""
    items, was_array = await call.aside(_items, call.body, call.scope)
    query = await call.aside(_granted, call.scope, "order.pull", lambda: read_pull(items, was_array, call.scope))
    limits.check_dry_run(call.request.parameters())
    body = await call.reads.read(_pull, call.scope, query)
    return Answer(200, body)


T = TypeVar("T")


def _granted(scope: Scope, operation: str, read: Callable[[], T]) -> T:
    """What `read` makes of the items; judged in the order of 1.4: how many, whose account, the right, their faults."""
    try:
        result = read()
    except (EmptyRequest, TooManyItems, AccountMismatch):
        raise
    except Refusal:
        _demand(scope, operation)
        raise
    _demand(scope, operation)
    return result


def _demand(scope: Scope, operation: str) -> None:
    """Raises OperationNotAllowed."""
    if operation not in scope.operations:
        raise OperationNotAllowed(value=operation)


def _pull(tx: Any, scope: Scope, query: Any) -> bytes:
    return show_page(actions.pull(tx, scope, query), query, scope)


def _items(body: bytes, scope: Scope) -> tuple[list[Any], bool]:
    return json_body.items(json_body.read(body), scope.account["batch_max_items"])


ROUTES: Final[Mapping[str, Route]] = {
    "/add-update-order-from-other-source.html": Route(("POST",), write, writes=True, text=REQUEST_TEXT),
    "/select-order-between-start-and-end-dates.html": Route(("POST",), pull),
    "/search-order-by-order-id.html": Route(("POST",), get),
}
