"""Who may call: places and forms of credentials, what a key carries (contract 1.3)."""

import base64
from datetime import datetime, timedelta, timezone

import pytest

from orderdock.accounts import actions
from tests.world import (
    EVENTS,
    GET,
    OPS_PASSWORD,
    ORDERS,
    WRONG_KEY,
    World,
    basic,
    call,
    cli,
    fresh_word,
    item,
    line,
    new_account,
    new_key,
    one,
    post,
    push,
    write,
)

KOLKATA = timezone(timedelta(hours=5, minutes=30))


def status(world: World, headers: dict[str, str], path: str = GET) -> int:
    return post(world, path, [{"order_id": world.f1["order_id"]}], key=None, headers=headers).status_code


def b64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def test_scheme_words_have_no_case(world: World) -> None:
    key = world.keys["K"]
    for scheme in ("basic", "BASIC", "bearer", "BEARER", "bAsIc"):
        assert status(world, {"Authorization": f"{scheme} {key}"}) == 200
    assert status(world, {"Authorization": f"Basic   {key}"}) == 200


@pytest.mark.parametrize("ignored", ["Digest username=x", "Negotiate abc", "", "Basic", "bearer"])
def test_an_unknown_scheme_or_an_empty_header_is_as_if_absent(world: World, ignored: str) -> None:
    assert status(world, {"Authorization": ignored, "x-api-key": world.keys["K"]}) == 200
    assert status(world, {"Authorization": ignored}) == 401


def test_the_first_credential_decides_though_it_is_wrong(world: World) -> None:
    key = world.keys["K"]
    assert status(world, {"Authorization": basic(WRONG_KEY), "x-api-key": key}) == 401
    assert status(world, {"Authorization": "nonsense", "x-api-key": key}) == 401
    assert status(world, {"Authorization": basic(key), "x-api-key": WRONG_KEY}) == 200
    assert status(world, {"Authorization": basic(key)}, f"{GET}?auth_key={WRONG_KEY}") == 200


@pytest.mark.parametrize("encode", [base64.b64encode, base64.urlsafe_b64encode])
@pytest.mark.parametrize("padded", [True, False])
def test_every_spelling_of_base64_is_read(world: World, encode: object, padded: bool) -> None:
    assert callable(encode)
    token = encode(f"ops:{OPS_PASSWORD}".encode()).decode()
    assert status(world, {"Authorization": "Basic " + (token if padded else token.rstrip("="))}) == 200


def test_a_login_needs_its_password_and_is_no_key(world: World) -> None:
    for pair in (f"ops:{OPS_PASSWORD}x", "ops:", "ops", ":", f"nobody:{OPS_PASSWORD}", f"OPS:{OPS_PASSWORD}"):
        assert status(world, {"Authorization": f"Basic {b64(pair)}"}) == 401
    token = b64(f"ops:{OPS_PASSWORD}")
    assert status(world, {"Authorization": f"Bearer {token}"}) == 401
    assert status(world, {"x-api-key": token}) == 200
    assert status(world, {}, f"{GET}?auth_key={token}") == 401


def test_a_login_splits_at_the_first_colon(world: World) -> None:
    name = fresh_word("login")
    actions.create_login(world.admin, world.a.cm_id, username=name, password="with:two:colons", operations=["*"])
    assert status(world, {"Authorization": f"Basic {b64(name + ':with:two:colons')}"}) == 200


def test_an_adopted_secret_is_a_key(world: World) -> None:
    secret = f"their/own+secret={fresh_word('x')}{'~' * 20}"
    said = cli(
        world,
        "key",
        "create",
        "--account",
        "kapdemo",
        "--name",
        fresh_word("old"),
        "--operation",
        "*",
        "--adopt",
        secret,
    )
    assert secret not in said
    assert b64(secret) not in said
    assert said.endswith(", the adopted secret ending in ~~~~\n")
    for header in (secret, f"Bearer {secret}", basic(secret), basic(f"{secret}:")):
        assert status(world, {"Authorization": header}) == 200
    assert status(world, {"Authorization": basic(secret[:-1])}) == 401


def test_a_disabled_key_is_dead_within_two_seconds(world: World) -> None:
    name = fresh_word("leaver")
    issued = actions.create_key(world.admin, world.a.cm_id, name=name, operations=["*"])
    assert status(world, {"Authorization": issued.authorization}) == 200
    cli(world, "key", "disable", "--account", "kapdemo", "--name", name)
    until = datetime.now(KOLKATA) + timedelta(seconds=2.5)
    while status(world, {"Authorization": issued.authorization}) != 401:
        assert datetime.now(KOLKATA) < until


def test_disabled_and_expired_is_disabled(world: World) -> None:
    both = new_key(world, enabled="off", expires_on="2020-01-01")
    assert post(world, GET, [{}], key=both).json()["Error"] == "AuthKeyInvalid"


