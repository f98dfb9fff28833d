"""The route of the v1 family that writes orders (contract 2.8)."""

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
from orderdock.wire.v1_write import check_account, one_object, read_form, render_form, revisions_of

OPERATION: Final = "order.add-update"


async def add_update(call: Call) -> Answer:
    """One order with its customer, contacts, enquiry and payments, as one transaction."""
    body = await call.aside(_read_body, call)
    return await _written(call, call.scope, body, controls(call))


async def judge(call: Call, scope: Scope, how: Controls) -> Answer:
    """What a body of this family comes to under other settings than the caller's own."""
    return await _written(call, scope, await call.aside(_read_body, call), how)


async def _written(call: Call, scope: Scope, body: dict[str, Any], how: Controls) -> Answer:
    form: AddUpdate = await call.aside(read_form, body, scope, revisions_of(call.request.headers.get("if-match")))
    render = partial(_render, minimal=how.minimal, dry_run=how.dry_run)
    return await carry_out(call, scope, [form], form.size, how, render)


def _render(verdicts: list[Verdict], *, minimal: bool, dry_run: bool) -> tuple[int, bytes]:
    code, body = render_form(verdicts, minimal=minimal, dry_run=dry_run)
    return STATUS_V1[code] if code else 200, body


def _read_body(call: Call) -> dict[str, Any]:
    found = one_object(json_body.read(call.body))
    check_account(found, call.scope)
    if OPERATION not in call.scope.operations:
        raise OperationNotAllowed(value=OPERATION)
    return found


ADD_UPDATE: Final = "/ms/customer/order/api/v1/add-update"
ROUTES: Final[Mapping[str, Route]] = {
    ADD_UPDATE: Route(("POST",), add_update, writes=True, operation=OPERATION),
}
