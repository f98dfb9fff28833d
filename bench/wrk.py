"""The load generator: wrk, whose share of the processors is small, with a script that writes the orders."""

import json
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from bench.cases import Case
from bench.postgres import BenchError

SCRIPTS = Path(__file__).parent / "load"
PATH = "/add-update-order-from-other-source.html"
TIMEOUT = 20
"""Seconds after which wrk calls a request late; long, because a queue that is full answers 503 and does not wait."""

ANSWERED = 0.75
"""The share of its time that a connection must have spent on answered requests; the rest of it nobody answered."""

KINDS = {
    "connect": "connections refused",
    "read": "answers broken off",
    "write": "requests broken off",
    "status": "answers of 400 and above",
    "timeout": "late answers",
}


@dataclass(frozen=True)
class Answers:
    """What wrk saw."""

    requests: int
    seconds: float
    p50_ms: float
    p99_ms: float
    failed: int
    length: float
    """Bytes of an answer with its head, on average."""
    errors: list[str]

    @property
    def acknowledged(self) -> int:
        """Requests answered with a success; what the items inside say is proved by counting what was stored."""
        return self.requests - self.failed


def push(case: Case, port: int, path: str, keys: Path, *, seconds: int, run: int, check: bool) -> Answers:
    """Push orders for so long. With `check` every answer is read, which costs wrk more than sending the orders does."""
    facts = {"keys": keys, "spread": case.spread, "items": case.items, "known": case.known, "run": run}
    said = drive(case, f"http://127.0.0.1:{port}{path}", "orders.lua", facts, seconds, check)
    return answers(said, case, case.items if check else 0)


def read(case: Case, port: int, requests: Path, *, seconds: int, check: bool) -> Answers:
    """Send the requests of a file for so long."""
    mark = '"sku"' if case.system == "peer" else '"skuId"'
    facts = {"requests": requests, "mark": mark, "marks": case.returned}
    said = drive(case, f"http://127.0.0.1:{port}/", "requests.lua", facts, seconds, check)
    return answers(said, case, 1 if check else 0)


def drive(
    case: Case, url: str, script: str, facts: Mapping[str, object], seconds: int, check: bool
) -> dict[str, int | str]:
    """Run a script and return its summary."""
    command = ["wrk", f"-t{case.threads}", f"-c{case.connections}", f"-d{seconds}s", f"--timeout={TIMEOUT}s"]
    command += [f"--script={SCRIPTS / script}", url, "--", *(f"{name}={value}" for name, value in facts.items())]
    command += [f"check={'yes' if check else 'no'}"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    for line in reversed(done.stdout.splitlines()):
        if line.startswith("RESULT "):
            return dict(json.loads(line.removeprefix("RESULT ")))
    raise BenchError(f"wrk failed: {done.stdout[-600:]}{done.stderr[-600:]}")


def answers(said: dict[str, int | str], case: Case, good: int) -> Answers:
    """Read wrk's summary; each answer that was read must have shown so many good things."""
    figures = {name: value for name, value in said.items() if isinstance(value, int)}
    errors = [f"{figures[kind]} {text}" for kind, text in KINDS.items() if figures[kind]]
    busy = figures["requests"] * figures["mean_us"] / figures["duration_us"]
    # What was under way at the end has no answer: with slow answers and a short run that is a large part.
    complete = max(0.0, 1 - figures["mean_us"] / figures["duration_us"])
    if busy < ANSWERED * complete * case.connections or not figures["requests"]:
        errors.append(f"only {busy:.1f} of {case.connections} connections were answered all the time")
    expected = figures["requests"] * good
    if good and figures["good"] != expected:
        errors.append(f"{figures['good']} of {expected} items succeeded, first failure: {said['bad']}")
    return Answers(
        requests=figures["requests"],
        seconds=figures["duration_us"] / 1e6,
        p50_ms=figures["p50_us"] / 1000,
        p99_ms=figures["p99_us"] / 1000,
        failed=figures["status"],
        length=figures["bytes"] / max(1, figures["requests"]),
        errors=errors,
    )


def version() -> str:
    """wrk's version; an error that says what to do where there is none."""
    if not shutil.which("wrk"):
        raise BenchError("wrk is missing; `make bench` installs it when run as root, else: apt-get install wrk")
    said = subprocess.run(["wrk", "-v"], capture_output=True, text=True, check=False).stdout
    return said.split()[1] if said.startswith("wrk ") else "unknown"
