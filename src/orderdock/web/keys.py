"""What a key may ask about itself (contract 2.19)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from orderdock.web.request import Answer, Call, Route, check_account
from orderdock.wire.keys import show_current


async def current(call: Call) -> Answer:
    """`GET /api/v1/keys/current`, whatever the credential's operations."""
    check_account(call)
    left = call.rates.left(call.scope)
    return Answer(200, show_current(call.scope, None if left is None else left.remaining))


ROUTES: Final[Mapping[str, Route]] = {"/api/v1/keys/current": Route(("GET",), current)}
