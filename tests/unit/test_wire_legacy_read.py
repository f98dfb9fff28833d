"""Legacy items -> commands: which operation, which fields, what is told (contract 1.2, 1.6, 1.9, 2.1 - 2.4)."""

from typing import Any

import pytest

from orderdock.accounts.model import Scope, spell_out
from orderdock.accounts.options import ACCOUNT_OPTIONS, KEY_OPTIONS, defaults
from orderdock.errors import AccountMismatch, Fault, OperationNotAllowed
from orderdock.fields import In, read_at
from orderdock.kinds import Locale, from_json
from orderdock.orders.model import Command, OrderWrite, PaymentWrite, Unread
from orderdock.wire import body
from orderdock.wire.legacy import read_writes
from orderdock.wire.legacy.choose import choose
from orderdock.wire.legacy.places import ORDER_NAMES, PAYMENT_NAMES


def scope(*operations: str, allowed: frozenset[str] | None = None, **mandatory: Any) -> Scope:
    return Scope(
        cm_id=1000298, subdomain="kapdemo", key_id=1, key_name="erp", kind="key", last4="abcd",
        operations=spell_out(list(operations or ("*",))), mandatory=mandatory, allowed=allowed,
        account=defaults(ACCOUNT_OPTIONS, {}), settings=defaults(KEY_OPTIONS, {}), owner=1, enabled=True,
        expires_at=None, networks=(), locale=Locale(),
    )  # fmt: skip


def read(*items: Any, was_array: bool = True, key: Scope | None = None) -> list[Command]:
    return read_writes(list(items), was_array, key or scope())


def order(item: dict[str, Any], key: Scope | None = None) -> OrderWrite:
    (command,) = read(item, key=key)
    assert isinstance(command, OrderWrite)
    return command


def paid(item: dict[str, Any], key: Scope | None = None) -> PaymentWrite:
    (command,) = read(item, key=key)
    assert isinstance(command, PaymentWrite)
    return command


def told(faults: list[Fault]) -> list[tuple[str, str | None]]:
    return [(fault.code, fault.path) for fault in faults]


SAMPLE = b"""[
  {
    "customer_name":"Guru", "phone":"1234567890", "email_id":"xjbwih@jbk.ji", "order_status":"",
    "create_date":"yyyy-mm-dd HH:MM", "customer_id":"", "order_type":"", "date_of_birth":"yyyy-mm-dd", "address":"",
    "shipping_address":"", "total_paid":"", "expected_delivery_date":"", "transaction":"", "payment_mode":"cash",
    "order_id":"", "zip_code":"", "grand_total":"", "assign_email_id":"", "erp_order_id":"",
    "product_details":[{"sku_id":"","product_name":"","parent_product_name":"","rate":"10000","quantity":"1","discount":"1"}]
  }
];"""


def test_p1_the_documented_sample() -> None:
    command = order(body.read(SAMPLE)[0])
    assert command.operation == "order.push"
    assert command.order == {
        "contact_name": "Guru", "contact_phone": "1234567890", "contact_phone_key": "+911234567890",
        "contact_email": "xjbwih@jbk.ji", "contact_email_key": "xjbwih@jbk.ji", "payment_mode": "cash",
    }  # fmt: skip
    assert command.customer == {
        "name": "Guru", "phone": "1234567890", "phone_key": "+911234567890",
        "email": "xjbwih@jbk.ji", "email_key": "xjbwih@jbk.ji",
    }  # fmt: skip
    assert command.lines == [{"rate": 100_000_000, "quantity": 10_000, "discount": 10_000}]
    assert told(command.warnings) == [("PlaceholderDate", "create_date"), ("PlaceholderDate", "date_of_birth")]
    assert command.faults == []


