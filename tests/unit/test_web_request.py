"""The chain that every request goes through (contract 1.1 - 1.5, 1.15, 1.16), without a server or a database."""

import asyncio
import gzip
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import pytest

from orderdock.accounts.model import Account
from orderdock.errors import Overloaded, RequestTimeout
from orderdock.group import rehearse
from orderdock.web.request import (
    Answer,
    Call,
    Request,
    Route,
    respond,
)
from orderdock.wire.refusals import is_failure
from tests.unit.site import EVENTS, GET, KEY, PULL, PUSH, WRITE, Site, Writer, code, request, scope, told


def test_a_push_is_written_and_answered() -> None:
    site = Site()
    answer = site.ask(WRITE, PUSH)
    assert answer.status == 200
    assert msgspec.json.decode(answer.body)[0]["outcome"] == "created"
    (taken,) = site.writer.taken
    assert (taken.cm_id, taken.items, taken.size, taken.work.strict) == (1000298, 1, len(PUSH), False)
    assert dict(answer.headers)["cache-control"] == "no-store"
    assert dict(answer.headers)["x-request-id"] == taken.work.request_id


@pytest.mark.parametrize("path", [WRITE, WRITE + "/", WRITE + "/v.2.0", WRITE + "/v.2.0/", WRITE + "?=&x"])
def test_addresses_of_one_endpoint(path: str) -> None:
    assert Site().ask(path, PUSH).status == 200


@pytest.mark.parametrize(
    "path", ["/nothing.html", WRITE.upper(), WRITE + "//", WRITE + "/v.3.0", "/add-update-order", "/"]
)
def test_g12_unknown_addresses(path: str) -> None:
    answer = Site().ask(path)
    assert (answer.status, code(answer)) == (404, "NotFound")
    assert ("Message" in told(answer)) == (".html" in path and not path.endswith(("//", "3.0")))


def test_g11_wrong_methods_are_told_the_right_ones() -> None:
    answer = Site().ask(WRITE, method="GET")
    assert (answer.status, code(answer), dict(answer.headers)["allow"]) == (405, "MethodNotAllowed", "POST")
    assert dict(Site().ask(EVENTS, method="DELETE").headers)["allow"] == "GET, HEAD"


def test_options_need_no_credential() -> None:
    answer = Site().ask(EVENTS, method="OPTIONS", headers={})
    assert (answer.status, answer.body, dict(answer.headers)["allow"]) == (204, b"", "GET, HEAD")
    assert Site().ask("/nothing", method="OPTIONS", headers={}).status == 404


def test_the_callers_request_id_is_echoed_if_it_can_be() -> None:
    for sent, echoed in (("my.ID_1-x", True), ("a" * 128, True), ("a" * 129, False), ("a b", False), ("", False)):
        answer = Site().ask(WRITE, PUSH, headers={**KEY, "x-request-id": sent})
        assert (dict(answer.headers)["x-request-id"] == sent) is echoed
    service = Site().service()
    assert service.request_id(None) != service.request_id(None)


@pytest.mark.parametrize(
    ("headers", "query", "good"),
    [
        ({"authorization": "Basic K"}, "", True),
        ({"authorization": "bASIC  K "}, "", True),
        ({"authorization": "Bearer K"}, "", True),
        ({"authorization": "K"}, "", True),
        ({"x-api-key": "K"}, "", True),
        ({"x-api-key": "Basic K"}, "", True),
        ({"authorization": "Digest abc", "x-api-key": "K"}, "", True),
        ({"authorization": "Basic ", "x-api-key": "K"}, "", True),
        ({"authorization": "", "x-api-key": "K"}, "", True),
        ({"authorization": "Basic wrong", "x-api-key": "K"}, "", False),
        ({"authorization": "Digest abc"}, "", False),
        ({"x-api-key": "Bearer K"}, "", False),
        ({}, "", False),
        ({}, "auth_key=K", False),
        ({"authorization": "Basic wrong"}, "auth_key=K", False),
    ],
)
def test_g2_where_a_credential_may_stand(headers: dict[str, str], query: str, good: bool) -> None:
    answer = Site().ask(f"{WRITE}?{query}", PUSH, headers=headers)
    assert answer.status == (200 if good else 401)
    if not good:
        assert dict(answer.headers)["www-authenticate"] == 'Bearer realm="orderdock"'


