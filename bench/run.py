"""One timed run of a server, and the proof that it kept what it acknowledged and answered in full."""

import contextlib
import time
from collections.abc import Iterator

from bench import peers, reads, same, server, wrk
from bench.cases import LINES, Case
from bench.cpu import Meter
from bench.homes import Home, PostgresHome
from bench.plan import Plan
from bench.results import Run, Usage
from bench.seeds import Seed
from bench.wrk import Answers

NAME = "bench_run"
SETTLED = 0.3
SETTLES_WITHIN = 30
ALIKE = 0.02
"""How much the length of answers may differ from that of the warm-up, where each was read."""


def measure(case: Case, home: Home, seed: Seed, plan: Plan) -> Run:
    """Serve the seed, or where a run writes a fresh copy of it; warm up, measure, and prove."""
    if case.load != "push":
        return read(case, home, seed, home.url(seed.name), plan)
    with database(home, seed) as (name, url):
        return push(case, home, seed, (name, url), plan)


@contextlib.contextmanager
def database(home: Home, seed: Seed) -> Iterator[tuple[str, str]]:
    """What a run writes to: its name and URL."""
    if seed.shared:
        yield seed.name, home.url(seed.name)
        return
    home.remove(NAME)
    try:
        yield NAME, home.make(NAME, copy_of=seed.name)
    finally:
        home.remove(NAME)


def push(case: Case, home: Home, seed: Seed, where: tuple[str, str], plan: Plan) -> Run:
    """Push orders, and count what is stored."""
    name, url = where
    serving, path = (peers.serving, peers.PATH) if case.system == "peer" else (server.serving, wrk.PATH)
    with serving(url, case.workers, plan.work) as served:
        start = home.count(name)
        number = next(seed.numbers)
        warm = wrk.push(case, served.port, path, seed.keys, seconds=plan.warmup, run=number, check=True)
        before = settled(home, name, warm)
        errors = [f"warm-up: {error}" for error in warm.errors + unkept(case, warm, start, before)]
        home.checkpoint()
        number = next(seed.numbers)
        with Meter(served.pid, home.pid) as meter:
            answers = wrk.push(case, served.port, path, seed.keys, seconds=plan.seconds, run=number, check=False)
        after = settled(home, name, answers)
        errors += answers.errors + unkept(case, answers, before, after)
    return figures(case, answers, after[0] - before[0], meter.usage, errors)


def read(case: Case, home: Home, seed: Seed, url: str, plan: Plan) -> Run:
    """Read orders; nothing may change by it."""
    serving = peers.serving if case.system == "peer" else server.serving
    with serving(url, case.workers, plan.work) as served:
        requests = reads.written(case, seed, served.port, plan.work)
        if requests is None:
            return Run.absent(case.connections, reads.NO_ROUTE)
        before = home.count(seed.name)
        warm = wrk.read(case, served.port, requests, seconds=plan.warmup, check=True)
        errors = [f"warm-up: {error}" for error in warm.errors]
        if isinstance(home, PostgresHome):
            errors += same.differences(home.server, case, seed, served.port)
        home.checkpoint()
        with Meter(served.pid, home.pid) as meter:
            answers = wrk.read(case, served.port, requests, seconds=plan.seconds, check=False)
        errors += answers.errors + cut(answers, warm)
        if before != home.count(seed.name):
            errors.append("reading changed what is stored")
    return figures(case, answers, 0, meter.usage, errors)


def figures(case: Case, answers: Answers, stored: int, usage: Usage, errors: list[str]) -> Run:
    """What a run found out."""
    acknowledged = answers.acknowledged * case.items
    return Run(
        rate=acknowledged / answers.seconds,
        p50_ms=answers.p50_ms,
        p99_ms=answers.p99_ms,
        seconds=answers.seconds,
        acknowledged=acknowledged,
        stored=stored,
        clients=case.connections,
        usage=usage,
        errors=errors,
    )


def settled(home: Home, name: str, answers: Answers) -> tuple[int, int]:
    """The counts once the requests that were under way when wrk stopped have been written too.

    Nothing new for twice as long as a slow answer takes: a group of arrays may take longer than a moment.
    """
    pause = max(SETTLED, 2 * answers.p99_ms / 1000)
    deadline = time.monotonic() + SETTLES_WITHIN
    now = home.count(name)
    while time.monotonic() < deadline:
        time.sleep(pause)
        then, now = now, home.count(name)
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


def cut(answers: Answers, warm: Answers) -> list[str]:
    """Answers that are not as long as those that were read."""
    if not answers.requests or not warm.requests:
        return ["nothing was answered"]
    if abs(answers.length / warm.length - 1) > ALIKE:
        return [f"an answer has {answers.length:,.0f} bytes; in the warm-up, where each was read, {warm.length:,.0f}"]
    return []
