"""The v1 add-update beside its flags: customers, contacts, payments, refunds, clearing, keys (contract 2.8)."""

from typing import Any

import pytest

from tests.world import (
    ADD_UPDATE,
    Json,
    World,
    add_update,
    added,
    call,
    events,
    fresh_erp,
    fresh_phone,
    fresh_word,
    groups,
    line,
    new_account,
    new_key,
    one,
    pay,
    post,
    push,
    v1_bad,
    v1_good,
    warned,
    write,
)


def on(order: Json, /, **others: Any) -> Json:
    """A body that only matches an order."""
    return {"customer_info": {"customer_name": "Asha"}, "order_info": {"order_id": order["order_id"]}, **others}


def changing(order: Json, /, **others: Any) -> Json:
    """A body that changes an order, and whatever else `update` is said of."""
    body = on(order, **others)
    body["order_info"] = {**others.get("order_info", {}), "order_id": order["order_id"], "update": True}
    return body


def paying(world: World, order: Json, /, *entries: Json) -> Json:
    """The answer to payments on an order."""
    return v1_good(add_update(world, on(order, payment_details=list(entries))))


# --- which order, which customer ------------------------------------------------------------------------------------


def test_a_request_about_no_order_is_refused(world: World) -> None:
    customer = {"customer_name": "A", "phone": fresh_phone()}
    for body in ({"customer_info": customer}, {"customer_info": customer, "order_info": "", "product_details": []}):
        assert v1_bad(add_update(world, body)) == (400, "ReqFieldMissing", [("ReqFieldMissing", "order_info")])
    about: list[Json] = [{"order_info": {}}, {"product_details": [line()]}, {"payment_details": [{"amount_paid": "1"}]}]
    for order in about:
        assert v1_good(add_update(world, {"customer_info": customer, **order}))["outcome"] == "created"


def test_the_number_decides_before_the_callers_own(world: World) -> None:
    order, erp = push(world, erp_order_id=None), fresh_erp()
    made = v1_good(add_update(world, changing(order, order_info={"erp_order_id": erp})))
    assert (made["order_id"], made["outcome"]) == (int(order["order_id"]), "updated")
    taken = v1_bad(add_update(world, changing(push(world), order_info={"erp_order_id": erp})))
    assert taken == (409, "ErpOrderIdTaken", [("ErpOrderIdTaken", "order_info.erp_order_id")])


def test_a_customer_by_number_code_phone_or_mail(world: World) -> None:
    phone, code, mail = fresh_phone(), fresh_word("C"), f"{fresh_word('m')}@x.in"
    whole = {"customer_name": "Asha", "phone": phone, "customer_code": code, "email_id": mail}
    made = added(world, {}, customer_info=whole)["customer_id"]
    for by in ({"customer_id": made}, {"customer_code": code}, {"phone": f"+91{phone}"}, {"email_id": mail.upper()}):
        assert added(world, {}, customer_info={"customer_name": "B", **by})["customer_id"] == made
    unknown = {"customer_name": "B", "phone": phone, "customer_id": 77}
    told = v1_bad(add_update(world, groups({}, customer_info=unknown)))
    assert told == (404, "CustomerNotFound", [("CustomerNotFound", "customer_info.customer_id")])
    nameless = added(world, {}, customer_info={"customer_name": "Only a name"})
    assert warned(nameless) == [("CustomerWithoutContact", "customer_info.customer_name")]


def test_a_code_belongs_to_one_customer(world: World) -> None:
    codes = [fresh_word("C"), fresh_word("C")]
    first, _ = (
        added(world, {}, customer_info={"customer_name": "A", "phone": fresh_phone(), "customer_code": code})
        for code in codes
    )
    info = {"customer_name": "A", "customer_id": first["customer_id"], "customer_code": codes[1]}
    assert warned(added(world, {}, customer_info=info)) == [("CustomerAmbiguous", "customer_info.customer_code")]
    told = v1_bad(add_update(world, groups({}, customer_info={**info, "update": True})))
    assert told == (409, "CustomerCodeTaken", [("CustomerCodeTaken", "customer_info.customer_code")])
    info = {**info, "customer_code": fresh_word("C"), "update": True}
    assert warned(added(world, {}, customer_info=info)) == []


