"""Verdicts -> legacy answers: shapes, texts, order of faults, the caller's names (contract 1.10, 1.11, 2.2 - 2.5)."""

from typing import Any

import msgspec
import pytest

from orderdock.accounts.model import Scope
from orderdock.accounts.options import ACCOUNT_OPTIONS, KEY_OPTIONS, defaults
from orderdock.errors import Fault
from orderdock.kinds import Locale
from orderdock.orders.model import Verdict
from orderdock.wire.legacy import read_writes, render_writes

UPDATE_FAILED = (
    "Order Id Or Enquiry Id Or Customer Id Or Customer Name Or Customer Code And Email Id or Phone required."
)
PAYMENT_FAILED = "(customer Id and order Id) or (payment Id) required and Paid amount should be greater than zero"
OPERATIONS = frozenset({"order.push", "order.update", "order.payment"})
PUSH: dict[str, Any] = {"phone": "8123456789"}
PAYMENT: dict[str, Any] = {"amount_paid": "5"}
SUCCESS = {
    "Enquiry Id": "11756843", "Order Id": "4236966", "kapture_customer_id": "48046485",
    "message": "Order Added Successfully", "order_id": "4236966", "enquiry_id": "11756843",
    "Kapture Customer Id": "48046485", "status": "success",
}  # fmt: skip


def scope(*, extra_keys: bool = True, http_status: str = "compatible") -> Scope:
    return Scope(
        cm_id=1, subdomain="a", key_id=1, key_name="erp", kind="key", last4="abcd", operations=OPERATIONS, mandatory={},
        allowed=None, account=defaults(ACCOUNT_OPTIONS, {"http_status": http_status}),
        settings=defaults(KEY_OPTIONS, {"extra_keys": extra_keys}), owner=1, enabled=True, expires_at=None, networks=(),
        locale=Locale(),
    )  # fmt: skip


def judged(*items: Any, was_array: bool = True, **faults: list[Fault]) -> list[Verdict]:
    """Verdicts as the domain gives them: good, or failed with the faults of that item (`i0=...`)."""
    found = []
    for number, command in enumerate(read_writes(list(items), was_array, scope())):
        more = [*command.faults, *faults.get(f"i{number}", [])]
        outcome: Any = "failed" if more else "created"
        found.append(Verdict(outcome, command, more, command.warnings, 4236966, 48046485, 11756843, 90210))
    return found


def shown(verdicts: list[Verdict], *, minimal: bool = False, **settings: Any) -> tuple[int, Any]:
    status, body = render_writes(verdicts, scope(**settings), minimal=minimal)
    return status, msgspec.json.decode(body)


def test_one_good_push_is_an_array_of_one() -> None:
    for was_array in (True, False):
        status, body = shown(judged(PUSH, was_array=was_array))
        assert status == 200
        assert body == [{**SUCCESS, "outcome": "created"}]
        assert list(body[0]) == [*SUCCESS, "outcome"]


def test_an_update_reads_the_same() -> None:
    verdict = judged({"order_id": "5"})[0]
    verdict.outcome = "unchanged"
    assert shown([verdict])[1] == [{**SUCCESS, "outcome": "unchanged"}]


def test_one_good_payment_is_bare() -> None:
    message = "payment against order updated successfully."
    assert shown(judged(PAYMENT)) == (
        200,
        {"message": message, "status": "success", "outcome": "created", "payment_id": "90210"},
    )
    assert shown(judged(PAYMENT), extra_keys=False)[1] == {"message": message, "status": "success"}


def test_several_stand_in_place() -> None:
    status, body = shown(judged(PUSH, PAYMENT, {"order_id": "5"}, i1=[Fault("AmountNotPositive", "payment.amount")]))
    assert status == 200
    assert [one.get("status", one.get("Status")) for one in body] == ["success", "Fail", "success"]
    assert body[1]["errors"] == [
        {"code": "AmountNotPositive", "field": "[1].amount_paid", "value": "5",
         "message": "The amount must be greater than zero."}
    ]  # fmt: skip


