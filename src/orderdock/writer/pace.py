"""How long a request would wait to be written: so that too much is refused while refusing still helps."""

from __future__ import annotations

from typing import Final

# A group of fewer items says nothing of how fast many are written: most of its time is its own.
_TELLING: Final = 16
# How much of what is believed a slower group changes, and a quicker one: a stall is soon forgotten.
_SLOWER: Final = 0.3
_QUICKER: Final = 0.7
# So many items of an account may wait in any case: what the clients of one pool send at once.
_ALWAYS: Final = 64
# So many times its own length a request may wait in any case.
_DUE: Final = 32


class Paces:
    """Seconds an item, by account, learned from groups that left others waiting; forgotten when nobody waits.

    So a burst on a quiet account is never refused for what is not known, and one slow group refuses no small crowd.
    `most` is the longest wait in seconds; a large request may wait 32 times as long as it takes itself if that is more.
    """

    def __init__(self, most: float) -> None:
        self._most = most
        self._known: dict[int, float] = {}

    def learn(self, cm_id: int, items: int, seconds: float) -> None:
        """A group of an account took so long, and more of it waits."""
        if items < _TELLING:
            return
        new, known = seconds / items, self._known.get(cm_id)
        weight = 1.0 if known is None else _SLOWER if new > known else _QUICKER
        self._known[cm_id] = new if known is None else known + weight * (new - known)

    def forget(self, cm_id: int) -> None:
        """Nothing of an account waits any more."""
        self._known.pop(cm_id, None)

    def is_late(self, cm_id: int, before: int, items: int) -> bool:
        """Whether a request of some items would wait too long behind so many of its account."""
        pace = self._known.get(cm_id)
        return pace is not None and before >= max(_ALWAYS, _DUE * items) and pace * before > self._most
