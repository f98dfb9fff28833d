"""Who used the processors during a run; a figure is only understood when one knows what was the bottleneck.

It reads Linux' /proc; elsewhere every figure is 0.
"""

import os
import resource
import time
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

from bench.results import Usage

PROC = Path("/proc")
KERNEL_THREADS = 2
"""The process that all threads of the kernel are children of."""
TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Spent:
    """CPU seconds up to now."""

    at: float
    server: float
    database: float
    load: float
    ours: float
    programs: float
    busy: float
    steal: float


def spent(server: int | None, database: int | None) -> Spent:
    """Read everything. A process counts with its children, also with those that have ended."""
    parents: dict[int, int] = {}
    seconds: dict[int, float] = {}
    for entry in PROC.glob("[0-9]*/stat"):
        try:
            values = entry.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        pid = int(entry.parent.name)
        parents[pid] = int(values[1])
        # user and system time of the process itself, then of the children that it has already buried
        seconds[pid] = sum(int(value) for value in values[11:15]) / TICKS

    def tree(root: int | None) -> float:
        return sum(value for pid, value in seconds.items() if root in ancestry(pid, parents))

    busy, steal = of_machine()
    programs = sum(seconds.values()) - tree(KERNEL_THREADS)
    return Spent(time.monotonic(), tree(server), tree(database), of_load(), tree(os.getpid()), programs, busy, steal)


def ancestry(pid: int, parents: dict[int, int]) -> set[int]:
    """A process, its parent, and so on."""
    seen: set[int] = set()
    while pid and pid not in seen:
        seen.add(pid)
        pid = parents.get(pid, 0)
    return seen


def of_load() -> float:
    """CPU seconds of the load generators run so far: the children of this process that have ended."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def of_machine() -> tuple[float, float]:
    """CPU seconds that all processors were busy, and those that the host took away."""
    try:
        first = (PROC / "stat").read_text().split("\n", 1)[0].split()[1:]
    except OSError:
        return 0.0, 0.0
    user, nice, system, _, _, irq, soft, steal = (int(value) / TICKS for value in first[:8])
    return user + nice + system + irq + soft, steal


class Meter:
    """Measures what is spent inside its `with` block."""

    def __init__(self, server: int | None, database: int | None) -> None:
        self.roots = (server, database)
        self.usage = Usage()

    def __enter__(self) -> "Meter":
        self.start = spent(*self.roots)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        before, after = self.start, spent(*self.roots)

        def cores(*names: str) -> float:
            seconds: list[float] = [getattr(after, name) - getattr(before, name) for name in names]
            return round(max(0.0, seconds[0] - sum(seconds[1:])) / (after.at - before.at), 3)

        self.usage = Usage(
            server=cores("server"),
            database=cores("database"),
            load=cores("load"),
            kernel=cores("busy", "programs"),
            other=cores("programs", "ours"),
            steal=cores("steal"),
        )
