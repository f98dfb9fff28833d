"""How much a key may ask in a minute (contract 1.15): units that are spent at once and come back evenly."""

from __future__ import annotations

import time
from collections.abc import Callable
from math import ceil
from typing import Final, NamedTuple

from orderdock.accounts.model import Scope
from orderdock.errors import RateLimited

# Items that one unit pays for.
ITEMS_A_UNIT: Final = 100
# Keys of which something is remembered before those are forgotten that have all their units back.
_MOST: Final = 10_000
_MINUTE: Final = 60.0
# Seconds after which the largest request (5,000 items) is paid off at the smallest rate.
_PAID_OFF: Final = 3_600.0


class Left(NamedTuple):
    """What a key may still ask: all its units, those that are left, and seconds until all are back."""

    limit: int
    remaining: int
    reset: int


class _Purse:
    """A key's units. They are below zero while a request that cost more than all of them is paid off."""

    __slots__ = ("at", "units")

    def __init__(self, units: float, at: float) -> None:
        self.units = units
        self.at = at


class Rates:
    """The units of every key with a limit, in one process: each of the `workers` gives its share of the rate.

    Both secrets of a rotated key are one key here. What is remembered is bounded by the keys of the installation.
    """

    def __init__(self, workers: int = 1, clock: Callable[[], float] = time.monotonic) -> None:
        self._workers = workers
        self._clock = clock
        self._purses: dict[tuple[int, int], _Purse] = {}
        self._tidy_at = _MOST

    def take(self, scope: Scope, units: int = 1) -> None:
        """Spend units of the caller's key. Raises RateLimited, and spends nothing, when they are not there.

        A request that costs more than a minute's units passes when all of them are there; the next ones wait until
        it is paid off. Else a key with a small rate could never send it, however long it waits.
        """
        rate = scope.settings["rate_per_minute"]
        if rate is None:
            return
        most = self._share(rate)
        purse = self._purse(scope, most)
        missing = (units if units < most else most) - purse.units
        if missing > 0:
            error = RateLimited(f"{rate} units a minute are allowed, and they are used up")
            error.seconds = max(1, ceil(missing * _MINUTE / most))
            raise error
        purse.units -= units

    def headers(self, scope: Scope) -> list[tuple[str, str]]:
        """What answers to a key with a limit tell of it (contract 1.16); nothing for others."""
        left = self.left(scope)
        if left is None:
            return []
        return [
            ("ratelimit-limit", str(left.limit)),
            ("ratelimit-remaining", str(left.remaining)),
            ("ratelimit-reset", str(left.reset)),
        ]

    def take_for_items(self, scope: Scope, items: int) -> None:
        """Spend what further items cost: one unit for every started hundred behind the first. Raises RateLimited."""
        if items > ITEMS_A_UNIT:
            self.take(scope, (items - 1) // ITEMS_A_UNIT)

    def left(self, scope: Scope) -> Left | None:
        """What the caller's key may still ask of this process; None when it has no limit."""
        rate = scope.settings["rate_per_minute"]
        if rate is None:
            return None
        most = self._share(rate)
        units = self._purse(scope, most).units
        return Left(int(most), max(0, int(units)), ceil((most - units) * _MINUTE / most))

    def _share(self, rate: int) -> float:
        return rate / self._workers if rate > self._workers else 1.0

    def _purse(self, scope: Scope, most: float) -> _Purse:
        """The key's units as they are now."""
        key, now = (scope.cm_id, scope.key_id), self._clock()
        purse = self._purses.get(key)
        if purse is None:
            if len(self._purses) >= self._tidy_at:
                self._tidy(now)
            purse = self._purses[key] = _Purse(most, now)
        else:
            units = purse.units + (now - purse.at) * most / _MINUTE
            purse.units = units if units < most else most
            purse.at = now
        return purse

    def _tidy(self, now: float) -> None:
        """Forget the keys that have all their units back: after a minute, or after an hour if they owed some."""
        self._purses = {
            key: purse
            for key, purse in self._purses.items()
            if now - purse.at < (_MINUTE if purse.units >= 0 else _PAID_OFF)
        }
        self._tidy_at = max(_MOST, 2 * len(self._purses))
