"""`GET /api/v1/requests` and `orderdock log` (contract 2.19a), on a running server."""

import json
import re
import shlex
import subprocess
import time
from typing import Any, NamedTuple

import pytest
from typer.testing import CliRunner

from orderdock.cli import app
from orderdock.cli import log as log_commands
from orderdock.settings import load
from orderdock.web.chores import cut_back
from tests.requests import failed, keep, keep_block, logged
from tests.world import (  # fmt: skip
    SECRET,
    Json,
    World,
    call,
    cli,
    fresh_erp,
    fresh_word,
    new_account,
    push,
)

REQUESTS = "/api/v1/requests"
PATH = "/add-update-order-from-other-source.html"


class Refused(NamedTuple):
    code: int
    said: str


def refused(world: World, *arguments: str) -> Refused:
    """What `orderdock` says when it cannot do something."""
    environ = {"ORDERDOCK_DATABASE": world.server.database, "ORDERDOCK_SECRET": SECRET}
    done = CliRunner().invoke(app, list(arguments), env=environ)
    assert done.exit_code, done.output
    return Refused(done.exit_code, done.stderr + str(done.exception))


def listed(world: World, query: str, key: str = "K") -> list[Json]:
    answer = call(world, "GET", f"{REQUESTS}?{query}", key=key)
    assert answer.status_code == 200, answer.text
    body: Json = answer.json()
    return list(body["requests"])


def kept(world: World, body: str, *, headers: dict[str, str] | None = None, **facts: Any) -> str:
    """A request in the log of account A with what it sent; answers its id."""
    database, cm_id = world.admin.database, world.a.cm_id
    side = {"query": facts.pop("query", ""), "headers": headers or {}, "body": body, **facts.pop("side", {})}
    block = keep_block(database, 1_000, {"request": side, "response": {"headers": {}, "body": "[]"}}, cm_id=cm_id)
    request_id = fresh_word("logged-")
    keep(database, logged(1_000, request_id, facts, block_id=block, place=0), cm_id=cm_id)
    return request_id


def test_requests_are_found_by_what_they_were_about(world: World) -> None:
    shop = new_account(world)
    order = push(world, key=shop.key)
    database, erp = world.admin.database, fresh_erp()
    keep(database, failed(5, "old", "InvalidDate"), finds=[("erp", erp), ("error", "InvalidDate")], cm_id=shop.cm_id)
    event = call(world, "GET", "/api/v1/events?types=order.created", key=shop.key).json()["events"][0]
    keep(database, logged(event["at"], event["requestId"], operation="order.get"), cm_id=shop.cm_id)
    found = listed(world, f"orderId={order['order_id']}&operation=order.get", key=shop.key)
    assert [(one["id"], one["at"]) for one in found] == [(event["requestId"], event["at"])]
    assert [one["id"] for one in listed(world, f"erpOrderId={erp}", key=shop.key)] == ["old"]
    assert [one["id"] for one in listed(world, "error=InvalidDate&to=1980-01-01", key=shop.key)] == ["old"]
    assert listed(world, f"erpOrderId={erp}") == []


def test_one_request_is_told_whole_to_its_own_account_alone(world: World) -> None:
    request_id = kept(world, '[{"a":1}]', headers={"user-agent": "erp"})
    answer = call(world, "GET", f"{REQUESTS}/{request_id}")
    assert answer.status_code == 200
    shown = answer.json()
    assert (shown["id"], shown["others"], shown["items"]) == (request_id, 0, 1)
    assert shown["request"] == {"query": "", "headers": {"user-agent": "erp"}, "body": '[{"a":1}]'}
    assert shown["response"] == {"headers": {}, "body": "[]"}
    assert answer.headers["cache-control"] == "no-store"
    for key, name in (("KB", request_id), ("K", "never")):
        foreign = call(world, "GET", f"{REQUESTS}/{name}", key=key)
        assert (foreign.status_code, foreign.json()["error"]) == (404, "NotFound")


@pytest.mark.parametrize("path", [REQUESTS, f"{REQUESTS}/x"])
def test_the_operation_and_the_account_are_needed(world: World, path: str) -> None:
    answer = call(world, "GET", path, key="Kget")
    assert (answer.status_code, answer.json()["error"]) == (403, "OperationNotAllowed")
    answer = call(world, "GET", f"{path}?cmId={world.b.cm_id}")
    assert (answer.status_code, answer.json()["error"]) == (403, "AccountMismatch")
    assert call(world, "GET", f"{path}?cmId=x").json()["error"] == "InvalidId"
    assert call(world, "POST", path, []).status_code == 405


