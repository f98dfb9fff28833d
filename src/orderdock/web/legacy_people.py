"""Routes of the legacy family that write customers and enquiries (contract 2.10, 2.13)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import Any, Final, Protocol

from orderdock.accounts.model import Scope
from orderdock.orders.model import Command, Operation, Verdict
from orderdock.web.request import Answer, Call, Route, carry_out, controls
from orderdock.wire import body as json_body
from orderdock.wire.legacy_people import customers, enquiries
from orderdock.wire.legacy_people.items import Read, read_items, render_items


class Element(Protocol):
    """How one item of a write is answered."""

    def __call__(self, verdict: Verdict, *, scope: Scope, minimal: bool, dry_run: bool) -> bytes: ...


def writing(operation: Operation, read: Read, element: Element) -> Callable[[Call], Awaitable[Answer]]:
    """What answers at the address of a write: one item or many."""

    async def write(call: Call) -> Answer:
        commands = await call.aside(_commands_of, call.body, call.scope, operation, read)
        how = controls(call)
        call.charge(len(commands))
        shown: Any = partial(element, scope=call.scope, minimal=how.minimal, dry_run=how.dry_run)
        render = partial(render_items, scope=call.scope, element=shown)
        return await carry_out(call, call.scope, commands, len(commands), how, render)

    return write


def _commands_of(body: bytes, scope: Scope, operation: Operation, read: Read) -> list[Command]:
    items, was_array = json_body.items_of(body, scope)
    return read_items(items, was_array, scope, operation, read)


PUSH_CUSTOMER: Final = "/add-update-customer-from-other-source.html"
PUSH_ENQUIRY: Final = "/add-update-enquiry-from-other-source.html"
ROUTES: Final[Mapping[str, Route]] = {
    PUSH_CUSTOMER: Route(
        ("POST",), writing(customers.PUSH, customers.read_customer, customers.show_customer), writes=True,
        text=customers.REQUEST_TEXT, spelling=customers.SPELLING, operation=customers.PUSH,
    ),
    PUSH_ENQUIRY: Route(
        ("POST",), writing(enquiries.PUSH, enquiries.read_enquiry, enquiries.show_enquiry), writes=True,
        text=enquiries.REQUEST_TEXT, operation=enquiries.PUSH,
    ),
}  # fmt: skip
