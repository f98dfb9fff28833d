"""The writer: its queues and their limits, a stop, a request that cannot be stored, accounts that are held."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any

import psycopg
import pytest
import structlog

from orderdock import group
from orderdock.db import Ids, Sql, Tx
from orderdock.errors import Overloaded, ServerFailure
from orderdock.group import Work
from orderdock.writer import Submission
from tests.model.account import scope_of
from tests.model.desk import Desk
from tests.sql.test_group_races import account_at, kept

PUSH = {"phone": "8123456789"}
TWICE = Sql("INSERT INTO account_lock (cm_id) VALUES (:cm_id)")


@pytest.fixture(autouse=True)
def logged() -> Iterator[list[Any]]:
    """What is logged; a traceback is told there, and not on the screen."""
    with structlog.testing.capture_logs() as entries:
        yield entries


@pytest.fixture
def cm_id(engine_url: str) -> int:
    return account_at(engine_url)


def failing_run(tx: Tx, cm_id: int, works: Sequence[Any], ids: Ids, *, wait: bool = True) -> group.Done | None:
    """A group's run in which a request named `bad` breaks a key at storing."""
    done = group.run(tx, cm_id, works, ids, wait=wait)
    if any(work.request_id == "bad" for work in works):
        tx.ask(TWICE, cm_id=cm_id)
    return done


def is_good(answer: Any) -> bool:
    return isinstance(answer, list) and all(verdict.outcome != "failed" for verdict in answer)


@pytest.mark.parametrize("bad", [(0,), (29,), (3, 4, 17), ()])
def test_a_request_that_cannot_be_stored_fails_alone(
    engine_url: str, cm_id: int, bad: tuple[int, ...], logged: list[Any]
) -> None:
    scope = scope_of(cm_id)
    with Desk(engine_url, run=failing_run, start=False) as desk:
        for n in range(30):
            desk.send(n, scope, [{**PUSH, "erp_order_id": f"S{n}"}], request_id="bad" if n in bad else f"r{n}")
        desk.start()
        assert desk.has(*range(30))
        assert [n for n in range(30) if isinstance(desk.answers[n], ServerFailure)] == list(bad)
        good = {desk.answers[n][0].order_id for n in range(30) if n not in bad}
    found = kept(engine_url, cm_id)
    assert set(found.orders) == good
    assert len(found.customers) == 1
    assert "bad" not in {event["request_id"] for event in found.events}
    assert [entry["event"] for entry in logged if entry["log_level"] == "error"] == [
        "a request could not be stored"
    ] * len(bad)


def test_a_bad_request_of_one_account_leaves_another_accounts_alone(engine_url: str, cm_id: int) -> None:
    mine, other = scope_of(cm_id), scope_of(account_at(engine_url))
    with Desk(engine_url, run=failing_run, start=False) as desk:
        for n in range(10):
            desk.send(n, mine if n % 2 else other, [PUSH], request_id="bad" if n == 4 else f"r{n}")
        desk.start()
        assert desk.has(*range(10))
        assert [n for n in range(10) if not is_good(desk.answers[n])] == [4]
    assert (len(kept(engine_url, cm_id).orders), len(kept(engine_url, other.cm_id).orders)) == (5, 4)


def test_a_queue_has_a_limit_of_items_for_an_account(engine_url: str, cm_id: int) -> None:
    mine, other = scope_of(cm_id), scope_of(account_at(engine_url))
    with Desk(engine_url, start=False, queue_items=10) as desk:
        for n in range(5):
            desk.send(n, mine, [PUSH, PUSH])
        with pytest.raises(Overloaded):
            desk.send("too much", mine, [PUSH])
        desk.send("other", other, [PUSH] * 12)  # one request always fits an empty queue
        desk.start()
        assert desk.has(*range(5), "other")
        desk.send("again", mine, [PUSH])
        assert desk.has("again")
        assert all(map(is_good, desk.answers.values()))


def test_a_queue_has_a_limit_of_bytes_for_all(engine_url: str, cm_id: int) -> None:
    scope = scope_of(cm_id)
    with Desk(engine_url, start=False, queue_bytes=1_024) as desk:
        for n in range(5):  # a submission of these tests weighs 100 an item
            desk.send(n, scope, [PUSH, PUSH])
        assert not desk.writer.is_full()
        with pytest.raises(Overloaded):
            desk.send("too much", scope, [PUSH])
        desk.send("other", scope_of(account_at(engine_url)), [PUSH])
        assert desk.writer.is_full()
        desk.start()
        assert desk.has(*range(5), "other")
        assert not desk.writer.is_full()


