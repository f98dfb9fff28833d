"""How long and how often to measure, and where the data lies meanwhile."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Plan:
    """The choices of one call of `python -m bench`."""

    seconds: int
    warmup: int
    rounds: int
    work: Path


FULL = (30, 5, 3)
QUICK = (5, 2, 1)
