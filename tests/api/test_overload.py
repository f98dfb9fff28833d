"""Too much at once: what is refused, what is answered all the same, and who waits for whom (contract 1.14)."""

from bisect import bisect
from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from itertools import pairwise
from pathlib import Path

import httpx
import pytest

from orderdock.db import Sql
from tests.world import EVENTS, World, call, faults, good, item, new_account, one, running, write

FLOODING, ITEMS = 16, 200
_GROUPS = Sql("SELECT group_id, min(at) FROM event WHERE cm_id = :cm_id GROUP BY group_id")


@pytest.fixture
def short(engine_url: str, tmp_path: Path) -> Iterator[World]:
    """A server in which two orders of an account may wait."""
    with running(engine_url, tmp_path, ORDERDOCK_QUEUE_ITEMS="2") as world:
        yield world


@pytest.fixture
def narrow(engine_url: str, tmp_path: Path) -> Iterator[World]:
    """A server whose groups are full with one request of the flood."""
    with running(engine_url, tmp_path, ORDERDOCK_GROUP_ITEMS=str(ITEMS)) as world:
        yield world


def test_a_full_server_refuses_early_and_still_answers_what_needs_no_queue(short: World) -> None:
    with ThreadPoolExecutor(12) as pool:
        with short.admin.change(short.a.cm_id):  # nothing of the account can be written
            pushes: set[Future[httpx.Response]] = {pool.submit(write, short, item()) for _ in range(12)}
            refused, _ = wait(pushes, timeout=8, return_when=FIRST_COMPLETED)
            assert refused, "twelve orders do not fit into a queue of two"
            for address in ("/healthz", "/readyz"):
                assert [call(short, "GET", address, key=None).status_code for _ in range(10)] == [200] * 10
            assert call(short, "GET", EVENTS).status_code == 200
            assert one(short, short.f1)["id"] == int(short.f1["order_id"])
            for early in refused:
                answer = early.result()
                assert (answer.status_code, answer.headers["Retry-After"]) == (503, "1")
                assert faults(answer.json()) == [("Overloaded", "")]
        answers = [push.result() for push in pushes]
    assert {answer.status_code for answer in answers} == {200, 503}
    # What was asked is still to be logged, and that takes room in a queue of two.
    late = next(answer for _ in range(1000) if (answer := write(short, item())).status_code != 503)
    assert good(late)["outcome"] == "created"


def groups_of(world: World, cm_id: int, after: int) -> list[int]:
    """When the groups of an account were written that came behind a moment, in epoch milliseconds."""
    with world.admin.database.read() as tx:
        return sorted(at for _, at in tx.all(_GROUPS, cm_id=cm_id) if at > after)


def test_a_neighbour_that_floods_the_server_is_waited_for_between_its_groups(narrow: World) -> None:
    world = narrow
    noisy, quiet = new_account(world), new_account(world)
    began = max(groups_of(world, noisy.cm_id, 0) + groups_of(world, quiet.cm_id, 0))
    flood = [[item() for _ in range(ITEMS)] for _ in range(FLOODING)]
    with ThreadPoolExecutor(FLOODING) as pool:
        sent = [pool.submit(write, world, *orders, key=noisy.key) for orders in flood]
        while not all(request.done() for request in sent):
            assert good(write(world, item(), key=quiet.key))["outcome"] == "created"
        assert [request.result().status_code for request in sent] == [200] * FLOODING
    theirs, mine = groups_of(world, noisy.cm_id, began), groups_of(world, quiet.cm_id, began)
    assert len(theirs) == FLOODING
    # Each push was sent when the one before it had been answered: so many groups it let go first.
    places = [0, *(bisect(theirs, at) for at in mine), FLOODING]
    let_go_first = [after - before for before, after in pairwise(places)]
    assert max(let_go_first) <= FLOODING // 2, let_go_first
