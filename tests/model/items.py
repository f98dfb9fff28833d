"""Requests over a small alphabet, so that phones, codes and order numbers meet all the time."""

from __future__ import annotations

from typing import Any, NamedTuple

from hypothesis import strategies as st

from tests.model.state import Key

KEYS = (Key(), Key(enquiry_duplicates="reject"), Key(total_mismatch="reject", customer_update="overwrite"),
        Key("percent", "accept", "never"))  # fmt: skip


class Ref(NamedTuple):
    """The number of a record that was made before this group: the n-th of its kind, 15: one that nobody has."""

    table: str
    back: int


class Request(NamedTuple):
    """Items, the key that sends them, and whether it is all or nothing."""

    key: int
    strict: bool
    items: list[dict[str, Any]]

    def __repr__(self) -> str:
        """What is empty does not matter to a reader."""
        given = [{name: value for name, value in item.items() if value not in ("", None)} for item in self.items]
        return f"Request({self.key}, {self.strict}, {given})"


class People(NamedTuple):
    """Customers by themselves, the key that sends them, and whether it is all or nothing."""

    key: int
    strict: bool
    items: list[dict[str, Any]]


class Leads(NamedTuple):
    """Enquiries by themselves, the key that sends them, and whether it is all or nothing."""

    key: int
    strict: bool
    items: list[dict[str, Any]]


class Form(NamedTuple):
    """An add-update, the key that sends it, and whether it is of a customer alone."""

    key: int
    body: dict[str, Any]
    is_customer: bool = False

    def __repr__(self) -> str:
        return f"Form({self.key}, {self.body}, {self.is_customer})"


def refs(table: str) -> st.SearchStrategy[Ref]:
    return st.integers(0, 15).map(lambda back: Ref(table, back))


def maybe(strategy: st.SearchStrategy[Any], out_of: int = 2) -> st.SearchStrategy[Any]:
    """A value once in a few times, else empty in one of the ways that callers write empty."""
    return st.integers(1, out_of).flatmap(lambda turn: strategy if turn == out_of else st.sampled_from(["", None]))


phones = st.sampled_from(
    ["8123456789", "+91 81234-56789", "08123456789", "9000000001", "9000000001", "9000000002", "0000000000", "12345"]
)
emails = st.sampled_from(["a@x.in", "A@X.in", "b@x.in", "no mail"])
codes = st.sampled_from(["C1", "C2", "C3"])
erps = st.sampled_from(["S1", "S2", 1001, "1001"])
words = st.sampled_from(["one", "two"])
bad = st.sampled_from(["1,000", "1e3", "-5"])

lines = st.lists(
    st.fixed_dictionaries(
        {
            "sku_id": st.sampled_from(["", "A-1"]),
            "rate": st.sampled_from(["", "10", 10, "99.5", "-3", "0.3333"]),
            "quantity": st.sampled_from(["", "1", "2.5", "0"]),
            "discount": st.sampled_from(["", "", "1", "10"]),
        },
        optional={"colour": words},
    )
    | st.sampled_from(
        [{"sku_id": "", "rate": ""}, {"sku_id": "A-1"}, {"rate": "1"}, {"quantity": "3"}, {"rate": "1,0"}]
    ),
    min_size=1,
    max_size=2,
)
assignees: st.SearchStrategy[dict[str, Any]] = st.one_of(
    st.just({}),
    st.just({}),
    st.fixed_dictionaries({}, optional={
        "assign_emp_code": st.sampled_from(["E1", "E9", "e1", "E4"]),
        "assign_email_id": st.sampled_from(["Meera@Example.com", "ravi@example.com", "gone@example.com"]),
        "assign_emp_name": st.sampled_from(["Ravi", "meera", "nobody"]),
    }),
    st.fixed_dictionaries({"round_robin_key": st.sampled_from(["north", "north", "empty", "left", "unknown"])}),
    st.just({"round_robin_key": "north", "assign_emp_code": "E2"}),
)  # fmt: skip
names = st.sampled_from(["Colour", "Size"])
additional = st.one_of(
    st.just({}),
    st.just({}),
    st.dictionaries(names, maybe(words), max_size=1),
    st.fixed_dictionaries({"additional_fields": st.dictionaries(names, maybe(words | st.just([1])), max_size=2)}),
)


# Whom an order is for: mostly somebody, in one way or in several.
contacts = st.one_of(
    st.fixed_dictionaries({"phone": phones}),
    st.fixed_dictionaries({"email_id": emails}),
    st.fixed_dictionaries({"phone": phones, "email_id": emails, "customer_code": maybe(codes)}),
    st.fixed_dictionaries({"phone": maybe(phones), "customer_id": refs("customers")}),
    st.fixed_dictionaries({"customer_code": codes, "phone": maybe(phones)}),
    st.just({}),
)


