"""The steps lead to exactly the schema of tables.py, on both engines, and back."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from orderdock import migrations
from orderdock.db import Database, Sql, store_rows
from orderdock.tables import SEQUENCES, customer, metadata


@pytest.fixture
def database(engine_url: str) -> Iterator[Database]:
    database = Database(engine_url)
    yield database
    database.close()


def differences(database: Database) -> list[Any]:
    with database.sa.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        return list(compare_metadata(context, metadata))


def partial_indexes(database: Database) -> dict[str, tuple[str, ...]]:
    """Index -> its columns and its condition, without brackets and casts."""
    inspector, found = sa.inspect(database.sa), {}
    for table in metadata.tables:
        for index in inspector.get_indexes(table):
            where = index.get("dialect_options", {}).get(f"{database.engine}_where")
            if where is not None:
                words = str(where).replace("(", "").replace(")", "").replace("::text", "")
                found[str(index["name"])] = (*map(str, index["column_names"]), words, str(bool(index["unique"])))
    return found


def test_the_newest_revision_is_the_last_step() -> None:
    steps = ScriptDirectory(str(Path(migrations.__file__).parent))
    assert [migrations.head()] == steps.get_heads()


def test_the_steps_lead_to_the_schema(database: Database) -> None:
    assert migrations.current(database) == migrations.head()
    assert differences(database) == []


def test_partial_indexes_have_their_conditions(database: Database) -> None:
    wanted = {
        str(index.name): (*(c.name for c in index.columns), where.text, str(bool(index.unique)))
        for table in metadata.tables.values()
        for index in table.indexes
        if (where := index.dialect_options[database.engine]["where"]) is not None
    }
    assert wanted
    assert partial_indexes(database) == wanted


def test_names_of_constraints_are_those_of_the_schema(database: Database) -> None:
    inspector = sa.inspect(database.sa)
    for name, table in metadata.tables.items():
        assert inspector.get_pk_constraint(name)["name"] == f"pk_{name}"
        assert inspector.get_pk_constraint(name)["constrained_columns"] == [c.name for c in table.primary_key.columns]
        assert [c["name"] for c in inspector.get_columns(name)] == [c.name for c in table.columns]


def test_text_compares_by_bytes_on_postgresql(postgres_url: str) -> None:
    database = Database(postgres_url)
    with database.read() as tx:
        rows = tx.all(
            Sql(
                """SELECT table_name, column_name, collation_name FROM information_schema.columns
                   WHERE table_schema = 'public' AND data_type = 'text'"""
            )
        )
    database.close()
    assert len(rows) > 100
    assert [row for row in rows if row[2] != "C"] == []


def test_up_down_up(database: Database) -> None:
    migrations.downgrade(database, "base")
    assert migrations.current(database) is None
    assert set(sa.inspect(database.sa).get_table_names()) <= {"alembic_version"}
    migrations.upgrade(database)
    migrations.upgrade(database)
    assert differences(database) == []


def test_what_is_stored_gets_its_compared_forms(database: Database) -> None:
    migrations.downgrade(database, "0001")
    with database.write() as tx:
        for number in range(1, 2_002):
            name = "'ÉMILE'" if number == 2_001 else "NULL"
            tx.ask(
                Sql(
                    "INSERT INTO orders (cm_id, id, revision, received_at, total_given, contact_name, attr1, unit_name)"
                    f" VALUES (:cm_id, {number}, 1, 1, 0, {name}, 'plain', {name})"
                ),
                cm_id=number % 2 + 1,
            )
        tx.ask(
            Sql(
                "INSERT INTO customer (cm_id, id, revision, created_at, modified_at, name, city)"
                " VALUES (:cm_id, 1, 1, 1, 1, 'Zoë', 'Pune')"
            ),
            cm_id=1,
        )
    migrations.upgrade(database)
    keyed = Sql("SELECT id, contact_name_key, words_key FROM orders WHERE cm_id = :cm_id AND words_key IS NOT NULL")
    customers = Sql("SELECT name_key, words_key FROM customer WHERE cm_id = :cm_id")
    with database.read() as tx:
        assert tx.all(keyed, cm_id=2) == [(2_001, "émile", '{"unit_name":"émile"}')]
        assert tx.all(keyed, cm_id=1) == []
        assert tx.all(customers, cm_id=1) == [("zoë", '{"city":"pune"}')]
    assert differences(database) == []


def test_attributes_of_stored_customers_get_their_compared_forms(database: Database) -> None:
    migrations.downgrade(database, "0003")
    blank = {"revision": 1, "created_at": 1, "modified_at": 1}
    with database.write() as tx:
        for at in range(0, 2_001, 500):
            numbers = range(at + 1, min(at + 500, 2_001) + 1)
            store_rows(tx, 1, customer, [{**blank, "id": n, "attr1": "plain"} for n in numbers if n != 2_001])
        store_rows(tx, 1, customer, [{**blank, "id": 2_001, "attr15": "ÉMILE", "words_key": '{"city":"pune"}'}])
        store_rows(tx, 2, customer, [{**blank, "id": 1, "attr2": "Zoë", "attr3": "x"}, {**blank, "id": 2}])
    migrations.upgrade(database)
    keyed = Sql("SELECT id, words_key FROM customer WHERE cm_id = :cm_id AND words_key IS NOT NULL")
    with database.read() as tx:
        assert tx.all(keyed, cm_id=1) == [(2_001, '{"city":"pune","attr15":"émile"}')]
        assert tx.all(keyed, cm_id=2) == [(1, '{"attr2":"zoë"}')]
    assert differences(database) == []


def test_sequences_begin_where_the_schema_says(database: Database) -> None:
    with database.read() as tx:
        assert dict(tx.all(Sql("SELECT name, next_id FROM id_block"))) == SEQUENCES


def test_a_migrated_database_is_writable_after_a_reader(database: Database) -> None:
    with database.read() as tx:
        tx.all(Sql("SELECT name FROM id_block"))
    migrations.upgrade(database)
    assert database.take_id("key") == SEQUENCES["key"]


def test_a_secret_that_was_replaced_does_not_work_again_in_an_older_version(engine_url: str) -> None:
    database = Database(engine_url)
    with database.write() as tx:
        for digest, until in (("kept", None), ("replaced", 5)):
            tx.ask(
                Sql("INSERT INTO credential (hash, account_id, key_id, until) VALUES (:hash, 1, 1, :until)"),
                hash=digest, until=until,
            )  # fmt: skip
    migrations.downgrade(database, "0002")
    migrations.upgrade(database)
    with database.read() as tx:
        assert tx.all(Sql("SELECT hash, until FROM credential")) == [("kept", None)]
    database.close()
