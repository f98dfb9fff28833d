"""A group runs a fixed number of statements, whatever is in it: counted by the transaction and by the database."""

from __future__ import annotations

import random
import re
import sqlite3
import sys
from collections.abc import Callable, Iterator
from typing import Any, Final

import psycopg
import pytest

from orderdock import group
from orderdock.accounts.model import Scope
from orderdock.db import Connection, Database
from orderdock.orders.model import OrderDelete, Verdict
from orderdock.requests.model import Asked, Token
from tests.engines import PostgresServer
from tests.model.account import form_work, numbers_for, open_account, people_work, scope_of, work_of

# Every statement that a group can run, each once: the lock and the newest event; nine look-ups by name (orders by
# number, erp number and payment, enquiries and their orders, payments, identities, employees, groups); five by what
# was found (customers, lines, payments by detail, employees, the contacts of who is named again after his phone was
# overwritten); then the new and the changed of customers, enquiries and orders, the new contacts, followers, identities
# that went and came, lines that went and came, payments, turns, events; and the numbers of the callers that change
# places.
MOST: Final = 2 + 9 + 5 + 16
# What only add-updates of the v1 family run: contacts by number, the enquiries and the newest events of orders, the
# changed contacts.
MOST_V1: Final = MOST + 4
# BEGIN and COMMIT, which the transaction does not count.
AROUND: Final = 2
SETS: Final = 50


class Counted:
    """A connection whose statements are counted by `Tx` and, beside it, by the database."""

    def __init__(self, url: str, server: PostgresServer | None) -> None:
        self.database = Database(url)
        self.server = server
        self.heard: list[str] = []
        self.connection = Connection(self._connect, self.database.engine)

    def _connect(self) -> Any:
        if self.server is None:
            raw = sqlite3.connect(self.database.path, isolation_level=None)
            raw.set_trace_callback(self._hear)
            return raw
        return psycopg.connect(self.database.url)

    def _hear(self, text: str) -> None:
        if not text.startswith("--"):  # a statement inside a statement: a trigger's, or a virtual table's
            self.heard.append(text)

    def at_server(self) -> int:
        return self.server.log.stat().st_size if self.server else 0

    def said(self, begin: int) -> list[str]:
        """What PostgreSQL logged: one line a statement that it executes."""
        if self.server is None:
            return self.heard
        with self.server.log.open("rb") as log:
            log.seek(begin)
            text = log.read().decode()
        return re.findall(r"LOG:  (?:execute [^:]*|statement): (.*)", text)

    def run(self, cm_id: int, works: list[group.Work]) -> tuple[list[list[Verdict]], int, list[str]]:
        """(verdicts, statements by the transaction's count, statements that the database saw)."""
        self.connection.reserve(numbers_for(works))
        self.heard.clear()
        begin = self.at_server()
        tx = self.connection.begin()
        done = group.run(tx, cm_id, works, self.connection.ids)
        assert done is not None
        assert done.wrote
        self.connection.commit()
        return done.answers, tx.statements, list(self.said(begin))


@pytest.fixture
def counted(engine_url: str, request: pytest.FixtureRequest) -> Iterator[Counted]:
    server: PostgresServer | None = None
    if engine_url.startswith("postgresql"):
        server = request.getfixturevalue("postgres")
        name = engine_url.rpartition("/")[2]
        server.execute(f"ALTER DATABASE {name} SET log_statement = 'all'")
    counted = Counted(engine_url, server)
    yield counted
    counted.connection.close()
    counted.database.close()


