"""Edge cases L1-L13 of the legacy pull, and what it shows (contract 2.6)."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Event

import pytest

from tests.docs.samples import sample
from tests.world import (
    PULL,
    Json,
    Tenant,
    World,
    faults,
    ids,
    item,
    line,
    new_account,
    new_key,
    one,
    pay,
    post,
    pull,
    push,
    update,
    warned,
    write,
)

DAY = "2016-03-31"


def today() -> str:
    return (datetime.now(UTC) + timedelta(hours=5, minutes=30)).strftime("%Y-%m-%d")


def push_many(world: World, shop: Tenant, number: int, **fields: str) -> list[str]:
    """So many orders by as few requests as may be; their numbers."""
    made: list[str] = []
    while len(made) < number:
        some = [item(**fields) for _ in range(min(1000, number - len(made)))]
        made += [answer["order_id"] for answer in write(world, *some, key=shop.key).json()]
    return made


@pytest.fixture(scope="module")
def crowd(world: World) -> tuple[Tenant, list[str]]:
    """An account with 2,500 orders of one day."""
    shop = new_account(world)
    return shop, push_many(world, shop, 2_500, create_date=f"{DAY} 12:00")


def test_l1_the_sample_of_the_document_skips_ten_rows(world: World) -> None:
    shop = new_account(world)
    made = push_many(world, shop, 12, create_date=f"{DAY} 18:00")
    push(world, key=shop.key, create_date="2016-04-01")
    body = sample("pull", _293312="")
    page = post(world, PULL, body, key=shop.key).json()
    assert (page["status"], page["total"], page["next"]) == ("success", "12", "")
    assert ids(page) == sorted(made, key=int)[10:]


def test_l2_the_end_day_ends_at_midnight(world: World) -> None:
    shop = new_account(world)
    last = push(world, key=shop.key, create_date="2024-05-08T23:59:59.999+05:30")
    first = push(world, key=shop.key, create_date="2024-05-08T00:00:00+05:30")
    push(world, key=shop.key, create_date="2024-05-09T00:00:00+05:30")
    push(world, key=shop.key, create_date="2024-05-07T23:59:59.999+05:30")
    for end in ("2024-05-08", "", None):
        page = pull(world, key=shop.key, start_date="2024-05-08", end_date=end)
        assert ids(page) == [first["order_id"], last["order_id"]]


def test_l3_an_end_before_the_start_is_no_range(world: World) -> None:
    page = pull(world, start_date="2024-05-09", end_date="2024-05-08")
    assert (page["Message"], page["Status"], page["Error"]) == ("The range is not valid.", "failed", "InvalidRange")


def test_l4_both_dates_are_told(world: World) -> None:
    page = pull(world, start_date="2024-13-01")
    assert (page["Message"], faults(page)) == ("A date is not valid.", [("InvalidDate", "[0].start_date")])
    both = pull(world, end_date="2024-02-30", start_date="2024-13-01", numberOfRecords="x")
    assert sorted(faults(both)) == [
        ("InvalidDate", "[0].end_date"), ("InvalidDate", "[0].start_date"), ("InvalidNumber", "[0].numberOfRecords"),
    ]  # fmt: skip


def test_l5_a_position_beyond_the_end_is_no_orders(world: World) -> None:
    shop = new_account(world)
    push(world, key=shop.key, create_date=DAY)
    assert pull(world, key=shop.key, start_date=DAY, startPosition="1")["Error"] == "NoOrders"
    assert ids(pull(world, key=shop.key, start_date=DAY, startPosition="0"))


def test_l6_a_page_has_at_most_a_thousand_rows(world: World, crowd: tuple[Tenant, list[str]]) -> None:
    shop, made = crowd
    page = pull(world, key=shop.key, start_date=DAY, numberOfRecords="5000")
    assert len(page["orders"]) == 1000
    assert (page["total"], bool(page["next"]), warned(page)) == (
        "2500",
        True,
        [("LimitReduced", "[0].numberOfRecords")],
    )
    usual = pull(world, key=shop.key, start_date=DAY, numberOfRecords="0")
    assert (len(usual["orders"]), "warnings" in usual) == (100, False)
    deep = pull(world, key=shop.key, start_date=DAY, startPosition="2490")
    assert ids(page) + ids(deep) == sorted(made, key=int)[:1000] + sorted(made, key=int)[2490:]


def test_l7_an_order_changed_today_is_in_todays_range_at_its_new_place(world: World) -> None:
    shop, day = new_account(world), today()
    old = push(world, key=shop.key, create_date="2020-01-01")
    new = push(world, key=shop.key)
    asked = {"start_date": day, "end_date": (datetime.fromisoformat(day) + timedelta(days=1)).strftime("%Y-%m-%d")}
    assert ids(pull(world, key=shop.key, **asked, sortOnModificationDate="true")) == [old["order_id"], new["order_id"]]
    update(world, old, key=shop.key, remarks="changed")
    assert ids(pull(world, key=shop.key, **asked, sortOnModificationDate=True)) == [new["order_id"], old["order_id"]]
    assert ids(pull(world, key=shop.key, **asked)) == [new["order_id"]]


def walk(world: World, shop: Tenant, **asked: str) -> list[str]:
    """Every id that a reader sees who follows the cursor to its end."""
    seen: list[str] = []
    page: Json = {"next": ""}
    while not seen or page["next"]:
        page = pull(world, key=shop.key, **asked, cursor=page["next"])
        seen += ids(page)
    return seen


@pytest.mark.parametrize("by_change", ["false", "true"])
def test_l8_a_cursor_skips_and_repeats_nothing(world: World, crowd: tuple[Tenant, list[str]], by_change: str) -> None:
    shop, made = crowd
    start, end, done = (
        ("2016-03-01", "2016-04-30", Event()) if by_change == "false" else ("2020-01-01", "2100-01-01", Event())
    )

    def keep_pushing() -> None:
        while not done.is_set():
            some = [item(create_date=f"2016-{month}") for month in ("03-30", "03-31 12:00", "04-02")]
            assert write(world, *some, key=shop.key).status_code == 200

    with ThreadPoolExecutor(1) as pool:
        pushing = pool.submit(keep_pushing)
        try:
            seen = walk(
                world, shop, start_date=start, end_date=end, sortOnModificationDate=by_change, numberOfRecords="250"
            )
        finally:
            done.set()
        pushing.result()
    assert len(seen) == len(set(seen))
    assert set(made) <= set(seen)


def test_l9_a_cursor_belongs_to_its_question(world: World) -> None:
    shop = new_account(world)
    push_many(world, shop, 3, create_date=DAY)
    asked = {"start_date": DAY, "end_date": "2016-04-01", "numberOfRecords": "2"}
    cursor = pull(world, key=shop.key, **asked)["next"]
    assert len(ids(pull(world, key=shop.key, **asked, cursor=cursor))) == 1
    assert len(ids(pull(world, key=shop.key, **asked, cursor=cursor, startPosition="2"))) == 1  # the cursor wins
    for changed in ({"end_date": "2016-04-02"}, {"sortOnModificationDate": "true"}, {"enquiry_id": "5"}):
        page = pull(world, key=shop.key, **{**asked, **changed}, cursor=cursor)
        assert (page["Message"], page["Error"]) == ("The cursor is not valid for this request.", "InvalidCursor")
    for damaged in (cursor[:-2], "A" + cursor[1:], "x", cursor + cursor, "🙂", cursor.swapcase()):
        page = pull(world, key=shop.key, **asked, cursor=damaged)
        assert faults(page) == [("InvalidCursor", "[0].cursor")], damaged


def test_l10_an_enquiry_without_dates_is_not_enough(world: World) -> None:
    page = pull(world, enquiry_id=world.f1["enquiry_id"])
    assert (page["Message"], page["Error"]) == ("Mandatory field missing", "ReqFieldMissing")
    assert faults(page) == [("ReqFieldMissing", "[0].start_date")]


def test_enquiries_narrow_the_range(world: World) -> None:
    shop = new_account(world)
    first, second, third = (push(world, key=shop.key, create_date=DAY) for _ in range(3))
    wanted = [first["order_id"], third["order_id"]]
    text = f" {first['enquiry_id']} , 77,, {third['enquiry_id']}"
    for spelt in (
        text,
        [first["enquiry_id"], int(third["enquiry_id"])],
    ):
        assert ids(pull(world, key=shop.key, start_date=DAY, enquiry_id=spelt)) == wanted
    assert len(ids(pull(world, key=shop.key, start_date=DAY, enquiry_id=""))) == 3
    assert pull(world, key=shop.key, start_date=DAY, enquiry_id="77")["Error"] == "NoOrders"
    assert second["order_id"] not in wanted


def test_l11_a_switch_is_true_or_false(world: World) -> None:
    for name in ("sortOnModificationDate", "includeHistory", "includeDetails"):
        page = pull(world, start_date=DAY, **{name: "maybe"})
        assert faults(page) == [("InvalidBoolean", f"[0].{name}")]


def test_l12_an_order_without_lines_is_worth_nothing(world: World) -> None:
    shop = new_account(world)
    push(world, key=shop.key, create_date=DAY)
    (row,) = pull(world, key=shop.key, start_date=DAY)["orders"]
    assert (row["productQuantity"], row["productValue"]) == ("0", "0")


def test_l13_a_minute_covers_its_seconds(world: World) -> None:
    shop = new_account(world)
    first, last, _ = (
        push(world, key=shop.key, create_date=f"2024-05-08 {time}") for time in ("10:30:00", "10:30:59", "10:31:00")
    )
    minute = "2024-05-08 10:30"
    assert ids(pull(world, key=shop.key, start_date=minute, end_date=minute)) == [first["order_id"], last["order_id"]]
    second = "2024-05-08T10:30:59"
    assert ids(pull(world, key=shop.key, start_date=second, end_date=second)) == [last["order_id"]]


@pytest.mark.parametrize("name", ["numberOfRecords", "startPosition"])
@pytest.mark.parametrize("value", ["x", "-1", "1.5", "1e2"])
def test_a_page_is_counted_in_whole_numbers(world: World, name: str, value: str) -> None:
    assert faults(pull(world, start_date=DAY, **{name: value})) == [("InvalidNumber", f"[0].{name}")]


def test_a_pull_asks_one_question(world: World) -> None:
    answer = post(world, PULL, [{"start_date": DAY}, {"start_date": DAY}])
    assert (answer.status_code, answer.json()["Error"]) == (413, "TooManyItems")
    assert post(world, PULL, []).json()["Error"] == "EmptyRequest"
    bare = post(world, PULL, {"start_date": "1999-13-01"}).json()
    assert faults(bare) == [("InvalidDate", "start_date")]


def test_details_are_added_when_asked_for(world: World) -> None:
    shop = new_account(world)
    rows = [line(discount="1.5", quantity="2", product_type="T", parent_product_name="P", product_details="long")]
    order = push(
        world,
        key=shop.key,
        create_date=DAY,
        order_status="OK",
        order_type="web",
        product_details=rows,
        erp_order_id="E-1",
    )
    pay(world, order, "10.5", key=shop.key, payment_mode="cash")
    (row,) = pull(world, key=shop.key, start_date=DAY, includeDetails="yes", includeHistory=1)["orders"]
    assert list(row)[16:] == [
        "erpOrderId", "orderStatus", "orderType", "grandTotal", "totalPaid", "discount", "lines", "payments", "history",
    ]  # fmt: skip
    assert [row[name] for name in list(row)[16:22]] == ["E-1", "OK", "web", "1998.5", "10.5", "1.5"]
    assert row["lines"] == [{
        "skuId": "A-1", "productName": "Lamp", "parentProductName": "P", "productType": "T", "description": "long",
        "rate": "1000", "quantity": "2", "discount": "1.5", "value": "1998.5",
    }]  # fmt: skip
    (paid,) = row["payments"]
    assert list(paid) == [
        "paymentId", "amount", "mode", "chequeNumber", "chequeDate", "bankName", "reference", "remarks", "paidAt",
    ]  # fmt: skip
    assert (paid["amount"], paid["mode"], paid["chequeDate"]) == ("10.5", "cash", "")


def test_a_key_may_want_the_documented_keys_alone(world: World) -> None:
    shop = new_account(world)
    plain = new_key(world, shop.cm_id, extra_keys="off")
    push_many(world, shop, 2, create_date=DAY)
    page = pull(world, key=plain, start_date=DAY, numberOfRecords="1")
    assert list(page) == ["orders", "status"]
    assert list(page["orders"][0]) == [
        "id", "leadId", "enquiryId", "name", "phone", "email", "creatorId", "productId", "productQuantity",
        "productValue", "paymentTerm", "paymentMode", "remarks", "companyName",
    ]  # fmt: skip
    assert pull(world, key=plain, start_date="1999-01-01") == {"Message": "No orders between dates", "Status": "failed"}


def test_a_day_is_a_day_of_the_account(world: World) -> None:
    shop = new_account(world, time_zone="America/New_York")
    order = push(world, key=shop.key, create_date="2024-05-08T03:59:59Z")
    assert ids(pull(world, key=shop.key, start_date="2024-05-07")) == [order["order_id"]]
    assert pull(world, key=shop.key, start_date="2024-05-08")["Error"] == "NoOrders"
    (row,) = pull(world, key=shop.key, start_date="2024-05-07")["orders"]
    assert row["createDate"] == "2024-05-07 23:59:59"


def test_every_value_of_a_row_is_text(world: World) -> None:
    shop = new_account(world)
    order = push(world, key=shop.key, create_date=DAY)
    body = post(world, PULL, {"start_date": DAY}, key=shop.key)
    assert all(isinstance(value, str) for value in json.loads(body.content)["orders"][0].values())
    assert one(world, order, key=shop.key)["creatorId"] > 0


@pytest.mark.parametrize("nobody", ["abc", "-1", "77, abc", ["x"], "1.5"])
def test_an_enquiry_that_is_none_is_no_reason_to_show_all(world: World, nobody: object) -> None:
    shop = new_account(world)
    push(world, key=shop.key, create_date=DAY)
    assert pull(world, key=shop.key, start_date=DAY, enquiry_id=nobody)["Error"] == "NoOrders"


@pytest.mark.parametrize("empty", ["0", 0, " ", [], None, "0,0"])
def test_an_empty_enquiry_asks_for_all(world: World, empty: object) -> None:
    shop = new_account(world)
    push(world, key=shop.key, create_date=DAY)
    assert len(ids(pull(world, key=shop.key, start_date=DAY, enquiry_id=empty))) == 1


def test_a_total_is_counted_once_and_carried_along(world: World) -> None:
    shop = new_account(world)
    push_many(world, shop, 3, create_date=DAY)
    asked = {"start_date": DAY, "numberOfRecords": "2"}
    first = pull(world, key=shop.key, **asked)
    push(world, key=shop.key, create_date=DAY)
    second = pull(world, key=shop.key, **asked, cursor=first["next"])
    assert (first["total"], second["total"], len(ids(second))) == ("3", "3", 2)


@pytest.mark.parametrize(
    ("spelt", "history"),
    [("TRUE", True), ("Yes", True), (1, True), (True, True), ("no", False), (0, False), ("", False)],
)
def test_a_switch_has_many_spellings(world: World, spelt: object, history: bool) -> None:
    shop = new_account(world)
    push(world, key=shop.key, create_date=DAY)
    (row,) = pull(world, key=shop.key, start_date=DAY, includeHistory=spelt, numberOfRecords=" 5 ")["orders"]
    assert ("history" in row) == history
