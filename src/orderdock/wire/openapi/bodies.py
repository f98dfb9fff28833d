"""Schemas of request bodies, operation by operation (contract 2.1 - 2.9)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from orderdock.fields import FIELDS, Field, In, read_at
from orderdock.kinds import BOOLEAN, COUNT, ID, MOMENT, Json
from orderdock.orders.query import MAX_LIMIT
from orderdock.orders.query.filters import FILTERS, Filter, How
from orderdock.wire.legacy.places import LINES_WORD
from orderdock.wire.legacy_people import customers, enquiries
from orderdock.wire.openapi.profile import Profile
from orderdock.wire.openapi.records import IGNORED, Rules, given, line, lines, many, one, record, rules_of
from orderdock.wire.openapi.values import name_of, ref
from orderdock.wire.parts import BAGS, BOTH, CONTROLS, REFUND_OF, UPDATE
from orderdock.wire.v1_write.places import (
    ACCOUNT_WORDS,
    CLEAR,
    CONTACT,
    CUSTOMER,
    ENQUIRY,
    LINE,
    ORDER,
    PAYMENT,
    group_of,
)

PUSH, CHANGE, PAY, ADD_UPDATE = "order.push", "order.update", "order.payment", "order.add-update"
CUSTOMER_FORM = "customer.add-update"
WRITES: Final = (PUSH, CHANGE, PAY)
MOST: Final = 1_000
_L, _LL, _P = In.LEGACY_ORDER, In.LEGACY_LINE, In.LEGACY_PAYMENT


def _words(field: str, place: In) -> list[str]:
    return [name.word for name in FIELDS[field].ins[place]]


def words_at(place: In, *fields: str) -> list[str]:
    """The names of some fields at a place."""
    return [word for field in fields for word in _words(field, place)]


# What identifies a customer, or an order that is there already: one of them is needed to push.
_WHO: Final = words_at(_L, "customer.phone", "customer.email", "customer.id", "customer.code", "order.erp_order_id")
_WHICH: Final = words_at(_L, "order.id", "order.enquiry")
_ERP: Final = _words("order.erp_order_id", _L)


def _push(profile: Profile) -> tuple[str, list[Json]]:
    return "An order to create, or to update when its `erp_order_id` is known.", [given(_WHO)]


def _update(profile: Profile) -> tuple[str, list[Json]]:
    """A key that may not push updates by the caller's own number too."""
    which = given(_WHICH, "EmptyId")
    if PUSH not in profile.operations:
        which = {"anyOf": [*which["anyOf"], given(_ERP)]}
    return "A change of an order. Lines that are given replace all lines; what is empty is left as it is.", [which]


def legacy_order(profile: Profile, operation: str, name: str) -> dict[str, Json]:
    """The schemas of a push or an update, as `name`, and of its lines."""
    rules, line_name = rules_of(profile, operation), f"{name}Line"
    about, needed = (_push if operation == PUSH else _update)(profile)
    made = record(_L, rules, "order.additional", about, needed)
    wanted = bool(rules.of(_LL)) or any(row.name == "lines" for row in rules.mandatory)
    made["properties"][LINES_WORD] = lines(line_name, needed=wanted)
    if wanted:
        made["required"] = [*made.get("required", ()), LINES_WORD]
    return {name: made, **line(_LL, rules, line_name)}


def legacy_payment(profile: Profile) -> dict[str, Json]:
    """The schema of a payment or its correction."""
    order, customer = words_at(_P, "order.id", "order.erp_order_id"), _words("customer.id", _P)
    against = {"allOf": [given(order), given(customer, "EmptyId")]}
    needed = [{"anyOf": [given(_words("payment.id", _P), "EmptyId"), against]}, given(_words("payment.amount", _P))]
    made = record(_P, rules_of(profile, PAY), "payment.additional", "A payment against an order.", needed)
    made["description"] = f"A payment against an order, or its correction by `payment_id`. {IGNORED}"
    for word, schema in made["properties"].items():
        if "$ref" in schema and word not in ACCOUNT_WORDS:
            kept = {key: value for key, value in schema.items() if key != "$ref"}
            made["properties"][word] = {**kept, "anyOf": [{"$ref": schema["$ref"]}, ref("Nothing")]}
    nothing = {"description": "An empty list or object, which is passed over.", "type": ["array", "object"]}
    return {"LegacyPayment": made, "Nothing": {**nothing, "maxItems": 0, "maxProperties": 0}}


