"""Who asks too often, from the wrong place or with the wrong credential (contract 1.3, 1.15, 1.16)."""

import json
import shutil
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.http import RawConnection
from tests.world import (
    EVENTS,
    GET,
    WRITE,
    WRONG_KEY,
    World,
    basic,
    call,
    cli,
    item,
    new_account,
    new_key,
    post,
    running,
    write,
)

SHOP, ELSEWHERE = "https://shop.example.com", "https://elsewhere.example.com"


@pytest.fixture(scope="module")
def guarded(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A server that looks at wrong credentials as it does by default, and believes the proxy on this machine."""
    directory = tmp_path_factory.mktemp("guarded")
    url = f"sqlite:///{shutil.copyfile(sqlite_template, directory / 'orderdock.db')}"
    with running(url, directory, ORDERDOCK_FAILED_LOGINS="20", ORDERDOCK_TRUSTED_PROXIES="127.0.0.1") as world:
        yield world


def from_address(address: str) -> dict[str, str]:
    return {"X-Forwarded-For": address}


def test_after_twenty_wrong_credentials_an_address_waits(guarded: World) -> None:
    here, there = from_address("203.0.113.1"), from_address("203.0.113.2")
    tries = [post(guarded, GET, [{}], key=WRONG_KEY, headers=here) for _ in range(21)]
    assert [answer.status_code for answer in tries] == [401] * 20 + [429]
    late = tries[-1].json()
    assert [late[name] for name in ("Message", "Status", "Error")] == ["Too many requests.", "failed", "RateLimited"]
    assert 50 <= int(tries[-1].headers["Retry-After"]) <= 60
    refused = call(guarded, "GET", EVENTS, headers=here)  # with the right key
    assert (refused.status_code, refused.json()["error"]) == (429, "RateLimited")
    assert call(guarded, "GET", EVENTS, headers=there).status_code == 200
    assert call(guarded, "GET", "/healthz", key=None, headers=here).status_code == 200
    assert '"event": "an address sent too many wrong credentials"' in guarded.server.log.read_text()


def test_guessing_a_password_many_times_at_once_does_not_help(guarded: World) -> None:
    here = from_address("2001:db8::1")
    with ThreadPoolExecutor(40) as pool:
        guesses = [f"ops:guess number {number}" for number in range(120)]
        told = Counter(pool.map(lambda guess: _status(guarded, guess, here), guesses))
    assert told.keys() == {401, 429}
    assert told[401] <= 23  # those that were being looked at when the twentieth was found wrong
    neighbour = from_address("2001:db8:0:0:ffff::9")  # of the same network, so the same caller
    assert call(guarded, "GET", EVENTS, headers=neighbour).status_code == 429
    assert call(guarded, "GET", EVENTS, headers=from_address("2001:db8:0:1::1")).status_code == 200


def _status(world: World, guess: str, headers: dict[str, str]) -> int:
    return post(world, GET, [{}], key=None, headers={"Authorization": basic(guess), **headers}).status_code


def test_an_expired_key_is_no_guess(guarded: World) -> None:
    here = from_address("203.0.113.3")
    assert {call(guarded, "GET", EVENTS, key="Kexp", headers=here).status_code for _ in range(25)} == {401}
    assert {call(guarded, "GET", EVENTS, key=None, headers=here).status_code for _ in range(25)} == {401}
    assert call(guarded, "GET", EVENTS, headers=here).status_code == 200


def test_items_are_units(world: World) -> None:
    key = new_key(world, rate_per_minute="10")
    answer = write(world, *(item() for _ in range(250)), key=key)
    assert (answer.status_code, answer.headers["RateLimit-Remaining"]) == (200, "7")
    read = post(world, GET, [{"order_id": "1"}] * 101, key=key)
    assert read.headers["RateLimit-Remaining"] == "5"
    replayed = post(world, GET, [{"order_id": "1"}] * 600, key=key)
    assert (replayed.status_code, replayed.json()["Error"]) == (429, "RateLimited")
    assert replayed.headers["RateLimit-Remaining"] == "4"
    assert int(replayed.headers["Retry-After"]) in range(1, 7)


def test_repeats_and_trials_cost_as_much_as_first_requests(world: World) -> None:
    key, order = new_key(world, rate_per_minute="10"), item()
    again = {"Idempotency-Key": "one-and-the-same"}
    answers = [write(world, order, key=key, headers=again) for _ in range(2)]
    assert [answer.headers["RateLimit-Remaining"] for answer in answers] == ["9", "8"]
    assert answers[1].headers["Idempotency-Replayed"] == "true"
    trial = post(world, f"{WRITE}?dry_run=true", [item() for _ in range(101)], key=key)
    assert (trial.status_code, trial.headers["RateLimit-Remaining"]) == (200, "6")


def test_browsers_of_listed_origins_may_call(world: World) -> None:
    shop = new_account(world)
    preflight = {"Origin": SHOP, "Access-Control-Request-Method": "POST"}
    at_home = {**preflight, "Host": f"{shop.subdomain}.example.com"}
    assert "Access-Control-Allow-Origin" not in call(world, "OPTIONS", WRITE, key=None, headers=at_home).headers
    cli(world, "account", "set", "--account", shop.subdomain, f"cors_origins={SHOP}/")
    shop = new_account(world, cors_origins=f"{SHOP}, https://two.example.com")
    at_home = {**preflight, "Host": f"{shop.subdomain}.example.com"}
    answer = call(world, "OPTIONS", WRITE, key=None, headers=at_home)
    assert (answer.status_code, answer.content, answer.headers["Allow"]) == (204, b"", "POST")
    assert (answer.headers["Access-Control-Allow-Origin"], answer.headers["Access-Control-Max-Age"]) == (SHOP, "600")
    made = write(world, item(), key=shop.key, headers={"Origin": SHOP})
    assert (made.status_code, made.headers["Access-Control-Allow-Origin"]) == (200, SHOP)
    refused = call(world, "GET", f"{EVENTS}?after=x", key=shop.key, headers={"Origin": SHOP})
    assert (refused.status_code, refused.headers["Access-Control-Allow-Origin"]) == (400, SHOP)
    for headers in (write(world, item(), key=shop.key, headers={"Origin": ELSEWHERE}).headers,
                    write(world, item(), headers={"Origin": SHOP}).headers):  # fmt: skip
        assert not [name for name in headers if name.startswith("access-control")]


def test_a_preflight_where_the_host_names_no_account(guarded: World) -> None:
    preflight = {"Access-Control-Request-Method": "GET", "Access-Control-Request-Headers": "authorization"}
    new_account(guarded, cors_origins=SHOP)
    told = {
        origin: call(guarded, "OPTIONS", EVENTS, key=None, headers={**preflight, "Origin": origin}).headers
        for origin in (SHOP, ELSEWHERE)
    }
    assert told[SHOP]["Access-Control-Allow-Origin"] == SHOP
    assert told[SHOP]["Access-Control-Allow-Methods"] == "GET, HEAD"
    assert "Authorization" in told[SHOP]["Access-Control-Allow-Headers"]
    assert "Access-Control-Allow-Origin" not in told[ELSEWHERE]
    assert told[ELSEWHERE]["Vary"] == "Origin"


@pytest.mark.parametrize(
    ("method", "path", "key"),
    [
        ("POST", GET, "K"), ("POST", GET, WRONG_KEY), ("PUT", GET, "K"), ("POST", "/nothing.html", None),
        ("GET", "/healthz", None), ("GET", "/readyz", None), ("GET", EVENTS, "K"), ("OPTIONS", WRITE, None),
        ("GET", f"{EVENTS}?after=x", "K"),
    ],
)  # fmt: skip
def test_every_answer_guards_its_reader(world: World, method: str, path: str, key: str | None) -> None:
    headers = call(world, method, path, key=key).headers
    assert (headers["X-Content-Type-Options"], headers["Referrer-Policy"]) == ("nosniff", "no-referrer")
    assert headers["Server"] == "orderdock"
    assert "Strict-Transport-Security" not in headers


def test_what_is_not_http_is_answered_with_the_same_guards(world: World) -> None:
    with RawConnection(world.server.port) as connection:
        connection.send(b"hello\r\n\r\n")
        answer = connection.answer()
    assert (answer.status, answer.headers["x-content-type-options"]) == (400, "nosniff")
    assert json.loads(answer.body)["error"] == "InvalidHeader"
