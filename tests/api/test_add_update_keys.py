"""v1 add-update: what is cleared, what a key allows, what If-Match guards (contract 2.8)."""

import pytest

from tests.api.test_add_update_rules import changing, on
from tests.world import (
    ADD_UPDATE,
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
    new_key,
    one,
    post,
    push,
    v1_bad,
    v1_good,
    warned,
)

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
    tried = call(world, "POST", f"{ADD_UPDATE}?dry_run=1", groups({}), headers={"Prefer": "return=minimal"})
    assert list(tried.json()) == ["status", "order_id", "outcome", "dry_run", "unknown_fields"]


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


@pytest.mark.parametrize("header", ['"1"', "*", 'W/"7"', "nonsense"])
def test_if_match_never_makes_an_order(world: World, header: str) -> None:
    erp = fresh_erp()
    for order in ({}, {"erp_order_id": erp}):
        told = v1_bad(add_update(world, groups(order), headers={"If-Match": header}))
        assert told == (412, "RevisionMismatch", [("RevisionMismatch", "header:If-Match")])
    assert call(world, "GET", f"/api/v1/orders/erp:{erp}").status_code == 404


def test_if_match_tells_lines_and_what_was_cleared(world: World) -> None:
    order = push(world, remarks="x")
    body = changing(order, product_details=[line()], clear=["order_info.remarks"])
    v1_good(add_update(world, body))
    answer = add_update(world, on(order), headers={"If-Match": '"1"'})
    fields = {entry["field"]: entry["value"] for entry in answer.json()["errors"]}
    assert fields["order_info.remarks"] == ""
    assert {"product_details", "order_info.grand_total"} <= fields.keys()
