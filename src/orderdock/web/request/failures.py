"""Addresses that guess credentials are not answered for a while (contract 1.3)."""

from __future__ import annotations

import time
from collections import OrderedDict, deque
from collections.abc import Callable
from ipaddress import IPv6Address
from math import ceil
from typing import Final

import structlog

from orderdock.errors import RateLimited
from orderdock.web.request.hosts import Address

log: Final = structlog.get_logger()
# Seconds in which failures are counted, and seconds for which an address is refused.
WITHIN: Final = 60.0
REFUSED_FOR: Final = 60.0
# Addresses that are remembered; past it those are forgotten that failed the longest ago.
_MOST: Final = 10_000
# Who has one IPv6 address has all those with the same first 64 bits.
_NETWORK: Final = 64


def _place(address: Address | None) -> int | None:
    """What counts as one address; None: all whose address is not known."""
    if isinstance(address, IPv6Address):
        return -(int(address) >> _NETWORK) - 1  # below zero, where no IPv4 address is
    return None if address is None else int(address)


class Failures:
    """Failed attempts of one process by address. After `most` of them in a minute the address waits for a minute.

    0 switches it off. `is_quiet` is True while no address waits: then nobody needs to find out who is calling.
    """

    def __init__(self, most: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._most = most
        self._clock = clock
        self._failed: OrderedDict[int | None, deque[float]] = OrderedDict()
        self._refused: OrderedDict[int | None, float] = OrderedDict()
        self.is_quiet = True

    @property
    def waiting(self) -> int:
        """How many addresses have to wait."""
        return len(self._refused)

    def admit(self, address: Address | None) -> None:
        """Let somebody in whose address need not wait. Raises RateLimited."""
        self._forget_old(self._clock())
        self.check(address)

    def check(self, address: Address | None) -> None:
        """Raises RateLimited while an address waits. Changes nothing, so that other threads may ask too."""
        until = self._refused.get(_place(address))
        if until is not None and (left := until - self._clock()) > 0:
            error = RateLimited("too many wrong credentials came from this address")
            error.seconds = max(1, ceil(left))
            raise error

    def note(self, address: Address | None) -> None:
        """An attempt from an address has failed."""
        if not self._most:
            return
        place, now = _place(address), self._clock()
        times = self._failed.setdefault(place, deque(maxlen=self._most))
        self._failed.move_to_end(place)
        times.append(now)
        if len(times) == self._most and now - times[0] <= WITHIN:
            self._refuse(place, address, now)
        elif len(self._failed) > _MOST:
            self._failed.popitem(last=False)

    def _refuse(self, place: int | None, address: Address | None, now: float) -> None:
        del self._failed[place]
        self._forget_old(now)
        self._refused[place] = now + REFUSED_FOR
        self._refused.move_to_end(place)
        if len(self._refused) > _MOST:
            self._refused.popitem(last=False)
        self.is_quiet = False
        log.warning("an address sent too many wrong credentials", address=str(address), seconds=int(REFUSED_FOR))

    def _forget_old(self, now: float) -> None:
        """Forget who has waited long enough: the longest waiting come first."""
        while self._refused and next(iter(self._refused.values())) <= now:
            self._refused.popitem(last=False)
        self.is_quiet = not self._refused
