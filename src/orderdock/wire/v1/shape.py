"""The element of an order in the v1 family (contract 2.9, output fields): its names, and the shape that makes them.

Names and kinds come from the registry of fields; what stands here is the order of the keys.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final, TypeAlias

from orderdock.fields import Field, Out, shown_at
from orderdock.kinds import Decimals, Extra, TextOrObject, Words
from orderdock.orders.query import COPIES
from orderdock.orders.query.shape import Form, Inner, Key, Of, Shape

Member: TypeAlias = Key | Inner

# The keys that an element always has, in order. Those without a field are 0 or false, unless an additional field has
# their name.
_WORDS: Final = (
    "id cmId customerId enquiryId createDate creatorId productQuantity productValue discount remarks deliveryStatus"
    " lastModificationTime unitId blockId zoneId basePrice serviceTax bookingAmount retainerFrequency retainerAmount"
    " subOfficeId retainerCreditPeriod parentOrderId assignedToId invoiceSent commissionAmount totalSaleableArea"
    " builderInvoiceId enquiryAssignedTo sellingPrice cess extraCharges warrantyInDays parentCustomerId checkedIn"
    " includeInterest channelId deliveredOrderId commissionPaidAmount onwardCruiseId returnCruiseId"
    " approvedByEmployeeId vatamount"
)
ELEMENT: Final = tuple(_WORDS.split())
BOOLEANS: Final = frozenset({"invoiceSent", "checkedIn", "includeInterest"})
# The key -> the named list whose number it is.
NUMBERS_OF_LISTS: Final = {"unitId": "unit", "blockId": "block", "zoneId": "zone"}
OMITTED: Final = "remarks"
FIXED: Final = frozenset(ELEMENT)
# What is shown only when it is set, in the contract's order.
_SET_ONLY: Final = (
    "erpOrderId erpInvoiceId invoiceNo invoiceDate orderType orderSubStatus paymentMode paymentTerm transaction"
    " grandTotal totalPaid expectedDeliveryDate bookingDate agreementDate shippingAddress unitName blockName zoneName"
    " ticketId encryptOrder dealDetails pricingStatus clientReferenceId approvalDesignationIds"
)
SET_ONLY: Final = (*_SET_ONLY.split(), *(f"attr{n}" for n in range(1, 16)), "additionalFields", "associateFields")
_ASKED_FOR: Final = ("name", "phone", "email", "companyName")
_LINE: Final = "skuId productName parentProductName productType description rate quantity discount value"
_ONE_LINE: Final = f"{_LINE} additionalFields"
_PAYMENT: Final = "paymentId amount mode chequeNumber chequeDate bankName reference remarks paidAt"


def _form(row: Field) -> Form:
    if isinstance(row.kind, Decimals):
        return Form.EXACT
    if isinstance(row.kind, Extra | Words | TextOrObject):
        return Form.JSON
    return Form.NUMBER if row.kind.sql == "bigint" else Form.TEXT


def _unset(row: Field) -> str:
    if isinstance(row.kind, Extra):
        return "{}"
    return "0" if row.kind.sql == "bigint" else '""'


def _element_key(word: str) -> Key:
    if word in NUMBERS_OF_LISTS:
        return Key(word, Of.LIST, "", other=NUMBERS_OF_LISTS[word])
    if word in BOOLEANS:
        return Key(word, Of.FLAG, "", unset="false")
    if word == "cmId":
        return Key(word, Of.ACCOUNT, "")
    if word == "enquiryAssignedTo":
        return Key(word, Of.ENQUIRY, "assigned_to")
    row = shown_at(Out.V1_ORDER).get(word)
    if row is None:
        return Key(word, Of.NUMBER, "")
    if word == "approvedByEmployeeId":
        return Key(word, Of.FIRST, row.column)
    return Key(word, Of.ORDER, row.column, _form(row), None if word == OMITTED else _unset(row))


def _set_key(word: str) -> Key:
    row = shown_at(Out.V1_ORDER)[word]
    if row.column in COPIES:
        return Key(word, Of.COPY, row.column, _form(row), None, COPIES[row.column])
    return Key(word, Of.SUM if word == "totalPaid" else Of.ORDER, row.column, _form(row), None)


def _rows(words: str, place: Out, of: Of) -> tuple[Key, ...]:
    found = []
    for word in words.split():
        row = shown_at(place)[word]
        found.append(Key(word, Of.PAID if word == "amount" else of, row.column, _form(row), _unset(row)))
    return tuple(found)


_ALWAYS: Final = tuple(map(_element_key, ELEMENT))
_WHOLE: Final = (*_ALWAYS, *map(_set_key, SET_ONLY))
_LINES: Final = _rows(_LINE, Out.V1_LINE, Of.LINE)
_PAYMENTS: Final = _rows(_PAYMENT, Out.V1_PAYMENT, Of.PAYMENT)
# Every member that a caller may ask for by name.
NAMES: Final = frozenset({key.word for key in _WHOLE} | set(_ASKED_FOR))


@lru_cache(maxsize=256)
def element(words: frozenset[str] | None, lines: bool, payments: bool) -> Shape:
    """The shape of an element: all its keys, or the number and those named."""
    keys: tuple[Member, ...] = _WHOLE
    if words is not None:
        every = (*_WHOLE, *map(_set_key, _ASKED_FOR))
        keys = tuple(key for key in every if key.word == "id" or key.word in words)
    if lines:
        keys = (*keys, Inner("lines", Of.LINE, _LINES))
    if payments:
        keys = (*keys, Inner("payments", Of.PAYMENT, _PAYMENTS))
    return Shape(keys)


def _key(word: str, of: Of, place: Out = Out.V1_ORDER, unset: str | None = None) -> Key:
    row = shown_at(place)[word]
    return Key(word, of, row.column, _form(row), _unset(row) if unset is None else unset)


def _copy(word: str, place: Out) -> Key:
    row = shown_at(place)[word]
    return Key(word, Of.COPY, row.column, _form(row), '""', COPIES[row.column])


_CUSTOMER: Final = (
    *_rows("id code name phone", Out.V1_ONE_CUSTOMER, Of.CUSTOMER),
    Key("phoneE164", Of.E164, "phone_key", Form.TEXT, '""'),
    *_rows("email", Out.V1_ONE_CUSTOMER, Of.CUSTOMER),
)
_ENQUIRY: Final = _rows("id status subStatus assignedToId nextFollowUpDate createDate", Out.V1_ONE_ENQUIRY, Of.ENQUIRY)
_ASSIGNEE: Final = (
    Key("id", Of.ORDER, "assigned_to"),
    *(Key(word, Of.EMPLOYEE, word, Form.TEXT, '""') for word in ("code", "name", "email")),
    Key("reason", Of.ORDER, "assigned_reason", Form.TEXT, '""'),
)
_ENTRY: Final = (
    Key("entryId", Of.ENTRY, "entry_no"),
    Key("at", Of.ENTRY, "at"),
    Key("amount", Of.ENTRY, "amount", Form.EXACT),
    Key("kind", Of.ENTRY, "kind", Form.TEXT, '""'),
)
# What one order shows anyway, in places of their own.
_ELSEWHERE: Final = frozenset({"grandTotal", "totalPaid", "shippingAddress", "additionalFields", "associateFields"})
_ONE: Final[tuple[Member, ...]] = (
    *(_copy(word, Out.V1_ORDER) for word in ("name", "phone", "email", "companyName")),
    _copy("address", Out.V1_ONE),
    _key("shippingAddress", Of.ORDER),
    _copy("zip", Out.V1_ONE),
    Inner("customer", Of.CUSTOMER, _CUSTOMER),
    Inner("enquiry", Of.ENQUIRY, _ENQUIRY),
    Inner("assignedTo", Of.EMPLOYEE, _ASSIGNEE),
    Inner("lines", Of.LINE, _rows(_ONE_LINE, Out.V1_LINE, Of.LINE)),
    Inner("payments", Of.PAYMENT, (*_PAYMENTS, Inner("entries", Of.ENTRY, _ENTRY))),
    _key("grandTotal", Of.ORDER),
    _key("totalPaid", Of.ORDER),
    Key("balance", Of.BALANCE, "", Form.EXACT),
    _key("additionalFields", Of.ORDER),
    _key("associateFields", Of.ORDER),
    _key("sourceVersion", Of.ORDER, Out.V1_ONE, "null"),
    _key("sourceModifiedAt", Of.ORDER, Out.V1_ONE, "null"),
)


@lru_cache(maxsize=64)
def one(currency: str) -> Shape:
    """The shape of one order with all that belongs to it (contract 2.15)."""
    keys = (key for key in _WHOLE if key.word not in _ELSEWHERE)
    return Shape((*keys, Key("currency", Of.FIXED, "", unset=f'"{currency}"'), *_ONE))
