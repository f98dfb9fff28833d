"""`GET /api/v1/events`: edge cases X1, X4-X6 and the rules of the feed (contract 2.18)."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.world import (
    EVENTS,
    Json,
    World,
    call,
    events,
    good,
    item,
    line,
    new_account,
    new_key,
    one,
    pay,
    push,
    update,
    write,
)


def types(page: Json) -> list[str]:
    return [event["type"] for event in page["events"]]


def test_x1_a_looping_reader_misses_nothing_and_sees_nothing_twice(world: World) -> None:
    shop = new_account(world)
    start = events(world, key=shop.key)["next"]
    with ThreadPoolExecutor(10) as pool:
        pushing = [pool.submit(lambda: good(write(world, item(), key=shop.key))) for _ in range(50)]
        seen: list[Json] = []
        while sum(event["type"] == "order.created" for event in seen) < 50:
            page = events(world, f"after={seen[-1]['seq'] if seen else start}&limit=7", key=shop.key)
            seen += page["events"]
        made = {int(push.result()["order_id"]) for push in pushing}
    assert [event["seq"] for event in seen] == list(range(start + 1, start + 1 + len(seen)))
    assert {event["orderId"] for event in seen if event["type"] == "order.created"} == made


def test_x4_beyond_the_end_there_is_nothing(world: World) -> None:
    shop = new_account(world)
    end = events(world, key=shop.key)["next"]
    assert events(world, f"after={end}", key=shop.key) == {"events": [], "next": end, "hasMore": False}
    assert events(world, "after=999999", key=shop.key)["events"] == []


@pytest.mark.parametrize(
    "query", ["after=abc", "after=-1", "after=1.5", "limit=x", "limit=-1", "after=99999999999999999999"]
)
def test_x5_a_number_is_needed(world: World, query: str) -> None:
    answer = call(world, "GET", f"{EVENTS}?{query}")
    assert (answer.status_code, answer.json()["error"]) == (400, "InvalidNumber")
    assert answer.json()["errors"][0]["field"] == f"query:{query.partition('=')[0]}"


def test_x6_types_skip_the_others(world: World) -> None:
    shop = new_account(world)
    start = events(world, key=shop.key)["next"]
    order = push(world, key=shop.key)
    pay(world, order, "10", key=shop.key)
    update(world, order, key=shop.key, remarks="last")
    page = events(world, f"after={start}&types=payment.added", key=shop.key)
    assert types(page) == ["payment.added"]
    assert page["next"] == events(world, f"after={start}", key=shop.key)["next"] > page["events"][0]["seq"]
    both = events(world, f"after={start}&types=payment.added,%20order.updated", key=shop.key)
    assert types(both) == ["payment.added", "order.updated"]
    assert events(world, f"after={start}&types=key.expiring", key=shop.key) == {
        "events": [],
        "next": page["next"],
        "hasMore": False,
    }


def test_one_write_tells_customer_order_payment_in_this_order(world: World) -> None:
    shop = new_account(world)
    start = events(world, key=shop.key)["next"]
    order = push(world, key=shop.key, remarks="call first", total_paid="5", product_details=[line()])
    page = events(world, f"after={start}", key=shop.key)
    assert types(page) == ["customer.created", "order.created", "payment.added"]
    created = page["events"][1]
    assert list(created) == ["seq", "at", "type", "orderId", "customerId", "enquiryId", "actor", "requestId", "changes"]
    assert [str(created[name]) for name in ("orderId", "customerId", "enquiryId")] == [
        order["order_id"], order["kapture_customer_id"], order["enquiry_id"],
    ]  # fmt: skip
    assert {"field": "remarks", "before": None, "after": "call first"} in created["changes"]
    assert created["actor"].startswith("key:key")
    assert len({event["requestId"] for event in page["events"]}) == 1


def test_an_event_can_be_found_by_its_request(world: World) -> None:
    shop = new_account(world)
    start = events(world, key=shop.key)["next"]
    write(world, item(), key=shop.key, headers={"X-Request-Id": "import-77"})
    assert {event["requestId"] for event in events(world, f"after={start}", key=shop.key)["events"]} == {"import-77"}


def test_what_changes_nothing_is_not_told(world: World) -> None:
    shop, order = new_account(world), item()
    good(write(world, order, key=shop.key))
    end = events(world, key=shop.key)["next"]
    good(write(world, order, key=shop.key))
    write(world, {"remarks": "fails"}, key=shop.key)
    write(world, order, {"remarks": "fails"}, key=shop.key, headers={"Prefer": "handling=strict"})
    assert events(world, f"after={end}", key=shop.key)["events"] == []


def test_an_account_tells_of_its_own_keeping(world: World) -> None:
    shop = new_account(world)
    assert {"settings.updated", "employee.changed", "key.created"} <= set(types(events(world, key=shop.key)))
    assert shop.key not in call(world, "GET", EVENTS, key=shop.key).text


def test_pages_follow_each_other(world: World) -> None:
    shop = new_account(world)
    whole = events(world, key=shop.key)["events"]
    first = call(world, "GET", f"{EVENTS}?limit=2", key=shop.key).json()
    assert (first["events"], first["hasMore"], first["next"]) == (whole[:2], True, whole[1]["seq"])
    rest = call(world, "GET", f"{EVENTS}?after={first['next']}", key=shop.key).json()
    assert (first["events"] + rest["events"], rest["hasMore"]) == (whole, False)


def test_the_feed_alone_is_enough_to_rebuild_a_record(world: World) -> None:
    shop = new_account(world)
    order = push(
        world, key=shop.key, remarks="a", order_type="web", product_details=[line(rate="10"), line(sku_id="B")]
    )
    update(world, order, key=shop.key, remarks="b", product_details=[line(rate="11")])
    state: Json = {}
    for event in events(world, "types=order.created,order.updated", key=shop.key)["events"]:
        for change in event["changes"]:
            assert state.get(change["field"]) == change["before"], change
            state[change["field"]] = change["after"]
    shown = one(world, order, key=shop.key)
    told = {name: value for name, value in state.items() if name in shown and not isinstance(value, list | dict)}
    assert {name: shown[name] for name in told} == told
    assert {"remarks", "orderType", "productValue"} <= told.keys()


def test_records_can_come_along(world: World) -> None:
    shop = new_account(world)
    order = push(world, key=shop.key)
    update(world, order, key=shop.key, remarks="now")
    page = events(world, "include=record&types=order.created", key=shop.key)
    (created,) = page["events"]
    now = one(world, order, key=shop.key)
    assert created["record"] == now
    assert "record" not in events(world, "types=order.created", key=shop.key)["events"][0]


def test_a_key_needs_the_right_to_read_the_feed(world: World) -> None:
    refused = call(world, "GET", EVENTS, key="Kpush")
    assert (refused.status_code, refused.json()["error"]) == (403, "OperationNotAllowed")
    reader = new_key(world, operations=("events.read",))
    assert call(world, "GET", EVENTS, key=reader).status_code == 200


def test_accounts_have_feeds_of_their_own(world: World) -> None:
    first, second = new_account(world), new_account(world)
    end = events(world, key=second.key)["next"]
    push(world, key=first.key)
    assert events(world, f"after={end}", key=second.key)["events"] == []


def test_every_event_may_bring_its_record(world: World) -> None:
    shop = new_account(world)
    order = push(world, key=shop.key, total_paid="5")
    update(world, order, key=shop.key, remarks="x")
    whole = events(world, "include=record", key=shop.key)["events"]
    assert [event["type"] for event in whole] == types(events(world, key=shop.key))
    assert all("record" in event for event in whole if event["type"] in ("order.created", "order.updated"))


@pytest.mark.parametrize(("limit", "reduced"), [("1001", True), ("5000", True), ("1000", False), ("0", False)])
def test_a_page_of_the_feed_is_bounded(world: World, limit: str, reduced: bool) -> None:
    page = call(world, "GET", f"{EVENTS}?limit={limit}").json()
    assert len(page["events"]) <= 1000
    told = {"code": "LimitReduced", "field": "query:limit", "value": limit, "message": "at most 1000 events a page"}
    assert page.get("warnings") == ([told] if reduced else None)


def test_an_unknown_type_is_refused(world: World) -> None:
    answer = call(world, "GET", f"{EVENTS}?types=order.created,nope")
    assert (answer.status_code, answer.json()["error"]) == (400, "InvalidParameter")
    assert answer.json()["errors"][0]["field"] == "query:types"
    assert answer.json()["errors"][0]["value"] == "nope"
