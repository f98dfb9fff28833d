"""`orderdock serve` as a test runs it: in a process group of its own, to be killed, stopped and started again."""

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Self

import psutil

from tests.crash.shop import Shop

HOST = "127.0.0.1"
START = 60.0

GUARD = """
import os, signal, sys
groups = set()
for line in sys.stdin:
    (groups.add if line[0] == "+" else groups.discard)(int(line[1:]))
for group in groups:
    try:
        os.killpg(group, signal.SIGKILL)
    except ProcessLookupError:
        pass
"""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


class Server:
    """One server. Whatever ends the process of the tests, a guard ends the server's group."""

    def __init__(
        self, shop: Shop, *, workers: int = 1, settings: Mapping[str, str] | None = None, under: Sequence[str] = (),
        more: Sequence[str] = (),
    ) -> None:  # fmt: skip
        self.shop = shop
        self.port = free_port()
        self.log = shop.folder / "serve.log"
        self._command = [
            *under, sys.executable, "-m", "orderdock", "serve", "--host", HOST, "--port", str(self.port),
            "--workers", str(workers), "--database", shop.database, *more,
        ]  # fmt: skip
        self._environment = {**os.environ, "ORDERDOCK_QUEUE_MS": "60000", **(settings or {})}  # however slow it is
        self._workers = workers
        self._guard = subprocess.Popen(
            [sys.executable, "-c", GUARD], stdin=subprocess.PIPE, text=True, start_new_session=True
        )
        self.process: subprocess.Popen[bytes] | None = None

    def start(self, *, wait: bool = True) -> None:
        """Start; with `wait` come back when it is ready."""
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self._command, cwd=self.shop.folder, env=self._environment,
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
            )  # fmt: skip
        self._tell("+")
        if wait:
            self.wait_ready()

    def wait_ready(self) -> None:
        """Wait until /readyz says so."""
        deadline = time.monotonic() + START
        while self.ask("/readyz") != 200:
            assert self.running.poll() is None, f"the server ended with {self.running.returncode}:\n{self.tail()}"
            assert time.monotonic() < deadline, f"the server is not ready after {START:g} s:\n{self.tail()}"
            time.sleep(0.02)

    def ask(self, path: str) -> int | None:
        """The status of a GET; None when nobody answers."""
        connection = http.client.HTTPConnection(HOST, self.port, timeout=10)
        try:
            connection.request("GET", path)
            return connection.getresponse().status
        except (OSError, http.client.HTTPException):
            return None
        finally:
            connection.close()

    @property
    def running(self) -> subprocess.Popen[bytes]:
        assert self.process is not None, "the server was never started"
        return self.process

    @property
    def group(self) -> list[psutil.Process]:
        """The living processes of the server's group."""
        return [process for process in psutil.process_iter() if _is_of(process, self.running.pid)]

    def workers(self) -> list[psutil.Process]:
        """The worker processes: those that listen on the port."""
        return [process for process in self.group if self.port in _listens(process)]

    def wait_workers(self, count: int | None = None) -> list[psutil.Process]:
        """The workers, when there are as many as there should be."""
        count = self._workers if count is None else count
        deadline = time.monotonic() + START
        while len(found := self.workers()) != count:
            assert time.monotonic() < deadline, f"{len(found)} workers and not {count}:\n{self.tail()}"
            time.sleep(0.02)
        return found

    def kill(self) -> None:
        """End the whole group with SIGKILL in one moment."""
        os.killpg(self.running.pid, signal.SIGKILL)
        self.running.wait(timeout=30)
        deadline = time.monotonic() + 30
        while self.group:
            assert time.monotonic() < deadline, "a killed process is still there"
            time.sleep(0.005)
        self._tell("-")

    def terminate(self, number: int = signal.SIGTERM) -> None:
        """Ask the main process to stop, as a service manager does."""
        self.running.send_signal(number)

    def tail(self) -> str:
        """The last lines of its log."""
        return self.log.read_text(errors="replace")[-4000:] if self.log.exists() else ""

    def close(self) -> None:
        """End it whatever it does, and the guard."""
        if self.process is not None and self.group:
            self.kill()
        assert self._guard.stdin is not None
        self._guard.stdin.close()
        self._guard.wait(timeout=30)

    def _tell(self, sign: str) -> None:
        assert self._guard.stdin is not None
        self._guard.stdin.write(f"{sign}{self.running.pid}\n")
        self._guard.stdin.flush()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()


def _is_of(process: psutil.Process, group: int) -> bool:
    try:
        return os.getpgid(process.pid) == group and process.status() != psutil.STATUS_ZOMBIE
    except (ProcessLookupError, psutil.NoSuchProcess):
        return False


def _listens(process: psutil.Process) -> set[int]:
    """The ports that a process listens on."""
    try:
        found = process.net_connections(kind="tcp")
    except psutil.NoSuchProcess:
        return set()
    return {one.laddr.port for one in found if one.status == psutil.CONN_LISTEN}