SHAPES: Final[dict[str, tuple[str, Callable[[Profile], dict[str, Json]]]]] = {
    PUSH: ("LegacyPush", lambda profile: legacy_order(profile, PUSH, "LegacyPush")),
    CHANGE: ("LegacyUpdate", lambda profile: legacy_order(profile, CHANGE, "LegacyUpdate")),
    PAY: ("LegacyPayment", legacy_payment),
}


def legacy_item(profile: Profile) -> dict[str, Json]:
    """`LegacyItem`: what the key may send of push, update and payment; which it is, its members say (contract 2.1)."""
    found: dict[str, Json] = {}
    names = []
    for operation in WRITES:
        if operation in profile.operations:
            name, make = SHAPES[operation]
            names.append(name)
            found.update(make(profile))
    about = "What the members of an item are decides whether it is a push, an update or a payment."
    item: Json = {"description": about, "anyOf": [ref(name) for name in names]}
    return {"LegacyItem": ref(names[0]) if len(names) == 1 else item, **found}


def batch(item: Json, most: int) -> Json:
    """One bare object, or an array of up to `most`."""
    return {"anyOf": [item, {"type": "array", "minItems": 1, "maxItems": most, "items": item}]}


def _date(help: str) -> Json:
    return {**ref("Date"), "description": help, "examples": ["2024-05-08"]}


def _value(name: str, help: str, *examples: object) -> Json:
    return {**ref(name), "description": help, **({"examples": list(examples)} if examples else {})}


_EXTRAS: Final = {
    "includeHistory": _value("Boolean", "Adds the history of each order.", True),
    "includeDetails": _value("Boolean", "Adds totals, lines and payments of each order.", True),
}
ACCOUNTS: Final = {word: ref("Account") for word in ACCOUNT_WORDS}


def legacy_pull(profile: Profile) -> Json:
    """The one item of a pull by dates (contract 2.6)."""
    wanted = {"end_date": "end_date", "enquiry.id": "enquiry_id", "order.enquiry": "enquiry_id"}
    asked = sorted({wanted[name] for name in profile.wanted("order.pull") if name in wanted})
    return {
        "type": "object",
        "description": "A range of dates, both days included.",
        "allOf": [given([word]) for word in ("start_date", *asked)],
        "required": ["start_date", *asked],
        "properties": {
            "start_date": _date("First day."),
            "end_date": _date("Last day; empty: the first."),
            "enquiry_id": _value("Ids", "Only orders of these enquiries.", "11756843"),
            "sortOnModificationDate": _value("Boolean", "Range and order by modification date.", False),
            "numberOfRecords": _value("Count", f"Size of a page; empty: 100; at most {MAX_LIMIT}.", "100"),
            "startPosition": _value("Count", "Orders to skip.", "0"),
            **_EXTRAS,
            "cursor": ref("Cursor"),
            **ACCOUNTS,
        },
    }


def legacy_get() -> Json:
    """One item of a get (contract 2.7)."""
    order = ["order_id", "kapture_order_id"]
    return {
        "type": "object",
        "description": "The order that is asked for, by its number or by the caller's own.",
        "anyOf": [*given(order, "EmptyId")["anyOf"], given(["erp_order_id"])],
        "properties": {
            "order_id": _value("Id", FIELDS["order.id"].help, FIELDS["order.id"].example),
            "kapture_order_id": {"description": "Another name of `order_id`, which wins when both are given."},
            "erp_order_id": {
                "description": f"{FIELDS['order.erp_order_id'].help} Used when no number is given.",
                "examples": [FIELDS["order.erp_order_id"].example],
            },
            **_EXTRAS,
            **ACCOUNTS,
        },
    }


_FILTER_SCHEMAS: Final = {How.IDS: "Ids", How.SPAN: name_of(MOMENT)}
_LISTS: Final = {How.WORDS, How.SAME_LIST, How.PEOPLE, How.NOT_PEOPLE, How.ANY_PEOPLE, How.NAMED, How.ANY_NAMED}


