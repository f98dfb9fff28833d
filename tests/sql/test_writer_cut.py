"""The connection breaks around a COMMIT, or the server goes away: everything is stored exactly once (contract 1.14).

The pushes have no number of their own, so a group that is run twice would leave two orders.
"""

from __future__ import annotations

import math
import random
import threading
import time
from collections.abc import Iterator, Sequence
from typing import Any, get_args

import pytest
import structlog
from sqlalchemy.engine import make_url

from orderdock import group
from orderdock.db import Database, Ids, Tx
from orderdock.errors import ServerFailure
from tests.engines import PostgresServer, prepare_template
from tests.model.account import scope_of
from tests.model.desk import Desk
from tests.model.proxy import Cut, Proxy
from tests.sql.test_group_races import account_at, kept
from tests.sql.test_writer import is_good

PUSH = {"phone": "8123456789", "total_paid": "5"}


@pytest.fixture(autouse=True)
def logged() -> Iterator[list[Any]]:
    """What is logged; failures are what these tests are about, so nobody needs to see it."""
    with structlog.testing.capture_logs() as entries:
        yield entries


def through(url: str, proxy: Proxy) -> str:
    return make_url(url).set(port=proxy.port).render_as_string(hide_password=False)


class Counting:
    """A group's run that counts how often requests were judged; the look after a lost COMMIT brings none."""

    def __init__(self) -> None:
        self.runs = 0

    def __call__(self, tx: Tx, cm_id: int, works: Sequence[Any], ids: Ids, *, wait: bool = True) -> group.Done | None:
        self.runs += 1 if works else 0
        return group.run(tx, cm_id, works, ids, wait=wait)


# How often one push may be judged: again only when it is certain that it was not committed.
RUNS: dict[Cut, set[int]] = {"early": {1, 2}, "before": {2}, "after": {1}, "during": {1, 2}}


@pytest.mark.parametrize("cut", get_args(Cut))
def test_a_connection_cut_around_a_commit_stores_once(
    postgres_url: str, cut: Cut, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("orderdock.writer._TEND_AFTER", math.inf)  # or its neighbour is cut, not the writer
    scope, run, times = scope_of(account_at(postgres_url)), Counting(), 12
    items, spent = [PUSH] * 3, list[int]()
    with (
        Proxy(make_url(postgres_url).port or 0) as proxy,
        Desk(through(postgres_url, proxy), run=run, writers=1) as desk,
    ):
        desk.send("first", scope, items)
        assert desk.has("first")
        for n in range(times):
            before, proxy.cut = run.runs, cut
            desk.send(n, scope, items)
            assert desk.has(n)
            spent.append(run.runs - before)
        assert proxy.cuts == times
        assert all(map(is_good, desk.answers.values()))
        told = [verdict.order_id for answer in desk.answers.values() for verdict in answer]
    assert set(spent) <= RUNS[cut], spent
    found = kept(postgres_url, scope.cm_id)
    assert sorted(found.orders) == sorted(told)
    assert len(set(told)) == len(found.payments) == 3 * (1 + times)
    assert len(found.customers) == 1


def test_cuts_at_random_with_many_at_once_store_once(postgres_url: str) -> None:
    scopes = [scope_of(account_at(postgres_url)) for _ in range(3)]
    dice = random.Random(7)
    with Proxy(make_url(postgres_url).port or 0) as proxy, Desk(through(postgres_url, proxy)) as desk:
        for n in range(240):
            if n % 12 == 0:
                proxy.cut = dice.choice(get_args(Cut))
            desk.send(n, scopes[n % 3], [{**PUSH, "payment_mode": str(n)}])
            time.sleep(0.002)
        assert desk.has(*range(240))
        assert proxy.cuts >= 5
        assert all(map(is_good, desk.answers.values()))
        told = {answer[0].order_id for answer in desk.answers.values()}
    stored = [number for scope in scopes for number in kept(postgres_url, scope.cm_id).orders]
    assert sorted(stored) == sorted(told)
    assert len(told) == 240


def test_a_server_that_goes_away_is_waited_for_up_to_a_limit(
    own_postgres: PostgresServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = own_postgres.create_database()
    prepare_template(url)
    scope = scope_of(account_at(url))
    with Desk(url) as desk:
        for mode in ("fast", "immediate"):
            restarting = threading.Thread(target=own_postgres.restart, args=(mode,))
            restarting.start()
            for n in range(40):
                desk.send((mode, n), scope, [PUSH])
                time.sleep(0.01)
            restarting.join()
            assert desk.has(*((mode, n) for n in range(40)))
        told = [answer[0].order_id for answer in desk.answers.values()]
        own_postgres.stop("immediate")
        monkeypatch.setattr("orderdock.writer.PATIENCE", 0.5)
        desk.send("lost", scope, [PUSH])
        assert desk.has("lost", timeout=20)
        assert isinstance(desk.answers["lost"], ServerFailure)
        monkeypatch.undo()
        own_postgres.start()
        desk.send("later", scope, [PUSH])
        assert desk.has("later")
        told.append(desk.answers["later"][0].order_id)
    assert sorted(kept(url, scope.cm_id).orders) == sorted(told)


def test_the_proxy_itself_changes_nothing(postgres_url: str) -> None:
    with Proxy(make_url(postgres_url).port or 0) as proxy:
        database = Database(through(postgres_url, proxy))
        account_at(through(postgres_url, proxy))
        database.close()
        assert proxy.cuts == 0