def test_every_field_of_a_customer_is_kept(world: World) -> None:
    key = new_account(world).key
    info: Json = {"customer_name": "Asha", "phone": fresh_phone(), "individual": "false", "organization": "yes",
                  "customer_remarks": "wins", "remarks": "loses", "source_version": "3", "Segment": "gold",
                  "associate_fields": {"site": "A"}, "zone": "West", "primary_source": "fair"}  # fmt: skip
    added(world, {}, key=key, customer_info=info)
    changes = events(world, "types=customer.created", key=key)["events"][0]["changes"]
    told = {change["field"]: change["after"] for change in changes}
    wanted = {"organization": True, "individual": False, "remarks": "wins", "sourceVersion": 3, "zone": "West"}
    assert wanted.items() <= told.items()
    assert (told["additional"], told["associate"]) == ({"Segment": "gold"}, {"site": "A"})


# --- contacts -------------------------------------------------------------------------------------------------------


def test_a_contact_of_nobody_and_of_somebody_else(world: World) -> None:
    mine, theirs = added(world), added(world)
    for number, code, status in ((77, "ContactNotFound", 404), (theirs["contact_id"], "ContactMismatch", 409)):
        told = v1_bad(add_update(world, on(mine, contact_info=[{}, {"contact_id": number, "title": "Dr"}])))
        assert told == (status, code, [(code, "contact_info[1].contact_id")])
    made = v1_good(add_update(world, on(mine, contact_info=[{"contact_id": mine["contact_id"]}])))
    assert (made["contact_id"], made["outcome"]) == (mine["contact_id"], "unchanged")


def test_the_main_contact_is_the_one_with_the_customers_phone(world: World) -> None:
    key = new_account(world).key
    phone = fresh_phone()
    info = {"customer_name": "Asha", "phone": phone}
    entry = {"title": "Dr", "contact_person_phone": f"+91 {phone}", "dob": "1990-02-01"}
    made = added(world, {}, key=key, customer_info=info, contact_info=[entry])
    created = events(world, "types=customer.created", key=key)["events"][0]["changes"]
    assert {"field": "contact.id", "before": None, "after": made["contact_id"]} in created
    changed = events(world, "types=customer.updated", key=key)["events"]
    told = {change["field"]: change["after"] for event in changed for change in event["changes"]}
    assert told["contact.title"] == "Dr"
    assert told["birthDate"] == told["contact.birthDate"]


def test_the_main_contact_follows_until_it_is_changed_by_itself(world: World) -> None:
    key, phones = new_account(world).key, [fresh_phone() for _ in range(4)]
    order = added(world, {}, key=key, customer_info={"customer_name": "Asha", "phone": phones[0]})

    def change(phone: str) -> None:
        info = {"customer_name": "Asha", "phone": phone, "update": True}
        v1_good(add_update(world, on(order, customer_info=info), key=key))

    def main_has(phone: str) -> bool:
        entry = {"contact_person_phone": phone, "matchEmailPhone": True}
        answer = add_update(world, on(order, contact_info=[entry]), key=key).json()
        return bool(answer["Order"]["outcome"] == "unchanged" and answer["Order"]["contact_id"] == order["contact_id"])

    change(phones[1])
    assert main_has(phones[1])
    own = {"contact_id": order["contact_id"], "contact_person_phone": phones[2], "update": True}
    v1_good(add_update(world, on(order, contact_info=[own]), key=key))
    change(phones[3])
    assert main_has(phones[2])


def test_a_contacts_phone_finds_its_customer_until_it_changes(world: World) -> None:
    phones = [fresh_phone() for _ in range(3)]
    entry: Json = {"first_name": "R", "contact_person_phone": phones[0], "additional_contact_phone": phones[1]}
    order = added(world, {}, contact_info=[entry])

    def finds(phone: str) -> bool:
        info = {"customer_name": "X", "phone": phone}
        return bool(added(world, {}, customer_info=info)["customer_id"] == order["customer_id"])

    assert finds(phones[0])
    assert finds(phones[1])
    number = v1_good(add_update(world, on(order, contact_info=[entry])))["contact_id"]
    moved = {"contact_id": number, "contact_person_phone": phones[2], "update": True}
    v1_good(add_update(world, on(order, contact_info=[moved])))
    assert finds(phones[2])
    assert not finds(phones[0])


def test_a_country_code_reads_the_phones_beside_it(world: World) -> None:
    order = added(world, {}, contact_info=[{"country_code": "+44", "contact_person_phone": "020 7946 0958"}])
    found = added(world, {}, customer_info={"customer_name": "X", "phone": "+442079460958"})
    assert found["customer_id"] == order["customer_id"]


