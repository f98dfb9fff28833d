"""`POST /api/v1/orders:validate`: the dry run under its own name (contract 2.17)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import Any, Final, NamedTuple

from orderdock.accounts.model import Scope
from orderdock.errors import Overloaded, Refusal, ServerFailure
from orderdock.web.request import Answer, Call, Controls, Route, controls, headers_of
from orderdock.wire import body as json_body
from orderdock.wire.refusals import refusal

_GROUPS: Final = frozenset({"customer_info", "order_info", "enquiry_info", "contact_info"})


class Family(NamedTuple):
    """An endpoint that this one stands for: its path, its own texts by code, and how it judges a body."""

    path: str
    text: Mapping[str, str]
    judge: Callable[[Call, Scope, Controls], Awaitable[Answer]]


def route(legacy: Family, v1: Family) -> Route:
    """The route; an object with a group of the v1 family is judged as that family does, anything else as legacy."""

    async def validate(call: Call) -> Answer:
        family = v1 if _is_form(await call.aside(json_body.read, call.body)) else legacy
        scope = replace(call.scope, account={**call.scope.account, "http_status": "compatible"})
        try:
            return await family.judge(call, scope, controls(call, dry_run=True))
        except (Overloaded, ServerFailure):
            raise
        except Refusal as error:
            status, body = refusal(error, family.path, scope, text=family.text)
            if call.asked is not None:
                call.asked.errors = [error.code]
            return Answer(status, body, headers_of(status, error.code))

    return Route(("POST",), validate)


def _is_form(value: Any) -> bool:
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    return isinstance(value, dict) and not _GROUPS.isdisjoint(value)