class Mill:
    """Items of every kind, with fifty sets of fields and one bad item in ten."""

    def __init__(self, known: list[Verdict]) -> None:
        self.dice = random.Random(7)
        self.known = known
        names = ["remarks", "order_status", "order_type", "transaction", "payment_mode", "unit_name", "zone", "attr1",
                 "invoice_no", "address", "shipping_address", "Colour", "Floor Plan"]  # fmt: skip
        self.sets = [self.dice.sample(names, self.dice.randint(0, 8)) for _ in range(SETS)]
        self.made = 0

    def item(self) -> dict[str, Any]:
        self.made += 1
        n, dice = self.made, self.dice
        makers: list[Callable[[int], dict[str, Any]]] = [self.push, self.push, self.update, self.update, self.payment]
        item = dice.choice(makers)(n)
        if n % 10 == 0:
            item |= dice.choice([{"create_date": "31/12/2024"}, {"product_details": "5"}, {"order_id": 999_999}])
            item.pop("payment_id", None)
            item.pop("kapture_order_id", None)
        return item

    def fields(self, n: int) -> dict[str, Any]:
        return {name: f"{name} {n}" for name in self.sets[n % SETS]}

    def lines(self, n: int) -> list[dict[str, Any]]:
        return [{"sku_id": f"A-{at}", "rate": "10", "quantity": at + 1} for at in range(n % 4)]

    def push(self, n: int) -> dict[str, Any]:
        who = {"phone": f"90000{n % 400:05d}", "email_id": f"e{n % 300}@x.in", "customer_code": f"C{n % 400}"}
        group_ = {"round_robin_key": "north"} if n % 3 else {"assign_emp_name": "Ravi", "approved_by": "E1,11"}
        return {**self.fields(n), **who, **group_, "erp_order_id": f"N{n}", "product_details": self.lines(n),
                "total_paid": n % 2}  # fmt: skip

    def update(self, n: int) -> dict[str, Any]:
        order = self.known[n % len(self.known)]
        by: list[dict[str, Any]] = [
            {"order_id": order.order_id},
            {"enquiry_id": order.enquiry_id},
            {"erp_order_id": f"S{n % len(self.known)}"},
        ]
        return {**self.fields(n), **by[n % 3], "phone": f"80000{n:05d}", "product_details": self.lines(n + 1),
                "grand_total": n}  # fmt: skip

    def payment(self, n: int) -> dict[str, Any]:
        order = self.known[n % len(self.known)]
        if n % 4 == 0:
            return {"payment_id": self.payments[n % len(self.payments)], "amount_paid": n + 1}
        return {"kapture_order_id": order.order_id, "kapture_customer_id": order.customer_id, "amount_paid": n,
                "payment_reference": f"R{n}", "cheque_number": f"Q{n}"}  # fmt: skip

    payments: list[int]


def seed(counted: Counted, cm_id: int, scope: Scope) -> Mill:
    """Two hundred stored orders, half of them paid and without a phone, so that updates find and fill them."""
    items = [
        {
            f"{'phone' if n % 2 else 'email_id'}": f"7{n:09d}" if n % 2 else f"known{n}@x.in",
            "erp_order_id": f"S{n}",
            "product_details": [{"rate": "1"}],
        }
        for n in range(200)
    ]
    answers, _, _ = counted.run(cm_id, [work_of(scope, items)])
    mill = Mill(answers[0])
    paid = [
        {"kapture_order_id": one.order_id, "kapture_customer_id": one.customer_id, "amount_paid": "1"}
        for one in answers[0]
    ]
    mill.payments = [one.payment_id for one in counted.run(cm_id, [work_of(scope, paid)])[0][0]]
    return mill


def requests_of(mill: Mill, scopes: list[Scope], count: int) -> list[group.Work]:
    """Items in requests of 1 to 40, some of them all or nothing, by keys with different settings."""
    works, left = [], count
    while left:
        size = min(left, mill.dice.choice([1, 1, 5, 40]))
        items = [mill.item() for _ in range(size)]
        works.append(work_of(mill.dice.choice(scopes), items, request_id=f"r{left}", strict=size == 5))
        left -= size
    return works