def filter_schema(row: Filter, word: str) -> Json:
    """What a filter takes under one of its names."""
    name = _FILTER_SCHEMAS.get(row.how, "Words" if row.how in _LISTS else "Text20000")
    about = f"{row.field.help} ({row.how.value})"
    example = row.field.example
    if row.how is How.SPAN:
        about = f"{row.field.help} {'First' if word == row.names[0] else 'Last'} date, included."
        example = "2024-05-08"
    return _value(name, about, example if isinstance(example, str) else str(example))


def search_words(*, filters: bool = True) -> dict[str, Json]:
    """Every name that a search takes (contract 2.9), with its schema; the account first."""
    found = {word: filter_schema(row, word) for row in FILTERS for word in row.names} if filters else {}
    return {
        "cmId": ref("Account"),
        "cm_id": ref("Account"),
        **found,
        "viewId": _value(name_of(ID), "Number of a saved view, whose filters are added."),
        "sortParam": ref("Sort"),
        "limit": _value(name_of(COUNT), f"Size of a page; empty: 100; at most {MAX_LIMIT}.", 100),
        "offset": _value(name_of(COUNT), "Orders to skip.", 0),
        "cursor": ref("Cursor"),
        "fields": _value("Words", "Only these members of an order, and its id.", "erpOrderId,name"),
        **{
            word: _value(name_of(BOOLEAN), f"Adds {what}.", True)
            for word, what in {
                "includeLines": "`lines`", "includePayments": "`payments`", "includeHistory": "`history`",
                "includeTotal": "`total`, how many orders fit",
            }.items()
        },
    }  # fmt: skip


def search_body(*, needs_account: bool) -> Json:
    """The body of the documented pull: the account, and at least one filter."""
    body: Json = {
        "type": "object",
        "description": "Filters, joined by AND; at least one is needed beside the account.",
        "properties": search_words(),
    }
    if needs_account:
        body = {**body, "allOf": [given(["cmId", "cm_id"], "EmptyId")], "minProperties": 2}
    return body


# --- v1 add-update ---------------------------------------------------------------------------------------------------

_ALWAYS: Final = ("customer.name", "payment.amount")
Named = dict[In, tuple[str, str]]
_ABOUT: Final[Named] = {
    CUSTOMER: ("CustomerInfo", "The customer."),
    CONTACT: ("ContactInfo", "A contact of the customer."),
    ENQUIRY: ("EnquiryInfo", "The enquiry that the order belongs to."),
    ORDER: ("OrderInfo", "The order."),
    PAYMENT: ("PaymentDetail", "A payment, its correction, or a refund."),
}
_CONTROL_HELP: Final = {
    UPDATE: "Change what is matched; false: match only, or create.",
    BOTH: "Match by phone and e-mail together.",
    REFUND_OF: "The payment that is refunded.",
}


def _controls(place: In) -> dict[str, Json]:
    found = {}
    for word in sorted(CONTROLS[place]):
        found[word] = _value(name_of(ID) if word == REFUND_OF else name_of(BOOLEAN), _CONTROL_HELP[word])
    return found


def groups_of(about: Named, rules: Rules) -> dict[str, Json]:
    """The schemas of groups, under the names that `about` gives them."""
    return {name: _group(place, rules, said) for place, (name, said) in about.items()}


def _group(place: In, rules: Rules, about: str) -> Json:
    made = record(place, rules, BAGS.get(place, "payment.additional"), about)
    made["properties"].update(_controls(place))
    if place is PAYMENT:
        made["description"] = f"{about} {IGNORED}"
    if place is ORDER and LINES_WORD in read_at(ORDER):
        inner = "Lines may also stand here; those beside the groups win when both are given."
        made["properties"][LINES_WORD] = {"description": inner, "type": ["array", "object", "string", "null"]}
    return made


def _with_name(customer: Json) -> Json:
    """The group of a customer that must give its name."""
    properties = {**customer["properties"]}
    properties["customer_name"] = {**properties["customer_name"], "not": ref("Empty")}
    required = list(dict.fromkeys(["customer_name", *customer.get("required", ())]))
    return {**customer, "properties": properties, "required": required}


