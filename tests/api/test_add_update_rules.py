"""The v1 add-update beside its flags: customers, contacts, payments, refunds, clearing, keys (contract 2.8)."""

from typing import Any

from tests.world import (
    Json,
    World,
    add_update,
    added,
    events,
    fresh_erp,
    fresh_phone,
    fresh_word,
    groups,
    line,
    new_account,
    one,
    pay,
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
    told = {change["field"]: change["after"] for change in created}
    assert told["contact.title"] == "Dr"
    changed = events(world, "types=customer.updated", key=key)["events"]
    assert [(change["field"], change["after"]) for event in changed for change in event["changes"]] == [
        ("birthDate", told["contact.birthDate"])
    ]


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
    assert contacts_told(world, {**body, "contact_info": [{"first_name": "Ravi", "contact_person_phone": "0"}]}) == []
    again = body | {"contact_info": [{"first_name": "Ravi", "contact_person_phone": fresh_phone()}]}
    assert len(contacts_told(world, again)) == 1, "one by whom somebody can be found is made once"
    assert contacts_told(world, again) == []


def contacts_told(world: World, body: Json) -> list[Json]:
    """The events of customers that a good request leads to."""
    before = events(world, "after=0")["next"]
    while (page := events(world, f"after={before}"))["events"]:
        before = page["next"]
    number = v1_good(add_update(world, body))["customer_id"]
    told = events(world, f"after={before}&types=customer.updated")["events"]
    return [event for event in told if event["customerId"] == number]


def test_a_request_that_wrote_only_a_contact_is_an_update(world: World) -> None:
    order = push(world, erp_order_id=(erp := fresh_erp()))
    entry = {"first_name": "Ravi", "contact_person_phone": fresh_phone()}
    by_number, by_erp = on(order, contact_info=[entry]), groups({"erp_order_id": erp}, contact_info=[entry])
    by_erp["customer_info"] = by_number["customer_info"]
    outcomes = [v1_good(add_update(world, body))["outcome"] for body in (by_number, by_number, by_erp)]
    assert outcomes == ["updated", "unchanged", "unchanged"]
    by_erp["contact_info"] = [{**entry, "title": "Dr", "update": True}]
    outcomes = [v1_good(add_update(world, by_erp))["outcome"] for _ in range(2)]
    assert outcomes == ["updated", "unchanged"]


def test_both_means_all_that_was_given(world: World) -> None:
    phone, mail = fresh_phone(), f"{fresh_word('m')}@x.in"
    entry: Json = {"first_name": "R", "contact_person_phone": phone, "contact_person_email": mail}
    order = added(world, {}, contact_info=[entry])
    for one_of in ({"contact_person_phone": phone}, {"contact_person_email": mail}):
        found = v1_good(add_update(world, on(order, contact_info=[{**one_of, "matchEmailPhone": True}])))
        assert (found["contact_id"], found["outcome"]) == (order["contact_id"], "unchanged")
    other = {"contact_person_phone": phone, "contact_person_email": "other@x.in", "matchEmailPhone": True}
    made = v1_good(add_update(world, on(order, contact_info=[other])))
    assert (made["contact_id"] != order["contact_id"], made["outcome"]) == (True, "updated")


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
