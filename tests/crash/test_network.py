"""A network that fails at every byte, and clients that send again with the same Idempotency-Key (contract 1.12)."""

import contextlib
import json
import sys
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest
import tenacity

from orderdock.db import Database
from orderdock.tables import event, idempotency, orders
from tests.crash.load import WRITE
from tests.crash.network import BadNetwork
from tests.crash.rounds import wait_quiet
from tests.crash.server import HOST, Server
from tests.crash.shop import Shop

pytestmark = [pytest.mark.crash, pytest.mark.slow]
PUSHES = 1_000
PAYMENTS = 1_000
PAID = 10
CLIENTS = 8
# No connection is kept: each request gets one of its own.
HTTP = httpx.Client(timeout=30, verify=False, limits=httpx.Limits(max_keepalive_connections=0))


@tenacity.retry(retry=tenacity.retry_if_exception_type(httpx.TransportError), stop=tenacity.stop_after_attempt(60))
def insist(port: int, authorization: str, token: str, item: dict[str, Any]) -> httpx.Response:
    """The answer to a request that is sent, on a new connection each time, until it is answered."""
    headers = {"Authorization": authorization, "Idempotency-Key": token, "Connection": "close"}
    return HTTP.post(f"http://{HOST}:{port}{WRITE}", content=json.dumps([item]), headers=headers)


def rows(shop: Shop, ask: Callable[[Any], list[Any]]) -> list[Any]:
    database = Database(shop.database)
    try:
        with database.read() as tx:
            return ask(tx)
    finally:
        database.close()


def test_what_is_sent_again_over_a_bad_network_has_one_effect(
    shop: Shop, record_property: Callable[[str, object], None]
) -> None:
    with (
        Server(shop) as server,
        BadNetwork(server.port, 0.3, "network") as network,
        ThreadPoolExecutor(CLIENTS) as pool,
    ):
        seeds = [
            insist(server.port, shop.authorization, f"seed-{n}", {"phone": f"70{n:08d}"}).json()[0] for n in range(PAID)
        ]
        asked: list[dict[str, Any]] = [{"phone": f"80{n:08d}", "customer_name": "Asha"} for n in range(PUSHES)]
        for n in range(PAYMENTS):
            order = seeds[n % PAID]
            ids = {"kapture_order_id": order["order_id"], "kapture_customer_id": order["kapture_customer_id"]}
            asked.append({**ids, "amount_paid": "1"})
        answers = list(
            pool.map(
                lambda number: insist(network.port, shop.authorization, f"try-{number}", asked[number]),
                range(len(asked)),
            )
        )
    assert {answer.status_code for answer in answers} == {200}
    made = [answer.json()[0]["order_id"] for answer in answers[:PUSHES]]
    paid = [answer.json()["payment_id"] for answer in answers[PUSHES:]]
    assert (len(set(made)), len(set(paid))) == (PUSHES, PAYMENTS)
    kinds = Counter(kind for (kind,) in rows(shop, lambda tx: tx.all(event.select().with_only_columns(event.c.kind))))
    assert (kinds["order.created"], kinds["payment.added"]) == (PUSHES + PAID, PAYMENTS)
    sums = rows(shop, lambda tx: tx.all(orders.select().with_only_columns(orders.c.total_paid)))
    assert sum(total for (total,) in sums) == PAYMENTS * 10_000
    stored = rows(shop, lambda tx: tx.all(idempotency.select().with_only_columns(idempotency.c.token)))
    assert len(stored) == PUSHES + PAYMENTS + PAID
    replayed = sum("Idempotency-Replayed" in answer.headers for answer in answers)
    figures = {**network.cuts, "places": len(network.places), "answered by a replay": replayed}
    sys.stdout.write(f"{shop.database.partition(':')[0]}: {figures}\n")
    record_property("network", str(figures))
    assert sum(network.cuts.values()) >= PUSHES + PAYMENTS
    assert min(network.cuts["request"], network.cuts["answer"], replayed) > 100


@pytest.mark.parametrize("count", [50])
def test_one_token_from_many_clients_on_two_workers_is_one_effect(postgres_shop: Shop, count: int) -> None:
    with Server(postgres_shop, workers=2) as server, ThreadPoolExecutor(count) as pool:
        server.wait_workers(2)
        for turn in range(5):
            item = {"phone": f"81{turn:08d}"}
            answers = list(
                pool.map(
                    lambda _, turn=turn, item=item: insist(
                        server.port, postgres_shop.authorization, f"all-{turn}", item
                    ),
                    range(count),
                )
            )
            assert len({answer.content for answer in answers}) == 1
            assert sum("Idempotency-Replayed" in answer.headers for answer in answers) == count - 1
    kinds = rows(postgres_shop, lambda tx: tx.all(event.select().with_only_columns(event.c.kind)))
    assert Counter(kind for (kind,) in kinds)["order.created"] == 5


@pytest.mark.parametrize("wait", [0.0, 0.03, 0.1])
def test_g66_a_batch_that_was_killed_is_there_once_when_it_is_sent_again(shop: Shop, wait: float) -> None:
    """The server is killed while several batches are under way; each is sent again as it was."""
    batches = [[{"erp_order_id": f"B{b}-{n}", "phone": f"83{b:03d}{n:05d}"} for n in range(200)] for b in range(4)]
    acknowledged: set[str] = set()

    def send(batch: list[dict[str, str]]) -> None:
        with contextlib.suppress(httpx.TransportError):
            answers = post(server.port, shop, batch)
            acknowledged.update(order["erp_order_id"] for order, _ in zip(batch, answers, strict=True))

    with Server(shop) as server, ThreadPoolExecutor(4) as pool:
        sent = [pool.submit(send, batch) for batch in batches]
        time.sleep(wait)
        server.kill()
        for one in sent:
            one.result()
        before = frozenset(acknowledged)
        wait_quiet(shop.database)
        server.start()
        for batch in batches:
            for order, answer in zip(batch, post(server.port, shop, batch), strict=True):
                assert answer["outcome"] in (
                    ("unchanged",) if order["erp_order_id"] in before else ("created", "unchanged")
                )
    found = [erp for (erp,) in rows(shop, lambda tx: tx.all(orders.select().with_only_columns(orders.c.erp_order_id)))]
    assert sorted(found) == sorted(order["erp_order_id"] for batch in batches for order in batch)


def post(port: int, shop: Shop, batch: list[dict[str, str]]) -> list[dict[str, Any]]:
    """The answers to a batch."""
    answer = HTTP.post(
        f"http://{HOST}:{port}{WRITE}", content=json.dumps(batch), headers={"Authorization": shop.authorization}
    )
    found: list[dict[str, Any]] = answer.json()
    return found


def test_a_token_outlives_a_kill(shop: Shop) -> None:
    with Server(shop) as server:
        first = insist(server.port, shop.authorization, "once", {"phone": "8200000001"})
        server.kill()
        server.start()
        second = insist(server.port, shop.authorization, "once", {"phone": "8200000001"})
    assert second.headers["Idempotency-Replayed"] == "true"
    assert first.content == second.content