def test_g3_keys_in_the_address_only_where_the_account_allows_them() -> None:
    off = Site().ask(f"{WRITE}?auth_key=K", PUSH, headers={})
    assert "switched off" in told(off)["errors"][0]["message"]
    on = Site(keys={"K": scope(account={"allow_query_key": True})})
    assert on.ask(f"{WRITE}?auth_key=K", PUSH, headers={}).status == 200


def test_a_login_is_no_bearer_token() -> None:
    site = Site(keys={"K": scope(kind="login")})
    assert site.ask(WRITE, PUSH).status == 200
    assert site.ask(WRITE, PUSH, headers={"authorization": "Bearer K"}).status == 401


def test_g4_g6_disabled_and_expired_keys() -> None:
    yesterday = int(time.time() * 1000) - 86_400_000
    for changes, expected in (
        ({"enabled": False}, "AuthKeyInvalid"),
        ({"expires_at": yesterday}, "APIExpired"),
        ({"enabled": False, "expires_at": yesterday}, "AuthKeyInvalid"),
    ):
        answer = Site(keys={"K": scope(**changes)}).ask(WRITE, PUSH)
        assert (answer.status, code(answer)) == (401, expected)


def test_a_key_that_expires_soon_says_so() -> None:
    soon = scope(expires_at=int(time.time() * 1000) + 86_400_000, settings={"expires_on": "2026-12-31"})
    late = scope(expires_at=int(time.time() * 1000) + 40 * 86_400_000, settings={"expires_on": "2026-12-31"})
    assert dict(Site(keys={"K": soon}).ask(WRITE, PUSH).headers)["orderdock-key-expires"] == "2026-12-31"
    assert "orderdock-key-expires" not in dict(Site(keys={"K": late}).ask(WRITE, PUSH).headers)


def test_g7_addresses_that_a_key_may_be_used_from() -> None:
    site = Site(keys={"K": scope(networks=(ip_network("203.0.113.0/24"), ip_network("2001:db8::/32")))})
    for peer, status in (
        ("203.0.113.9:1", 200), ("[2001:db8::1]:1", 200), ("[::ffff:203.0.113.9]:1", 200), ("10.0.0.7:1", 403),
        ("", 403),
    ):  # fmt: skip
        assert site.ask(WRITE, PUSH, peer=peer).status == status
    assert code(site.ask(WRITE, PUSH)) == "IpNotAllowed"


def test_forwarded_addresses_count_behind_trusted_proxies_only() -> None:
    keys = {"K": scope(networks=(ip_network("203.0.113.9"),))}
    forwarded = {**KEY, "x-forwarded-for": "198.51.100.1, 203.0.113.9, 10.1.1.1"}
    assert Site(keys=keys).ask(WRITE, PUSH, headers=forwarded).status == 403
    behind = Site(keys=keys, proxies=("10.0.0.0/8",))
    assert behind.ask(WRITE, PUSH, headers=forwarded).status == 200
    assert behind.ask(WRITE, PUSH, headers={**KEY, "x-forwarded-for": "203.0.113.9, 198.51.100.1"}).status == 403
    assert behind.ask(WRITE, PUSH, headers={**KEY, "x-forwarded-for": "nonsense"}).status == 403
    assert behind.ask(WRITE, PUSH).status == 403


def other(**options: Any) -> dict[str, Account]:
    return {"other": Account(2469, "Other", "other", options, 0), "kapdemo": Account(1000298, "Kap", "kapdemo", {}, 0)}


