"""One timed run of Orderdock, and the proof that it kept what it acknowledged."""

import time

from bench import wrk
from bench.cases import LINES, Case
from bench.cpu import Meter
from bench.homes import Home
from bench.plan import Plan
from bench.results import Run
from bench.seeds import Seed
from bench.server import serving
from bench.wrk import Answers

NAME = "bench_run"
SETTLED = 0.3
SETTLES_WITHIN = 30


def measure(case: Case, home: Home, seed: Seed, plan: Plan) -> Run:
    """Serve a fresh copy of the seed, warm it up, measure, and count what is stored."""
    home.remove(NAME)
    url = home.make(NAME, copy_of=seed.name)
    try:
        with serving(url, case.workers, plan.work) as served:
            start = home.count(NAME)
            warm = wrk.drive(case, served.port, seed.keys, seconds=plan.warmup, run=0, check=True)
            before = settled(home)
            errors = [f"warm-up: {error}" for error in warm.errors + unkept(case, warm, start, before)]
            home.checkpoint()
            with Meter(served.pid, home.pid) as meter:
                answers = wrk.drive(case, served.port, seed.keys, seconds=plan.seconds, run=1, check=False)
            after = settled(home)
            errors += answers.errors + unkept(case, answers, before, after)
    finally:
        home.remove(NAME)
    acknowledged = answers.acknowledged * case.items
    return Run(
        rate=acknowledged / answers.seconds,
        p50_ms=answers.p50_ms,
        p99_ms=answers.p99_ms,
        seconds=answers.seconds,
        acknowledged=acknowledged,
        stored=after[0] - before[0],
        clients=case.connections,
        usage=meter.usage,
        errors=errors,
    )


def settled(home: Home) -> tuple[int, int]:
    """The counts once the requests that were under way when wrk stopped have been written too."""
    deadline = time.monotonic() + SETTLES_WITHIN
    now = home.count(NAME)
    while time.monotonic() < deadline:
        time.sleep(SETTLED)
        then, now = now, home.count(NAME)
        if then == now:
            break
    return now


def unkept(case: Case, answers: Answers, before: tuple[int, int], after: tuple[int, int]) -> list[str]:
    """What does not add up: every acknowledged order is stored, and at most those under way at the end besides."""
    stored, lines = after[0] - before[0], after[1] - before[1]
    acknowledged = answers.acknowledged * case.items
    under_way = case.connections * case.items
    errors = []
    if not acknowledged:
        errors.append("nothing was acknowledged")
    if stored < acknowledged:
        errors.append(f"{acknowledged} orders acknowledged, but {stored} stored")
    if stored > acknowledged + under_way:
        errors.append(f"{stored} orders stored, but {acknowledged} acknowledged and at most {under_way} under way")
    if lines != LINES * stored:
        errors.append(f"{stored} orders stored with {lines} lines")
    return errors