def wanted_groups(rules: Rules) -> list[In]:
    """The groups that must be there since they hold something mandatory; payments are asked for only where they are."""
    needed = [CUSTOMER]
    for row in rules.mandatory:
        needed += [place for place in (ORDER, ENQUIRY, CONTACT) if place in row.ins and row.name != "lines"]
    return list(dict.fromkeys(needed))


def v1_form(profile: Profile) -> dict[str, Json]:
    """`AddUpdate`, the body of an add-update (contract 2.8), and its groups."""
    rules = rules_of(profile, ADD_UPDATE, _ALWAYS)
    found = groups_of(_ABOUT, rules)
    found[_ABOUT[CUSTOMER][0]] = _with_name(found[_ABOUT[CUSTOMER][0]])
    found.update(line(LINE, rules, "OrderLine"))
    needed = wanted_groups(rules)
    wants_lines = bool(rules.of(LINE)) or any(row.name == "lines" for row in rules.mandatory)
    groups = {group_of(place): one(_ABOUT[place][0], needed=place in needed) for place in (CUSTOMER, ENQUIRY, ORDER)}
    contacts, payments = _ABOUT[CONTACT][0], _ABOUT[PAYMENT][0]
    found["AddUpdate"] = {
        "type": "object",
        "description": "One order with its customer, contacts, enquiry, lines and payments. A group that nobody knows"
        " is kept under the order's associate fields.",
        "required": [group_of(place) for place in needed],
        "properties": {
            **groups,
            group_of(CONTACT): many(contacts, most=MOST, needed=CONTACT in needed),
            # A list inside the group of the order counts as well, so that this one alone is not asked for.
            LINES_WORD: lines("OrderLine", needed=False),
            group_of(PAYMENT): many(payments, most=MOST),
            CLEAR: clear("order_info.remarks"),
            **ACCOUNTS,
        },
        "allOf": [_some_order()],
    }
    if wants_lines:
        found["AddUpdate"]["allOf"].append(_lines_somewhere())
    return found


def clear(example: str) -> Json:
    """The list of paths to unset, such as `example`."""
    about = f"Paths of fields to unset, such as `{example}`."
    entries = {"type": "array", "maxItems": MOST, "items": {"type": ["string", "number", "boolean", "null"]}}
    return {"description": about, "anyOf": [entries, {"type": ["string", "number", "boolean", "null"]}]}


def _some_order() -> Json:
    return {"anyOf": [{"required": [word]} for word in (group_of(ORDER), LINES_WORD, group_of(PAYMENT))]}


def _lines_somewhere() -> Json:
    """At least one line, beside the groups or inside the order's."""
    here = {"required": [LINES_WORD], "properties": {LINES_WORD: lines("OrderLine", needed=True)}}
    inner = {"type": "object", "required": [LINES_WORD]}
    inside = {"anyOf": [inner, {"type": "array", "items": inner}]}
    blank = {"anyOf": [ref("Empty"), {"type": "array", "maxItems": 0}]}
    moved = {"required": [group_of(ORDER)], "properties": {group_of(ORDER): inside, LINES_WORD: blank}}
    return {"anyOf": [here, moved]}


def mandatory_names(profile: Profile, operation: str) -> list[tuple[Field, list[str]]]:
    """(field, its names with their group, the documented one first) of everything that an operation must give."""
    found = []
    for row in rules_of(profile, operation).mandatory:
        place = next((one for one in _PLACES.get(operation, ()) if one in row.ins), None)
        if place is not None:
            found.append((row, [_PREFIX.get(place, "") + name.word for name in row.ins[place]]))
    return found


_PLACES: Final = {
    PUSH: (_L, _LL), CHANGE: (_L, _LL), PAY: (_P,), customers.PUSH: (customers.PLACE,),
    enquiries.PUSH: (enquiries.PLACE,),
    ADD_UPDATE: (CUSTOMER, ORDER, In.V1_TOP, LINE, PAYMENT, CONTACT, ENQUIRY),
    CUSTOMER_FORM: (CUSTOMER, CONTACT, ENQUIRY),
}  # fmt: skip
_PREFIX: Final = {
    _LL: "product_details[].", LINE: "product_details[].", CUSTOMER: "customer_info.", ORDER: "order_info.",
    ENQUIRY: "enquiry_info.", CONTACT: "contact_info[].", PAYMENT: "payment_details[].",
}  # fmt: skip