@pytest.mark.parametrize(
    ("item", "operation"),
    [
        ({"kapture_order_id": "5"}, "order.payment"),
        ({"payment_id": 5}, "order.payment"),
        ({"amount_paid": "0"}, "order.payment"),
        ({"amount_paid": 0}, "order.payment"),
        ({"payment_id": "0", "order_id": "5"}, "order.update"),
        ({"order_id": "5", "amount_paid": "1"}, "order.payment"),
        ({"order_id": 5}, "order.update"),
        ({"order_id": "abc"}, "order.update"),
        ({"enquiry_id": " 7 "}, "order.update"),
        ({"order_id": "0"}, "order.push"),
        ({"order_id": 0, "enquiry_id": "", "phone": "1"}, "order.push"),
        ({"amount_paid": "", "kapture_order_id": "", "payment_id": ""}, "order.payment"),
        ({"amount_paid": "", "erp_order_id": "A", "customer_id": "5", "remarks": "x"}, "order.payment"),
        ({"amount_paid": "", "phone": "8123456789"}, "order.push"),
        ({"amount_paid": None, "product_details": "", "remarks": "x"}, "order.payment"),
        ({}, "order.push"),
        ({"erp_order_id": "A"}, "order.push"),
    ],
)
def test_content_chooses_the_operation(item: dict[str, Any], operation: str) -> None:
    assert choose(item) == operation
    assert read(item)[0].operation == operation


def test_y9_all_payment_names_empty_is_a_payment() -> None:
    names = (
        "kapture_order_id erp_order_id kapture_customer_id payment_mode cheque_number cheque_date bank_name payment_id"
        " amount_paid remarks"
    )
    assert read(dict.fromkeys(names.split(), ""))[0].operation == "order.payment"


def test_a_push_is_judged_by_the_rights_of_the_key() -> None:
    push = {"phone": "8123456789"}
    assert read(push, key=scope("order.push"))[0].operation == "order.push"
    assert read(push, key=scope("order.update"))[0].operation == "order.update"
    assert read(push, key=scope("order.payment"))[0].operation == "order.payment"
    assert read(push, key=scope("order.update", "order.payment"))[0].operation == "order.update"


def test_b6_a_forbidden_item_fails_in_its_place() -> None:
    push, payment = read({"phone": "8123456789"}, {"amount_paid": "5"}, key=scope("order.push"))
    assert isinstance(push, OrderWrite)
    assert isinstance(payment, Unread)
    assert [(fault.code, fault.value) for fault in payment.faults] == [("OperationNotAllowed", "order.payment")]


def test_a_request_of_forbidden_items_only_is_refused_with_one_entry_an_operation() -> None:
    items = ({"amount_paid": "5"}, {"order_id": "5"}, {"amount_paid": "6"})
    with pytest.raises(OperationNotAllowed) as refusal:
        read(*items, key=scope("order.push"))
    assert [fault.value for fault in refusal.value.faults] == ["order.payment", "order.update"]
    with pytest.raises(OperationNotAllowed) as refusal:
        read({"phone": "1"}, key=scope("order.get"))
    assert [fault.value for fault in refusal.value.faults] == ["order.push"]


def test_b4_an_item_that_is_no_object_fails_in_its_place() -> None:
    number, empty, good = read(5, [], {"phone": "8123456789"})
    assert isinstance(number, Unread)
    assert isinstance(empty, Unread)
    assert isinstance(good, OrderWrite)
    assert [fault.code for fault in number.faults + empty.faults] == ["ItemNotObject", "ItemNotObject"]
    assert [command.operation for command in read(5, key=scope("order.get"))] == ["order.push"]


def test_b5_an_item_of_another_account_refuses_the_request() -> None:
    with pytest.raises(AccountMismatch) as refusal:
        read({"phone": "1"}, {"phone": "2", "cm_id": "2469"})
    assert (refusal.value.faults[0].path, refusal.value.faults[0].value) == ("[1].cm_id", "2469")
    with pytest.raises(AccountMismatch) as refusal:
        read({"cmId": 2469}, was_array=False)
    assert refusal.value.faults[0].path == "cmId"


