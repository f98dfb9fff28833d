"""Requests are logged and found again (contract 2.19a), all through one running server."""

import json
import subprocess
import time

import pytest

from tests.api.test_request_log import PATH, REQUESTS, listed, refused
from tests.world import (
    ADD_UPDATE,
    ADDED,
    WRITE,
    Json,
    Tenant,
    World,
    add_update,
    basic,
    call,
    cli,
    customer,
    events,
    fresh_erp,
    fresh_phone,
    fresh_word,
    good,
    groups,
    item,
    new_account,
    new_key,
    post,
    write,
)

# A secret that was brought along: it has no form by which it could be told.
ADOPTED = "sup3r/secret+key!1234567890abcdefgh"


@pytest.fixture
def shop(world: World) -> Tenant:
    return new_account(world)


def waited(world: World, query: str, key: str, most: float = 10.0) -> list[Json]:
    """What is found, once something is: reads and refusals are logged in the background."""
    deadline = time.monotonic() + most
    while not (found := listed(world, query, key=key)) and time.monotonic() < deadline:
        time.sleep(0.05)
    return found


def shown(world: World, request_id: str, key: str) -> Json:
    body: Json = call(world, "GET", f"{REQUESTS}/{request_id}", key=key).json()
    return body


def test_a_push_is_found_by_everything_that_it_names(world: World, shop: Tenant) -> None:
    email = f"{fresh_word('mail')}@example.com"
    sent = item(email_id=email)
    answer = write(world, sent, key=shop.key)
    order = answer.json()[0]["order_id"]
    queries = (f"erpOrderId={sent['erp_order_id']}", f"phone={sent['phone']}", f"email={email}", f"orderId={order}")
    for query in queries:
        (found,) = listed(world, query, key=shop.key)
        counts = [found[name] for name in ("items", "created", "updated", "unchanged", "stale", "failed")]
        assert (found["id"], counts) == (answer.headers["x-request-id"], [1, 1, 0, 0, 0, 0])
        assert (found["operation"], found["method"], found["path"]) == ("order.push", "POST", PATH)
        assert (found["status"], found["errors"], found["ip"]) == (200, [], "127.0.0.1")
        assert 0 <= found["queuedMs"] <= found["ms"] + 1
        assert abs(found["at"] - time.time() * 1000) < 60_000
        assert listed(world, query) == [], "another account"
    assert [one["id"] for one in listed(world, f"{queries[0]}&key={found['key']}", key=shop.key)] == [found["id"]]


def test_what_was_sent_and_answered_is_shown_without_the_credential(world: World, shop: Tenant) -> None:
    answer = write(world, item(), key=shop.key, headers={"X-Request-Id": (own := fresh_word("own-")), "X-More": "é"})
    whole = shown(world, own, shop.key)
    assert json.loads(whole["request"]["body"]) == json.loads(answer.request.content)
    assert json.loads(whole["response"]["body"]) == answer.json()
    assert "authorization" not in whole["request"]["headers"]
    assert shop.key not in json.dumps(whole)
    assert call(world, "GET", f"{REQUESTS}/{own}", key="KB").status_code == 404


def test_an_order_has_all_its_requests_newest_first(world: World, shop: Tenant) -> None:
    sent, names = item(), ["made", "changed", "same", "wrong"]
    for name, more in zip(names, ({}, {"remarks": "x"}, {"remarks": "x"}, {"grand_total": "x"}), strict=True):
        write(world, {**sent, **more}, key=shop.key, headers={"X-Request-Id": name})
    assert waited(world, "error=InvalidAmount", shop.key)
    found = listed(world, f"erpOrderId={sent['erp_order_id']}", key=shop.key)
    assert [(one["id"], one["failed"]) for one in found] == [("wrong", 1), ("same", 0), ("changed", 0), ("made", 0)]
    assert [(one["created"], one["updated"], one["unchanged"]) for one in found[1:]] == [
        (0, 0, 1),
        (0, 1, 0),
        (1, 0, 0),
    ]


def test_each_item_of_an_array_finds_its_request(world: World, shop: Tenant) -> None:
    items = [item(), item(grand_total="x"), item()]
    write(world, *items, key=shop.key)
    for sent in items:
        (found,) = waited(world, f"erpOrderId={sent['erp_order_id']}", shop.key)
        assert (found["items"], found["created"], found["failed"], found["errors"]) == (3, 2, 1, ["InvalidAmount"])


