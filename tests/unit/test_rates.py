"""The units of a key: spent at once, back evenly, shared by workers (contract 1.15)."""

from dataclasses import dataclass
from typing import Any

import pytest

from orderdock.accounts.options import KEY_OPTIONS, defaults
from orderdock.errors import RateLimited
from orderdock.web.request.rates import Rates
from tests.unit.site import EVENTS, PUSH, WRITE, Site, code, scope


@dataclass
class Clock:
    """Seconds that a test counts itself."""

    now: float = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def key(rate: int | None, key_id: int = 1, **changes: Any) -> Any:
    return scope(settings=defaults(KEY_OPTIONS, {"rate_per_minute": rate}), key_id=key_id, **changes)


def waits(rates: Rates, one: Any, units: int = 1) -> int:
    """Seconds after which a request would pass; 0: it passed."""
    try:
        rates.take(one, units)
    except RateLimited as error:
        return error.seconds
    return 0


def test_a_minutes_units_may_be_spent_at_once_and_come_back_evenly(clock: Clock) -> None:
    rates, one = Rates(clock=clock), key(30)
    assert [waits(rates, one) for _ in range(31)] == [0] * 30 + [2]
    clock.now += 1.9
    assert waits(rates, one) == 1
    clock.now += 0.1
    assert [waits(rates, one), waits(rates, one)] == [0, 2]
    clock.now += 3600
    assert [waits(rates, one) for _ in range(31)] == [0] * 30 + [2]


def test_what_is_refused_costs_nothing(clock: Clock) -> None:
    rates, one = Rates(clock=clock), key(3)
    assert waits(rates, one, 2) == 0
    assert [waits(rates, one, 2) for _ in range(5)] == [20] * 5
    assert waits(rates, one) == 0


@pytest.mark.parametrize(
    ("items", "cost"), [(1, 1), (100, 1), (101, 2), (200, 2), (201, 3), (1000, 10), (5000, 50), (0, 1)]
)
def test_every_further_started_hundred_items_costs_one(clock: Clock, items: int, cost: int) -> None:
    rates, one = Rates(clock=clock), key(60)
    rates.take(one)
    rates.take_for_items(one, items)
    left = rates.left(one)
    assert left is not None
    assert left == (60, 60 - cost, cost)


def test_a_request_that_costs_more_than_a_minute_passes_once_and_is_paid_off(clock: Clock) -> None:
    rates, one = Rates(clock=clock), key(6)
    rates.take(one)
    with pytest.raises(RateLimited) as refused:
        rates.take(one, 9)
    assert refused.value.seconds == 10
    clock.now += 10
    assert waits(rates, one, 9) == 0
    assert rates.left(one) == (6, 0, 90)
    assert waits(rates, one) == 40
    clock.now += 40
    assert waits(rates, one) == 0


def test_a_key_without_a_limit_has_none(clock: Clock) -> None:
    rates, one = Rates(clock=clock), key(None)
    assert [waits(rates, one, 1000) for _ in range(50)] == [0] * 50
    assert rates.left(one) is None


def test_keys_have_units_of_their_own(clock: Clock) -> None:
    rates = Rates(clock=clock)
    mine, other, same_number = key(1), key(1, key_id=2), key(1, cm_id=7)
    assert [waits(rates, one) for one in (mine, other, same_number)] == [0, 0, 0]
    assert [waits(rates, one) for one in (mine, other, same_number)] == [60, 60, 60]


def test_each_worker_gives_its_share_and_one_unit_at_least(clock: Clock) -> None:
    assert [Rates(workers, clock).left(key(10)) for workers in (1, 2, 4, 64)] == [
        (10, 10, 0), (5, 5, 0), (2, 2, 0), (1, 1, 0),
    ]  # fmt: skip
    rates = Rates(4, clock)
    assert [waits(rates, key(10)) for _ in range(3)] == [0, 0, 12]


def test_a_changed_rate_counts_at_once(clock: Clock) -> None:
    rates = Rates(clock=clock)
    rates.take(key(100))
    assert rates.left(key(10)) == (10, 10, 0)
    rates.take(key(10), 10)
    assert rates.left(key(100)) == (100, 0, 60)


def test_keys_that_have_all_their_units_are_forgotten(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("orderdock.web.request.rates._MOST", 100)
    rates = Rates(clock=clock)
    for number in range(100):
        rates.take(key(5, key_id=number), 9 if number == 7 else 1)
    clock.now += 61
    rates.take(key(5, key_id=1000))
    assert len(rates._purses) == 2  # the new one, and the one that owed something
    assert rates.left(key(5, key_id=7)) == (5, 1, 48)


def test_a_limited_key_is_told_so_in_every_answer() -> None:
    site = Site(keys={"K": key(2)})
    service = site.service()
    asked = [site.ask_again(service, WRITE, PUSH), site.ask_again(service, EVENTS, method="DELETE")]
    assert [dict(answer.headers).get("ratelimit-remaining") for answer in asked] == ["1", None]
    told = site.ask_again(service, WRITE, b"not json")
    assert (told.status, dict(told.headers)["ratelimit-limit"], dict(told.headers)["ratelimit-remaining"]) == (
        400, "2", "0",
    )  # fmt: skip
    late = site.ask_again(service, WRITE, b"not json")
    assert (late.status, code(late), dict(late.headers)["retry-after"]) == (429, "RateLimited", "30")
    assert dict(late.headers)["ratelimit-reset"] == "60"


def test_a_key_without_a_limit_is_told_of_none() -> None:
    assert not any(name.startswith("ratelimit") for name, _ in Site().ask(WRITE, PUSH).headers)


def test_items_are_paid_for_before_anything_is_written() -> None:
    site = Site(keys={"K": key(3)})
    service = site.service()
    site.ask_again(service, WRITE, PUSH)
    site.ask_again(service, WRITE, PUSH)
    many = b"[%b]" % b",".join([b'{"phone":"8123456789"}'] * 101)
    refused = site.ask_again(service, WRITE, many)
    assert (refused.status, code(refused)) == (429, "RateLimited")
    assert len(site.writer.taken) == 2


def test_a_request_that_is_not_the_keys_spends_nothing() -> None:
    site = Site(keys={"K": key(1), "no": key(1, enabled=False)})
    service = site.service()
    for _ in range(3):
        assert site.ask_again(service, WRITE, PUSH, headers={"authorization": "Basic no"}).status == 401
        assert site.ask_again(service, "/nothing", PUSH).status == 404
    assert site.ask_again(service, WRITE, PUSH).status == 200
