"""Refused requests: every code has a status and a text in both families (contract 1.10, 1.11, section 4)."""

import msgspec
import pytest

from orderdock.accounts.model import Scope
from orderdock.accounts.options import ACCOUNT_OPTIONS, KEY_OPTIONS, defaults
from orderdock.errors import (
    CODES,
    AccountMismatch,
    APIExpired,
    AuthKeyInvalid,
    EmptyRequest,
    Fault,
    MalformedBody,
    NotFound,
    OperationNotAllowed,
    OrderNotFound,
    Overloaded,
    PayloadTooLarge,
    Refusal,
)
from orderdock.kinds import Locale
from orderdock.wire.body import Spelling
from orderdock.wire.legacy import REQUEST_TEXT
from orderdock.wire.refusals import LEGACY_TEXT, STATUS_LEGACY, STATUS_V1, failed_item, is_failure, is_legacy, refusal

WRITE = "/add-update-order-from-other-source.html"
EVENTS = "/api/v1/events"


def scope(*, extra_keys: bool = True, http_status: str = "compatible") -> Scope:
    return Scope(
        cm_id=1, subdomain="a", key_id=1, key_name="erp", kind="key", last4="abcd", operations=frozenset(),
        mandatory={}, allowed=None, account=defaults(ACCOUNT_OPTIONS, {"http_status": http_status}),
        settings=defaults(KEY_OPTIONS, {"extra_keys": extra_keys}), owner=1, enabled=True, expires_at=None, networks=(),
        locale=Locale(),
    )  # fmt: skip


def test_every_code_has_a_status_and_a_text_in_both_families() -> None:
    assert STATUS_LEGACY.keys() == STATUS_V1.keys() == LEGACY_TEXT.keys() == CODES.keys()


def subclasses(kind: type[Refusal]) -> list[type[Refusal]]:
    return [found for direct in kind.__subclasses__() for found in (direct, *subclasses(direct))]


def test_every_refusal_has_a_code_of_its_own() -> None:
    named = {kind.__name__ for kind in subclasses(Refusal) if kind.__module__ == "orderdock.errors"}
    assert named <= CODES.keys()


@pytest.mark.parametrize(
    ("error", "status", "message", "name"),
    [
        (AuthKeyInvalid(), 401, "Please use correct Authkey", "AuthKeyInvalid"),
        (APIExpired(), 401, "API Request is Expired", "APIExpired"),
        (AccountMismatch(), 401, CODES["AccountMismatch"], "AuthKeyInvalid"),
        (Overloaded(), 503, "Server error while processing this request", "ServerFailure"),
        (MalformedBody(), 400, "Invalid Json.", "MalformedBody"),
        (OperationNotAllowed(), 403, "This key is not allowed to use this operation.", "OperationNotAllowed"),
        (OrderNotFound(), 200, "could not find the order", "OrderNotFound"),
        (EmptyRequest(), 200, "Order Creation Failed...", "EmptyRequest"),
    ],
)
def test_legacy_refusals(error: Refusal, status: int, message: str, name: str) -> None:
    found, body = refusal(error, WRITE, text=REQUEST_TEXT)
    decoded = msgspec.json.decode(body)
    assert (found, decoded["Message"], decoded["Status"], decoded["Error"]) == (status, message, "failed", name)
    assert decoded["errors"][0]["code"] == error.code


@pytest.mark.parametrize(
    ("error", "status", "message"),
    [
        (AuthKeyInvalid(), 401, "Invalid Auth Key"),
        (APIExpired(), 401, "Invalid Auth Key"),
        (AccountMismatch(), 403, CODES["AccountMismatch"]),
        (Overloaded(), 503, "The service is busy, try again later."),
        (OrderNotFound(), 404, "No such order."),
    ],
)
def test_v1_refusals(error: Refusal, status: int, message: str) -> None:
    found, body = refusal(error, EVENTS)
    decoded = msgspec.json.decode(body)
    assert (found, decoded["message"], decoded["status"], decoded["error"]) == (status, message, "failed", error.code)
    assert list(decoded) == ["message", "status", "error", "errors"]


def test_always_200_leaves_the_transport_as_it_is() -> None:
    assert refusal(AuthKeyInvalid(), WRITE, http_status="always-200")[0] == 200
    assert refusal(OperationNotAllowed(), WRITE, scope(http_status="always-200"))[0] == 200
    assert refusal(MalformedBody(), WRITE, scope(http_status="always-200"))[0] == 200
    assert refusal(NotFound(), "/x.html", http_status="always-200")[0] == 404
    assert refusal(PayloadTooLarge(), WRITE, scope(http_status="always-200"))[0] == 413
    assert refusal(Overloaded(), WRITE, scope(http_status="always-200"))[0] == 503
    assert refusal(AuthKeyInvalid(), EVENTS, http_status="always-200")[0] == 401


def test_without_extra_keys_a_refusal_has_the_documented_pair_only() -> None:
    body = refusal(OperationNotAllowed(), WRITE, scope(extra_keys=False))[1]
    assert msgspec.json.decode(body) == {
        "Message": "This key is not allowed to use this operation.",
        "Status": "failed",
    }


def test_which_shape_a_path_is_answered_in() -> None:
    assert all(map(is_legacy, [WRITE, WRITE + "/v.2.0", "/nothing.html"]))
    assert not any(map(is_legacy, [EVENTS, "/", "/ms/nothing", "/a.html/b", ""]))


def test_the_failure_of_one_item_of_a_read() -> None:
    missed = Fault("OrderNotFound", "", "no such order", "1", None, "[0].order_id")
    assert msgspec.json.decode(failed_item([missed], scope())) == {
        "Message": "could not find the order", "Status": "failed", "Error": "OrderNotFound",
        "errors": [{"code": "OrderNotFound", "field": "[0].order_id", "value": "1", "message": "no such order"}],
    }  # fmt: skip
    assert list(msgspec.json.decode(failed_item([missed], scope(extra_keys=False)))) == ["Message", "Status"]


@pytest.mark.parametrize(
    ("spelling", "pair"),
    [
        ("capitals", ["Message", "Status"]), ("lower", ["message", "status"]),
        ("both", ["Message", "Status", "message", "status"]),
    ],
)  # fmt: skip
@pytest.mark.parametrize("extra_keys", [True, False])
def test_an_endpoint_writes_the_names_of_a_failure_its_own_way(
    spelling: Spelling, pair: list[str], extra_keys: bool
) -> None:
    text = {"AuthKeyInvalid": "Invalid Auth Key"}
    status, body = refusal(AuthKeyInvalid(), WRITE, scope(extra_keys=extra_keys), text=text, spelling=spelling)
    shown = msgspec.json.decode(body)
    assert (status, list(shown)) == (401, pair + ["Error", "errors"] * extra_keys)
    assert {shown[name] for name in pair} == {"Invalid Auth Key", "failed"}
    assert is_failure(body)


@pytest.mark.parametrize(
    ("body", "failed"),
    [
        (b'{"Message":"a \\"quoted\\" text","Status":"Fail"}', True),
        (b'{"Customer Details":"none","status":"failed"}', True),
        (b'{"Message":"Customer Added Successfully","Kapture Customer Id":"1","Status":"Success"}', False),
        (b'{"message":"payment","status":"success"}', False),
        (b'{"message":{"remarks":"x","status":"failed"},"status":"success"}', False),
        (b'{"Customer Details":{"status":"failed"},"status":"success"}', False),
        (b'[{"Message":"x","Status":"failed"}]', False),
    ],
)
def test_what_tells_a_failure_of_the_whole_request(body: bytes, failed: bool) -> None:
    assert is_failure(body) is failed
