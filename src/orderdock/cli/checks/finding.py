"""What a check says."""

from __future__ import annotations

from typing import Literal, NamedTuple


class Finding(NamedTuple):
    """What a check found: whether it is sound, and a sentence that says what is so, and what to do."""

    result: Literal["ok", "warn", "fail"]
    check: str
    said: str
