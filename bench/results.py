"""What a run found out: figures, and everything that speaks against believing them."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Usage:
    """Processors kept busy during a run, in cores: 0.5 is half of one."""

    server: float = 0.0
    database: float = 0.0
    load: float = 0.0
    kernel: float = 0.0
    """The kernel's own threads and interrupts: disk and network."""
    other: float = 0.0
    """Programs that are no part of the benchmark."""
    steal: float = 0.0
    """What the host of a virtual machine gave to somebody else."""


@dataclass(frozen=True)
class Run:
    """One timed run of one case."""

    rate: float
    p50_ms: float
    p99_ms: float
    seconds: float
    acknowledged: int
    stored: int
    clients: int
    usage: Usage
    errors: list[str] = field(default_factory=list)
    missing: str = ""
    """Why there are no figures, where that is no error: "no such route"."""

    @classmethod
    def absent(cls, clients: int, why: str) -> "Run":
        """A run of something that is not there."""
        return cls(0.0, 0.0, 0.0, 0.0, 0, 0, clients, Usage(), [], why)

    @classmethod
    def broken(cls, clients: int, error: str) -> "Run":
        """A run that came to no figures."""
        return cls(0.0, 0.0, 0.0, 0.0, 0, 0, clients, Usage(), [error])

    @property
    def tail(self) -> float:
        """How many times the middle answer time the slowest hundredth waits."""
        return self.p99_ms / self.p50_ms if self.p50_ms else 0.0


@dataclass(frozen=True)
class Round:
    """Every case once: the limit with each number of clients, if anything is measured against it; the runs in the
    order of the cases."""

    limits: list[Run]
    runs: list[Run]

    @property
    def limit(self) -> Run:
        """The denominator: the better number of clients."""
        return max(self.limits, key=lambda run: run.rate)
