"""How much each key is used: counted here by the process, and written now and then (web/chores.py)."""

from __future__ import annotations

import time
from typing import Final

from orderdock.accounts.actions import Uses
from orderdock.accounts.model import Scope

# Most keys and days that are counted at a time; there are more only when nothing can be written for days.
MOST: Final = 100_000
_DAY: Final = 86_400


class Counts:
    """Requests and failures of keys since they were last taken. One thread counts and takes."""

    def __init__(self) -> None:
        self._counts: dict[tuple[int, int, int], list[int]] = {}
        self.dropped = 0

    def count(self, scope: Scope, *, failed: bool) -> None:
        """A request of a key was answered."""
        now = time.time()
        key = (scope.cm_id, scope.key_id, int(now) // _DAY)
        counts = self._counts.get(key) or self._begin(key)
        counts[0] += 1
        counts[1] += failed
        counts[2] = int(now * 1000)

    def _begin(self, key: tuple[int, int, int]) -> list[int]:
        counts = [0, 0, 0]
        if len(self._counts) < MOST:
            self._counts[key] = counts
        else:
            self.dropped += 1
        return counts

    def take(self) -> Uses:
        """What was counted; counting begins anew."""
        taken, self._counts = self._counts, {}
        return taken

    def put_back(self, taken: Uses) -> None:
        """What was taken and could not be written is counted again."""
        for key, (requests, failures, at) in taken.items():
            counts = self._counts.get(key) or self._begin(key)
            counts[0] += requests
            counts[1] += failures
            counts[2] = max(counts[2], at)
