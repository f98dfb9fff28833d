"""Which enquiries of a customer are open: found by the index, newest first, however many there are; on both engines."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any, Final

import pytest

from orderdock import group, tables
from orderdock.db import Database, Sql, store_rows
from orderdock.people import sql as people_sql
from tests.engines import PostgresServer
from tests.model.account import enquiry_work, numbers_for, open_account, scope_of
from tests.sql.desk import Desk
from tests.sql.test_counts import AROUND, Counted

MANY = 5_000
P, Q = "8123456781", "8123456782"
# The lock and the newest event; enquiries by number, identities, employees by word, groups; customers, employees, the
# contacts of who is named again; which enquiries are open, and those; the new and the changed of customers and
# enquiries, the new contacts, followers, identities that went and came, turns, events.
MOST: Final = 2 + 4 + 3 + 2 + 10


def fill(desk: Desk, customer_id: int, statuses: list[str | None], at: int = 1) -> None:
    """Enquiries of a customer, one after the other in time, as rows."""
    rows = [
        {
            "id": at + n,
            "customer_id": customer_id,
            "revision": 1,
            "created_at": at + n,
            "modified_at": 1,
            "status": status,
        }
        for n, status in enumerate(statuses)
    ]
    tx = desk.connection.begin()
    store_rows(tx, desk.cm_id, tables.enquiry, rows)
    desk.connection.commit()


def opened(desk: Desk, customers: list[int], closed: list[str]) -> set[int]:
    with desk.database.read() as tx:
        return people_sql.take_open_enquiries(people_sql.ask_open_enquiries(tx, desk.cm_id, customers, closed))


def test_the_open_ones_of_several_customers_are_found(desk: Desk) -> None:
    fill(desk, 501, ["N", "CL", None, "won"])
    fill(desk, 502, ["CL"], at=11)
    fill(desk, 503, ["N"], at=21)
    assert opened(desk, [501, 502, 504], ["CL", "won"]) == {1, 3}
    assert opened(desk, [501, 502], []) == {1, 2, 3, 4, 11}
    assert opened(desk, [501], ["N", "CL", "won", "won"]) == {3}


def test_of_many_open_ones_the_newest_are_found(desk: Desk) -> None:
    fill(desk, 501, ["N"] * MANY)
    assert opened(desk, [501], ["CL"]) == set(range(MANY - 19, MANY + 1))


def test_a_neighbours_enquiries_are_nobodys(desk: Desk) -> None:
    fill(desk, 501, ["N"])
    with desk.database.read() as tx:
        reply = people_sql.ask_open_enquiries(tx, desk.cm_id + 1, [501], ["CL"])
        assert people_sql.take_open_enquiries(reply) == set()


_READ: Final = Sql("SELECT seq_tup_read + idx_tup_fetch FROM pg_stat_xact_user_tables WHERE relname = 'enquiry'")


def effort(desk: Desk, phone: str) -> int:
    """What a repeat costs: rows of enquiries that PostgreSQL reads, steps that SQLite's machine takes."""
    work = desk.work({"phone": phone, "status": "CL"})
    desk.connection.reserve(numbers_for([work]))
    tx = desk.connection.begin()
    steps = itertools.count()
    raw: Any = tx._raw
    if tx.engine == "sqlite":
        raw.set_progress_handler(lambda: next(steps) < 0, 1)

    def so_far() -> int:
        return next(steps) if tx.engine == "sqlite" else int(tx.all(_READ)[0][0])

    begun = so_far()  # PostgreSQL also counts what earlier transactions did, until it tells of it
    done = group.run(tx, desk.cm_id, [work], desk.connection.ids)
    found = so_far() - begun
    desk.connection.rollback()
    assert done is not None
    assert done.answers[0][0].outcome == "created"
    return found


