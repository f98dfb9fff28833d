"""The command line where an installation is made, served, examined and filled."""

from pathlib import Path

import pytest

from orderdock import migrations
from orderdock.db import Database, Sql
from tests.api.terminal import Run, kap, scope_of
from tests.engines import PostgresServer


def test_migrate_says_what_it_did(run: Run) -> None:
    assert run("migrate").out == f"schema: {migrations.head()} -> {migrations.head()}\n"
    assert run("migrate", "--down", "base").out == f"schema: {migrations.head()} -> nothing\n"
    assert run("migrate").out == f"schema: nothing -> {migrations.head()}\n"


def test_sqlite_takes_one_worker(run: Run, sqlite_url: str) -> None:
    said = run("serve", "--workers", "2", "--database", sqlite_url)
    assert (said.code, said.err) == (
        1,
        "orderdock: SQLite takes one worker: start with --workers 1, or use PostgreSQL\n",
    )


def test_postgresql_is_not_migrated_by_serving(run: Run, postgres_url: str) -> None:
    run("migrate", "--down", "base", "--database", postgres_url)
    said = run("serve", "--database", postgres_url)
    assert (said.code, said.err) == (1, "orderdock: the database has no tables yet: run `orderdock migrate` first\n")


def test_an_unsafe_database_is_refused(run: Run) -> None:
    with PostgresServer(settings={"fsync": "off"}) as server:
        url = server.create_database()
        run("migrate", "--database", url)
        said = run("serve", "--database", url)
        found = run("doctor", "--database", url, "--json")
    assert said.code == 1
    assert "fsync is off" in said.err
    assert (found.code, [row["check"] for row in found.json if row["result"] == "fail"]) == (1, ["durability"])


def test_a_sound_installation(run: Run) -> None:
    assert run("doctor", "--json").code == 0
    found = {row["check"]: row["result"] for row in run("doctor", "--json").json}
    assert {found[check] for check in ("database", "schema", "durability", "secret")} == {"ok"}
    assert "ok   schema" in run("doctor").out
    assert "ok   workers" in run("doctor").out


def test_doctor_writes_nothing(run: Run, tmp_path: Path) -> None:
    before = sorted(tmp_path.iterdir())
    secret = next(row for row in run("doctor", "--json").json if row["check"] == "secret")
    assert secret["said"] == f"{tmp_path}/orderdock.secret is not there yet; it is made at the first use"
    assert sorted(tmp_path.iterdir()) == before


def test_doctor_says_what_is_to_be_migrated(run: Run) -> None:
    run("migrate", "--down", "base")
    said = run("doctor", "--json")
    found = {row["check"]: (row["result"], row["said"]) for row in said.json}
    assert said.code == 1
    assert found["schema"] == ("fail", f"at nothing, needed is {migrations.HEAD}: run `orderdock migrate`")
    assert found["secret"][0] == "warn"
    assert found["secret"][1].endswith("orderdock.secret is not there; run `orderdock migrate`, then look again")


def test_a_secret_file_that_others_can_read(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "elsewhere.secret"
    path.write_text("x" * 40)
    path.chmod(0o644)
    monkeypatch.setenv("ORDERDOCK_SECRET_FILE", str(path))
    found = {row["check"]: (row["result"], row["said"]) for row in run("doctor", "--json").json}
    assert found["secret"] == ("fail", f"{path} has mode 644, others can read it: chmod 600 {path}")
    assert kap(run)


def test_what_doctor_finds(run: Run, sqlite_url: str, tmp_path: Path) -> None:
    (tmp_path / "orderdock.secret").write_text("x" * 40)
    (tmp_path / "orderdock.secret").chmod(0o644)
    run("migrate", "--down", "base", "--database", sqlite_url)
    said = run("doctor", "--workers", "2", "--database", sqlite_url, "--json")
    assert said.code == 1
    assert {row["check"] for row in said.json if row["result"] == "fail"} == {"schema", "workers", "secret"}
    assert run("doctor", "--database", f"sqlite:///{tmp_path}/none.db", "--json").json[0]["result"] == "fail"


def test_the_file_of_a_new_database_is_nobody_elses(run: Run, tmp_path: Path) -> None:
    assert run("migrate", "--database", f"sqlite:///{tmp_path}/new.db").code == 0
    assert (tmp_path / "new.db").stat().st_mode & 0o777 == 0o600


def test_the_demo_is_made_once(run: Run, engine_url: str) -> None:
    first = run("demo", "--orders", "120")
    assert "120 created" in first.out
    again = run("demo", "--orders", "120")
    assert "120 unchanged" in again.out
    database = Database(engine_url)
    with database.read() as tx:
        counts: dict[str, int] = dict(tx.all(Sql("SELECT kind, count(*) FROM event GROUP BY kind")))
        statuses = {row[0] for row in tx.all(Sql("SELECT DISTINCT status FROM orders"))}
    database.close()
    assert counts["order.created"] == 120
    assert counts["payment.added"] > 60
    assert len(statuses) > 4
    scope = scope_of(engine_url, first.out.partition("Authorization: ")[2].strip())
    assert scope is not None
    assert scope.subdomain == "demo"


def test_an_order_is_deleted(run: Run) -> None:
    run("demo", "--orders", "2")
    words = ("order", "delete", "--account", "demo", "--order-id", "4000001")
    assert run(*words).out == "order 4000001 is deleted\n"
    assert run(*words).code == 1
    other = run("order", "delete", "--account", "demo", "--order-id", "4000002", "--json")
    assert other.json == {"order_id": 4000002, "outcome": "deleted"}
