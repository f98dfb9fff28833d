"""The plan trap: while the statistics of a new PostgreSQL say "empty", it picks wrong indexes and keeps them.

A writer's connection may only look up by index, and tables that have doubled are counted: then every plan is right.
"""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from orderdock import tables
from orderdock.accounts.sql.assign import EMPLOYEES_BY_WORD, GROUPS
from orderdock.db import Database, Sql, analyze_grown, store_rows
from orderdock.events.sql import write as events
from orderdock.orders.sql import write as orders
from orderdock.people import sql as people

NUMBERS = json.dumps([{"id": number} for number in range(1, 30)])
ROWS = 3_000


def fill(database: Database) -> None:
    """Enough rows in every table that a writer looks into; nobody counts them."""
    numbers = range(1, ROWS + 1)
    order = {"revision": 1, "received_at": 1, "total_given": 0, "modified_at": 1, "create_date": 1}
    known = {"name": "", "active": 1, "created_at": 1}
    dated = {"revision": 1, "created_at": 1, "modified_at": 1}
    with database.write() as tx:
        for table, rows in (
            (tables.orders, [{**order, "id": n, "erp_order_id": f"SO-{n}", "enquiry_id": n} for n in numbers]),
            (tables.order_line, [{"order_id": n, "line_no": 1} for n in numbers]),
            (tables.customer, [{**dated, "id": n} for n in numbers]),
            (tables.customer_identity, [{"kind": "phone", "value": f"+91{n}", "customer_id": n} for n in numbers]),
            (tables.contact, [{"created_at": 1, "modified_at": 1, "own": 1, "id": n, "customer_id": n,
                               "phone_key": f"+91{n}"} for n in numbers]),
            (tables.event, [{"seq": n, "at": 1, "kind": "order.updated", "order_id": n, "actor": "", "request_id": "",
                             "group_id": n, "changes": "{}"} for n in numbers]),
            (tables.enquiry, [{**dated, "id": n, "customer_id": n} for n in numbers]),
            (tables.payment_entry, [{"payment_id": n, "entry_no": 1, "order_id": n, "at": 1} for n in numbers]),
            (tables.employee, [{**known, "id": n, "code": f"E-{n}", "name_key": f"n{n}"} for n in numbers]),
            (tables.assignment_group, [{"id": n, "name": f"g{n}", "members": "[]", "turn": 0} for n in numbers]),
        ):  # fmt: skip
            store_rows(tx, 1, table, rows)


@contextmanager
def writers_connection(database: Database) -> Iterator[Any]:
    raw: Any = database._open_writing()
    try:
        yield raw
    finally:
        raw.close()


def plan_of(raw: Any, statement: Sql, names: str) -> str:
    """The plan that the connection keeps for a statement."""
    for _ in range(3):
        values = {"cm_id": 1, "names": names, "closed": json.dumps([{"status": "CL"}])}
        rows = raw.execute(f"EXPLAIN {statement.postgresql}", values, prepare=True).fetchall()
    raw.rollback()
    return "\n".join(row[0] for row in rows)


LOOK_UPS = [
    (orders.BY_ERP, json.dumps([{"erp_order_id": f"SO-{n}"} for n in range(30)]), {"uq_orders_erp_order_id"}),
    (orders.BY_ID, NUMBERS, {"pk_orders"}),
    (orders.BY_ENQUIRY, NUMBERS, {"ix_orders_cm_id_enquiry_id_id", "pk_orders"}),
    (orders.LINES, NUMBERS, {"pk_order_line"}),
    (orders.PAYMENTS, NUMBERS, {"pk_payment_entry"}),
    (orders.BY_PAYMENT, NUMBERS, {"pk_payment_entry", "pk_orders"}),
    (orders.PAYMENTS_BY_DETAIL, json.dumps([{"order_id": 1, "reference": "R"}]), {"ix_payment_entry_cm_id_order_id"}),
    (people.CUSTOMERS, NUMBERS, {"pk_customer"}),
    (people.ENQUIRIES, NUMBERS, {"pk_enquiry"}),
    (people.OPEN_ENQUIRIES, NUMBERS, {"ix_enquiry_cm_id_customer_id_created_at_id"}),
    (people.CONTACTS, NUMBERS, {"pk_contact"}),
    (
        people.CONTACTS_OF,
        json.dumps([{"customer_id": 1, "phone_key": "+911", "email_key": "a@x.in"}]),
        {
            "pk_customer",
            "pk_contact",
            "ix_contact_own_phone_key",
            "ix_contact_own_phone2_key",
            "ix_contact_own_email_key",
        },
    ),
    (events.HISTORY, NUMBERS, {"ix_event_cm_id_order_id_seq"}),
    (people.IDENTITIES, json.dumps([{"kind": "phone", "value": "+91"}]), {"pk_customer_identity"}),
    (
        EMPLOYEES_BY_WORD,
        json.dumps([{"part": "code", "word": "E-7"}]),
        {"uq_employee_cm_id_code", "ix_employee_cm_id_email_key", "ix_employee_cm_id_name_key"},
    ),
    (GROUPS, json.dumps([{"name": "north"}]), {"uq_assignment_group_cm_id_name"}),
]


def test_a_plan_made_when_all_was_empty_is_mended_by_counting(postgres_url: str) -> None:
    database = Database(postgres_url)
    with writers_connection(database) as raw:
        for statement, names, _ in LOOK_UPS:
            assert "Seq Scan" not in plan_of(raw, statement, names)
        fill(database)
        until = time.monotonic() + 20
        counted: set[str] = set()
        while len(counted) < 8 and time.monotonic() < until:  # the server tells of changes with a delay of its own
            counted.update(analyze_grown(database))
            time.sleep(0.1)
        assert counted >= {"orders", "customer", "customer_identity", "order_line", "payment_entry"}
        for statement, names, indexes in LOOK_UPS:
            plan = plan_of(raw, statement, names)
            assert [index for index in indexes if index not in plan] == [], plan
            # Whose a contact is can only be asked once it is found by its phone or e-mail.
            assert statement is people.CONTACTS_OF or "Join Filter" not in plan, plan
    database.close()


def test_what_has_not_grown_is_not_counted_again(postgres_url: str) -> None:
    database = Database(postgres_url)
    assert analyze_grown(database) == []
    database.close()


def test_on_sqlite_there_is_nothing_to_count(sqlite_url: str) -> None:
    database = Database(sqlite_url)
    assert analyze_grown(database) == []
    database.close()
