"""A restore or a copy that is killed in the middle leaves the target empty, or whole; then it can be done again."""

import random
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.crash.check import rows
from tests.crash.laws import breaches
from tests.crash.rounds import SEED, wait_quiet
from tests.crash.shop import Shop, run_cli
from tests.engines import PostgresServer

pytestmark = [pytest.mark.crash, pytest.mark.slow, pytest.mark.timeout(900)]
ROUNDS, MOST_ROUNDS = 4, 12
ORDERS = 400
ENGINES = ("sqlite", "postgresql")


@pytest.fixture(autouse=True)
def programs(victim: PostgresServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ORDERDOCK_PG_BIN", str(victim.programs))


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    """A SQLite installation with some orders."""
    folder = tmp_path_factory.mktemp("source")
    url = f"sqlite:///{folder}/orderdock.db"
    run_cli(url, folder, "migrate")
    run_cli(url, folder, "demo", "--orders", str(ORDERS))
    return Shop(url, folder, "")


@pytest.fixture(params=ENGINES)
def target(request: pytest.FixtureRequest, victim: PostgresServer, tmp_path: Path) -> Iterator[Shop]:
    """An empty place of one engine after the other."""
    if request.param == "sqlite":
        yield Shop(f"sqlite:///{tmp_path}/orderdock.db", tmp_path, "")
        return
    victim.start()
    url = victim.create_database()
    yield Shop(url, tmp_path, "")
    victim.drop_database(url)


def held(shop: Shop) -> int | None:
    """How many orders a database holds; None when it has no tables."""
    if shop.database.startswith("sqlite") and not Path(shop.database.removeprefix("sqlite:///")).exists():
        return None
    look = "SELECT name FROM sqlite_master WHERE name = 'orders'"
    if shop.database.startswith("postgresql"):
        look = "SELECT relname FROM pg_class WHERE relname = 'orders'"
    return int(rows(shop.database, "SELECT COUNT(*) AS n FROM orders")[0]["n"]) if rows(shop.database, look) else None


def run(shop: Shop, words: tuple[str, ...], kill_after: float | None = None) -> str:
    """Run a command, or kill it after some seconds; answers what is there then: everything, or nothing."""
    process = subprocess.Popen(
        [sys.executable, "-m", "orderdock", *words], cwd=shop.folder, stderr=subprocess.PIPE, text=True
    )
    if kill_after is not None:
        time.sleep(kill_after)
        process.kill()
    _, said = process.communicate(timeout=300)
    assert kill_after is not None or process.returncode == 0, said
    wait_quiet(shop.database)
    found = held(shop)
    assert found in (None, 0, ORDERS), f"half of it is there: {found} orders (CRASH_SEED={SEED})"
    if found:
        assert breaches(shop.database) == []
    return "whole" if found else "empty"


def kill_some(shop: Shop, words: tuple[str, ...], clear: Callable[[], None]) -> list[str]:
    """Kill a command at some moments of its work, each time on what the last round left; at the end let it finish."""
    chance = random.Random(f"{SEED} {words[0]}")
    came_to: list[str] = []
    clear()
    began = time.monotonic()
    assert run(shop, words) == "whole"
    whole = time.monotonic() - began
    clear()
    while len(came_to) < ROUNDS or ("empty" not in came_to and len(came_to) < MOST_ROUNDS):
        came_to.append(run(shop, words, kill_after=whole * chance.uniform(0.3, 0.95)))
        if came_to[-1] == "whole":
            clear()
            whole *= 0.8  # the first run is the slowest: the next kill has to come earlier
    assert run(shop, words) == "whole"
    return came_to


def clear(shop: Shop, victim: PostgresServer, *, migrated: bool) -> None:
    """Take away what a round left behind, the way an administrator would."""
    if shop.database.startswith("sqlite"):
        for path in shop.folder.glob("orderdock.db*"):
            path.unlink()
    else:
        victim.execute(f"DROP DATABASE {shop.database.rpartition('/')[2]} WITH (FORCE)")
        victim.execute(f"CREATE DATABASE {shop.database.rpartition('/')[2]} TEMPLATE template0")
    if migrated:
        run_cli(shop.database, shop.folder, "migrate")


def test_a_killed_restore(source: Shop, target: Shop, victim: PostgresServer, tmp_path: Path) -> None:
    origin = source
    if target.database.startswith("postgresql"):
        origin = Shop(victim.create_database(), source.folder, "")
        run_cli(origin.database, origin.folder, "migrate")
        run_cli(origin.database, origin.folder, "demo", "--orders", str(ORDERS))
    backup = tmp_path / "whole.backup"
    run_cli(origin.database, origin.folder, "backup", str(backup))
    words = ("restore", str(backup), "--database", target.database)

    came_to = kill_some(target, words, lambda: clear(target, victim, migrated=False))
    assert "empty" in came_to, f"no restore was killed in the middle (CRASH_SEED={SEED})"
    if origin is not source:
        victim.drop_database(origin.database)


def test_a_killed_copy(source: Shop, target: Shop, victim: PostgresServer) -> None:
    words = ("copy", "--from", source.database, "--to", target.database)
    came_to = kill_some(target, words, lambda: clear(target, victim, migrated=True))
    assert "empty" in came_to, f"no copy was killed in the middle (CRASH_SEED={SEED})"
