"""Routes of the legacy family: orders, and what reads customers (contract 2.1 - 2.7, 2.11, 2.12)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
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
from orderdock.orders import actions
from orderdock.orders.model import Command
from orderdock.people import actions as people
from orderdock.web.request import Answer, Call, Controls, Route, carry_out, controls
from orderdock.wire import body as json_body
from orderdock.wire.legacy import REQUEST_TEXT, read_writes, render_writes
from orderdock.wire.legacy_customers_show import GET_TEXT, INVALID_KEY, show_customer, show_customers
from orderdock.wire.legacy_query import read_customer, read_customers, read_gets, read_pull
from orderdock.wire.legacy_show import join, show_get, show_page
from orderdock.wire.refusals import failed_item


async def write(call: Call) -> Answer:
    """Push, update, payment: one path, one item or many (contract 2.1 - 2.5)."""
    commands = await call.aside(_commands_of, call.body, call.scope)
    return await _written(call, call.scope, commands, controls(call))


async def judge(call: Call, scope: Scope, how: Controls) -> Answer:
    """What a body of this family comes to under other settings than the caller's own."""
    return await _written(call, scope, await call.aside(_commands_of, call.body, scope), how)


async def _written(call: Call, scope: Scope, commands: list[Command], how: Controls) -> Answer:
    call.charge(len(commands))
    render = partial(render_writes, scope=scope, minimal=how.minimal, dry_run=how.dry_run)
    return await carry_out(call, scope, commands, len(commands), how, render)


def _commands_of(body: bytes, scope: Scope) -> list[Command]:
    items, was_array = json_body.items_of(body, scope)
    return read_writes(items, was_array, scope)


def reading(
    operation: str, read: Callable[[list[Any], bool, Scope], Any], answer: Callable[[Any, Scope, Any], bytes]
) -> Callable[[Call], Awaitable[Answer]]:
    """What answers at the address of a read: `read` makes a question of the items, `answer` its bytes."""

    async def found(call: Call) -> Answer:
        items, was_array = await call.aside(json_body.items_of, call.body, call.scope)
        call.charge(len(items))
        asked = await call.aside(_granted, call.scope, operation, lambda: read(items, was_array, call.scope))
        return Answer(200, await call.reads.read(answer, call.scope, asked))

    return found


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


def _customer(tx: Any, scope: Scope, asked: Any) -> bytes:
    return show_customer(people.get(tx, scope, asked), asked, scope)


def _customers(tx: Any, scope: Scope, query: Any) -> bytes:
    return show_customers(people.pull(tx, scope, query), query, scope)


WRITE: Final = "/add-update-order-from-other-source.html"
ROUTES: Final[Mapping[str, Route]] = {
    WRITE: Route(("POST",), write, writes=True, text=REQUEST_TEXT, operation="order.push"),
    "/select-order-between-start-and-end-dates.html": Route(
        ("POST",), reading("order.pull", read_pull, _pull), operation="order.pull"
    ),
    "/search-order-by-order-id.html": Route(("POST",), reading("order.get", read_gets, _get), operation="order.get"),
    "/search-customer-by-customer-id.html": Route(
        ("POST",), reading("customer.get", read_customer, _customer), spelling="lower",
        text=GET_TEXT, operation="customer.get",
    ),
    "/select-customer-between-start-and-end-dates.html": Route(
        ("POST",), reading("customer.pull", read_customers, _customers), spelling="lower", text=INVALID_KEY,
        operation="customer.pull",
    ),
}  # fmt: skip
