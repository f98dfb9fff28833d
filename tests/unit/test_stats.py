"""What is counted for an administrator: plain numbers that workers share."""

import multiprocessing
import os
import threading
from typing import get_args

import pytest

from orderdock import stats
from orderdock.orders.model import Outcome
from orderdock.stats import PLAN, Board, Stats
from orderdock.wire.refusals import STATUS_V1


def test_every_outcome_of_an_item_is_counted() -> None:
    assert set(stats.ITEM_OUTCOMES) == set(get_args(Outcome))


def test_every_refusal_is_of_a_class_that_is_explained() -> None:
    found = {code: list(stats.OUTCOMES)[stats._OUTCOME_OF[status]] for code, status in STATUS_V1.items()}
    assert set(found.values()) | {"ok"} == set(stats.OUTCOMES)
    assert {code: found[code] for code in ("AuthKeyInvalid", "RateLimited", "Overloaded", "ServerFailure")} == {
        "AuthKeyInvalid": "unauthorised", "RateLimited": "limited", "Overloaded": "overloaded",
        "ServerFailure": "failed",
    }  # fmt: skip
    assert "ok" not in found.values()


def test_a_request_is_counted_by_route_outcome_status_and_time() -> None:
    one = Stats()
    one.know(["/a", "/b"])
    one.request("/b", 0, 200, 0.004)
    one.request("/b", 401, 200, 30.0)
    requests = PLAN.requests + one.routes["/b"] * len(stats.OUTCOMES)
    assert [one.board.total(requests + n) for n in range(2)] == [1, 1]
    assert one.board.total(PLAN.responses + 200) == 2
    start = PLAN.request_seconds + one.routes["/b"] * stats.width(stats.REQUEST_SECONDS)
    assert [one.board.total(start + n) for n in range(9)] == [0, 1, 0, 0, 0, 0, 0, 1, 30_004_000_000]


def test_routes_beyond_the_bound_count_as_others() -> None:
    one = Stats()
    one.know(f"/{number}" for number in range(100))
    assert len(one.routes) == stats.ROUTES_MOST
    one.request("/99", 0, 200, 0.1)
    assert one.board.total(PLAN.requests + one.routes["other"] * len(stats.OUTCOMES)) == 1


def test_writing_threads_lose_no_count() -> None:
    one = Stats()

    def write() -> None:
        for _ in range(2_000):
            one.group(0.001, 0.0005, {"created": 2, "failed": 1}, 5)

    threads = [threading.Thread(target=write) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    counted = [PLAN.items["created"], PLAN.items["failed"], PLAN.counters["events"]]
    assert [one.board.total(place) for place in counted] == [16_000, 8_000, 40_000]


def _count_in_place(board: Board, place: int) -> None:
    one = Stats(board, place)
    one.count("retries")
    one.show(connections=7)
    os.kill(os.getpid(), 9)


def test_what_a_killed_worker_counted_stays_and_its_place_is_taken_over() -> None:
    board = Board(2)
    context = multiprocessing.get_context("fork")
    for _ in range(3):
        process = context.Process(target=_count_in_place, args=(board, 1))
        process.start()
        process.join()
    assert board.total(PLAN.counters["retries"]) == 3
    assert board.workers().keys() == {1}
    again = Stats(board, 1)
    assert board.workers() == {1: os.getpid()}
    assert (board.total(PLAN.gauges["connections"]), board.total(PLAN.counters["retries"])) == (0, 3)
    again.count("retries")
    assert board.total(PLAN.counters["retries"]) == 4


def test_no_number_stands_in_the_place_of_another() -> None:
    groups = sum(stats.width(one) for one in (stats.GROUP_ITEMS, stats.GROUP_SECONDS, stats.COMMIT_SECONDS))
    single = 1 + len(PLAN.gauges) + len(PLAN.counters) + len(PLAN.items) + len(PLAN.results)
    routes = stats.ROUTES_MOST * (len(stats.OUTCOMES) + stats.width(stats.REQUEST_SECONDS))
    assert single + routes + 600 + groups == PLAN.size


def test_a_gauge_that_there_is_not_is_refused() -> None:
    with pytest.raises(KeyError):
        Stats().show(nothing=1)