def test_the_account_of_an_item() -> None:
    for same in (1000298, "1000298", " 1000298 ", "", None, 0, "0"):
        assert order({"phone": "8123456789", "cmId": same}).faults == []
        assert order({"phone": "8123456789", "cmId": same}).extra == {}
    for wrong in ("abc", -1, [1], "1.5", True):
        assert told(order({"phone": "8123456789", "cmId": wrong}).faults) == [("InvalidId", "cmId")]
    assert told(paid({"amount_paid": "1", "cm_id": "x"}).faults) == [("InvalidId", "cm_id")]


def test_p13_all_faults_are_told() -> None:
    command = order({"create_date": "31/12/2024", "product_details": [{"rate": "10,000", "quantity": "-1"}]})
    assert told(command.faults) == [
        ("InvalidDate", "create_date"),
        ("InvalidAmount", "product_details[0].rate"),
        ("InvalidNumber", "product_details[0].quantity"),
    ]
    assert [fault.field for fault in command.faults] == ["order.create_date", "line.rate", "line.quantity"]
    assert [(fault.value, fault.at) for fault in command.faults[1:]] == [("10,000", 0), ("-1", 0)]


def test_p14_money_is_exact() -> None:
    assert told(order({"product_details": [{"rate": "0.00005"}]}).faults) == [
        ("InvalidAmount", "product_details[0].rate")
    ]
    assert order({"product_details": [{"rate": "1.50000"}]}).lines == [{"rate": 15_000}]
    (command,) = read_writes(body.read(b'[{"product_details":[{"rate":1e3},{"rate":0.1}]}]'), True, scope())
    assert isinstance(command, OrderWrite)
    assert command.lines == [{"rate": 10_000_000}, {"rate": 1_000}]


def test_p16_lines_of_empty_members_are_none() -> None:
    empty = {"sku_id": "", "product_name": " ", "rate": None}
    assert order({"phone": "1", "product_details": [empty, {}, None]}).lines is None
    command = order({"product_details": [empty, {"sku_id": "A", "rate": "x"}]})
    assert command.lines == [{"sku": "A"}]
    assert told(command.faults) == [("InvalidAmount", "product_details[1].rate")]
    assert command.faults[0].at == 0
    assert command.said.kept == [1]


def test_p18_lines_of_the_wrong_type() -> None:
    for wrong in ("lamp", 5, True):
        assert told(order({"product_details": wrong}).faults) == [("InvalidType", "product_details")]
    absents: tuple[Any, ...] = ("", " ", None, [])
    for absent in absents:
        assert order({"product_details": absent}).lines is None
        assert order({"product_details": absent}).faults == []
    assert told(order({"product_details": [5, {"rate": "1"}, "x"]}).faults) == [
        ("InvalidType", "product_details[0]"),
        ("InvalidType", "product_details[2]"),
    ]


def test_a_bare_line_is_a_list_of_one() -> None:
    assert order({"product_details": {"sku_id": "A"}}).lines == [{"sku": "A"}]


def test_a_lines_product_details_is_its_name_or_its_description() -> None:
    assert order({"product_details": [{"product_details": "Lamp"}]}).lines == [{"name": "Lamp"}]
    assert order({"product_details": [{"product_details": "brass", "product_name": "Lamp"}]}).lines == [
        {"description": "brass", "name": "Lamp"}
    ]
    assert order({"product_details": [{"product_name": " ", "product_details": "Lamp"}]}).lines == [{"name": "Lamp"}]


def test_a_thousand_lines_and_no_more() -> None:
    lines = [{"sku_id": "A"}] * 1000
    assert order({"product_details": lines}).faults == []
    assert told(order({"product_details": [*lines, {}, {"sku_id": "B"}]}).faults) == [
        ("TooManyLines", "product_details")
    ]