def test_g8_a_host_of_another_account() -> None:
    site = Site(accounts=other())
    for host in ("other.example.com", "OTHER.example.com:8080", "other"):
        answer = site.ask(WRITE, PUSH, headers={**KEY, "host": host})
        assert (answer.status, told(answer)["Error"], code(answer)) == (401, "AuthKeyInvalid", "AccountMismatch")
    assert site.ask(EVENTS, method="GET", headers={**KEY, "host": "other.example.com"}).status == 403
    for host in ("kapdemo.example.com", "unknown.example.com", "127.0.0.1:8480", "[::1]:8480", "localhost", ""):
        assert site.ask(WRITE, PUSH, headers={**KEY, "host": host}).status == 200


def test_a_forwarded_host_counts_behind_trusted_proxies_only() -> None:
    headers = {**KEY, "host": "inside", "x-forwarded-host": "other.example.com"}
    assert Site(accounts=other()).ask(WRITE, PUSH, headers=headers).status == 200
    assert Site(accounts=other(), proxies=("10.0.0.7",)).ask(WRITE, PUSH, headers=headers).status == 401


def test_g18_the_host_says_how_failures_are_numbered_before_the_key_is_known() -> None:
    site = Site(accounts=other(http_status="always-200"))
    assert site.ask(WRITE, PUSH, headers={"host": "other.example.com"}).status == 200
    assert site.ask(WRITE, PUSH, headers={"host": "kapdemo.example.com"}).status == 401
    assert site.ask(EVENTS, method="GET", headers={"host": "other.example.com"}).status == 401


def test_g16_sizes() -> None:
    small = Site(keys={"K": scope(account={"body_max_bytes": 2000})})
    assert small.ask(WRITE, b" " * 2001).status == 413
    assert small.ask(WRITE, b"", headers={**KEY, "content-length": "2001"}).status == 413
    assert small.ask(WRITE, b"", headers={"content-length": str(2**40)}).status == 413
    many = Site(keys={"K": scope(account={"batch_max_items": 2})})
    assert code(many.ask(WRITE, b"[{},{},{}]")) == "TooManyItems"
    assert code(Site().ask(WRITE + "?" + "a" * 17_000, PUSH)) == "UrlTooLong"
    assert Site().ask(WRITE, PUSH, headers_size=33_000).status == 431


def test_compressed_bodies() -> None:
    packed = {**KEY, "content-encoding": "gzip"}
    assert Site().ask(WRITE, gzip.compress(PUSH), headers=packed).status == 200
    assert code(Site().ask(WRITE, PUSH, headers=packed)) == "MalformedBody"
    assert code(Site().ask(WRITE, gzip.compress(PUSH)[:-4], headers=packed)) == "MalformedBody"
    assert code(Site().ask(WRITE, PUSH, headers={**KEY, "content-encoding": "br"})) == "UnsupportedEncoding"
    bomb = gzip.compress(b" " * 17 * 1024 * 1024)
    assert code(Site().ask(WRITE, bomb, headers=packed)) == "PayloadTooLarge"
    assert Site().ask(WRITE, PUSH, headers={**KEY, "content-encoding": "identity"}).status == 200


def test_faults_come_in_the_order_of_the_contract() -> None:
    site = Site(keys={"K": scope("order.get")}, accounts=other())
    assert code(site.ask(WRITE, b"not json")) == "MalformedBody"
    assert code(site.ask(WRITE, b'[{"cmId":2469,"amount_paid":"1"}]')) == "AccountMismatch"
    assert code(site.ask(WRITE + "?dry_run=maybe", b"[{}]")) == "OperationNotAllowed"
    assert code(Site().ask(WRITE + "?dry_run=maybe", b"[{}]")) == "InvalidParameter"
    assert code(site.ask(WRITE, b"not json", headers={**KEY, "host": "other.a"})) == "AccountMismatch"
    assert code(site.ask(WRITE, b"not json", headers={})) == "AuthKeyInvalid"


