"""HTTP statuses and headers of every kind of answer (contract 1.11, 1.16)."""

from typing import Any

import pytest

from tests.world import (
    EVENTS,
    GET,
    ORDERS,
    PULL,
    WRITE,
    WRONG_KEY,
    Json,
    Tenant,
    World,
    call,
    item,
    new_account,
    new_key,
    payment,
    post,
    write,
)


@pytest.fixture(scope="module")
def lenient(world: World) -> dict[str, str]:
    """Keys of an account whose callers want 200 whatever happens, and the host that names it."""
    shop: Tenant = new_account(world, http_status="always-200")
    return {
        "host": f"{shop.subdomain}.example.com",
        "all": shop.key,
        "gets": new_key(world, shop.cm_id, operations=("order.get",)),
        "expired": new_key(world, shop.cm_id, expires_on="2020-01-01"),
        "elsewhere": new_key(world, shop.cm_id, ip_allow="203.0.113.7"),
    }


CASES: dict[str, tuple[str, str, Any, dict[str, str], int, int, str]] = {
    # name: key, path, body, headers, status when compatible, status under always-200, Error
    "not found": ("all", GET, [{"order_id": "77"}], {}, 200, 200, "OrderNotFound"),
    "nothing in range": ("all", PULL, [{"start_date": "1999-01-01"}], {}, 200, 200, "NoOrders"),
    "bad item": ("all", WRITE, [{"remarks": "x"}], {}, 200, 200, "ReqFieldMissing"),
    "empty array": ("all", WRITE, [], {}, 200, 200, "EmptyRequest"),
    "wrong key": (WRONG_KEY, GET, [{}], {}, 401, 200, "AuthKeyInvalid"),
    "expired key": ("expired", GET, [{}], {}, 401, 200, "APIExpired"),
    "other account": ("all", GET, [{"cmId": 2469}], {}, 401, 200, "AuthKeyInvalid"),
    "operation": ("gets", PULL, [{"start_date": "1999-01-01"}], {}, 403, 200, "OperationNotAllowed"),
    "operation of a write": ("gets", WRITE, [{"phone": "8123456789"}], {}, 403, 200, "OperationNotAllowed"),
    "address": ("elsewhere", GET, [{}], {}, 403, 200, "IpNotAllowed"),
    "broken JSON": ("all", GET, b"[{", {}, 400, 200, "MalformedBody"),
    "parameter": ("all", f"{WRITE}?dry_run=maybe", [{}], {}, 400, 200, "InvalidParameter"),
    "too many": ("all", GET, [{}] * 1001, {}, 413, 413, "TooManyItems"),
    "encoding": ("all", GET, b"x", {"Content-Encoding": "br"}, 415, 415, "UnsupportedEncoding"),
}
OF_A = {"all": "K", "gets": "Kget", "expired": "Kexp", "elsewhere": "Kip"}


@pytest.mark.parametrize("name", CASES)
def test_a_legacy_status_is_as_the_account_wants_it(world: World, lenient: dict[str, str], name: str) -> None:
    key, path, body, headers, compatible, always, code = CASES[name]
    usual = post(world, path, body, key=OF_A.get(key, key), headers=headers)
    eased = post(world, path, body, key=lenient.get(key, key), headers={**headers, "Host": lenient["host"]})
    assert (usual.status_code, eased.status_code) == (compatible, always)
    assert (usual.json()["Error"], eased.json()["Error"]) == (code, code)
    assert usual.json()["Message"] == eased.json()["Message"]


def test_unknown_paths_and_wrong_methods_stay_what_they_are(world: World, lenient: dict[str, str]) -> None:
    host = {"Host": lenient["host"]}
    assert post(world, "/nothing.html", [], key=lenient["all"], headers=host).status_code == 404
    assert call(world, "GET", GET, key=lenient["all"], headers=host).status_code == 405


def test_the_key_decides_where_no_host_names_the_account(world: World, lenient: dict[str, str]) -> None:
    assert post(world, GET, b"[{", key=lenient["all"]).status_code == 200
    assert post(world, GET, b"[{", key=WRONG_KEY).status_code == 401
    other = post(world, GET, [{}], key=lenient["all"], headers={"Host": "kapdemo.example.com"})
    assert (other.status_code, other.json()["errors"][0]["code"]) == (200, "AccountMismatch")


