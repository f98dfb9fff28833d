"""Which browser origins may call, and what they are told (contract 1.16). Cookies and `*` are never allowed."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Collection
from typing import Final

from orderdock.accounts.actions import account_settings
from orderdock.web.request.hosts import Origins
from orderdock.web.request.model import Answer, Header, Request, Route

_VARY: Final[Header] = ("vary", "Origin")
_ALLOWED: Final[Header] = (
    "access-control-allow-headers",
    "Authorization, X-Api-Key, Content-Type, Idempotency-Key, Prefer, X-Request-Id, If-Match, If-None-Match",
)
_EXPOSED: Final[Header] = (
    "access-control-expose-headers",
    "X-Request-Id, RateLimit-Limit, RateLimit-Remaining, RateLimit-Reset, Retry-After, Idempotency-Replayed,"
    " Preference-Applied, Orderdock-Key-Expires, Orderdock-Dry-Run, ETag",
)
_MAX_AGE: Final[Header] = ("access-control-max-age", "600")
# Seconds for which the origins of all accounts are believed.
_KEPT_FOR: Final = 5.0


def headers_for(origins: Collection[str], origin: str | None) -> list[Header]:
    """What an answer of an account with these origins carries for a caller from one."""
    if origin is None or origin not in origins:
        return [_VARY]
    return [("access-control-allow-origin", origin), _EXPOSED, _VARY]


class Preflights:
    """Answers `OPTIONS`, which browsers send without a credential before they call from another origin.

    The account is the one that the host names. Where it names none, an origin may ask that any account lists: what
    the caller then does is judged by the account of its credential.
    """

    def __init__(self, hosts: Origins, look_up: Callable[[], Awaitable[frozenset[str]]]) -> None:
        self._hosts = hosts
        self._look_up = look_up
        self._known: frozenset[str] = frozenset()
        self._until = float("-inf")
        self._flight: asyncio.Future[None] | None = None

    async def answer(self, request: Request, route: Route) -> Answer:
        """204 with `Allow`, and with `Access-Control-*` for an origin that may call. Raises Overloaded."""
        answer = Answer(204, b"", [("allow", route.allow)])
        origin = request.headers.get("origin")
        if origin is None or "access-control-request-method" not in request.headers:
            return answer
        answer.headers.append(_VARY)
        if origin in await self._origins(request):
            answer.headers += [
                ("access-control-allow-origin", origin),
                ("access-control-allow-methods", route.allow),
                _ALLOWED,
                _MAX_AGE,
            ]
        return answer

    async def _origins(self, request: Request) -> Collection[str]:
        label = self._hosts.label(request)
        account = await self._hosts.account(label) if label else None
        if account is not None:
            origins: list[str] = account_settings(account)["cors_origins"]
            return origins
        if time.monotonic() >= self._until:
            self._flight = self._flight or asyncio.ensure_future(self._look())
            await asyncio.shield(self._flight)
        return self._known

    async def _look(self) -> None:
        try:
            self._known = await self._look_up()
            self._until = time.monotonic() + _KEPT_FOR
        finally:
            self._flight = None
