"""Golden cases G76-G82, G99, G102: orders added and changed in the v1 family (contract 2.8, section 5)."""

from tests.docs.samples import printed, sample
from tests.world import (
    ADD_UPDATE,
    World,
    add_update,
    added,
    call,
    events,
    fresh_erp,
    groups,
    line,
    new_account,
    one,
    post,
    push,
    v1_bad,
    v1_good,
    warned,
)


def test_g76_the_documented_sample_changes_the_order_and_nothing_else(world: World) -> None:
    key = new_account(world).key
    f1 = push(
        world, key=key, customer_name="ABC", phone="9380491257", email_id="abc@abc.min", address="jalsa",
        remarks="testing", invoice_no="1",
    )  # fmt: skip
    before = one(world, f1, key=key)
    answer = post(world, ADD_UPDATE, sample("add_update", _23518265=f1["order_id"]), key=key)
    body, documented = answer.json(), printed("add_update", "success")
    assert (answer.status_code, body["status"], body["message"]) == (200, documented["status"], documented["message"])
    assert list(body["Order"]) == [*documented["Order"], "order_id", "outcome"]
    assert {**body["Order"], "contact_id": 0} == {
        **documented["Order"], "customer_id": int(f1["kapture_customer_id"]), "enquiry_id": int(f1["enquiry_id"]),
        "contact_id": 0, "order_id": int(f1["order_id"]), "outcome": "updated",
    }  # fmt: skip
    after = one(world, f1, key=key)
    moved = {name for name in after if after[name] != before.get(name)}
    assert moved == {"remarks", "invoiceNo", "lastModificationTime"}
    assert (after["remarks"], after["invoiceNo"]) == ("testing 2345", "3141341")
    assert [event["type"] for event in events(world, key=key)["events"]][-1:] == ["order.updated"]

    told = events(world, key=key)["next"]
    again = v1_good(post(world, ADD_UPDATE, sample("add_update", _23518265=f1["order_id"]), key=key))
    assert (again["outcome"], again["message"]) == ("unchanged", documented["message"])
    assert events(world, key=key)["next"] == told


def test_g77_an_unknown_order_cannot_be_changed(world: World) -> None:
    answer = add_update(world, groups({"order_id": "77", "remarks": "x", "update": True}))
    assert v1_bad(answer) == (404, "OrderNotFound", [("OrderNotFound", "order_info.order_id")])
    assert answer.json()["message"] == "No such order."
    assert answer.json()["errors"][0]["value"] == "77"


def test_g78_an_update_names_its_order(world: World) -> None:
    answer = add_update(world, groups({"remarks": "x", "update": True}))
    assert v1_bad(answer) == (400, "ReqFieldMissing", [("ReqFieldMissing", "order_info.order_id")])


def test_g78_the_customers_name_is_always_needed(world: World) -> None:
    order = {"order_id": world.f1["order_id"], "update": True}
    for body in ({"customer_info": {"phone": "1"}, "order_info": order}, {"order_info": order}):
        answer = v1_bad(add_update(world, body))
        assert answer == (400, "ReqFieldMissing", [("ReqFieldMissing", "customer_info.customer_name")])


def test_g79_an_add_is_made_once(world: World) -> None:
    body = groups({"erp_order_id": fresh_erp(), "remarks": "call first"}, contact_info=[{"first_name": "Asha"}])
    answer = add_update(world, body).json()
    assert {"status": "success", "message": "Order Added successfully !"}.items() <= answer.items()
    made = answer["Order"]
    assert list(made) == [
        "result", "customer_id", "enquiry_id", "action", "action_event", "contact_id", "order_id", "outcome",
    ]  # fmt: skip
    assert (made["result"], made["action"], made["action_event"]) == (True, "ORDER", "ORDER_CREATION")
    assert all(type(made[name]) is int and made[name] for name in made if name.endswith("_id"))
    assert made["outcome"] == "created"
    again = add_update(world, body).json()["Order"]
    for name in ("customer_id", "enquiry_id", "order_id", "action_event"):
        assert again[name] == made[name]
    assert again["outcome"] == "unchanged"


