"""The route of the v1 family that writes orders (contract 2.8)."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any, Final

from orderdock.accounts.model import Scope
from orderdock.errors import OperationNotAllowed
from orderdock.orders.model import ANY_REVISION, AddUpdate, Verdict
from orderdock.web.request import Answer, Call, Controls, Route, carry_out, controls
from orderdock.wire import body as json_body
from orderdock.wire.refusals import STATUS_V1
from orderdock.wire.v1_write import check_account, one_object, read_form, render_form

OPERATION: Final = "order.add-update"


async def add_update(call: Call) -> Answer:
    """One order with its customer, contacts, enquiry and payments, as one transaction."""
    body = await call.aside(_read_body, call)
    return await _written(call, call.scope, body, controls(call))


async def judge(call: Call, scope: Scope, how: Controls) -> Answer:
    """What a body of this family comes to under other settings than the caller's own."""
    return await _written(call, scope, await call.aside(_read_body, call), how)


async def _written(call: Call, scope: Scope, body: dict[str, Any], how: Controls) -> Answer:
    form: AddUpdate = await call.aside(read_form, body, scope, _revisions(call.request.headers.get("if-match")))
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


def _revisions(header: str | None) -> frozenset[int] | None:
    """The revisions that `If-Match` allows; None: no condition. A tag that is no revision of ours matches nothing."""
    if header is None or not header.strip():
        return None
    if header.strip() == "*":
        return frozenset({ANY_REVISION})
    tags = (tag.strip().removeprefix("W/").strip('"') for tag in header.split(","))
    return frozenset(int(tag) for tag in tags if tag.isascii() and tag.isdigit() and len(tag) < 16)


ADD_UPDATE: Final = "/ms/customer/order/api/v1/add-update"
ROUTES: Final[Mapping[str, Route]] = {
    ADD_UPDATE: Route(("POST",), add_update, writes=True, operation=OPERATION),
}
