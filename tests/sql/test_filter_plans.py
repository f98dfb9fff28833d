"""Which index serves each filter: the plans of both engines over 10,000 orders (`pytest -s` prints them)."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any

import pytest

from orderdock import tables
from orderdock.db import Database, Sql, store_rows
from orderdock.orders.query.filters import BY_CUSTOMER, BY_ENQUIRY, BY_NAME, FILTERS, Filter, How, Term
from orderdock.orders.query.search import SORTS, SearchQuery
from orderdock.orders.sql.find import statement
from orderdock.orders.sql.write import keyed as keyed_order
from orderdock.people.sql import keyed as keyed_customer
from orderdock.wire.v1.shape import element
from tests.engines import PostgresServer
from tests.sql.rows import A, customer, order

ORDERS, CUSTOMERS = 10_000, 2_000
WALK_IN = 1
CREATED = "ix_orders_cm_id_create_date_id"
# A value that few orders fit, looked up already, by how it is compared.
VALUES: dict[How, Any] = {
    How.IDS: [77], How.WORDS: ["w7"], How.SAME: ["w7"], How.SAME_LIST: ["w7"], How.CONTAINS: "asha 77",
    How.PHONE: ("equals", "+917"), How.EMAIL: "a7@x.in", How.SPAN: (7_000_000, 7_000_900), How.PEOPLE: [7],
    How.NOT_PEOPLE: [7], How.ANY_PEOPLE: [7], How.NAMED: ["w7"], How.ANY_NAMED: ["w7"],
}  # fmt: skip


def customer_of(n: int) -> int:
    """Every second order is of one customer, who walks in."""
    return WALK_IN if n % 2 else n % CUSTOMERS + 1


def some_order(n: int) -> dict[str, Any]:
    word = f"w{n % 1_000}"
    return keyed_order(
        order(
            n, 1_000_000 + n * 1_000, customer_id=customer_of(n), enquiry_id=n, erp_order_id=word + str(n),
            status=word if n % 5 == 0 else "AP", sub_status=word, contact_name=f"Asha {n}", unit_name=word,
            contact_phone_key=f"+91{n}", contact_email_key=f"a{n}@x.in", attr1=word, client_reference_id=word,
            **({"assigned_to": n % 1_000} if n % 2 else {}), approved_by='["3"]', approval_designations='["Head"]',
        )
    )  # fmt: skip


def some_customer(n: int) -> dict[str, Any]:
    return keyed_customer(customer(n, name=f"Asha {n}", city=f"w{n}", country=f"w{n}", state=f"W{n}", zone="West"))


def fill(database: Database) -> None:
    people = [some_customer(n) for n in range(1, CUSTOMERS + 1)]
    enquiries = [
        customer(n, customer_id=1, created_at=1_000_000 + n * 1_000, status=f"w{n}", next_follow_up=n, last_follow_up=n)
        for n in range(1, ORDERS + 1)
    ]
    with database.write() as tx:
        for at in range(1, ORDERS + 1, 500):
            store_rows(tx, A, tables.orders, [some_order(n) for n in range(at, at + 500)])
            store_rows(tx, A, tables.enquiry, enquiries[at - 1 : at + 499])
        store_rows(tx, A, tables.customer, people)
        known = [{"kind": "phone", "value": f"+91{n}", "customer_id": n} for n in range(1, CUSTOMERS)]
        store_rows(tx, A, tables.customer_identity, known)
        if database.engine == "postgresql":
            tx.ask(Sql("ANALYZE"))


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def filled(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    if request.param == "sqlite":
        path = tmp_path_factory.mktemp("plans") / "orderdock.db"
        path.write_bytes(request.getfixturevalue("sqlite_template").read_bytes())
        url = f"sqlite:///{path}"
    else:
        server: PostgresServer = request.getfixturevalue("postgres")
        url = server.create_database(request.getfixturevalue("postgres_template"))
    database = Database(url)
    fill(database)
    yield database
    database.close()


def plan_of(database: Database, *terms: Term, sort: str = "createDate", descending: bool = True) -> str:
    """The plan of a search for a page."""
    query = SearchQuery(A, terms, element(frozenset(), False, False), sort=sort, descending=descending)
    page, values = statement(query, terms, 101)
    with database.read() as tx:
        raw: Any = tx._raw
        if database.engine == "sqlite":
            rows = raw.execute(f"EXPLAIN QUERY PLAN {page.sqlite}", {"cm_id": A, **values}).fetchall()
            plan = "\n".join(row[3] for row in rows)
        else:
            rows = raw.execute(f"EXPLAIN {page.postgresql}", {"cm_id": A, **values}).fetchall()
            plan = "\n".join(row[0] for row in rows)
    sys.stdout.write(f"\n--- {database.engine}: {' '.join(term.filter.names[0] for term in terms)} by {sort}\n{plan}\n")
    return plan.replace("sqlite_autoindex_orders_1", "pk_orders")


@pytest.mark.parametrize("row", FILTERS, ids=lambda row: row.names[0])
def test_the_index_that_the_documents_name_serves_a_filter(filled: Database, row: Filter) -> None:
    plan = plan_of(filled, Term(row, VALUES[row.how]))
    if row.index and (row.is_of_orders or filled.engine == "postgresql"):
        assert row.index in plan, plan
    # Without one the orders are read in the order asked for; what PostgreSQL does with so few is its own choice.
    elif filled.engine == "sqlite":
        assert CREATED in plan, plan


@pytest.mark.parametrize("sort", ["id", "createDate", "lastModificationTime", "enquiryId"])
@pytest.mark.parametrize("descending", [True, False])
def test_these_sorts_need_no_sorting(filled: Database, sort: str, descending: bool) -> None:
    plan = plan_of(filled, sort=sort, descending=descending)
    assert "Sort" not in plan, plan
    assert "pk_orders" in plan if sort == "id" else f"_{SORTS[sort].column}_" in plan, plan


@pytest.mark.parametrize("descending", [True, False])
def test_by_customer_only_the_orders_of_one_are_sorted(filled: Database, descending: bool) -> None:
    plan = plan_of(filled, sort="customerId", descending=descending)
    assert BY_CUSTOMER in plan, plan
    assert "RIGHT PART OF ORDER BY" in plan or "LAST TERM OF ORDER BY" in plan or "Incremental Sort" in plan, plan


@pytest.mark.parametrize("number", [WALK_IN, 77])
@pytest.mark.parametrize("descending", [True, False])
def test_the_orders_of_one_customer_by_date_need_no_sorting(filled: Database, number: int, descending: bool) -> None:
    plan = plan_of(filled, Term(BY_NAME["customerIds"], [number]), descending=descending)
    assert BY_CUSTOMER in plan or number == WALK_IN, plan
    assert "Sort" not in plan.partition("Subquery Scan")[2] or filled.engine == "sqlite", plan
    assert "TEMP B-TREE" not in plan.partition("SCAN o")[0], plan


# (what is asked beside the customer or the enquiry, the index that serves both)
BESIDE = {
    "bookingStatus": ["AP"], "assignIdStr": [7], "createStartDate": (7_000_000, 7_000_900),
    "modifiedStartDate": (7_000_000, 7_000_900),
}  # fmt: skip


@pytest.mark.parametrize("beside", BESIDE)
@pytest.mark.parametrize(("name", "index"), [("customerIds", BY_CUSTOMER), ("enquiryIds", BY_ENQUIRY)])
def test_sqlite_enters_by_the_rarest(filled: Database, name: str, index: str, beside: str) -> None:
    """It counts no rows; PostgreSQL does, and needs no telling."""
    terms = [Term(BY_NAME[beside], BESIDE[beside]), Term(BY_NAME[name], [77])]
    plans = [plan_of(filled, *terms), plan_of(filled, *reversed(terms))]
    assert all(index in plan for plan in plans) or filled.engine == "postgresql", plans


def test_an_enquiry_has_fewer_orders_than_a_customer(filled: Database) -> None:
    terms = [Term(BY_NAME["customerIds"], [77]), Term(BY_NAME["enquiryIds"], [77])]
    assert BY_ENQUIRY in plan_of(filled, *terms)


@pytest.mark.parametrize("name", ["orderIds", "erpOrderId", "enquiryIds", "customerIds"])
def test_several_numbers_do_not_read_the_whole_account(filled: Database, name: str) -> None:
    row = BY_NAME[name]
    plan = plan_of(filled, Term(row, ["w7", "w8"] if row.how is How.WORDS else [77, 78]))
    assert row.index in plan, plan
