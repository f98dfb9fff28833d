"""Values: ids, dates, phones, e-mails, texts and their limits (contract 1.6)."""

import json
from datetime import UTC, datetime

import pytest

from tests.world import (
    WRITE,
    Json,
    World,
    faults,
    fresh_erp,
    fresh_phone,
    get,
    good,
    item,
    new_account,
    one,
    post,
    push,
    update,
    warned,
    write,
)

NOON = 1715149492000  # 2024-05-08 11:54:52 in Kolkata


def ms(text: str) -> int:
    return int(datetime.fromisoformat(text).astimezone(UTC).timestamp() * 1000)


@pytest.mark.parametrize(
    ("sent", "stored"),
    [
        ("2024-05-08", ms("2024-05-08T00:00:00+05:30")), ("2024-05-08 11:54", ms("2024-05-08T11:54:00+05:30")),
        ("2024-05-08 11:54:52", NOON), ("2024-05-08T11:54:52", NOON), ("2024-05-08T11:54", NOON - 52_000),
        ("2024-05-08T06:24:52Z", NOON), ("2024-05-08T11:54:52.123+05:30", NOON + 123),
        ("2024-05-08T06:24:52.5Z", NOON + 500), ("2024-05-08T04:24:52-02:00", NOON), (" 2024-05-08 11:54:52 ", NOON),
        (NOON, NOON), (str(NOON), NOON), ("10000000000", 10_000_000_000), (4_102_444_800_000, 4_102_444_800_000),
        ("2024-02-29", ms("2024-02-29T00:00:00+05:30")), ("1900-01-01T00:00:00Z", ms("1900-01-01T00:00:00+00:00")),
        ("2200-12-31T00:00:00Z", ms("2200-12-31T00:00:00+00:00")),
    ],
)  # fmt: skip
def test_a_date_is_a_moment(world: World, sent: object, stored: int) -> None:
    assert one(world, push(world, create_date=sent))["createDate"] == stored


@pytest.mark.parametrize(
    "sent",
    [
        "2024-02-30", "2023-02-29", "2024-13-01", "2024-00-10", "2024-05-32", "31/12/2024", "12-31-2024", "2024-5-8",
        "20240508", "2024-05-08 24:00", "2024-05-08 11:60", "2024-05-08 11:54:60", "2024-05-08 1:54", "1899-12-31",
        "2201-01-01", "today", "1715149492", "999999999999999", "2024-05-08T11:54:52+25:00", "2024-05-08 11",
        "0000-00-00", "٢٠٢٤-٠٥-٠٨", "2024-05-08;", 1.5, True, "-1715149492000", "yyyy/mm/dd",
    ],
)  # fmt: skip
def test_anything_else_is_no_date(world: World, sent: object) -> None:
    answer = write(world, item(create_date=sent)).json()
    assert faults(answer) == [("InvalidDate", "[0].create_date")]


@pytest.mark.parametrize(
    "placeholder", ["yyyy-mm-dd", "YYYY-MM-DD", "yyyy-mm-dd HH:MM", "yyyy-mm-dd HH:MM:SS", "Yyyy-Mm-Dd hh:mm"]
)
def test_the_placeholder_of_the_documents_is_empty(world: World, placeholder: str) -> None:
    made = push(world, invoice_date=placeholder)
    assert warned(made) == [("PlaceholderDate", "[0].invoice_date")]
    assert "invoiceDate" not in one(world, made)


def test_local_time_is_the_accounts(world: World) -> None:
    shop = new_account(world, time_zone="Europe/Berlin")
    for sent, stored in (
        ("2024-03-31 02:30", "2024-03-31T01:30:00+00:00"),  # skipped: forward
        ("2024-10-27 02:30", "2024-10-27T00:30:00+00:00"),  # repeated: the first
        ("2024-07-01", "2024-06-30T22:00:00+00:00"),
    ):
        order = push(world, key=shop.key, create_date=sent)
        assert one(world, order, key=shop.key)["createDate"] == ms(stored)
    assert (
        get(world, push(world, key=shop.key, create_date="2024-03-31 02:30"), key=shop.key)["createDate"]
        == "2024-03-31 03:30:00"
    )