def test_b3_all_bad_is_an_array_of_failures() -> None:
    status, body = shown(judged(5, PAYMENT, i1=[Fault("OrderNotFound", "order.id")]))
    assert (status, [one["Error"] for one in body]) == (200, ["ItemNotObject", "OrderNotFound"])


@pytest.mark.parametrize(
    ("item", "message", "status"),
    [
        (PUSH, "Order Creation Failed...", "failed"),
        ({"order_id": "5"}, UPDATE_FAILED, "Fail"),
        (PAYMENT, PAYMENT_FAILED, "Fail"),
        (5, "Order Creation Failed...", "failed"),
    ],
)
def test_the_documented_failures(item: Any, message: str, status: str) -> None:
    http_status, body = shown(judged(item, i0=[Fault("InvalidDate", "order.create_date")]))
    assert (http_status, body["Message"], body["Status"]) == (200, message, status)
    assert list(body) == ["Message", "Status", "Error", "errors"]


def test_g40_without_extra_keys_only_the_documented_ones() -> None:
    assert shown(judged({**PUSH, "create_date": "yyyy-mm-dd"}), extra_keys=False)[1] == [SUCCESS]
    failure = shown(judged(PUSH, i0=[Fault("TooLong", "order.remarks")]), extra_keys=False)[1]
    assert failure == {"Message": "Order Creation Failed...", "Status": "failed"}


def test_warnings_follow_the_outcome() -> None:
    ((_, body),) = [shown(judged({**PUSH, "create_date": "yyyy-mm-dd"}))]
    assert list(body[0])[-2:] == ["outcome", "warnings"]
    assert body[0]["warnings"] == [
        {"code": "PlaceholderDate", "field": "[0].create_date", "value": "yyyy-mm-dd",
         "message": "the placeholder of the documentation was read as empty"}
    ]  # fmt: skip


def test_minimal_answers() -> None:
    assert shown(judged(PUSH), minimal=True)[1] == [{"order_id": "4236966", "outcome": "created", "status": "success"}]
    assert shown(judged(PAYMENT), minimal=True)[1] == {"payment_id": "90210", "outcome": "created", "status": "success"}
    assert "warnings" in shown(judged({**PUSH, "create_date": "yyyy-mm-dd"}), minimal=True)[1][0]


def test_p13_missing_fields_first_and_the_rest_in_body_order() -> None:
    item = {
        "remarks": "x" * 20_001,
        "product_details": [{}, {"quantity": "q", "rate": "10,000"}],
        "create_date": "31/12/2024",
    }
    late = [
        Fault("TotalMismatch", "order.grand_total"),
        Fault("ReqFieldMissing", "line.sku", "", "", 0),
        Fault("InvalidAmount", "line.rate", "", "", 0),
        Fault("ReqFieldMissing", "customer.id"),
    ]
    body = shown(judged(item, i0=late))[1]
    assert body["Error"] == "ReqFieldMissing"
    assert [(one["code"], one["field"]) for one in body["errors"]] == [
        ("ReqFieldMissing", "[0].product_details[1].sku_id"),
        ("ReqFieldMissing", "[0].customer_id"),
        ("TooLong", "[0].remarks"),
        ("InvalidNumber", "[0].product_details[1].quantity"),
        ("InvalidAmount", "[0].product_details[1].rate"),
        ("InvalidAmount", "[0].product_details[1].rate"),
        ("InvalidDate", "[0].create_date"),
        ("TotalMismatch", "[0].grand_total"),
    ]
    assert body["errors"][2]["value"] == "x" * 64 + "…"


def test_a_bare_object_has_no_index() -> None:
    missing = [Fault("ReqFieldMissing", "customer.id"), Fault("ReqFieldMissing", "line.sku", "", "", 0)]
    body = shown(judged({"product_details": {"rate": "5"}}, was_array=False, i0=missing))[1]
    assert [one["field"] for one in body["errors"]] == ["customer_id", "product_details[0].sku_id"]