def test_a_repeated_add_makes_no_second_contact(world: World) -> None:
    body = groups({"erp_order_id": fresh_erp()}, contact_info=[{"first_name": "Asha"}, {"gender": "female"}])
    made, again = v1_good(add_update(world, body)), v1_good(add_update(world, body))
    assert (made["outcome"], again["outcome"]) == ("created", "unchanged")


# --- payments and refunds -------------------------------------------------------------------------------------------


def test_payments_are_booked_in_order_also_on_a_matched_order(world: World) -> None:
    order = push(world, grand_total="100")
    made = paying(world, order, {"amount_paid": "60", "payment_mode": "cash"}, {"amount_paid": "50"})
    assert (made["outcome"], warned(made)) == ("updated", [("Overpaid", "payment_details[1].amount_paid")])
    shown = one(world, order)
    assert [payment["paymentId"] for payment in shown["payments"]] == made["payment_ids"]
    assert [(payment["amount"], payment["mode"]) for payment in shown["payments"]] == [(60, "cash"), (50, "")]
    statement = added(world, {"total_paid": "500"}, payment_details=[{"amount_paid": "7"}])
    assert warned(statement) == [("FieldIgnored", "order_info.total_paid")]
    assert one(world, statement)["totalPaid"] == 7
    assert one(world, added(world, {"total_paid": "500"}))["totalPaid"] == 500


def test_a_payment_is_corrected_by_number_and_known_by_reference(world: World) -> None:
    order, other = push(world), push(world)
    first = paying(world, order, {"amount_paid": "5", "payment_reference": "R1"})["payment_ids"][0]
    again = paying(world, order, {"amount_paid": "5", "payment_reference": "R1"})
    assert (again["outcome"], again["payment_ids"]) == ("unchanged", [first])
    corrected = paying(world, order, {"payment_id": first, "amount_paid": "6"})
    assert (corrected["outcome"], corrected["payment_ids"]) == ("updated", [first])
    assert one(world, order)["totalPaid"] == 6
    for entry, field in (
        ({"payment_reference": "R1", "amount_paid": "9"}, "payment_reference"),
        ({"payment_id": pay(world, other, "1")["payment_id"], "amount_paid": "1"}, "payment_id"),
    ):
        told = v1_bad(add_update(world, on(order, payment_details=[entry])))
        assert told == (409, "PaymentMismatch", [("PaymentMismatch", f"payment_details[0].{field}")])


def test_a_refund_is_of_a_payment_or_of_its_own(world: World) -> None:
    order = push(world)
    first = paying(world, order, {"amount_paid": "500", "payment_mode": "cash"})["payment_ids"][0]
    refund = {"amount_paid": "200", "refund_of": first, "payment_reference": "B1", "payment_mode": "upi"}
    for outcome in ("updated", "unchanged"):
        made = paying(world, order, refund)
        assert (made["outcome"], made["payment_ids"]) == (outcome, [first])
    shown = one(world, order)["payments"][0]
    assert (shown["amount"], shown["mode"], shown["reference"]) == (300, "cash", "")
    assert [(entry["kind"], entry["amount"]) for entry in shown["entries"]] == [("payment", 500), ("refund", -200)]
    own = {"kind": "refund", "amount_paid": "100", "payment_reference": "B2"}
    numbers = [paying(world, order, own)["payment_ids"] for _ in range(2)]
    assert numbers[0] == numbers[1] != [first]
    assert one(world, order)["totalPaid"] == 200
    for entry in ({**own, "amount_paid": "50"}, {**refund, "amount_paid": "50"}, {**refund, "kind": "refund",
                  "payment_reference": "B2"}):  # fmt: skip
        assert v1_bad(add_update(world, on(order, payment_details=[entry])))[1] == "PaymentMismatch"
    assert v1_bad(add_update(world, on(order, payment_details=[{"amount_paid": "1", "refund_of": 77}])))[2] == [
        ("PaymentNotFound", "payment_details[0].refund_of")
    ]