def test_p19_unknown_members_are_kept() -> None:
    visit = [{"at": "2024-05-08"}]
    command = order(
        {"phone": "8123456789", "Expected Area": "1200", "site_visit_scheduled": visit, "empty": "", "none": None}
    )
    assert command.extra == {"Expected Area": "1200", "site_visit_scheduled": visit}
    assert command.warnings == []


def test_members_of_a_line_without_a_field_are_kept_with_it() -> None:
    (line,) = order({"product_details": [{"sku_id": "A", "colour": "brass", "sizes": [1, 2]}]}).lines or []
    assert from_json(line["additional"]) == {"colour": "brass", "sizes": [1, 2]}
    assert order({"product_details": [{"colour": "brass"}]}).lines == [{"additional": '{"colour":"brass"}'}]


def test_a_line_with_too_many_members_is_too_long() -> None:
    many = {f"m{number}": "x" for number in range(201)}
    assert told(order({"product_details": [{"sku_id": "A"}, many]}).faults) == [("TooLong", "product_details[1]")]


def test_bags_are_merged() -> None:
    command = order({"additional_fields": {"a": 1, "b": ""}, "associate_fields": {"site": "A"}, "c": 2})
    assert (command.extra, command.associate) == ({"a": 1, "c": 2}, {"site": "A"})
    assert told(order({"additional_fields": "x"}).faults) == [("InvalidType", "additional_fields")]


def test_p22_null_is_as_absent() -> None:
    command = order(dict.fromkeys(ORDER_NAMES))
    assert (command.order, command.customer, command.lines, command.extra) == ({}, {}, None, {})
    assert (command.faults, command.warnings) == ([], [])


def test_p25_a_number_is_taken_by_its_digits() -> None:
    assert order({"erp_order_id": 1001}).order == order({"erp_order_id": "1001"}).order == {"erp_order_id": "1001"}


def test_u2_ids_in_any_spelling() -> None:
    for spelling in (4238584, "4238584", " 4238584 "):
        assert order({"order_id": spelling}).order == {"id": 4238584}
    assert order({"order_id": "abc"}).order == {"id": -1}
    assert order({"enquiry_id": "7", "customer_id": "8"}).customer == {"id": 8}
    assert order({"enquiry_id": "7"}).enquiry_id == 7


def test_the_documented_name_wins_over_its_alias() -> None:
    assert order({"pincode": "1", "zip_code": "2"}).customer == {"zip": "2"}
    assert order({"pincode": "1", "zip_code": " "}).customer == {"zip": "1"}
    assert order({"kapture_customer_id": "5", "customer_id": "6"}).customer == {"id": 6}
    assert paid({"amount_paid": "1", "kapture_customer_id": "5", "customer_id": "6"}).customer_id == 5
    assert order({"delivery_status": "X"}).order == {"status": "X"}


def test_employees_by_what_is_said_of_them() -> None:
    said = {"assign_email_id": "a@b", "assign_emp_email": "c@d", "assign_emp_code": "E-7", "assign_emp_name": "Meera"}
    assert order(said).assignee == {"email": "a@b", "code": "E-7", "name": "Meera"}
    assert order({"round_robin_key": "north"}).group == "north"


def test_contacts_that_cannot_be_matched_have_no_key() -> None:
    command = order({"phone": "0000000000", "email_id": "nobody"})
    assert command.customer == {"phone": "0000000000", "email": "nobody"}
    assert told(command.warnings) == [("ContactPlaceholder", "phone"), ("EmailNotUsable", "email_id")]


def test_nul_characters_are_dropped_with_a_warning() -> None:
    command = order({"remarks": "a\0b"})
    assert command.order == {"remarks": "ab"}
    assert told(command.warnings) == [("TextCleaned", "remarks")]


def test_too_long_is_never_cut() -> None:
    assert told(order({"erp_order_id": "x" * 201}).faults) == [("TooLong", "erp_order_id")]
    assert told(order({"phone": {"a": 1}}).faults) == [("InvalidType", "phone")]


