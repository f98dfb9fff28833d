"""What legacy pull and get print (contract 2.6, 2.7): exact keys in order, strings, the account's zone."""

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from orderdock.accounts.model import OPERATIONS, Scope
from orderdock.accounts.options import ACCOUNT_OPTIONS, KEY_OPTIONS, defaults
from orderdock.events.model import Logged
from orderdock.kinds import Locale
from orderdock.kinds.cursor import Position
from orderdock.orders.query import OrderQuery, Page
from orderdock.wire import legacy_show
from orderdock.wire.legacy_query import read_gets, read_pull

WHEN = 1459399320000  # 2016-03-31 10:12:00 in India


def scope_of(**settings: Any) -> Scope:
    account, key = defaults(ACCOUNT_OPTIONS, {}), defaults(KEY_OPTIONS, settings)
    return Scope(
        2469,
        "kapdemo",
        1,
        "erp-push",
        "key",
        "7f3a",
        frozenset(OPERATIONS),
        {},
        None,
        account,
        key,
        43528,
        True,
        None,
        (),
        Locale(),
    )


SCOPE, BARE = scope_of(), scope_of(extra_keys=False)
ORDER = {
    "id": 4070336,
    "customer_id": 47772861,
    "enquiry_id": 11490188,
    "creator_id": 43528,
    "product_quantity": 10_000,
    "product_value": 0,
    "create_date": WHEN,
    "modified_at": WHEN,
    "contact_company": "Tooth worth",
    "status": "AP",
}
CUSTOMER = {"id": 47772861, "name": "Rachel Smith", "phone": "987656889", "email": "rachel@example.com"}
DOCUMENTED_PULL = {
    "id": "4070336",
    "leadId": "47772861",
    "enquiryId": "11490188",
    "name": "Rachel Smith",
    "phone": "987656889",
    "email": "rachel@example.com",
    "creatorId": "43528",
    "productId": "",
    "productQuantity": "1",
    "productValue": "0",
    "paymentTerm": "",
    "paymentMode": "",
    "remarks": "",
    "companyName": "Tooth worth",
}
DATES = {"createDate": "2016-03-31 10:12:00", "modifiedDate": "2016-03-31 10:12:00"}


def page_of(**more: Any) -> Page:
    return Page([ORDER], customers={CUSTOMER["id"]: CUSTOMER}, total=1, **more)  # type: ignore[dict-item]  # the number is one


def pull(page: Page, scope: Scope = SCOPE, **item: Any) -> str:
    query = read_pull([{"start_date": "2016-03-31", **item}], True, scope)
    return legacy_show.show_page(page, query, scope).decode()


def test_the_sample_of_the_contract_byte_for_byte() -> None:
    answer = {"orders": [{**DOCUMENTED_PULL, **DATES}], "status": "success", "total": "1", "next": ""}
    assert pull(page_of()) == json.dumps(answer, separators=(",", ":"))


def test_without_extra_keys_only_documented_ones_are_left() -> None:
    answer = {"orders": [DOCUMENTED_PULL], "status": "success"}
    item = {"includeHistory": True, "includeDetails": True, "numberOfRecords": 5000}
    assert pull(page_of(), BARE, **item) == json.dumps(answer, separators=(",", ":"))


def test_without_extra_keys_nothing_is_counted() -> None:
    assert [read_pull([{"start_date": "2016-03-31"}], True, one).with_total for one in (SCOPE, BARE)] == [True, False]


def test_get_prints_its_own_keys() -> None:
    [request] = read_gets([{"order_id": "4070336"}], True, SCOPE)
    names = "id cmId leadId enquiryId name phone email creatorId productId productQuantity productValue"
    keys = names.split()
    documented = {key: "2469" if key == "cmId" else DOCUMENTED_PULL[key] for key in keys}
    shown = legacy_show.show_get(page_of(), request, SCOPE)
    assert (
        shown == json.dumps({"message": {**documented, **DATES}, "status": "success"}, separators=(",", ":")).encode()
    )
    shown = legacy_show.show_get(page_of(), request, BARE)
    assert shown == json.dumps({"message": documented, "status": "success"}, separators=(",", ":")).encode()


def test_details_come_before_history_in_the_order_of_the_contract() -> None:
    line = {
        "order_id": 4070336,
        "line_no": 1,
        "sku": "A-1",
        "name": "Lamp",
        "rate": 995_000,
        "quantity": 20_000,
        "discount": 0,
        "value": 1_990_000,
    }
    entries = [
        {"payment_id": 7, "entry_no": 1, "amount": 5_000_000, "mode": "cash", "paid_at": WHEN, "remarks": "a"},
        {"payment_id": 7, "entry_no": 2, "amount": -5_000_000, "mode": "cash", "paid_at": WHEN},
        {"payment_id": 7, "entry_no": 3, "amount": 4_000_000, "mode": "cheque", "paid_at": WHEN, "cheque_date": WHEN},
    ]
    page = page_of(lines={4070336: [line]}, payments={4070336: [entries]})
    [order] = json.loads(pull(page, includeDetails="yes", includeHistory="1"))["orders"]
    details = ["erpOrderId", "orderStatus", "orderType", "grandTotal", "totalPaid", "discount"]
    more = [*details, "lines", "payments", "history"]
    assert list(order) == [*DOCUMENTED_PULL, *DATES, *more]
    assert order["lines"] == [
        {
            "skuId": "A-1",
            "productName": "Lamp",
            "parentProductName": "",
            "productType": "",
            "description": "",
            "rate": "99.5",
            "quantity": "2",
            "discount": "0",
            "value": "199",
        }
    ]
    assert order["payments"] == [
        {
            "paymentId": "7",
            "amount": "400",
            "mode": "cheque",
            "chequeNumber": "",
            "chequeDate": "2016-03-31 10:12:00",
            "bankName": "",
            "reference": "",
            "remarks": "",
            "paidAt": "2016-03-31 10:12:00",
        }
    ]
    assert (order["grandTotal"], order["totalPaid"], order["orderStatus"], order["history"]) == ("", "0", "AP", [])