def test_a_correction_leaves_the_refunds(world: World) -> None:
    order = push(world)
    first = paying(world, order, {"amount_paid": "500"})["payment_ids"][0]
    paying(world, order, {"amount_paid": "200", "refund_of": first})
    paying(world, order, {"payment_id": first, "amount_paid": "300"})
    shown = one(world, order)
    assert [(entry["kind"], entry["amount"]) for entry in shown["payments"][0]["entries"]] == [
        ("payment", 500), ("refund", -200), ("reversal", -500), ("payment", 300),
    ]  # fmt: skip
    assert shown["totalPaid"] == 100
    told = v1_bad(add_update(world, on(order, payment_details=[{"payment_id": first, "amount_paid": "199"}])))
    assert told == (409, "RefundExceedsPaid", [("RefundExceedsPaid", "payment_details[0].amount_paid")])
    legacy = write(world, {"payment_id": first, "amount_paid": "199"}).json()
    assert (legacy["Status"], legacy["Error"]) == ("Fail", "RefundExceedsPaid")
    refund = paying(world, order, {"kind": "refund", "amount_paid": "60"})["payment_ids"][0]
    assert v1_bad(add_update(world, on(order, payment_details=[
        {"kind": "refund", "payment_id": refund, "amount_paid": "101"}])))[1] == "RefundExceedsPaid"  # fmt: skip
    assert paying(world, order, {"kind": "refund", "payment_id": refund, "amount_paid": "90"})["outcome"] == "updated"
    assert one(world, order)["totalPaid"] == 10
    history = one(world, order, history=True)["history"]
    assert [entry["action"] for entry in history].count("payment_refunded") == 2


def test_a_repeated_add_meets_each_payment_once(world: World) -> None:
    entries = [{"amount_paid": "5", "payment_mode": "cash"}, {"amount_paid": "5", "payment_mode": "cash"},
               {"kind": "refund", "amount_paid": "1"}]  # fmt: skip
    body = groups({"erp_order_id": fresh_erp()}, payment_details=entries)
    made, again = v1_good(add_update(world, body)), v1_good(add_update(world, body))
    assert again["payment_ids"] == made["payment_ids"]
    assert (again["outcome"], len(again["warnings"])) == ("unchanged", 3)
    body["payment_details"] = [*entries[:2], entries[0], {"amount_paid": "5"}, {"amount_paid": "6"}]
    more = v1_good(add_update(world, body))
    assert more["payment_ids"][:2] == made["payment_ids"][:2]
    assert len(set(more["payment_ids"])) == 5
    assert one(world, made)["totalPaid"] == 9 + 5 + 5 + 6


# --- clear ----------------------------------------------------------------------------------------------------------


def test_what_may_be_cleared_is_cleared(world: World) -> None:
    key = new_account(world).key
    info = {"customer_name": "Asha", "phone": fresh_phone(), "city": "Pune"}
    order = added(
        world, {"grand_total": "7", "cess": "5", "tax": "1", "associate_fields": {"a": 1}, "dealDetails": {"x": 1}},
        key=key, customer_info=info, product_details=[line()], enquiry_info={"action": "call"},
    )  # fmt: skip
    paths = ["product_details", "order_info.grand_total", "order_info.additional_fields.cess", "order_info.dealDetails",
             "order_info.associate_fields", "customer_info.city", "customer_info.phone",
             "enquiry_info.action"]  # fmt: skip
    body = changing(order, customer_info={"customer_name": "Asha", "update": True}, enquiry_info={"update": True},
                    clear=paths)  # fmt: skip
    assert v1_good(add_update(world, body, key=key))["outcome"] == "updated"
    shown = one(world, order, key=key)
    assert (shown["lines"], shown["grandTotal"], shown["productValue"]) == ([], 0, 0)
    assert (shown["additionalFields"], shown["associateFields"]) == ({"tax": "1"}, {})
    assert "dealDetails" not in shown
    assert (shown["phone"], shown["customer"]["phone"], shown["customer"]["phoneE164"]) == ("", "", "")
    assert v1_good(add_update(world, body, key=key))["outcome"] == "unchanged"
    anew = added(world, {}, key=key, customer_info=info)
    assert anew["customer_id"] != order["customer_id"]


def test_a_cleared_total_is_that_of_the_lines_again(world: World) -> None:
    order = added(world, {"grand_total": "7"}, product_details=[line()])
    v1_good(add_update(world, changing(order, clear="order_info.grand_total")))
    assert one(world, order)["grandTotal"] == 1000


def test_a_contacts_field_is_cleared_by_its_index(world: World) -> None:
    key = new_account(world).key
    phone = fresh_phone()
    order = added(
        world, {}, key=key, contact_info=[{"contact_person_phone": phone, "title": "Dr", "dob": "1990-01-01"}]
    )
    entry = {"contact_person_phone": phone, "update": True}
    body = on(order, contact_info=[{}, entry], clear=["contact_info[1].dob", "contact_info[1].title"])
    assert v1_good(add_update(world, body, key=key))["outcome"] == "updated"
    told = events(world, "types=customer.updated", key=key)["events"][-1]["changes"]
    assert {change["field"]: change["after"] for change in told} == {
        "contact.id": order["contact_id"], "contact.title": None, "contact.birthDate": None,
    }  # fmt: skip