def test_an_order_without_a_date_is_of_now(world: World) -> None:
    before = datetime.now(UTC).timestamp() * 1000 - 1
    shown = one(world, push(world))
    assert before <= shown["createDate"] <= datetime.now(UTC).timestamp() * 1000 + 1
    assert shown["lastModificationTime"] == shown["createDate"]


def test_values_may_be_text_number_or_boolean(world: World) -> None:
    made = push(
        world, customer_name=12, remarks=True, order_type=0, payment_mode=False, transaction=1.50, zip_code=411001
    )
    shown = one(world, made)
    assert [shown[name] for name in ("name", "remarks", "orderType", "paymentMode", "transaction", "zip")] == [
        "12", "true", "0", "false", "1.5", "411001",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "name",
    ["customer_name", "remarks", "erp_order_id", "phone", "create_date", "grand_total", "order_id", "customer_id"],
)
@pytest.mark.parametrize("value", [["a"], {"a": "b"}, [[]]])
def test_a_list_or_object_is_no_single_value(world: World, name: str, value: object) -> None:
    answer = write(world, item(**{name: value})).json()
    assert ("InvalidType", f"[0].{name}") in faults(answer)


def test_text_is_trimmed_and_otherwise_kept(world: World) -> None:
    made = push(world, customer_name="  Asha  Rao\t", remarks="\n two\n lines \n")
    shown = one(world, made)
    assert (shown["name"], shown["remarks"]) == ("Asha  Rao", "two\n lines")


def test_erp_numbers_compare_exactly(world: World) -> None:
    erp = fresh_erp()
    first = push(world, erp_order_id=erp)
    assert push(world, erp_order_id=f"  {erp} ")["order_id"] == first["order_id"]
    assert push(world, erp_order_id=erp.lower())["order_id"] != first["order_id"]
    assert push(world, erp_order_id=f"0{erp}")["order_id"] != first["order_id"]


@pytest.mark.parametrize("digits", ["1001.50", "0.10", "1e2", "12345678901234567890123", "-5"])
def test_a_json_number_is_taken_by_its_digits(world: World, digits: str) -> None:
    body = json.dumps([item(erp_order_id="ERP")]).replace('"ERP"', digits)
    shop = new_account(world)
    assert one(world, good(post(world, WRITE, body.encode(), key=shop.key)), key=shop.key)["erpOrderId"] == digits


LIMITS = {
    "erp_order_id": 200, "customer_code": 200, "invoice_no": 200, "customer_name": 500, "order_status": 500,
    "payment_mode": 500, "attr1": 500, "address": 2_000, "shipping_address": 2_000, "remarks": 20_000,
}  # fmt: skip


@pytest.mark.parametrize("name", LIMITS)
def test_text_has_a_limit_and_is_never_cut(world: World, name: str) -> None:
    longest = fresh_erp().ljust(LIMITS[name], "é")
    made = push(world, **{name: longest})
    assert made["outcome"] == "created"
    answer = write(world, item(**{name: longest + "x"})).json()
    assert faults(answer) == [("TooLong", f"[0].{name}")]
    assert answer["errors"][0]["value"] == f"{longest[:64]}…"
    assert good(write(world, item(**{name: f"  {longest}  "})))["status"] == "success"


def test_the_sku_of_a_line_has_a_limit_too(world: World) -> None:
    answer = write(world, item(product_details=[{"sku_id": "x" * 201, "product_name": "y" * 10_000}])).json()
    assert faults(answer) == [
        ("TooLong", "[0].product_details[0].sku_id"), ("TooLong", "[0].product_details[0].product_name"),
    ]  # fmt: skip


def test_an_additional_value_has_a_limit(world: World) -> None:
    assert push(world, note="x" * 20_000)["outcome"] == "created"
    assert faults(write(world, item(note="x" * 20_001)).json()) == [("TooLong", "[0].note")]


