"""What is measured: one row a case, with the bar it has to reach and the aim beyond it."""

from dataclasses import dataclass, replace
from typing import Literal

Engine = Literal["postgres", "sqlite"]
System = Literal["orderdock", "peer", "sql"]
"""Who does the work: Orderdock, the textbook service (peer/), or pgbench with a script (limit/)."""
Load = Literal["push", "get", "list", "older", "pull", "first", "last"]
"""What is asked for: `list` is `GET /api/v1/orders`, `pull` the newer pull, `older` the older one, `first` and `last`
two pages of that by cursor."""

LIMIT_CLIENTS = (16, 32)
KNOWN_CUSTOMERS = 20_000
KNOWN_SHARE = 70
LINES = 2
PAGE = 100
READ_ORDERS = 100_000
"""Orders in the account that is read from, and in the small account of the growth figures."""
MANY_ORDERS = 10_000_000
COPIED_UP_TO = 500_000
"""A seed with more orders than this is not copied for each run: all runs use the one database."""


@dataclass(frozen=True)
class Case:
    """One load on one configuration; bar and aim are ratios to what it is measured against."""

    figure: str
    what: str
    bar: float | None = None
    aim: float | None = None
    engine: Engine = "postgres"
    workers: int = 1
    accounts: int = 1
    connections: int = 64
    threads: int = 1
    items: int = 1
    system: System = "orderdock"
    load: Load = "push"
    orders: int = 0
    """Orders loaded into the account beforehand; 0: one pushed for each known customer."""
    name: str = ""
    """Under this name other cases are measured against it; of several with one name, the fastest counts."""
    against: str = ""
    """The name of what it is measured against; empty: the limit."""

    @property
    def spread(self) -> str:
        """How requests are shared out over the accounts: a thread keeps to one, or each request takes the next."""
        return "thread" if self.threads > 1 else "turn"

    @property
    def known(self) -> int:
        """Customers already there in each account; together as many as the limit has, or a fifth of loaded orders."""
        return max(KNOWN_CUSTOMERS, self.orders // 5) // self.accounts

    @property
    def returned(self) -> int:
        """Lines of orders in each answer to a read."""
        return LINES * (1 if self.load == "get" else PAGE)


PUSHES = (
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


def beside_peer(what: str, bar: float, aim: float, load: Case) -> tuple[Case, Case]:
    """The same load on the textbook service and on Orderdock, both with two workers."""
    name = f"peer {what}"
    peer = replace(load, what=f"{what}, the textbook service", system="peer", workers=2, name=name, against=name)
    ours = replace(load, what=f"{what}, Orderdock", workers=2, against=name, bar=bar, aim=aim)
    return peer, ours


LISTED = Case("P4", "", load="list", orders=READ_ORDERS, connections=32)
PEERS = (
    *beside_peer("single orders", 12, 20, Case("P4", "")),
    *beside_peer("arrays of 500", 18, 40, Case("P4", "", connections=4, threads=4, items=500)),
    *beside_peer(f"list of {PAGE} orders", 5, 10, LISTED),
    replace(
        LISTED,
        what=f"list of {PAGE} orders, the older pull, whose records are made in Python",
        load="older",
        workers=2,
        against=f"peer list of {PAGE} orders",
    ),
)


def beside_sql(load: Load, what: str, bar: float, aim: float) -> tuple[Case, ...]:
    """The same read by pgbench, with JSON built in SQL, and by Orderdock."""
    name = f"sql {load}"
    sql = Case("P6", f"{what}, pgbench", system="sql", load=load, orders=READ_ORDERS, name=name, against=name)
    clients = [replace(sql, what=f"{sql.what}, {count} clients", connections=count) for count in LIMIT_CLIENTS]
    ours = replace(
        sql, what=f"{what}, 2 workers", system="orderdock", workers=2, connections=32, name="", bar=bar, aim=aim
    )
    return *clients, ours


READS = (
    *beside_sql("get", "get order by id", 0.3, 0.5),
    *beside_sql("pull", f"newer pull of {PAGE} with lines", 0.5, 0.8),
)


def growth(many: int) -> tuple[Case, ...]:
    """P7: the same on a small account and on a large one; then the last page of the large one against its first."""
    read = Case("P7", "", workers=2, connections=32)
    first = replace(read, what="the first page by cursor", load="first", orders=many, name="first", against="first")
    page = f"page {many // PAGE:,} by cursor"
    return (
        *grown("single orders, 1 worker", Case("P7", ""), many),
        *grown("get order by id, 2 workers", replace(read, load="get"), many),
        *grown(f"newer pull of {PAGE} with lines, 2 workers", replace(read, load="pull"), many),
        replace(first, what=f"the first page by cursor, {many:,} orders"),
        replace(first, what=f"{page}, {many:,} orders", load="last", name="", bar=0.9, aim=0.95),
    )


def grown(what: str, load: Case, many: int) -> tuple[Case, Case]:
    """One load on both accounts."""
    name = f"small {load.load}"
    small = replace(load, what=f"{what}, {READ_ORDERS:,} orders", orders=READ_ORDERS, name=name, against=name)
    large = replace(load, what=f"{what}, {many:,} orders", orders=many, against=name, bar=0.8, aim=0.95)
    return small, large


CASES = (*PUSHES, *PEERS, *READS)
"""Those of a call that names no figures; growth takes long to prepare and is asked for by name."""

TAIL_BAR, TAIL_AIM = 3.0, 2.0
"""P5: how many times the p50 of P1 its p99 may be."""

FIGURES = ("limit", "P1", "P1b", "P2", "P3", "P4", "P5", "P6", "P7")


def chosen(only: str, many: int = MANY_ORDERS) -> tuple[Case, ...]:
    """The cases of the figures named in a list like "P1,P3"; all but P7 for an empty list. P5 is read from P1."""
    names = {name.strip() for name in only.split(",") if name.strip()}
    if unknown := names - set(FIGURES):
        raise ValueError(f"no such figure: {', '.join(sorted(unknown))}; there are {', '.join(FIGURES)}")
    if "P5" in names:
        names.add("P1")
    if not names:
        return CASES
    return tuple(case for case in (*CASES, *growth(many)) if case.figure in names)
