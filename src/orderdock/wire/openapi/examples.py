"""Examples of requests and answers, put together from the examples of the registry."""

from __future__ import annotations

from typing import Any, Final

from orderdock.fields import FIELDS, In, Out, shown_at
from orderdock.kinds import Decimals, Extra, Id, Moment
from orderdock.wire.openapi.answers import GET
from orderdock.wire.openapi.bodies import ADD_UPDATE, CHANGE, PAY, PUSH, WRITES
from orderdock.wire.openapi.profile import Profile
from orderdock.wire.openapi.records import rules_of
from orderdock.wire.v1 import shape
from orderdock.wire.v1_write.places import CONTACT, CUSTOMER, ENQUIRY, ORDER, group_of

Json = dict[str, Any]
_AT: Final = 1715149492000
_PUSHED: Final = (
    "customer.name", "customer.phone", "order.erp_order_id", "order.create_date", "order.payment_mode",
)  # fmt: skip
_PAID: Final = ("order.id", "customer.id", "payment.mode", "payment.amount")
_LINE: Final = ("line.sku", "line.name", "line.rate", "line.quantity")


def examples_at(place: In, *names: str) -> Json:
    """The fields that are written at a place, under their first names."""
    rows = [FIELDS[name] for name in dict.fromkeys(names)]
    return {row.ins[place][0].word: row.example for row in rows if place in row.ins and row.name != "lines"}


def _wanted(profile: Profile, operation: str) -> list[str]:
    return [row.name for row in rules_of(profile, operation).mandatory]


def _order(profile: Profile, operation: str, *names: str) -> Json:
    wanted = _wanted(profile, operation)
    lines = examples_at(In.LEGACY_LINE, *_LINE, *wanted)
    return {**examples_at(In.LEGACY_ORDER, *names, *wanted), "product_details": [lines]}


def legacy_item(profile: Profile, operation: str) -> Json:
    """An item of one of the three operations."""
    if operation == PUSH:
        return _order(profile, PUSH, *_PUSHED)
    if operation == CHANGE:
        return _order(profile, CHANGE, "order.id")
    return examples_at(In.LEGACY_PAYMENT, *_PAID, *_wanted(profile, PAY))


def legacy_items(profile: Profile) -> Any:
    """One item of the first operation that the key has."""
    return [legacy_item(profile, next(name for name in WRITES if name in profile.operations))]


_IDS: Final = {
    "Enquiry Id": "11756843", "Order Id": "4238584", "kapture_customer_id": "48046485",
    "message": "Order Added Successfully", "order_id": "4238584", "enquiry_id": "11756843",
    "Kapture Customer Id": "48046485", "status": "success",
}  # fmt: skip


def legacy_written(profile: Profile) -> Any:
    """Its answer."""
    extra = {"outcome": "created"} if profile.shows_extras else {}
    if profile.operations.isdisjoint((PUSH, CHANGE)):
        number = {"payment_id": "90210"} if profile.shows_extras else {}
        return {"message": "payment against order updated successfully.", "status": "success", **extra, **number}
    return [{**_IDS, **extra}]


def legacy_pull(profile: Profile) -> Any:
    """A day."""
    return [{"start_date": "2024-05-08", "end_date": "2024-05-08", "numberOfRecords": "100"}]


def legacy_get(profile: Profile) -> Any:
    """One order by its number."""
    return [{"order_id": FIELDS["order.id"].example}]


def _text(word: str, *places: Out) -> str:
    row = next((shown_at(place)[word] for place in places if word in shown_at(place)), None)
    if row is None:
        return ""
    return "2024-05-08 11:54:52" if isinstance(row.kind, Moment) else str(row.example)


def legacy_page(profile: Profile) -> Any:
    """A page of one order."""
    names = [word for word in shown_at(Out.LEGACY_ORDER) if profile.shows_extras or not word.endswith("Date")]
    order = {word: _text(word, Out.LEGACY_ORDER) for word in (*names, "productId")}
    more = {"total": "1", "next": ""} if profile.shows_extras else {}
    return {"orders": [order], "status": "success", **more}


def legacy_got(profile: Profile) -> Any:
    """One order."""
    dates = "createDate modifiedDate" if profile.shows_extras else ""
    names = f"{GET} {dates}".split()
    return {"message": {word: _text(word, Out.LEGACY_GET, Out.LEGACY_ORDER) for word in names}, "status": "success"}


