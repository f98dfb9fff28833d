"""Any sequence of pushes, updates and payments equals a plain dictionary model, on both engines.

Requests are put together in groups at random. After every group the verdicts are compared, at the end everything
that is stored; and the event log is played from its beginning and must rebuild every order and customer.
"""

from __future__ import annotations

import os
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from orderdock.accounts.model import Scope
from orderdock.db import Connection, Database
from orderdock.group import Work
from orderdock.kinds import from_json
from orderdock.orders.model import OrderDelete, Verdict
from tests.model.account import (
    EMPLOYEES,
    GROUPS,
    Stored,
    customer_work,
    enquiry_work,
    form_work,
    open_account,
    people_work,
    quick_connection,
    scope_of,
    stored,
    work_of,
    write,
)
from tests.model.customer_forms import CustomerForms
from tests.model.items import KEYS, Form, Leads, People, Ref, Request, histories
from tests.model.people import email_key, phone_key
from tests.model.replay import replayed
from tests.model.state import Judged, Record, codes
from tests.model.stories import STORIES

UNKNOWN = 999_999
Sent = Request | People | Leads | Form
RAN: Counter[str] = Counter()
# What the histories must come to; otherwise they have become too tame.
WANTED = {
    "ReqFieldMissing", "InvalidAmount", "OrderNotFound", "EnquiryMismatch", "CustomerMismatch", "FieldIgnored",
    "PaymentMismatch", "EmployeeUnknown", "AmountNotPositive", "GroupUnknown", "EmailNotUsable", "DiscountExceedsLine",
    "CustomerNotFound", "TotalMismatch", "TotalPaidBelowLedger", "Overpaid", "PaymentNotFound", "BatchRejected",
    "ContactPlaceholder", "PhoneNotNormalised", "EnquiryNotFound", "CustomerAmbiguous", "UpdateFlagFalse",
    "NothingToUpdate", "CustomerWithoutContact", "ClearConflict", "NotClearable", "ContactMismatch",
    "RefundExceedsPaid", "form created", "form updated", "form unchanged",
    "customer created", "customer updated", "customer unchanged", "CustomerCodeTaken", "CustomerIdUnknown",
    "enquiry created", "enquiry updated", "enquiry unchanged", "enquiry repeated", "LeadExists",
}  # fmt: skip


