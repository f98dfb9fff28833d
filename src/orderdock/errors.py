"""What can go wrong: codes with their sentence, faults of an item, and refusals of a whole request. No HTTP here.

Source: contract 1.10 and section 4. Codes are contract and never renamed; sentences are for people.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

CODES: Final[dict[str, str]] = {
    "AuthKeyInvalid": "Invalid Auth Key",
    "APIExpired": "Invalid Auth Key",
    "ReqFieldMissing": "Mandatory field missing",
    "ServerFailure": "Server error while processing this request",
    "Overloaded": "The service is busy, try again later.",
    "AccountMismatch": "The account in the request is not the account of this key.",
    "OperationNotAllowed": "This key is not allowed to use this operation.",
    "IpNotAllowed": "This key may not be used from this address.",
    "RateLimited": "Too many requests.",
    "MalformedBody": "Invalid Json.",
    "EmptyRequest": "The request holds no item.",
    "ItemNotObject": "The item is not an object.",
    "TooManyItems": "Too many items in one request.",
    "PayloadTooLarge": "The request body is too large.",
    "HeadersTooLarge": "The request headers are too large.",
    "UrlTooLong": "The address is too long.",
    "RequestTimeout": "The request took too long to arrive.",
    "UnsupportedEncoding": "The content encoding is not supported.",
    "InvalidHeader": "A request header is not valid.",
    "InvalidParameter": "A query parameter is not valid.",
    "NotFound": "There is nothing at this address.",
    "MethodNotAllowed": "This method is not accepted at this address.",
    "IdempotencyConflict": "This Idempotency-Key was used for another request.",
    "BatchRejected": "Not written because another item of the request failed.",
    "InvalidType": "A value has the wrong type.",
    "InvalidDate": "A date is not valid.",
    "InvalidNumber": "A number is not valid.",
    "InvalidAmount": "An amount is not valid.",
    "InvalidBoolean": "A true/false value is not valid.",
    "InvalidId": "An id is not valid.",
    "InvalidRange": "The range is not valid.",
    "InvalidCursor": "The cursor is not valid for this request.",
    "InvalidSort": "The sort parameter is not valid.",
    "FilterRequired": "At least one filter is required.",
    "TooLong": "A value is too long.",
    "TooManyLines": "The order has too many lines.",
    "AmountNotPositive": "The amount must be greater than zero.",
    "TotalMismatch": "The grand total does not match the lines.",
    "EmployeeUnknown": "There is no such active employee.",
    "OrderNotFound": "No such order.",
    "CustomerNotFound": "No such customer.",
    "ContactNotFound": "No such contact.",
    "EnquiryNotFound": "No such enquiry.",
    "PaymentNotFound": "No such payment.",
    "NoOrders": "No orders between dates",
    "AmbiguousOrder": "Several orders are meant; name one by order_id.",
    "CustomerMismatch": "The customer is not the customer of this order.",
    "EnquiryMismatch": "The enquiry does not belong here.",
    "ContactMismatch": "The contact belongs to another customer.",
    "PaymentMismatch": "The payment does not match the order.",
    "ErpOrderIdTaken": "Another order has this erp_order_id.",
    "CustomerCodeTaken": "Another customer has this customer_code.",
    "RevisionMismatch": "The order was changed meanwhile.",
    "RefundExceedsPaid": "The refund is larger than what was paid.",
    "NotClearable": "This field cannot be cleared.",
    "ClearConflict": "A field is both given and cleared, or its group is not updated.",
    "LeadExists": "An open enquiry of this customer is there already.",
    "EventsGone": "These events are no longer kept.",
    "MoreErrors": "Further errors were left out.",
}


class Fault(NamedTuple):
    """One thing that is wrong with an item, or one warning about it.

    `field` is the domain field (`line.rate`), `at` the index in its list, `value` what was received (empty:
    the dialect shows what the caller said). `path` is set when the reader already knows the caller's name.
    """

    code: str
    field: str = ""
    message: str = ""
    value: Any = ""
    at: int | None = None
    path: str | None = None


class OrderdockError(Exception):
    """Whatever Orderdock itself raises."""


class Refusal(OrderdockError):
    """A request is refused as a whole; its code is the name of the class that says why."""

    def __init__(self, message: str = "", *, path: str = "", value: Any = "", faults: Sequence[Fault] = ()) -> None:
        self.code = type(self).__name__
        self.faults = tuple(faults) or (Fault(self.code, "", message or CODES[self.code], value, None, path),)
        super().__init__(self.faults[0].message)


class AuthKeyInvalid(Refusal):
    """The credential is missing, unknown, wrong or disabled."""


class APIExpired(Refusal):
    """The credential has expired."""


class AccountMismatch(Refusal):
    """The request names another account than the credential's."""


class OperationNotAllowed(Refusal):
    """The key is not granted the operation."""


class IpNotAllowed(Refusal):
    """The key may not be used from the caller's address."""


class RateLimited(Refusal):
    """The key has used up its units, or the address has failed too often; `seconds` says when to come back."""

    seconds: int = 1


class IdempotencyConflict(Refusal):
    """The Idempotency-Key was used for another request."""


class MalformedBody(Refusal):
    """The body is not JSON, or nested too deep."""


class EmptyRequest(Refusal):
    """The request holds no item."""


class TooManyItems(Refusal):
    """More items than the account allows in one request."""


class PayloadTooLarge(Refusal):
    """The body is larger than the account allows."""


class UrlTooLong(Refusal):
    """The address is longer than 16 KiB."""


class HeadersTooLarge(Refusal):
    """The header block is larger than 32 KiB."""


class RequestTimeout(Refusal):
    """The request did not arrive in time."""


class UnsupportedEncoding(Refusal):
    """The body is encoded in a way that is not understood."""


class InvalidHeader(Refusal):
    """A control header is not valid."""


class InvalidParameter(Refusal):
    """A query parameter is not valid."""


class InvalidType(Refusal):
    """The body holds something else than the one object that is asked for."""


class InvalidId(Refusal):
    """A parameter that should be an id is not."""


class InvalidNumber(Refusal):
    """A parameter that should be a number is not."""


class InvalidBoolean(Refusal):
    """A parameter that should be true or false is neither."""


class NotFound(Refusal):
    """Nothing is served at the address."""


class OrderNotFound(Refusal):
    """There is no such order in the account."""


class CustomerNotFound(Refusal):
    """There is no such customer in the account."""


class EventsGone(Refusal):
    """The asked-for events are no longer kept."""


class MethodNotAllowed(Refusal):
    """The address does not accept the method."""


class Overloaded(Refusal):
    """The service is too busy to take the request."""


class ServerFailure(Refusal):
    """Something failed that is not the caller's doing."""


class Unsafe(OrderdockError):
    """The installation is not safe to start; the message says what to change."""


class Invalid(OrderdockError):
    """An administrator's request cannot be carried out; the message says why."""
