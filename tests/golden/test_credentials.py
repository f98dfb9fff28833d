"""Golden cases G1-G4 and G6-G9: who may call, and how they say who they are (contract 1.3, section 5)."""

import base64
from collections.abc import Callable

import pytest

from tests.world import (
    EVENTS,
    GET,
    OPS_PASSWORD,
    PULL,
    WRITE,
    WRONG_KEY,
    World,
    basic,
    call,
    faults,
    get,
    item,
    new_account,
    post,
    push,
)

REFUSED = {"Message": "Please use correct Authkey", "Status": "failed", "Error": "AuthKeyInvalid"}


def b64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


WAYS: dict[str, Callable[[str], dict[str, str]]] = {
    "Basic K": lambda key: {"Authorization": f"Basic {key}"},
    "Basic base64(K)": lambda key: {"Authorization": f"Basic {b64(key)}"},
    "Basic base64(K:)": lambda key: {"Authorization": f"Basic {b64(key + ':')}"},
    "Bearer K": lambda key: {"Authorization": f"Bearer {key}"},
    "bare K": lambda key: {"Authorization": key},
    "x-api-key: K": lambda key: {"x-api-key": key},
    "x-api-key: base64(K)": lambda key: {"x-api-key": b64(key)},
    "x-api-key: Basic base64(K)": lambda key: {"x-api-key": f"Basic {b64(key)}"},
    "login": lambda key: {"Authorization": f"Basic {b64('ops:' + OPS_PASSWORD)}"},
    "with an equal x-api-key": lambda key: {"Authorization": f"Basic {b64(key)}", "x-api-key": b64(key)},
    "with x-api-type": lambda key: {"Authorization": f"Basic {b64(key)}", "x-api-type": "TICKET"},
    "with cookies": lambda key: {"Authorization": f"Basic {b64(key)}", "Cookie": "; JSESSIONID=; a=b"},
}


def test_g1_a_key_gets_an_order(world: World) -> None:
    answer = post(
        world, GET, [{"order_id": world.f1["order_id"]}], key=None, headers={"Authorization": basic(world.keys["K"])}
    )
    assert answer.status_code == 200
    assert answer.json()["status"] == "success"
    assert answer.json()["message"]["id"] == world.f1["order_id"]


@pytest.mark.parametrize("way", WAYS)
def test_g2_every_form_of_credential_does_the_same(world: World, way: str) -> None:
    plain = post(world, GET, [{"order_id": world.f1["order_id"]}])
    answer = post(world, GET, [{"order_id": world.f1["order_id"]}], key=None, headers=WAYS[way](world.keys["K"]))
    assert (answer.status_code, answer.json()) == (200, plain.json())
    assert "set-cookie" not in answer.headers


def test_g2_a_stray_query_string_is_ignored(world: World) -> None:
    answer = post(world, f"{GET}?=", [{"order_id": world.f1["order_id"]}])
    assert answer.json() == post(world, GET, [{"order_id": world.f1["order_id"]}]).json()


def test_g3_a_key_in_the_address_works_only_where_it_is_switched_on(world: World) -> None:
    off = post(world, f"{GET}?auth_key={world.keys['K']}", [{"order_id": world.f1["order_id"]}], key=None)
    assert off.status_code == 401
    assert off.json()["Error"] == "AuthKeyInvalid"
    shop = new_account(world, allow_query_key="on")
    order = push(world, key=shop.key)
    on = post(world, f"{GET}?auth_key={shop.key}", [{"order_id": order["order_id"]}], key=None)
    assert (on.status_code, on.json()["message"]["id"]) == (200, order["order_id"])


@pytest.mark.parametrize("key", [None, "Kdis", WRONG_KEY, "nonsense"])
def test_g4_no_wrong_and_disabled_credentials_are_not_told_apart(world: World, key: str | None) -> None:
    answer = post(world, WRITE, [item()], key=key)
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == 'Bearer realm="orderdock"'
    body = answer.json()
    assert {name: body[name] for name in REFUSED} == REFUSED
    assert faults(body) == [("AuthKeyInvalid", "")]


def test_g6_an_expired_key_is_told_so(world: World) -> None:
    legacy, v1 = post(world, GET, [{"order_id": "1"}], key="Kexp"), call(world, "GET", EVENTS, key="Kexp")
    assert (legacy.status_code, v1.status_code) == (401, 401)
    assert (legacy.json()["Message"], legacy.json()["Error"]) == ("API Request is Expired", "APIExpired")
    assert (v1.json()["message"], v1.json()["error"]) == ("Invalid Auth Key", "APIExpired")


def test_g7_an_address_that_is_not_on_the_list_is_refused(world: World) -> None:
    answer = post(world, GET, [{"order_id": world.f1["order_id"]}], key="Kip")
    assert (answer.status_code, answer.json()["Error"]) == (403, "IpNotAllowed")
    assert answer.json()["Message"] == "This key may not be used from this address."


def test_g7_an_operation_that_is_not_granted_is_refused(world: World) -> None:
    answer = post(world, PULL, [{"start_date": "2024-05-08"}], key="Kget")
    assert (answer.status_code, answer.json()["Error"]) == (403, "OperationNotAllowed")
    assert answer.json()["Status"] == "failed"
    assert answer.json()["Message"] == "This key is not allowed to use this operation."


def test_g8_the_host_of_another_account_is_refused(world: World) -> None:
    host = {"Host": "other.example.com"}
    legacy, v1 = post(world, GET, [{"order_id": "1"}], headers=host), call(world, "GET", EVENTS, headers=host)
    assert (legacy.status_code, legacy.json()["Error"]) == (401, "AuthKeyInvalid")
    assert legacy.json()["errors"][0]["code"] == "AccountMismatch"
    assert legacy.json()["Message"] == "The account in the request is not the account of this key."
    assert (v1.status_code, v1.json()["error"]) == (403, "AccountMismatch")


def test_g9_the_first_credential_decides(world: World) -> None:
    mine, theirs = basic(world.keys["K"]), world.keys["KB"]
    answer = post(
        world, GET, [{"order_id": world.f1["order_id"]}], key=None, headers={"Authorization": mine, "x-api-key": theirs}
    )
    assert answer.json()["message"]["cmId"] == str(world.a.cm_id)
    assert get(world, world.f1)["cmId"] == "1000298"
