"""Histories that are played each time, since chance would rarely make them."""

from collections.abc import Sequence
from typing import Any

from tests.model.items import Form, Ref, Request


def _story(*groups: list[dict[str, Any]]) -> list[list[Request | Form]]:
    return [[Request(0, False, items)] for items in groups]


def _forms(*bodies: dict[str, Any]) -> list[list[Request | Form]]:
    """Add-updates of one order, each in a group of its own, then the last two in one."""
    whole = [
        {"customer_info": {"customer_name": "one", "phone": "8123456789"}, "order_info": {"erp_order_id": "S1"}, **body}
        for body in bodies
    ]
    return [[Form(0, body)] for body in whole[:-2]] + [[Form(0, body) for body in whole[-2:]]]


_PHONE_A = {"contact_person_phone": "9000000001"}
_ASHA, _RAVI = {"phone": "8123456789", "erp_order_id": "S1"}, {"phone": "9000000001", "erp_order_id": "S2"}
_FIRST, _NOBODY, _PAYER = Ref("orders", 0), Ref("customers", 15), Ref("customer of", 0)
# Cases of the contract's lists that chance seldom meets: what they show -> groups of items.
STORIES: dict[str, Sequence[Sequence[Request | Form]]] = {
    "P5 another phone": _story([_ASHA, _RAVI], [{**_ASHA, "phone": "9000000001"}], [{**_ASHA, "phone": "9000000002"}]),
    "P9 an unknown customer": _story(
        [_ASHA], [{"customer_id": _NOBODY, "phone": "8123456789"}, {"customer_id": _NOBODY}],
    ),
    "P10 two customers": _story([_ASHA, _RAVI], [{"customer_id": Ref("customers", 0), "phone": "9000000001"}]),
    "P11 a placeholder": _story([{"phone": "0000000000"}, {"phone": "0000000000"}]),
    "P20 paid meanwhile": _story(
        [{**_ASHA, "total_paid": "500"}],
        [{"kapture_order_id": _FIRST, "kapture_customer_id": _PAYER, "amount_paid": "300"}],
        [{**_ASHA, "total_paid": "500"}, {**_ASHA, "total_paid": "1000", "payment_mode": "cash"}],
    ),
    "a family on one phone": _story(
        [{"phone": "8123456789", "customer_code": "C1"}, {"phone": "8123456789", "customer_code": "C2"}],
        [{"phone": "8123456789"}, {"phone": "8123456789", "customer_code": "C3", "email_id": "a@x.in"}],
        [{"email_id": "a@x.in", "customer_code": "C1"}, {"phone": "8123456789", "email_id": "a@x.in"}],
    ),
    "an enquiry of several orders": _story(
        [_ASHA],
        [{"enquiry_id": Ref("enquiries", 0), "erp_order_id": "S2", "assign_emp_code": "E1"}],
        [{"enquiry_id": Ref("enquiries", 0), "remarks": "which?"},
         {"enquiry_id": Ref("enquiries", 0), "erp_order_id": "S1"}],
        [{**_RAVI, "enquiry_id": Ref("enquiries", 15)}, {"phone": "9000000001", "erp_order_id": "S9"}],
        [{"enquiry_id": Ref("enquiries", 1), "erp_order_id": "S1"},
         {"order_id": _FIRST, "enquiry_id": Ref("enquiries", 1)}],
    ),
    "assignees are shared with the enquiry": _story(
        [{**_ASHA, "assign_emp_code": "E2"}, {**_RAVI, "round_robin_key": "north"}],
        [{"enquiry_id": Ref("enquiries", 0), "erp_order_id": "S3"}],
        [{**_RAVI, "round_robin_key": "north"}, {**_RAVI, "assign_emp_name": "meera"},
         {**_RAVI, "assign_emp_name": "RAVI"}],
    ),
    "payments named in every way": _story(
        [{**_ASHA, "grand_total": "10"}, _RAVI],
        [{"kapture_order_id": _FIRST, "kapture_customer_id": _PAYER, "amount_paid": "5", "payment_reference": "R1"},
         {"kapture_order_id": _FIRST, "kapture_customer_id": _PAYER, "amount_paid": "5", "payment_reference": "R1"},
         {"kapture_order_id": _FIRST, "kapture_customer_id": _PAYER, "amount_paid": "6", "payment_reference": "R1"},
         {"kapture_order_id": _FIRST, "kapture_customer_id": _PAYER, "amount_paid": "6", "cheque_number": "Q1"},
         {"kapture_order_id": _FIRST, "kapture_customer_id": _PAYER, "amount_paid": "6", "cheque_number": "Q1"}],
        [{"payment_id": Ref("payments", 0), "amount_paid": "7", "payment_reference": "R2"},
         {"payment_id": Ref("payments", 1), "amount_paid": "6", "payment_reference": "R2"},
         {"payment_id": Ref("payments", 0), "amount_paid": "7", "kapture_order_id": Ref("orders", 1)},
         {"payment_id": Ref("payments", 0), "amount_paid": "7"}],
        [{"kapture_order_id": _FIRST, "kapture_customer_id": _PAYER, "amount_paid": "7", "payment_reference": "R1"},
         {"kapture_order_id": _FIRST, "kapture_customer_id": _PAYER, "amount_paid": "7", "payment_reference": "R2"},
         {"kapture_order_id": _FIRST, "erp_order_id": "S2", "kapture_customer_id": _PAYER, "amount_paid": "1"}],
    ),
    "contacts that share a phone": _forms(
        {"contact_info": [_PHONE_A, {**_PHONE_A, "contact_person_email": "b@x.in", "matchEmailPhone": True}]},
        {"contact_info": [{"contact_id": Ref("contacts", 0), "contact_person_phone": "9000000002", "update": True}]},
        {"customer_info": {"customer_name": "two", "phone": "9000000001"}, "order_info": {}},
        {"contact_info": [{"contact_person_email": "b@x.in", "contact_person_phone": "12345", "update": True}]},
        {"customer_info": {"customer_name": "two", "phone": "9000000001"}, "order_info": {}},
    ),
    "refunds, corrections and a repeated add": _forms(
        {"payment_details": [{"amount_paid": "10"}, {"amount_paid": "10"}, {"amount_paid": "5", "kind": "refund"}]},
        {"payment_details": [{"amount_paid": "10"}, {"amount_paid": "10"}, {"amount_paid": "5", "kind": "refund"}]},
        {"payment_details": [{"amount_paid": "5", "refund_of": Ref("payments", 0), "payment_reference": "R1"}]},
        {"payment_details": [{"amount_paid": "5", "refund_of": Ref("payments", 0), "payment_reference": "R1"}]},
        {"payment_details": [{"amount_paid": "7", "payment_id": Ref("payments", 0)}]},
        {"payment_details": [{"amount_paid": "4", "payment_id": Ref("payments", 0)}]},
        {"payment_details": [{"amount_paid": "10"}, {"amount_paid": "7"}, {"amount_paid": "99", "kind": "refund"}]},
    ),
    "a customer changed, its main contact in tow": _forms(
        {"customer_info": {"customer_name": "two", "phone": "9000000001", "update": True}},
        {"contact_info": [{"contact_person_phone": "9000000001", "contact_person_name": "own", "update": True}]},
        {"customer_info": {"customer_name": "one", "phone": "9000000002", "update": True}},
        {"customer_info": {"customer_name": "one", "phone": "9000000001"}, "order_info": {}},
        {"clear": ["customer_info.phone", "order_info.remarks"],
         "customer_info": {"customer_name": "one", "update": True},
         "order_info": {"order_id": Ref("orders", 0), "update": True}},
        {"customer_info": {"customer_name": "one", "phone": "9000000002"}, "order_info": {}},
    ),
    "a total is given while the lines go": _forms(
        {"product_details": [{"rate": "10"}]},
        {"clear": ["product_details"], "order_info": {"erp_order_id": "S1", "update": True, "grand_total": "25"}},
        {"product_details": [{"rate": "10"}], "order_info": {"erp_order_id": "S1", "update": True}},
    ),
    "totals follow the lines until one is given": _story(
        [{**_ASHA, "product_details": [{"rate": "10"}, {"rate": "3", "quantity": "2.5", "discount": "1"}]}],
        [{**_ASHA, "product_details": [{"rate": "10"}]}, {**_ASHA, "grand_total": "10"}],
        [{**_ASHA, "product_details": [{"rate": "20"}]}, {**_ASHA, "product_details": [{"rate": ""}], "remarks": "x"}],
    ),
}  # fmt: skip