def test_a_payment() -> None:
    command = paid(
        {"kapture_order_id": "4238767", "erp_order_id": "", "kapture_customer_id": "48658789", "payment_mode": "cheque",
         "cheque_number": "", "cheque_date": "2020-05-22", "bank_name": "", "payment_id": "",
         "amount_paid": "1000", "remarks": ""}
    )  # fmt: skip
    assert (command.order_id, command.erp_order_id, command.customer_id) == (4238767, None, 48658789)
    assert command.values == {"mode": "cheque", "cheque_date": 1590085800000, "amount": 10_000_000}
    assert (command.faults, command.warnings) == ([], [])
    assert paid({"payment_id": "5", "amount_paid": "-5", "erp_order_id": "A"}).values == {
        "payment_id": 5,
        "amount": -50_000,
    }


def test_y7_what_means_nothing_for_a_payment_is_ignored_with_a_warning() -> None:
    command = paid(
        {"amount_paid": "1", "product_details": [{"sku_id": "A"}], "phone": "8", "my own": "x", "grand_total": ""}
    )
    assert told(command.warnings) == [
        ("FieldIgnored", "product_details"), ("FieldIgnored", "phone"), ("FieldIgnored", "my own"),
    ]  # fmt: skip
    assert told(paid({"amount_paid": "x", "cheque_date": "x"}).faults) == [
        ("InvalidAmount", "amount_paid"), ("InvalidDate", "cheque_date"),
    ]  # fmt: skip


def test_fields_that_a_key_may_not_send_are_ignored_with_a_warning() -> None:
    key = scope(allowed=frozenset({"order.remarks", "line.sku"}), **{"order.push": ("order.grand_total",)})
    command = order(
        {"phone": "8123456789", "remarks": "x", "grand_total": "5", "address": "y", "own": "z", "zip_code": "",
         "erp_order_id": "A", "product_details": [{"sku_id": "A", "rate": "5", "colour": "red", "quantity": ""}]},
        key,
    )  # fmt: skip
    assert told(command.warnings) == [
        ("FieldIgnored", "address"),
        ("FieldIgnored", "own"),
        ("FieldIgnored", "product_details[0].rate"),
        ("FieldIgnored", "product_details[0].colour"),
    ]
    assert command.lines == [{"sku": "A"}]
    assert {"remarks", "grand_total", "contact_phone", "erp_order_id"} <= command.order.keys()
    assert command.extra == {}
    assert told(paid({"amount_paid": "1", "payment_id": "2", "bank_name": "B"}, key).warnings) == [
        ("FieldIgnored", "amount_paid"), ("FieldIgnored", "bank_name"),
    ]  # fmt: skip


def test_every_name_of_the_registry_is_read() -> None:
    assert ORDER_NAMES.keys() == read_at(In.LEGACY_ORDER).keys()
    assert PAYMENT_NAMES.keys() == read_at(In.LEGACY_PAYMENT).keys()


def test_a_name_that_feeds_two_fields_is_one_kind_of_value() -> None:
    for place in (In.LEGACY_ORDER, In.LEGACY_PAYMENT):
        for word, rows in read_at(place).items():
            assert len({row.kind for row, _ in rows}) == 1, word


@pytest.mark.parametrize(
    "word", [word for word, entry in ORDER_NAMES.items() if entry.field not in ("lines", "order.account")]
)
def test_an_example_of_every_field_is_read(word: str) -> None:
    example = next(row.example for row, _ in read_at(In.LEGACY_ORDER)[word])
    command = order({word: example})
    assert command.faults == []
    assert command.warnings == []
    kept = (
        command.order,
        command.customer,
        command.assignee,
        command.group,
        command.enquiry_id,
        command.extra,
        command.associate,
    )
    assert any(kept)