def test_g80_a_field_is_cleared_only_by_name(world: World) -> None:
    order = push(world, remarks="keep me")
    body = groups({"order_id": order["order_id"], "update": True}, clear=["order_info.remarks"])
    assert v1_good(add_update(world, body))["outcome"] == "updated"
    assert "remarks" not in one(world, order)
    given = groups({"order_id": order["order_id"], "update": True, "remarks": "x"}, clear=["order_info.remarks"])
    assert v1_bad(add_update(world, given)) == (400, "ClearConflict", [("ClearConflict", "clear[0]")])
    number = groups({"order_id": order["order_id"], "update": True}, clear=["order_info.erp_order_id"])
    assert v1_bad(add_update(world, number)) == (400, "NotClearable", [("NotClearable", "clear[0]")])


def test_g81_lines_and_payments_come_with_the_order(world: World) -> None:
    made = added(world, {"erp_order_id": fresh_erp()}, product_details=[line(), line(rate="0.5", quantity="2")],
                 payment_details=[{"amount_paid": "500", "payment_mode": "cash"}, {"amount_paid": 100}])  # fmt: skip
    printed_ = one(world, made)
    assert [row["value"] for row in printed_["lines"]] == [1000, 1]
    assert made["payment_ids"] == [payment["paymentId"] for payment in printed_["payments"]]
    assert (printed_["totalPaid"], printed_["grandTotal"]) == (600, 1001)
    refund = groups({"order_id": made["order_id"]}, payment_details=[{"kind": "refund", "amount_paid": "601"}])
    answer = v1_bad(add_update(world, refund))
    assert answer == (409, "RefundExceedsPaid", [("RefundExceedsPaid", "payment_details[0].amount_paid")])
    assert one(world, made)["totalPaid"] == 600


def test_g82_one_bad_date_and_nothing_is_written(world: World) -> None:
    key, erp = new_account(world).key, fresh_erp()
    body = groups({"erp_order_id": erp}, contact_info=[{"first_name": "A", "dob": "2024-02-30"}])
    assert v1_bad(add_update(world, body, key=key)) == (400, "InvalidDate", [("InvalidDate", "contact_info[0].dob")])
    assert call(world, "GET", f"/api/v1/orders/erp:{erp}", key=key).status_code == 404
    assert events(world, "types=customer.created,order.created,enquiry.created", key=key)["events"] == []


def test_g99_a_repeated_add_books_its_payment_once(world: World) -> None:
    body = groups({"erp_order_id": fresh_erp()}, payment_details=[{"amount_paid": "500"}])
    made = v1_good(add_update(world, body))
    again = v1_good(add_update(world, body))
    assert (again["outcome"], warned(again)) == (
        "unchanged", [("PossibleDuplicate", "payment_details[0].amount_paid")],
    )  # fmt: skip
    assert again["payment_ids"] == made["payment_ids"]
    assert one(world, made)["totalPaid"] == 500


def test_g102_an_update_may_be_bound_to_a_revision(world: World) -> None:
    order = push(world, remarks="first")
    tag = call(world, "GET", f"/api/v1/orders/{order['order_id']}").headers["etag"]
    number = order["order_id"]
    customer = {"customer_name": "Asha"}
    mine = {"customer_info": customer, "order_info": {"order_id": number, "remarks": "mine", "update": True}}
    theirs = {"customer_info": customer, "order_info": {"order_id": number, "remarks": "theirs", "order_type": "web",
                                                       "update": True}}  # fmt: skip
    assert v1_good(add_update(world, theirs, headers={"If-Match": tag}))["outcome"] == "updated"
    answer = add_update(world, mine, headers={"If-Match": tag})
    status, code, told = v1_bad(answer)
    assert (status, code) == (412, "RevisionMismatch")
    assert set(told) == {("RevisionMismatch", "order_info.remarks"), ("RevisionMismatch", "order_info.order_type")}
    values = {entry["field"]: entry["value"] for entry in answer.json()["errors"]}
    assert values == {"order_info.remarks": "theirs", "order_info.order_type": "web"}
    assert one(world, order)["remarks"] == "theirs"
    now = call(world, "GET", f"/api/v1/orders/{number}").headers["etag"]
    assert v1_good(add_update(world, mine, headers={"If-Match": now}))["outcome"] == "updated"
