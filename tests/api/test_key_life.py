"""Keys and logins of a running server: rotated, changed, shown, counted and told of (contract 1.3, 2.18, 2.19)."""

import json
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

import httpx
import pytest
from typer.testing import CliRunner

from orderdock.accounts import actions
from orderdock.accounts.actions import Admin
from orderdock.accounts.decide import Hasher
from orderdock.cli import app
from orderdock.db import Database, Sql
from orderdock.events.actions import record
from tests.http import ServerProcess
from tests.world import (
    EVENTS,
    GET,
    OPS_PASSWORD,
    SECRET,
    WRITE,
    WRONG_KEY,
    World,
    basic,
    call,
    cli,
    fresh_word,
    item,
    new_account,
    new_key,
)  # fmt: skip

CURRENT = "/api/v1/keys/current"
COUNTED = Sql("SELECT key_id, sum(requests), sum(failures) FROM key_use WHERE cm_id = :cm_id GROUP BY key_id")
EXPIRING = Sql("SELECT seq FROM event WHERE cm_id = :cm_id AND kind = 'key.expiring'")


# --- keys/current ----------------------------------------------------------------------------------------------------


def test_any_key_may_ask_about_itself(world: World) -> None:
    secret = new_key(world, operations=("events.read",), allowed_fields="phone", expires_on="2090-12-31")
    answer = call(world, "GET", CURRENT, key=secret)
    assert answer.status_code == 200, answer.text
    shown = answer.json()
    assert (shown["kind"], shown["last4"], shown["operations"]) == ("key", secret[-4:], ["events.read"])
    assert (shown["cmId"], shown["subdomain"], shown["expires_on"]) == (world.a.cm_id, "kapdemo", "2090-12-31")
    assert (shown["enabled"], shown["mandatory_fields"]) == (True, {})
    assert shown["allowed_fields"] == ["order.contact_phone", "customer.phone"]
    assert answer.headers["cache-control"] == "no-store"
    assert secret not in answer.text


def test_a_login_and_an_adopted_key_say_what_they_are(world: World) -> None:
    secret = f"their/own+secret={fresh_word('x')}{'~' * 20}"
    actions.create_key(world.admin, world.b.cm_id, name=fresh_word("old"), operations=["*"], adopt=secret)
    login = call(world, "GET", CURRENT, key=f"ops:{OPS_PASSWORD}").json()
    adopted = call(world, "GET", CURRENT, key=secret).json()
    assert [(one["kind"], one["last4"]) for one in (login, adopted)] == [("login", ""), ("adopted", "~~~~")]
    assert len(login["operations"]) > 10


@pytest.mark.parametrize(
    ("key", "query", "expected"),
    [
        ("Kexp", "", (401, "APIExpired")),
        ("Kdis", "", (401, "AuthKeyInvalid")),
        (WRONG_KEY, "", (401, "AuthKeyInvalid")),
        ("Kip", "", (403, "IpNotAllowed")),
        ("K", "?cmId=2469", (403, "AccountMismatch")),
        ("K", "?cm_id=x", (400, "InvalidId")),
    ],
)
def test_who_may_not_ask(world: World, key: str, query: str, expected: tuple[int, str]) -> None:
    answer = call(world, "GET", CURRENT + query, key=key)
    assert (answer.status_code, answer.json()["error"]) == expected
    assert call(world, "POST", CURRENT, {}, key=key).status_code == 405


# --- changed, rotated ------------------------------------------------------------------------------------------------


def within_two_seconds(world: World, secret: str, status: int) -> bool:
    """Whether a secret is answered with a status before two seconds are over."""
    until = time.monotonic() + 2
    while call(world, "GET", EVENTS, key=secret).status_code != status:
        if time.monotonic() > until:
            return False
        time.sleep(0.02)
    return True


