"""An administrator's desk: commands, and databases that are empty or hold a shop."""

import json
from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from orderdock import migrations
from orderdock.accounts.actions import authenticate, open_hasher
from orderdock.cli import main
from orderdock.db import Database
from tests.engines import PostgresServer


class Said(NamedTuple):
    """What a command left behind."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


class Desk:
    """An administrator's desk: runs commands, and has empty databases of one engine."""

    def __init__(self, engine: str, folder: Path, postgres: PostgresServer, capsys: pytest.CaptureFixture[str]) -> None:
        self.engine = engine
        self.folder = folder
        self._postgres = postgres
        self._capsys = capsys
        self._made: list[str] = []

    def empty(self, *, migrated: bool = False, engine: str = "") -> str:
        """A new database, in a folder of its own when it is a file."""
        folder = self.folder / f"place{len(self._made)}"
        folder.mkdir()
        sqlite = (engine or self.engine) == "sqlite"
        url = f"sqlite:///{folder}/orderdock.db" if sqlite else self._postgres.create_database()
        self._made.append(url)
        if migrated:
            assert self.run("migrate", database=url).code == 0
        return url

    def run(self, *words: str, database: str = "") -> Said:
        with pytest.raises(SystemExit) as ended:
            main([*words, *(["--database", database] if database else [])])
        captured = self._capsys.readouterr()
        return Said(int(ended.value.code or 0), captured.out, captured.err)

    def filled(self) -> tuple[str, str]:
        """(a database with a shop in it, the header of its key)."""
        url = self.empty(migrated=True)
        said = self.run("demo", "--orders", "40", database=url)
        assert said.code == 0, said.err
        return url, said.out.partition("Authorization: ")[2].strip()

    def close(self) -> None:
        for url in self._made:
            if url.startswith("postgresql"):
                self._postgres.drop_database(url)


def knows(url: str, header: str, secret_file: Path | None = None) -> bool:
    """Whether a key works on a database."""
    with closing(Database(url)) as database:
        hasher = open_hasher(database, secret_file=str(secret_file or ""))
        return authenticate(database, hasher, header.removeprefix("Basic ")) is not None


def is_empty(url: str) -> bool:
    """Whether nothing of Orderdock is in a database."""
    if url.startswith("sqlite"):
        return not Path(url.removeprefix("sqlite:///")).exists()
    with closing(Database(url)) as database:
        return migrations.current(database) is None


def secret_of(desk: Desk, url: str) -> Path:
    return Path(url.removeprefix("sqlite:///")).with_name("orderdock.secret") if desk.engine == "sqlite" else (
        desk.folder / "orderdock.secret"
    )  # fmt: skip
