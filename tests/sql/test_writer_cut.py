"""The connection breaks around a COMMIT, or the server goes away: everything is stored exactly once (contract 1.14).

The pushes have no number of their own, so a group that is run twice would leave two orders.
"""

from __future__ import annotations

import random
import threading
import time
from typing import get_args

import pytest
from sqlalchemy.engine import make_url

from orderdock.db import Database
from tests.engines import PostgresServer, prepare_template
from tests.model.account import scope_of
from tests.model.desk import Desk
from tests.model.proxy import Cut, Proxy
from tests.sql.test_group_races import account_at, kept
from tests.sql.test_writer import is_good

PUSH = {"phone": "8123456789", "total_paid": "5"}


def through(url: str, proxy: Proxy) -> str:
    return make_url(url).set(port=proxy.port).render_as_string(hide_password=False)


@pytest.mark.parametrize("cut", get_args(Cut))
def test_a_connection_cut_around_a_commit_stores_once(postgres_url: str, cut: Cut) -> None:
    scope = scope_of(account_at(postgres_url))
    with Proxy(make_url(postgres_url).port or 0) as proxy, Desk(through(postgres_url, proxy), writers=1) as desk:
        desk.send("first", scope, [PUSH])
        assert desk.has("first")
        for n in range(15):
            proxy.cut = cut
            for part in range(3):
                desk.send((n, part), scope, [PUSH])
            assert desk.has(*((n, part) for part in range(3)))
        assert proxy.cuts == 15
        assert all(map(is_good, desk.answers.values()))
        told = [answer[0].order_id for answer in desk.answers.values()]
    found = kept(postgres_url, scope.cm_id)
    assert sorted(found.orders) == sorted(told)
    assert len(set(told)) == 46
    assert len(found.payments) == 46
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


def test_a_server_that_restarts_meanwhile_is_waited_for(own_postgres: PostgresServer) -> None:
    url = own_postgres.create_database()
    prepare_template(url)
    scope = scope_of(account_at(url))
    with Desk(url) as desk:
        desk.send("first", scope, [PUSH])
        assert desk.has("first")
        for mode in ("fast", "immediate"):
            restarting = threading.Thread(target=own_postgres.restart, args=(mode,))
            restarting.start()
            for n in range(40):
                desk.send((mode, n), scope, [PUSH])
                time.sleep(0.01)
            restarting.join()
            assert desk.has(*((mode, n) for n in range(40)))
        assert all(map(is_good, desk.answers.values()))
        told = [answer[0].order_id for answer in desk.answers.values()]
    assert sorted(kept(url, scope.cm_id).orders) == sorted(told)


def test_a_server_that_does_not_come_back_is_told_and_the_writer_goes_on(
    own_postgres: PostgresServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("orderdock.writer.PATIENCE", 1.0)
    url = own_postgres.create_database()
    prepare_template(url)
    scope = scope_of(account_at(url))
    with Desk(url) as desk:
        desk.send("first", scope, [PUSH])
        assert desk.has("first")
        own_postgres.stop("immediate")
        desk.send("lost", scope, [PUSH])
        assert desk.has("lost", timeout=20)
        assert not is_good(desk.answers["lost"])
        own_postgres.start()
        desk.send("later", scope, [PUSH])
        assert desk.has("later")
        assert is_good(desk.answers["later"])
    assert len(kept(url, scope.cm_id).orders) == 2


def test_the_proxy_itself_changes_nothing(postgres_url: str) -> None:
    with Proxy(make_url(postgres_url).port or 0) as proxy:
        database = Database(through(postgres_url, proxy))
        account_at(through(postgres_url, proxy))
        database.close()
        assert proxy.cuts == 0
