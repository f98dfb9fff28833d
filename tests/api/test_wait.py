"""`GET /api/v1/events?wait=`: edge cases X2, X3 and what bounds the waiting (contract 2.18)."""

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from orderdock.errors import Overloaded
from orderdock.web.request import Watch, watch
from tests.engines import PostgresServer
from tests.world import EVENTS, Json, Tenant, World, call, events, new_account, pay, push, running

SOON = 3.0  # an answer "at once" on a busy machine


def end_of(world: World, shop: Tenant) -> int:
    end: int = events(world, key=shop.key)["next"]
    return end


def wait(world: World, shop: Tenant, query: str) -> tuple[float, Json]:
    """(seconds that it took, the page)."""
    began = time.monotonic()
    page = call(world, "GET", f"{EVENTS}?{query}", key=shop.key)
    assert page.status_code == 200, page.text
    body: Json = page.json()
    return time.monotonic() - began, body


def test_x2_nothing_new_is_an_empty_page_after_the_time(world: World) -> None:
    shop = new_account(world)
    end = end_of(world, shop)
    took, page = wait(world, shop, f"after={end}&wait=2")
    assert page == {"events": [], "next": end, "hasMore": False}
    assert 2.0 <= took < 2.0 + SOON


def test_x3_a_push_ends_the_waiting(world: World) -> None:
    shop = new_account(world)
    end = end_of(world, shop)
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(wait, world, shop, f"after={end}&wait=30")
        time.sleep(1)
        push(world, key=shop.key)
        took, page = waiting.result()
    assert 1.0 <= took < 1.0 + SOON
    assert [event["seq"] for event in page["events"]] == list(range(end + 1, page["next"] + 1))
    assert page["events"]


def test_what_is_there_is_not_waited_for(world: World) -> None:
    shop = new_account(world)
    took, page = wait(world, shop, "after=0&wait=30")
    assert took < SOON
    assert page["events"]


def test_other_types_do_not_end_the_waiting(world: World) -> None:
    shop = new_account(world)
    order, end = push(world, key=shop.key), end_of(world, shop)
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(wait, world, shop, f"after={end}&wait=30&types=payment.added")
        time.sleep(0.5)
        push(world, key=shop.key)
        time.sleep(0.5)
        pay(world, order, "5", key=shop.key)
        took, page = waiting.result()
    assert 1.0 <= took < 1.0 + SOON
    assert [event["type"] for event in page["events"]] == ["payment.added"]


def test_a_neighbours_push_does_not_end_the_waiting(world: World) -> None:
    shop, other = new_account(world), new_account(world)
    end = end_of(world, shop)
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(wait, world, shop, f"after={end}&wait=1")
        push(world, key=other.key)
        took, page = waiting.result()
    assert (page["events"], took >= 1.0) == ([], True)


@pytest.mark.parametrize("text", ["x", "-1", "1.5"])
def test_the_time_is_a_number(world: World, text: str) -> None:
    answer = call(world, "GET", f"{EVENTS}?wait={text}")
    assert (answer.status_code, answer.json()["error"]) == (400, "InvalidNumber")


def test_a_stop_ends_the_waiting(postgres: PostgresServer, postgres_template: str, tmp_path: Path) -> None:
    url = postgres.create_database(postgres_template)
    with ThreadPoolExecutor(1) as pool:
        with running(url, tmp_path) as own:
            end = end_of(own, own.a)
            waiting = pool.submit(wait, own, own.a, f"after={end}&wait=30")
            time.sleep(1)
            own.server.stop()
        took, page = waiting.result()
    assert took < 1 + 2 * SOON
    assert page["events"] == []


class Reads:
    """Tells the newest numbers of a test."""

    def __init__(self, newest: dict[int, int]) -> None:
        self.newest = newest
        self.looks = 0

    async def read(self, work: Callable[..., Any], accounts: list[int]) -> dict[int, int]:
        self.looks += 1
        if -1 in accounts:
            raise OSError("away")
        return {number: self.newest.get(number, 0) for number in accounts}


def test_many_wait_and_one_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watch, "WAITING_MOST", 50)

    async def scenario() -> None:
        reads = Reads({1: 5, 2: 9})
        made = Watch(reads, lambda: False)  # type: ignore[arg-type]  # a stand-in
        waiting = [asyncio.create_task(made.newer(1, 5, 10)) for _ in range(50)]
        await asyncio.sleep(watch.TICK * 3.5)
        with pytest.raises(Overloaded):
            await made.newer(2, 9, 1)
        assert 2 <= reads.looks <= 4
        reads.newest[1] = 6
        assert await asyncio.gather(*waiting) == [True] * 50
        await asyncio.sleep(watch.TICK * 2)
        looks = reads.looks
        await asyncio.sleep(watch.TICK * 2)
        assert reads.looks == looks  # nobody waits, nobody looks
        assert await made.newer(2, 9, 0.15) is False
        assert await made.newer(-1, 0, 10) is False  # the database is away

    asyncio.run(scenario())


def test_nobody_waits_in_a_process_that_stops() -> None:
    async def scenario() -> None:
        made = Watch(Reads({}), lambda: True)  # type: ignore[arg-type]  # a stand-in
        assert await made.newer(1, 0, 10) is False

    asyncio.run(scenario())