def test_a_customer_with_thousands_of_enquiries_costs_no_more_than_one_with_a_thousand(desk: Desk) -> None:
    """The last thousand are looked at, whatever there is."""
    few, many = desk.push({"phone": P}, {"phone": Q})
    fill(desk, few.customer_id, ["CL"] * 1_000)
    fill(desk, many.customer_id, ["CL"] * MANY, at=1_000_001)
    if desk.database.engine == "postgresql":  # as writers do when a table has grown
        with desk.database.write() as tx:
            tx.ask(Sql("ANALYZE enquiry"))
    least, most = effort(desk, P), effort(desk, Q)
    assert least >= 1_000
    assert most <= least * 1.1


def test_the_index_leads_to_a_customers_newest_ones(sqlite_url: str) -> None:
    """Nothing is sorted but what is open; PostgreSQL's plan stands with the others of a writer (test_plans)."""
    database = Database(sqlite_url)
    with database.read() as tx:
        raw: Any = tx._raw
        values = {"cm_id": 1, "names": '[{"id": 1}]', "closed": '[{"status": "CL"}]'}
        rows = raw.execute(f"EXPLAIN QUERY PLAN {people_sql.OPEN_ENQUIRIES.sqlite}", values).fetchall()
    database.close()
    plan = [row[3] for row in rows]
    found = "SEARCH n USING INDEX ix_enquiry_cm_id_customer_id_created_at_id (cm_id=? AND customer_id=?)"
    assert found in plan, plan
    assert plan[plan.index(found) + 1 :].count("USE TEMP B-TREE FOR ORDER BY") <= 1, plan


@pytest.fixture
def counted(engine_url: str, request: pytest.FixtureRequest) -> Iterator[Counted]:
    server: PostgresServer | None = None
    if engine_url.startswith("postgresql"):
        server = request.getfixturevalue("postgres")
        server.execute(f"ALTER DATABASE {engine_url.rpartition('/')[2]} SET log_statement = 'all'")
    counted = Counted(engine_url, server)
    yield counted
    counted.connection.close()
    counted.database.close()


def items(count: int, known: list[int]) -> list[dict[str, Any]]:
    """Pushes of new and of known customers, repeats, changes, and bad ones."""
    found: list[dict[str, Any]] = []
    for n in range(count):
        who = {"phone": f"90000{n % 40:05d}", "email_id": f"e{n % 30}@x.in"}
        group = {"round_robin_key": "north"} if n % 2 else {"assign_emp_name": "Ravi"}
        bad = {"next_follow_up_date": "31/12/2024"} if n % 10 == 9 else {}
        found += [
            {**who, **group, **bad, "floor": n},
            {"enquiry_id": known[n % len(known)], "remarks": f"r{count}-{n}"},
        ]
    return [*found, {"customer_code": "C-1", "phone": "8111111111"}, {"phone": f"7{count:09d}"}]


def test_a_thousand_enquiries_take_no_more_statements_than_ten(counted: Counted) -> None:
    cm_id = open_account(counted.connection)
    scope, taker = scope_of(cm_id), scope_of(cm_id, customer_update="overwrite")
    counts = []
    for size in (10, 100, 500):
        # A phone is overwritten and named again; who looks after what is changed has to be looked up.
        first = [{"phone": f"7{size:09d}", "customer_code": f"C-{size}"}, {"phone": P, "assign_emp_code": "E2"}]
        known = [one.enquiry_id for one in counted.run(cm_id, [enquiry_work(scope, first)])[0][0]]
        given = [{**one, "customer_code": f"C-{size}"} if "customer_code" in one else one for one in items(size, known)]
        answers, count, heard = counted.run(cm_id, [enquiry_work(taker, given)])
        outcomes = [verdict.outcome for verdict in answers[0]]
        assert {"created", "updated", "failed"} == set(outcomes)
        assert len(heard) == count + AROUND
        counts.append(count)
    assert max(counts) == MOST, f"this test is to reach every statement, so that the bound is the real one: {counts}"