def test_an_account_that_is_far_behind_takes_no_more_and_still_what_is_only_noted(engine_url: str, cm_id: int) -> None:
    """The first group is slow; while the second one runs, what waits behind it would wait for too long."""
    go_on, groups = threading.Event(), 0

    def slow(tx: Tx, cm_id: int, works: Sequence[Any], ids: Ids, *, wait: bool = True) -> group.Done | None:
        nonlocal groups
        groups += 1
        if groups == 1:
            time.sleep(0.4)  # 20 ms an item
        elif groups == 2:
            go_on.wait(30)
        return group.run(tx, cm_id, works, ids, wait=wait)

    scope, other = scope_of(cm_id), scope_of(account_at(engine_url))
    with Desk(engine_url, run=slow, start=False, group_items=20, queue_ms=100) as desk:
        for n in range(84):
            desk.send(n, scope, [{**PUSH, "erp_order_id": f"S{n}"}])
        desk.start()
        assert desk.has(*range(20))
        assert desk.writer.is_late(cm_id)
        with pytest.raises(Overloaded):
            desk.send("late", scope, [PUSH])
        desk.writer.submit(Submission(cm_id, 0, 1, Work(scope, "", (), False, list), "noted"))
        assert not desk.writer.is_late(other.cm_id)
        go_on.set()
        assert desk.has(*range(84), "noted")
        assert not desk.writer.is_late(cm_id), "nobody waits any more"
        desk.send("again", scope, [PUSH])
        assert desk.has("again")


def test_a_group_takes_whole_requests_up_to_its_limit(engine_url: str, cm_id: int) -> None:
    scope = scope_of(cm_id)
    with Desk(engine_url, start=False, group_items=10) as desk:
        for n, count in enumerate((4, 4, 4, 25, 1)):
            desk.send(n, scope, [PUSH] * count)
        desk.start()
        assert desk.has(*range(5))
        assert desk.deliveries == [2, 1, 1, 1]


def test_a_stop_answers_everything_that_was_taken(engine_url: str, cm_id: int) -> None:
    scope = scope_of(cm_id)
    with Desk(engine_url, group_items=20) as desk:
        for n in range(200):
            desk.send(n, scope, [PUSH])
        assert desk.writer.stop(60)
        assert len(desk.answers) == 200
        assert all(map(is_good, desk.answers.values()))
        with pytest.raises(Overloaded):
            desk.send("late", scope, [PUSH])
    assert len(kept(engine_url, cm_id).orders) == 200


def test_a_write_that_changes_nothing_writes_nothing(engine_url: str, cm_id: int) -> None:
    scope = scope_of(cm_id)
    with Desk(engine_url) as desk:
        desk.send(0, scope, [{**PUSH, "erp_order_id": "S1"}])
        assert desk.has(0)
        before = kept(engine_url, cm_id)
        desk.send(1, scope, [{**PUSH, "erp_order_id": "S1"}])
        assert desk.has(1)
        assert desk.answers[1][0].outcome == "unchanged"
    assert kept(engine_url, cm_id) == before


# ------------------------------------------------------------------------------------------------ held accounts


@contextmanager
def held(url: str, *accounts: int) -> Iterator[None]:
    """Accounts whose lock another session has."""
    with psycopg.connect(url) as session:
        for number in accounts:
            session.execute("SELECT cm_id FROM account_lock WHERE cm_id = %s FOR UPDATE", [number])
        yield


def test_an_account_that_is_held_elsewhere_blocks_no_other(postgres_url: str) -> None:
    scopes = [scope_of(account_at(postgres_url)) for _ in range(2)]
    with Desk(postgres_url) as desk:
        with held(postgres_url, scopes[0].cm_id):
            desk.send("held", scopes[0], [PUSH])
            begin = time.monotonic()
            for n in range(50):
                desk.send(n, scopes[1], [PUSH])
            assert desk.has(*range(50), timeout=10)
            assert time.monotonic() - begin < 5
            assert "held" not in desk.answers
        assert desk.has("held", timeout=15)
        assert all(map(is_good, desk.answers.values()))


def test_as_many_held_accounts_as_there_are_writers_block_no_other(postgres_url: str) -> None:
    scopes = [scope_of(account_at(postgres_url)) for _ in range(4)]
    with Desk(postgres_url, writers=2) as desk:
        with held(postgres_url, *(scope.cm_id for scope in scopes[:3])):
            for n in range(3):
                desk.send(n, scopes[n], [PUSH])
            time.sleep(0.3)
            begin = time.monotonic()
            for n in range(10, 30):
                desk.send(n, scopes[3], [PUSH])
            assert desk.has(*range(10, 30), timeout=8), "nobody writes for the accounts that could"
            assert time.monotonic() - begin < 5
        assert desk.has(0, 1, 2, timeout=15)
        assert all(map(is_good, desk.answers.values()))


def test_requests_of_an_account_keep_their_order(engine_url: str, cm_id: int) -> None:
    scope = scope_of(cm_id)
    with Desk(engine_url, group_items=7) as desk:
        calls = [partial(desk.send, n, scope, [{**PUSH, "erp_order_id": "S1", "remarks": str(n)}]) for n in range(100)]
        for call in calls:
            call()
        assert desk.has(*range(100))
    found = kept(engine_url, cm_id)
    assert [row["remarks"] for row in found.orders.values()] == ["99"]
    assert [event["request_id"] for event in found.events[-1:]] == ["r1"]
