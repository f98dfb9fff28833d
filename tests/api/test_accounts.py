"""Whose request it is: paths, hosts and the account named in a body (contract 1.1, 1.2)."""

import pytest

from tests.world import (
    EVENTS,
    GET,
    ORDERS,
    PULL,
    WRITE,
    Json,
    World,
    call,
    faults,
    get,
    good,
    item,
    new_account,
    post,
    push,
    write,
)


@pytest.mark.parametrize("path", [WRITE, PULL, GET])
@pytest.mark.parametrize("suffix", ["", "/", "/v.2.0", "/v.2.0/"])
def test_a_legacy_path_answers_with_and_without_its_suffix(world: World, path: str, suffix: str) -> None:
    assert post(world, path + suffix, []).json()["Error"] == "EmptyRequest"


@pytest.mark.parametrize(
    "path",
    [GET.upper(), f"{GET}//", f"{GET}/v.3.0", f"{GET}/v.2.0/v.2.0", GET.removesuffix(".html"), "/api/v1/Events", "/"],
)
def test_other_spellings_of_a_path_are_unknown(world: World, path: str) -> None:
    answer = call(world, "POST" if path.startswith(GET[:9]) else "GET", path)
    assert (answer.status_code, "NotFound" in answer.text) == (404, True)


def test_v1_paths_tolerate_one_slash_behind(world: World) -> None:
    assert call(world, "GET", f"{EVENTS}/").status_code == 200
    assert call(world, "GET", f"{ORDERS}{world.f1['order_id']}/").status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        "/add-ticket-from-other-source.html/v.2.0",
        "/get-faq-contents.html",
        "/add-update-product-from-other-source.html",
    ],
)
def test_what_comes_later_is_unknown_until_then(world: World, path: str) -> None:
    answer = post(world, path, [{}])
    assert (answer.status_code, answer.json()["Error"], answer.json()["Status"]) == (404, "NotFound", "failed")


@pytest.mark.parametrize(
    "host",
    [
        "kapdemo.example.com",
        "KAPDEMO.example.com:8480",
        "kapdemo",
        "nobody.example.com",
        "localhost:8480",
        "10.0.0.7",
        "[::1]:8480",
    ],
)
def test_a_host_that_is_ours_or_nobodys_says_nothing(world: World, host: str) -> None:
    answer = post(world, GET, [{"order_id": world.f1["order_id"]}], headers={"Host": host})
    assert (answer.status_code, answer.json()["status"]) == (200, "success")


def test_a_host_of_another_account_is_refused(world: World) -> None:
    shop = new_account(world)
    host = {"Host": f"{shop.subdomain.upper()}.example.com"}
    assert post(world, GET, [{"order_id": "1"}], headers=host).status_code == 401
    assert post(world, GET, [{"order_id": "1"}], headers=host, key=shop.key).json()["Error"] == "OrderNotFound"


def test_a_forwarded_host_is_not_believed_from_anybody(world: World) -> None:
    sent = {
        "X-Forwarded-Host": "other.example.com",
        "X-Forwarded-For": "203.0.113.7",
        "Forwarded": "host=other.example.com",
    }
    assert post(world, GET, [{"order_id": world.f1["order_id"]}], headers=sent).status_code == 200
    assert post(world, GET, [{"order_id": world.f1["order_id"]}], headers=sent, key="Kip").status_code == 403


@pytest.mark.parametrize(
    "spelt", [{"cmId": 1000298}, {"cm_id": "1000298"}, {"cmId": " 1000298 ", "cm_id": 0}, {"cmId": ""}]
)
def test_the_own_account_may_be_named(world: World, spelt: Json) -> None:
    made = good(write(world, item(**spelt)))
    assert get(world, made, **spelt)["cmId"] == "1000298"


@pytest.mark.parametrize("path", [WRITE, PULL, GET])
@pytest.mark.parametrize("name", ["cmId", "cm_id"])
def test_another_account_may_not_be_named(world: World, path: str, name: str) -> None:
    body = {"start_date": "2024-05-08", "order_id": "1", name: "2469"}
    for sent, field in ((body, name), ([body], f"[0].{name}")):
        answer = post(world, path, sent)
        assert (answer.status_code, answer.json()["Error"]) == (401, "AuthKeyInvalid")
        assert faults(answer.json()) == [("AccountMismatch", field)]


@pytest.mark.parametrize("path", [EVENTS, f"{ORDERS}1"])
def test_nor_in_an_address(world: World, path: str) -> None:
    answer = call(world, "GET", f"{path}?cmId=2469")
    assert (answer.status_code, answer.json()["error"]) == (403, "AccountMismatch")
    assert faults(answer.json()) == [("AccountMismatch", "query:cmId")]
    assert call(world, "GET", f"{EVENTS}?cmId=1000298").status_code == 200


@pytest.mark.parametrize("number", ["abc", -1, 1.5, "1000298x"])
def test_an_account_number_that_is_none_is_an_item_fault(world: World, number: object) -> None:
    answer = write(world, item(), item(cmId=number))
    assert answer.status_code == 200
    first, bad = answer.json()
    assert (first["outcome"], faults(bad)) == ("created", [("InvalidId", "[1].cmId")])


def test_an_account_number_is_no_additional_field(world: World) -> None:
    made = good(write(world, item(cmId="1000298")))
    assert call(world, "GET", f"{ORDERS}{made['order_id']}").json()["additionalFields"] == {}


def test_the_numbers_of_two_accounts_are_their_own(world: World) -> None:
    order = item()
    mine, theirs = good(write(world, order)), good(write(world, order, key="KB"))
    assert (mine["outcome"], theirs["outcome"]) == ("created", "created")
    assert mine["kapture_customer_id"] != theirs["kapture_customer_id"]
    assert push(world, key="KB", phone=order["phone"])["kapture_customer_id"] == theirs["kapture_customer_id"]
