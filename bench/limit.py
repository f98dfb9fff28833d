"""The limit: pgbench doing the plain transaction, one statement after the other, prepared; and reads in SQL alone."""

import re
import subprocess
from collections.abc import Mapping
from pathlib import Path

from bench.cases import LIMIT_CLIENTS, LINES, PAGE, Case
from bench.cpu import Meter
from bench.loader import LOADED_FROM, SPACING
from bench.plan import Plan
from bench.postgres import BenchError, Postgres
from bench.results import Run
from bench.seeds import Seed

HERE = Path(__file__).parent / "limit"
SEED, DATABASE = "limit_seed", "limit_run"
THREADS = 2
SAMPLE = 0.2
"""The share of transactions whose time pgbench writes down; all of them would cost more than they tell."""


def seed(postgres: Postgres) -> None:
    """Make the database that every run of the limit starts from."""
    postgres.create(SEED)
    with postgres.connect(SEED) as connection:
        connection.execute((HERE / "schema.sql").read_text(encoding="utf-8"))
    postgres.analyze(SEED)


def measure_all(postgres: Postgres, plan: Plan) -> list[Run]:
    """One run for each number of clients; the better one is the limit."""
    return [measure(postgres, plan, clients) for clients in LIMIT_CLIENTS]


def measure(postgres: Postgres, plan: Plan, clients: int) -> Run:
    """One timed run on a fresh copy of the seed, after an untimed warm-up in the same database."""
    postgres.create(DATABASE, template=SEED)
    try:
        pgbench(postgres, plan.work, clients, plan.warmup, 0)
        before = count(postgres)
        postgres.checkpoint()
        with Meter(None, postgres.pid) as meter:
            output = pgbench(postgres, plan.work, clients, plan.seconds, 1)
        after = count(postgres)
        times = latencies(plan.work)
    finally:
        postgres.drop(DATABASE)
    done = int(number(output, r"actually processed: (\d+)"))
    errors = []
    if failed := int(number(output, r"failed transactions: (\d+)")):
        errors.append(f"{failed} transactions failed")
    stored = after[0] - before[0]
    if stored != done or after[1] != LINES * after[0]:
        errors.append(f"{done} transactions made {stored} orders and {after[1] - before[1]} lines")
    rate = number(output, r"tps = ([\d.]+)")
    p50, p99 = (times[len(times) * share // 100] / 1000 for share in (50, 99))
    return Run(rate, p50, p99, plan.seconds, done, stored, clients, meter.usage, errors)


def pgbench(postgres: Postgres, work: Path, clients: int, seconds: int, run: int) -> str:
    """Run the plain transaction and return what pgbench says."""
    return scripted(postgres, work, DATABASE, "order.pgbench", {"run": run, "n": 0}, clients, seconds, SAMPLE)


def scripted(
    postgres: Postgres,
    work: Path,
    database: str,
    script: str,
    facts: Mapping[str, int],
    clients: int,
    seconds: int,
    sample: float,
) -> str:
    """Run a script with these variables, prepared, and return what pgbench says."""
    for old in work.glob("pgbench_log.*"):
        old.unlink()
    command = [postgres.binaries / "pgbench", "--no-vacuum", "--protocol=prepared", f"--file={HERE / script}"]
    command += [f"--client={clients}", f"--jobs={THREADS}", f"--time={seconds}"]
    command += [f"--define={name}={value}" for name, value in facts.items()]
    command += ["--log", f"--sampling-rate={sample}", f"--log-prefix={work / 'pgbench_log'}"]
    command += [postgres.url(database)]
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, check=False)
    if done.returncode:
        raise BenchError(f"pgbench failed: {done.stderr.strip()[-600:]}")
    return done.stdout


def read(postgres: Postgres, case: Case, seed: Seed, plan: Plan) -> Run:
    """One timed run of a reading script, on the tables and orders that Orderdock is read from."""
    facts = {"cm_id": seed.cm_id, "first": seed.first_id, "orders": seed.orders}
    facts |= {"start": LOADED_FROM, "spacing": SPACING, "page": PAGE}
    script = f"{case.load}.pgbench"
    make_views(postgres, seed.name)
    scripted(postgres, plan.work, seed.name, script, facts, case.connections, plan.warmup, 1)
    with Meter(None, postgres.pid) as meter:
        output = scripted(postgres, plan.work, seed.name, script, facts, case.connections, plan.seconds, 1)
    times = latencies(plan.work)
    done = int(number(output, r"actually processed: (\d+)"))
    failed = int(number(output, r"failed transactions: (\d+)"))
    rate = number(output, r"tps = ([\d.]+)")
    p50, p99 = (times[len(times) * share // 100] / 1000 for share in (50, 99))
    errors = [f"{failed} transactions failed"] if failed else []
    return Run(rate, p50, p99, plan.seconds, done, 0, case.connections, meter.usage, errors)


def make_views(postgres: Postgres, database: str) -> None:
    """What the reading scripts select from; again where an earlier case has made it already."""
    with postgres.connect(database) as connection:
        connection.execute("DROP SCHEMA IF EXISTS bench CASCADE")
        connection.execute((HERE / "reads.sql").read_bytes())


def latencies(work: Path) -> list[int]:
    """The sampled times of the last run in microseconds, shortest first."""
    lines = (line for log in work.glob("pgbench_log.*") for line in log.read_text().splitlines())
    return sorted(int(line.split()[2]) for line in lines) or [0]


def count(postgres: Postgres) -> tuple[int, int]:
    """Orders and lines in the database of the limit."""
    with postgres.connect(DATABASE) as connection:
        row = connection.execute("SELECT (SELECT count(*) FROM orders), (SELECT count(*) FROM order_line)").fetchone()
    return (int(row[0]), int(row[1])) if row else (0, 0)


def number(output: str, pattern: str) -> float:
    """The number that pgbench prints where the pattern says."""
    found = re.search(pattern, output)
    if not found:
        raise BenchError(f"pgbench did not say {pattern}:\n{output}")
    return float(found[1])
