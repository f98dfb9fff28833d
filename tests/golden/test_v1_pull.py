"""Golden cases G5, G83-G86, G88, G89 and edge cases R1-R15: the newer pull (contract 2.9)."""

import json
from typing import Any

import pytest

from orderdock import tables
from orderdock.db import store_rows
from orderdock.orders.query.search import SORTS
from orderdock.orders.sql.write import keyed
from tests.unit.test_show_v1 import ORDER, SAMPLE
from tests.world import (
    WRONG_KEY,
    Json,
    Tenant,
    World,
    added,
    call,
    cli,
    faults,
    item,
    line,
    new_account,
    pay,
    push,
    update,
    warned,
    write,
)

PULL = "/ms/customer-search/order-search/api/v1/pull-internal"
ATTRIBUTES = "".join(f'    "attr{n}": "",\n' for n in range(1, 16))
# The request as it is printed, its comment and its tab included.
REQUEST = f"""{{
    "cmId": 1000298, //Required field, value must be > 0.
    "name": "",
    "phone": "",
    "email": "",
    "customerIds": "191696570",
    "leadIdStr": "",
    "enquiryIds": "",
    "clientReferenceIds": "",
{ATTRIBUTES}    "viewId": "2",
    "orderIds": "",
    "erpOrderId": "",
    "createStartDate": "",
    "createEndDate": "",
    "bookingStatus": "",
    "bookingSubStatus": "",
    "bookingStartDate": "",
    "bookingEndDate": "",
    "creatorIdStr": "",
    "assignIdStr": "",
    "zoneIdStr": "",
    "blockId": "",
    "unitId": "",
    "approvalDesignationIds": "",
    "agreementStartDate": "",
    "agreementEndDate": "",
    "erpInvoiceId": "",
    "sortParam": "",
\t"limit": "",
    "offset": ""
}}""".encode()


def ask(world: World, shop: Tenant | None = None, *, status: int = 200, **asked: Any) -> Json:
    """The answer to a pull with a body, in account A or in a shop of the test's own."""
    account = shop or world.a
    answer = call(world, "POST", PULL, {"cmId": account.cm_id, **asked}, key=account.key)
    assert answer.status_code == status, answer.text
    body: Json = answer.json()
    return body


def ids(page: Json) -> list[str]:
    return [str(order["id"]) for order in page["order_details"]]


@pytest.mark.parametrize("key", [WRONG_KEY, "Kdis"])
def test_g5_a_wrong_key_is_told_in_lower_case(world: World, key: str) -> None:
    answer = call(world, "POST", PULL, {"cmId": 1000298}, key=key)
    assert answer.status_code == 401
    body = answer.json()
    assert [body[name] for name in ("message", "status", "error")] == ["Invalid Auth Key", "failed", "AuthKeyInvalid"]


def test_g83_the_documented_request_has_the_documented_answer(world: World) -> None:
    with world.admin.database.write() as tx:
        row = {**ORDER, "received_at": 1, "total_given": 0}
        store_rows(tx, world.a.cm_id, tables.orders, [keyed(row)])
    unknown = [{"code": "ViewUnknown", "field": "viewId", "value": "2", "message": "no such saved view"}]
    for method in ("POST", "GET"):
        body = call(world, method, PULL, REQUEST).json()
        assert body == {"success": "true", "order_details": [SAMPLE], "warnings": unknown}
    for name in ("everything", "all"):
        cli(world, "view", "create", "--account", world.a.subdomain, "--name", name)
    for method in ("POST", "GET"):
        answer = call(world, method, PULL, REQUEST)
        assert answer.json() == {"success": "true", "order_details": [SAMPLE]}
        assert list(answer.json()["order_details"][0]) == list(SAMPLE)
        assert answer.headers["Content-Type"] == "application/json; charset=utf-8"


@pytest.mark.parametrize(
    ("number", "status", "error"),
    [
        (0, 400, "InvalidId"), (None, 400, "InvalidId"), ("abc", 400, "InvalidId"), (-1, 400, "InvalidId"),
        ([], 400, "InvalidId"), (2469, 403, "AccountMismatch"), ("2469", 403, "AccountMismatch"),
    ],
)  # fmt: skip
def test_g84_the_account_must_be_named(world: World, number: Any, status: int, error: str) -> None:
    body = {"orderIds": "1"} if number is None else {"cmId": number, "orderIds": "1"}
    answer = call(world, "POST", PULL, body)
    assert (answer.status_code, answer.json()["error"]) == (status, error)
    assert faults(answer.json()) == [(error, "cmId")]


