"""Reads of one statement: no transaction, prepared once, and a connection that went away is replaced."""

import json
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from orderdock.db import Database, Sql
from orderdock.orders.sql.read import _ENTRIES

ONE = Sql("SELECT :value + 0")


@pytest.fixture
def database(engine_url: str) -> Iterator[Database]:
    database = Database(engine_url, readers=1)
    yield database
    database.close()


def looked(database: Database, value: int) -> int:
    with database.look() as tx:
        return int(tx.all(ONE, value=value)[0][0])


def undone(database: Database) -> None:
    with database.write() as tx:
        tx.ask(Sql("UPDATE id_block SET next_id = 78 WHERE name = 'order'"))
        raise ZeroDivisionError


def test_a_look_leaves_no_transaction_and_hinders_none(database: Database) -> None:
    assert looked(database, 1) == 1
    with database.write() as tx:
        tx.ask(Sql("UPDATE id_block SET next_id = 77 WHERE name = 'order'"))
    with pytest.raises(ZeroDivisionError):
        undone(database)
    with database.read() as tx:
        assert tx.all(Sql("SELECT next_id FROM id_block WHERE name = 'order'")) == [(77,)]
    assert looked(database, 2) == 2


def test_each_statement_of_a_look_sees_what_is_committed_by_then(database: Database, engine_url: str) -> None:
    newest = Sql("SELECT next_id FROM id_block WHERE name = 'order'")
    other = Database(engine_url)
    with database.look() as looking, database.read() as reading:
        before = looking.all(newest), reading.all(newest)
        with other.write() as tx:
            tx.ask(Sql("UPDATE id_block SET next_id = 90 WHERE name = 'order'"))
        after = looking.all(newest), reading.all(newest)
    other.close()
    assert before[0] == before[1] == after[1] != after[0] == [(90,)]


def prepared(database: Database) -> int:
    with database.look() as tx:
        raw: Any = tx._raw
        row = raw.execute("SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE '%+ 0'").fetchone()
    return int(row[0])


def too_large(database: Database) -> None:
    with database.look() as tx:
        tx.all(Sql("SELECT :value + 9223372036854775807"), value=1)


def test_a_statement_is_prepared_once_whatever_goes_wrong_between(postgres_url: str) -> None:
    database = Database(postgres_url, readers=1)
    for _ in range(5):
        looked(database, 1)
    with pytest.raises(psycopg.errors.NumericValueOutOfRange):
        too_large(database)
    assert prepared(database) >= 1
    with database.read() as tx:
        assert tx.all(ONE, value=3) == [(3,)]
    assert prepared(database) >= 1
    database.close()


def test_a_connection_that_went_away_is_replaced(postgres_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("orderdock.db.database._FRESH", 0.0)
    database, other = Database(postgres_url, readers=1), Database(postgres_url)
    assert looked(database, 1) == 1
    with other.look() as tx:
        killed = tx.all(Sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()"
                            " AND datname = current_database()"))  # fmt: skip
    assert len(killed) == 1
    assert looked(database, 2) == 2
    other.close()
    database.close()


def test_the_payments_of_one_order_are_looked_up_in_a_small_ledger_too(postgres_url: str) -> None:
    database = Database(postgres_url)
    with database.write() as tx:
        tx.ask(Sql(
            "INSERT INTO payment_entry (cm_id, payment_id, entry_no, order_id, at)"
            " SELECT 1, n, 1, n, 1 FROM generate_series(1, 10000) AS n"
        ))  # fmt: skip
        tx.ask(Sql("ANALYZE payment_entry"))
    with database.look() as tx:
        raw: Any = tx._raw
        rows = raw.execute(f"EXPLAIN {_ENTRIES.postgresql}", {"cm_id": 1, "names": json.dumps([{"id": 7}])}).fetchall()
    plan = "\n".join(row[0] for row in rows)
    assert "ix_payment_entry_cm_id_order_id_payment_id_entry_no" in plan, plan
    assert "Seq Scan" not in plan, plan
    database.close()
