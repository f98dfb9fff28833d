"""Golden cases G11-G19: a request before anybody reads its items (contract 1.4, 1.5, 1.11)."""

import gzip
import json

import pytest

from tests.world import (
    EVENTS,
    GET,
    PUSH_FAILED,
    WRITE,
    WRONG_KEY,
    World,
    call,
    faults,
    fresh_erp,
    item,
    new_account,
    new_key,
    post,
    write,
)


@pytest.mark.parametrize("path", [WRITE, GET, f"{WRITE}/v.2.0"])
def test_g11_the_wrong_method_is_told_the_right_one(world: World, path: str) -> None:
    answer = call(world, "GET", path)
    assert (answer.status_code, answer.headers["Allow"]) == (405, "POST")
    assert answer.headers["Content-Type"] == "application/json; charset=utf-8"
    body = answer.json()
    assert (body["Message"], body["Status"]) == ("This method is not accepted at this address.", "failed")
    assert body["Error"] == "MethodNotAllowed"


def test_g12_an_unknown_path_answers_in_the_shape_of_its_family(world: World) -> None:
    legacy, v1 = post(world, "/nothing.html", []), post(world, "/ms/nothing", {})
    assert (legacy.status_code, v1.status_code) == (404, 404)
    text = "There is nothing at this address."
    assert [legacy.json()[name] for name in ("Message", "Status", "Error")] == [text, "failed", "NotFound"]
    assert [v1.json()[name] for name in ("message", "status", "error")] == [text, "failed", "NotFound"]
    assert not {"message", "status", "error"} & legacy.json().keys()
    assert not {"Message", "Status", "Error"} & v1.json().keys()


def test_g13_a_body_that_breaks_off_is_not_json(world: World) -> None:
    answer = post(world, WRITE, b'[{"order_id":')
    assert answer.status_code == 400
    assert [answer.json()[name] for name in ("Message", "Status", "Error")] == [
        "Invalid Json.",
        "failed",
        "MalformedBody",
    ]
    assert faults(answer.json()) == [("MalformedBody", "")]


SPELLINGS: dict[str, tuple[str, str, dict[str, str]]] = {
    "a semicolon behind": (GET, "[%s];", {}),
    "a byte-order mark": (GET, "\ufeff[%s]", {}),
    "a comment": (GET, "[%s // the order\n]", {}),
    "text/plain": (GET, "[%s]", {"Content-Type": "text/plain"}),
    "a form type": (GET, "[%s]", {"Content-Type": "application/x-www-form-urlencoded"}),
    "a type with a semicolon": (GET, "[%s]", {"Content-Type": "application/json;"}),
    "the suffix of tickets": (f"{GET}/v.2.0", "[%s]", {}),
    "a slash behind": (f"{GET}/", "[%s]", {}),
    "both behind": (f"{GET}/v.2.0/", "[%s]", {}),
}


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_g14_every_spelling_of_the_request_gets_the_order(world: World, spelling: str) -> None:
    path, body, headers = SPELLINGS[spelling]
    wanted = json.dumps({"order_id": world.f1["order_id"]})
    answer = post(world, path, (body % wanted).encode(), headers=headers)
    plain = post(world, GET, [{"order_id": world.f1["order_id"]}])
    assert (answer.status_code, answer.json()) == (200, plain.json())
    assert answer.json()["status"] == "success"


def test_g15_a_push_of_nothing_fails_as_documented(world: World) -> None:
    answer = write(world)
    assert answer.status_code == 200
    assert [answer.json()[name] for name in ("Message", "Status", "Error")] == [PUSH_FAILED, "failed", "EmptyRequest"]


def test_g16_too_many_items_are_refused_and_nothing_is_written(world: World) -> None:
    first = item()
    answer = write(world, first, *(item() for _ in range(1000)))
    assert (answer.status_code, answer.json()["Error"]) == (413, "TooManyItems")
    assert isinstance(answer.json(), dict)
    found = post(world, GET, [{"erp_order_id": first["erp_order_id"]}])
    assert found.json()["Error"] == "OrderNotFound"


@pytest.mark.parametrize("packed", [False, True])
def test_g16_too_large_a_body_is_refused_and_nothing_is_written(world: World, packed: bool) -> None:
    erp = fresh_erp()
    body = json.dumps([item(erp_order_id=erp, remarks="x" * (17 << 20))]).encode()
    sent, headers = (gzip.compress(body, 1), {"Content-Encoding": "gzip"}) if packed else (body, {})
    answer = post(world, WRITE, sent, headers=headers)
    assert (answer.status_code, answer.json()["Error"]) == (413, "PayloadTooLarge")
    assert post(world, GET, [{"erp_order_id": erp}]).json()["Error"] == "OrderNotFound"


@pytest.mark.parametrize(("mode", "status"), [("compatible", 429), ("always-200", 200)])
def test_g17_a_key_that_has_used_up_its_rate_is_told_when_to_come_back(world: World, mode: str, status: int) -> None:
    shop = new_account(world, http_status=mode)
    key = new_key(world, shop.cm_id, rate_per_minute="2")
    answers = [write(world, item(), key=key) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, status]
    assert [int(answer.headers["RateLimit-Remaining"]) for answer in answers] == [1, 0, 0]
    assert {answer.headers["RateLimit-Limit"] for answer in answers} == {"2"}
    body = answers[2].json()
    assert [body[name] for name in ("Message", "Status", "Error")] == ["Too many requests.", "failed", "RateLimited"]
    assert 1 <= int(answers[2].headers["Retry-After"]) <= 30 < int(answers[2].headers["RateLimit-Reset"]) <= 60
    v1 = call(world, "GET", EVENTS, key=key)
    assert (v1.status_code, v1.json()["error"]) == (429, "RateLimited")
    assert "Retry-After" in v1.headers


def test_g17_nothing_of_a_request_is_written_that_costs_too_much(world: World) -> None:
    key = new_key(world, rate_per_minute="3")
    assert write(world, item(), key=key).status_code == 200
    first = item()
    answer = write(world, first, *(item() for _ in range(200)), key=key)
    assert (answer.status_code, answer.json()["Error"]) == (429, "RateLimited")
    assert post(world, GET, [{"erp_order_id": first["erp_order_id"]}]).json()["Error"] == "OrderNotFound"


def test_g18_an_account_may_have_every_refusal_as_200(world: World) -> None:
    shop = new_account(world, http_status="always-200")
    answer = post(world, GET, [{"order_id": "1"}], key=WRONG_KEY, headers={"Host": f"{shop.subdomain}.example.com"})
    plain = post(world, GET, [{"order_id": "1"}], key=WRONG_KEY)
    assert (answer.status_code, plain.status_code) == (200, 401)
    assert answer.json() == plain.json()


@pytest.mark.parametrize(
    ("method", "path", "key"),
    [
        ("POST", GET, "K"), ("POST", GET, WRONG_KEY), ("GET", GET, "K"), ("POST", "/nothing.html", None),
        ("GET", "/healthz", None), ("GET", "/readyz", None), ("GET", EVENTS, "K"), ("GET", EVENTS, None),
        ("OPTIONS", WRITE, None),
    ],
)  # fmt: skip
def test_g19_every_answer_can_be_named(world: World, method: str, path: str, key: str | None) -> None:
    own = call(world, method, path, key=key)
    echoed = call(world, method, path, key=key, headers={"X-Request-Id": "my.call_1-A"})
    assert own.headers["X-Request-Id"]
    assert echoed.headers["X-Request-Id"] == "my.call_1-A"