def test_g85_something_must_be_asked_for_and_nothing_may_be_found(world: World) -> None:
    empty = ask(world, status=400, customerIds="", orderIds=" , ,", name="  ", sortParam="id", includeTotal="true")
    assert [empty[name] for name in ("message", "status", "error")] == [
        "At least one filter is required.", "failed", "FilterRequired",
    ]  # fmt: skip
    assert empty["errors"] == [
        {"code": "FilterRequired", "field": "", "value": "", "message": "give at least one filter besides cmId"}
    ]
    answer = call(world, "POST", PULL, {"cmId": 1000298, "orderIds": "77"})
    assert (answer.status_code, answer.content) == (200, b'{"success":"true","order_details":[]}')


def test_g86_query_parameters_ask_as_a_body_does(world: World) -> None:
    order = push(world)
    number, customer = order["order_id"], order["kapture_customer_id"]
    by_body = ask(world, customer_Ids=int(customer))
    by_query = call(world, "GET", f"{PULL}?cmId=1000298&customer_Ids={customer}").json()
    assert by_query == by_body
    assert ids(by_body) == [number]
    both = call(world, "GET", f"{PULL}?cmId=1000298&orderIds=77&limit=x", {"orderIds": number, "limit": 5}).json()
    assert ids(both) == [number]
    empty = call(world, "GET", f"{PULL}?cmId=1000298&orderIds={number}", {"orderIds": " "}).json()
    assert ids(empty) == [number]
    ignored = call(world, "POST", f"{PULL}?cmId=1000298&orderIds={number}", {"orderIds": "77"})
    assert ignored.json()["error"] == "InvalidId"


SORTED = ("createDate", "%2BcreateDate", "%20createDate", "+createDate", "createDate asc", "createDate ASC")


def test_g88_a_sort_has_four_forms(world: World) -> None:
    shop = new_account(world)
    made = [push(world, key=shop.key, create_date=f"2024-05-0{day}")["order_id"] for day in (2, 1, 3)]
    oldest = [made[1], made[0], made[2]]
    form: Any
    for form in SORTED:
        answer = call(world, "GET", f"{PULL}?cmId={shop.cm_id}&bookingStatus=AP&sortParam={form}", key=shop.key)
        assert ids(answer.json()) == oldest, form
    for form in ("-createDate", "createDate desc", ""):
        assert ids(ask(world, shop, bookingStatus="AP", sortParam=form)) == oldest[::-1]
    for form in ("bogus", "createdate", "- createDate desc", "createDate up", ["id"], 7):
        body = ask(world, shop, status=400, bookingStatus="AP", sortParam=form)
        assert (body["error"], faults(body)) == ("InvalidSort", [("InvalidSort", "sortParam")])


@pytest.mark.parametrize("name", sorted(SORTS))
def test_every_sort_is_taken(world: World, name: str) -> None:
    page = ask(world, bookingStatus="AP", sortParam=name, limit=1)
    assert len(page["order_details"]) == 1
    assert len(ask(world, bookingStatus="AP", sortParam=name, limit=1, cursor=page["next"])["order_details"]) == 1


def test_g89_total_lines_fields_and_a_cursor_while_others_push(world: World) -> None:
    shop = new_account(world)
    old: list[str] = []
    for _ in range(5):
        answers = write(world, *(item(product_details=[line()]) for _ in range(500)), key=shop.key).json()
        old += [answer["order_id"] for answer in answers]
    asked: Json = {"bookingStatus": "AP", "fields": "erpOrderId", "limit": 400}
    asked |= {"includeLines": "true", "includeTotal": True}
    walked, cursor, totals = list[str](), "", set()
    while True:
        page = ask(world, shop, **asked, cursor=cursor)
        assert {tuple(order) for order in page["order_details"]} == {("id", "erpOrderId", "lines")}
        assert all(len(order["lines"]) == 1 for order in page["order_details"])
        walked += ids(page)
        totals.add(page["total"])
        cursor = page.get("next", "")
        push(world, key=shop.key)
        if not cursor:
            break
    assert sorted(number for number in walked if number in set(old)) == sorted(old)
    assert len(walked) == len(set(walked))
    assert totals == {2500}


# --- edge cases ------------------------------------------------------------------------------------------------------