@st.composite
def orders(draw: st.DrawFn) -> dict[str, Any]:
    """A push or an update."""
    item: dict[str, Any] = {
        "customer_name": draw(maybe(words)),
        **draw(contacts),
        "order_id": draw(maybe(refs("orders"), 4)),
        "enquiry_id": draw(maybe(refs("enquiries"), 6)),
        "erp_order_id": draw(maybe(erps)),
        "address": draw(maybe(words, 4)),
        "remarks": draw(maybe(words, 3)),
        "order_status": draw(maybe(words, 4)),
        "grand_total": draw(maybe(maybe(bad, 9) | st.sampled_from(["10", "25", "0"]), 3)),
        "total_paid": draw(maybe(st.sampled_from(["5", "10", "0"]), 3)),
        "payment_mode": draw(maybe(words, 4)),
        "product_details": draw(maybe(lines)),
        **draw(assignees),
    }
    return {**item, **draw(additional)}


payees = st.one_of(
    st.fixed_dictionaries({"kapture_order_id": refs("orders"), "kapture_customer_id": st.just(Ref("customer of", 0))}),
    st.fixed_dictionaries({"erp_order_id": erps, "kapture_customer_id": refs("customers")}),
    st.fixed_dictionaries({"kapture_order_id": maybe(refs("orders")), "erp_order_id": maybe(erps),
                           "kapture_customer_id": maybe(refs("customers"))}),
)  # fmt: skip


@st.composite
def payments(draw: st.DrawFn) -> dict[str, Any]:
    """A payment, or its correction."""
    return {
        **draw(payees),
        "payment_id": draw(maybe(refs("payments"), 3)),
        "amount_paid": draw(st.sampled_from(["5", "10"]) | st.sampled_from(["5", "10", 7, "5.0", "0", "-5", "", "x"])),
        "payment_mode": draw(maybe(words, 3)),
        "cheque_number": draw(maybe(st.sampled_from(["Q1", "Q2"]), 3)),
        "payment_reference": draw(maybe(st.sampled_from(["R1", "R2"]), 3)),
        "remarks": draw(maybe(words, 4)),
        "order_status": draw(maybe(words, 6)),
    }


flags = st.sampled_from([True, False, None])
contact_info = st.fixed_dictionaries({}, optional={
    "contact_person_name": words, "title": words, "contact_person_phone": phones,
    "contact_person_email": emails, "update": flags, "matchEmailPhone": flags,
})  # fmt: skip
contact_info = st.one_of(
    contact_info, contact_info, contact_info,
    st.builds(lambda one, ref: {**one, "contact_id": ref}, contact_info, refs("contacts")),
)  # fmt: skip
payment_info = st.fixed_dictionaries(
    {"amount_paid": st.sampled_from(["5", "10"] * 5 + ["0", ""])},
    optional={"payment_mode": words, "cheque_number": st.sampled_from(["Q1", "Q2"]),
              "payment_reference": st.sampled_from(["R1", "R2"]), "kind": st.sampled_from(["refund", "payment"])},
)  # fmt: skip
named_payment = st.one_of(
    payment_info, payment_info, payment_info, payment_info,
    st.builds(lambda one, ref: {**one, "payment_id": ref}, payment_info, refs("payments")),
    st.builds(lambda one, ref: {**one, "kind": "refund", "refund_of": ref}, payment_info, refs("payments")),
)  # fmt: skip


known_orders = st.integers(0, 9).map(lambda back: Ref("orders", back))


@st.composite
def forms(draw: st.DrawFn) -> Form:
    """An add-update of any groups."""
    info: dict[str, Any] = {
        "customer_name": draw(maybe(words, 9)) or "one", "update": draw(flags), "address": draw(maybe(words, 4)),
        **draw(st.one_of(
            st.fixed_dictionaries({"phone": phones}), st.fixed_dictionaries({"email_id": emails}), st.just({}),
            st.fixed_dictionaries({"phone": maybe(phones), "email_id": maybe(emails), "customer_code": maybe(codes)}),
            st.fixed_dictionaries({"phone": maybe(phones), "customer_id": refs("customers")}),
        )),
    }  # fmt: skip
    order = {
        "update": draw(flags), "order_id": draw(maybe(known_orders, 3)), "erp_order_id": draw(maybe(erps)),
        "remarks": draw(maybe(words, 3)), "delivery_status": draw(maybe(words, 4)),
        "grand_total": draw(maybe(st.sampled_from(["10", "25"]), 4)),
        "total_paid": draw(maybe(st.sampled_from(["5", "10"]), 4)), "payment_mode": draw(maybe(words, 4)),
    }  # fmt: skip
    if not order["order_id"] and not order["erp_order_id"] and draw(st.integers(0, 5)):
        order["update"] = False
    body: dict[str, Any] = {
        "customer_info": info, "order_info": order,
        "contact_info": draw(st.lists(contact_info, max_size=2)),
        "enquiry_info": draw(st.fixed_dictionaries({}, optional={
            "action": words, "update": flags})),
        "product_details": draw(maybe(lines, 3)) or [],
        "payment_details": draw(st.lists(named_payment, max_size=2)) if draw(st.booleans()) else [],
        "clear": draw(st.lists(st.sampled_from(
            ["order_info.remarks", "product_details", "customer_info.phone", "order_info.erp_order_id"]),
            max_size=1)) if draw(st.integers(0, 4)) == 0 else [],
    }  # fmt: skip
    if draw(st.integers(0, 5)) == 0:
        body["enquiry_info"]["enquiry_id"] = draw(refs("enquiries"))
    return Form(draw(st.integers(0, len(KEYS) - 1)), body)