def test_a_thousand_items_take_no_more_statements_than_there_are(
    counted: Counted, record_property: Callable[[str, object], None]
) -> None:
    cm_id = open_account(counted.connection)
    scopes = [scope_of(cm_id), scope_of(cm_id, customer_update="overwrite"), scope_of(cm_id, total_mismatch="reject")]
    _, one, one_heard = counted.run(
        cm_id, [work_of(scopes[0], [{"phone": "8123456789", "product_details": [{"rate": "1"}]}])]
    )
    mill = seed(counted, cm_id, scopes[0])
    works = requests_of(mill, scopes, 1_000)
    swap = [{"order_id": mill.known[at].order_id, "erp_order_id": erp} for at, erp in ((2, "T"), (3, "S2"), (2, "S3"))]
    works.append(work_of(scopes[0], swap, request_id="numbers change places"))
    again = {"enquiry_id": mill.known[1].enquiry_id, "erp_order_id": "S1 again", "assign_emp_name": "Ravi"}
    works.append(work_of(scopes[0], [again], request_id="second order of an enquiry"))
    moved = [{"customer_id": mill.known[1].customer_id, "phone": "8111111111"}, {"phone": f"7{1:09d}"}]
    works.append(work_of(scopes[1], moved, request_id="a phone is overwritten and named again"))
    works.append(group.Work(scopes[0], "delete", [OrderDelete(mill.known[0].order_id, [], [])], False, list))
    answers, many, many_heard = counted.run(cm_id, works)
    outcomes = [verdict.outcome for answer in answers for verdict in answer]
    assert len(outcomes) == 1_007
    assert outcomes.count("failed") >= 100
    assert min(outcomes.count("created"), outcomes.count("updated")) >= 200
    figures = {
        "one order": (one, len(one_heard)),
        "1,000 mixed": (many, len(many_heard)),
        "most": (MOST, MOST + AROUND),
    }
    sys.stdout.write(f"{counted.database.engine}: {figures}\n")
    record_property("statements", str(figures))
    assert one <= many <= MOST
    assert (len(one_heard), len(many_heard)) == (one + AROUND, many + AROUND)
    assert many == MOST, f"this test is to reach every statement, so that the bound is the real one: {many_heard}"


def test_ten_times_the_items_take_the_same_statements(counted: Counted) -> None:
    cm_id = open_account(counted.connection)
    scope = scope_of(cm_id)
    counts = set()
    for size in (1, 10, 300):
        items = [{"phone": f"90{size:03d}{n:05d}", "erp_order_id": f"S{size}-{n}"} for n in range(size)]
        answers, count, heard = counted.run(cm_id, [work_of(scope, items)])
        assert {verdict.outcome for verdict in answers[0]} == {"created"}
        counts.add((count, len(heard)))
    assert len(counts) == 1, counts


