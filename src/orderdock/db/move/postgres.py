"""PostgreSQL's own programs: which ones fit, and how they are run. A password is never on their command line."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from secrets import token_hex
from typing import IO, Any, Final, NamedTuple

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg.sql import SQL, Identifier
from sqlalchemy.engine import make_url

from orderdock.db.database import Database
from orderdock.db.move.archive import chunks
from orderdock.errors import Invalid, Unsafe

# Where the packages of Debian and of the PostgreSQL project put the programs, newest version first.
_PLACES: Final = ("/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin", "/usr/local/pgsql/bin")
_OPTIONS: Final = ("--no-owner", "--no-privileges")


class Program(NamedTuple):
    """A program of PostgreSQL, and its main version."""

    path: str
    version: int


def find_program(name: str, least: int, folder: str = "") -> Program:
    """A program that is at least of a main version: in the folder that is named, else on PATH, else where packages go.

    Raises Unsafe saying what was found instead.
    """
    found = [Program(path, version) for path in _candidates(name, folder) if (version := _version(path))]
    for program in found:
        if program.version >= least:
            return program
    there = ", ".join(f"{program.path} is {program.version}" for program in found) or "there is none"
    raise Unsafe(
        f"{name} of PostgreSQL {least} or newer is needed, and {there}:"
        " install it, or name its folder with --pg-bin (ORDERDOCK_PG_BIN)"
    )


def _candidates(name: str, folder: str) -> list[str]:
    if folder:
        return [str(Path(folder) / name)]
    packaged = [str(path) for place in _PLACES for path in sorted(Path("/").glob(f"{place[1:]}/{name}"), reverse=True)]
    return [*filter(None, [shutil.which(name)]), *packaged]


def _version(path: str) -> int | None:
    try:
        said = subprocess.run([path, "--version"], capture_output=True, text=True, timeout=30, check=False).stdout
    except OSError:
        return None
    found = re.search(r"\) (\d+)", said)
    return int(found[1]) if found else None


def server_version(raw: psycopg.Connection[Any]) -> int:
    """The main version of the server."""
    return raw.info.server_version // 10_000


def place_of(raw: Any) -> str:
    """The schema in which Orderdock's tables are."""
    ((place,),) = raw.execute("SELECT current_schema()").fetchall()
    if place is None:
        raise Unsafe("the database has no schema that this role may use: grant it one (search_path)")
    return str(place)


def _address(database: Database) -> tuple[str, dict[str, str]]:
    """(an address without its password, the environment that has it)."""
    words = conninfo_to_dict(database.dsn)
    if words.pop("sslpassword", None):
        raise Unsafe("PostgreSQL's programs take no sslpassword: use a client key without one")
    password = words.pop("password", None)
    kept = {name: value for name, value in os.environ.items() if not name.startswith("ORDERDOCK_")}
    kept["LC_ALL"] = "C"
    return make_conninfo("", **words), {**kept, **({"PGPASSWORD": str(password)} if password else {})}


@contextmanager
def _running(command: Sequence[str], env: dict[str, str], **pipes: Any) -> Iterator[subprocess.Popen[bytes]]:
    """A program that runs beside us. Raises Unsafe with what it said last when it fails; it does not outlive us."""
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(command, env=env, stderr=said, **pipes)
        try:
            with suppress(BrokenPipeError):  # it ended early, and says why itself
                yield process
            for pipe in (process.stdin, process.stdout):
                _close(pipe)
            code = process.wait()
        except BaseException:
            process.kill()
            process.wait()
            raise
        if code:
            raise Unsafe(f"{Path(command[0]).name} ended with {code}: {_first_error(said)}")


def _close(pipe: IO[bytes] | None) -> None:
    with suppress(BrokenPipeError):
        if pipe is not None:
            pipe.close()


def _first_error(said: IO[bytes]) -> str:
    """The first line that tells of an error, else the last one; whole, since it names what is to be done."""
    said.seek(0)
    lines = said.read(1 << 16).decode(errors="replace").splitlines() or ["it said nothing"]
    return next((line for line in lines if "error:" in line), lines[-1])


def dump(database: Database, program: Program, snapshot: str, tables: Iterable[tuple[str, str]]) -> Iterator[bytes]:
    """What pg_dump writes (custom format) of some tables (schema, name), as a snapshot shows them."""
    address, env = _address(database)
    wanted = [f'--table="{place}"."{name}"' for place, name in tables]
    form = ["--format=custom", "--compress=0", "--no-password", f"--snapshot={snapshot}"]  # the archive compresses
    command = [program.path, *form, *_OPTIONS, *wanted, f"--dbname={address}"]
    with _running(command, env, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        yield from chunks(process.stdout)


def load(database: Database, program: Program, content: Iterable[bytes]) -> None:
    """Have pg_restore write a dump into a database: all of it in one transaction, or nothing."""
    address, env = _address(database)
    command = [program.path, "--single-transaction", "--exit-on-error", "--no-password", *_OPTIONS]
    with _running([*command, f"--dbname={address}"], env, stdin=subprocess.PIPE) as process:
        _feed(process, content)


def listed(program: Program, content: Iterable[bytes]) -> set[str]:
    """The names of the tables of which a dump holds rows, as pg_restore lists them."""
    with tempfile.TemporaryFile() as found:
        with _running([program.path, "--list"], dict(os.environ), stdin=subprocess.PIPE, stdout=found.fileno()) as one:
            _feed(one, content)
        found.seek(0)
        return set(re.findall(r" TABLE DATA \S+ (\S+)", found.read().decode(errors="replace")))


def _feed(process: subprocess.Popen[bytes], content: Iterable[bytes]) -> None:
    assert process.stdin is not None
    for chunk in content:
        process.stdin.write(chunk)


@contextmanager
def snapshot(database: Database) -> Iterator[psycopg.Connection[Any]]:
    """A connection that reads one state of a database for as long as it takes."""
    with closing(database.alone()) as raw:
        raw.isolation_level, raw.read_only = psycopg.IsolationLevel.REPEATABLE_READ, True
        yield raw


@contextmanager
def scratch(database: Database, place: str) -> Iterator[Database]:
    """An empty database beside another one, gone afterwards; its role must be allowed to make one (CREATEDB)."""
    name = Identifier(f"orderdock_verify_{token_hex(6)}")
    _alone(database, SQL("CREATE DATABASE {} TEMPLATE template0 ENCODING 'UTF8'").format(name))
    made = Database(make_url(database.url).set(database=name.as_string().strip('"')).render_as_string(False))
    try:
        _alone(made, SQL("CREATE SCHEMA IF NOT EXISTS {}").format(Identifier(place)))
        yield made
    finally:
        made.close()
        _alone(database, SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(name))


def _alone(database: Database, statement: Any) -> None:
    with closing(database.alone()) as raw:
        raw.autocommit = True
        raw.execute(statement)


def lock(raw: psycopg.Connection[Any], names: Iterable[str], mode: str, refusal: str) -> None:
    """Lock whole tables until the end of the transaction. Raises Invalid when somebody uses them."""
    tables = SQL(", ").join(map(Identifier, sorted(names)))
    try:
        raw.execute(SQL("LOCK TABLE {} IN " + mode + " MODE NOWAIT").format(tables))
    except psycopg.errors.LockNotAvailable:
        raise Invalid(refusal) from None


def dropping(names: Iterable[str]) -> Any:
    """The statement that takes tables away."""
    return SQL("DROP TABLE {}").format(SQL(", ").join(map(Identifier, sorted(names))))