def said(item: dict[str, Any], fault: Fault) -> tuple[str, str]:
    entry = shown(judged(item, was_array=False, i0=[fault]))[1]["errors"][0]
    return entry["field"], entry["value"]


def test_faults_are_told_in_the_names_that_the_caller_used() -> None:
    assert said({"pincode": "411"}, Fault("TooLong", "customer.zip")) == ("pincode", "411")
    assert said({}, Fault("ReqFieldMissing", "customer.zip")) == ("zip_code", "")
    assert said({"kapture_customer_id": 7}, Fault("CustomerNotFound", "customer.id")) == ("kapture_customer_id", "7")
    assert said({"assign_emp_code": "E-9"}, Fault("EmployeeUnknown", "order.assigned_to")) == ("assign_emp_code", "E-9")
    assert said({"order_id": "5"}, Fault("ErpOrderIdTaken", "order.erp_order_id", "", "77")) == ("erp_order_id", "77")
    assert said({"order_id": "5", "enquiry_id": 9}, Fault("EnquiryMismatch", "enquiry.id")) == ("enquiry_id", "9")
    assert said({"own": "5"}, Fault("ReqFieldMissing", "order.additional.Expected Area")) == ("Expected Area", "")
    assert said({"product_details": [{"x": 1}]}, Fault("ReqFieldMissing", "line.additional.a.b", "", "", 0)) == (
        "product_details[0].a.b", "",
    )  # fmt: skip
    assert said({"product_details": [{"x": 1}]}, Fault("TooLong", "lines"))[0] == "product_details"
    assert said(PAYMENT, Fault("ReqFieldMissing", "order.id")) == ("kapture_order_id", "")
    assert said(PAYMENT, Fault("ReqFieldMissing", "customer.id")) == ("kapture_customer_id", "")
    assert said({**PAYMENT, "customer_id": "5"}, Fault("CustomerMismatch", "customer.id")) == ("customer_id", "5")
    assert said({**PAYMENT, "payment_id": "5"}, Fault("PaymentNotFound", "payment.id")) == ("payment_id", "5")
    described = {"product_details": [{"product_name": "a", "product_details": "b"}]}
    where = ("product_details[0].product_details", "b")
    assert said(described, Fault("TooLong", "line.description", at=0)) == where


def test_more_than_100_faults_are_summed_up() -> None:
    lines = [{"rate": "x"} for _ in range(150)]
    errors = shown(judged({"product_details": lines}))[1]["errors"]
    assert len(errors) == 101
    assert errors[-1]["code"] == "MoreErrors"


def test_rejected_batches_say_which_item() -> None:
    rejected = [Fault("BatchRejected", "", "see item 1")]
    _, body = shown(judged(PUSH, {**PUSH, "create_date": "x"}, {"order_id": "5"}, i0=rejected, i2=rejected))
    assert body[0] == {
        "Message": "Not written because another item of the request failed.", "Status": "failed",
        "Error": "BatchRejected",
        "errors": [{"code": "BatchRejected", "field": "[0]", "value": "", "message": "see item 1"}],
    }  # fmt: skip
    assert (body[2]["Message"], body[2]["Status"]) == (body[0]["Message"], "Fail")
    assert body[1]["Message"] == "Order Creation Failed..."


@pytest.mark.parametrize(
    ("code", "expected"), [("OperationNotAllowed", 403), ("ServerFailure", 500), ("OrderNotFound", 200)]
)
def test_the_status_of_a_single_item(code: str, expected: int) -> None:
    verdicts = judged({"order_id": "5"}, i0=[Fault(code)])
    assert shown(verdicts)[0] == expected
    assert shown(verdicts, http_status="always-200")[0] == 200
    assert shown([*verdicts, *verdicts])[0] == 200


def test_a_failure_of_ours_has_its_own_text() -> None:
    body = shown(judged({"order_id": "5"}, i0=[Fault("ServerFailure")]))[1]
    assert (body["Message"], body["Status"]) == ("Server error while processing this request", "Fail")
