"""Golden cases G67-G75, G95, G97, G98: what is read, and health (contract 2.6, 2.7, 2.15, 2.18, 2.20)."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.engines import PostgresServer
from tests.world import (
    GET,
    ORDERS,
    Json,
    Tenant,
    World,
    call,
    events,
    faults,
    good,
    ids,
    item,
    line,
    new_account,
    one,
    post,
    pull,
    push,
    running,
    update,
    write,
)

FOURTEEN = ["id", "leadId", "enquiryId", "name", "phone", "email", "creatorId", "productId", "productQuantity",
            "productValue", "paymentTerm", "paymentMode", "remarks", "companyName"]  # fmt: skip
ELEVEN = ["id", "cmId", "leadId", "enquiryId", "name", "phone", "email", "creatorId", "productId", "productQuantity",
          "productValue"]  # fmt: skip
DATES = ["createDate", "modifiedDate"]
KOLKATA = timedelta(hours=5, minutes=30)


def today() -> str:
    return (datetime.now(UTC) + KOLKATA).strftime("%Y-%m-%d")


def push_many(world: World, shop: Tenant, number: int, **fields: str) -> list[str]:
    answers = write(world, *(item(**fields) for _ in range(number)), key=shop.key).json()
    return [answer["order_id"] for answer in answers]


def test_g67_a_day_is_pulled(world: World) -> None:
    shop = new_account(world)
    order = push(
        world, key=shop.key, create_date="2024-05-08 11:54:52", email_id="rachel@example.com", remarks="testing",
        company_name="Tooth worth", payment_mode="cash", payment_term="30 days", product_details=[line(rate="")],
    )  # fmt: skip
    page = pull(world, key=shop.key, start_date="2024-05-08", end_date="2024-05-08")
    assert list(page) == ["orders", "status", "total", "next"]
    assert (page["status"], page["total"], page["next"]) == ("success", "1", "")
    (row,) = page["orders"]
    assert list(row) == [*FOURTEEN, *DATES]
    assert all(isinstance(value, str) for value in row.values())
    assert (row["id"], row["leadId"], row["enquiryId"]) == (
        order["order_id"],
        order["kapture_customer_id"],
        order["enquiry_id"],
    )
    assert (row["name"], row["email"], row["companyName"]) == ("Asha", "rachel@example.com", "Tooth worth")
    assert (row["productId"], row["productQuantity"], row["productValue"]) == ("", "1", "0")
    assert (row["paymentTerm"], row["paymentMode"], row["remarks"]) == ("30 days", "cash", "testing")
    assert row["createDate"] == "2024-05-08 11:54:52"


def test_g68_an_empty_day_is_a_documented_failure(world: World) -> None:
    page = pull(world, start_date="1999-01-01")
    assert [page[name] for name in ("Message", "Status", "Error")] == ["No orders between dates", "failed", "NoOrders"]
    assert faults(page) == [("NoOrders", "")]


@pytest.mark.parametrize(
    ("dates", "text", "fault"),
    [
        ({}, "Mandatory field missing", ("ReqFieldMissing", "[0].start_date")),
        ({"start_date": "2024-02-30"}, "A date is not valid.", ("InvalidDate", "[0].start_date")),
        ({"start_date": "2024-05-08", "end_date": "2024-05-07"}, "The range is not valid.", None),
    ],
)
def test_g69_a_mistyped_range_does_not_read_as_no_orders(
    world: World, dates: Json, text: str, fault: tuple[str, str] | None
) -> None:
    page = pull(world, **dates)
    assert (page["Message"], page["Status"]) == (text, "failed")
    if fault:
        assert (page["Error"], faults(page)) == (fault[0], [fault])
    else:
        assert [entry["code"] for entry in page["errors"]] == ["InvalidRange"]


def test_g70_the_end_day_is_whole(world: World) -> None:
    shop = new_account(world)
    inside = push(world, key=shop.key, create_date="2024-05-08 23:59:59")
    push(world, key=shop.key, create_date="2024-05-09 00:00:00")
    assert ids(pull(world, key=shop.key, start_date="2024-05-07", end_date="2024-05-08")) == [inside["order_id"]]


def test_g71_an_order_edited_today_is_in_todays_modifications(world: World) -> None:
    shop, day = new_account(world), today()
    order = push(world, key=shop.key, create_date="2020-01-01")
    update(world, order, key=shop.key, remarks="edited")
    by_change = pull(world, key=shop.key, start_date=day, end_date=today(), sortOnModificationDate="true")
    assert ids(by_change) == [order["order_id"]]
    assert pull(world, key=shop.key, start_date=day, end_date=today())["Error"] == "NoOrders"


def test_g72_pages_by_position_and_by_cursor_are_the_same(world: World) -> None:
    shop = new_account(world)
    made = push_many(world, shop, 250, create_date="2024-05-08")
    asked = {"start_date": "2024-05-08", "numberOfRecords": "100"}
    by_position = [pull(world, key=shop.key, **asked, startPosition=str(start)) for start in (0, 100, 200)]
    pages: list[Json] = []
    cursor = ""
    while not pages or cursor:
        pages.append(pull(world, key=shop.key, **asked, cursor=cursor))
        cursor = pages[-1]["next"]
        push(world, key=shop.key, create_date="2024-05-07")  # others go on pushing
        push(world, key=shop.key, create_date="2024-05-08")
    walked = [number for page in pages for number in ids(page)]
    assert sorted(ids(by_position[0]) + ids(by_position[1]) + ids(by_position[2])) == sorted(made)
    assert [number for number in walked if number in set(made)] == [n for page in by_position for n in ids(page)]
    assert len(walked) == len(set(walked))
    assert pages[-1]["next"] == ""
    assert by_position[2]["next"] == ""
    assert {page["total"] for page in by_position} == {"250"}


def test_g73_history_tells_before_and_after(world: World) -> None:
    shop = new_account(world)
    order = push(world, key=shop.key, create_date="2024-05-08", payment_mode="cash")
    update(world, order, key=shop.key, remarks="call first")
    (row,) = pull(world, key=shop.key, start_date="2024-05-08", includeHistory="true")["orders"]
    assert list(row)[-1] == "history"
    created, updated = row["history"]
    assert (created["action"], updated["action"]) == ("created", "updated")
    assert {"field": "paymentMode", "before": "", "after": "cash"} in created["changes"]
    assert updated["changes"] == [{"field": "remarks", "before": "", "after": "call first"}]
    assert created["actor"].startswith("key:")
    datetime.strptime(created["at"], "%Y-%m-%d %H:%M:%S")


def test_g74_an_order_is_got_in_every_spelling(world: World) -> None:
    number = world.f1["order_id"]
    bodies = ([{"order_id": number}], {"order_id": number}, {"order_id": int(number)}, [{"kapture_order_id": number}])
    answers = [post(world, GET, body).json() for body in bodies]
    assert all(answer == answers[0] for answer in answers)
    assert list(answers[0]) == ["message", "status"]
    message = answers[0]["message"]
    assert list(message) == [*ELEVEN, *DATES]
    assert all(isinstance(value, str) for value in message.values())
    assert (message["id"], message["cmId"], message["createDate"]) == (number, "1000298", "2024-05-08 11:54:52")
    assert message["creatorId"] == str(world.people["E-7"])
    by_erp = post(world, GET, [{"erp_order_id": "SO-2"}]).json()
    assert by_erp["message"]["id"] == world.f2["order_id"]


@pytest.mark.parametrize("key", ["K", "KB"])
def test_g75_unknown_orders_and_those_of_others_are_not_found(world: World, key: str) -> None:
    number = "77" if key == "K" else world.f1["order_id"]
    answer = post(world, GET, [{"order_id": number}], key=key)
    assert answer.status_code == 200
    assert [answer.json()[name] for name in ("Message", "Status", "Error")] == [
        "could not find the order", "failed", "OrderNotFound",
    ]  # fmt: skip
    assert answer.json()["errors"][0]["value"] == number


def test_g95_an_order_has_an_address_and_a_key_tells_what_it_asks_for(world: World) -> None:
    found = call(world, "GET", f"{ORDERS}erp:SO-2")
    assert (found.status_code, found.json()["id"]) == (200, int(world.f2["order_id"]))
    missing = call(world, "GET", f"{ORDERS}erp:SO-none")
    assert (missing.status_code, missing.json()["error"]) == (404, "OrderNotFound")
    assert missing.json()["message"] == "No such order."
    asked = call(world, "GET", "/api/v1/keys/current", key="Kmand")
    assert asked.status_code == 200
    assert asked.json()["mandatory_fields"] == {"order.push": ["order.grand_total", "line.sku"]}
    assert asked.json()["mandatory_names"] == {"order.push": ["grand_total", "product_details[].sku_id"]}


def test_g97_the_feed_has_no_gap(world: World) -> None:
    shop = new_account(world)
    start = events(world, key=shop.key)["next"]
    with ThreadPoolExecutor(16) as pool:
        made = list(pool.map(lambda _: good(write(world, item(), key=shop.key)), range(50)))
    feed = events(world, f"after={start}", key=shop.key)
    seen = [event["seq"] for event in feed["events"]]
    assert seen == list(range(start + 1, start + 1 + len(seen)))
    created = [event["orderId"] for event in feed["events"] if event["type"] == "order.created"]
    assert sorted(created) == sorted(int(answer["order_id"]) for answer in made)
    assert (feed["next"], feed["hasMore"]) == (seen[-1], False)


def test_g98_a_server_says_when_its_database_is_away(own_postgres: PostgresServer, tmp_path: Path) -> None:
    url = own_postgres.create_database(own_postgres.create_template())
    with running(url, tmp_path) as own:
        assert call(own, "GET", "/readyz", key=None).json() == {"status": "ready"}
        own_postgres.stop()
        away = call(own, "GET", "/readyz", key=None)
        assert (away.status_code, away.json()["status"]) == (503, "not ready")
        assert "database" in away.json()["checks"]
        assert call(own, "GET", "/healthz", key=None).json() == {"status": "ok"}
        own_postgres.start()
        assert one(own, own.f1)["id"] == int(own.f1["order_id"])
        assert call(own, "GET", "/readyz", key=None).status_code == 200