@pytest.mark.parametrize("path", [
    "order_info.order_id", "customer_info.customer_id", "enquiry_info.enquiry_id", "customer_info.customer_name",
    "order_info.erp_order_id", "customer_info.customer_code", "order_info.create_date", "order_info.total_paid",
    "order_info.grand_total", "payment_details[0].remarks", "customer_info", "order_info.update", "cmId",
    "enquiry_info.round_robin_key",
])  # fmt: skip
def test_what_may_not_be_cleared(world: World, path: str) -> None:
    order = push(world)
    key = new_key(world, operations=("order.add-update",), mandatory=("order.grand_total",))
    body = changing(order, customer_info={"customer_name": "Asha", "update": True}, enquiry_info={"update": True},
                    clear=["order_info.remarks", path])  # fmt: skip
    body["order_info"]["grand_total"] = "1"
    told = v1_bad(add_update(world, body, key=key))
    assert told == (400, "NotClearable", [("NotClearable", "clear[1]")])


def test_a_group_that_is_not_updated_is_not_cleared(world: World) -> None:
    order = push(world)
    paths = ["customer_info.city", "enquiry_info.action", "contact_info[0].dob", "contact_info[5].dob"]
    body = changing(order, contact_info=[{"first_name": "A"}], clear=paths)
    assert v1_bad(add_update(world, body))[2] == [("ClearConflict", f"clear[{at}]") for at in range(4)]
    body = on(order, clear=["order_info.remarks", "product_details"])
    assert v1_bad(add_update(world, body))[2] == [("ClearConflict", f"clear[{at}]") for at in range(2)]
    given = {"assign_emp_code": "E-7", "additional_fields": {"cess": 1}}
    body = changing(order, order_info=given, product_details=[line()], clear=[
        "product_details", "order_info.assign_emp_name", "order_info.additional_fields.cess"])  # fmt: skip
    assert v1_bad(add_update(world, body))[2] == [("ClearConflict", f"clear[{at}]") for at in range(3)]


# --- keys, headers, accounts ----------------------------------------------------------------------------------------


def test_mandatory_fields_are_told_in_v1_names(world: World) -> None:
    names = ("order.grand_total", "line.sku", "customer.city", "contact.email", "enquiry.action", "payment.mode",
             "order.assigned_to")  # fmt: skip
    key = new_key(world, operations=("order.add-update",), mandatory=names)
    body = groups({}, product_details=[line(), {"rate": "1"}], contact_info=[{}, {"first_name": "A"}],
                  payment_details=[{"amount_paid": "1"}])  # fmt: skip
    assert v1_bad(add_update(world, body, key=key)) == (400, "ReqFieldMissing", [
        ("ReqFieldMissing", "order_info.grand_total"), ("ReqFieldMissing", "product_details[1].sku_id"),
        ("ReqFieldMissing", "customer_info.city"), ("ReqFieldMissing", "contact_info[1].contact_person_email"),
        ("ReqFieldMissing", "enquiry_info.action"), ("ReqFieldMissing", "payment_details[0].payment_mode"),
        ("ReqFieldMissing", "order_info.assign_emp_code"),
    ])  # fmt: skip


def test_a_field_that_a_key_may_not_send_is_ignored(world: World) -> None:
    key = new_key(world, operations=("order.add-update",), allowed_fields="order.remarks,customer.name")
    body = groups({"remarks": "a", "order_type": "web", "Colour": "red", "update": False}, site={"a": 1},
                  product_details=[{"sku_id": "A"}],
                  contact_info=[{"contact_person_phone": fresh_phone(), "title": "x"}],
                  payment_details=[{"amount_paid": "1", "other": 1}])  # fmt: skip
    made = v1_good(add_update(world, body, key=key))
    assert {field for code, field in warned(made) if code == "FieldIgnored"} == {
        "order_info.order_type", "order_info.Colour", "site", "product_details[0].sku_id", "contact_info[0].title",
        "payment_details[0].other",
    }  # fmt: skip
    shown = one(world, made)
    assert (shown["remarks"], shown["additionalFields"], shown["associateFields"]) == ("a", {}, {})
    assert (shown["lines"], shown["totalPaid"]) == ([], 1)


