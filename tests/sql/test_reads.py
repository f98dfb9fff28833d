"""Reading orders and events on both engines: contract 2.6 (L1-L13), 2.7 (T1-T8), 2.15 and 2.18, without HTTP."""

import itertools
import json
from collections.abc import Iterator
from typing import Any

import pytest

from orderdock import tables
from orderdock.accounts.model import Scope
from orderdock.db import Database
from orderdock.errors import EventsGone, OrderNotFound, Refusal
from orderdock.events import actions as events
from orderdock.events.model import FeedQuery
from orderdock.orders import actions
from orderdock.wire import legacy_show, v1
from orderdock.wire.legacy_query import read_gets, read_pull
from tests.sql.rows import SCOPE, A, B, add, customer, event, ms, order, put, scope_of


@pytest.fixture
def database(engine_url: str) -> Iterator[Database]:
    database = Database(engine_url)
    with database.write() as tx:
        put(tx, tables.customer, customer(1, name="Rachel Smith", phone="987656889", email="rachel@example.com"))
        put(tx, tables.enquiry, customer(2, customer_id=1, status="N"))
    yield database
    database.close()


def pull(database: Database, item: dict[str, Any], scope: Scope = SCOPE) -> dict[str, Any]:
    query = read_pull([item], True, scope)
    with database.read() as tx:
        answer: dict[str, Any] = json.loads(legacy_show.show_page(actions.pull(tx, scope, query), query, scope))
    return answer


def ids(answer: dict[str, Any]) -> list[int]:
    return [int(one["id"]) for one in answer["orders"]]


def codes(item: dict[str, Any], database: Database | None = None) -> list[str]:
    with pytest.raises(Refusal) as caught:
        pull(database, item) if database else read_pull([item], True, SCOPE)
    return [fault.code for fault in caught.value.faults]


DAY = {"start_date": "2024-05-08", "end_date": "2024-05-08"}


def test_l1_the_sample_skips_ten_of_the_whole_day(database: Database) -> None:
    add(database, *(order(number, f"2024-05-08 {number:02}:30") for number in range(1, 16)))
    assert ids(pull(database, {**DAY, "startPosition": "10"})) == [11, 12, 13, 14, 15]
    assert ids(pull(database, {"start_date": "2024-05-08"})) == list(range(1, 16))


def test_l2_the_end_day_ends_at_local_midnight(database: Database) -> None:
    night = ms("2024-05-09 00:00")
    add(database, order(1, night - 1), order(2, night))
    assert ids(pull(database, DAY)) == [1]


def test_l5_beyond_the_end_there_are_no_orders(database: Database) -> None:
    add(database, order(1))
    assert codes({**DAY, "startPosition": 1}, database) == ["NoOrders"]
    assert codes({"start_date": "2031-01-01"}, database) == ["NoOrders"]


def test_l6_at_most_1000_orders_a_page(database: Database) -> None:
    add(database, *(order(number) for number in range(1, 1002)))
    answer = pull(database, {**DAY, "numberOfRecords": "5000"})
    assert (len(answer["orders"]), answer["total"], bool(answer["next"])) == (1000, "1001", True)
    [warning] = answer["warnings"]
    assert (warning["code"], warning["field"], warning["value"]) == ("LimitReduced", "[0].numberOfRecords", "5000")


def test_l7_sorted_by_modification_a_changed_order_is_at_its_new_place(database: Database) -> None:
    changed = ms("2024-05-08 12:00")
    old = order(1, "2023-01-01", modified_at=changed)
    add(database, old, order(2, "2024-05-08 11:00"), order(3, "2024-05-08 13:00"))
    assert ids(pull(database, {**DAY, "sortOnModificationDate": "true"})) == [2, 1, 3]
    assert ids(pull(database, DAY)) == [2, 3]


