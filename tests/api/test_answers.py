"""Success and failure bodies, their paths and values (contract 1.10)."""

from typing import Any

import pytest

from tests.world import (
    GET,
    PAID,
    PAYMENT_FAILED,
    PULL,
    PUSH_FAILED,
    UPDATE_FAILED,
    WRITE,
    Json,
    World,
    call,
    faults,
    fresh_word,
    item,
    line,
    new_key,
    payment,
    post,
    push,
    warned,
    write,
)

MINIMAL = {"Prefer": "return=minimal"}


def test_a_failure_is_the_documented_pair_and_then_ours(world: World) -> None:
    failure = write(world, {"remarks": "x"}).json()
    assert list(failure) == ["Message", "Status", "Error", "errors"]
    assert list(failure["errors"][0]) == ["code", "field", "value", "message"]
    v1 = call(world, "GET", "/api/v1/orders/77").json()
    assert list(v1) == ["message", "status", "error", "errors"]
    assert v1["status"] == "failed"


def test_a_bare_object_has_no_index(world: World) -> None:
    bad = {"create_date": "x", "product_details": [line(), line(rate="y")], "phone": "8123456789"}
    assert faults(post(world, WRITE, bad).json()) == [
        ("InvalidDate", "create_date"),
        ("InvalidAmount", "product_details[1].rate"),
    ]
    assert faults(post(world, WRITE, [bad]).json())[0] == ("InvalidDate", "[0].create_date")
    assert faults(write(world, item(), item(), bad).json()[2])[1] == ("InvalidAmount", "[2].product_details[1].rate")
    one_line = {"phone": "8123456789", "product_details": {"rate": "y"}}
    (path,) = [field for _, field in faults(post(world, WRITE, one_line).json())]
    assert path in ("product_details.rate", "product_details[0].rate")


def test_a_bare_object_warns_without_an_index(world: World) -> None:
    (made,) = post(world, WRITE, item(assign_email_id="nobody@example.com")).json()
    assert warned(made) == [("EmployeeUnknown", "assign_email_id")]


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        ("31/12/2024", "31/12/2024"), (5, "5"), (True, "true"), (1.50, "1.5"), ([1, "a"], '[1,"a"]'),
        ({"a": None}, '{"a":null}'), ("x" * 64, "x" * 64), ("x" * 65, "x" * 64 + "…"), ("🙂" * 65, "🙂" * 64 + "…"),
        (list(range(100)), "[" + ",".join(map(str, range(100)))[:63] + "…"),
    ],
)  # fmt: skip
def test_a_value_is_told_as_received(world: World, sent: Any, shown: str) -> None:
    (entry,) = write(world, item(create_date=sent)).json()["errors"]
    assert entry["value"] == shown


def test_faults_stand_in_the_order_of_the_body_but_missing_ones_first(world: World) -> None:
    key = new_key(world, mandatory=("order.type", "line.rate"))
    bad = {"product_details": [line(quantity="x"), line(rate="")], "create_date": "x", "erp_order_id": ["x"]}
    listed = faults(write(world, bad, key=key).json())
    assert sorted(listed[:3]) == [
        ("ReqFieldMissing", "[0].customer_id"), ("ReqFieldMissing", "[0].order_type"),
        ("ReqFieldMissing", "[0].product_details[1].rate"),
    ]  # fmt: skip
    assert listed[3:] == [
        ("InvalidNumber", "[0].product_details[0].quantity"), ("InvalidDate", "[0].create_date"),
        ("InvalidType", "[0].erp_order_id"),
    ]  # fmt: skip


def test_at_most_a_hundred_faults_are_listed(world: World) -> None:
    bad = item(product_details=[line(rate="x") for _ in range(150)])
    listed = faults(write(world, bad).json())
    assert listed[:100] == [("InvalidAmount", f"[0].product_details[{number}].rate") for number in range(100)]
    assert [code for code, _ in listed[100:]] == ["MoreErrors"]
    exact = item(product_details=[line(rate="x") for _ in range(100)])
    assert len(faults(write(world, exact).json())) == 100


def test_a_minimal_answer_keeps_what_matters(world: World) -> None:
    (pushed,) = write(world, item(assign_email_id="nobody@example.com"), headers=MINIMAL).json()
    assert list(pushed) == ["order_id", "outcome", "status", "warnings"]
    paid = write(world, payment(push(world), "1"), headers=MINIMAL).json()
    assert (list(paid), paid["outcome"], paid["status"]) == (["payment_id", "outcome", "status"], "created", "success")
    updated, failed = write(world, {"order_id": pushed["order_id"]}, {"order_id": "77"}, headers=MINIMAL).json()
    assert updated == {"order_id": pushed["order_id"], "outcome": "unchanged", "status": "success"}
    assert (list(failed), failed["Message"]) == (["Message", "Status", "Error", "errors"], UPDATE_FAILED)


def test_preferences_that_are_not_known_are_ignored(world: World) -> None:
    answer = write(world, item(), headers={"Prefer": "respond-async, return=minimal; x=1, handling=lenient"})
    assert answer.headers["Preference-Applied"] == "return=minimal"
    plain = write(world, item(), headers={"Prefer": "respond-async, return=everything"})
    assert "Preference-Applied" not in plain.headers
    assert len(plain.json()[0]) > 3
    both = write(world, item(), headers={"Prefer": "handling=strict, return=minimal"})
    assert set(both.headers["Preference-Applied"].replace(" ", "").split(",")) == {"return=minimal", "handling=strict"}