def v1_form(profile: Profile) -> Any:
    """An order to add."""
    wanted = _wanted(profile, ADD_UPDATE)
    form: Json = {
        group_of(CUSTOMER): examples_at(CUSTOMER, "customer.name", "customer.phone", *wanted),
        group_of(ORDER): examples_at(ORDER, "order.erp_order_id", "order.remarks", *wanted),
        "product_details": [examples_at(In.V1_LINE, *_LINE, *wanted)],
    }
    contact, enquiry = examples_at(CONTACT, *wanted), examples_at(ENQUIRY, *wanted)
    if contact:
        form[group_of(CONTACT)] = [contact]
    if enquiry:
        form[group_of(ENQUIRY)] = enquiry
    return form


def v1_written(profile: Profile) -> Any:
    """Its answer."""
    order = {"result": True, "customer_id": 48046485, "enquiry_id": 11756843, "action": "ORDER",
             "action_event": "ORDER_CREATION", "contact_id": 210006001, "order_id": 4238584,
             "outcome": "created"}  # fmt: skip
    return {"status": "success", "message": "Order Added successfully !", "Order": order}


def validated(profile: Profile) -> Any:
    """A body of a family that the key may use."""
    return v1_form(profile) if profile.operations.isdisjoint(WRITES) else legacy_items(profile)


def search(profile: Profile) -> Any:
    """Orders of one customer."""
    return {
        "cmId": profile.cm_id or FIELDS["order.account"].example,
        "customerIds": FIELDS["customer.id"].example,
        "limit": 100,
    }


def _value(word: str) -> Any:
    row = shown_at(Out.V1_ORDER).get(word)
    if row is None:
        return word in shape.BOOLEANS and False
    if isinstance(row.kind, Moment):
        return _AT
    if isinstance(row.kind, Decimals):
        return float(row.example) if "." in str(row.example) else int(row.example)
    number = isinstance(row.kind, Id) or row.kind.sql == "bigint"
    return (int(row.example) if str(row.example).isdigit() else 0) if number else row.example


def _element() -> Json:
    known = {*shown_at(Out.V1_ORDER), *shape.BOOLEANS}
    values = {word: _value(word) if word in known else 0 for word in shape.ELEMENT}
    return {**values, "approvedByEmployeeId": 0, "assignedToId": 209803}


def pulled(profile: Profile) -> Any:
    """A page of one order."""
    return {"success": "true", "order_details": [_element()]}


def found(profile: Profile) -> Any:
    """The same, plainly."""
    return {"orders": [_element()]}


def _rows(place: Out) -> Json:
    made: Json = {}
    for word, row in shown_at(place).items():
        if isinstance(row.kind, Extra):
            made[word] = {}
        elif isinstance(row.kind, Moment):
            made[word] = _AT
        else:
            made[word] = int(row.example) if row.kind.sql == "bigint" and str(row.example).isdigit() else row.example
    return made


def one_order(profile: Profile) -> Any:
    """An order with everything."""
    kept = ("name", "phone", "email", "companyName", "address", "shippingAddress", "zip")
    rows = {**shown_at(Out.V1_ONE), **shown_at(Out.V1_ORDER)}
    return {
        **_element(), "currency": "INR", **{word: rows[word].example for word in kept},
        "customer": {**_rows(Out.V1_ONE_CUSTOMER), "phoneE164": "+918123456789"},
        "enquiry": {**_rows(Out.V1_ONE_ENQUIRY), "assignedToId": 0},
        "assignedTo": {"id": 209803, "code": "E-7", "name": "Meera", "email": "meera@example.com", "reason": "by code"},
        "lines": [_rows(Out.V1_LINE)],
        "payments": [{**_rows(Out.V1_PAYMENT),
                      "entries": [{"entryId": 1, "at": _AT, "amount": 1000, "kind": "payment"}]}],
        "grandTotal": 9999, "totalPaid": 1000, "balance": 8999, "additionalFields": {}, "associateFields": {},
        "sourceVersion": None, "sourceModifiedAt": None,
    }  # fmt: skip


def events(profile: Profile) -> Any:
    """One event."""
    change = {"field": "remarks", "before": None, "after": "call first"}
    event = {"seq": 812, "at": _AT, "type": "order.updated", "orderId": 4238584, "customerId": 48046485,
             "enquiryId": 11756843, "actor": "key:erp-push", "requestId": "b7f0c2", "changes": [change]}  # fmt: skip
    return {"events": [event], "next": 812, "hasMore": False}