@pytest.mark.parametrize("value", ["true", "1", "YES"])
def test_a_dry_run_never_reaches_the_writer(value: str) -> None:
    site = Site()
    site.reads.answer = [(200, b"[]")]
    answer = site.ask(f"{WRITE}?dry_run={value}", PUSH)
    assert (answer.status, dict(answer.headers)["orderdock-dry-run"]) == (200, "true")
    assert site.writer.taken == []
    assert site.reads.works == [rehearse]


@pytest.mark.parametrize(("value", "status"), [("maybe", 400), ("false", 200), ("0", 200), ("", 200)])
def test_what_is_no_dry_run_is_written_or_refused(value: str, status: int) -> None:
    site = Site()
    assert site.ask(f"{WRITE}?dry_run={value}", PUSH).status == status
    assert len(site.writer.taken) == (status == 200)


def test_preferences_are_followed_and_echoed() -> None:
    site = Site()
    answer = site.ask(WRITE, PUSH, headers={**KEY, "prefer": "handling=strict; return = Minimal, wait=5"})
    assert dict(answer.headers)["preference-applied"] == "return=minimal, handling=strict"
    assert site.writer.taken[0].work.strict
    assert list(msgspec.json.decode(answer.body)[0]) == ["order_id", "outcome", "status"]
    assert "preference-applied" not in dict(site.ask(WRITE, PUSH, headers={**KEY, "prefer": "wait=5"}).headers)


def test_overload_is_told_before_the_credential_is_looked_up() -> None:
    site = Site(writer=Writer(full=True))
    answer = site.ask(WRITE, PUSH)
    assert (answer.status, told(answer)["Error"], dict(answer.headers)["retry-after"]) == (503, "ServerFailure", "1")
    assert site.lookups == []
    assert site.ask("/healthz", method="GET", headers={}).status == 200


@pytest.mark.parametrize(("length", "is_read"), [("600", False), ("2048", False), ("2049", True), ("x", True)])
def test_who_would_wait_too_long_is_told_before_a_small_body_is_read(length: str, is_read: bool) -> None:
    read: list[int] = []

    async def receive(most: int) -> bytes:
        read.append(most)
        return PUSH

    site = Site(writer=Writer(late=True))
    answer = site.ask(WRITE, receive=receive, headers={**KEY, "content-length": length})
    assert bool(read) is is_read, "of a large body the items are counted first: it may wait for longer"
    if not is_read:
        assert (answer.status, code(answer), dict(answer.headers)["retry-after"]) == (503, "Overloaded", "1")
    for path in (GET, f"{WRITE}?dry_run=true"):
        read.clear()
        site.ask(path, receive=receive, headers={**KEY, "content-length": length})
        assert read, "a read waits for no writer, nor does a dry run"


async def _broken(call: Call) -> Answer:
    raise RuntimeError("a secret detail")


async def _busy(call: Call) -> Answer:
    raise Overloaded


def test_what_goes_wrong_inside_is_not_told_outside(capsys: pytest.CaptureFixture[str]) -> None:
    site = Site(routes={"/x.html": Route(("POST",), _broken), "/y": Route(("POST",), _busy)})
    answer = site.ask("/x.html", PUSH)
    assert (answer.status, code(answer)) == (500, "ServerFailure")
    assert b"secret" not in answer.body
    assert not any(word in answer.body for word in (b"RuntimeError", b"Traceback", b".py"))
    # By it the operator finds the rest, wherever the tests before have sent the log.
    assert dict(answer.headers)["x-request-id"] in "".join(capsys.readouterr())
    assert site.ask("/y", PUSH).status == 503


def test_a_body_that_does_not_arrive_is_refused() -> None:
    async def never(most: int) -> bytes:
        raise RequestTimeout("not received")

    answer = Site().ask(WRITE, receive=never)
    assert (answer.status, code(answer), answer.close) == (408, "RequestTimeout", True)


def test_get_reads_no_body_and_head_is_like_get() -> None:
    async def never(most: int) -> bytes:
        raise AssertionError("read")

    for method in ("GET", "HEAD"):
        assert Site().ask("/healthz", method=method, headers={}, receive=never).status == 200