persons = st.builds(
    lambda who, more: {**who, **more},
    st.one_of(
        st.fixed_dictionaries({"name": words, "phone": phones, "customer_code": maybe(codes)}),
        st.fixed_dictionaries({"name": words, "email": emails, "phone": maybe(phones)}),
        st.fixed_dictionaries({"customer_code": codes, "phone": maybe(phones)}),
        st.fixed_dictionaries({"customer_id": refs("customers"), "phone": maybe(phones), "customer_code": codes}),
        st.fixed_dictionaries({"customer_id": st.just(Ref("customers", 15)), "name": words, "phone": phones}),
    ),
    st.fixed_dictionaries({"address": maybe(words, 3)}),
)
people = st.builds(
    People, st.integers(0, len(KEYS) - 1), st.sampled_from([False] * 5 + [True]),
    st.lists(persons, min_size=1, max_size=3),
)  # fmt: skip


@st.composite
def customer_forms(draw: st.DrawFn) -> Form:
    """An add-update of a customer alone."""
    info = {
        "customer_name": draw(maybe(words, 1)) if draw(st.integers(0, 5)) else "", "update": draw(flags),
        "address": draw(maybe(words, 3)), "phone": draw(maybe(phones, 1)) if draw(st.integers(0, 3)) else None,
        "email_id": draw(maybe(emails)), "customer_code": draw(maybe(codes, 3)),
        "customer_id": draw(maybe(refs("customers"), 3)),
    }  # fmt: skip
    enquiry: dict[str, Any] = draw(st.fixed_dictionaries({}, optional={"action": words, "update": flags}))
    if draw(st.integers(0, 5)) == 0:
        enquiry["enquiry_id"] = draw(refs("enquiries"))
    body: dict[str, Any] = {"customer_info": info, "enquiry_info": enquiry}
    body["contact_info"] = draw(st.lists(contact_info, max_size=2))
    if draw(st.integers(0, 5)) == 0:
        body["clear"] = [draw(st.sampled_from(["customer_info.phone", "customer_info.phone", "order_info.remarks"]))]
    return Form(draw(st.integers(0, len(KEYS) - 1)), body, is_customer=True)


lead = st.builds(
    lambda who, how, more: {**who, **how, **more}, contacts, assignees,
    st.fixed_dictionaries({
        "enquiry_id": maybe(refs("enquiries"), 3), "customer_name": maybe(words, 3),
        "status": maybe(st.sampled_from(["CL", "CL", "hot"]), 3), "action": maybe(words, 3),
    }),
)  # fmt: skip
leads = st.builds(
    Leads, st.integers(0, len(KEYS) - 1), st.sampled_from([False] * 5 + [True]),
    st.lists(lead, min_size=1, max_size=3),
)  # fmt: skip
items = st.one_of(orders(), orders(), payments())
requests = st.builds(
    Request,
    st.integers(0, len(KEYS) - 1),
    st.sampled_from([False] * 5 + [True]),
    st.lists(items, min_size=1, max_size=5),
)
first = st.fixed_dictionaries(
    {"phone": phones},
    optional={
        "erp_order_id": erps, "customer_code": codes, "customer_name": words, "grand_total": st.just("25"),
        "product_details": st.just([{"rate": "10"}]), "total_paid": st.just("10"),
    },
)  # fmt: skip
beginnings = st.lists(
    st.builds(Request, st.just(0), st.just(False), st.lists(first, min_size=1, max_size=2)), min_size=1, max_size=3
)
DELETE = Request(0, False, [])  # an administrator deletes the oldest order


def _turn(turn: int) -> st.SearchStrategy[Any]:
    """What comes next: add-updates need the most turns, since they have the most rules."""
    if turn > 17:
        return leads if turn > 21 else people if turn > 19 else customer_forms()
    return requests if turn > 8 else forms() if turn else st.just(DELETE)


groups = st.lists(st.integers(0, 23).flatmap(_turn), min_size=1, max_size=4)
histories = st.builds(lambda one, more: [one, *more], beginnings, st.lists(groups, min_size=1, max_size=5))
