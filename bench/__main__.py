"""`python -m bench`: the limit, Orderdock on PostgreSQL and on SQLite, and their ratios in one table."""

import json
import shutil
import signal
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from bench import limit, machine, postgres, report, run
from bench.cases import MANY_ORDERS, Case, Engine, chosen
from bench.homes import Home, PostgresHome, SqliteHome
from bench.plan import FULL, QUICK, Plan
from bench.postgres import BenchError, Postgres
from bench.results import Round, Run
from bench.seeds import Seeds

notes = Console(stderr=True, highlight=False)


def main(
    quick: Annotated[bool, typer.Option("--quick", envvar="QUICK", help="One round of 5 seconds a run.")] = False,
    only: Annotated[str, typer.Option(envvar="ONLY", help="Figures to measure, like P1,P2; all but P7 if empty.")] = "",
    orders: Annotated[int, typer.Option(min=1000, help="Orders in the large account of P7.")] = MANY_ORDERS,
    seconds: Annotated[int | None, typer.Option(min=1, help="Length of a run.")] = None,
    rounds: Annotated[int | None, typer.Option(min=1, help="How often each case is run.")] = None,
    json_file: Annotated[Path | None, typer.Option("--json", help="Write every figure of every run here.")] = None,
    markdown: Annotated[bool, typer.Option("--markdown", help="Print the table for docs/benchmarks.md.")] = False,
    directory: Annotated[Path, typer.Option("--dir", help="A directory on a disk, for the data.")] = Path("/var/tmp"),
) -> None:
    """Measure Orderdock against the plain transaction of a real PostgreSQL, all in one run."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    length, warmup, times = QUICK if quick else FULL
    try:
        cases = chosen(only, orders)
        work = Path(tempfile.mkdtemp(prefix="orderdock-bench-", dir=directory.resolve()))
    except (ValueError, OSError) as error:
        raise typer.BadParameter(str(error)) from error
    plan = Plan(seconds or length, warmup, rounds or times, work)
    try:
        failed = bench(cases, plan, json_file, markdown)
    except BenchError as error:
        notes.print(str(error), style="red", markup=False)
        failed = True
    finally:
        shutil.rmtree(work, ignore_errors=True)
    raise typer.Exit(1 if failed else 0)


def bench(cases: Sequence[Case], plan: Plan, json_file: Path | None, markdown: bool) -> bool:
    """Measure and report; returns whether any run saw errors."""
    machine.refuse_memory(plan.work)
    plan.work.chmod(0o755)
    with postgres.running(plan.work) as server:
        header = machine.describe(server, plan.work)
        header["runs"] = (
            f"{plan.rounds} of {plan.seconds} s each, interleaved, after {plan.warmup} s of warm-up; "
            "median; client, database and server share the machine"
        )
        measured = measure(cases, server, plan)
    table = report.rows(cases, measured)
    if markdown:
        print(report.markdown(header, table))
    else:
        report.print_tables(Console(), header, table)
    if json_file:
        facts = report.as_json(header, cases, measured, table)
        json_file.write_text(json.dumps(facts, indent=1) + "\n", encoding="utf-8")
    return any(row.errors for row in table)


def measure(cases: Sequence[Case], server: Postgres, plan: Plan) -> list[Round]:
    """Every case once a round, so that a slow minute of the machine falls on all of them alike."""
    homes: dict[Engine, Home] = {"postgres": PostgresHome(server), "sqlite": SqliteHome(plan.work / "sqlite")}
    seeds = Seeds(homes, plan.work)
    against_limit = not all(case.against for case in cases) or not cases
    if against_limit:
        limit.seed(server)
    result = []
    for number in range(1, plan.rounds + 1):
        notes.print(f"round {number} of {plan.rounds}")
        limits = limit.measure_all(server, plan) if against_limit else []
        for one in limits:
            notes.print(f"  the limit, {one.clients} clients: {one.rate:,.0f} orders/s")
        runs = []
        for case in cases:
            one = attempt(case, server, homes[case.engine], seeds, plan)
            notes.print(
                f"  {case.figure}, {case.what}: {one.rate:,.0f} a second", one.missing, *one.errors, markup=False
            )
            runs.append(one)
        result.append(Round(limits, runs))
    return result


def attempt(case: Case, server: Postgres, home: Home, seeds: Seeds, plan: Plan) -> Run:
    """One run; a case that breaks is reported as such and does not take the figures of the others with it."""
    try:
        if case.system == "sql":
            return limit.read(server, case, seeds.of(case), plan)
        return run.measure(case, home, seeds.of(case), plan)
    except (BenchError, OSError) as error:
        return Run.broken(case.connections, str(error) or type(error).__name__)


if __name__ == "__main__":
    typer.run(main)
