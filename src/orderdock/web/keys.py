"""What a key may ask about itself (contract 2.19)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from orderdock.accounts.model import Scope
from orderdock.web.request import Answer, Call, Route, check_account
from orderdock.wire.keys import show_current


def _no_limit(scope: Scope) -> None:
    return None


def current(remaining: Callable[[Scope], int | None] = _no_limit) -> Route:
    """`GET /api/v1/keys/current`, whatever the credential's operations.

    `remaining` answers the units that the rate limit leaves a credential now; None when it has no limit.
    """

    async def answer(call: Call) -> Answer:
        check_account(call)
        return Answer(200, show_current(call.scope, remaining(call.scope)))

    return Route(("GET",), answer)


ROUTES: Final[Mapping[str, Route]] = {"/api/v1/keys/current": current()}