def test_wrong_parameters_are_all_told(world: World) -> None:
    answer = call(world, "GET", f"{REQUESTS}?limit=x&from=soon&status=7&cursor=zz")
    assert answer.status_code == 400
    assert [(one["code"], one["field"]) for one in answer.json()["errors"]] == [
        ("InvalidNumber", "query:status"), ("InvalidDate", "query:from"), ("InvalidNumber", "query:limit"),
    ]  # fmt: skip
    answer = call(world, "GET", f"{REQUESTS}?cursor=zz")
    assert (answer.status_code, answer.json()["error"]) == (400, "InvalidCursor")


# --- the command line ------------------------------------------------------------------------------------------------


def test_log_lists_newest_first_in_the_zone_of_the_account(world: World) -> None:
    shop, database = new_account(world), world.admin.database
    keep(database, logged(0, "first"), failed(1_000, "second", "TooLong"), cm_id=shop.cm_id)
    words = ("log", "--account", shop.subdomain, "--to", "1970-01-02")
    shown = json.loads(cli(world, *words, "--json"))
    assert [one["id"] for one in shown] == ["second", "first"]
    assert [one["id"] for one in json.loads(cli(world, *words, "--json", "--limit", "1"))] == ["second"]
    assert [one["id"] for one in json.loads(cli(world, *words, "--json", "--error", "TooLong"))] == ["second"]
    lines = cli(world, *words).splitlines()
    assert lines[0].startswith("1970-01-01 05:30:01  second  erp  order.push  ")
    assert lines[0].endswith("  TooLong")
    assert lines[1].startswith("1970-01-01 05:30:00  first  ")


def test_a_terminal_shows_whole_ids_in_a_table(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    shop, long = new_account(world), "an-id-of-a-caller-that-is-copied-from-here"
    keep(world.admin.database, failed(0, long, "TooLong"), cm_id=shop.cm_id)
    words = ("log", "--account", shop.subdomain, "--to", "1970-01-02")
    for columns, is_table in ((140, True), (80, False)):
        monkeypatch.setenv("COLUMNS", str(columns))
        monkeypatch.setattr(log_commands, "terminal_width", lambda columns=columns: columns)
        printed = cli(world, *words)
        assert [word for word in ("1970-01-01 05:30:00", long, "order.push") if word not in printed] == []
        assert ("│" in printed) is is_table


def test_log_says_which_option_is_wrong(world: World) -> None:
    code, said = refused(world, "log", "--account", world.a.subdomain, "--from", "soon", "--status", "x")
    assert code == 1
    assert "--from=soon" in said
    assert "--status=x" in said
    for option in ("--key", "--operation", "--error"):
        code, said = refused(world, "log", "--account", world.a.subdomain, option, "nix")
        assert (code, f"{option}=nix: " in said) == (1, True)
    answer = call(world, "GET", f"{REQUESTS}?key=nix")
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, "query:key")
    assert answer.json()["error"] == "InvalidParameter"
    assert refused(world, "log").code == 2
    assert "never" in refused(world, "log", "show", "never", "--account", world.a.subdomain).said


