"""Edge cases P1-P13 of the push: which order, which customer (contract 2.2)."""

import json
import re
from collections.abc import Callable

import pytest

from tests.docs.samples import sample
from tests.world import (
    ADDED,
    PUSH_FAILED,
    WRITE,
    Json,
    World,
    events,
    faults,
    fresh_erp,
    fresh_phone,
    get,
    good,
    item,
    line,
    new_account,
    new_key,
    one,
    post,
    push,
    told,
    warned,
    write,
)


def test_p1_the_sample_of_the_document_byte_for_byte(world: World) -> None:
    made = good(post(world, WRITE, sample("push")))
    assert made["outcome"] == "created"
    assert [code for code, _ in warned(made)].count("PlaceholderDate") == 2
    stored = one(world, made)
    assert (stored["productValue"], stored["grandTotal"], stored["deliveryStatus"]) == (9999, 9999, "AP")
    assert (stored["paymentMode"], stored["payments"], stored["name"]) == ("cash", [], "Guru")


PLAIN = """[{"customer_name": "Asha // Rao", "phone": "%s", "grand_total": "10.5", "remarks": "a, ] ; b",
  "product_details": [{"sku_id": "77", "rate": "5.25", "quantity": "2"}]}]"""
FORMS: dict[str, Callable[[str], str]] = {
    "as printed": lambda text: text,
    "with a byte-order mark": lambda text: "\ufeff" + text,
    "with comments": lambda text: text.replace("[{", "/* orders */ [{ // the first\n", 1),
    "with commas before brackets": lambda text: text.replace('"2"}]}]', '"2",},],}\n, ]'),
    "with a semicolon behind": lambda text: text + " ; \n",
    "as a bare object": lambda text: text.strip()[1:-1],
    "with numbers": lambda text: re.sub(r'"([0-9.]{1,4})"', r"\1", text),
}  # fmt: skip


def without_ids(order: Json) -> Json:
    """What two orders that were sent alike have in common."""
    own = {"id", "customerId", "enquiryId", "createDate", "lastModificationTime", "phone", "customer", "enquiry"}
    return {name: value for name, value in order.items() if name not in own}


@pytest.mark.parametrize("form", FORMS)
def test_p2_every_form_of_the_body_makes_the_same_order(world: World, form: str) -> None:
    plain = good(post(world, WRITE, (PLAIN % fresh_phone()).encode()))
    made = good(post(world, WRITE, FORMS[form](PLAIN % fresh_phone()).encode()))
    assert made["outcome"] == "created"
    assert without_ids(one(world, made)) == without_ids(one(world, plain))
    assert one(world, made)["customer"]["name"] == "Asha // Rao"


def test_p3_a_repeat_changes_nothing(world: World) -> None:
    shop, order = new_account(world), item(product_details=[line()], total_paid="5", round_robin_key="none")
    made = good(write(world, order, key=shop.key))
    before, seen = one(world, made, key=shop.key, history=True), events(world, key=shop.key)["next"]
    again = good(write(world, order, key=shop.key))
    assert (again["outcome"], again["message"]) == ("unchanged", ADDED)
    assert {**again, "outcome": "", "warnings": []} == {**made, "outcome": "", "warnings": []}
    assert one(world, made, key=shop.key, history=True) == before
    assert events(world, f"after={seen}", key=shop.key)["events"] == []


def test_p4_a_repeat_with_other_remarks_updates(world: World) -> None:
    shop, order = new_account(world), item()
    made = good(write(world, order, key=shop.key))
    again = good(write(world, {**order, "remarks": "call first"}, key=shop.key))
    assert (again["outcome"], again["message"], again["order_id"]) == ("updated", ADDED, made["order_id"])
    assert told(world, made, key=shop.key) == ["order.created", "order.updated"]


def test_p5_another_phone_moves_no_order(world: World) -> None:
    shop, order, phone = new_account(world), item(), fresh_phone()
    made = good(write(world, order, key=shop.key))
    again = good(write(world, {**order, "phone": phone}, key=shop.key))
    assert again["kapture_customer_id"] == made["kapture_customer_id"]
    assert "CustomerMismatch" not in [code for code, _ in warned(again)]
    stored = one(world, made, key=shop.key)
    assert (stored["phone"], stored["customer"]["phone"]) == (phone, order["phone"])
    types = [event["type"] for event in events(world, key=shop.key)["events"]]
    assert types.count("customer.created") == 1


def test_p5_a_phone_of_somebody_else_is_a_warning(world: World) -> None:
    order, phone = item(), fresh_phone()
    made = good(write(world, order))
    other = push(world, phone=phone)
    again = good(write(world, {**order, "phone": phone}))
    assert again["kapture_customer_id"] == made["kapture_customer_id"] != other["kapture_customer_id"]
    assert warned(again) == [("CustomerMismatch", "[0].phone")]