def test_r4_a_known_view_alone_is_a_filter(world: World) -> None:
    shop = new_account(world)
    wanted = push(world, key=shop.key, order_status="HOLD", unit_name="Pune")
    push(world, key=shop.key, order_status="HOLD", unit_name="Goa")
    push(world, key=shop.key)
    printed = cli(world, "view", "create", "--account", shop.subdomain, "--name", "held", "bookingStatus=HOLD")
    assert printed == "view 1, held\n"
    assert len(ids(ask(world, shop, viewId=1))) == 2
    assert ids(ask(world, shop, viewId="1", unitId="pune")) == [wanted["order_id"]]
    assert ids(ask(world, shop, viewId="1", bookingStatus="AP")) == []
    assert ask(world, shop, status=400, viewId="9")["error"] == "FilterRequired"
    page = ask(world, shop, viewId="9", bookingStatus="AP")
    assert (len(ids(page)), warned(page)) == (1, [("ViewUnknown", "viewId")])
    assert warned(ask(world, new_account(world), viewId="1", orderIds="77")) == [("ViewUnknown", "viewId")]
    cursor = ask(world, shop, viewId=1, limit=1)["next"]
    assert ask(world, shop, status=400, bookingStatus="HOLD", unitId="Goa", cursor=cursor)["error"] == "InvalidCursor"


def test_r7_lists_are_read_leniently_and_ids_strictly(world: World) -> None:
    number = world.f1["order_id"]
    assert ids(ask(world, orderIds=f"77, {number} ,,")) == [number]
    assert ids(ask(world, orderIds=[77, number, "", None])) == [number]
    body = ask(world, status=400, orderIds="1,abc", customerIds=["x"], enquiryIds="-5")
    assert faults(body) == [("InvalidId", "orderIds"), ("InvalidId", "customerIds"), ("InvalidId", "enquiryIds")]
    assert body["errors"][0]["value"] == "1,abc"


def test_r8_the_end_day_is_whole_in_the_accounts_zone(world: World) -> None:
    shop = new_account(world)
    inside = push(world, key=shop.key, create_date="2024-05-08T23:59:59.999+05:30")
    push(world, key=shop.key, create_date="2024-05-09")
    assert ids(ask(world, shop, createEndDate="2024-05-08")) == [inside["order_id"]]
    assert len(ids(ask(world, shop, createStartDate="2024-05-08"))) == 2
    body = ask(world, shop, status=400, createStartDate="2024-05-09", createEndDate="2024-05-08", bookingEndDate="x")
    assert sorted(faults(body)) == [("InvalidDate", "bookingEndDate"), ("InvalidRange", "createEndDate")]


def test_r11_limits(world: World) -> None:
    shop = new_account(world)
    made = [answer["order_id"] for answer in write(world, *(item() for _ in range(102)), key=shop.key).json()]
    for limit in ("", "0", 0, None):
        assert len(ids(ask(world, shop, bookingStatus="AP", limit=limit))) == 100
    page = ask(world, shop, bookingStatus="AP", limit="5000", sortParam="id")
    assert (ids(page), warned(page)) == (made, [("LimitReduced", "limit")])
    assert ids(ask(world, shop, bookingStatus="AP", sortParam="id", offset="100")) == made[100:]
    assert ids(ask(world, shop, bookingStatus="AP", offset=str(2**63 - 1))) == []
    body = ask(world, shop, status=400, bookingStatus="AP", limit="x", offset=-1, includeLines="maybe")
    assert faults(body) == [("InvalidNumber", "limit"), ("InvalidNumber", "offset"), ("InvalidBoolean", "includeLines")]
    wrong = call(world, "GET", f"{PULL}?cmId={shop.cm_id}&bookingStatus=AP&limit=x", key=shop.key).json()
    assert faults(wrong) == [("InvalidNumber", "query:limit")]


def test_r12_fields_name_what_is_shown(world: World) -> None:
    order = push(world, customer_name="Zoë", erp_order_id=None)
    page = ask(world, orderIds=order["order_id"], fields="erpOrderId,name, companyName")
    assert page["order_details"] == [{"id": int(order["order_id"]), "name": "Zoë"}]
    page = ask(world, orderIds=order["order_id"], fields=["id", "bogus"])
    assert page["order_details"] == [{"id": int(order["order_id"])}]
    assert page["warnings"] == [
        {"code": "FieldIgnored", "field": "fields", "value": "bogus", "message": "orders have no field of this name"}
    ]


