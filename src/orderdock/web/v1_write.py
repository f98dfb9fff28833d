"""The route of the v1 family that writes orders (contract 2.8)."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any, Final

from orderdock.errors import OperationNotAllowed
from orderdock.group import Work
from orderdock.orders.model import AddUpdate
from orderdock.web.request import Answer, Call, Route, Ticket, controls
from orderdock.wire import body as json_body
from orderdock.wire.refusals import STATUS_V1
from orderdock.wire.v1_write import check_account, one_object, read_form, render_form
from orderdock.writer import Submission

OPERATION: Final = "order.add-update"


async def add_update(call: Call) -> Answer:
    """One order with its customer, contacts, enquiry and payments, as one transaction."""
    body = await call.aside(_read_body, call)
    if OPERATION not in call.scope.operations:
        raise OperationNotAllowed(value=OPERATION)
    minimal, strict, headers = controls(call)
    form: AddUpdate = await call.aside(read_form, body, call.scope, _revisions(call.request.headers.get("if-match")))
    work = Work(call.scope, call.request_id, [form], strict, partial(render_form, minimal=minimal))
    ticket = Ticket()
    call.writer.submit(Submission(call.scope.cm_id, form.size, len(call.body), work, ticket))
    code, answer = await ticket
    return Answer(STATUS_V1[code] if code else 200, answer, headers)


def _read_body(call: Call) -> dict[str, Any]:
    body = json_body.read(call.body)
    found = one_object(body)
    check_account(found, call.scope)
    return found


def _revisions(header: str | None) -> frozenset[int] | None:
    """The revisions that `If-Match` allows; None: any. A tag that is no revision of ours matches nothing."""
    if header is None or not header.strip() or header.strip() == "*":
        return None
    tags = (tag.strip().removeprefix("W/").strip('"') for tag in header.split(","))
    return frozenset(int(tag) for tag in tags if tag.isascii() and tag.isdigit() and len(tag) < 16)


ROUTES: Final[Mapping[str, Route]] = {
    "/ms/customer/order/api/v1/add-update": Route(("POST",), add_update, writes=True),
}
