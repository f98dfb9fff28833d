"""Files: the secret, the database's own, the disk, and how many may be open."""

from __future__ import annotations

import resource
import shutil
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

from orderdock.cli.checks.finding import Finding
from orderdock.settings import Settings

if TYPE_CHECKING:
    from orderdock.db import Database

GIB: Final = 1024**3
LEAST_FREE: Final = GIB // 10


def _mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def secret(settings: Settings, database: Database) -> Iterator[Finding]:
    """The secret that keys are hashed with is there, and nobody else's to read."""
    from orderdock.accounts.actions import secret_path

    if settings.secret:
        yield Finding("ok", "secret", "given by a setting")
        return
    path = secret_path(database, settings.secret_file).resolve()
    if not path.exists():
        yield _missing_secret(database, path)
        return
    mode = _mode(path)
    if mode & 0o077:
        yield Finding("fail", "secret", f"{path} has mode {mode:o}, others can read it: chmod 600 {path}")
    else:
        yield Finding("ok", "secret", f"{path}, mode {mode:o}; keep it in the backup")
    folder = path.parent.stat().st_mode
    if folder & stat.S_IWOTH and not folder & stat.S_ISVTX:
        told = f"{path.parent} is everybody's to write in, so also the secret's to replace: chmod o-w {path.parent}"
        yield Finding("warn", "secret", told)


def _missing_secret(database: Database, path: Path) -> Finding:
    """A secret that is not there is made at the first use, unless keys need the one that is lost."""
    from orderdock import migrations
    from orderdock.accounts.actions import demand_no_keys

    if migrations.current(database) != migrations.head():
        return Finding("warn", "secret", f"{path} is not there; run `orderdock migrate`, then look again")
    demand_no_keys(database, path)
    return Finding("ok", "secret", f"{path} is not there yet; it is made at the first use")


def own(settings: Settings, database: Database) -> Iterator[Finding]:
    """A SQLite file and its logs are not everybody's to read, and its disk has room."""
    if database.engine != "sqlite":
        return
    path = Path(database.path).resolve()
    logs = (path.with_name(path.name + ending) for ending in ("-wal", "-shm"))
    open_to_all = [one for one in (path, *logs) if one.exists() and _mode(one) & 0o007]
    for one in open_to_all:
        told = f"{one} has mode {_mode(one):o}, everybody on this machine can read it: chmod 640 {one}"
        yield Finding("warn", "file", told)
    if not open_to_all:
        yield Finding("ok", "file", f"{path}, mode {_mode(path):o}")
    free = shutil.disk_usage(path.parent).free
    result: Literal["ok", "warn", "fail"] = "fail" if free < LEAST_FREE else "warn" if free < GIB else "ok"
    yield Finding(result, "disk", f"{free / GIB:.1f} GiB free")


def handles(settings: Settings, database: Database) -> Iterator[Finding]:
    """Each worker may open as many files as it takes connections."""
    from orderdock.web.app import files_needed

    wanted, (_, most) = files_needed(), resource.getrlimit(resource.RLIMIT_NOFILE)
    if most == resource.RLIM_INFINITY or most >= wanted:
        yield Finding("ok", "open files", f"{wanted} are needed and allowed")
    else:
        told = f"{most} are allowed, {wanted} are needed for all connections of a worker: raise the limit (ulimit -n)"
        yield Finding("warn", "open files", told)