def test_r13_lists_come_along(world: World) -> None:
    order, plain = push(world, product_details=[line(rate="99.5", quantity="2.5", discount="0.0001")]), push(world)
    pay(world, order, "10.5", payment_mode="upi")
    asked: Json = {"includeLines": 1, "includePayments": "yes", "includeHistory": True, "sortParam": "id"}
    first, second = ask(world, orderIds=[order["order_id"], plain["order_id"]], **asked)["order_details"]
    assert first["lines"] == [
        {
            "skuId": "A-1", "productName": "Lamp", "parentProductName": "", "productType": "", "description": "",
            "rate": 99.5, "quantity": 2.5, "discount": 0.0001, "value": 248.7499,
        }
    ]  # fmt: skip
    (paid,) = first["payments"]
    assert " ".join(paid) == "paymentId amount mode chequeNumber chequeDate bankName reference remarks paidAt"
    assert (paid["amount"], paid["mode"], paid["chequeDate"], paid["bankName"]) == (10.5, "upi", 0, "")
    assert [entry["action"] for entry in first["history"]] == ["created", "payment_added"]
    assert list(first)[-3:] == ["lines", "payments", "history"]
    assert (second["lines"], second["payments"], len(second["history"])) == ([], [], 1)


def test_numbers_of_named_lists_are_shown_and_asked_by(world: World) -> None:
    shop = new_account(world)
    order = push(world, key=shop.key, unit_name="Pune", block_name="A", zone="West")
    push(world, key=shop.key, unit_name="Goa", block_name="A")
    (shown,) = ask(world, shop, orderIds=order["order_id"])["order_details"]
    assert all(shown[word] > 0 for word in ("unitId", "blockId", "zoneId"))
    assert ids(ask(world, shop, unitId=shown["unitId"])) == [order["order_id"]]
    assert ids(ask(world, shop, zoneIdStr=[shown["zoneId"]])) == [order["order_id"]]
    assert ids(ask(world, shop, unitId=shown["zoneId"])) == []
    one = call(world, "GET", f"/api/v1/orders/{order['order_id']}", key=shop.key).json()
    assert {word: one[word] for word in shown} == shown
    listed = cli(world, "list", "show", "--account", shop.subdomain, "--json")
    assert '"Pune"' in listed


def test_numbers_of_sources_and_designations_are_listed_and_asked_by(world: World) -> None:
    shop = new_account(world)
    info = {"customer_name": "Asha", "phone": "8123456789", "primary_source": "Fair", "secondary_source": "fair"}
    made = added(world, {"approval_designation_ids": "Head, Boss"}, key=shop.key, customer_info=info)
    push(world, key=shop.key)
    for _ in range(2):
        rows = json.loads(cli(world, "list", "show", "--account", shop.subdomain, "--json"))
        numbers = {(row["list"], row["name"].casefold()): row["id"] for row in rows}
        assert sorted(numbers) == [("designation", "boss"), ("designation", "head"), ("source", "fair")]
        assert len(set(numbers.values())) == len(rows) == 3
    for name in ("primarySourceId", "secondarySourceId"):
        assert ids(ask(world, shop, **{name: numbers["source", "fair"]})) == [str(made["order_id"])]
    assert ids(ask(world, shop, tertiarySourceId=numbers["source", "fair"])) == []
    asked = f"77,{numbers['designation', 'boss']}"
    assert ids(ask(world, shop, approvalDesignationIds=asked)) == [str(made["order_id"])]


def test_an_update_is_seen_at_once(world: World) -> None:
    order = push(world)
    update(world, order, remarks="call first", unit_name="Thane")
    (shown,) = ask(world, orderIds=order["order_id"], unitId="THANE")["order_details"]
    assert shown["remarks"] == "call first"
    update(world, order, unit_name="Goa")
    assert ids(ask(world, orderIds=order["order_id"], unitId="thane")) == []


def test_the_right_to_search_is_needed(world: World) -> None:
    answer = call(world, "POST", PULL, {"cmId": 1000298, "limit": "x"}, key="Kget")
    assert (answer.status_code, answer.json()["error"]) == (403, "OperationNotAllowed")
    foreign = call(world, "POST", PULL, {"cmId": 2469}, key="Kget")
    assert foreign.json()["error"] == "AccountMismatch"
