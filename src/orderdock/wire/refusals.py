"""Requests refused as a whole: status and body of every code in both families (contract 1.10, 1.11, section 4)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from orderdock.accounts.model import Scope
from orderdock.errors import CODES, Fault, Refusal
from orderdock.wire.body import Spelling, encode, entries, legacy_failure

STATUS_V1: Final[dict[str, int]] = {
    "AuthKeyInvalid": 401, "APIExpired": 401, "ReqFieldMissing": 400, "ServerFailure": 500, "Overloaded": 503,
    "AccountMismatch": 403, "OperationNotAllowed": 403, "IpNotAllowed": 403, "RateLimited": 429,
    "IdempotencyConflict": 409, "MalformedBody": 400, "EmptyRequest": 400,
    "ItemNotObject": 400, "TooManyItems": 413, "PayloadTooLarge": 413, "HeadersTooLarge": 431, "UrlTooLong": 414,
    "RequestTimeout": 408, "UnsupportedEncoding": 415, "InvalidHeader": 400, "InvalidParameter": 400, "NotFound": 404,
    "MethodNotAllowed": 405, "BatchRejected": 400, "InvalidType": 400, "InvalidDate": 400, "InvalidNumber": 400,
    "InvalidAmount": 400, "InvalidBoolean": 400, "InvalidId": 400, "InvalidRange": 400, "InvalidCursor": 400,
    "InvalidSort": 400, "FilterRequired": 400,
    "TooLong": 400, "TooManyLines": 400, "AmountNotPositive": 400, "TotalMismatch": 400, "EmployeeUnknown": 400,
    "OrderNotFound": 404, "CustomerNotFound": 404, "EnquiryNotFound": 404, "PaymentNotFound": 404, "NoOrders": 404,
    "ContactNotFound": 404,
    "AmbiguousOrder": 409, "CustomerMismatch": 409, "EnquiryMismatch": 409, "PaymentMismatch": 409,
    "ErpOrderIdTaken": 409, "ContactMismatch": 409, "CustomerCodeTaken": 409, "RefundExceedsPaid": 409,
    "RevisionMismatch": 412, "NotClearable": 400, "ClearConflict": 400, "EventsGone": 410, "MoreErrors": 400,
    "LeadExists": 409,
}  # fmt: skip

# Legacy callers judge by the body: what is no fault of the transport or the credential is 200.
_BUSINESS: Final = frozenset(
    {
        "ReqFieldMissing", "IdempotencyConflict", "EmptyRequest", "ItemNotObject",
        "BatchRejected", "InvalidType", "InvalidDate",
        "InvalidNumber", "InvalidAmount", "InvalidBoolean", "InvalidId", "InvalidRange", "InvalidCursor", "TooLong",
        "TooManyLines", "InvalidSort", "FilterRequired",
        "AmountNotPositive", "TotalMismatch", "EmployeeUnknown", "OrderNotFound", "CustomerNotFound", "EnquiryNotFound",
        "PaymentNotFound", "NoOrders", "AmbiguousOrder", "CustomerMismatch", "EnquiryMismatch", "PaymentMismatch",
        "ErpOrderIdTaken", "EventsGone", "MoreErrors", "ContactNotFound", "ContactMismatch", "CustomerCodeTaken",
        "RefundExceedsPaid", "RevisionMismatch", "NotClearable", "ClearConflict", "LeadExists",
    }
)  # fmt: skip
STATUS_LEGACY: Final[dict[str, int]] = {
    **{code: 200 if code in _BUSINESS else status for code, status in STATUS_V1.items()},
    "AccountMismatch": 401,
}
# What stays as it is under the account setting `always-200`.
_TRANSPORT: Final = frozenset({404, 405, 408, 413, 414, 415, 431, 503})

LEGACY_TEXT: Final[dict[str, str]] = {
    **CODES,
    "AuthKeyInvalid": "Please use correct Authkey",
    "APIExpired": "API Request is Expired",
    "Overloaded": CODES["ServerFailure"],
    "OrderNotFound": "could not find the order",
}
# How every legacy failure of a whole request begins, and no success: a text, and that it failed.
_TEXT: Final = rb'"[^"\\]*(?:\\.[^"\\]*)*"'
_FAILURE: Final = re.compile(rb'\{"(?:[Mm]essage|Customer Details)":' + _TEXT + rb',"[Ss]tatus":"[Ff]ail')
# Codes for which a documented name stands in `Error`.
_DOCUMENTED: Final = {"AccountMismatch": "AuthKeyInvalid", "Overloaded": "ServerFailure"}
_NONE: Final[Mapping[str, str]] = {}
# What stands in the place of `message` where this is all that a request was about (contract 2.11).
_INSTEAD: Final = {"CustomerNotFound": "Customer Details"}


def is_legacy(path: str) -> bool:
    """Whether a path, known or not, is answered in the legacy shape (contract 1.11)."""
    return path.removesuffix("/v.2.0").endswith(".html")


def is_failure(body: bytes) -> bool:
    """Whether an answer of the legacy family, whatever its status, says that the whole request failed."""
    return _FAILURE.match(body) is not None


def refusal(
    error: Refusal,
    path: str,
    scope: Scope | None = None,
    *,
    http_status: str = "compatible",
    twins: bool = False,
    text: Mapping[str, str] = _NONE,
    spelling: Spelling = "capitals",
) -> tuple[int, bytes]:
    """(HTTP status, body) of a refused request.

    Without a scope `http_status` says which statuses legacy callers get, and `twins` whether the documented names come
    in lower case too. `text` holds the endpoint's own `Message`s by code, `spelling` is how it writes the names.
    """
    if not is_legacy(path):
        return STATUS_V1[error.code], encode(_v1(error))
    mode = scope.account["http_status"] if scope else http_status
    status = STATUS_LEGACY[error.code]
    if mode == "always-200" and status not in _TRANSPORT:
        status = 200
    if scope:
        twins = scope.account["lowercase_twins"]
    extra = scope is None or scope.settings["extra_keys"]
    return status, encode(_legacy(error.faults, extra, twins, text, spelling))


def _legacy(
    faults: Sequence[Fault], extra: bool, twins: bool, text: Mapping[str, str], spelling: Spelling
) -> dict[str, Any]:
    code = faults[0].code
    message = text.get(code) or LEGACY_TEXT[code]
    name = _DOCUMENTED.get(code, code)
    body = legacy_failure(message, "failed", name, _listed(faults), extra=extra, twins=twins, spelling=spelling)
    return {_INSTEAD[code]: body.pop("message"), **body} if spelling == "lower" and code in _INSTEAD else body


def failed_item(faults: Sequence[Fault], scope: Scope) -> bytes:
    """The failure object of one item of a legacy read (contract 2.7); the faults' paths are complete."""
    extra, twins = bool(scope.settings["extra_keys"]), scope.account["lowercase_twins"]
    return encode(_legacy(faults, extra, twins, _NONE, "capitals"))


def _v1(error: Refusal) -> dict[str, Any]:
    return {"message": CODES[error.code], "status": "failed", "error": error.code, "errors": _listed(error.faults)}


def _listed(faults: Sequence[Fault]) -> list[dict[str, str]]:
    return entries(faults, lambda fault: (fault.path or "", fault.value))
