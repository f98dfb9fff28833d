"""Orderdock as an administrator runs it: through its command line, as processes of its own."""

import contextlib
import http.client
import json
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.postgres import BenchError, free_port

READY_WITHIN = 60
STOPPED_WITHIN = 30
LOG = "serve.log"


@dataclass(frozen=True)
class Served:
    """A running server."""

    port: int
    pid: int


def program() -> str:
    """The installed command: the one beside this Python first."""
    beside = Path(sys.executable).with_name("orderdock")
    found = str(beside) if beside.exists() else shutil.which("orderdock")
    if not found:
        raise BenchError("orderdock is not installed: make setup")
    return found


def command(url: str, *words: str, home: Path) -> str:
    """Run one subcommand on a database and return what it prints."""
    line = [program(), *words, "--database", url]
    done = subprocess.run(line, capture_output=True, text=True, check=False, cwd=home)
    if done.returncode:
        raise BenchError(f"{' '.join(line)} failed: {(done.stderr or done.stdout).strip()[-800:]}")
    return done.stdout


def migrate(url: str, home: Path) -> None:
    """Make the tables."""
    command(url, "migrate", home=home)


def new_account(url: str, name: str, home: Path) -> str:
    """An account with one key; returns the value of the Authorization header."""
    said = command(url, "account", "create", "--name", name, "--subdomain", name, "--json", home=home)
    account = str(json.loads(said)["subdomain"])
    words = ("key", "create", "--account", account, "--name", "bench", "--operation", "order.*", "--json")
    key: dict[str, Any] = json.loads(command(url, *words, home=home))
    return str(key["authorization"])


@contextlib.contextmanager
def serving(url: str, workers: int, home: Path) -> Iterator[Served]:
    """Serve a database."""
    port = free_port()
    line = [program(), "serve", "--host", "127.0.0.1", "--port", str(port), "--workers", str(workers)]
    with started([*line, "--database", url], port, home) as served:
        yield served


@contextlib.contextmanager
def started(line: list[str], port: int, home: Path, environment: Mapping[str, str] | None = None) -> Iterator[Served]:
    """Run a server; what it prints goes to a file, since a terminal would slow it down."""
    with (home / LOG).open("ab") as log:
        process = subprocess.Popen(line, stdout=log, stderr=log, cwd=home, env=environment)
    try:
        wait_until_ready(port, process, home)
        yield Served(port, process.pid)
        if process.poll() is not None:
            raise BenchError(f"the server ended by itself with {process.returncode}: {tail(home)}")
    finally:
        stop(process)


def stop(process: subprocess.Popen[bytes]) -> None:
    """Ask the server to end, and insist if it does not."""
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(timeout=STOPPED_WITHIN)
    except subprocess.TimeoutExpired:
        print(f"the server did not stop within {STOPPED_WITHIN} s of SIGTERM; killed", file=sys.stderr)
        process.kill()
        process.wait()


def wait_until_ready(port: int, process: subprocess.Popen[bytes], home: Path) -> None:
    """Return when /readyz answers 200."""
    deadline = time.monotonic() + READY_WITHIN
    while time.monotonic() < deadline and process.poll() is None:
        with contextlib.suppress(OSError, http.client.HTTPException):
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
            connection.request("GET", "/readyz")
            if connection.getresponse().status == 200:
                return
        time.sleep(0.1)
    raise BenchError(f"the server was not ready within {READY_WITHIN} s: {tail(home)}")


def tail(home: Path) -> str:
    """The last words of the server."""
    return (home / LOG).read_text(encoding="utf-8", errors="replace")[-800:].strip()
