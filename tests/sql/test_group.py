"""One group of requests: what has to be loaded so that later requests see what earlier ones made of stored records."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from orderdock import group
from orderdock.accounts.model import Scope
from orderdock.db import Database
from orderdock.orders.model import OrderDelete, Verdict
from tests.model.account import Stored, open_account, quick_connection, scope_of, stored, work_of, write


class Shop:
    """An account on one engine; every call of `run` is one group."""

    def __init__(self, url: str) -> None:
        self.database = Database(url)
        self.connection = quick_connection(self.database)
        self.cm_id = open_account(self.connection)
        self.key = scope_of(self.cm_id)

    def run(self, *requests: Any, key: Scope | None = None, strict: bool = False) -> list[list[Verdict]]:
        """Requests (each a list of items) as one group; their verdicts."""
        works = [
            work_of(key or self.key, items, strict=strict, request_id=f"r{at}") for at, items in enumerate(requests)
        ]
        return write(self.connection, self.cm_id, works)

    def one(self, item: dict[str, Any], key: Scope | None = None) -> Verdict:
        return self.run([item], key=key)[0][0]

    def delete(self, *numbers: int) -> group.Work:
        return group.Work(self.key, "delete", [OrderDelete(number, [], []) for number in numbers], False, list)

    @property
    def kept(self) -> Stored:
        return stored(self.database, self.cm_id)


@pytest.fixture
def shop(engine_url: str) -> Iterator[Shop]:
    shop = Shop(engine_url)
    yield shop
    shop.connection.close()
    shop.database.close()


def outcomes(answers: list[list[Verdict]]) -> list[tuple[str, list[str]]]:
    return [(one.outcome, [fault.code for fault in one.faults + one.warnings]) for answer in answers for one in answer]


LAMP = {"sku_id": "A-1", "rate": "10"}


def test_a_number_given_in_the_group_leads_to_the_lines_of_a_stored_order(shop: Shop) -> None:
    order = shop.one({"phone": "8123456789", "product_details": [LAMP, {"sku_id": "A-2", "rate": "1"}]})
    answers = shop.run(
        [{"order_id": order.order_id, "erp_order_id": "S1"}],
        [{"erp_order_id": "S1", "phone": "8123456789", "customer_name": "Asha", "product_details": [LAMP]}],
    )
    assert outcomes(answers) == [("updated", []), ("updated", [])]
    kept = shop.kept
    assert [line["sku"] for line in kept.lines[order.order_id]] == ["A-1"]
    assert kept.orders[order.order_id]["grand_total"] == 100_000


def test_a_number_given_in_the_group_leads_to_the_blanks_of_the_orders_customer(shop: Shop) -> None:
    order = shop.one({"phone": "8123456789"})
    shop.run([{"order_id": order.order_id, "erp_order_id": "S1"}], [{"erp_order_id": "S1", "address": "4 Hill Road"}])
    assert shop.kept.customers[order.customer_id]["address"] == "4 Hill Road"


def test_a_number_given_in_the_group_leads_to_the_payments_of_a_stored_order(shop: Shop) -> None:
    order = shop.one({"phone": "8123456789"})
    payment = {"erp_order_id": "S1", "kapture_customer_id": order.customer_id, "amount_paid": "5"}
    first = shop.one({**payment, "erp_order_id": "", "kapture_order_id": order.order_id, "payment_reference": "R1"})
    shop.one({**payment, "erp_order_id": "", "kapture_order_id": order.order_id, "cheque_number": "Q1"})
    answers = shop.run(
        [
            {"order_id": order.order_id, "erp_order_id": "S1"},
            {**payment, "payment_reference": "R1"},
            {**payment, "cheque_number": "Q1"},
        ]
    )
    assert outcomes(answers) == [("updated", []), ("unchanged", []), ("created", ["PossibleDuplicate"])]
    assert answers[0][1].payment_id == first.payment_id


def test_numbers_of_the_callers_change_places_in_one_group(shop: Shop) -> None:
    one, two = (shop.one({"phone": "8123456789", "erp_order_id": erp}).order_id for erp in ("S1", "S2"))
    answers = shop.run(
        [
            {"order_id": one, "erp_order_id": "S3"},
            {"order_id": two, "erp_order_id": "S1"},
            {"order_id": one, "erp_order_id": "S2"},
        ]
    )
    assert outcomes(answers) == [("updated", [])] * 3
    assert [shop.kept.orders[number]["erp_order_id"] for number in (one, two)] == ["S2", "S1"]


def test_a_phone_that_means_nobody_leaves_no_form_to_be_found_by(shop: Shop) -> None:
    order = shop.one({"phone": "8123456789", "erp_order_id": "S1"})
    shop.run([{"order_id": order.order_id, "phone": "0000000000"}])
    kept = shop.kept.orders[order.order_id]
    assert (kept["contact_phone"], kept.get("contact_phone_key")) == ("0000000000", None)


def test_an_order_deleted_in_the_group_is_found_no_more(shop: Shop) -> None:
    push = {"phone": "8123456789", "erp_order_id": "S1"}
    order = shop.one(push)
    paid = shop.one({"kapture_order_id": order.order_id, "kapture_customer_id": order.customer_id, "amount_paid": "5"})
    after = [
        {"order_id": order.order_id, "remarks": "late"},
        {"kapture_order_id": order.order_id, "kapture_customer_id": order.customer_id, "amount_paid": "5"},
        {"payment_id": paid.payment_id, "amount_paid": "6"},
        push,
    ]
    answers = write(shop.connection, shop.cm_id, [shop.delete(order.order_id), work_of(shop.key, after)])
    assert outcomes(answers) == [
        ("updated", []), ("failed", ["OrderNotFound"]), ("failed", ["OrderNotFound"]), ("failed", ["PaymentNotFound"]),
        ("created", []),
    ]  # fmt: skip
    again = write(shop.connection, shop.cm_id, [shop.delete(order.order_id, order.order_id)])
    assert outcomes(again) == [("failed", ["OrderNotFound"]), ("failed", ["OrderNotFound"])]


def test_an_enquiry_does_not_count_an_order_deleted_in_the_group(shop: Shop) -> None:
    order = shop.one({"phone": "8123456789"})
    item = {"enquiry_id": order.enquiry_id, "remarks": "again"}
    answers = write(shop.connection, shop.cm_id, [shop.delete(order.order_id), work_of(shop.key, [item])])
    assert outcomes(answers) == [("updated", []), ("created", [])]


def test_everybody_who_shares_a_phone_is_known_when_named(shop: Shop) -> None:
    """A phone of a whole shop: 30 customers with codes of their own have it."""
    family = [shop.one({"phone": "8123456789", "customer_code": f"C{n}", "erp_order_id": f"S{n}"}) for n in range(30)]
    assert len({one.customer_id for one in family}) == 30
    last = family[-1]
    update = shop.one({"order_id": last.order_id, "phone": "8123456789", "address": "4 Hill Road"})
    assert outcomes([[update]]) == [("updated", [])]
    push = shop.one({"customer_code": "C29", "phone": "8123456789"})
    assert (push.customer_id, outcomes([[push]])) == (last.customer_id, [("created", [])])


def test_a_customers_old_phone_is_free_once_it_was_overwritten(shop: Shop) -> None:
    key = scope_of(shop.cm_id, customer_update="overwrite")
    order = shop.one({"phone": "9000000001", "customer_code": "C1"})
    shop.one({"order_id": order.order_id, "phone": "8123456789", "customer_code": "C2"}, key)
    kept = shop.kept
    assert {(kind, value) for kind, value, _ in kept.identities} == {("phone", "+918123456789"), ("code", "C2")}
    assert kept.contacts[kept.customers[order.customer_id]["main_contact_id"]]["phone"] == "8123456789"
    other = shop.one({"phone": "9000000001", "customer_code": "C1"})
    assert other.customer_id != order.customer_id


def test_a_mismatch_leaves_the_customer_of_a_named_enquiry_as_it_is(shop: Shop) -> None:
    """As on an update: what was sent belongs to somebody else, so it fills no blanks here."""
    asha = shop.one({"phone": "9000000001", "erp_order_id": "S1"})
    ravi = shop.one({"phone": "9000000002"})
    order = shop.one({"enquiry_id": asha.enquiry_id, "erp_order_id": "S2", "phone": "9000000002", "address": "his"})
    assert (order.outcome, order.customer_id) == ("created", asha.customer_id)
    assert outcomes([[order]]) == [("created", ["CustomerMismatch"])]
    assert "address" not in shop.kept.customers[asha.customer_id]
    assert "address" not in shop.kept.customers[ravi.customer_id]


def test_two_accounts_with_the_same_numbers_never_meet(shop: Shop) -> None:
    item = {"phone": "8123456789", "customer_code": "C1", "erp_order_id": "S1"}
    mine = shop.one(item)
    other = open_account(shop.connection)
    theirs = write(shop.connection, other, [work_of(scope_of(other), [item])])[0][0]
    assert theirs.outcome == "created"
    assert {mine.order_id, mine.customer_id, mine.enquiry_id}.isdisjoint(
        {theirs.order_id, theirs.customer_id, theirs.enquiry_id}
    )
    foreign: list[dict[str, Any]] = [
        {"order_id": mine.order_id, "remarks": "x"},
        {"enquiry_id": mine.enquiry_id, "remarks": "x"},
        {"customer_id": mine.customer_id},
        {"kapture_order_id": mine.order_id, "kapture_customer_id": mine.customer_id, "amount_paid": "5"},
    ]
    missing = [{**item, **dict.fromkeys(set(item) - {"amount_paid", "remarks"}, 999_999)} for item in foreign]
    before = shop.kept
    works = [work_of(scope_of(other), foreign), work_of(scope_of(other), missing)]
    answers = write(shop.connection, other, works)
    assert outcomes(answers[:1]) == outcomes(answers[1:])
    assert [one.outcome for one in answers[0]] == ["failed"] * 4
    assert shop.kept == before