def test_a_key_works_to_the_end_of_its_last_day(world: World) -> None:
    today = datetime.now(KOLKATA).date()
    last_day = new_key(world, expires_on=today.isoformat())
    answer = post(world, GET, [{"order_id": world.f1["order_id"]}], key=last_day)
    assert (answer.status_code, answer.headers["Orderdock-Key-Expires"]) == (200, today.isoformat())
    over = new_key(world, expires_on=(today - timedelta(days=1)).isoformat())
    assert post(world, GET, [{}], key=over).json()["Error"] == "APIExpired"


@pytest.mark.parametrize(("days", "told"), [(29, True), (32, False), (None, False)])
def test_a_key_is_announced_before_it_expires(world: World, days: int | None, told: bool) -> None:
    day = (datetime.now(KOLKATA).date() + timedelta(days=days)).isoformat() if days else "none"
    answer = call(world, "GET", EVENTS, key=new_key(world, expires_on=day))
    assert answer.headers.get("Orderdock-Key-Expires") == (day if told else None)


@pytest.mark.parametrize(
    ("allowed", "expected"),
    [("127.0.0.1", 200), ("127.0.0.0/8, ::1", 200), ("203.0.113.0/24", 403), ("2001:db8::/32", 403)],
)
def test_a_key_may_be_bound_to_addresses(world: World, allowed: str, expected: int) -> None:
    answer = call(world, "GET", EVENTS, key=new_key(world, ip_allow=allowed))
    assert answer.status_code == expected
    if expected == 403:
        assert answer.json()["error"] == "IpNotAllowed"
        assert answer.json()["message"] == "This key may not be used from this address."


@pytest.mark.parametrize(
    ("granted", "gets"), [("order.*", 200), ("*", 200), ("order.get", 200), ("order.push", 403), ("customer.*", 403)]
)
def test_operations_may_be_granted_by_wildcard(world: World, granted: str, gets: int) -> None:
    answer = call(world, "GET", f"{ORDERS}{world.f1['order_id']}", key=new_key(world, operations=(granted,)))
    assert answer.status_code == gets


def test_a_key_acts_as_an_employee(world: World) -> None:
    assert one(world, push(world))["creatorId"] == world.people["E-7"]
    by_m1 = new_key(world, owner="M1")
    assert one(world, push(world, key=by_m1))["creatorId"] == world.people["M1"]


def test_mandatory_fields_hold_for_updates_too(world: World) -> None:
    order = item(grand_total="1", product_details=[line(rate="1")])
    assert write(world, order, key="Kmand").json()[0]["outcome"] == "created"
    again = write(world, {**order, "grand_total": ""}, key="Kmand").json()
    assert [(entry["code"], entry["field"]) for entry in again["errors"]] == [("ReqFieldMissing", "[0].grand_total")]
    no_lines = write(world, {**order, "product_details": []}, key="Kmand").json()
    assert no_lines["Error"] == "ReqFieldMissing"


def test_mandatory_fields_are_asked_for_in_the_callers_spelling(world: World) -> None:
    mandatory = ("order.status", "customer.email", "customer.zip", "order.additional.cess")
    key = new_key(world, operations=("order.push",), mandatory=mandatory[:3])
    answer = write(world, item(delivery_status="", email="", pincode=""), key=key).json()
    named = {entry["field"] for entry in answer["errors"]}
    assert len(named) == 3
    assert named <= {
        "[0].delivery_status",
        "[0].order_status",
        "[0].email",
        "[0].email_id",
        "[0].pincode",
        "[0].zip_code",
    }
    assert (
        write(world, item(delivery_status="A", email="a@b.c", pincode="1"), key=key).json()[0]["outcome"] == "created"
    )


def test_a_query_key_is_one_account_s_choice(world: World) -> None:
    shop = new_account(world, allow_query_key="on")
    assert call(world, "GET", f"{EVENTS}?auth_key={shop.key}", key=None).status_code == 200
    assert call(world, "GET", f"{EVENTS}?auth_key={b64(shop.key)}", key=None).status_code == 200
    refused = call(world, "GET", f"{EVENTS}?auth_key={world.keys['K']}", key=None)
    assert (refused.status_code, refused.json()["error"]) == (401, "AuthKeyInvalid")
    assert world.keys["K"] not in refused.text
    unknown = call(world, "GET", f"{EVENTS}?auth_key={WRONG_KEY}", key=None)
    assert unknown.status_code == 401


@pytest.mark.parametrize("token", ["x" * 5000, "od" + "0" * 48, "\u00e9" * 40, "a b c", "=====", "Og=="])
def test_odd_tokens_are_wrong_tokens(world: World, token: str) -> None:
    for headers in ({"Authorization": f"Basic {token}"}, {"x-api-key": token}):
        answer = post(world, GET, [], key=None, headers=headers)
        assert (answer.status_code, answer.json()["Error"]) == (401, "AuthKeyInvalid")
        assert token not in answer.text