def test_follow_prints_what_comes_once(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    shop, database = new_account(world), world.admin.database
    keep(database, logged(2_000, "there"), cm_id=shop.cm_id)
    coming = [[logged(1_500, "late"), logged(3_000, "new")], [logged(200_000, "newer")], []]

    def come() -> None:
        if not coming:
            raise KeyboardInterrupt
        rows = coming.pop(0)
        if rows:
            keep(database, *rows, cm_id=shop.cm_id)

    monkeypatch.setattr(log_commands, "pause", come)
    printed = cli(world, "log", "--account", shop.subdomain, "--to", "1970-01-02", "--follow", "--json")
    assert [json.loads(line)["id"] for line in printed.splitlines()] == ["there", "late", "new", "newer"]
    plain = cli(world, "log", "--account", shop.subdomain, "--to", "1970-01-02", "--limit", "1", "--follow")
    assert plain == "1970-01-01 05:33:20  newer  erp  order.push  200  1 created  6  \n"


def test_show_prints_the_whole(world: World) -> None:
    request_id = kept(world, '[{"a":1}]', headers={"user-agent": "erp"}, query="a=1")
    text = cli(world, "log", "show", request_id, "--account", world.a.subdomain)
    at = next(line for line in text.splitlines() if line.startswith("at: "))
    assert re.fullmatch(r"at: \d{4}-\d\d-\d\d \d\d:\d\d:\d\d Asia/Kolkata", at)
    lines = [f"id: {request_id}", "status: 200", "--- request", "query: a=1", "user-agent: erp", '[{"a":1}]']
    assert [line for line in [*lines, "--- response"] if line not in text.splitlines()] == []
    shown = json.loads(cli(world, "log", "show", request_id, "--account", world.a.subdomain, "--json"))
    assert shown == call(world, "GET", f"{REQUESTS}/{request_id}").json()
    keep(world.admin.database, logged(1, bare := fresh_word("bare-")), cm_id=world.a.cm_id)
    assert "not kept" in cli(world, "log", "show", bare, "--account", world.a.subdomain)


ODD = '[{"remarks":"it\'s `ls` $HOME \\\\ \\" !x\nnew line é 🙂"}]'


def test_the_curl_line_survives_a_shell(world: World) -> None:
    sent = {"content-type": "application/json", "x-odd": 'a\'b "c" $(id)', "x-none": ""}
    headers = {**sent, "host": "h", "content-length": "3"}
    request_id = kept(world, ODD, headers=headers, query="auth_key=%E2%80%A2&q=a+b%26c&list=[1]")
    line = cli(world, "log", "show", request_id, "--account", world.a.subdomain, "--as", "curl", "--url", "http://h:1/")
    script = f"""curl() {{ printf '%s\\0' "$@"; }}; ORDERDOCK_KEY='Basic x y'; {line}"""
    done = subprocess.run(["sh", "-c", script], capture_output=True, check=True)
    assert done.stdout.decode().split("\0")[:-1] == [
        "--globoff", "-X", "POST", f"http://h:1{PATH}?q=a+b%26c&list=%5B1%5D",
        "-H", "content-type: application/json", "-H", "x-odd: a'b \"c\" $(id)", "-H", "x-none;",
        "-H", "Authorization: Basic x y", "--data-raw", ODD,
    ]  # fmt: skip
    assert shlex.split(line)[0] == "curl"


@pytest.mark.parametrize(
    ("headers", "url"),
    [
        ({"host": "lamps.example.com:9000"}, "http://lamps.example.com:9000"),
        ({"host": "a.example.com", "x-forwarded-proto": "https"}, "https://a.example.com"),
        ({"host": "$(id)"}, "http://127.0.0.1:8480"),
        ({}, "http://127.0.0.1:8480"),
    ],
)
def test_the_curl_line_goes_to_where_it_was_sent(world: World, headers: dict[str, str], url: str) -> None:
    request_id = kept(world, "[]", headers=headers)
    line = cli(world, "log", "show", request_id, "--account", world.a.subdomain, "--as", "curl")
    assert f"{url}{PATH}" in shlex.split(line)


@pytest.mark.parametrize(
    ("body", "side", "why"),
    [
        ('[{"a":1…', {"bodyBytes": 99_999}, "99999 bytes"),
        ('[{"phone":"•","customer_name":"A"}]', {}, "redact_fields"),
        ("•", {}, "redact_fields"),
        ('["\ufffd"]', {}, "no text"),
    ],
)
@pytest.mark.parametrize("words", [("show", "--as", "curl"), ("rerun", "--dry-run")])
def test_what_is_not_the_same_is_not_sent_again(
    world: World, body: str, side: Json, why: str, words: tuple[str, ...]
) -> None:
    request_id = kept(world, body, side=side, key=new_named_key(world))
    command, *more = words
    code, said = refused(world, "log", command, request_id, "--account", world.a.subdomain, *more)
    assert code == 1
    assert why in said


def new_named_key(world: World) -> str:
    """The name of a key of account A that may do everything."""
    name = fresh_word("rerun")
    cli(world, "key", "create", "--account", world.a.subdomain, "--name", name, "--operation", "*", "--json")
    return name


def test_rerun_is_a_dry_run_or_nothing(world: World) -> None:
    request_id = kept(world, "[]")
    code, said = refused(world, "log", "rerun", request_id, "--account", world.a.subdomain)
    assert code == 1
    assert "--dry-run" in said
    read = kept(world, "", path="/api/v1/events", method="GET", key=new_named_key(world))
    assert "only writes" in refused(world, "log", "rerun", read, "--account", world.a.subdomain, "--dry-run").said


def test_a_server_removes_what_is_too_old_by_itself(world: World) -> None:
    database = world.admin.database
    mine, theirs = new_account(world, request_log_days="10"), new_account(world, request_log_days="20000")
    for shop in (mine, theirs):
        keep(database, logged(time.time_ns() // 1_000_000 - 15 * 86_400_000, "old"), cm_id=shop.cm_id)
    assert cut_back(database, load(environ={}), lambda: True).requests == 0
    assert cut_back(database, load(environ={}), lambda: False).requests >= 1
    assert [len(listed(world, "operation=order.push", key=shop.key)) for shop in (mine, theirs)] == [0, 1]


def test_prune_removes_what_is_too_old(world: World) -> None:
    shop = new_account(world)
    keep(world.admin.database, logged(1, "ancient"), cm_id=shop.cm_id)
    assert len(listed(world, "to=1970-01-02", key=shop.key)) == 1
    done = json.loads(cli(world, "log", "prune", "--json"))
    assert done["requests"] >= 1
    assert listed(world, "to=1970-01-02", key=shop.key) == []
    assert "removed: 0 requests" in cli(world, "log", "prune")
