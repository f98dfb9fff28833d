"""What a connection may wait for, and how long."""

from __future__ import annotations

from enum import Enum
from typing import Final

# Seconds for which a connection is kept without a request.
IDLE: Final = 75.0
# Seconds in which a caller may take the last answer.
LINGER: Final = 2.0
# Seconds that a process that stops gives to a request that is still on its way.
STOPPING: Final = 3.0


class Wait(Enum):
    """What is waited for from a caller, if anything."""

    NOTHING = 0
    FIRST = 1
    REQUEST = 2
    HEAD = 3
    BODY = 4
    READER = 5
    CLOSE = 6


def patience(wait: Wait, timeout: float, *, draining: bool) -> float:
    """Seconds that a wait may take where a request has `timeout` to arrive; `draining`: the process stops."""
    match wait:
        case Wait.NOTHING:
            return float("inf")
        case Wait.FIRST | Wait.REQUEST if draining:
            return 0.0
        case Wait.REQUEST:
            return IDLE
        case Wait.CLOSE:
            return LINGER
        case _:
            return min(timeout, STOPPING) if draining else timeout
