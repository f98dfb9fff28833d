"""PostgreSQL's pipeline after a failure: what was to be prepared behind it is prepared anew."""

import psycopg
import pytest

from orderdock.db import Database, Sql

FAILS = Sql("INSERT INTO account_lock (cm_id) VALUES (:cm_id), (:cm_id)")
NEW = Sql("SELECT :cm_id + 1 AS one_more")


def test_a_statement_behind_one_that_failed_is_prepared_anew(postgres_url: str) -> None:
    database = Database(postgres_url)
    connection = database.connection()
    tx = connection.begin()
    tx.ask(FAILS, cm_id=1)
    tx.ask(NEW, cm_id=1)
    with pytest.raises(psycopg.errors.UniqueViolation):
        connection.commit()
    connection.rollback()
    for _ in range(2):
        assert connection.begin().all(NEW, cm_id=1) == [(2,)]
        connection.rollback()
    connection.close()
    database.close()
