"""Edge cases N1-N18 of the v1 add-update, each under its number (contract 2.8)."""

from typing import Any

from tests.docs.samples import sample
from tests.world import (
    ADD_UPDATE,
    ORDERS,
    World,
    add_update,
    added,
    call,
    events,
    fresh_erp,
    fresh_phone,
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


def changed(world: World, order: Any, /, *, key: str = "K", **fields: Any) -> Any:
    """The answer to a good update of an order by its number; `customer_info` and other groups by name."""
    others = {name: fields.pop(name) for name in list(fields) if name.endswith("_info") or name == "clear"}
    body = {"customer_info": {"customer_name": "Asha"}, **others,
            "order_info": {"order_id": order["order_id"], "update": True, **fields}}  # fmt: skip
    return v1_good(add_update(world, body, key=key))


def count(world: World, key: str, kind: str) -> int:
    """How many events of a kind an account has."""
    return len(events(world, f"types={kind}", key=key)["events"])


def test_n1_the_sample_changes_remarks_and_invoice_alone(world: World) -> None:
    key = new_account(world).key
    f1 = push(world, key=key, customer_name="ABC", phone="9380491257", email_id="abc@abc.min", address="jalsa")
    made = v1_good(post(world, ADD_UPDATE, sample("add_update", _23518265=f1["order_id"]), key=key))
    assert (made["order_id"], made["outcome"], made["warnings"]) == (int(f1["order_id"]), "updated", [])
    assert made["customer_id"] == int(f1["kapture_customer_id"])
    assert [count(world, key, f"{kind}.updated") for kind in ("customer", "enquiry", "order")] == [0, 0, 1]


def test_n2_the_same_again_is_unchanged(world: World) -> None:
    key = new_account(world).key
    f1 = push(world, key=key, customer_name="ABC", phone="9380491257", email_id="abc@abc.min", address="jalsa")
    first, second = (
        v1_good(post(world, ADD_UPDATE, sample("add_update", _23518265=f1["order_id"]), key=key)) for _ in range(2)
    )
    assert {**first, "outcome": ""} == {**second, "outcome": ""}
    assert (first["outcome"], second["outcome"]) == ("updated", "unchanged")


def test_n3_an_order_id_as_text_or_number(world: World) -> None:
    order = push(world)
    for number in (order["order_id"], int(order["order_id"]), f" {order['order_id']} "):
        assert changed(world, {"order_id": number})["order_id"] == int(order["order_id"])
    for wrong in (77, "77", "abc", world.keys["K"]):
        body = groups({"order_id": wrong, "update": True})
        assert v1_bad(add_update(world, body)) == (404, "OrderNotFound", [("OrderNotFound", "order_info.order_id")])
    other = push(world, key="KB")
    assert v1_bad(add_update(world, groups({"order_id": other["order_id"], "update": True})))[0] == 404


def test_n4_update_is_a_boolean_in_any_writing(world: World) -> None:
    order = push(world)
    for at, word in enumerate(("true", "TRUE", 1, "yes", True)):
        body = groups({"order_id": order["order_id"], "update": word, "remarks": f"r{at}"})
        assert v1_good(add_update(world, body))["outcome"] == "updated"
    for group in ("order_info", "customer_info", "enquiry_info"):
        body = groups({})
        body[group] = {**body.get(group, {}), "update": "maybe"}
        assert v1_bad(add_update(world, body)) == (400, "InvalidBoolean", [("InvalidBoolean", f"{group}.update")])
    body = groups({}, contact_info=[{"first_name": "A", "matchEmailPhone": "maybe"}])
    assert v1_bad(add_update(world, body))[2] == [("InvalidBoolean", "contact_info[0].matchEmailPhone")]


def test_n5_an_update_without_a_number(world: World) -> None:
    body = groups({"update": True, "remarks": "x"})
    assert v1_bad(add_update(world, body)) == (400, "ReqFieldMissing", [("ReqFieldMissing", "order_info.order_id")])


def test_n6_an_add_makes_what_is_not_there(world: World) -> None:
    phone = fresh_phone()
    customer = {"customer_name": "Asha", "phone": phone, "city": "Pune"}
    contact = {"first_name": "Ravi", "contact_person_phone": fresh_phone()}
    made = added(
        world, {"remarks": "a"}, customer_info=customer, contact_info=[contact], enquiry_info={"action": "call"}
    )
    again = added(world, {"remarks": "b"}, customer_info=customer, contact_info=[contact])
    assert (made["outcome"], again["outcome"]) == ("created", "created")
    assert made["order_id"] != again["order_id"]
    assert made["enquiry_id"] != again["enquiry_id"]
    assert (made["customer_id"], made["contact_id"]) == (again["customer_id"], again["contact_id"])
    by_contact = added(world, {}, customer_info={"customer_name": "R", "phone": contact["contact_person_phone"]})
    assert by_contact["customer_id"] == made["customer_id"], "a customer is found by the phones of its contacts"


def test_n7_a_known_number_is_matched_and_left(world: World) -> None:
    body = groups({"erp_order_id": fresh_erp(), "remarks": "a"}, product_details=[line()])
    made, same = v1_good(add_update(world, body)), v1_good(add_update(world, body))
    assert (same["outcome"], same["warnings"], same["message"]) == ("unchanged", [], made["message"])
    assert [same[name] for name in ("order_id", "customer_id", "enquiry_id")] == [
        made[name] for name in ("order_id", "customer_id", "enquiry_id")
    ]
    for other in ({"order_info": {**body["order_info"], "remarks": "b"}}, {"product_details": [line(rate="7")]}):
        answer = v1_good(add_update(world, {**body, **other}))
        assert (answer["outcome"], warned(answer)) == ("unchanged", [("UpdateFlagFalse", "order_info.update")])
    kept = one(world, made)
    assert (kept["remarks"], kept["productValue"]) == ("a", 1000)


def test_n8_the_customers_name_is_mandatory(world: World) -> None:
    order = push(world)
    for flags in ({}, {"order_id": order["order_id"], "update": True}):
        body = {"customer_info": {"phone": fresh_phone(), "customer_name": " "}, "order_info": flags}
        told = v1_bad(add_update(world, body))
        assert told == (400, "ReqFieldMissing", [("ReqFieldMissing", "customer_info.customer_name")])


def test_n9_the_customer_is_changed_by_its_own_flag(world: World) -> None:
    key = new_account(world).key
    order = push(world, key=key, customer_name="Asha", address="old")
    info = {"customer_name": "Asha", "city": "Pune", "address": "new"}
    assert changed(world, order, key=key, customer_info=info)["outcome"] == "updated"
    assert (one(world, order, key=key)["address"], count(world, key, "customer.updated")) == ("new", 0)
    made = changed(world, order, key=key, customer_info={**info, "update": True})
    assert made["outcome"] == "updated"
    told = events(world, "types=customer.updated", key=key)["events"][0]["changes"]
    assert {change["field"]: change["after"] for change in told} == {"city": "Pune", "address": "new"}


def test_n10_email_and_phone_must_both_be_the_contacts(world: World) -> None:
    phones, mails = [fresh_phone(), fresh_phone()], ["a@x.in", "b@x.in"]
    contacts = [
        {"first_name": "A", "contact_person_phone": phone, "contact_person_email": mail}
        for phone, mail in zip(phones, mails, strict=True)
    ]
    order = added(world, {}, contact_info=contacts)
    crossed = {"contact_person_phone": phones[0], "contact_person_email": mails[1]}
    first, plain, both = (
        changed(world, order, contact_info=[entry])["contact_id"]
        for entry in (contacts[0], crossed, {**crossed, "matchEmailPhone": True})
    )
    assert first == plain, "by phone before e-mail"
    assert both not in (first, order["contact_id"]), "no match: another contact is made"


def test_n11_remarks_are_cleared(world: World) -> None:
    order = push(world, remarks="x")
    assert changed(world, order, clear=["order_info.remarks"])["outcome"] == "updated"
    assert "remarks" not in one(world, order)
    assert changed(world, order, clear=["order_info.remarks"])["outcome"] == "unchanged"
    body = groups({"order_id": order["order_id"], "update": True, "remarks": "y"}, clear="order_info.remarks")
    assert v1_bad(add_update(world, body)) == (400, "ClearConflict", [("ClearConflict", "clear")])


def test_n12_a_payment_of_nothing_writes_nothing(world: World) -> None:
    erp = fresh_erp()
    body = groups({"erp_order_id": erp}, payment_details=[{"amount_paid": "0"}, {"payment_mode": "cash"}])
    assert v1_bad(add_update(world, body)) == (
        400, "ReqFieldMissing",
        [("ReqFieldMissing", "payment_details[1].amount_paid"),
         ("AmountNotPositive", "payment_details[0].amount_paid")],
    )  # fmt: skip
    body["payment_details"] = [{"amount_paid": "0"}]
    assert v1_bad(add_update(world, body))[:2] == (400, "AmountNotPositive")
    assert call(world, "GET", f"{ORDERS}erp:{erp}").status_code == 404


def test_n13_no_more_is_refunded_than_was_paid(world: World) -> None:
    order = added(world, {}, payment_details=[{"amount_paid": "500"}])
    refund: dict[str, Any] = {"kind": "refund", "amount_paid": "600"}
    for entry in (refund, {**refund, "refund_of": order["payment_ids"][0]}):
        body = groups({"order_id": order["order_id"]}, payment_details=[entry])
        told = v1_bad(add_update(world, body))
        assert told == (409, "RefundExceedsPaid", [("RefundExceedsPaid", "payment_details[0].amount_paid")])


def test_n14_one_object_bare_or_in_an_array(world: World) -> None:
    body = groups({"remarks": "x"})
    assert v1_good(add_update(world, [body]))["outcome"] == "created"
    assert v1_bad(add_update(world, [body, body]))[:2] == (400, "InvalidType")
    assert v1_bad(add_update(world, []))[:2] == (400, "EmptyRequest")
    assert v1_bad(add_update(world, b"5"))[:2] == (400, "MalformedBody")
    in_arrays = {"customer_info": [body["customer_info"]], "order_info": [{"remarks": "y"}],
                 "contact_info": {"first_name": "A"}, "product_details": line()}  # fmt: skip
    assert one(world, v1_good(add_update(world, in_arrays)))["productValue"] == 1000
    two = {**body, "order_info": [{}, {}]}
    assert v1_bad(add_update(world, two)) == (400, "InvalidType", [("InvalidType", "order_info")])


def test_n15_an_unknown_group_is_kept(world: World) -> None:
    made = added(world, {"Expected Area": 1200}, site_visit={"when": "soon"})
    kept = one(world, made)
    assert kept["associateFields"] == {"site_visit": {"when": "soon"}}
    assert kept["additionalFields"] == {"Expected Area": 1200}


def test_n16_deal_details_may_be_an_object(world: World) -> None:
    deal = {"stage": "won", "value": 12.5}
    made = added(world, {"dealDetails": deal})
    assert one(world, made)["dealDetails"] == deal


def test_n17_all_faults_at_once(world: World) -> None:
    erp = fresh_erp()
    body = groups({"erp_order_id": erp, "invoice_date": "31/12/2024"},
                  contact_info=[{"first_name": "A"}, {"first_name": "B", "dob": "x"}])  # fmt: skip
    told = [("InvalidDate", "order_info.invoice_date"), ("InvalidDate", "contact_info[1].dob")]
    assert v1_bad(add_update(world, body)) == (400, "InvalidDate", told)
    assert call(world, "GET", f"{ORDERS}erp:{erp}").status_code == 404


def test_n17_faults_of_every_group_are_told_in_the_bodys_order(world: World) -> None:
    order = push(world)
    body = {
        "payment_details": [{"amount_paid": "1", "payment_id": 77}, {"amount_paid": "1", "refund_of": 77}],
        "order_info": {"order_id": order["order_id"], "update": True, "erp_order_id": "SO-2", "grand_total": "12,0"},
        "contact_info": [{"contact_id": 77, "first_name": "A"}],
        "customer_info": {"phone": fresh_phone(), "update": "maybe"},
        "product_details": [{"rate": "x"}],
    }
    assert v1_bad(add_update(world, body))[2] == [
        ("ReqFieldMissing", "customer_info.customer_name"),
        ("PaymentNotFound", "payment_details[0].payment_id"),
        ("PaymentNotFound", "payment_details[1].refund_of"),
        ("ErpOrderIdTaken", "order_info.erp_order_id"),
        ("InvalidAmount", "order_info.grand_total"),
        ("ContactNotFound", "contact_info[0].contact_id"),
        ("InvalidBoolean", "customer_info.update"),
        ("InvalidAmount", "product_details[0].rate"),
    ]


def test_n18_somebody_elses_phone_changes_nobody(world: World) -> None:
    key = new_account(world).key
    mine, theirs = fresh_phone(), fresh_phone()
    order, other = push(world, key=key, phone=mine), push(world, key=key, phone=theirs)
    for update in (False, True):
        info = {"customer_name": "Guru", "phone": theirs, "update": update}
        made = changed(world, order, key=key, customer_info=info)
        assert warned(made) == [("CustomerMismatch", "customer_info.phone")]
        assert made["warnings"][0]["value"] == other["kapture_customer_id"]
        assert made["customer_id"] == int(order["kapture_customer_id"])
    assert count(world, key, "customer.updated") == 0
    assert one(world, order, key=key)["name"] == "Guru", "the order's own copy is as sent"
    fresh = fresh_phone()
    made = changed(world, order, key=key, customer_info={"customer_name": "Asha", "phone": fresh, "update": True})
    assert made["warnings"] == []
    assert one(world, order, key=key)["customer"]["phone"] == fresh
    found = added(world, {}, key=key, customer_info={"customer_name": "A", "phone": fresh})
    assert found["customer_id"] == made["customer_id"]
    anew = added(world, {}, key=key, customer_info={"customer_name": "B", "phone": mine})
    assert anew["customer_id"] != made["customer_id"], "nobody has the old phone any more"