def test_an_order_that_cannot_be_is_not_looked_for() -> None:
    for name in ("abc", "-1", "1.5", "9" * 30):
        assert code(Site().ask(f"/api/v1/orders/{name}", method="GET")) == "OrderNotFound"
    assert code(Site(keys={"K": scope("order.push")}).ask("/api/v1/orders/1", method="GET")) == "OperationNotAllowed"
    assert code(Site().ask("/api/v1/orders//", method="GET")) == "NotFound"


def test_x5_a_feed_from_nowhere() -> None:
    assert code(Site().ask(EVENTS + "?after=abc", method="GET")) == "InvalidNumber"
    assert code(Site(keys={"K": scope("order.push")}).ask(EVENTS, method="GET")) == "OperationNotAllowed"


def test_a_key_without_the_right_learns_nothing_of_its_faults() -> None:
    site = Site(keys={"K": scope("order.push")})
    assert code(site.ask("/select-order-between-start-and-end-dates.html", b"[{}]")) == "OperationNotAllowed"
    assert code(site.ask("/select-order-between-start-and-end-dates.html", b"[{},{}]")) == "TooManyItems"
    assert code(site.ask(GET, b'[{"order_id":"1"}]')) == "OperationNotAllowed"
    assert code(site.ask(GET, b'[{"cmId":"2469"}]')) == "AccountMismatch"


def test_uses_of_keys_are_counted_with_those_that_failed() -> None:
    keys = {"K": scope(), "L": replace(scope("order.push"), key_id=2), "X": scope(enabled=False)}
    service = Site(keys=keys).service()

    async def ask(*sent: Request) -> list[int]:
        return [(await respond(service, one)).status for one in sent]

    by_l = {"authorization": "Basic L"}
    statuses = asyncio.run(
        ask(
            request(WRITE, PUSH),
            request(WRITE, b"[]"),  # a legacy failure of the whole request
            request(WRITE, b"nonsense", headers=by_l),
            request(GET, b"[{}]", headers=by_l),  # not its operation
            request(WRITE, PUSH, headers={"authorization": "Basic X"}),  # whose is disabled is nobody's use
            request(WRITE, PUSH, headers={}),
            request("/healthz", method="GET"),
        )
    )
    assert statuses == [200, 200, 400, 403, 401, 401, 200]
    taken = service.counts.take()
    assert {key[:2]: counts[:2] for key, counts in taken.items()} == {(1000298, 1): [2, 1], (1000298, 2): [2, 2]}


def test_a_legacy_failure_is_known_by_how_it_begins() -> None:
    failures = [Site().ask(path, body).body for path in (WRITE, GET, PULL) for body in (b"[]", b"{")]
    assert all(map(is_failure, failures))
    assert not is_failure(Site().ask(WRITE, PUSH).body)


@pytest.mark.parametrize(
    ("until", "expires", "shown"),
    [
        (40, None, 40), (1, None, 1), (40, 60, 40), (40, 35, None), (20, 10, 10), (None, 29, 29), (None, 31, None),
    ],
)  # fmt: skip
def test_the_nearer_end_is_announced(until: int | None, expires: int | None, shown: int | None) -> None:
    today = datetime.now(UTC)

    def moment(days: int) -> int:
        return int((today + timedelta(days=days)).timestamp() * 1000)

    def day(days: int) -> str:
        return (today + timedelta(days=days)).date().isoformat()

    plain = scope(settings={"expires_on": None if expires is None else day(expires)})
    zoned = replace(plain, locale=replace(plain.locale, zone=ZoneInfo("UTC")))
    key = replace(
        zoned, until=None if until is None else moment(until), expires_at=None if expires is None else moment(expires)
    )
    headers = dict(Site(keys={"K": key}).ask(WRITE, PUSH).headers)
    assert headers.get("orderdock-key-expires") == (None if shown is None else day(shown))