def test_the_newer_family_is_logged_too(world: World, shop: Tenant) -> None:
    erp = fresh_erp()
    answer = add_update(world, groups({"erp_order_id": erp}), key=shop.key)
    assert answer.status_code == 200, answer.text
    (found,) = listed(world, f"erpOrderId={erp}", key=shop.key)
    assert (found["operation"], found["path"], found["created"]) == ("order.add-update", ADD_UPDATE, 1)


def test_reads_and_refusals_are_found_by_what_they_say(world: World, shop: Tenant) -> None:
    weak = new_key(world, shop.cm_id, operations=("order.get",))
    call(world, "GET", "/api/v1/events?limit=x&after=y", key=shop.key)
    call(world, "GET", "/api/v1/events", key=weak)
    (faulty,) = waited(world, "error=InvalidNumber", shop.key)
    assert (faulty["status"], faulty["operation"], faulty["errors"]) == (400, "events.read", ["InvalidNumber"])
    (forbidden,) = waited(world, "status=403", shop.key)
    assert forbidden["errors"] == ["OperationNotAllowed"]
    assert [one["id"] for one in waited(world, f"key={forbidden['key']}", shop.key)] == [forbidden["id"]]
    assert waited(world, "operation=requests.read", shop.key), "this search is logged as well"


def test_every_code_of_a_refusal_finds_it(world: World, shop: Tenant) -> None:
    call(world, "GET", f"{REQUESTS}?limit=x&from=y&orderId=z", key=shop.key)
    for code in ("InvalidId", "InvalidDate", "InvalidNumber"):
        assert len(waited(world, f"error={code}", shop.key)) == 1, code


def test_hidden_fields_are_nowhere_in_the_log(world: World) -> None:
    shop = new_account(world, redact_fields="phone,secret")
    sent, phone = fresh_word("own-"), fresh_phone()
    answer = write(world, item(phone=phone, secret={"a": 1}), key=shop.key, headers={"X-Request-Id": sent})
    assert answer.json()[0]["message"] == ADDED
    whole = shown(world, sent, shop.key)
    (body,) = json.loads(whole["request"]["body"])
    assert (body["phone"], body["secret"]) == ("•", "•")
    assert phone not in json.dumps(whole)
    assert len(listed(world, f"phone={phone}", key=shop.key)) == 1, "it is found all the same"
    assert "redact_fields" in refused(world, "log", "show", sent, "--account", shop.subdomain, "--as", "curl").said


def test_the_curl_line_sends_it_again(world: World, shop: Tenant) -> None:
    sent = item(remarks='it\'s `x` $HOME \\ "é"\n🙂')
    assert (
        write(world, sent, key=shop.key, headers={"X-Request-Id": "odd", "Prefer": "return=minimal"}).status_code == 200
    )
    line = cli(world, "log", "show", "odd", "--account", shop.subdomain, "--as", "curl", "--url", world.server.url)
    done = subprocess.run(
        ["sh", "-c", line.replace("curl ", "curl -sS ", 1)],
        env={"ORDERDOCK_KEY": basic(shop.key), "PATH": "/usr/bin:/bin"}, capture_output=True, check=True,
    )  # fmt: skip
    (again,) = json.loads(done.stdout)
    assert again["status"] == "success"
    found = waited(world, f"erpOrderId={sent['erp_order_id']}&key={shown(world, 'odd', shop.key)['key']}", shop.key)
    while len(found) < 2:
        found = listed(world, f"erpOrderId={sent['erp_order_id']}", key=shop.key)
    assert (found[0]["unchanged"], found[1]["created"]) == (1, 1), "the same to the last character"


def rerun(world: World, shop: Tenant, request_id: str) -> list[Json]:
    verdicts: list[Json] = json.loads(
        cli(world, "log", "rerun", request_id, "--account", shop.subdomain, "--dry-run", "--json")
    )
    return verdicts


def test_rerun_judges_as_of_now_and_writes_nothing(world: World, shop: Tenant) -> None:
    good, bad = item(), item(assign_emp_code="NEW-1")
    cli(world, "account", "set", "--account", shop.subdomain, "unknown_employee=error")
    answer = write(world, good, bad, key=shop.key, headers={"X-Request-Id": "two"})
    assert [one.get("status", one.get("Status")) for one in answer.json()] == ["success", "failed"]
    before = events(world, key=shop.key)["next"]
    verdicts = rerun(world, shop, "two")
    assert [one["outcome"] for one in verdicts] == ["unchanged", "failed"]
    assert "EmployeeUnknown" in verdicts[1]["errors"][0]
    cli(world, "employee", "create", "--account", shop.subdomain, "--code", "NEW-1", "--name", "New")
    before += 1
    verdicts = rerun(world, shop, "two")
    assert [(one["outcome"], one["errors"]) for one in verdicts] == [("unchanged", []), ("created", [])]
    assert str(verdicts[0]["order_id"]) == answer.json()[0]["order_id"]
    assert events(world, key=shop.key)["next"] == before
    assert "created" in cli(world, "log", "rerun", "two", "--account", shop.subdomain, "--dry-run")


