"""Installations to be crashed: each test gets a fresh one, with an account and a key."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.crash.shop import Shop, furnish
from tests.engines import PostgresServer


@pytest.fixture(scope="session")
def sqlite_furnished(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    folder = tmp_path_factory.mktemp("furnished")
    return furnish(f"sqlite:///{folder}/orderdock.db", folder)


@pytest.fixture
def sqlite_shop(sqlite_furnished: Shop, tmp_path: Path) -> Shop:
    """An installation on a fresh SQLite file."""
    for name in ("orderdock.db", "orderdock.secret"):
        shutil.copy(sqlite_furnished.folder / name, tmp_path)
    return Shop(f"sqlite:///{tmp_path}/orderdock.db", tmp_path, sqlite_furnished.authorization)


@pytest.fixture(scope="session")
def victim() -> Iterator[PostgresServer]:
    """A PostgreSQL that these tests may kill."""
    with PostgresServer() as server:
        yield server


@pytest.fixture(scope="session")
def postgres_furnished(victim: PostgresServer, tmp_path_factory: pytest.TempPathFactory) -> Shop:
    return furnish(victim.create_database(), tmp_path_factory.mktemp("furnished"))


@pytest.fixture
def postgres_shop(victim: PostgresServer, postgres_furnished: Shop, tmp_path: Path) -> Iterator[Shop]:
    """An installation in a fresh PostgreSQL database."""
    victim.start()
    shutil.copy(postgres_furnished.folder / "orderdock.secret", tmp_path)
    database = victim.create_database(postgres_furnished.database.rpartition("/")[2])
    yield Shop(database, tmp_path, postgres_furnished.authorization)
    victim.drop_database(database)


@pytest.fixture(params=("sqlite", "postgresql"))
def shop(request: pytest.FixtureRequest) -> Shop:
    """A fresh installation, on one engine after the other."""
    found: Shop = request.getfixturevalue({"sqlite": "sqlite_shop", "postgresql": "postgres_shop"}[request.param])
    return found
