"""The OpenAPI document: valid, complete, and true to what is mandatory for a key."""

from typing import Any

import jsonschema_rs
import pytest
from jsonschema_rs import Draft202012Validator
from schemathesis.specs.openapi.definitions import OPENAPI_31

from orderdock.accounts.model import OPERATIONS, TAKES
from orderdock.errors import CODES
from orderdock.fields import ALL_FIELDS, FIELDS, In, read_at
from orderdock.orders.query.filters import FILTERS
from orderdock.wire.legacy_customers_show import CONTACT_KEYS, MORE_KEYS
from orderdock.wire.openapi import Base, Profile, document, handout, operation_schemas
from orderdock.wire.openapi.answers import FAILURE, FAILURES
from orderdock.wire.openapi.document import joined
from orderdock.wire.openapi.endpoints import ENDPOINTS
from orderdock.wire.openapi.page import page_of
from orderdock.wire.openapi.values import SCHEMAS
from tests.conform import validator, whole

Json = dict[str, Any]
BASE = Base("1.2.3")
MANDATORY = ("customer.phone", "customer.zip", "line.sku")
KEY = Profile("erp", frozenset({"order.push"}), (("order.push", MANDATORY),), None, True, False, 1000, 7)
SENT = "/add-update-order-from-other-source.html"
CUSTOMER = "customer.add-update"
CUSTOMER_PATH = "/ms/customer/customer/api/v1/add-update"
# Names of the places that this version serves, by the schema that has them.
PLACES = {
    In.LEGACY_CUSTOMER: "LegacyCustomer", In.LEGACY_ENQUIRY: "LegacyEnquiry",
    In.LEGACY_ORDER: "LegacyPush", In.LEGACY_LINE: "LegacyPushLine", In.LEGACY_PAYMENT: "LegacyPayment",
    In.V1_TOP: "AddUpdate", In.V1_CUSTOMER: "CustomerInfo", In.V1_CONTACT: "ContactInfo", In.V1_ENQUIRY: "EnquiryInfo",
    In.V1_ORDER: "OrderInfo", In.V1_LINE: "OrderLine", In.V1_PAYMENT: "PaymentDetail",
}  # fmt: skip


def alone(*operations: str, **more: Any) -> Json:
    return document(KEY._replace(operations=frozenset(operations), mandatory=(), **more), BASE)


def body_of(made: Json, path: str = SENT, method: str = "post") -> Draft202012Validator:
    schema = made["paths"][path][method]["requestBody"]["content"]["application/json"]["schema"]
    return validator(made, schema)


DOCUMENTS = {
    "whole": whole(),
    "key": document(KEY, BASE),
    **{name: alone(name) for name in OPERATIONS if any(name in one.operations for one in ENDPOINTS)},
    "allowed": alone("order.push", "order.add-update", allowed=frozenset({"order.remarks"})),
    "always 200": alone(*OPERATIONS, always_200=True, extra_keys=False),
}


@pytest.mark.parametrize("made", [pytest.param(made, id=name) for name, made in DOCUMENTS.items()])
def test_the_document_is_openapi_3_1(made: Json) -> None:
    assert not list(jsonschema_rs.validator_for(OPENAPI_31).iter_errors(made))
    for schema in made["components"]["schemas"].values():
        jsonschema_rs.meta.validate({**schema, "$schema": "https://json-schema.org/draft/2020-12/schema"})
    names = [one["operationId"] for methods in made["paths"].values() for one in methods.values()]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("made", [pytest.param(made, id=name) for name, made in DOCUMENTS.items()])
def test_every_example_validates(made: Json) -> None:
    found = 0
    for methods in made["paths"].values():
        for operation in methods.values():
            contents = [operation.get("requestBody", {}), *operation["responses"].values()]
            for content in (one["content"] for one in contents if "content" in one):
                for media in content.values():
                    if "example" in media:
                        found += 1
                        assert not [e.message for e in validator(made, media["schema"]).iter_errors(media["example"])]
    assert found


