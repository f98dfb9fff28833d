"""What happens at once: real threads through one writer, and two writers in processes of their own (contract 1.14)."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from orderdock.db import Database
from orderdock.kinds import SCALE
from tests.model.account import Stored, open_account, quick_connection, scope_of, stored
from tests.model.desk import Desk
from tests.model.replay import replayed
from tests.model.test_model import whole_orders

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def cm_id(engine_url: str) -> int:
    return account_at(engine_url)


def account_at(url: str) -> int:
    database = Database(url)
    connection = quick_connection(database)
    try:
        return open_account(connection)
    finally:
        connection.close()
        database.close()


def kept(url: str, cm_id: int) -> Stored:
    """What is stored; its events have every number and rebuild every order."""
    database = Database(url)
    try:
        found = stored(database, cm_id)
    finally:
        database.close()
    assert replayed(found.events)[0] == whole_orders(found)
    return found


def outcomes(desk: Desk) -> Counter[str]:
    return Counter(verdict.outcome for answer in desk.answers.values() for verdict in answer)


def test_200_pushes_of_5_new_phones_make_5_customers(engine_url: str, cm_id: int) -> None:
    scope = scope_of(cm_id)
    with Desk(engine_url) as desk:
        desk.together([partial(desk.send, n, scope, [{"phone": f"900000000{n % 5}"}]) for n in range(200)])
        assert outcomes(desk) == {"created": 200}
        assert len(desk.deliveries) < 150, "requests that wait are gathered"
    found = kept(engine_url, cm_id)
    assert len(found.customers) == len(found.contacts) == len(found.identities) == 5
    assert Counter(row["customer_id"] for row in found.orders.values()) == dict.fromkeys(found.customers, 40)


def test_100_pushes_of_one_number_make_one_order(engine_url: str, cm_id: int) -> None:
    scope = scope_of(cm_id)
    items = [{"phone": "8123456789", "erp_order_id": "S1", "remarks": f"{n % 3}"} for n in range(100)]
    with Desk(engine_url) as desk:
        desk.together([partial(desk.send, n, scope, [item]) for n, item in enumerate(items)])
        counts = outcomes(desk)
        orders = {answer[0].order_id for answer in desk.answers.values()}
    assert counts["created"] == 1
    assert counts["updated"] + counts["unchanged"] == 99
    found = kept(engine_url, cm_id)
    assert orders == set(found.orders)
    assert len(found.customers) == 1
    assert len(found.events) == 2 + counts["updated"]


def test_two_processes_pushing_one_number_make_one_order(postgres_url: str) -> None:
    cm_id = account_at(postgres_url)
    command = [sys.executable, "-m", "tests.model.desk", postgres_url, str(cm_id), "50"]
    processes = [
        subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(2)
    ]
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    said = [json.loads(process.communicate(timeout=60)[0]) for process in processes]
    assert [process.returncode for process in processes] == [0, 0]
    assert Counter(said[0] + said[1]) == {"created": 1, "unchanged": 99}
    found = kept(postgres_url, cm_id)
    assert (len(found.orders), len(found.customers), len(found.events)) == (1, 1, 2)


def test_20_payments_at_once_are_all_counted(engine_url: str, cm_id: int) -> None:
    scope = scope_of(cm_id)
    with Desk(engine_url) as desk:
        desk.send("order", scope, [{"phone": "8123456789", "total_paid": "5"}])
        assert desk.has("order")
        order = desk.answers["order"][0]
        item = {"kapture_order_id": order.order_id, "kapture_customer_id": order.customer_id, "amount_paid": "1"}
        desk.together([partial(desk.send, n, scope, [item]) for n in range(20)])
        payments = {desk.answers[n][0].payment_id for n in range(20)}
    found = kept(engine_url, cm_id)
    assert found.orders[order.order_id]["total_paid"] == 25 * SCALE
    assert len(payments) == 20
    assert payments < set(found.payments)


def test_one_reference_sent_at_once_is_one_payment(engine_url: str, cm_id: int) -> None:
    scope = scope_of(cm_id)
    with Desk(engine_url) as desk:
        desk.send("order", scope, [{"phone": "8123456789"}])
        assert desk.has("order")
        order = desk.answers.pop("order")[0]
        item: dict[str, Any] = {"kapture_order_id": order.order_id, "kapture_customer_id": order.customer_id}
        item |= {"amount_paid": "1", "payment_reference": "R1"}
        desk.together([partial(desk.send, n, scope, [item]) for n in range(20)])
        assert outcomes(desk) == {"created": 1, "unchanged": 19}
    assert kept(engine_url, cm_id).orders[order.order_id]["total_paid"] == SCALE


def test_two_accounts_with_the_same_numbers_at_once_never_meet(engine_url: str, cm_id: int) -> None:
    scopes = [scope_of(cm_id), scope_of(account_at(engine_url))]
    items = [
        {"phone": f"900000000{n % 5}", "customer_code": f"C{n % 5}", "erp_order_id": f"S{n % 10}"} for n in range(60)
    ]
    with Desk(engine_url) as desk:
        desk.together([partial(desk.send, n, scopes[n % 2], [items[n // 2]]) for n in range(120)])
        assert outcomes(desk)["created"] == 20
    both = [kept(engine_url, scope.cm_id) for scope in scopes]
    assert [(len(found.orders), len(found.customers)) for found in both] == [(10, 5), (10, 5)]
    assert set(both[0].orders).isdisjoint(both[1].orders)
    assert set(both[0].customers).isdisjoint(both[1].customers)


def test_the_turn_of_a_group_is_nobodys_twice(engine_url: str, cm_id: int) -> None:
    scope = scope_of(cm_id)
    item = {"phone": "8123456789", "round_robin_key": "north"}
    with Desk(engine_url) as desk:
        desk.together([partial(desk.send, n, scope, [item]) for n in range(40)])
    assigned = Counter(row["assigned_to"] for row in kept(engine_url, cm_id).orders.values())
    assert sorted(assigned.values()) == [20, 20]