def test_v1_keeps_its_statuses(world: World, lenient: dict[str, str]) -> None:
    host = {"Host": lenient["host"]}
    expected = {
        (lenient["all"], f"{ORDERS}77"): (404, "OrderNotFound"),
        (lenient["all"], f"{EVENTS}?after=x"): (400, "InvalidNumber"),
        (lenient["gets"], EVENTS): (403, "OperationNotAllowed"),
        (lenient["elsewhere"], EVENTS): (403, "IpNotAllowed"),
        (lenient["expired"], EVENTS): (401, "APIExpired"),
        (WRONG_KEY, EVENTS): (401, "AuthKeyInvalid"),
    }
    for (key, path), (status, code) in expected.items():
        answer = call(world, "GET", path, key=key, headers=host)
        assert (answer.status_code, answer.json()["error"]) == (status, code)


def test_an_array_is_200_whatever_happened_to_its_items(world: World) -> None:
    refused: Json = {"order_id": "77"}
    assert write(world, refused, refused).status_code == 200
    assert write(world, item(), payment(world.f2, "1"), key="Kpush").status_code == 200
    assert write(world, refused).status_code == 200


@pytest.mark.parametrize("sent", ["a", "A-Z_0.9", "x" * 128])
def test_a_request_id_is_echoed(world: World, sent: str) -> None:
    assert call(world, "GET", "/healthz", headers={"X-Request-Id": sent}).headers["X-Request-Id"] == sent


@pytest.mark.parametrize("sent", ["", "x" * 129, "a b", "a/b", "ä", "a;b", "<x>"])
def test_an_odd_request_id_is_replaced(world: World, sent: str) -> None:
    first, second = (
        call(world, "GET", "/healthz", headers={"X-Request-Id": sent}).headers["X-Request-Id"] for _ in range(2)
    )
    assert sent != first != second
    assert 1 <= len(first) <= 128


def test_authenticated_answers_are_not_stored_by_caches(world: World) -> None:
    for answer in (
        post(world, GET, [{"order_id": "77"}]), call(world, "GET", EVENTS), write(world, item()),
        call(world, "GET", f"{ORDERS}77"), post(world, GET, b"{"), post(world, PULL, [{}], key="Kget"),
        call(world, "HEAD", EVENTS),
    ):  # fmt: skip
        assert answer.headers["Cache-Control"] == "no-store"


def test_nothing_sets_a_cookie_or_names_its_software(world: World) -> None:
    for answer in (
        post(world, GET, [{}]),
        call(world, "GET", "/healthz"),
        post(world, GET, [{}], key=None),
        post(world, "/x", []),
    ):
        assert "set-cookie" not in answer.headers
        assert answer.headers["server"] == "orderdock"


@pytest.mark.parametrize(
    ("path", "allow"),
    [(WRITE, "POST"), (PULL, "POST"), (GET, "POST"), (EVENTS, "GET, HEAD"), (f"{ORDERS}1", "GET, HEAD")],
)
def test_options_needs_no_credential(world: World, path: str, allow: str) -> None:
    answer = call(world, "OPTIONS", path, key=None)
    assert (answer.status_code, answer.content, answer.headers["Allow"]) == (204, b"", allow)
    assert not [name for name in answer.headers if name.lower().startswith("access-control")]
    assert call(world, "OPTIONS", "/nothing.html", key=None).status_code == 404


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "TRACE", "BREW"])
def test_other_methods_are_refused_in_the_shape_of_the_family(world: World, method: str) -> None:
    legacy, v1 = call(world, method, WRITE), call(world, method, EVENTS)
    assert (legacy.status_code, legacy.json()["Error"], legacy.headers["Allow"]) == (405, "MethodNotAllowed", "POST")
    assert (v1.status_code, v1.json()["error"], v1.headers["Allow"]) == (405, "MethodNotAllowed", "GET, HEAD")


def test_health_needs_no_credential(world: World) -> None:
    for path, state in (("/healthz", "ok"), ("/readyz", "ready")):
        answer = call(world, "GET", path, key=None)
        assert (answer.status_code, answer.json()) == (200, {"status": state})
        assert call(world, "GET", path, key=WRONG_KEY).status_code == 200
        assert call(world, "HEAD", path, key=None).status_code == 200
        assert post(world, path, {}, key=None).status_code == 405
