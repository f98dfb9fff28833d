"""Rounds of load, crash, restart and check, and what they came to."""

import os
import random
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from tests.crash.check import Stored, compare, rows
from tests.crash.laws import breaches
from tests.crash.load import Load
from tests.crash.server import Server

SEED = os.environ.get("CRASH_SEED", str(random.SystemRandom().randrange(10**6)))
MOST = 10  # so many rounds on one database, since each checks all of it; the next part begins on a fresh one


def parts(usual: int) -> list[int]:
    """How many rounds each part of a test has; in all `usual` ones, or CRASH_ROUNDS."""
    whole = int(os.environ.get("CRASH_ROUNDS", "0")) or usual
    return [min(MOST, whole - begin) for begin in range(0, whole, MOST)]


class Run:
    """A server under load, crashed again and again. After every round the database is compared with the journal."""

    def __init__(self, name: str, server: Server, load: Load) -> None:
        self.name = name
        self.server = server
        self.load = load
        self.random = random.Random(f"{SEED} {name}")
        self.rounds = self.lost = self.doubled = self.survived = 0
        self.began = time.monotonic()

    def wait(self, least: float, most: float) -> None:
        """Let a random time pass."""
        time.sleep(self.random.uniform(least, most))

    def check(self) -> None:
        """Everything that was acknowledged is there, once, and what is there is sound. The clients must be halted."""
        stored = Stored.read(self.server.shop.database)
        verdict = compare(stored, self.load.books, self.load.shared, self.load.strangers)
        self.lost += len(verdict.lost)
        self.doubled += len(verdict.doubled)
        self.survived += verdict.survived
        faults = verdict.faults + breaches(self.server.shop.database) + self.load.tally.faults
        assert not faults, f"seed {SEED}, round {self.rounds}: {len(faults)} faults\n" + "\n".join(faults[:20])

    def check_log(self) -> None:
        """The server met nothing that it had not thought of, such as a constraint behind the lock."""
        log = self.server.log.read_text(errors="replace")
        odd = [
            line for line in log.splitlines() if "Violation" in line or "UNIQUE" in line or "deciding failed" in line
        ]
        assert not odd, f"the server logged {odd[:5]}"

    def finish(self) -> None:
        """Let the clients get everything acknowledged, check, and stop in order."""
        self.load.run()
        self.wait(0.2, 0.4)
        self.load.halt()
        self.load.settle()
        assert not [book for book in self.load.books if book.pending]
        self.check()
        self.check_log()
        self.server.terminate()
        assert self.server.running.wait(30) == 0

    def figures(self) -> dict[str, int]:
        tally = self.load.tally
        return {
            "rounds": self.rounds, "acknowledged": tally.acknowledged, "requests": tally.requests,
            "unanswered": tally.unanswered, "survived": self.survived, "read_back": tally.read_back,
            "lost": self.lost, "doubled": self.doubled, "seconds": round(time.monotonic() - self.began),
        }  # fmt: skip


@contextmanager
def running(name: str, server: Server, *, clients: int = 4, nameless: float = 0.08) -> Iterator[Run]:
    """A server with clients; at the end both are gone."""
    with server:
        server.wait_workers()
        load = Load(server.shop, server.port, clients=clients, seed=f"{SEED} {name}", nameless=nameless)
        try:
            yield Run(name, server, load)
        finally:
            load.end()


@contextmanager
def told(run: Run, record: Callable[[str, object], None], capfd: pytest.CaptureFixture[str]) -> Iterator[None]:
    """At the end the figures are recorded, and told in one line (on stderr: xdist swallows the other)."""
    try:
        yield
    finally:
        figures = run.figures()
        record("crash", run.name)
        for figure, value in figures.items():
            record(figure, value)
        line = ", ".join(f"{value} {figure.replace('_', ' ')}" for figure, value in figures.items())
        with capfd.disabled():
            sys.stderr.write(f"\ncrash: {run.name}: {line} (CRASH_SEED={SEED})\n")


def wait_quiet(url: str) -> None:
    """Wait until PostgreSQL has finished what killed clients had asked of it."""
    busy = """SELECT pid FROM pg_stat_activity WHERE datname = current_database()
              AND backend_type = 'client backend' AND pid <> pg_backend_pid()"""
    deadline = time.monotonic() + 30
    while url.startswith("postgresql") and rows(url, busy):
        assert time.monotonic() < deadline, "PostgreSQL still works for clients that are dead"
        time.sleep(0.01)


def kill_worker(run: Run) -> None:
    """End one worker process with SIGKILL, in the middle of its work."""
    run.random.choice(run.server.workers()).send_signal(signal.SIGKILL)