def test_rerun_knows_the_newer_family_its_revisions_and_strict_handling(world: World, shop: Tenant) -> None:
    erp = fresh_erp()
    add_update(world, groups({"erp_order_id": erp}), key=shop.key, headers={"X-Request-Id": "made"})
    assert [one["outcome"] for one in rerun(world, shop, "made")] == ["unchanged"]
    changed = {"order_info": {"erp_order_id": erp, "update": True, "remarks": "x"}}
    add_update(world, changed, key=shop.key, headers={"X-Request-Id": "stale", "If-Match": '"77"'})
    assert waited(world, "error=RevisionMismatch", shop.key)
    (verdict,) = rerun(world, shop, "stale")
    assert "RevisionMismatch" in " ".join(verdict["errors"])
    write(
        world, item(), item(grand_total="x"), key=shop.key, headers={"X-Request-Id": "all", "Prefer": "handling=strict"}
    )
    assert waited(world, "error=BatchRejected", shop.key)
    assert [one["errors"][0].split()[0] for one in rerun(world, shop, "all")] == ["BatchRejected", "InvalidAmount"]


def test_a_customer_push_is_found_by_what_it_names_and_judged_again(world: World, shop: Tenant) -> None:
    phone = fresh_phone()
    sent = {"name": "Asha", "phone": phone, "email": f"{phone}@example.com"}
    made = customer(world, key=shop.key, **sent)
    for query in (f"phone={phone}", f"email={phone}@example.com", "operation=customer.push"):
        (found,) = waited(world, query, shop.key)
        assert (found["operation"], found["created"]) == ("customer.push", 1), query
    (verdict,) = rerun(world, shop, found["id"])
    assert (verdict["outcome"], str(verdict["customer_id"])) == ("unchanged", made["Kapture Customer Id"])


def test_rerun_tells_what_refuses_the_whole(world: World, shop: Tenant) -> None:
    call(world, "POST", PATH, b"[]", key=shop.key, headers={"X-Request-Id": "empty"})
    assert waited(world, "error=EmptyRequest", shop.key)
    (verdict,) = rerun(world, shop, "empty")
    assert (verdict["outcome"], verdict["errors"][0].split()[0]) == ("refused", "EmptyRequest")


def test_a_key_written_with_escapes_is_neither_data_nor_logged(world: World) -> None:
    shop = new_account(world)
    escaped = f"\\u006f{shop.key[1:]}"
    erp, asked = fresh_erp(), fresh_word("escaped-")
    body = f'[{{"erp_order_id":"{erp}","phone":"8123456789","remarks":"{escaped}"}}]'.encode()
    assert good(post(world, WRITE, body, key=shop.key, headers={"X-Request-Id": asked}))["outcome"] == "created"
    shown = call(world, "GET", f"/api/v1/orders/erp:{erp}", key=shop.key).json()
    assert shown["remarks"] == "•"
    logged = call(world, "GET", f"/api/v1/requests/{asked}", key=shop.key).text
    assert (shop.key[1:] in logged, "remarks" in logged) == (False, True)


def test_a_key_in_a_query_is_hidden_however_it_is_escaped(world: World) -> None:
    shop = new_account(world)
    for number, query in enumerate((f"x=%6f{shop.key[1:]}", f"AUTH_KEY={ADOPTED}")):
        asked = fresh_word(f"query-{number}-")
        call(world, "GET", f"/api/v1/orders?{query}", key=shop.key, headers={"X-Request-Id": asked})
        deadline = time.monotonic() + 10
        while (found := call(world, "GET", f"/api/v1/requests/{asked}", key=shop.key)).status_code == 404:
            assert time.monotonic() < deadline
        assert "•" in found.json()["request"]["query"]
        assert not any(secret in found.text for secret in (shop.key[1:], ADOPTED))


def test_an_id_that_nobody_can_have_sent_is_not_found(world: World) -> None:
    for odd in ("%00", "a%00b", "a%20b", "x" * 129):
        assert call(world, "GET", f"/api/v1/requests/{odd}").status_code == 404
