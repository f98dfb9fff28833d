"""Browsers of other origins: what they are told before and with an answer (contract 1.16)."""

import asyncio

import pytest

from orderdock.accounts.model import Account
from orderdock.accounts.options import ACCOUNT_OPTIONS, read_options
from orderdock.errors import Invalid
from tests.unit.site import EVENTS, KEY, PUSH, WRITE, Site, scope

SHOP, ELSEWHERE = "https://shop.example.com", "https://elsewhere.example.com"
ASKS = {"access-control-request-method": "POST"}


def account(*origins: str) -> dict[str, Account]:
    return {"kapdemo": Account(1000298, "Kap", "kapdemo", {"cors_origins": list(origins)}, 0)}


def site(*origins: str) -> Site:
    return Site(keys={"K": scope(account={"cors_origins": list(origins)})}, accounts=account(*origins), origins=origins)


def allowed(answer: object) -> dict[str, str]:
    headers: list[tuple[str, str]] = answer.headers  # type: ignore[attr-defined]  # an answer
    return {name: value for name, value in headers if name.startswith("access-control-")}


@pytest.mark.parametrize("host", ["kapdemo.example.com", "127.0.0.1", "unknown.example.com"])
def test_a_listed_origin_may_ask_and_is_told_what_it_may_send(host: str) -> None:
    answer = site(SHOP).ask(WRITE, method="OPTIONS", headers={"origin": SHOP, "host": host, **ASKS})
    assert (answer.status, answer.body, dict(answer.headers)["allow"]) == (204, b"", "POST")
    assert allowed(answer) == {
        "access-control-allow-origin": SHOP,
        "access-control-allow-methods": "POST",
        "access-control-allow-headers": (
            "Authorization, X-Api-Key, Content-Type, Idempotency-Key, Prefer, X-Request-Id, If-Match, If-None-Match"
        ),
        "access-control-max-age": "600",
    }
    assert dict(answer.headers)["vary"] == "Origin"


@pytest.mark.parametrize("origin", [ELSEWHERE, "null", "*", "", SHOP + "/", SHOP.upper(), "http://shop.example.com"])
def test_another_origin_is_told_nothing(origin: str) -> None:
    answer = site(SHOP).ask(WRITE, method="OPTIONS", headers={"origin": origin, **ASKS})
    assert (answer.status, allowed(answer)) == (204, {})
    assert allowed(site(SHOP).ask(WRITE, PUSH, headers={**KEY, "origin": origin})) == {}


def test_where_the_host_names_an_account_its_list_decides() -> None:
    here = Site(accounts=account(SHOP), origins=(SHOP, ELSEWHERE))
    headers = {"origin": ELSEWHERE, "host": "kapdemo.example.com", **ASKS}
    assert allowed(here.ask(WRITE, method="OPTIONS", headers=headers)) == {}
    assert here.lookups == []
    assert allowed(here.ask(WRITE, method="OPTIONS", headers={**headers, "host": "10.0.0.1"}))


def test_a_plain_options_is_answered_without_a_look_up() -> None:
    here = site(SHOP)
    for headers in ({}, {"origin": SHOP}, ASKS):
        assert allowed(here.ask(WRITE, method="OPTIONS", headers=headers)) == {}
    assert here.lookups == []


def test_many_preflights_cause_one_look_up() -> None:
    here = site(SHOP)

    async def run() -> list[str]:
        service = here.service()
        asked = [here.respond(service, WRITE, method="OPTIONS", headers={"origin": SHOP, **ASKS}) for _ in range(50)]
        answers = await asyncio.gather(*map(asyncio.ensure_future, asked))
        return [allowed(answer)["access-control-allow-origin"] for answer in answers]

    assert asyncio.run(run()) == [SHOP] * 50
    assert here.lookups == ["origins"]


def test_answers_and_refusals_to_a_listed_origin_can_be_read() -> None:
    for path, body, method, status in (
        (WRITE, PUSH, "POST", 200), (WRITE, b"{", "POST", 400), (EVENTS + "?after=x", b"", "GET", 400),
    ):  # fmt: skip
        answer = site(ELSEWHERE, SHOP).ask(path, body, method, headers={**KEY, "origin": SHOP})
        assert answer.status == status
        assert allowed(answer)["access-control-allow-origin"] == SHOP
        exposed = allowed(answer)["access-control-expose-headers"]
        assert {"X-Request-Id", "Retry-After", "RateLimit-Remaining", "ETag"} <= set(exposed.split(", "))
        assert "access-control-allow-credentials" not in allowed(answer)
        assert ("vary", "Origin") in answer.headers


def test_an_account_without_origins_says_nothing_of_them() -> None:
    answer = Site().ask(WRITE, PUSH, headers={**KEY, "origin": SHOP})
    assert allowed(answer) == {}
    assert "vary" not in dict(answer.headers)
    assert ("vary", "Origin") in site(SHOP).ask(WRITE, PUSH).headers


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("https://Shop.Example.com/", ["https://shop.example.com"]),
        ("https://a.example:443, http://b.example:80,http://c.example:8080",
         ["https://a.example", "http://b.example", "http://c.example:8080"]),
        ("http://[::1]:5173", ["http://[::1]:5173"]),
        ("capacitor://localhost", ["capacitor://localhost"]),
        ("", []),
    ],
)  # fmt: skip
def test_origins_are_kept_as_browsers_write_them(typed: str, kept: list[str]) -> None:
    assert read_options(ACCOUNT_OPTIONS, {"cors_origins": typed}) == {"cors_origins": kept}


@pytest.mark.parametrize(
    "typed", ["*", "null", "shop.example.com", "https://*.example.com", "https://a.example/b", "https://"]
)
def test_what_is_no_origin_is_refused(typed: str) -> None:
    with pytest.raises(Invalid, match=r"cors_origins=.*: must be at most 100 origins such as"):
        read_options(ACCOUNT_OPTIONS, {"cors_origins": typed})
