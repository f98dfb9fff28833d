"""What is measured: one row a case, with the bar it has to reach and the aim beyond it."""

from dataclasses import dataclass
from typing import Literal

Engine = Literal["postgres", "sqlite"]

LIMIT_CLIENTS = (16, 32)
KNOWN_CUSTOMERS = 20_000
KNOWN_SHARE = 70
LINES = 2


@dataclass(frozen=True)
class Case:
    """One load on one configuration; bar and aim are ratios to pgbench doing the plain transaction."""

    figure: str
    what: str
    bar: float
    aim: float
    engine: Engine = "postgres"
    workers: int = 1
    accounts: int = 1
    connections: int = 64
    threads: int = 1
    items: int = 1

    @property
    def spread(self) -> str:
        """How requests are shared out over the accounts: a thread keeps to one, or each request takes the next."""
        return "thread" if self.threads > 1 else "turn"

    @property
    def known(self) -> int:
        """Customers already there in each account; together as many as the limit has."""
        return KNOWN_CUSTOMERS // self.accounts


CASES = (
    Case("P1", "single orders, PostgreSQL, 1 worker", 1.3, 2.0),
    Case("P1", "single orders, PostgreSQL, 2 workers", 1.0, 2.0, workers=2),
    Case("P1b", "single orders, 64 accounts, PostgreSQL, 1 worker", 0.5, 1.0, accounts=64),
    Case("P1b", "single orders, 64 accounts, PostgreSQL, 2 workers", 0.5, 1.0, accounts=64, workers=2),
    Case("P2", "single orders, SQLite, 1 worker", 1.5, 2.5, engine="sqlite"),
    Case(
        "P3",
        "arrays of 500, 4 accounts, PostgreSQL, 2 workers",
        3.0,
        6.0,
        workers=2,
        accounts=4,
        connections=4,
        threads=4,
        items=500,
    ),
    Case(
        "P3",
        "arrays of 500, one account, PostgreSQL, 2 workers",
        1.8,
        3.5,
        workers=2,
        connections=4,
        threads=4,
        items=500,
    ),
)

TAIL_BAR, TAIL_AIM = 3.0, 2.0
"""P5: how many times the p50 of P1 its p99 may be."""

FIGURES = ("limit", "P1", "P1b", "P2", "P3", "P5")


def chosen(only: str) -> tuple[Case, ...]:
    """The cases of the figures named in a list like "P1,P3"; all of them for an empty list. P5 is read from P1."""
    names = {name.strip() for name in only.split(",") if name.strip()}
    if unknown := names - set(FIGURES):
        raise ValueError(f"no such figure: {', '.join(sorted(unknown))}; there are {', '.join(FIGURES)}")
    if "P5" in names:
        names.add("P1")
    return tuple(case for case in CASES if not names or case.figure in names)