def test_a_changed_key_is_changed_within_two_seconds(world: World) -> None:
    name = fresh_word("erp")
    issued = actions.create_key(world.admin, world.a.cm_id, name=name, operations=["events.read"])
    assert call(world, "GET", EVENTS, key=issued.auth_key).status_code == 200
    cli(world, "key", "set", "--account", "kapdemo", "--name", name, "--operation", "order.get")
    assert within_two_seconds(world, issued.auth_key, 403)
    cli(world, "key", "set", "--account", "kapdemo", "--name", name, "--operation", "*", "--set", "enabled=off")
    assert within_two_seconds(world, issued.auth_key, 401)
    cli(world, "login", "set", "--account", "kapdemo", "--name", name, "--enable", "--expires", "2090-12-31")
    assert within_two_seconds(world, issued.auth_key, 200)
    assert call(world, "GET", CURRENT, key=issued.auth_key).json()["expires_on"] == "2090-12-31"


def test_a_rotated_key_without_overlap_is_dead_within_two_seconds(world: World) -> None:
    name = fresh_word("erp")
    old = actions.create_key(world.admin, world.a.cm_id, name=name, operations=["*"]).auth_key
    assert call(world, "GET", EVENTS, key=old).status_code == 200
    told = cli(world, "key", "rotate", "--account", "kapdemo", "--name", name, "--overlap", "0", "--json")
    assert within_two_seconds(world, old, 401)
    assert call(world, "GET", CURRENT, key=json.loads(told)["auth_key"]).json()["name"] == name


def test_an_old_secret_says_when_it_ends(world: World) -> None:
    shop = new_account(world, time_zone="UTC")
    name = fresh_word("erp")
    old = actions.create_key(world.admin, shop.cm_id, name=name, operations=["*"]).auth_key
    told = cli(world, "key", "rotate", "--account", shop.subdomain, "--name", name, "--overlap", "60d", "--json")
    rotated = json.loads(told)
    day = datetime.fromtimestamp(rotated["until"] / 1000, UTC).date().isoformat()
    by_old, by_new = (call(world, "GET", CURRENT, key=key) for key in (old, rotated["auth_key"]))
    assert (by_old.headers.get("Orderdock-Key-Expires"), by_new.headers.get("Orderdock-Key-Expires")) == (day, None)
    assert [one.json()["last4"] for one in (by_old, by_new)] == [old[-4:], rotated["auth_key"][-4:]]
    [event] = call(world, "GET", f"{EVENTS}?types=key.rotated", key=shop.key).json()["events"]
    assert [(one["field"], one["before"], one["after"]) for one in event["changes"] if one["field"] == "last4"] == [
        ("last4", old[-4:], rotated["auth_key"][-4:])
    ]
    assert (event["actor"], old in str(event), rotated["auth_key"] in str(event)) == ("cli", False, False)


def test_an_old_password_is_dead_within_two_seconds(world: World) -> None:
    name = fresh_word("login")
    first = actions.create_login(world.admin, world.a.cm_id, username=name, password="first word", operations=["*"])
    sent = {"Authorization": first.authorization}
    for _ in range(3):
        assert call(world, "GET", EVENTS, key=None, headers=sent).status_code == 200
    second = actions.set_password(world.admin, world.a.cm_id, name, "second word").issued
    assert call(world, "GET", EVENTS, key=None, headers={"Authorization": second.authorization}).status_code == 200
    until = time.monotonic() + 2
    while call(world, "GET", EVENTS, key=None, headers=sent).status_code != 401:
        assert time.monotonic() < until
        time.sleep(0.02)


# --- several processes -----------------------------------------------------------------------------------------------


class Asked(NamedTuple):
    """One request: when it was sent and when it was answered (epoch ms), and how."""

    sent: float
    done: float
    status: int
    ends: str | None


@contextmanager
def installation(url: str, directory: Path) -> Iterator[tuple[ServerProcess, Admin, int]]:
    """A server that is not started yet, with two workers where there may be two, and an account in its database."""
    workers = "1" if url.startswith("sqlite") else "2"
    server = ServerProcess(url, directory, {"ORDERDOCK_SECRET": SECRET, "ORDERDOCK_WORKERS": workers})
    with closing(Database(url)) as database:
        admin = Admin(database, Hasher(SECRET.encode()), record)
        yield server, admin, actions.create_account(admin, name="Shop", subdomain="shop").cm_id


