"""Edge cases P14-P24 of the push: money, lines, additional fields, empty members (contract 2.2)."""

import pytest

from tests.world import (
    GET,
    PUSH_FAILED,
    Json,
    World,
    delete_order,
    faults,
    get,
    good,
    item,
    line,
    new_key,
    one,
    pay,
    post,
    push,
    warned,
    write,
)

OPTIONAL = [
    "customer_code", "email_id", "date_of_birth", "address", "zip_code", "shipping_address", "order_status",
    "order_type", "create_date", "expected_delivery_date", "grand_total", "total_paid", "payment_mode", "transaction",
    "assign_email_id", "product_details", "customer_id", "order_id", "enquiry_id", "round_robin_key", "attr1",
    "additional_fields", "associate_fields", "approved_by", "cmId", "unknown name",
]  # fmt: skip


def test_p14_money_has_four_decimals(world: World) -> None:
    answer = write(world, item(product_details=[line(rate="0.00005")])).json()
    assert faults(answer) == [("InvalidAmount", "[0].product_details[0].rate")]
    made = push(world, product_details=[line(rate="1.50000")])
    assert get(world, made)["productValue"] == "1.5"


def test_p15_a_total_is_kept_as_given(world: World) -> None:
    lines = [line(rate="10000", discount="1")]
    made = push(world, grand_total="9000", product_details=lines)
    assert warned(made) == [("TotalMismatch", "[0].grand_total")]
    assert (one(world, made)["grandTotal"], one(world, made)["productValue"]) == (9000, 9999)
    strict, lax = new_key(world, total_mismatch="reject"), new_key(world, total_mismatch="accept")
    refused = write(world, item(grand_total="9000", product_details=lines), key=strict).json()
    assert (refused["Message"], refused["Error"]) == (PUSH_FAILED, "TotalMismatch")
    assert warned(push(world, key=lax, grand_total="9000", product_details=lines)) == []
    assert warned(push(world, grand_total="9000")) == []  # an order without lines has nothing to differ from


def test_p16_a_line_of_empty_strings_is_no_line(world: World) -> None:
    empty = [dict.fromkeys(["sku_id", "product_name", "rate", "quantity", "discount"], "")]
    made = push(world, product_details=empty)
    assert one(world, made)["lines"] == []
    assert get(world, made, includeDetails="true")["grandTotal"] == ""
    for field in ("lines", "product_details[].sku_id"):
        answer = write(world, item(product_details=empty), key=new_key(world, mandatory=(field,))).json()
        assert answer["Error"] == "ReqFieldMissing"
        assert all(entry["field"].startswith("[0].product_details") for entry in answer["errors"])


def test_p17_a_line_with_a_name_only(world: World) -> None:
    made = push(world, product_details=[{"product_name": "Lamp"}])
    (row,) = one(world, made)["lines"]
    assert (row["quantity"], row["rate"], row["discount"], row["value"]) == (1, 0, 0, 0)
    assert (get(world, made)["productQuantity"], get(world, made)["productValue"]) == ("1", "0")


@pytest.mark.parametrize("lines", ["A-1", 5, True])
def test_p18_lines_must_be_a_list(world: World, lines: object) -> None:
    answer = write(world, item(product_details=lines)).json()
    assert (answer["Message"], faults(answer)) == (PUSH_FAILED, [("InvalidType", "[0].product_details")])


@pytest.mark.parametrize("lines", ["", " ", None, [], {}])
def test_p18_empty_lines_are_absent(world: World, lines: object) -> None:
    made = good(write(world, {**item(), "product_details": lines}))
    assert one(world, made)["lines"] == []


def test_p18_one_line_may_come_bare(world: World) -> None:
    assert len(one(world, push(world, product_details=line()))["lines"]) == 1


def test_p19_unknown_members_are_kept_under_their_exact_name(world: World) -> None:
    unknown: Json = {
        "Expected Area": "1200", "site_visit_scheduled": [{"date/time": "2024-05-08", "list": [1, 2.5, True, None]}],
        "": "nameless", "Ünïcode 🙂": {"deep": {"deeper": ["x"]}},
    }  # fmt: skip
    made = push(world, **unknown)
    assert one(world, made)["additionalFields"] == unknown
    on_a_line = push(world, product_details=[line(**{"Glass / Colour": "blue"})])
    assert one(world, on_a_line)["lines"][0]["additionalFields"] == {"Glass / Colour": "blue"}


def test_p20_total_paid_never_undoes_a_payment(world: World) -> None:
    order = item(total_paid="500", payment_mode="cash")
    made = good(write(world, order))
    pay(world, made, "300")
    again = good(write(world, order))
    assert (again["outcome"], warned(again)) == ("unchanged", [("TotalPaidBelowLedger", "[0].total_paid")])
    assert one(world, made)["totalPaid"] == 800
    more = good(write(world, {**order, "total_paid": "1000"}))
    assert (more["outcome"], warned(more)) == ("updated", [])
    assert [paid["amount"] for paid in one(world, made)["payments"]] == [500, 300, 200]


def test_p22_null_is_absent(world: World) -> None:
    plain, nulls = push(world), good(write(world, {**item(), **dict.fromkeys(OPTIONAL)}))
    assert warned(nulls) == []
    differs = {
        "id",
        "customerId",
        "enquiryId",
        "createDate",
        "lastModificationTime",
        "phone",
        "erpOrderId",
        "customer",
        "enquiry",
    }
    left, right = one(world, plain), one(world, nulls)
    assert {name: left[name] for name in left.keys() - differs} == {
        name: right[name] for name in right.keys() - differs
    }


def test_p23_a_deleted_order_is_unknown(world: World) -> None:
    order = item()
    made = good(write(world, order))
    delete_order(world, made)
    assert post(world, GET, [{"order_id": made["order_id"]}]).json()["Error"] == "OrderNotFound"
    again = good(write(world, order))
    assert again["outcome"] == "created"
    assert again["order_id"] != made["order_id"]


def test_p24_a_key_that_only_updates_may_push_a_known_number(world: World) -> None:
    order = item()
    made = good(write(world, order))
    again = good(write(world, {**order, "remarks": "by Kupd"}, key="Kupd"))
    assert (again["outcome"], again["order_id"]) == ("updated", made["order_id"])
    refused = write(world, item(), key="Kupd")
    assert (refused.status_code, refused.json()["Error"]) == (403, "OperationNotAllowed")