def test_the_key_needs_the_operation(world: World) -> None:
    assert v1_bad(add_update(world, groups({}), key="Kpush")) == (
        403, "OperationNotAllowed", [("OperationNotAllowed", "")],
    )  # fmt: skip
    assert v1_bad(add_update(world, groups({}), key="Kdis"))[:2] == (401, "AuthKeyInvalid")


@pytest.mark.parametrize("word", ["cmId", "cm_id"])
def test_a_named_account_is_the_keys(world: World, word: str) -> None:
    for value, status, code in (
        (world.b.cm_id, 403, "AccountMismatch"),
        ("abc", 400, "InvalidId"),
        (-1, 400, "InvalidId"),
    ):
        assert v1_bad(add_update(world, {**groups({}), word: value})) == (status, code, [(code, word)])
    assert v1_good(add_update(world, {**groups({}), word: str(world.a.cm_id)}))["outcome"] == "created"


def test_a_minimal_answer(world: World) -> None:
    answer = add_update(world, groups({}), headers={"Prefer": "return=minimal"})
    assert list(answer.json()) == ["status", "order_id", "outcome"]
    assert answer.headers["preference-applied"] == "return=minimal"
    assert v1_bad(call(world, "POST", f"{ADD_UPDATE}?dry_run=1", groups({})))[:2] == (400, "InvalidParameter")


def test_the_path_and_its_method(world: World) -> None:
    answer = call(world, "GET", ADD_UPDATE)
    assert (answer.status_code, answer.headers["allow"]) == (405, "POST")
    assert post(world, f"{ADD_UPDATE}/", groups({})).status_code == 200


def test_another_accounts_records_are_not_there(world: World) -> None:
    theirs = added(world, {}, key="KB", payment_details=[{"amount_paid": "1"}])
    mine = added(world)
    payments = [{"amount_paid": "1", "payment_id": theirs["payment_ids"][0]}]
    body = on(mine, contact_info=[{"contact_id": theirs["contact_id"], "title": "x"}], payment_details=payments)
    assert v1_bad(add_update(world, body))[2] == [
        ("ContactNotFound", "contact_info[0].contact_id"), ("PaymentNotFound", "payment_details[0].payment_id"),
    ]  # fmt: skip
    body = groups({}, customer_info={"customer_name": "A", "customer_id": theirs["customer_id"]},
                  enquiry_info={"enquiry_id": theirs["enquiry_id"]})  # fmt: skip
    assert v1_bad(add_update(world, body))[2] == [
        ("CustomerNotFound", "customer_info.customer_id"), ("EnquiryNotFound", "enquiry_info.enquiry_id"),
    ]  # fmt: skip


# --- If-Match -------------------------------------------------------------------------------------------------------


def test_if_match_guards_payments_and_adds_too(world: World) -> None:
    order = push(world)
    tag = {"If-Match": call(world, "GET", f"/api/v1/orders/{order['order_id']}").headers["etag"]}
    body = on(order, payment_details=[{"amount_paid": "5"}])
    assert v1_good(add_update(world, body, headers=tag))["outcome"] == "updated"
    answer = add_update(world, body, headers=tag)
    assert v1_bad(answer) == (412, "RevisionMismatch", [("RevisionMismatch", "order_info.total_paid")])
    assert answer.json()["errors"][0]["value"] == "5"
    for header in ("*", '"2", "7"'):
        sent = on(order, order_info={"order_id": order["order_id"]})
        assert v1_good(add_update(world, sent, headers={"If-Match": header}))["outcome"] == "unchanged"
    for header in ('"99"', '"abc"', "0"):
        told = v1_bad(add_update(world, on(order), headers={"If-Match": header}))
        assert told == (412, "RevisionMismatch", [("RevisionMismatch", "header:If-Match")])
    assert v1_bad(add_update(world, groups({}), headers=tag))[:2] == (412, "RevisionMismatch")


def test_if_match_tells_lines_and_what_was_cleared(world: World) -> None:
    order = push(world, remarks="x")
    body = changing(order, product_details=[line()], clear=["order_info.remarks"])
    v1_good(add_update(world, body))
    answer = add_update(world, on(order), headers={"If-Match": '"1"'})
    fields = {entry["field"]: entry["value"] for entry in answer.json()["errors"]}
    assert fields["order_info.remarks"] == ""
    assert {"product_details", "order_info.grand_total"} <= fields.keys()