class Pair:
    """The real account and its model, side by side."""

    def __init__(self, database: Database, connection: Connection) -> None:
        self.database, self.connection = database, connection
        self.cm_id = open_account(connection)
        self.scopes: list[Scope] = [self.scope(**asdict(key)) for key in KEYS]
        self.shop = CustomerForms(EMPLOYEES, GROUPS)

    def scope(self, enquiry_duplicates: str, **settings: str) -> Scope:
        """A key; what is the account's setting is another one for each key here."""
        return scope_of(self.cm_id, account={"enquiry_duplicates": enquiry_duplicates}, **settings)

    def _number(self, ref: Ref, item: Record) -> int:
        """What a reference stands for: a record whose number is known by now, else a number that nobody has."""
        if ref.table == "customer of":
            numbers = {self.shop.real[mark]: order for mark, order in self.shop.state["orders"].items()}
            order = numbers.get(item["kapture_order_id"])
            return self.shop.real[order["customer"]] if order else 0
        known = [self.shop.real[mark] for mark in self.shop.state[ref.table] if mark in self.shop.real]
        return UNKNOWN if ref.back == 15 else known[ref.back % len(known)] if known else 0

    def resolve(self, item: Record) -> Record:
        found = {name: self._inside(value) for name, value in item.items() if not isinstance(value, Ref)}
        refs = {name: value for name, value in item.items() if isinstance(value, Ref)}
        for name in sorted(refs, key=lambda name: refs[name].table == "customer of"):
            found[name] = self._number(refs[name], found)
        return found

    def _inside(self, value: Any) -> Any:
        if isinstance(value, list):
            return [self._inside(one) for one in value]
        return self.resolve(value) if isinstance(value, dict) else value

    def group(self, requests: Sequence[Sent]) -> None:
        """Put requests in one group, and compare every verdict."""
        oldest = next((mark for mark in self.shop.living()), "")
        sent = [
            self.resolve(one.body) if isinstance(one, Form) else [self.resolve(item) for item in one.items]
            for one in requests
        ]
        works = [
            self.work(one, items, f"r{at}", oldest) for at, (one, items) in enumerate(zip(requests, sent, strict=True))
        ]
        answers = write(self.connection, self.cm_id, works)
        for one, items, verdicts in zip(requests, sent, answers, strict=True):
            if isinstance(items, dict) and isinstance(one, Form):
                judge = self.shop.customer_form if one.is_customer else self.shop.form
                self.compare_form(items, judge(KEYS[one.key], items), verdicts[0], one)
            elif isinstance(items, list) and not isinstance(one, Form):
                self.compare_items(one, items, verdicts, oldest)
        self.learn_payments()

    def work(self, one: Sent, items: Any, name: str, oldest: str) -> Work:
        if isinstance(one, Form):
            make = customer_work if one.is_customer else form_work
            return make(self.scopes[one.key], items, request_id=name)
        if not items:
            return self.delete(oldest)
        made: dict[type, Any] = {People: people_work, Leads: enquiry_work, Request: work_of}
        return made[type(one)](  # type: ignore[no-any-return]  # each of them makes a work
            self.scopes[one.key], items, strict=one.strict, request_id=name
        )

    def compare_items(
        self, request: Request | People | Leads, items: list[Record], verdicts: list[Verdict], oldest: str
    ) -> None:
        if not items:
            self.compare({}, self.shop.delete(oldest), verdicts[0])
        judges = {People: self.shop.customer, Leads: self.shop.enquire, Request: self.shop.order}
        judge, kind = judges[type(request)], {People: "customer ", Leads: "enquiry "}.get(type(request), "")
        judged = self.shop.request(KEYS[request.key], items, judge, strict=request.strict)
        for item, mine, real in zip(items, judged, verdicts if items else [], strict=True):
            self.compare(item, mine, real)
            assert (real.known_by is not None) == mine.repeat
            RAN[f"{kind}{mine.outcome}"] += bool(kind)
            RAN["enquiry repeated"] += mine.repeat

    def compare_form(self, body: Record, mine: Judged, real: Verdict, one: Form) -> None:
        self.compare(body, mine, real)
        RAN[f"{'customer' if one.is_customer else 'form'} {mine.outcome}"] += 1
        if real.outcome == "failed":
            return
        self.learn(mine.contact, real.contact_id, body)
        for mark, number in zip(mine.payments, real.payment_ids, strict=True):
            self.learn(mark, number, body)

    def delete(self, mark: str) -> Work:
        number = self.shop.real[mark] if mark else UNKNOWN
        return Work(self.scopes[0], "delete", [OrderDelete(number, [], [])], False, list)

    def compare(self, item: Record, mine: Judged, real: Verdict) -> None:
        RAN[mine.outcome] += 1
        RAN.update(codes(real.faults + real.warnings))
        said = (
            {name: value for name, value in item.items() if value},
            mine,
            [tuple(fault) for fault in real.faults + real.warnings],
        )
        assert (real.outcome, codes(real.faults)) == (mine.outcome, codes(mine.faults)), said
        if real.outcome == "failed":
            return
        assert codes(real.warnings) == codes(mine.warnings), said
        for name in ("order", "customer", "enquiry", "payment"):
            self.learn(getattr(mine, name), getattr(real, f"{name}_id"), said)

    def learn(self, mark: str, number: int, said: Any) -> None:
        """A record's number is told once and is nobody else's."""
        if not mark:
            assert number == 0, said
        elif mark in self.shop.real:
            assert self.shop.real[mark] == number, said
        else:
            assert number > 0
            assert number not in [known for other, known in self.shop.real.items() if other[0] == mark[0]], said
            self.shop.real[mark] = number

    def learn_payments(self) -> None:
        """Payments that a statement of `total_paid` made are told by no answer: they are looked up, oldest first."""
        unknown = [mark for mark in self.shop.state["payments"] if mark not in self.shop.real]
        if unknown:
            kept = sorted(set(stored(self.database, self.cm_id).payments) - set(self.shop.real.values()))
            assert len(kept) == len(unknown)
            self.shop.real.update(zip(unknown, kept, strict=True))

    # -------------------------------------------------------------------------------------------- what is stored

    def check(self) -> None:
        real = stored(self.database, self.cm_id)
        self.check_orders(real)
        self.check_people(real)
        orders, customers = replayed(real.events)
        assert orders == whole_orders(real)
        told = {number: shown(row, real.contacts[row["main_contact_id"]]) for number, row in real.customers.items()}
        assert customers == told

    def check_orders(self, real: Stored) -> None:
        shop = self.shop
        assert set(real.orders) == {shop.real[mark] for mark in shop.state["orders"]}
        for mark, order in shop.state["orders"].items():
            row = real.orders[shop.real[mark]]
            if order["deleted"]:
                assert "deleted_at" in row
                continue
            assert plain_order(row) == self.wanted_order(mark, order)
            assert [plain_line(line) for line in real.lines.get(row["id"], [])] == [
                plain_line(one) for one in order["lines"]
            ]
        assert {number: plain_entries(entries) for number, entries in real.payments.items()} == {
            shop.real[mark]: [{**entry, "order": shop.real[entry["order"]]} for entry in entries]
            for mark, entries in shop.state["payments"].items()
        }

    def wanted_order(self, mark: str, order: Record) -> Record:
        fields = {
            name: value for name, value in order.items() if name not in ("lines", "deleted", "assigned", "total_given")
        }
        fields.update(customer=self.shop.real[order["customer"]], enquiry=self.shop.real[order["enquiry"]])
        fields.update(assigned=order["assigned"], total_paid=self.shop.sum_of(mark), total_given=order["total_given"])
        for name, part in (("product_quantity", "quantity"), ("product_value", "value"), ("gross_value", "gross"),
                           ("discount", "discount")):  # fmt: skip
            fields[name] = sum(line[part] for line in order["lines"])
        return fields

    def check_people(self, real: Stored) -> None:
        shop, names = self.shop, ("name", "phone", "email", "code", "address", "zip", "company_name")
        assert {
            number: {name: row[name] for name in names if name in row} for number, row in real.customers.items()
        } == {shop.real[mark]: customer for mark, customer in shop.state["customers"].items()}
        wanted = set()
        for mark, customer in shop.state["customers"].items():
            found = {"code": customer.get("code"), "phone": phone_key(customer.get("phone", "0"))[0],
                     "email": email_key(customer.get("email", ""))[0]}  # fmt: skip
            wanted |= {(kind, value, shop.real[mark]) for kind, value in found.items() if value}
        for contact in shop.state["contacts"].values():
            found = {"phone": phone_key(contact.get("phone", "0"))[0], "email": email_key(contact.get("email", ""))[0]}
            wanted |= {(kind, value, shop.real[contact["customer"]]) for kind, value in found.items() if value}
        assert {(kind, value.removeprefix("+91"), number) for kind, value, number in real.identities} == wanted
        self.check_contacts(real)
        assert {
            number: (row["customer_id"], row.get("assigned_to"), row["status"], row.get("action"))
            for number, row in real.enquiries.items()
        } == {
            shop.real[mark]: (
                shop.real[one["customer"]], (one["assigned"] or (None,))[0], one.get("status", "N"), one.get("action"),
            )
            for mark, one in shop.state["enquiries"].items()
        }  # fmt: skip
        assert real.turns == shop.state["turns"]

    def check_contacts(self, real: Stored) -> None:
        """Contacts go by whom they belong to and by what they say: few of them are told by number."""
        names = ("name", "phone", "email", "title")
        mains = {row["main_contact_id"] for row in real.customers.values()}
        found = Counter(
            (row["customer_id"], number in mains, bool(row["own"]), *(row.get(name) for name in names))
            for number, row in real.contacts.items()
        )
        assert found == Counter(
            (self.shop.real[one["customer"]], one["main"], one["own"], *(one.get(name) for name in names))
            for one in self.shop.state["contacts"].values()
        )


