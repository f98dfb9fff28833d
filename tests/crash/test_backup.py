"""A backup that is made under load is whole: it restores to a server that goes on where the backup ended."""

import json
import random
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest

from tests.crash.check import Stored, rows
from tests.crash.laws import breaches
from tests.crash.load import WRITE, Load
from tests.crash.rounds import SEED, running
from tests.crash.server import HOST, Server
from tests.crash.shop import Shop, run_cli
from tests.engines import PostgresServer

pytestmark = [pytest.mark.crash, pytest.mark.slow, pytest.mark.timeout(600)]
New = Callable[[], Shop]


@pytest.fixture
def new_place(shop: Shop, victim: PostgresServer, tmp_path: Path) -> Iterator[New]:
    """Makes places to restore to: an empty database of the shop's engine, and a folder for its secret."""
    made: list[str] = []

    def make() -> Shop:
        folder = tmp_path / f"restored{len(made)}"
        folder.mkdir()
        url = f"sqlite:///{folder}/orderdock.db" if shop.database.startswith("sqlite") else victim.create_database()
        made.append(url)
        return Shop(url, folder, shop.authorization)

    yield make
    for url in made:
        if url.startswith("postgresql"):
            victim.drop_database(url)


@pytest.fixture(autouse=True)
def programs(victim: PostgresServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ORDERDOCK_PG_BIN", str(victim.programs))


def acknowledged(load: Load) -> dict[str, int]:
    """Mark -> how many of its events its client has heard of. Read while the clients work: at least these are there."""
    found = {}
    for book in load.books:
        for mark in list(book.orders):
            order = book.orders[mark]
            if order.number:
                found[mark] = len(order.told)
    return found


def wait_for_orders(load: Load, rounds: int) -> dict[str, int]:
    """What is acknowledged as soon as that is something."""
    deadline = time.monotonic() + 60
    while len(found := acknowledged(load)) < 30 * (rounds + 1):
        assert time.monotonic() < deadline, f"only {len(found)} orders are acknowledged after a minute"
        time.sleep(0.05)
    return found


def history(url: str, until: int) -> list[dict[str, Any]]:
    return rows(url, f"SELECT * FROM event WHERE seq <= {until} ORDER BY cm_id, seq")


def call(port: int, shop: Shop, method: str, path: str, body: Any = None) -> Any:
    connection = HTTPConnection(HOST, port, timeout=30)
    try:
        sent = None if body is None else json.dumps(body).encode()
        connection.request(method, path, sent, {"Authorization": shop.authorization})
        answer = connection.getresponse()
        text = answer.read()
        assert answer.status == 200, text
        return json.loads(text)
    finally:
        connection.close()


@contextmanager
def restored(shop: Shop, backup: Path) -> Iterator[int]:
    """A server on a restored backup; gives its port."""
    (shop.folder / "orderdock.secret").unlink(missing_ok=True)
    run_cli(shop.database, shop.folder, "restore", str(backup))
    assert (shop.folder / "orderdock.secret").stat().st_mode & 0o777 == 0o600
    with Server(shop) as server:
        yield server.port


def test_a_backup_under_load(shop: Shop, new_place: New, tmp_path: Path) -> None:
    files = [tmp_path / "first.backup", tmp_path / "second.backup"]
    before: list[dict[str, int]] = []
    during: list[int] = []
    with running("backup", Server(shop)) as run:
        run.load.run()
        for file in files:
            before.append(wait_for_orders(run.load, len(before)))
            count = run.load.tally.acknowledged
            run_cli(shop.database, shop.folder, "backup", str(file), "--verify")
            during.append(run.load.tally.acknowledged - count)
        run.finish()
        assert min(during) > 20, "the clients were held up by the backup"
    for file, known in zip(files, before, strict=True):
        target = new_place()
        with restored(target, file) as port:
            last = check(shop, target, known)
            serve(target, port, known, last)
        assert breaches(target.database) == []
    sys.stderr.write(
        f"\nbackup: {[len(one) for one in before]} orders before, {during} writes during it (seed {SEED})\n"
    )


def check(source: Shop, target: Shop, known: dict[str, int]) -> int:
    """Everything up to the last event is whole, and every order acknowledged before the backup is there."""
    stored = Stored.read(target.database)
    assert stored.unchained == []
    assert breaches(target.database) == []
    assert stored.events
    last = int(stored.events[-1]["seq"])
    assert history(target.database, last) == history(source.database, last)
    held = {mark: found for mark, found in stored.orders.items() if mark in known}
    assert [mark for mark in known if len(held.get(mark, [])) != 1] == []
    assert [mark for mark, count in known.items() if len(held[mark][0].told) < count] == []
    assert len(known) > 10
    return last


def serve(shop: Shop, port: int, known: dict[str, int], last: int) -> None:
    """A server on the restored database shows the orders, and writes go on behind its last event."""
    stored = Stored.read(shop.database)
    for mark in random.Random(SEED).sample(sorted(known), 10):
        row = stored.orders[mark][0].row
        assert call(port, shop, "GET", f"/api/v1/orders/{row['id']}")["remarks"] == row["remarks"]
    pushed = [{"erp_order_id": "after-the-restore", "phone": "9198765432", "customer_name": "Asha"}]
    (answer,) = call(port, shop, "POST", WRITE, pushed)
    assert (answer["status"], answer["outcome"]) == ("success", "created")
    after = call(port, shop, "GET", f"/api/v1/events?after={last}")["events"]
    assert [event["seq"] for event in after] == list(range(last + 1, last + 1 + len(after)))
    assert "order.created" in {event["type"] for event in after}
