"""What the legacy endpoints for customers and enquiries share: items, their faults, one answer of several."""

from typing import Any

import msgspec
import pytest

from orderdock.accounts.model import Scope
from orderdock.accounts.options import ACCOUNT_OPTIONS, KEY_OPTIONS, defaults
from orderdock.errors import AccountMismatch, Fault, OperationNotAllowed
from orderdock.fields import In
from orderdock.kinds import Locale
from orderdock.orders.model import Command, Operation, Unread, Verdict
from orderdock.wire.legacy_people.items import Said, extras, failure, locate, read_items, render_items

PLACE = In.LEGACY_CUSTOMER
PUSH: Operation = "customer.push"


def scope(*, extra_keys: bool = True, granted: bool = True, **account: Any) -> Scope:
    return Scope(
        cm_id=1000298, subdomain="a", key_id=1, key_name="erp", kind="key", last4="abcd",
        operations=frozenset({PUSH} if granted else ()), mandatory={}, allowed=None,
        account=defaults(ACCOUNT_OPTIONS, account), settings=defaults(KEY_OPTIONS, {"extra_keys": extra_keys}),
        owner=1, enabled=True, expires_at=None, networks=(), locale=Locale(),
    )  # fmt: skip


def taken(item: dict[str, Any], scope: Scope, said: Said) -> Command:
    """A command that keeps what it was given as its warnings' value."""
    return Unread(PUSH, [], [Fault("FieldIgnored", "", "", item)], said)


def failed(*faults: Fault, item: Any = None, index: int = 2, was_array: bool = True) -> Verdict:
    return Verdict("failed", Unread(PUSH, [], [], Said(item or {}, index, was_array)), list(faults), [])


def test_an_item_is_read_without_its_account() -> None:
    first, second = read_items([{"cmId": "1000298", "name": "Asha"}, 7], True, scope(), PUSH, taken)
    assert first.warnings[0].value == {"name": "Asha"}
    assert (first.faults, [fault.code for fault in second.faults]) == ([], ["ItemNotObject"])


def test_an_account_that_is_no_number_is_a_fault_of_its_item() -> None:
    (command,) = read_items([{"cm_id": "x"}], True, scope(), PUSH, taken)
    assert [(fault.code, fault.path) for fault in command.faults] == [("InvalidId", "cm_id")]


@pytest.mark.parametrize(("was_array", "path"), [(True, "[1].cmId"), (False, "cmId")])
def test_one_item_of_another_account_refuses_all_before_the_right_is_asked(was_array: bool, path: str) -> None:
    items: list[Any] = [{}, {"cmId": 2469}] if was_array else [{"cmId": 2469}]
    with pytest.raises(AccountMismatch) as refused:
        read_items(items, was_array, scope(granted=False), PUSH, taken)
    assert refused.value.faults[0].path == path


def test_a_key_without_the_operation_is_refused() -> None:
    with pytest.raises(OperationNotAllowed) as refused:
        read_items([{}], True, scope(granted=False), PUSH, taken)
    assert refused.value.faults[0].value == PUSH


@pytest.mark.parametrize(
    ("fault", "found"),
    [
        (Fault("ReqFieldMissing", "customer.name"), ("[2].name", "")),
        (Fault("CustomerCodeTaken", "customer.code", "", "17"), ("[2].customer_code", "17")),
        (Fault("EmailNotUsable", "customer.email"), ("[2].email_id", "a b")),
        (Fault("TooLong", "customer.additional.Shoe size"), ("[2].Shoe size", "")),
        (Fault("TooLong", "customer.additional"), ("[2].additional_fields", "")),
        (Fault("InvalidDate", "", "", "x", None, "date_of_birth"), ("[2].date_of_birth", "x")),
        (Fault("BatchRejected"), ("[2]", "")),
    ],
)
def test_a_fault_is_told_in_the_callers_names(fault: Fault, found: tuple[str, str]) -> None:
    assert locate(fault, Said({"email_id": "a b"}, 2, True), PLACE) == found


def test_missing_fields_come_first_and_the_rest_as_it_stands() -> None:
    item = {"city": "x", "phone": "y"}
    faults = (
        Fault("TooLong", "customer.phone"),
        Fault("TooLong", "customer.city"),
        Fault("ReqFieldMissing", "customer.name"),
    )  # fmt: skip
    body = msgspec.json.decode(failure(failed(*faults, item=item), scope(), PLACE, {"ReqFieldMissing": "Name needed"}))
    assert (body["Message"], body["Status"], body["Error"]) == ("Name needed", "failed", "ReqFieldMissing")
    assert [entry["field"] for entry in body["errors"]] == ["[2].name", "[2].city", "[2].phone"]


@pytest.mark.parametrize(
    ("code", "text", "message"),
    [
        ("InvalidDate", "Name needed", "Name needed"),
        ("InvalidDate", {}, "A date is not valid."),
        ("BatchRejected", "Name needed", "Not written because another item of the request failed."),
    ],
)
def test_what_stands_in_the_message(code: str, text: str | dict[str, str], message: str) -> None:
    assert msgspec.json.decode(failure(failed(Fault(code)), scope(), PLACE, text))["Message"] == message


def test_the_names_of_a_failure_come_as_the_endpoint_writes_them() -> None:
    verdict, bare = failed(Fault("InvalidDate")), scope(extra_keys=False)
    both = msgspec.json.decode(failure(verdict, bare, PLACE, "No", "both"))
    assert both == {"Message": "No", "Status": "failed", "message": "No", "status": "failed"}
    assert msgspec.json.decode(failure(verdict, bare, PLACE, "No", "lower")) == {"message": "No", "status": "failed"}
    twins = msgspec.json.decode(failure(verdict, scope(lowercase_twins=True), PLACE, "No"))
    assert list(twins) == ["Message", "Status", "message", "status", "Error", "errors"]


def test_what_is_added_to_a_success() -> None:
    said = Said({"name": "Asha", "nmae": "x", "city": ""}, 0, False)
    warned = [Fault("CustomerIdUnknown", "customer.id", "no such customer")]
    verdict = Verdict("created", Unread(PUSH, [], [], said), [], warned)
    entry = {"code": "CustomerIdUnknown", "field": "customer_id", "value": "", "message": "no such customer"}
    shown = extras(verdict, scope(), PLACE, {"nmae": "x", "of a bag": 1}, dry_run=True)
    assert shown == {"warnings": [entry], "dry_run": "true", "unknown_fields": ["nmae"]}
    assert extras(verdict, scope(), PLACE, {}, dry_run=False) == {"warnings": [entry]}
    assert extras(verdict, scope(extra_keys=False), PLACE, {}, dry_run=True) == {}


def element(verdict: Verdict) -> bytes:
    return verdict.outcome.encode()


def test_one_item_is_answered_bare_and_several_in_place() -> None:
    good = Verdict("created", Unread(PUSH, [], [], Said({}, 0, True)), [], [])
    assert render_items([good], scope(), element) == (200, b"created")
    assert render_items([good, failed(Fault("ServerFailure"))], scope(), element) == (200, b"[created,failed]")


@pytest.mark.parametrize(
    ("code", "mode", "status"),
    [
        ("ServerFailure", "compatible", 500), ("ServerFailure", "always-200", 200), ("InvalidDate", "compatible", 200),
    ],
)  # fmt: skip
def test_one_failed_item_has_the_status_of_its_fault(code: str, mode: str, status: int) -> None:
    assert render_items([failed(Fault(code))], scope(http_status=mode), element)[0] == status
