"""The routes of the v1 family that write orders and customers (contract 2.8, 2.14)."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any, Final

from orderdock.accounts.model import Scope
from orderdock.errors import OperationNotAllowed
from orderdock.orders.model import AddUpdate, Verdict
from orderdock.web.request import Answer, Call, Controls, Route, carry_out, controls
from orderdock.wire import body as json_body
from orderdock.wire.refusals import STATUS_V1
from orderdock.wire.v1_write import check_account, one_object, read_customer, read_form, render_form, revisions_of

OPERATION: Final = "order.add-update"
CUSTOMER_OPERATION: Final = "customer.add-update"


async def add_update(call: Call) -> Answer:
    """One order with its customer, contacts, enquiry and payments, as one transaction."""
    return await _judged(call, call.scope, await call.aside(_read_body, call, OPERATION), controls(call))


async def judge(call: Call, scope: Scope, how: Controls) -> Answer:
    """What a body about an order comes to under other settings than the caller's own."""
    return await _judged(call, scope, await call.aside(_read_body, call, OPERATION), how)


async def _judged(call: Call, scope: Scope, body: dict[str, Any], how: Controls) -> Answer:
    revisions = revisions_of(call.request.headers.get("if-match"))
    return await _written(call, scope, await call.aside(read_form, body, scope, revisions), how)


async def add_update_customer(call: Call) -> Answer:
    """One customer with its contacts and an enquiry, as one transaction."""
    body = await call.aside(_read_body, call, CUSTOMER_OPERATION)
    how = controls(call)
    return await _written(call, call.scope, await call.aside(read_customer, body, call.scope), how)


async def _written(call: Call, scope: Scope, form: AddUpdate, how: Controls) -> Answer:
    render = partial(_render, minimal=how.minimal, dry_run=how.dry_run)
    return await carry_out(call, scope, [form], form.size, how, render)


def _render(verdicts: list[Verdict], *, minimal: bool, dry_run: bool) -> tuple[int, bytes]:
    code, body = render_form(verdicts, minimal=minimal, dry_run=dry_run)
    return STATUS_V1[code] if code else 200, body


def _read_body(call: Call, operation: str) -> dict[str, Any]:
    found = one_object(json_body.read(call.body))
    check_account(found, call.scope)
    if operation not in call.scope.operations:
        raise OperationNotAllowed(value=operation)
    return found


ADD_UPDATE: Final = "/ms/customer/order/api/v1/add-update"
ADD_UPDATE_CUSTOMER: Final = "/ms/customer/customer/api/v1/add-update"
ROUTES: Final[Mapping[str, Route]] = {
    ADD_UPDATE: Route(("POST",), add_update, writes=True, operation=OPERATION),
    ADD_UPDATE_CUSTOMER: Route(("POST",), add_update_customer, writes=True, operation=CUSTOMER_OPERATION),
}
