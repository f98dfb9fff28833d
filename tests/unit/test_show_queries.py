"""Legacy pull and get requests, read (contract 2.6, 2.7): all faults at once, in the caller's words."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from orderdock.accounts.model import OPERATIONS, Scope
from orderdock.accounts.options import ACCOUNT_OPTIONS, KEY_OPTIONS, defaults
from orderdock.errors import AccountMismatch, EmptyRequest, Refusal, TooManyItems
from orderdock.kinds import Locale
from orderdock.wire.legacy_query import read_gets, read_pull

SCOPE = Scope(
    1000298, "kapdemo", 1, "erp", "key", "7f3a", frozenset(OPERATIONS), {}, None, defaults(ACCOUNT_OPTIONS, {}),
    defaults(KEY_OPTIONS, {}), 209803, True, None, (), Locale(),
)  # fmt: skip
DAY = {"start_date": "2024-05-08", "end_date": "2024-05-08"}


def codes(item: Any) -> list[str]:
    with pytest.raises(Refusal) as caught:
        read_pull([item], True, SCOPE)
    return [fault.code for fault in caught.value.faults]


def test_l3_start_after_end_is_a_wrong_range() -> None:
    assert codes({"start_date": "2024-05-09", "end_date": "2024-05-08"}) == ["InvalidRange"]


def test_l4_both_dates_bad_are_both_told() -> None:
    with pytest.raises(Refusal) as caught:
        read_pull([{"start_date": "2024-13-01", "end_date": "soon"}], True, SCOPE)
    assert [(one.code, one.path, one.value) for one in caught.value.faults] == [
        ("InvalidDate", "[0].start_date", "2024-13-01"),
        ("InvalidDate", "[0].end_date", "soon"),
    ]
    assert caught.value.code == "InvalidDate"


def test_l10_the_start_date_is_mandatory() -> None:
    assert codes({"enquiry_id": "2"}) == ["ReqFieldMissing"]
    assert codes({"start_date": "yyyy-mm-dd", "sortOnModificationDate": "maybe"}) == [
        "ReqFieldMissing",
        "InvalidBoolean",
    ]


def test_l11_not_a_boolean() -> None:
    assert codes({**DAY, "sortOnModificationDate": "maybe"}) == ["InvalidBoolean"]


def test_the_day_is_the_accounts_own() -> None:
    query = read_pull([{"start_date": "2024-05-08"}], False, SCOPE)
    assert query.last - query.first == 86_400_000 - 1
    assert query.first == datetime(2024, 5, 8, tzinfo=ZoneInfo("Asia/Kolkata")).timestamp() * 1000


def test_the_account_in_an_item_must_be_the_credentials() -> None:
    assert read_pull([{**DAY, "cmId": "1000298", "cm_id": ""}], True, SCOPE).cm_id == 1000298
    with pytest.raises(AccountMismatch) as caught:
        read_gets([{"order_id": 1}, {"order_id": 2, "cmId": 2469}], True, SCOPE)
    assert caught.value.faults[0].path == "[1].cmId"
    assert codes({**DAY, "cmId": "abc"}) == ["InvalidId"]


def test_what_is_no_item() -> None:
    assert codes(5) == ["ItemNotObject"]
    with pytest.raises(EmptyRequest):
        read_pull([], True, SCOPE)
    with pytest.raises(EmptyRequest):
        read_gets([], True, SCOPE)
    with pytest.raises(TooManyItems):
        read_pull([DAY, DAY], True, SCOPE)


def test_counts_and_cursors_that_are_none() -> None:
    assert codes({**DAY, "numberOfRecords": "-1", "startPosition": "x"}) == ["InvalidNumber", "InvalidNumber"]
    assert codes({**DAY, "cursor": 7}) == ["InvalidCursor"]
    query = read_pull(
        [{**DAY, "numberOfRecords": "0", "startPosition": " ", "end_date": "", "enquiry_id": " , "}], True, SCOPE
    )
    assert (query.limit, query.offset, query.enquiry_ids, query.last - query.first) == (100, 0, None, 86_399_999)


def test_t3_without_any_number_one_is_missing() -> None:
    requests = read_gets([{"order_id": "0"}, {"erp_order_id": " "}], True, SCOPE)
    assert [[(fault.code, fault.path) for fault in one.faults] for one in requests] == [
        [("ReqFieldMissing", "[0].order_id")],
        [("ReqFieldMissing", "[1].order_id")],
    ]
