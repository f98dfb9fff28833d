"""Who sends wrong credentials again and again waits (contract 1.3)."""

import asyncio
from ipaddress import ip_address
from typing import Any

import pytest

from orderdock.errors import RateLimited
from orderdock.web.request.failures import Failures
from tests.unit.site import KEY, PUSH, WRITE, Site, code, scope
from tests.unit.test_rates import Clock

WRONG = {"authorization": "Basic wrong"}


@pytest.fixture
def clock() -> Clock:
    return Clock()


def fail(failures: Failures, address: str, times: int = 1) -> None:
    for _ in range(times):
        failures.note(ip_address(address))


def is_quiet(failures: Failures) -> bool:
    return failures.is_quiet


def is_refused(failures: Failures, address: str | None) -> bool:
    try:
        failures.admit(ip_address(address) if address else None)
    except RateLimited:
        return True
    return False


def test_after_so_many_in_a_minute_an_address_waits_a_minute(clock: Clock) -> None:
    failures = Failures(20, clock)
    fail(failures, "192.0.2.1", 19)
    assert is_quiet(failures)
    fail(failures, "192.0.2.1")
    assert not is_quiet(failures)
    assert is_refused(failures, "192.0.2.1")
    assert not is_refused(failures, "192.0.2.2")
    clock.now += 59.5
    with pytest.raises(RateLimited) as refused:
        failures.admit(ip_address("192.0.2.1"))
    assert refused.value.seconds == 1
    clock.now += 0.5
    assert not is_refused(failures, "192.0.2.1")
    assert is_quiet(failures)


def test_slow_failures_are_no_attack(clock: Clock) -> None:
    failures = Failures(20, clock)
    for _ in range(100):
        fail(failures, "192.0.2.1")
        clock.now += 3.2
    assert is_quiet(failures)
    fail(failures, "192.0.2.1", 3)
    assert not is_quiet(failures)  # with those of the last minute there are twenty


def test_a_network_of_ipv6_is_one_address(clock: Clock) -> None:
    failures = Failures(2, clock)
    fail(failures, "2001:db8::1")
    fail(failures, "2001:db8::ffff:1")
    assert is_refused(failures, "2001:db8:0:0:9::9")
    assert not is_refused(failures, "2001:db8:0:1::1")
    assert not is_refused(failures, "0.0.0.1")


def test_addresses_that_nobody_knows_are_one(clock: Clock) -> None:
    failures = Failures(2, clock)
    failures.note(None)
    failures.note(None)
    assert is_refused(failures, None)
    assert not is_refused(failures, "192.0.2.1")


def test_nought_switches_it_off(clock: Clock) -> None:
    failures = Failures(0, clock)
    fail(failures, "192.0.2.1", 100)
    assert is_quiet(failures)


def test_what_is_remembered_is_bounded(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("orderdock.web.request.failures._MOST", 50)
    failures = Failures(2, clock)
    for number in range(1000):
        fail(failures, f"10.0.{number // 256}.{number % 256}")
    assert len(failures._failed) == 50
    for number in range(200):
        fail(failures, f"10.1.0.{number}", 2)
    assert len(failures._refused) == 50
    assert is_refused(failures, "10.1.0.199")


def test_whoever_fails_too_often_is_refused_before_a_credential_is_looked_up() -> None:
    site = Site(settings={"failed_logins": 3})
    service = site.service()
    for _ in range(3):
        assert site.ask_again(service, WRITE, PUSH, headers=WRONG).status == 401
    looked_up = len(site.lookups)
    for headers in (WRONG, KEY, {}):  # a good credential waits too
        answer = site.ask_again(service, WRITE, PUSH, headers=headers)
        assert (answer.status, code(answer), dict(answer.headers)["retry-after"]) == (429, "RateLimited", "60")
    assert len(site.lookups) == looked_up
    assert site.ask_again(service, WRITE, PUSH, peer="10.0.0.8:1").status == 200
    assert site.ask_again(service, "/healthz", method="GET", headers={}).status == 200


def test_which_failures_count() -> None:
    site = Site(
        keys={"off": scope(enabled=False), "old": scope(expires_at=1), "login": scope(kind="login"), "K": scope()},
        settings={"failed_logins": 2},
    )
    for sent, counts in (
        ({}, False),
        ({"authorization": "Digest abc"}, False),
        ({"authorization": "Basic old"}, False),
        ({"authorization": "Basic off"}, True),
        ({"authorization": "Bearer login"}, True),
        (WRONG, True),
    ):
        service = site.service()
        last = [site.ask_again(service, WRITE, PUSH, headers=sent) for _ in range(3)][-1]
        assert (last.status == 429) is counts, sent
    service = site.service()
    assert {site.ask_again(service, f"{WRITE}?auth_key=K", PUSH, headers={}).status for _ in range(5)} == {401}


def test_behind_a_proxy_the_address_is_the_forwarded_one() -> None:
    site = Site(settings={"failed_logins": 2}, proxies=("10.0.0.0/8",))
    service = site.service()

    def ask(headers: dict[str, str], forwarded: str) -> int:
        return site.ask_again(service, WRITE, PUSH, headers={**headers, "x-forwarded-for": forwarded}).status

    assert [ask(WRONG, "203.0.113.9") for _ in range(3)] == [401, 401, 429]
    assert ask(KEY, "203.0.113.10") == 200
    assert ask(KEY, "203.0.113.9, 203.0.113.10") == 200  # what a caller says of itself does not count


def test_attempts_that_wait_for_their_turn_are_refused_with_the_others() -> None:
    looked_up: list[str] = []

    async def run() -> list[Any]:
        site = Site(settings={"failed_logins": 2})
        service = site.service()
        gate = asyncio.Semaphore(1)
        find = service.credentials._look_up

        async def slowly(token: str, check: Any) -> Any:
            async with gate:
                check()
                looked_up.append(token)
                await asyncio.sleep(0)
                return await find(token, lambda: None)

        service.credentials._look_up = slowly
        tries = [
            asyncio.ensure_future(site.respond(service, WRITE, PUSH, headers={"authorization": f"Basic w{number}"}))
            for number in range(40)
        ]
        return [(await one).status for one in tries]

    statuses = asyncio.run(run())
    assert statuses.count(429) >= 36
    assert len(looked_up) <= 4