def push_until(url: str, secret: str, deadline: float) -> list[Asked]:
    """One client: pushes orders by a secret, one after the other, on a connection of its own."""
    asked = []
    with httpx.Client(base_url=url, timeout=30, verify=False, headers={"Authorization": basic(secret)}) as http:
        while time.time() < deadline:
            sent = time.time() * 1000
            answer = http.post(WRITE, json=[item()])
            ends = answer.headers.get("Orderdock-Key-Expires")
            asked.append(Asked(sent, time.time() * 1000, answer.status_code, ends))
            time.sleep(0.02)
    return asked


def test_nobody_is_refused_before_the_end_and_everybody_soon_after(engine_url: str, tmp_path: Path) -> None:
    with installation(engine_url, tmp_path) as (server, admin, shop):
        old = actions.create_key(admin, shop, name="erp", operations=["*"]).auth_key
        with server, ThreadPoolExecutor(21) as pool:
            start = time.time()
            flights = [pool.submit(push_until, server.url, old, start + 9) for _ in range(20)]
            time.sleep(1)
            until = int((start + 5) * 1000)
            new = actions.rotate_key(admin, shop, "erp", until=until).issued.auth_key
            by_new = pool.submit(push_until, server.url, new, start + 6).result()
            asked = [one for flight in flights for one in flight.result()]
        server.check_log([old, new])
        assert {one.status for one in asked if one.done <= until} == {200}
        assert {one.status for one in asked if one.sent > until + 2_000} == {401}
        assert {one.status for one in by_new} == {200}
        # The server's clock is this one, so an old secret does not live a moment longer; 50 ms for a slow machine.
        assert {one.status for one in asked if one.sent > until + 50} == {401}
        assert {one.ends for one in asked if start * 1000 + 3_500 < one.sent and one.done < until} != {None}
        pushed = sum(one.status == 200 for one in (*asked, *by_new))
        with admin.database.read() as tx:
            [(_, requests, failures)] = tx.all(COUNTED, cm_id=shop)
        assert (requests, failures) == (pushed, 0), "both secrets are one key, and every use was written at the stop"


def test_every_process_counts_and_one_tells(engine_url: str, tmp_path: Path) -> None:
    with installation(engine_url, tmp_path) as (server, admin, shop):
        soon = (datetime.now(UTC).date() + timedelta(days=5)).isoformat()
        keys = [
            actions.create_key(admin, shop, name=f"k{n}", operations=["*"], options={"expires_on": soon})
            for n in range(3)
        ]
        with server, ThreadPoolExecutor(6) as pool:
            list(pool.map(lambda n: use(server.url, keys[n % 3].auth_key), range(12)))
            deadline = time.monotonic() + 20
            while count_told(admin, shop) < 3:
                assert time.monotonic() < deadline
                time.sleep(0.1)
        with server:
            use(server.url, keys[0].auth_key)
        server.check_log()
        assert count_told(admin, shop) == 3
        with admin.database.read() as tx:
            counted = {key: (int(requests), int(failures)) for key, requests, failures in tx.all(COUNTED, cm_id=shop)}
        rounds = (5, 4, 4)
        assert counted == {key.id: (5 * n, 3 * n) for key, n in zip(keys, rounds, strict=True)}


def use(url: str, secret: str) -> None:
    """Five uses of a key, three of them failures; and some that are nobody's."""
    with httpx.Client(base_url=url, timeout=30) as http:
        sent = {"Authorization": basic(secret)}
        wanted: list[tuple[httpx.Response, int]] = [
            (http.get(EVENTS, headers=sent), 200),
            (http.post(WRITE, json=[item()], headers=sent), 200),
            (http.post(GET, json=[{"order_id": "77"}], headers=sent), 200),  # the legacy "not found"
            (http.post(WRITE, content=b"nonsense", headers=sent), 400),
            (http.get("/api/v1/orders/77", headers=sent), 404),
            (http.get(EVENTS, headers={"Authorization": basic(WRONG_KEY)}), 401),
            (http.get("/nothing", headers=sent), 404),
        ]
    assert [answer.status_code for answer, _ in wanted] == [status for _, status in wanted]