@pytest.mark.parametrize("by_modification", [False, True])
def test_l8_a_cursor_neither_skips_nor_repeats(database: Database, by_modification: bool) -> None:
    old = range(1, 2501)
    add(database, *(order(number, ms("2024-05-08") + number // 7 * 1000) for number in old))
    newcomer, seen, cursor = itertools.count(10_001), list[int](), ""
    while True:
        item = {**DAY, "numberOfRecords": 300, "cursor": cursor, "sortOnModificationDate": by_modification}
        answer = pull(database, item)
        seen += ids(answer)
        cursor = answer["next"]
        assert answer["total"] == "2500"  # carried along, not counted again
        if not cursor:
            break
        moment = ms("2024-05-08") + 180_000  # some of these lie behind the reader, some before it
        add(database, *(order(next(newcomer), moment) for _ in range(5)))
    assert len(seen) == len(set(seen))
    assert [number for number in seen if number <= 2500] == list(old)


def test_l9_a_cursor_of_another_request_or_a_damaged_one_is_refused(database: Database) -> None:
    add(database, *(order(number) for number in range(1, 4)))
    item = {**DAY, "numberOfRecords": 1}
    cursor = pull(database, item)["next"]
    assert ids(pull(database, {**item, "cursor": cursor, "startPosition": 2})) == [2]
    other = {"start_date": "2024-05-07", "end_date": "2024-05-08", "numberOfRecords": 1}
    for wrong in ({**other, "cursor": cursor}, {**item, "enquiry_id": 2, "cursor": cursor}, {**item, "cursor": "x"}):
        assert codes(wrong) == ["InvalidCursor"]
    for place in range(len(cursor)):
        damaged = cursor[:place] + ("A" if cursor[place] != "A" else "B") + cursor[place + 1 :]
        assert codes({**item, "cursor": damaged}) == ["InvalidCursor"], place
    with pytest.raises(Refusal):
        read_pull([{**item, "cursor": cursor}], True, scope_of(B))


def test_the_last_page_of_a_cursor_may_be_empty(database: Database) -> None:
    add(database, order(1), order(2))
    item = {**DAY, "numberOfRecords": 1}
    cursor = pull(database, item)["next"]
    with database.write() as tx:
        tx.ask(tables.orders.update().where(tables.orders.c.cm_id == A, tables.orders.c.id == 2).values(deleted_at=1))
    assert pull(database, {**item, "cursor": cursor}) == {"orders": [], "status": "success", "total": "2", "next": ""}


def test_l12_an_order_without_lines_sums_to_zero(database: Database) -> None:
    add(database, order(1, product_quantity=None, product_value=None), order(2))
    assert [(one["productQuantity"], one["productValue"]) for one in pull(database, DAY)["orders"]] == [("0", "0")] * 2


def test_l13_a_minute_covers_its_sixty_seconds(database: Database) -> None:
    start = ms("2024-05-08 10:30")
    add(database, order(1, start - 1), order(2, start), order(3, start + 59_999), order(4, start + 60_000))
    assert ids(pull(database, {"start_date": "2024-05-08 10:30", "end_date": "2024-05-08 10:30"})) == [2, 3]


def test_enquiries_narrow_a_pull(database: Database) -> None:
    add(database, order(1), order(2, enquiry_id=3), order(3, enquiry_id=4))
    assert ids(pull(database, {**DAY, "enquiry_id": " 2, 4 ,"})) == [1, 3]
    assert ids(pull(database, {**DAY, "enquiry_id": [3]})) == [2]
    assert pull(database, {**DAY, "enquiry_id": "2,4"})["total"] == "2"
    assert codes({**DAY, "enquiry_id": "abc"}, database) == ["NoOrders"]
    assert codes({**DAY, "enquiry_id": [{}]}) == ["InvalidType"]


def test_deleted_and_foreign_orders_are_not_there(database: Database) -> None:
    add(database, order(1), order(2, deleted_at=5))
    add(database, order(3), order(1, contact_name="foreign"), cm_id=B)
    answer = pull(database, DAY)
    assert (ids(answer), answer["total"], answer["orders"][0]["name"]) == ([1], "1", "Rachel Smith")
    assert [ids(pull(database, DAY, scope_of(B)))] == [[1, 3]]


def test_a_page_takes_the_same_statements_whatever_its_size(database: Database) -> None:
    add(database, order(1, "2024-05-07"), *(order(number, customer_id=number) for number in range(2, 202)))
    with database.write() as tx:
        put(tx, tables.customer, *(customer(number, name=f"C{number}") for number in range(2, 202)))
        put(tx, tables.order_line, *({"order_id": number, "line_no": 1, "rate": 10_000} for number in range(1, 202)))
    counts = []
    for day in ("2024-05-07", "2024-05-08"):
        item = {"start_date": day, "numberOfRecords": 200, "includeHistory": 1, "includeDetails": 1}
        query = read_pull([item], True, SCOPE)
        with database.read() as tx:
            page = actions.pull(tx, SCOPE, query)
            counts.append((len(page.orders), len(page.lines), tx.statements))
    assert counts == [(1, 1, 6), (200, 200, 6)]


def test_many_gets_take_the_same_statements_as_one(database: Database) -> None:
    add(database, *(order(number, erp_order_id=f"SO-{number}") for number in range(1, 202)))
    counts = []
    for number in (1, 200):
        items = [{"order_id": one} for one in range(1, number + 1)] + [{"erp_order_id": f"SO-{number}"}]
        wanted = [one.wanted for one in read_gets(items, True, SCOPE)]
        with database.read() as tx:
            page = actions.get_many(tx, SCOPE, wanted, details=True, history=True)
            assert all(page.find(one) for one in wanted)
            counts.append((len(page.orders), tx.statements))
    assert counts == [(1, 6), (200, 6)]


def get(database: Database, body: Any, scope: Scope = SCOPE) -> list[Any]:
    """The answer to each item: the success, or the codes and paths of its faults."""
    was_array = isinstance(body, list)
    requests = read_gets(body if was_array else [body], was_array, scope)
    with database.read() as tx:
        page = actions.get_many(tx, scope, [one.wanted for one in requests])
        shown = [legacy_show.show_get(page, one, scope) for one in requests]
    return [json.loads(one) if isinstance(one, bytes) else [(fault.code, fault.path) for fault in one] for one in shown]


def test_t1_an_array_an_object_and_a_number_are_the_same(database: Database) -> None:
    add(database, order(4075465))
    bodies = ([{"order_id": "4075465"}], {"order_id": 4075465}, {"kapture_order_id": "4075465", "order_id": 0})
    first, *others = [get(database, body) for body in bodies]
    assert (first[0]["message"]["id"], others) == ("4075465", [first, first])


def test_t2_t4_foreign_and_unreadable_ids_are_not_found(database: Database) -> None:
    add(database, order(7), cm_id=B)
    assert get(database, [{"order_id": "7"}, {"order_id": "seven"}, {"order_id": 2**60}]) == [
        [("OrderNotFound", f"[{index}].order_id")] for index in range(3)
    ]
    assert get(database, {"order_id": "7"}) == [[("OrderNotFound", "order_id")]]


def test_t5_t6_each_item_in_its_place_and_the_id_given_decides(database: Database) -> None:
    add(database, order(1, erp_order_id="SO-1"))
    items = [{"order_id": 9, "erp_order_id": "SO-1"}, {"erp_order_id": "SO-1"}, {"erp_order_id": "so-1"}, 5]
    answers = get(database, items)
    assert answers[0] == [("OrderNotFound", "[0].order_id")]
    assert answers[1]["message"]["id"] == "1"
    assert answers[2] == [("OrderNotFound", "[2].erp_order_id")]
    assert answers[3] == [("ItemNotObject", "[3]")]


def test_t7_t8_shortest_decimals_under_an_object(database: Database) -> None:
    add(database, order(1, product_value=15_000_000, product_quantity=25_000))
    [answer] = get(database, {"order_id": 1})
    assert (answer["message"]["productValue"], answer["message"]["productQuantity"]) == ("1500", "2.5")


def test_a_customer_that_was_merged_away_lends_its_survivors_details(database: Database) -> None:
    with database.write() as tx:
        put(tx, tables.customer, customer(5, name="Old", merged_into=1))
    add(database, order(1, customer_id=5, contact_phone="1"))
    message = get(database, {"order_id": 1})[0]["message"]
    assert (message["leadId"], message["name"], message["phone"]) == ("5", "Rachel Smith", "1")


ENTRY = {"payment_id": 9, "order_id": 1, "at": 10, "paid_at": 10, "mode": "cash"}


def whole_order(database: Database) -> None:
    extra = '{"colour":"red","cess":12.50,"checkedIn":true}'
    who = {"id": 209803, "code": "E-7", "name": "Meera", "name_key": "meera", "email": "m@example.com", "active": 1}
    values: dict[str, Any] = {"grand_total": 99_990_000, "total_paid": 4_000_000, "assigned_reason": "by code"}
    add(database, order(1, erp_order_id="SO/1", additional=extra, revision=3, assigned_to=209803, **values))
    with database.write() as tx:
        put(tx, tables.employee, {**who, "created_at": 1})
        put(tx, tables.order_line, {"order_id": 1, "line_no": 2, "sku": "B"}, {"order_id": 1, "line_no": 1, "sku": "A"})
        put(
            tx, tables.payment_entry,
            {**ENTRY, "entry_no": 1, "kind": "payment", "amount": 5_000_000, "remarks": "first"},
            {**ENTRY, "entry_no": 2, "kind": "reversal", "amount": -5_000_000, "remarks": "first"},
            {**ENTRY, "entry_no": 3, "kind": "payment", "amount": 3_000_000, "remarks": "half"},
            {**ENTRY, "entry_no": 1, "kind": "payment", "amount": 1_000_000, "payment_id": 8, "at": 11},
        )  # fmt: skip
        closed = {"before": {"status": "N"}, "after": {"status": "CL"}}
        put(
            tx, tables.event,
            event(1, "order.created", {"after": {"remarks": "x"}}, order_id=1, customer_id=1, enquiry_id=2),
            event(2, "customer.updated", {"before": {"city": None}, "after": {"city": "Pune"}}, customer_id=1),
            event(3, "payment.added", {"payment_id": 9, "after": {"amount": 5_000_000}}, order_id=1, customer_id=1),
            event(4, "key.created", {"after": {"name": "k"}}),
            event(5, "enquiry.updated", closed, customer_id=1, enquiry_id=2),
        )  # fmt: skip


def test_one_order_with_everything(database: Database) -> None:
    whole_order(database)
    with database.read() as tx:
        query = v1.read_one("erp:SO/1", {"includeHistory": "true"}, SCOPE)
        found, unnumbered = actions.get(tx, SCOPE, query)
        assert (tx.statements, found.revision, unnumbered) == (2, 3, [])
        with pytest.raises(OrderNotFound):
            actions.get(tx, scope_of(B), v1.read_one("1", {}, scope_of(B)))
    shown = json.loads(v1.show_one(found, history=True))
    assert [(one["skuId"], one["rate"]) for one in shown["lines"]] == [("A", 0), ("B", 0)]
    payments = [(one["paymentId"], one["amount"], one["remarks"]) for one in shown["payments"]]
    assert payments == [(9, 300, "half"), (8, 100, "")]
    entries = [(one["entryId"], one["amount"], one["kind"]) for one in shown["payments"][0]["entries"]]
    assert entries == [(1, 500, "payment"), (2, -500, "reversal"), (3, 300, "payment")]
    assert list(shown["assignedTo"].values()) == [209803, "E-7", "Meera", "m@example.com", "by code"]
    assert (shown["balance"], shown["cess"], shown["checkedIn"]) == (9599, 12.5, True)
    assert [one["action"] for one in shown["history"]] == ["created", "payment_added"]


def test_details_and_history_of_a_pull(database: Database) -> None:
    whole_order(database)
    [shown] = pull(database, {**DAY, "includeDetails": "true", "includeHistory": "yes"})["orders"]
    assert (shown["erpOrderId"], shown["grandTotal"], shown["totalPaid"]) == ("SO/1", "9999", "400")
    payments = [(one["paymentId"], one["amount"], one["chequeDate"]) for one in shown["payments"]]
    assert payments == [("9", "300", ""), ("8", "100", "")]
    assert [one["skuId"] for one in shown["lines"]] == ["A", "B"]
    assert [one["action"] for one in shown["history"]] == ["created", "payment_added"]


def feed(database: Database, **asked: str) -> dict[str, Any]:
    query = v1.read_feed_query(asked)
    with database.read() as tx:
        found = events.feed(tx, SCOPE, query)
        records = actions.records(tx, SCOPE, v1.one_shape(SCOPE), found.events) if query.record else None
    answer: dict[str, Any] = json.loads(v1.show_feed(found, records))
    return answer


def test_the_feed_goes_on_where_it_stopped(database: Database) -> None:
    whole_order(database)
    first = feed(database, limit="2")
    assert ([one["seq"] for one in first["events"]], first["next"], first["hasMore"]) == ([1, 2], 2, True)
    rest = feed(database, after="2")
    assert ([one["seq"] for one in rest["events"]], rest["next"], rest["hasMore"]) == ([3, 4, 5], 5, False)
    assert feed(database, after="9") == {"events": [], "next": 9, "hasMore": False}  # X4
    with database.read() as tx:
        assert events.feed(tx, scope_of(B), FeedQuery()).events == []


def test_x6_the_feed_advances_over_other_types(database: Database) -> None:
    whole_order(database)
    answer = feed(database, types="payment.added, key.expiring")
    assert ([one["seq"] for one in answer["events"]], answer["next"], answer["hasMore"]) == ([3], 5, False)
    answer = feed(database, types="customer.updated,payment.added", limit="1")
    assert ([one["seq"] for one in answer["events"]], answer["next"], answer["hasMore"]) == ([2], 2, True)


def test_the_feed_looks_at_a_bounded_part_of_the_log(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    whole_order(database)
    monkeypatch.setattr(events, "MOST_LOOKED_AT", 2)
    answer = feed(database, types="enquiry.updated")
    assert (answer["events"], answer["next"], answer["hasMore"]) == ([], 2, True)
    assert [one["seq"] for one in feed(database, types="enquiry.updated", after="4")["events"]] == [5]


@pytest.mark.parametrize("types", ["", "order.updated,order.created,customer.updated,enquiry.updated,payment.added"])
def test_an_answer_of_the_feed_is_bounded_in_bytes(
    database: Database, monkeypatch: pytest.MonkeyPatch, types: str
) -> None:
    whole_order(database)
    asked = {"types": types} if types else {}
    whole = feed(database, **asked)["events"]
    for most in (1, 150, 400):
        monkeypatch.setattr(events, "MOST_BYTES", most)
        found: list[Any] = []
        sizes = []
        more, at = True, 0
        while more:
            page = feed(database, after=str(at), **asked)
            found += page["events"]
            sizes.append(len(page["events"]))
            more, at = page["hasMore"], page["next"]
        assert found == whole
        assert min(sizes) >= 1
        assert (max(sizes) == 1) is (most == 1)


def test_the_feed_refuses_what_is_no_longer_kept(database: Database) -> None:
    assert feed(database) == {"events": [], "next": 0, "hasMore": False}
    with database.write() as tx:
        put(tx, tables.event, event(8, "order.deleted", {"before": {}}, order_id=4))
    with database.read() as tx, pytest.raises(EventsGone) as caught:
        events.feed(tx, SCOPE, FeedQuery(after=6))
    assert caught.value.faults[0].value == "8"
    assert [one["seq"] for one in feed(database, after="7")["events"]] == [8]


def test_the_feed_with_records(database: Database) -> None:
    whole_order(database)
    shown = {one["type"]: one["record"] for one in feed(database, include="record")["events"]}
    assert shown["order.created"]["id"] == 1
    assert "history" not in shown["order.created"]
    assert shown["payment.added"] == shown["order.created"]
    assert (shown["customer.updated"]["name"], shown["customer.updated"]["id"]) == ("Rachel Smith", 1)
    assert (shown["enquiry.updated"]["status"], shown["enquiry.updated"]["customerId"]) == ("N", 1)
    assert shown["key.created"] is None


def test_a_query_stays_in_its_account(database: Database) -> None:
    with database.read() as tx, pytest.raises(ValueError, match="another account"):
        actions.pull(tx, scope_of(B), read_pull([DAY], True, SCOPE))