def whole_orders(real: Stored) -> dict[int, Record]:
    """Every stored order as events tell it, with its lines."""
    return {number: {**shown(row), "lines": real.lines.get(number, [])} for number, row in real.orders.items()}


def plain_order(row: Record) -> Record:
    """A stored order in the model's words."""
    names = ("erp_order_id", "status", "remarks", "payment_mode", "contact_name", "contact_phone", "contact_email",
             "contact_address", "contact_zip", "contact_company", "grand_total", "total_paid", "product_quantity",
             "product_value", "gross_value", "discount")  # fmt: skip
    assigned = (row["assigned_to"], row["assigned_reason"]) if "assigned_to" in row else None
    return {
        **{name: row[name] for name in names if name in row},
        "customer": row["customer_id"], "enquiry": row["enquiry_id"], "assigned": assigned,
        "additional": from_json(row.get("additional", "{}")), "total_given": bool(row["total_given"]),
    }  # fmt: skip


def plain_line(line: Record) -> Record:
    found: Record = {name: line[name] for name in ("sku", "rate", "quantity", "discount", "value") if name in line}
    if "additional" in line:
        kept = line["additional"]
        found["additional"] = from_json(kept) if isinstance(kept, str) else kept
    return found


def plain_entries(entries: list[Record]) -> list[Record]:
    names = ("kind", "amount", "mode", "cheque_number", "reference", "remarks")
    return [{"order": row["order_id"], **{name: row[name] for name in names if name in row}} for row in entries]