@pytest.mark.parametrize("place", PLACES)
def test_every_name_of_the_registry_is_there(place: In) -> None:
    properties = whole()["components"]["schemas"][PLACES[place]]["properties"]
    assert set(read_at(place)) <= set(properties)
    for word, rows in read_at(place).items():
        assert properties[word].get("description") or "$ref" in properties[word], word
        assert rows[0][0].name in FIELDS


def test_every_name_of_a_customer_alone_is_there() -> None:
    names = {In.V1_CUSTOMER: "CustomerRecord", In.V1_CONTACT: "CustomerContact", In.V1_ENQUIRY: "CustomerEnquiry"}
    for place, name in names.items():
        assert set(read_at(place)) | {"update"} <= set(whole()["components"]["schemas"][name]["properties"])


def test_every_filter_and_code_is_there() -> None:
    parameters = {one["name"] for one in whole()["paths"]["/api/v1/orders"]["get"]["parameters"]}
    assert {name for row in FILTERS for name in row.names} <= parameters
    assert whole()["components"]["schemas"]["Code"]["enum"] == sorted(CODES)


@pytest.mark.parametrize("operation", sorted(OPERATIONS))
def test_a_key_is_told_of_its_operations_alone(operation: str) -> None:
    made = alone(operation)
    others = {name for name in OPERATIONS if name != operation}
    told = " ".join(one["description"] for methods in made["paths"].values() for one in methods.values())
    assert not [name for name in others if f"`{name}`" in told]
    assert "/healthz" not in made["paths"]


def test_a_name_means_one_schema() -> None:
    text: Json = {"type": "string"}
    assert joined({"A": text}, {"A": dict(text), "B": {}}) == {"A": text, "B": {}}
    with pytest.raises(ValueError, match="named A"):
        joined({"A": text}, {"A": {}})


def test_contacts_are_told_apart() -> None:
    schemas = whole()["components"]["schemas"]
    assert schemas["CustomerDetails"]["properties"]["contacts"]["items"] == {"$ref": f"{SCHEMAS}ContactDetails"}
    shown = {key.word for key in (*CONTACT_KEYS, *MORE_KEYS)}
    assert set(schemas["ContactDetails"]["properties"]) == shown
    assert not shown <= set(schemas["CustomerContact"]["properties"])


def test_only_what_is_served_is_told() -> None:
    made = document(None, Base("1", served=frozenset({SENT, "/api/v1/orders/"})))
    assert list(made["paths"]) == [SENT, "/api/v1/orders/{id}"]
    assert "AddUpdate" not in made["components"]["schemas"]


# --- what is mandatory -----------------------------------------------------------------------------------------------


def missing(errors: Any) -> set[tuple[str, str]]:
    """(place, name) of everything that errors, and the errors of the alternatives in them, call required."""
    found = set()
    for error in errors:
        place = "/".join(map(str, error.instance_path))
        if (name := getattr(error.kind, "property", None)) is not None:
            found.add((place, str(name)))
        for branch in getattr(error.kind, "context", ()):
            found |= missing(branch)
    return found


GOOD = {"phone": "8123456789", "pincode": "411001", "product_details": [{"sku_id": "A-1"}, {"sku_id": "B-2"}]}


def test_mandatory_fields_are_required_in_any_of_their_names() -> None:
    push = document(KEY, BASE)["components"]["schemas"]["LegacyPush"]
    assert push["required"] == ["phone", "product_details"]
    checked = body_of(document(KEY, BASE))
    assert checked.is_valid(GOOD)
    assert checked.is_valid([{**GOOD, "pincode": None, "zip_code": 411001}])
    for wrong in (
        {**GOOD, "pincode": " "}, {**GOOD, "phone": ""}, {**GOOD, "product_details": []},
        {**GOOD, "product_details": [{"sku_id": "", "rate": ""}]}, {**GOOD, "product_details": ""},
        {name: value for name, value in GOOD.items() if name != "phone"},
    ):  # fmt: skip
        assert not checked.is_valid(wrong), wrong
        assert not checked.is_valid([GOOD, wrong])


