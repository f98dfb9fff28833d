"""A real `orderdock serve` in a process of its own, and bare sockets for what no HTTP library would send."""

import ctypes
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Self

import httpx

READY_WITHIN = 90.0
STOPPED_WITHIN = 30.0
PR_SET_PDEATHSIG = 1


class ServerProcess:
    """`python -m orderdock serve` on a free port; `with ServerProcess(...) as server:` starts and stops it.

    It runs in a directory of its own, so that nothing it makes lands in the checkout; its log is there too.
    """

    def __init__(self, database: str, directory: Path, environ: Mapping[str, str] | None = None) -> None:
        self.database = database
        self.directory = directory
        self.log = directory / "server.log"
        # All tests call from one address, and many with wrong credentials.
        # A slow machine is no reason to refuse what a test sends.
        patient = {"ORDERDOCK_FAILED_LOGINS": "0", "ORDERDOCK_QUEUE_MS": "60000"}
        self._environ = {**os.environ, **patient, **(environ or {})}
        self._process: subprocess.Popen[bytes] | None = None
        self.port = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def pid(self) -> int:
        """The number of its main process."""
        assert self._process is not None
        return self._process.pid

    def start(self) -> None:
        """Start, and come back when it is ready to answer."""
        for _ in range(3):
            self.port = _free_port()
            if self._start_once():
                return
        raise RuntimeError(f"the server does not start:\n{self.log.read_text()[-4000:]}")

    def _start_once(self) -> bool:
        """Start on the present port; False when it ended, as it does when somebody else took the port."""
        place = ["--host", "127.0.0.1", "--port", str(self.port), "--database", self.database]
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "orderdock", "serve", *place],
                cwd=self.directory, env=self._environ, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                preexec_fn=_end_with_parent,  # noqa: PLW1509  # it asks the kernel for one thing and takes no lock
            )  # fmt: skip
        deadline = time.monotonic() + READY_WITHIN
        while self._process.poll() is None:
            if _answers(f"{self.url}/readyz"):
                return True
            if time.monotonic() > deadline:
                self._process.kill()
                self._process.wait()
                raise RuntimeError(f"the server is not ready:\n{self.log.read_text()[-4000:]}")
            time.sleep(0.03)
        return False

    def stop(self) -> int:
        """Ask it to stop, and give its exit code."""
        assert self._process is not None
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
        try:
            return self._process.wait(timeout=STOPPED_WITHIN)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
            raise

    def check_log(self, secrets: Iterable[str] = ()) -> None:
        """Nothing went wrong unnoticed, and no secret was written down."""
        text = self.log.read_text()
        assert "Traceback" not in text, text[-4000:]
        told = [secret[-4:] for secret in secrets if secret in text]
        assert not told, f"the log holds {len(told)} secrets, ending in {told[:5]}"

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        code = self.stop()
        assert code == 0, f"the server ended with {code}:\n{self.log.read_text()[-4000:]}"


def _end_with_parent() -> None:
    """Ask Linux to stop the server in order when the tests are killed; elsewhere it would be left behind."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _answers(url: str) -> bool:
    try:
        return httpx.get(url, timeout=5).status_code == 200
    except httpx.TransportError:
        return False


class RawAnswer(NamedTuple):
    """One answer as it came over a bare socket; header names in lower case."""

    status: int
    headers: dict[str, str]
    body: bytes


class RawConnection:
    """A bare TCP connection on which any bytes may be sent, as slowly as one likes."""

    def __init__(self, port: int, timeout: float = 15.0) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=timeout)
        self._file = self._socket.makefile("rb")

    def send(self, data: bytes) -> None:
        self._socket.sendall(data)

    def dribble(self, data: bytes, pause: float) -> None:
        """Send byte by byte."""
        for index in range(len(data)):
            self._socket.sendall(data[index : index + 1])
            time.sleep(pause)

    def answer(self, *, without_body: bool = False) -> RawAnswer:
        """The next answer. Raises ConnectionError when the server closed instead."""
        first = self._file.readline()
        if not first:
            raise ConnectionError("closed without an answer")
        status, headers = int(first.split()[1]), {}
        while (line := self._file.readline().rstrip(b"\r\n")) != b"":
            name, _, value = line.decode("latin-1").partition(":")
            headers[name.lower()] = value.strip()
        size = 0 if without_body else int(headers.get("content-length", "0"))
        return RawAnswer(status, headers, self._file.read(size))

    def is_closed(self) -> bool:
        """Whether the server ends the connection without a word, within the timeout."""
        try:
            return self._file.read(1) == b""
        except ConnectionResetError:
            return True

    def close(self) -> None:
        self._file.close()
        self._socket.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()


def raw_post(path: str, body: bytes, *headers: str, length: int | None = None) -> bytes:
    """The bytes of a POST; `headers` are whole lines."""
    size = len(body) if length is None else length
    lines = [f"POST {path} HTTP/1.1", "Host: 127.0.0.1", f"Content-Length: {size}", *headers, "", ""]
    return "\r\n".join(lines).encode() + body