def test_without_extra_keys_an_answer_is_as_documented(world: World) -> None:
    plain = new_key(world, extra_keys="off")
    over = payment(push(world, product_details=[line(rate="1")]), "5")
    assert write(world, over, key=plain).json() == {"message": PAID, "status": "success"}
    failures: list[tuple[Json, Json]] = [
        ({"remarks": "x"}, {"Message": PUSH_FAILED, "Status": "failed"}),
        ({"order_id": "77"}, {"Message": UPDATE_FAILED, "Status": "Fail"}),
        ({"amount_paid": "0"}, {"Message": PAYMENT_FAILED, "Status": "Fail"}),
    ]
    for body, failure in failures:
        assert write(world, body, key=plain).json() == failure
    assert write(world, *(body for body, _ in failures), key=plain).json() == [failure for _, failure in failures]
    assert post(world, WRITE, b"{", key=plain).json() == {"Message": "Invalid Json.", "Status": "failed"}
    assert post(world, PULL, [{"start_date": "x"}], key=plain).json() == {
        "Message": "A date is not valid.",
        "Status": "failed",
    }
    v1 = call(world, "GET", "/api/v1/orders/77", key=plain).json()
    assert list(v1) == ["message", "status", "error", "errors"]  # the setting is for legacy answers


@pytest.mark.parametrize(
    ("path", "body", "message", "code"),
    [
        (PULL, {"start_date": "2024-05-08", "end_date": "2024-05-07"}, "The range is not valid.", "InvalidRange"),
        (PULL, {"start_date": "2024-05-08", "numberOfRecords": "x"}, "A number is not valid.", "InvalidNumber"),
        (
            PULL,
            {"start_date": "2024-05-08", "includeHistory": "x"},
            "A true/false value is not valid.",
            "InvalidBoolean",
        ),
        (
            PULL,
            {"start_date": "2024-05-08", "cursor": "x"},
            "The cursor is not valid for this request.",
            "InvalidCursor",
        ),
        (PULL, {"start_date": ["2024-05-08"]}, "A value has the wrong type.", "InvalidType"),
        (PULL, 5, "Invalid Json.", "MalformedBody"),
        (PULL, [5], "The item is not an object.", "ItemNotObject"),
        (GET, [5], "The item is not an object.", "ItemNotObject"),
        (GET, {"order_id": ["x"]}, "A value has the wrong type.", "InvalidType"),
        (GET, {"order_id": "1", "includeDetails": "x"}, "A true/false value is not valid.", "InvalidBoolean"),
    ],
)
def test_reads_tell_faults_in_their_own_words(world: World, path: str, body: Any, message: str, code: str) -> None:
    answer = post(world, path, body)
    assert [answer.json()[name] for name in ("Message", "Status", "Error")] == [message, "failed", code]


def test_a_credential_is_never_told_back(world: World) -> None:
    wrong = "od" + fresh_word("k") * 4
    for path in (f"{GET}?auth_key={wrong}", f"/api/v1/events?auth_key={wrong}&after=x"):
        for headers in ({}, {"Authorization": f"Basic {wrong}"}, {"x-api-key": wrong}):
            answer = call(world, "POST" if "html" in path else "GET", path, [], key=None, headers=headers)
            assert (answer.status_code, wrong in answer.text, wrong in str(answer.headers)) == (401, False, False)


ALIASES: dict[str, tuple[str, Any, str]] = {
    "pincode": ("TooLong", "x" * 201, ""), "email": ("TooLong", "x" * 501, ""),
    "delivery_status": ("TooLong", "x" * 501, ""), "kapture_customer_id": ("CustomerIdUnknown", "77", "warning"),
    "assign_emp_code": ("EmployeeUnknown", "x", "warning"), "assign_emp_name": ("EmployeeUnknown", "x", "warning"),
    "assign_emp_email": ("EmployeeUnknown", "x@y.z", "warning"),
}  # fmt: skip


@pytest.mark.parametrize("alias", ALIASES)
def test_a_fault_is_told_under_the_name_that_the_caller_used(world: World, alias: str) -> None:
    code, value, kind = ALIASES[alias]
    (answer,) = write(world, item(**{alias: value}), item()).json()[:1]
    assert (warned(answer) if kind else faults(answer)) == [(code, f"[0].{alias}")]


@pytest.mark.parametrize(
    ("path", "legacy"),
    [("/x.html/v.2.0", True), ("/a/b.html/", True), ("/x.htm", False), ("/html", False), ("/api/v1/x", False)],
)
def test_an_unknown_path_has_the_shape_of_its_ending(world: World, path: str, legacy: bool) -> None:
    answer = post(world, path, {}, key=None)
    assert (answer.status_code, "Message" in answer.json(), "message" in answer.json()) == (404, legacy, not legacy)


@pytest.mark.parametrize("path", [GET, PULL])
def test_an_account_number_that_is_none_is_told_by_reads_too(world: World, path: str) -> None:
    answer = post(world, path, [{"order_id": "1", "start_date": "2024-05-08", "cmId": "abc"}])
    assert (answer.status_code, faults(answer.json())) == (200, [("InvalidId", "[0].cmId")])
    assert answer.json()["Message"] == "An id is not valid."