def count_told(admin: Admin, shop: int) -> int:
    with admin.database.read() as tx:
        return len(tx.all(EXPIRING, cm_id=shop))


# --- the command line ------------------------------------------------------------------------------------------------


def test_use_is_shown_on_the_command_line(world: World) -> None:
    name = fresh_word("erp")
    issued = actions.create_key(world.admin, world.a.cm_id, name=name, operations=["*"])
    fresh = cli(world, "key", "show", "--account", "kapdemo", "--name", name)
    assert fresh.splitlines()[-1] == "not counted yet (uses are counted every 10 s)"
    day = int(time.time()) // 86_400
    actions.add_uses(world.admin.database, {(world.a.cm_id, issued.id, day): [12, 3, day * 86_400_000]})
    shown = json.loads(cli(world, "key", "show", "--account", "kapdemo", "--name", name, "--json"))
    assert [(one["requests"], one["failures"]) for one in shown["use"]] == [(12, 3)]
    assert shown["last_used_at"] == day * 86_400_000
    text = cli(world, "key", "show", "--account", "kapdemo", "--name", name)
    assert "allowed_fields = *" in text
    assert "last used" in text
    listed = json.loads(cli(world, "key", "list", "--account", "kapdemo", "--json"))
    assert [row["last_used_at"] for row in listed if row["name"] == name] == [day * 86_400_000]


def run(world: World, *arguments: str, stdin: str = "", with_database: bool = True) -> tuple[int, str]:
    """(exit code, what was printed) of a command."""
    environ = {"ORDERDOCK_SECRET": SECRET, "ORDERDOCK_DATABASE": world.server.database if with_database else "sqlite:"}
    done = CliRunner().invoke(app, list(arguments), input=stdin, env=environ)
    return done.exit_code, done.output


def test_a_secret_is_checked_without_a_database(world: World) -> None:
    secret = actions.new_secret()
    mistyped = secret[:-1] + ("a" if secret[-1] != "a" else "b")
    assert run(world, "key", "check", stdin=f"{secret}\n", with_database=False)[0] == 0
    assert run(world, "key", "check", mistyped, with_database=False)[0] == 1
    code, text = run(world, "key", "check", basic(f"{secret}:"), "--json", with_database=False)
    assert (code, json.loads(text)["form"], json.loads(text)["last4"]) == (0, "key", secret[-4:])
    assert (secret in text, json.loads(text)["state"]) == (False, "")
    assert run(world, "key", "check", stdin="\n")[0] == 1


def test_a_secret_is_looked_up(world: World) -> None:
    name = fresh_word("erp")
    secret = actions.create_key(world.admin, world.a.cm_id, name=name, operations=["*"]).auth_key
    cli(world, "key", "rotate", "--account", "kapdemo", "--name", name, "--overlap", "0")
    code, text = run(world, "key", "check", "--account", "kapdemo", stdin=secret)
    assert code == 0
    assert f"key {name} of the account kapdemo: ended" in text
    assert secret not in text
    assert "unknown here" in run(world, "key", "check", "--account", "other", stdin=secret)[1]
    assert run(world, "key", "check", "--account", "nobody", stdin=secret)[0] == 1


def test_a_password_is_read_from_a_pipe(world: World) -> None:
    name = fresh_word("login")
    actions.create_login(world.admin, world.a.cm_id, username=name, password="first word", operations=["*"])
    asked = ("login", "password", "--account", "kapdemo", "--name", name)
    code, text = run(world, *asked, "--password-stdin", stdin="second word\n")
    assert (code, "the old password ended at once" in text) == (0, True)
    assert call(world, "GET", EVENTS, key=f"{name}:second word").status_code == 200
    assert run(world, *asked)[0] == 1, "nobody is there to type it"