def test_customers_by_themselves_take_a_fixed_number_of_statements(counted: Counted) -> None:
    cm_id = open_account(counted.connection)
    scope = scope_of(cm_id)
    counts = set()
    for size in (10, 400):
        known = [{"name": "A", "phone": f"90{size:03d}{n:05d}", "customer_code": f"{size}-{n}"} for n in range(size)]
        counted.run(cm_id, [people_work(scope, known)])
        # Half of them get another phone, which the next ones name; the other half is new.
        moved = [{"customer_code": f"{size}-{n}", "phone": f"91{size:03d}{n:05d}"} for n in range(0, size, 2)]
        named = [{"name": "B", "phone": one["phone"], "assigned_to": "E1"} for one in known]
        answers, count, heard = counted.run(cm_id, [people_work(scope, moved), people_work(scope, named)])
        assert {verdict.outcome for verdict in answers[0]} == {"updated"}
        assert [verdict.outcome for verdict in answers[1]] == ["created", "updated"] * (size // 2)
        assert len(heard) == count + AROUND
        counts.add(count)
    assert len(counts) == 1, counts
    assert counts.pop() <= MOST


def as_asked(work: group.Work, number: int, token: bool) -> group.Work:
    """The same request as it comes over HTTP: it is logged, and may be repeated."""
    work.asked = Asked(1, 0.0, work.request_id, "", "POST", "/", "", {}, 100)
    work.token = Token(f"try-{number}", "x", 0) if token else None
    work.render = lambda verdicts: (200, b"{}" * len(verdicts))
    return work


def test_the_log_and_the_tokens_take_five_statements_more(counted: Counted) -> None:
    cm_id = open_account(counted.connection)
    scope = scope_of(cm_id)
    bare, logged = [], []
    for size in (1, 40):
        works = [work_of(scope, [{"phone": f"90{size:03d}{n:05d}"}, {"create_date": "?"}]) for n in range(size)]
        bare.append(counted.run(cm_id, works)[1])
        works = [work_of(scope, [{"phone": f"91{size:03d}{n:05d}"}, {"create_date": "?"}]) for n in range(size)]
        asked = [as_asked(work, 1_000 * size + n, True) for n, work in enumerate(works)]
        logged.append(counted.run(cm_id, asked)[1])
    assert bare[0] == bare[1]
    assert logged == [bare[0] + 5] * 2  # answers looked up and stored; the log's rows, its block, its search rows
    _, plain, _ = counted.run(cm_id, [as_asked(work_of(scope, [{"phone": "9200000000"}]), 0, False)])
    assert plain == bare[0] + 2  # nothing to be searched for: the order has an event


def test_what_changes_nothing_only_reads(counted: Counted) -> None:
    cm_id = open_account(counted.connection)
    scope = scope_of(cm_id)
    item = {"phone": "8123456789", "erp_order_id": "S1", "product_details": [{"rate": "1"}]}
    counted.run(cm_id, [work_of(scope, [item])])
    counted.heard.clear()
    begin = counted.at_server()
    tx = counted.connection.begin()
    done = group.run(tx, cm_id, [work_of(scope, [item] * 50)], counted.connection.ids)
    assert done is not None
    assert not done.wrote
    counted.connection.rollback()
    heard = [text for text in counted.said(begin) if re.match(r"\s*(INSERT|UPDATE|DELETE)", text)]
    assert heard == []


def forms(mill: Mill, contact: int, count: int) -> list[dict[str, Any]]:
    """Add-updates of every kind: orders changed and added, contacts named, found and made, enquiries, payments."""
    found: list[dict[str, Any]] = []
    for n in range(count):
        order = mill.known[n % len(mill.known)]
        number: dict[str, Any] = {"order_id": order.order_id, "update": n % 2} if n % 3 else {"erp_order_id": f"V{n}"}
        named: dict[str, Any] = {"contact_id": contact, "title": f"T{n}", "update": True} if n % 5 == 1 else {}
        phone = f"9{n % 50:09d}"
        found.append({
            "customer_info": {"customer_name": f"N{n}", "update": n % 2, "city": f"C{n}", "phone": phone},
            "contact_info": [named, {"first_name": "A", "contact_person_phone": f"8{n:09d}", "update": True}],
            "enquiry_info": {"action": f"a{n}", "update": True},
            "order_info": {**number, "remarks": f"r{n}"},
            "product_details": mill.lines(n),
            "payment_details": [{"amount_paid": "1", "payment_reference": f"V{n}"},
                                {"amount_paid": n + 1, "payment_id": mill.payments[n % len(mill.payments)]}][: n % 3],
        })  # fmt: skip
    return found


def test_add_updates_take_a_fixed_number_of_statements_too(counted: Counted) -> None:
    cm_id = open_account(counted.connection)
    scope = scope_of(cm_id)
    mill = seed(counted, cm_id, scope)
    body = {"customer_info": {"customer_name": "A"}, "order_info": {},
            "contact_info": {"first_name": "B", "contact_person_phone": "8123456789"}}  # fmt: skip
    contact = counted.run(cm_id, [form_work(scope, body)])[0][0][0].contact_id
    counts = []
    for size in (100, 300):
        works = [form_work(scope, one, request_id=f"r{n}") for n, one in enumerate(forms(mill, contact, size))]
        stale = {"customer_info": {"customer_name": "A"}, "order_info": {"order_id": mill.known[0].order_id}}
        works.append(form_work(scope, stale, revisions=frozenset({1})))
        works += requests_of(mill, [scope, scope_of(cm_id, customer_update="overwrite")], 300)
        answers, count, heard = counted.run(cm_id, works)
        outcomes = [verdict.outcome for answer in answers[:size] for verdict in answer]
        assert min(outcomes.count("created"), outcomes.count("updated")) >= size // 6, outcomes
        assert answers[size][0].faults[0].code == "RevisionMismatch"
        assert len(heard) == count + AROUND
        counts.append(count)
    assert max(counts) <= MOST_V1
    assert len(set(counts)) == 1, counts
    sys.stdout.write(f"{counted.database.engine}: add-updates {counts}, most {MOST_V1}\n")
