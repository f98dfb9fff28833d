"""`GET /api/v1/orders/{id}`: edge cases O1-O4 and what it shows (contract 2.15)."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.world import (
    ORDERS,
    Json,
    World,
    call,
    fresh_erp,
    fresh_phone,
    get,
    item,
    line,
    new_key,
    one,
    pay,
    push,
    update,
    write,
)

UNSET: Json = {
    "currency": "INR", "email": "", "companyName": "", "address": "", "shippingAddress": "", "zip": "",
    "assignedTo": None, "lines": [], "payments": [], "totalPaid": 0, "additionalFields": {}, "associateFields": {},
    "sourceVersion": None, "sourceModifiedAt": None,
}  # fmt: skip
SEARCH_KEYS = [
    "id", "cmId", "customerId", "enquiryId", "createDate", "creatorId", "productQuantity", "productValue", "discount",
    "deliveryStatus", "lastModificationTime", "unitId", "blockId", "zoneId", "basePrice", "serviceTax",
    "bookingAmount", "retainerFrequency", "retainerAmount", "subOfficeId", "retainerCreditPeriod", "parentOrderId",
    "assignedToId", "invoiceSent", "commissionAmount", "totalSaleableArea", "builderInvoiceId", "enquiryAssignedTo",
    "sellingPrice", "cess", "extraCharges", "warrantyInDays", "parentCustomerId", "checkedIn", "includeInterest",
    "channelId", "deliveredOrderId", "commissionPaidAmount", "onwardCruiseId", "returnCruiseId",
    "approvedByEmployeeId", "vatamount",
]  # fmt: skip


def test_o1_the_callers_number_is_percent_encoded(world: World) -> None:
    for erp, spelt in (
        ("SO/1", "SO%2F1"),
        ("a b?c#d%", "a%20b%3Fc%23d%25"),
        ("Ünï 🙂", "%C3%9Cn%C3%AF%20%F0%9F%99%82"),
        ("erp:x", "erp:x"),
    ):
        made = push(world, erp_order_id=erp)
        answer = call(world, "GET", f"{ORDERS}erp:{spelt}")
        assert (answer.status_code, answer.json()["erpOrderId"]) == (200, erp)
        assert answer.json()["id"] == int(made["order_id"])


@pytest.mark.parametrize("name", ["F1", "erp:SO-2"])
def test_o2_an_order_of_another_account_is_not_found(world: World, name: str) -> None:
    number = world.f1["order_id"] if name == "F1" else name
    answer, unknown = call(world, "GET", f"{ORDERS}{number}", key="KB"), call(world, "GET", f"{ORDERS}77", key="KB")
    assert (answer.status_code, answer.json()["error"]) == (404, "OrderNotFound")
    assert answer.json()["message"] == unknown.json()["message"] == "No such order."
    assert "etag" not in answer.headers


@pytest.mark.parametrize(
    "number", ["abc", "1.5", "-1", "0", "99999999999999999999999", "SO-2", "ERP:SO-2", "erp:", "%00"]
)
def test_o3_what_is_no_order_is_not_found(world: World, number: str) -> None:
    answer = call(world, "GET", f"{ORDERS}{number}")
    assert (answer.status_code, answer.json()["error"]) == (404, "OrderNotFound")


def test_o4_head_answers_without_a_body(world: World) -> None:
    head, whole = (
        call(world, "HEAD", f"{ORDERS}{world.f2['order_id']}"),
        call(world, "GET", f"{ORDERS}{world.f2['order_id']}"),
    )
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["ETag"] == whole.headers["ETag"]
    assert call(world, "HEAD", f"{ORDERS}77").status_code == 404
    wrong = call(world, "POST", f"{ORDERS}77", {})
    assert (wrong.status_code, wrong.headers["Allow"]) == (405, "GET, HEAD")


def test_those_who_ask_at_once_get_each_their_own(world: World) -> None:
    made = [push(world, erp_order_id=fresh_erp(), unit_name=fresh_erp()) for _ in range(12)]
    paths = [f"{ORDERS}{one['order_id']}" for one in made] + [f"{ORDERS}77", f"{ORDERS}erp:SO-2"]
    with ThreadPoolExecutor(14) as pool:
        answers = list(pool.map(lambda path: call(world, "GET", path), paths * 3))
    for path, answer in zip(paths * 3, answers, strict=True):
        if path == f"{ORDERS}77":
            assert answer.status_code == 404
        elif "erp:" in path:
            assert answer.json()["id"] == int(world.f2["order_id"])
        else:
            assert (answer.json()["id"], answer.json()["unitId"] > 0) == (int(path.removeprefix(ORDERS)), True)
    assert len({answer.json()["unitId"] for answer in answers[:12]}) == 12


def test_a_wrong_flag_is_told(world: World) -> None:
    answer = call(world, "GET", f"{ORDERS}{world.f2['order_id']}?includeHistory=maybe")
    assert (answer.status_code, answer.json()["error"]) == (400, "InvalidBoolean")
    assert answer.json()["errors"][0]["field"] == "query:includeHistory"


def test_the_revision_is_the_entity_tag(world: World) -> None:
    order = push(world)
    path = f"{ORDERS}{order['order_id']}"
    tag = call(world, "GET", path).headers["ETag"]
    for sent in (tag, f'"x", {tag}', f"W/{tag}", "*"):
        same = call(world, "GET", path, headers={"If-None-Match": sent})
        assert (same.status_code, same.content, same.headers["ETag"]) == (304, b"", tag)
    update(world, order, remarks="x")
    moved = call(world, "GET", path, headers={"If-None-Match": tag})
    assert moved.status_code == 200
    assert moved.headers["ETag"] != tag


def test_an_order_with_nothing_set(world: World) -> None:
    order = push(world)
    shown = one(world, order)
    assert UNSET.items() <= shown.items()
    assert list(shown)[: len(SEARCH_KEYS)] == SEARCH_KEYS
    assert {type(shown[name]) for name in SEARCH_KEYS} <= {int, bool, str}
    assert (shown["deliveryStatus"], shown["cmId"], shown["creatorId"]) == ("AP", 1000298, world.people["E-7"])
    assert shown["enquiry"] == {
        "id": int(order["enquiry_id"]), "status": "N", "subStatus": "", "assignedToId": 0, "nextFollowUpDate": 0,
        "createDate": shown["enquiry"]["createDate"],
    }  # fmt: skip


def test_an_order_with_everything_set(world: World) -> None:
    phone = fresh_phone()
    dates = dict.fromkeys(
        ["create_date", "booking_date", "agreement_date", "expected_delivery_date", "invoice_date"], "1715149492000"
    )
    texts = {
        "invoice_no": "invoiceNo", "erp_invoice_no": "erpInvoiceId", "order_type": "orderType",
        "order_sub_status": "orderSubStatus", "payment_mode": "paymentMode", "payment_term": "paymentTerm",
        "transaction": "transaction", "shipping_address": "shippingAddress", "unit_name": "unitName",
        "block_name": "blockName", "zone": "zoneName", "ticket_id": "ticketId", "remarks": "remarks",
        "pricing_status": "pricingStatus", "client_reference_id": "clientReferenceId", "attr1": "attr1",
        "attr15": "attr15", "address": "address", "zip_code": "zip", "company_name": "companyName",
        "order_status": "deliveryStatus",
    }  # fmt: skip
    order = push(
        world, phone=phone, customer_code=f"C{phone}", **dates, **{name: f"the {name}" for name in texts},
        assign_emp_code="E-7", approved_by="E-7, M1", associate_fields={"site": {"a": 1}}, grand_total="20",
        product_details=[line(rate="10.5", quantity="2", discount="1")],
    )  # fmt: skip
    shown = one(world, order)
    assert {shown[name]: name for name in texts.values()} == {
        f"the {name}": shown_as for name, shown_as in texts.items()
    }
    for name in ("createDate", "bookingDate", "agreementDate", "expectedDeliveryDate", "invoiceDate"):
        assert shown[name] == 1715149492000
    assert (shown["basePrice"], shown["discount"], shown["productValue"], shown["sellingPrice"]) == (21, 1, 20, 20)
    assert (shown["grandTotal"], shown["balance"], shown["productQuantity"]) == (20, 20, 2)
    assert (shown["assignedToId"], shown["approvedByEmployeeId"]) == (world.people["E-7"], world.people["E-7"])
    assert shown["assignedTo"] == {
        "id": world.people["E-7"], "code": "E-7", "name": "Meera", "email": "meera@example.com", "reason": "by code",
    }  # fmt: skip
    assert shown["associateFields"] == {"site": {"a": 1}}
    assert shown["customer"] == {
        "id": int(order["kapture_customer_id"]), "code": f"C{phone}", "name": "Asha", "phone": phone,
        "phoneE164": f"+91{phone}", "email": "",
    }  # fmt: skip
    assert shown["lines"][0] == {
        "skuId": "A-1", "productName": "Lamp", "parentProductName": "", "productType": "", "description": "",
        "rate": 10.5, "quantity": 2, "discount": 1, "value": 20, "additionalFields": {},
    }  # fmt: skip


def test_history_names_fields_as_v1_does(world: World) -> None:
    order = push(world)
    update(world, order, remarks="call first", order_status="OK")
    pay(world, order, "10")
    history = one(world, order, history=True)["history"]
    assert [step["action"] for step in history] == ["created", "updated", "payment_added"]
    assert sorted(history[1]["changes"], key=lambda change: str(change["field"])) == [
        {"field": "deliveryStatus", "before": "AP", "after": "OK"},
        {"field": "remarks", "before": None, "after": "call first"},
    ]  # fmt: skip
    assert all(isinstance(step["at"], int) for step in history)
    assert "history" not in one(world, order)


def test_whether_history_is_wanted_is_true_or_false(world: World) -> None:
    path = f"{ORDERS}{world.f1['order_id']}?includeHistory="
    assert [call(world, "GET", path + word).status_code for word in ("true", "0", "")] == [200, 200, 200]
    answer = call(world, "GET", path + "maybe")
    assert (answer.status_code, answer.json()["error"]) == (400, "InvalidBoolean")
    assert answer.json()["errors"][0]["field"] == "query:includeHistory"


def test_either_of_two_operations_is_enough(world: World) -> None:
    search, pulls = new_key(world, operations=("order.search",)), new_key(world, operations=("order.pull",))
    assert call(world, "GET", f"{ORDERS}{world.f1['order_id']}", key=search).status_code == 200
    assert call(world, "GET", f"{ORDERS}{world.f1['order_id']}", key="Kget").status_code == 200
    refused = call(world, "GET", f"{ORDERS}{world.f1['order_id']}", key=pulls)
    assert (refused.status_code, refused.json()["error"]) == (403, "OperationNotAllowed")


def test_an_additional_number_shows_under_a_documented_name(world: World) -> None:
    order = push(world, cess=12.5, serviceTax="no number", checkedIn=True)
    shown = one(world, order)
    assert (shown["cess"], shown["serviceTax"], shown["checkedIn"]) == (12.5, 0, True)


def test_both_families_show_the_same_order(world: World) -> None:
    answer = write(world, item(create_date="1715149492000", product_details=[line(rate="0.1", quantity="3")])).json()[0]
    shown, printed = one(world, answer), get(world, answer)
    assert (printed["productValue"], shown["productValue"]) == ("0.3", 0.3)
    assert (printed["createDate"], shown["createDate"]) == ("2024-05-08 11:54:52", 1715149492000)
    assert (int(printed["id"]), int(printed["leadId"]), int(printed["enquiryId"])) == (
        shown["id"],
        shown["customerId"],
        shown["enquiryId"],
    )