def test_p6_the_second_of_two_in_one_array_counts(world: World) -> None:
    order = item(remarks="first")
    first, second, third = write(world, order, {**order, "remarks": "second"}, {**order, "remarks": "second"}).json()
    assert [made["outcome"] for made in (first, second, third)] == ["created", "updated", "unchanged"]
    assert len({made["order_id"] for made in (first, second, third)}) == 1
    assert one(world, first)["remarks"] == "second"


def test_p7_without_a_number_nothing_says_they_are_one(world: World) -> None:
    order = item(erp_order_id=None)
    first, second = good(write(world, order)), good(write(world, order))
    assert (first["outcome"], second["outcome"]) == ("created", "created")
    assert first["order_id"] != second["order_id"]
    assert first["kapture_customer_id"] == second["kapture_customer_id"]


@pytest.mark.parametrize("nobody", [{}, {"customer_name": "Asha"}, {"phone": "", "email_id": None, "customer_id": "0"}])
def test_p8_a_name_alone_is_not_enough(world: World, nobody: Json) -> None:
    answer = write(world, {"erp_order_id": fresh_erp(), **nobody})
    assert [answer.json()[name] for name in ("Message", "Status", "Error")] == [
        PUSH_FAILED,
        "failed",
        "ReqFieldMissing",
    ]
    assert faults(answer.json()) == [("ReqFieldMissing", "[0].customer_id")]


def test_p9_an_unknown_id_goes_on_to_the_phone(world: World) -> None:
    phone = fresh_phone()
    known = push(world, phone=phone)["kapture_customer_id"]
    for unknown in ("77", "C-77", "-5"):
        made = push(world, customer_id=unknown, phone=phone)
        assert made["kapture_customer_id"] == known
        assert warned(made) == [("CustomerIdUnknown", "[0].customer_id")]


@pytest.mark.parametrize("unknown", [{"customer_id": "77"}, {"customer_code": "nobody's"}])
def test_p9_an_unknown_id_alone_is_nobody(world: World, unknown: Json) -> None:
    answer = write(world, {"erp_order_id": fresh_erp(), "customer_name": "Asha", **unknown}).json()
    assert (answer["Message"], answer["Error"]) == (PUSH_FAILED, "CustomerNotFound")
    ((name, value),) = unknown.items()
    assert (faults(answer), answer["errors"][0]["value"]) == ([("CustomerNotFound", f"[0].{name}")], value)


def test_p10_the_first_hit_stands(world: World) -> None:
    phone = fresh_phone()
    other = push(world, phone=phone)["kapture_customer_id"]
    mine = push(world)["kapture_customer_id"]
    made = push(world, customer_id=mine, phone=phone)
    assert made["kapture_customer_id"] == mine
    assert [(entry["code"], entry["value"]) for entry in made["warnings"]] == [("CustomerAmbiguous", other)]


def test_p11_a_placeholder_phone_is_kept_and_matches_nobody(world: World) -> None:
    first, second = (push(world, phone="0000000000") for _ in range(2))
    assert first["kapture_customer_id"] != second["kapture_customer_id"]
    assert [warned(made) for made in (first, second)] == [[("ContactPlaceholder", "[0].phone")]] * 2
    assert get(world, first)["phone"] == "0000000000"


def test_p12_three_spellings_are_one_customer_and_print_as_sent(world: World) -> None:
    phone = fresh_phone()
    spelt = [f"+91 {phone[:5]}-{phone[5:]}", f"0{phone}", phone]
    made = [push(world, phone=text) for text in spelt]
    assert len({answer["kapture_customer_id"] for answer in made}) == 1
    assert [get(world, answer)["phone"] for answer in made] == spelt
    assert one(world, made[0])["customer"]["phoneE164"] == f"+91{phone}"


def test_p13_what_is_missing_stands_first(world: World) -> None:
    key = new_key(world, mandatory=("order.grand_total",))
    bad = item(product_details=[line(rate="10,000")], create_date="31/12/2024")
    answer = write(world, bad, key=key).json()
    assert (answer["Error"], answer["Message"]) == ("ReqFieldMissing", PUSH_FAILED)
    assert faults(answer)[0] == ("ReqFieldMissing", "[0].grand_total")
    assert faults(answer)[1:] == [("InvalidAmount", "[0].product_details[0].rate"), ("InvalidDate", "[0].create_date")]


def test_p25_a_number_and_its_digits_are_one_erp_order_id(world: World) -> None:
    shop = new_account(world)
    order = item(erp_order_id=1001)
    first = good(write(world, order, key=shop.key))
    second = good(write(world, {**order, "erp_order_id": "1001"}, key=shop.key))
    assert (second["order_id"], second["outcome"]) == (first["order_id"], "unchanged")
    body = json.dumps([{**order, "erp_order_id": " 1001 "}]).encode()
    assert good(post(world, WRITE, body, key=shop.key))["order_id"] == first["order_id"]
