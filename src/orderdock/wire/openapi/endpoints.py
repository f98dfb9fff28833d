"""Every address once: what it is for, what it takes, what it answers, and the codes that can occur there."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from orderdock.kinds import Json
from orderdock.wire.body import Spelling
from orderdock.wire.legacy import REQUEST_TEXT as ORDER_TEXT
from orderdock.wire.legacy_customers_show import GET_TEXT, INVALID_KEY
from orderdock.wire.legacy_people import customers
from orderdock.wire.legacy_people.enquiries import PUSH as PUSH_ENQUIRY
from orderdock.wire.legacy_people.enquiries import REQUEST_TEXT as ENQUIRY_TEXT
from orderdock.wire.openapi import answers, bodies, customer_reads, enquiries, examples, people, v1_customer
from orderdock.wire.openapi.profile import Profile
from orderdock.wire.openapi.values import ref

Schemas = dict[str, Json]
LEGACY, V1, SERVICE = "Legacy family", "v1 family", "Service"

# What can befall every request with a credential, and what every body.
CREDENTIAL: Final = (
    "AuthKeyInvalid APIExpired AccountMismatch IpNotAllowed RateLimited HeadersTooLarge UrlTooLong"
    " RequestTimeout ServerFailure Overloaded InvalidParameter"
)
BODY: Final = "MalformedBody EmptyRequest PayloadTooLarge UnsupportedEncoding"
VALUES: Final = (
    "ReqFieldMissing InvalidType InvalidDate InvalidNumber InvalidAmount InvalidBoolean InvalidId TooLong TooManyLines"
)
WRITES: Final = "InvalidHeader IdempotencyConflict"
_FOUND: Final = "OrderNotFound CustomerNotFound EnquiryNotFound PaymentNotFound"
_MISFIT: Final = (
    "CustomerMismatch EnquiryMismatch PaymentMismatch ErpOrderIdTaken AmountNotPositive TotalMismatch EmployeeUnknown"
    " MoreErrors"
)
_LEGACY_ITEM: Final = (
    f"{CREDENTIAL} OperationNotAllowed {BODY} TooManyItems {WRITES} ItemNotObject {VALUES} {_FOUND} {_MISFIT}"
    " AmbiguousOrder BatchRejected"
)
_CUSTOMER: Final = (
    f"{CREDENTIAL} OperationNotAllowed {BODY} TooManyItems {WRITES} ItemNotObject ReqFieldMissing InvalidType"
    " InvalidDate InvalidNumber InvalidBoolean InvalidId TooLong EmployeeUnknown CustomerCodeTaken BatchRejected"
    " MoreErrors"
)
_READ_CUSTOMERS: Final = (
    f"{CREDENTIAL} OperationNotAllowed {BODY} TooManyItems ItemNotObject ReqFieldMissing InvalidId InvalidType TooLong"
    " MoreErrors"
)
_ENQUIRY: Final = (
    f"{CREDENTIAL} OperationNotAllowed {BODY} TooManyItems {WRITES} ItemNotObject ReqFieldMissing InvalidType"
    " InvalidDate InvalidId TooLong TooManyLines EmployeeUnknown CustomerNotFound EnquiryNotFound EnquiryMismatch"
    " LeadExists BatchRejected MoreErrors"
)
_V1_FORM: Final = (
    f"{CREDENTIAL} OperationNotAllowed {BODY} {WRITES} {VALUES} {_FOUND} ContactNotFound {_MISFIT} ContactMismatch"
    " CustomerCodeTaken RefundExceedsPaid RevisionMismatch NotClearable ClearConflict"
)
_V1_CUSTOMER: Final = (
    f"{CREDENTIAL} OperationNotAllowed {BODY} {WRITES} {VALUES} CustomerNotFound ContactNotFound EnquiryNotFound"
    " EnquiryMismatch ContactMismatch CustomerCodeTaken EmployeeUnknown NotClearable ClearConflict MoreErrors"
)
_SEARCH: Final = (
    f"{CREDENTIAL} OperationNotAllowed InvalidType InvalidDate InvalidNumber InvalidBoolean InvalidId InvalidRange"
    " InvalidCursor InvalidSort TooLong"
)


@dataclass(frozen=True)
class Endpoint:
    """One method of one address.

    `served` is the route's own path. `operations`: one of them is enough; empty: any credential, or none when `open`.
    `schemas` makes what `body` and `answer` name. `query` names parameters, `takes` and `gives` control headers.
    `spelling` and `text` are as its route has them: how the names of failures are written, `Message`s by code.
    """

    method: str
    path: str
    name: str
    tag: str
    summary: str
    about: str
    answer: Callable[[Profile], Json]
    codes: str
    served: str = ""
    operations: tuple[str, ...] = ()
    open: bool = False
    schemas: Callable[[Profile], Schemas] = lambda profile: {}
    body: Callable[[Profile], Json] | None = None
    body_needed: bool = True
    query: dict[str, Json] = field(default_factory=dict)
    takes: tuple[str, ...] = ()
    gives: tuple[str, ...] = ()
    example: Callable[[Profile], Any] | None = None
    shown: Callable[[Profile], Any] | None = None
    not_modified: bool = False
    spelling: Spelling = "capitals"
    text: Mapping[str, str] = field(default_factory=dict)
    media: str = "application/json"

    @property
    def is_legacy(self) -> bool:
        """Whether failures have the shape of the legacy family."""
        return self.path.endswith(".html")

    @property
    def route(self) -> str:
        """The path under which it is routed."""
        return self.served or self.path

    def is_for(self, profile: Profile) -> bool:
        """Whether a key may use it."""
        return not self.operations or not profile.operations.isdisjoint(self.operations)


def _ref(name: str) -> Callable[[Profile], Json]:
    return lambda profile: ref(name)


def _legacy_batch(profile: Profile) -> Json:
    return bodies.batch(ref("LegacyItem"), profile.batch_max_items)


def _form(profile: Profile) -> Json:
    return {"anyOf": [ref("AddUpdate"), {"type": "array", "minItems": 1, "maxItems": 1, "items": ref("AddUpdate")}]}


def _validated(profile: Profile) -> list[str]:
    """The families in which a key may have a body judged."""
    legacy = not profile.operations.isdisjoint(bodies.WRITES)
    return [*(["legacy"] if legacy else []), *(["v1"] if bodies.ADD_UPDATE in profile.operations else [])]


def _validate_body(profile: Profile) -> Json:
    made = {"legacy": _legacy_batch, "v1": _form}
    return {"anyOf": [one for family in _validated(profile) for one in made[family](profile)["anyOf"]]}


def _validate_schemas(profile: Profile) -> Schemas:
    families = _validated(profile)
    legacy = bodies.legacy_item(profile) if "legacy" in families else {}
    return {**legacy, **(bodies.v1_form(profile) if "v1" in families else {})}


def _validate_answer(profile: Profile) -> Json:
    made: list[Json] = answers.legacy_written(profile)["anyOf"] if "legacy" in _validated(profile) else []
    return {"anyOf": [*made, ref("AddUpdated"), ref("AddUpdatedBriefly"), ref(answers.FAILURES["capitals"])]}


_ACCOUNTS: Final = {"cmId": ref("Account"), "cm_id": ref("Account")}
_NO_CONTROL: Final = ("X-Request-Id",)
_WRITE_CONTROLS: Final = ("Idempotency-Key", "Prefer", "X-Request-Id")
_DRY: Final = {"dry_run": {**ref("Boolean"), "description": "Judge everything and write nothing.", "examples": [True]}}
_WRITTEN: Final = ("Idempotency-Replayed", "Preference-Applied", "Orderdock-Dry-Run")
_HISTORY: Final = {"includeHistory": {**ref("Boolean"), "description": "Adds `history`.", "examples": [True]}}

ADD_UPDATE_ORDER: Final = Endpoint(
    "post", "/add-update-order-from-other-source.html", "legacyAddUpdate", LEGACY, "Push, update, payment",
    "One item, bare or in an array, or many. What an item carries decides what it is: `kapture_order_id`, `payment_id`"
    " or `amount_paid` make it a payment, `order_id` or `enquiry_id` an update, anything else is pushed. What is wrong"
    " with an item is told with HTTP 200; several items are answered in place.",
    answers.legacy_written, _LEGACY_ITEM, operations=bodies.WRITES, schemas=bodies.legacy_item,
    body=_legacy_batch, query=_DRY, takes=_WRITE_CONTROLS, gives=_WRITTEN, example=examples.legacy_items,
    shown=examples.legacy_written, text=ORDER_TEXT,
)  # fmt: skip

ENDPOINTS: Final[tuple[Endpoint, ...]] = (
    ADD_UPDATE_ORDER,
    Endpoint(
        "post", "/select-order-between-start-and-end-dates.html", "legacyPull", LEGACY, "Pull orders by date",
        "Orders of a range of dates, ascending, a page at a time. Nothing in range is told with HTTP 200.",
        lambda profile: {"anyOf": [ref("LegacyPage"), ref(answers.FAILURES["capitals"])]},
        f"{CREDENTIAL} OperationNotAllowed {BODY} TooManyItems ItemNotObject ReqFieldMissing InvalidDate InvalidNumber"
        " InvalidBoolean InvalidId InvalidType InvalidRange InvalidCursor NoOrders MoreErrors",
        operations=("order.pull",), schemas=lambda profile: {"LegacyPull": bodies.legacy_pull(profile)},
        body=lambda profile: bodies.batch(ref("LegacyPull"), 1), takes=_NO_CONTROL, example=examples.legacy_pull,
        shown=examples.legacy_page,
    ),
    Endpoint(
        "post", "/search-order-by-order-id.html", "legacyGet", LEGACY, "Get orders by number",
        "One order, or several in place. What is not there is told with HTTP 200.",
        lambda profile: answers.legacy_got(),
        f"{CREDENTIAL} OperationNotAllowed {BODY} TooManyItems ItemNotObject ReqFieldMissing OrderNotFound"
        " InvalidBoolean InvalidId InvalidType TooLong MoreErrors",
        operations=("order.get",), schemas=lambda profile: {"LegacyGet": bodies.legacy_get()},
        body=lambda profile: bodies.batch(ref("LegacyGet"), profile.batch_max_items), takes=_NO_CONTROL,
        example=examples.legacy_get, shown=examples.legacy_got,
    ),
    Endpoint(
        "post", "/add-update-customer-from-other-source.html", "legacyCustomer", LEGACY, "Push customers",
        "One customer, bare or in an array, or many: created, or changed when a number, a code, a phone or an e-mail"
        " says that it is there. What is wrong with an item is told with HTTP 200; several are answered in place.",
        people.customers_written, _CUSTOMER, operations=(customers.PUSH,), schemas=people.customer_push,
        body=people.customer_batch, query=_DRY, takes=_WRITE_CONTROLS, gives=_WRITTEN, example=people.customer_item,
        shown=people.customer_written, spelling=customers.SPELLING, text=customers.REQUEST_TEXT,
    ),
    Endpoint(
        "post", "/search-customer-by-customer-id.html", "legacyGetCustomer", LEGACY, "Get a customer",
        "One customer by number, code, phone or e-mail. One that is not there is told with HTTP 200, as a text.",
        customer_reads.got, f"{_READ_CUSTOMERS} CustomerNotFound", operations=(customer_reads.GET,),
        schemas=customer_reads.customer_schemas, body=customer_reads.get_body, takes=_NO_CONTROL,
        example=customer_reads.get_example, shown=customer_reads.got_example, spelling="lower", text=GET_TEXT,
    ),
    Endpoint(
        "post", "/select-customer-between-start-and-end-dates.html", "legacyPullCustomers", LEGACY,
        "Pull customers by date",
        "Customers made in a range of dates, ascending, a page at a time. None in range is an empty page.",
        customer_reads.pulled,
        f"{_READ_CUSTOMERS} InvalidDate InvalidNumber InvalidBoolean InvalidRange InvalidCursor",
        operations=(customer_reads.PULL,), schemas=customer_reads.customer_schemas, body=customer_reads.pull_body,
        takes=_NO_CONTROL, example=customer_reads.pull_example, shown=customer_reads.pulled_example, spelling="lower",
        text=INVALID_KEY,
    ),
    Endpoint(
        "post", "/add-update-enquiry-from-other-source.html", "legacyEnquiry", LEGACY, "Push enquiries",
        "One enquiry, bare or in an array, or many: created, together with its customer if nobody is known by what is"
        " given, or changed when `enquiry_id` names it. A repeat, while an enquiry of the customer is open, is taken"
        " and told as one, or refused, as the account says. What is wrong with an item is told with HTTP 200.",
        enquiries.enquiries_written, _ENQUIRY, operations=(PUSH_ENQUIRY,), schemas=enquiries.enquiry_schemas,
        body=enquiries.enquiry_batch, query=_DRY, takes=_WRITE_CONTROLS, gives=_WRITTEN,
        example=enquiries.enquiry_item, shown=enquiries.enquiry_written, text=ENQUIRY_TEXT,
    ),
    Endpoint(
        "post", "/ms/customer/order/api/v1/add-update", "addUpdate", V1, "Add or update an order",
        "One order with its customer, contacts, enquiry, lines and payments, written wholly or not at all.",
        lambda profile: {"anyOf": [ref("AddUpdated"), ref("AddUpdatedBriefly")]}, _V1_FORM,
        operations=(bodies.ADD_UPDATE,), schemas=bodies.v1_form, body=_form, query=_DRY,
        takes=(*_WRITE_CONTROLS, "If-Match"), gives=_WRITTEN, example=examples.v1_form, shown=examples.v1_written,
    ),
    Endpoint(
        "post", "/ms/customer/customer/api/v1/add-update", "addUpdateCustomer", V1, "Add or update a customer",
        "One customer with its contacts and an enquiry, written wholly or not at all. To add one its name and a phone"
        " or an e-mail are needed; a `customer_id` changes that customer, whatever `update` says.",
        v1_customer.answer, _V1_CUSTOMER, operations=(bodies.CUSTOMER_FORM,), schemas=v1_customer.schemas,
        body=v1_customer.body, query=_DRY, takes=_WRITE_CONTROLS, gives=_WRITTEN, example=v1_customer.example,
        shown=v1_customer.shown,
    ),
    Endpoint(
        "post", "/ms/customer-search/order-search/api/v1/pull-internal", "pullInternal", V1, "Search orders",
        "The account must be named, and at least one filter given.", _ref("PulledOrders"),
        f"{_SEARCH} {BODY} FilterRequired", operations=("order.search",),
        schemas=lambda profile: {"Search": bodies.search_body(needs_account=True)}, takes=_NO_CONTROL,
        body=lambda profile: bodies.batch(ref("Search"), 1), example=examples.search, shown=examples.pulled,
    ),
    Endpoint(
        "get", "/ms/customer-search/order-search/api/v1/pull-internal", "pullInternalByQuery", V1,
        "Search orders, by query parameters",
        "The same by GET: parameters, or a body as by POST; where both give a field the body counts.",
        _ref("PulledOrders"), f"{_SEARCH} {BODY} FilterRequired", operations=("order.search",),
        schemas=lambda profile: {"SearchByQuery": bodies.search_body(needs_account=False)},
        body=lambda profile: bodies.batch(ref("SearchByQuery"), 1), body_needed=False,
        query=bodies.search_words(), takes=_NO_CONTROL, shown=examples.pulled,
    ),
    Endpoint(
        "get", "/api/v1/orders", "searchOrders", V1, "Search orders, plainly",
        "Every filter of `pull-internal`; neither the account nor a filter is needed.", _ref("FoundOrders"), _SEARCH,
        operations=("order.search",), query=bodies.search_words(), takes=_NO_CONTROL, shown=examples.found,
    ),
    Endpoint(
        "get", "/api/v1/orders/{id}", "getOrder", V1, "One order",
        "By its number, or by the caller's own: `erp:` and the `erp_order_id`, percent-encoded.", _ref("OneOrder"),
        f"{CREDENTIAL} OperationNotAllowed OrderNotFound NotFound InvalidBoolean InvalidId InvalidType",
        served="/api/v1/orders/", operations=("order.get", "order.search"), query={**_HISTORY, **_ACCOUNTS},
        takes=("If-None-Match", "X-Request-Id"), gives=("ETag",), not_modified=True, shown=examples.one_order,
    ),
    Endpoint(
        "post", "/api/v1/orders:validate", "validate", V1, "Judge orders without writing them",
        "The dry run under its own name: a body of the legacy family, or of an add-update (an object with one of its"
        " groups), is judged as the real call would be, and nothing is written.",
        _validate_answer, f"{_LEGACY_ITEM} {_V1_FORM}", operations=(*bodies.WRITES, bodies.ADD_UPDATE),
        schemas=_validate_schemas, body=_validate_body, takes=("Prefer", "If-Match", "X-Request-Id"),
        gives=("Preference-Applied", "Orderdock-Dry-Run"), example=examples.validated,
    ),
    Endpoint(
        "get", "/api/v1/events", "events", V1, "The change feed",
        "Every change of the account, numbered without a gap. Ask again with `after` = `next`.", _ref("Events"),
        f"{CREDENTIAL} OperationNotAllowed InvalidNumber InvalidId EventsGone", operations=("events.read",),
        query={
            "after": {**ref("Count"), "description": "The last number that is known already.", "examples": [0]},
            "limit": {**ref("Count"), "description": "Most events; empty: 100; at most 1,000.", "examples": [100]},
            "wait": {
                **ref("Count"), "description": "Seconds to wait for something newer, up to 30.", "examples": [0],
            },
            "types": {"type": "string", "description": "Types of events, separated by commas.",
                      "examples": ["order.created,order.updated"]},
            "include": {"type": "string", "description": "`record`: the record as it is now.", "examples": ["record"]},
            **_ACCOUNTS,
        },
        takes=_NO_CONTROL, shown=examples.events,
    ),
    Endpoint(
        "get", "/api/v1/keys/current", "currentKey", V1, "This credential",
        "What the credential may do and must give.", _ref("Key"), f"{CREDENTIAL} InvalidId", query=_ACCOUNTS,
        takes=_NO_CONTROL,
    ),
    Endpoint(
        "get", "/api/v1/keys/current/openapi.json", "currentKeyDocument", V1, "This document, for this credential",
        "OpenAPI 3.1 of what the credential may do, its mandatory fields required.", lambda profile: {"type": "object"},
        CREDENTIAL, takes=("If-None-Match", "X-Request-Id"), gives=("ETag",), not_modified=True,
    ),
    Endpoint(
        "get", "/api/v1/requests", "requests", V1, "The request log", "What was asked and answered, newest first.",
        _ref("LoggedRequests"),
        f"{CREDENTIAL} OperationNotAllowed InvalidNumber InvalidDate InvalidId InvalidCursor InvalidRange InvalidType"
        " TooLong",
        operations=("requests.read",), takes=_NO_CONTROL,
        query={
            "orderId": {**ref("Id"), "description": "Requests about this order."},
            "erpOrderId": {**ref("Text200"), "description": "Requests about the order of this number."},
            "phone": {**ref("Phone"), "description": "Requests that named this phone."},
            "email": {**ref("Email"), "description": "Requests that named this e-mail."},
            "key": {**ref("Text500"), "description": "Requests by the key of this name."},
            "operation": {**ref("Text500"), "description": "Requests for this operation."},
            "status": {**ref("Count"), "description": "Requests answered with this HTTP status."},
            "error": {**ref("Text200"), "description": "Requests in which this code occurred."},
            "from": {**ref("Date"), "description": "First moment."},
            "to": {**ref("Date"), "description": "Last moment."},
            "limit": {**ref("Count"), "description": "Size of a page; empty: 100; at most 1,000."},
            "cursor": ref("Cursor"),
            **_ACCOUNTS,
        },
    ),
    Endpoint(
        "get", "/api/v1/requests/{id}", "request", V1, "One request",
        "A logged request with what was sent and answered, without credentials.", _ref("OneLoggedRequest"),
        f"{CREDENTIAL} OperationNotAllowed NotFound InvalidId", query=_ACCOUNTS, served="/api/v1/requests/",
        operations=("requests.read",),
        takes=_NO_CONTROL,
    ),
    Endpoint(
        "get", "/healthz", "alive", SERVICE, "Is the process there?", "200 while the process runs.", _ref("Alive"), "",
        open=True,
    ),
    Endpoint(
        "get", "/readyz", "ready", SERVICE, "Can it answer?",
        "200 when the database answers, else 503 with what is wrong.", _ref("Ready"), "", open=True,
    ),
    Endpoint(
        "get", "/openapi.json", "document", SERVICE, "This document",
        "OpenAPI 3.1; with a credential that of its operations alone.", lambda profile: {"type": "object"},
        CREDENTIAL, open=True, takes=("If-None-Match",), gives=("ETag",), not_modified=True,
    ),
    Endpoint(
        "get", "/docs", "page", SERVICE, "This document as a page", "Works without internet access.",
        lambda profile: {"type": "string"}, "", open=True, media="text/html", takes=("If-None-Match",), gives=("ETag",),
        not_modified=True,
    ),
)  # fmt: skip
