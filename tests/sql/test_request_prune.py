"""The request log is cut back on both engines: by days, by size, in steps; stored answers by hours."""

from collections.abc import Iterator

import pytest

from orderdock import tables
from orderdock.db import Database
from orderdock.requests import actions
from orderdock.requests.actions import Pruned
from orderdock.requests.actions import retention as pruning
from orderdock.requests.sql import prune as sql
from tests.requests import count, failed, keep, keep_block
from tests.sql.rows import A, B, put

DAY, HOUR = 86_400_000, 3_600_000
NOW = 1_000 * DAY
PLENTY = 2**40


@pytest.fixture
def database(engine_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Database]:
    monkeypatch.setattr(pruning, "REST", 0)
    database = Database(engine_url)
    yield database
    database.close()


def fill(database: Database, ages: list[int], cm_id: int = A) -> None:
    """A failed request with a block and an answer of each age in days."""
    for age in ages:
        at = NOW - age * DAY
        number = keep_block(database, at, {"request": {"body": "x" * 400}, "response": {}}, cm_id=cm_id)
        row = failed(at, f"r{age}", "TooLong", block_id=number, place=0)
        keep(database, row, finds=[("erp", f"SO-{age}"), ("error", "TooLong")], cm_id=cm_id)
        answer = {
            "key_id": 1,
            "token": f"t{age}",
            "at": at,
            "request_hash": "h",
            "status": 200,
            "answer": "",
            "headers": "[]",
        }
        with database.write() as tx:
            put(tx, tables.idempotency, answer, cm_id=cm_id)


def counts(database: Database, cm_id: int = A) -> list[int]:
    names = ("request_log", "request_find", "request_block", "idempotency")
    return [count(database, table, cm_id) for table in names]


def test_what_is_older_than_its_days_goes_and_nothing_else(database: Database) -> None:
    fill(database, [1, 29, 30, 31, 60])
    fill(database, [1, 31, 60], cm_id=B)
    done = actions.prune(database, {A: 30, B: 59}, NOW, hours=24 * 30, most_bytes=PLENTY)
    assert done == Pruned(requests=3, finds=6, blocks=3, too_many=0, answers=4)
    assert counts(database) == [3, 6, 3, 3]
    assert counts(database, B) == [2, 4, 2, 1]
    again = actions.prune(database, {A: 30, B: 59}, NOW, hours=24 * 30, most_bytes=PLENTY)
    assert again == Pruned()


def test_an_account_that_is_not_named_is_left_alone(database: Database) -> None:
    fill(database, [60])
    fill(database, [60], cm_id=B)
    actions.prune(database, {B: 30}, NOW, hours=1, most_bytes=PLENTY)
    assert (counts(database), counts(database, B)) == ([1, 2, 1, 1], [0, 0, 0, 0])


@pytest.mark.parametrize("step", [1, 2, 7, 8, 100])
def test_it_goes_in_steps(database: Database, monkeypatch: pytest.MonkeyPatch, step: int) -> None:
    fill(database, [*range(26, 30), *range(31, 35)])
    monkeypatch.setattr(pruning, "STEP", step)
    monkeypatch.setattr(pruning, "BLOCKS", step)
    done = actions.prune(database, {A: 30}, NOW, hours=30 * 24, most_bytes=PLENTY)
    assert done == Pruned(requests=4, finds=8, blocks=4, too_many=0, answers=4)
    assert counts(database) == [4, 8, 4, 4]


@pytest.mark.parametrize("step", [1, 2, 100])
def test_when_blocks_are_too_large_together_the_oldest_of_all_accounts_go(
    database: Database, monkeypatch: pytest.MonkeyPatch, step: int
) -> None:
    monkeypatch.setattr(pruning, "BLOCKS", step)
    fill(database, [1, 3, 5, 7])
    fill(database, [2, 4, 6, 8], cm_id=B)
    with database.read() as tx:
        sizes = sql.sizes(tx, [A, B])
    assert sizes[A] == sizes[B] > 0
    done = actions.prune(database, {A: 30, B: 30}, NOW, hours=9_000, most_bytes=sizes[A])
    assert done.too_many == 4
    with database.read() as tx:
        left = {cm_id: [at for at, _, _ in sql.oldest_blocks(tx, cm_id, 10)] for cm_id in (A, B)}
    assert left == {A: [NOW - 3 * DAY, NOW - DAY], B: [NOW - 4 * DAY, NOW - 2 * DAY]}
    assert counts(database)[0] == 4, "what is listed stays, without its bodies"


def test_it_ends_when_it_is_told_to(database: Database) -> None:
    fill(database, [31, 60])
    left = iter([True, False, False, False, False, False])
    done = actions.prune(database, {A: 30}, NOW, hours=1, most_bytes=0, go_on=lambda: next(left))
    assert done == Pruned(requests=2)
    assert counts(database) == [0, 4, 2, 2]