def test_a_line_field_is_required_in_every_line_that_is_one() -> None:
    checked = body_of(document(KEY, BASE))
    lines: list[Json] = [
        {"product_name": "Lamp"},
        {"sku_id": "A-1"},
        {"rate": "", "sku_id": None},
        {"sku_id": " ", "rate": 1},
    ]
    told = missing(checked.iter_errors([{**GOOD, "product_details": lines}]))
    assert ("0/product_details/0", "sku_id") in told
    assert not checked.is_valid({**GOOD, "product_details": lines[:1]})
    assert not checked.is_valid({**GOOD, "product_details": lines[3]})
    assert checked.is_valid({**GOOD, "product_details": lines[1:3]})
    assert checked.is_valid({**GOOD, "product_details": lines[1]})


def test_every_index_with_a_fault_is_told() -> None:
    told = missing(body_of(document(KEY, BASE)).iter_errors([{"product_details": [{"rate": 1}, {"rate": 2}]}]))
    assert {("0", "phone"), ("0", "zip_code"), ("0", "pincode")} <= told
    assert {("0/product_details/0", "sku_id"), ("0/product_details/1", "sku_id")} <= told


def test_what_is_mandatory_of_an_add_update() -> None:
    wanted = ("customer.city", "order.remarks", "line.sku", "contact.email", "enquiry.action")
    profile = KEY._replace(operations=frozenset({"order.add-update"}), mandatory=(("order.add-update", wanted),))
    made = document(profile, BASE)
    path = "/ms/customer/order/api/v1/add-update"
    good: Json = made["paths"][path]["post"]["requestBody"]["content"]["application/json"]["example"]
    checked = body_of(made, path)
    assert checked.is_valid(good)
    assert checked.is_valid([good])
    for group in ("customer_info", "order_info", "product_details", "contact_info", "enquiry_info"):
        assert not checked.is_valid({name: value for name, value in good.items() if name != group}), group
    inside = {**good, "order_info": {**good["order_info"], "product_details": good["product_details"]}}
    del inside["product_details"]
    assert checked.is_valid(inside)


def test_what_is_mandatory_of_a_customer_alone() -> None:
    wanted = ("customer.city", "contact.email", "enquiry.action")
    made = document(KEY._replace(operations=frozenset({CUSTOMER}), mandatory=((CUSTOMER, wanted),)), BASE)
    good: Json = made["paths"][CUSTOMER_PATH]["post"]["requestBody"]["content"]["application/json"]["example"]
    checked = body_of(made, CUSTOMER_PATH)
    assert checked.is_valid(good)
    assert checked.is_valid([good])
    for group in ("customer_info", "contact_info", "enquiry_info"):
        assert not checked.is_valid({name: value for name, value in good.items() if name != group}), group
    assert "`customer_info.city`" in handout(
        KEY._replace(operations=frozenset({CUSTOMER}), mandatory=((CUSTOMER, wanted),)), BASE
    )


def test_a_customer_alone_is_named_by_something() -> None:
    checked = body_of(whole(), CUSTOMER_PATH)
    for one in ({"customer_id": 7}, {"phone": "1"}, {"email_id": "a@x.in"}, {"customer_code": "C"}):
        assert checked.is_valid({"customer_info": one}), one
    for wrong in ({}, {"customer_info": {"customer_name": "Asha"}}, {"customer_info": {"phone": ""}}):
        assert not checked.is_valid(wrong), wrong


def test_payments_and_updates_are_told_apart() -> None:
    checked = body_of(whole())
    assert checked.is_valid({"order_id": 5})
    assert not checked.is_valid({"order_id": "0", "customer_name": "Asha"})
    assert checked.is_valid({"payment_id": "9", "amount_paid": "5", "remarks": []})
    assert not body_of(alone("order.payment")).is_valid({"payment_id": "0", "amount_paid": "5"})
    assert not body_of(alone("order.payment")).is_valid({"kapture_order_id": "5", "amount_paid": "5"})


def test_what_is_not_allowed_is_not_told_and_not_forbidden() -> None:
    made = alone("order.push", allowed=frozenset({"order.remarks"}))
    properties = made["components"]["schemas"]["LegacyPush"]["properties"]
    assert {"remarks", "phone", "erp_order_id", "product_details"} <= set(properties)
    assert "order_type" not in properties
    assert "FieldIgnored" in made["components"]["schemas"]["LegacyPush"]["description"]
    assert body_of(made).is_valid({"phone": "8123456789", "order_type": []})


