"""Who is calling: where a credential is looked for, and how long what was found is believed (contract 1.3)."""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections.abc import Awaitable, Callable
from typing import Final, NamedTuple

from orderdock.accounts.model import Scope
from orderdock.web.request.model import Request

# Seconds after which a credential is looked up again, and for which it is still believed meanwhile.
BELIEVED_FOR: Final = 1.0
LOOKED_UP_WITHIN: Final = 0.7
_MOST: Final = 10_000
Check = Callable[[], None]


def _as_it_is() -> None:
    """Nothing speaks against a look-up."""


class Token(NamedTuple):
    """A credential as sent. `keys_only`: the place takes no API login; `by_query`: it stood in the address."""

    text: str
    keys_only: bool = False
    by_query: bool = False


def token_of(request: Request) -> Token | None:
    """The credential of a request: the first place that has one decides."""
    sent = request.headers.get("authorization")
    token = _of_header(sent, bearer=True) if sent else None
    if token is None and (sent := request.headers.get("x-api-key")):
        token = _of_header(sent, bearer=False)
    if token is None and "auth_key=" in request.query:
        text = request.parameters().get("auth_key", "").strip()
        token = Token(text, keys_only=True, by_query=True) if text else None
    return token


def _of_header(value: str, *, bearer: bool) -> Token | None:
    scheme, _, rest = value.strip().partition(" ")
    rest = rest.strip()
    name = scheme.lower()
    if name == "basic":
        return Token(rest) if rest else None
    if name == "bearer" and bearer:
        return Token(rest, keys_only=True) if rest else None
    return Token(scheme) if scheme and not rest else None


def _key(token: str) -> bytes:
    return hashlib.blake2b(token.encode("utf-8", "surrogatepass"), digest_size=16).digest()


def _left(scope: Scope) -> float:
    """Seconds for which the secret that was sent still works."""
    return float("inf") if scope.until is None else scope.until / 1000 - time.time()


def _forget_failure(flight: asyncio.Future[Scope | None]) -> None:
    """Nobody waits for a look-up made ahead of time; when it failed, the next caller looks up again."""
    if not flight.cancelled():
        flight.exception()


class Credentials:
    """Resolved credentials of one process, each looked up again after a second, aside, while it is still believed.

    What could not be looked up in time is believed no longer: a disabled key is dead within two seconds.
    What is unknown is never remembered.
    """

    def __init__(
        self, look_up: Callable[[str, Check], Awaitable[Scope | None]], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._look_up = look_up
        self._clock = clock
        # Until when each is believed, until when it is while it is looked up again, and whose it is.
        self._known: dict[bytes, tuple[float, float, Scope]] = {}
        self._flights: dict[bytes, asyncio.Future[Scope | None]] = {}

    def believed(self, token: str) -> Scope | None:
        """Whom a token belongs to if that need not be looked up."""
        known = self._known.get(_key(token))
        return known[2] if known is not None and self._clock() < known[0] else None

    async def scope_of(self, token: str, check: Check = _as_it_is) -> Scope | None:
        """Whom a token belongs to; None when it is unknown or wrong.

        A look-up may have to wait for its turn. Then it calls `check`, which raises when it is not to be made any more.
        """
        key = _key(token)
        known = self._known.get(key)
        now = self._clock()
        if known is not None and now < known[0]:
            return known[2]
        flight = self._flights.get(key)
        if flight is None:
            flight = self._flights[key] = asyncio.ensure_future(self._fly(key, token, check))
        if known is not None and now < known[1]:
            flight.add_done_callback(_forget_failure)
            return known[2]
        scope = await asyncio.shield(flight)
        return None if scope is None or _left(scope) < 0 else scope

    async def _fly(self, key: bytes, token: str, check: Check) -> Scope | None:
        began = self._clock()
        try:
            scope = await self._look_up(token, check)
        finally:
            del self._flights[key]
        if scope is None:
            self._known.pop(key, None)
        else:
            if len(self._known) >= _MOST:
                self._known.clear()
            # An old secret is believed to its end and not a moment longer.
            end = began + BELIEVED_FOR + LOOKED_UP_WITHIN
            end = min(end, self._clock() + _left(scope))
            self._known[key] = (min(began + BELIEVED_FOR, end), end, scope)
        return scope