def shown(row: Record, contact: Record | None = None) -> Record:
    """A stored record without its bookkeeping: what events tell."""
    hidden = {"id", "revision", "created_at", "modified_at", "received_at", "total_given", "main_contact_id"}
    found = {name: value for name, value in row.items() if name not in hidden and not name.endswith("_key")}
    if contact is not None:
        found.pop("creator_id", None)
        assert contact["own"] or {name: contact.get(name) for name in ("name", "phone", "email")} == {
            name: row.get(name) for name in ("name", "phone", "email")
        }, "the main contact follows its customer"
    return found


def play(url: str, examples: int) -> None:
    """Compare so many histories; EXAMPLES=2000 in the environment looks for more, at random."""
    wanted = int(os.environ.get("EXAMPLES", "0"))
    database = Database(url)
    connection = quick_connection(database)

    @settings(
        max_examples=wanted or examples, derandomize=not wanted, database=None, report_multiple_bugs=False,
        suppress_health_check=list(HealthCheck), phases=[Phase.generate, Phase.shrink],
    )  # fmt: skip
    @given(histories)
    def compare(history: list[list[Sent]]) -> None:
        pair = Pair(database, connection)
        try:
            for requests in history:
                pair.group(requests)
        finally:
            connection.rollback()
        pair.check()
        RAN["histories"] += 1

    try:
        compare()
    finally:
        connection.close()
        database.close()
        sys.stdout.write(f"{database.engine}: {dict(RAN)}\n")


def test_sqlite_does_what_the_model_says(sqlite_url: str, record_property: Callable[[str, object], None]) -> None:
    RAN.clear()
    play(sqlite_url, 320)
    record_property("model", str(dict(RAN)))
    assert min(RAN[outcome] for outcome in ("created", "updated", "unchanged", "failed")) >= 10
    assert RAN.keys() >= WANTED, "the histories meet every rule"


def test_postgresql_does_what_the_model_says(postgres_url: str) -> None:
    RAN.clear()
    play(postgres_url, 40)
    assert min(RAN[outcome] for outcome in ("created", "updated", "failed")) >= 1


@pytest.mark.parametrize("story", STORIES)
def test_the_model_and_the_engines_agree_on_a_story(engine_url: str, story: str) -> None:
    database = Database(engine_url)
    connection = quick_connection(database)
    pair = Pair(database, connection)
    for requests in STORIES[story]:
        pair.group(requests)
    pair.check()
    connection.close()
    database.close()