# --- what is made of it ----------------------------------------------------------------------------------------------


def test_json_schemas_stand_alone() -> None:
    made = operation_schemas(KEY._replace(operations=frozenset(OPERATIONS)))
    reads = {"order.pull", "order.get", "order.search", "customer.get", "customer.pull"}
    writes = {"order.push", "order.update", "order.payment", "order.add-update", "customer.push", "enquiry.push"}
    assert set(made) == {*writes, CUSTOMER, *reads}
    for schema in made.values():
        assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
        jsonschema_rs.meta.validate(schema)
        assert not Draft202012Validator(schema).is_valid(5)
    assert Draft202012Validator(made["order.push"]).is_valid(GOOD)
    assert not Draft202012Validator(made["order.push"]).is_valid({**GOOD, "phone": None})


def test_the_handout_names_what_is_mandatory() -> None:
    page = handout(KEY, Base("1", "https://lamps.example.com"))
    for word in (
        "`phone`",
        "`zip_code` or `pincode`",
        "`product_details[].sku_id`",
        "https://lamps.example.com/add-update-order",
    ):
        assert word in page
    assert "order.update" not in page
    assert page.count("```sh") == 2  # the push, and having it judged


@pytest.mark.parametrize("operation", TAKES)
def test_the_handout_speaks_of_lines_where_there_are_some(operation: str) -> None:
    asked = "payment.amount" if operation == "order.payment" else "customer.phone"
    page = handout(KEY._replace(operations=frozenset({operation}), mandatory=((operation, (asked,)),)), BASE)
    assert f"## Mandatory in `{operation}`" in page
    with_lines = {"order.push", "order.update", "order.add-update"}
    assert ("is needed in every line" in page) == (operation in with_lines)


def test_the_handout_tells_what_its_operations_can_meet() -> None:
    page = handout(KEY._replace(rate=1200), BASE)
    assert "It has 1,200 units a minute." in page
    assert "| `AuthKeyInvalid` | 401 | Please use correct Authkey | " in page
    assert [code for code in ("PaymentNotFound", "OrderNotFound", "ContactNotFound") if f"`{code}`" in page] == []
    paying = handout(KEY._replace(operations=frozenset({"order.payment"}), mandatory=()), BASE)
    assert "`PaymentNotFound`" in paying
    assert "units a minute" not in paying


def test_the_handout_says_what_its_addresses_say() -> None:
    reading = KEY._replace(operations=frozenset({"customer.get", "order.get"}), mandatory=())
    assert "| `AuthKeyInvalid` | 401 | Please use correct Authkey / Invalid Auth Key | " in handout(reading, BASE)
    reading = reading._replace(operations=frozenset({"customer.get"}))
    assert "| `AuthKeyInvalid` | 401 | Invalid Auth Key | " in handout(reading, BASE)
    assert "| `CustomerNotFound` | 200 | Information given by you does not exist in our sytsem. | " in handout(
        reading, BASE
    )


def test_the_page_shows_every_address_once() -> None:
    page = page_of(whole())
    shown = [(one["method"].lower(), one["path"]) for group in page["groups"].values() for one in group]
    assert sorted(shown) == sorted((method, path) for path, methods in whole()["paths"].items() for method in methods)
    answers = [answer for group in page["groups"].values() for one in group for answer in one["answers"]]
    told = {shape.name for answer in answers for shape in answer["shapes"]}
    assert {"OrderWritten", "CustomerWritten", "GotCustomer"} <= told
    assert told.isdisjoint({*FAILURES.values(), FAILURE})
    push = next(
        shape for one in page["groups"]["Legacy family"] for shape in one["shapes"] if shape.name == "LegacyPush"
    )
    assert {"phone", "sku_id"} <= {row.name for row in push.rows}
    assert {row.depth for row in push.rows} == {0, 1}
    assert len({row.name for row in ALL_FIELDS}) == len(ALL_FIELDS)