def test_nul_is_dropped_and_told(world: World) -> None:
    made = push(world, customer_name="As\0ha", remarks="\0")
    assert warned(made) == [("TextCleaned", "[0].customer_name"), ("TextCleaned", "[0].remarks")]
    assert get(world, made)["name"] == "Asha"
    extra = good(write(world, {**item(), "an\0other": ["x\0y", {"a\0": "\0b"}]}))
    assert one(world, extra)["additionalFields"] == {"another": ["xy", {"a": "b"}]}
    assert push(world, erp_order_id=f"{fresh_erp()}\0")["outcome"] == "created"


@pytest.mark.parametrize("text", ["12345", "not a phone", "+", "12 34", "1" * 30 + "2"])
def test_a_phone_that_cannot_be_one_is_kept_by_its_digits(world: World, text: str) -> None:
    made = push(world, phone=text, email_id="a@example.com")
    assert ("PhoneNotNormalised", "[0].phone") in warned(made)
    assert get(world, made)["phone"] == text


def test_seven_digits_of_no_phone_still_match(world: World) -> None:
    digits = fresh_phone()[-6:]
    first, second = push(world, phone=f"7{digits}"), push(world, phone=f"7-{digits[:3]} {digits[3:]}")
    assert first["kapture_customer_id"] == second["kapture_customer_id"]
    short = [push(world, phone=f"x{digits[-5:]}") for _ in range(2)]
    assert short[0]["kapture_customer_id"] != short[1]["kapture_customer_id"]


def test_phones_are_read_in_the_accounts_country(world: World) -> None:
    shop = new_account(world, country="US")
    first = push(world, key=shop.key, phone="(415) 630-6777")
    assert push(world, key=shop.key, phone="+14156306777")["kapture_customer_id"] == first["kapture_customer_id"]
    assert one(world, first, key=shop.key)["customer"]["phoneE164"] == "+14156306777"


def test_emails_match_without_case_and_print_as_sent(world: World) -> None:
    name = fresh_erp()
    first = push(world, phone=None, email_id=f" {name}@Example.COM ")
    second = push(world, phone=None, email_id=f"{name.lower()}@example.com")
    assert first["kapture_customer_id"] == second["kapture_customer_id"]
    assert get(world, first)["email"] == f"{name}@Example.COM"


@pytest.mark.parametrize("text", ["no at sign", "a b@example.com", "nobody"])
def test_an_unusable_email_is_kept_and_matches_nobody(world: World, text: str) -> None:
    first, second = push(world, email_id=text), push(world, email_id=text)
    assert first["kapture_customer_id"] != second["kapture_customer_id"]
    assert warned(first) == [("EmailNotUsable", "[0].email_id")]
    assert get(world, first)["email"] == text


def test_placeholder_contacts_match_nobody(world: World) -> None:
    shop = new_account(world, placeholder_contacts="98765 43210, Walk-In@example.com")
    contacts: list[Json] = [{"phone": "+919876543210"}, {"phone": None, "email_id": "walk-in@EXAMPLE.com"}]
    for contact in contacts:
        made = [push(world, key=shop.key, **contact) for _ in range(2)]
        assert made[0]["kapture_customer_id"] != made[1]["kapture_customer_id"]
        assert [code for code, _ in warned(made[0])] == ["ContactPlaceholder"]


@pytest.mark.parametrize("value", ["-1", "1.5", "x", "9223372036854775808", "1e3"])
def test_a_count_is_a_whole_number(world: World, value: str) -> None:
    assert faults(write(world, item(source_version=value)).json()) == [("InvalidNumber", "[0].source_version")]


def test_empty_never_clears(world: World) -> None:
    order = push(world, remarks="a", attr1="b", additional_fields={"x": 1, "y": [2]}, associate_fields={"z": {}})
    before = one(world, order)
    for empty in ("", None, "  "):
        made = update(world, order, remarks=empty, attr1=empty, additional_fields={"x": empty}, associate_fields=empty)
        assert made["outcome"] == "unchanged"
    assert one(world, order) == before