def told(kind: str, changes: dict[str, Any], seq: int = 1) -> Logged:
    return Logged(seq, WHEN, kind, 4070336, 1, 2, "user:asha", "r", 1, json.dumps(changes))


def history_of(*events: Logged) -> list[dict[str, Any]]:
    [order] = json.loads(pull(page_of(history={4070336: list(events)}), includeHistory=True))["orders"]
    shown: list[dict[str, Any]] = order["history"]
    return shown


def changed(event: Logged) -> list[tuple[str, str, str]]:
    [entry] = history_of(event)
    return [(one["field"], one["before"], one["after"]) for one in entry["changes"]]


def test_history_as_the_contract_shows_it() -> None:
    first = told("order.created", {"after": {"payment_mode": "cash"}})
    second = told("order.updated", {"before": {"remarks": None}, "after": {"remarks": "call first"}}, 2)
    assert history_of(first, second) == [
        {
            "at": DATES["createDate"],
            "actor": "user:asha",
            "action": "created",
            "changes": [{"field": "paymentMode", "before": "", "after": "cash"}],
        },
        {
            "at": DATES["createDate"],
            "actor": "user:asha",
            "action": "updated",
            "changes": [{"field": "remarks", "before": "", "after": "call first"}],
        },
    ]


def test_the_actions_of_a_history() -> None:
    assign = {"before": {"assigned_to": None}, "after": {"assigned_to": 209803, "assigned_reason": "by code"}}
    both = {"before": {}, "after": {"assigned_to": 209803, "remarks": "x"}}
    events = [
        told("order.updated", assign),
        told("order.updated", both),
        told("payment.added", {}),
        told("payment.corrected", {}),
        told("payment.refunded", {}),
        told("order.deleted", {}),
        told("customer.updated", {}),
    ]
    assert [one["action"] for one in history_of(*events)] == [
        "assigned",
        "updated",
        "payment_added",
        "payment_corrected",
        "payment_refunded",
    ]


def test_changes_speak_the_legacy_names_and_forms() -> None:
    after = {
        "erp_order_id": "SO-1",
        "gross_value": 995_000,
        "grand_total": 995_000,
        "transaction": "TX",
        "create_date": WHEN,
        "assigned_to": 209803,
        "contact_phone": "1",
        "contact_phone_key": "+1",
        "revision": 2,
        "additional": '{"a":1}',
        "approved_by": '["1","2"]',
        "enquiry": {"status": "N"},
        "lines": [{"line_no": 1, "sku": "A", "name": "Lamp", "description": "brass", "rate": 0}],
    }
    assert changed(told("order.created", {"after": after})) == [
        ("erpOrderId", "", "SO-1"),
        ("grandTotal", "", "99.5"),
        ("transaction", "", "TX"),
        ("createDate", "", DATES["createDate"]),
        ("assign_email_id", "", "209803"),
        ("phone", "", "1"),
        ("additional_fields", "", '{"a":1}'),
        ("approved_by", "", "1,2"),
        ("enquiry.status", "", "N"),
        ("product_details[0].sku_id", "", "A"),
        ("product_details[0].product_name", "", "Lamp"),
        ("product_details[0].description", "", "brass"),
        ("product_details[0].rate", "", "0"),
    ]


def test_replaced_lines_are_told_one_by_one() -> None:
    before = {"lines": [{"rate": 10_000, "sku": "A"}, {"rate": 20_000}], "product_value": 30_000}
    after = {"lines": [{"rate": 15_000, "sku": "A"}], "product_value": 15_000}
    assert changed(told("order.updated", {"before": before, "after": after})) == [
        ("product_details[0].rate", "1", "1.5"),
        ("product_details[1].rate", "2", ""),
        ("productValue", "3", "1.5"),
    ]


def test_a_payment_is_named_by_its_number() -> None:
    corrected = {"payment_id": 9, "before": {"amount": 10_000}, "after": {"amount": 20_000, "bank": "SBI"}}
    assert changed(told("payment.corrected", corrected)) == [
        ("amount", "1", "2"),
        ("bankName", "", "SBI"),
    ]
    assert changed(told("payment.added", {"payment_id": 9, "after": {}})) == [("paymentId", "", "9")]


@given(st.integers(-(2**62), 2**62), st.integers(1, 2**53), st.none() | st.integers(0, 2**40))
def test_a_cursor_leads_back_to_its_position(value: int, number: int, total: int | None) -> None:
    query = OrderQuery(2469, "create_date", 0, 9, ("id",))
    resumed = query.resumed(query.cursor(Position(value, number), total))
    assert resumed is not None
    assert (resumed.position, resumed.total) == (Position(value, number), total)


@given(st.text(max_size=60))
def test_other_text_is_no_cursor(text: str) -> None:
    assert OrderQuery(2469, "create_date", 0, 9, ("id",)).resumed(text) is None


def test_mandatory_fields_of_a_key_hold_for_pulls() -> None:
    strict = Scope(**{**vars(SCOPE), "mandatory": {"order.pull": ("end_date", "enquiry.id")}})
    try:
        read_pull([{"start_date": "x"}], False, strict)
    except Exception as error:
        faults = [(fault.code, fault.path) for fault in error.faults]  # type: ignore[attr-defined]  # a refusal has them
    assert faults == [("ReqFieldMissing", "end_date"), ("ReqFieldMissing", "enquiry_id"), ("InvalidDate", "start_date")]
