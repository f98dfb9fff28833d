"""The command line, as a person or a script uses it."""

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from orderdock import migrations
from orderdock.accounts.actions import authenticate, open_hasher
from orderdock.accounts.model import Scope
from orderdock.cli import main
from orderdock.db import Database, Sql
from tests.engines import PostgresServer


class Said(NamedTuple):
    """What a command left behind."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


Run = Callable[..., Said]


@pytest.fixture
def run(engine_url: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    """Runs a command on a fresh database, with its secret and its working directory in a place of its own."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ORDERDOCK_DATABASE", engine_url)
    monkeypatch.setenv("COLUMNS", "200")

    def _run(*words: str, stdin: str = "") -> Said:
        monkeypatch.setattr("sys.stdin", io.StringIO(stdin))
        with pytest.raises(SystemExit) as ended:
            main(list(words))
        captured = capsys.readouterr()
        return Said(int(ended.value.code or 0), captured.out, captured.err)

    return _run


def scope_of(url: str, authorization: str) -> Scope | None:
    database = Database(url)
    try:
        return authenticate(database, open_hasher(database), authorization.removeprefix("Basic "))
    finally:
        database.close()


def kap(run: Run) -> int:
    said = run("account", "create", "--name", "Kap", "--subdomain", "kapdemo", "--cm-id", "1000298", "--json")
    assert (said.code, said.err) == (0, "")
    assert (said.json["cm_id"], said.json["subdomain"]) == (1000298, "kapdemo")
    return int(said.json["cm_id"])


def test_from_an_account_to_a_key(run: Run, engine_url: str) -> None:
    cm_id = kap(run)
    place = ("--account", "kapdemo")
    run(
        "employee",
        "create",
        *place,
        "--code",
        "E-7",
        "--name",
        "Meera",
        "--email",
        "meera@example.com",
        "--group",
        "north",
    )
    run("account", "set", *place, "time_zone=UTC")
    said = run(
        "key", "create", *place, "--name", "K", "--operation", "order.*", "--mandatory", "phone",
        "--expires", "2026-12-31", "--owner", "E-7", "--set", "discount_kind=percent", "--json",
    )  # fmt: skip
    assert set(said.json) == {"id", "auth_key", "authorization"}
    scope = scope_of(engine_url, said.json["authorization"])
    assert scope is not None
    assert (scope.cm_id, scope.expires_at, scope.settings["discount_kind"]) == (cm_id, 1_798_761_599_999, "percent")
    assert scope.mandatory["order.push"] == ("customer.phone",)

    listed = run("key", "list", *place, "--json")
    assert said.json["auth_key"] not in listed.out
    assert (listed.json[0]["name"], listed.json[0]["owner"]) == ("K", "E-7")
    assert "K" in run("key", "list", *place).out
    assert [row["code"] for row in run("employee", "list", *place, "--json").json] == ["system", "E-7"]
    assert run("account", "list", "--json").json[0]["settings"]["time_zone"] == "UTC"

    assert run("key", "disable", *place, "--name", "K").code == 0
    after = scope_of(engine_url, said.json["authorization"])
    assert after is not None
    assert not after.enabled


def test_a_key_is_shown_with_its_header(run: Run, engine_url: str) -> None:
    kap(run)
    said = run("key", "create", "--account", "kapdemo", "--name", "K", "--operation", "*")
    header = next(line for line in said.out.splitlines() if "Authorization: " in line).partition("Authorization: ")[2]
    assert scope_of(engine_url, header) is not None


def test_a_login_reads_its_password_from_stdin(run: Run, engine_url: str) -> None:
    kap(run)
    words = (
        "login",
        "create",
        "--account",
        "kapdemo",
        "--username",
        "ops",
        "--operation",
        "order.get",
        "--password-stdin",
    )
    said = run(*words, "--json", stdin="pass:word9\n")
    scope = scope_of(engine_url, said.json["authorization"])
    assert scope is not None
    assert (scope.kind, scope.actor) == ("login", "login:ops")
    assert run(*words, stdin="short\n") == Said(1, "", "orderdock: a password has 8 to 500 characters\n")


@pytest.mark.parametrize(
    ("words", "code", "sentence"),
    [
        ("account set --account nobody country=IN", 1, "there is no account with the subdomain nobody"),
        ("account set --account kapdemo country=XX", 1, "country=XX: must be a country code such as IN"),
        ("key create --account kapdemo --name K --operation order.fly", 1, "there is no such operation: order.fly"),
        ("key create --account kapdemo --name K --operation * --mandatory colour", 1, "colour: there is no such field"),
        ("employee set --account kapdemo --code E-9 --inactive", 1, "there is no employee E-9"),
        ("order delete --account kapdemo --order-id 7", 1, "order 7: no such order"),
    ],
)
def test_an_error_is_one_sentence(run: Run, words: str, code: int, sentence: str) -> None:
    kap(run)
    assert run(*words.split()) == Said(code, "", f"orderdock: {sentence}\n")


@pytest.mark.parametrize(
    "words", ["account sett", "key create --account kapdemo", "account set --account kapdemo country", "serve --port 0"]
)
def test_wrong_usage_is_2(run: Run, words: str) -> None:
    said = run(*words.split())
    assert (said.code, said.out) == (2, "")
    assert "Error: " in said.err


def test_nothing_is_made_by_a_mistyped_path(run: Run, tmp_path: Path) -> None:
    said = run("account", "list", "--database", f"sqlite:///{tmp_path}/typo.db")
    assert (said.code, said.err) == (1, "orderdock: the database has no tables yet: run `orderdock migrate` first\n")
    assert not (tmp_path / "typo.db").exists()


def test_a_database_that_is_not_there(run: Run) -> None:
    said = run("account", "list", "--database", "postgresql://127.0.0.1:1/none")
    assert said.code == 1
    assert said.err.startswith("orderdock: ")
    assert len(said.err.splitlines()) == 1


def test_a_setting_that_cannot_be_read(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ORDERDOCK_PORT", "http")
    assert run("account", "list").err == "orderdock: ORDERDOCK_PORT=http: must be a whole number from 1 to 65535\n"


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
