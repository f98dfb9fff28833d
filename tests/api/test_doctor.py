"""`orderdock doctor`: what it warns of, and that it leaves everything as it was (docs/operations.md)."""

import hashlib
import json
import shutil
import sqlite3
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from argon2 import PasswordHasher
from typer.testing import CliRunner

from orderdock.accounts import actions
from orderdock.accounts.actions import Admin
from orderdock.accounts.actions.weak import weak_logins
from orderdock.accounts.decide import Hasher
from orderdock.cli import app
from orderdock.db import Database, Sql, unsafe_settings
from orderdock.events.actions import record
from tests.world import SECRET

Found = dict[str, tuple[str, str]]


def doctor(url: str, *words: str, **environ: str) -> Found:
    """check -> (result, sentence); of several findings of a check the last."""
    settings = {"ORDERDOCK_DATABASE": url, "ORDERDOCK_SECRET": SECRET, **environ}
    done = CliRunner().invoke(app, ["doctor", "--json", *words], env=settings)
    assert done.exit_code in (0, 1), done.output
    rows: list[dict[str, Any]] = json.loads(done.stdout)
    assert done.exit_code == any(row["result"] == "fail" for row in rows)
    return {row["check"]: (row["result"], row["said"]) for row in rows}


@pytest.fixture(autouse=True)
def _quick_passwords(monkeypatch: pytest.MonkeyPatch) -> None:
    """A hash says itself how much work it is to try a password."""
    monkeypatch.setattr("orderdock.accounts.actions.profile.PASSWORDS", PasswordHasher(1, 8, 1))


def fill(url: str, passwords: dict[str, str], **keys: dict[str, str]) -> None:
    """An account `lamps` with logins by their passwords, and keys by their settings."""
    with closing(Database(url)) as database:
        admin = Admin(database, Hasher(SECRET.encode()), record)
        account = actions.create_account(admin, name="Lamps Ltd", subdomain="lamps")
        for name, password in passwords.items():
            actions.create_login(admin, account.cm_id, username=name, password=password, operations=["*"])
        for name, options in keys.items():
            actions.create_key(admin, account.cm_id, name=name, operations=["*"], options=options)


def test_a_sound_installation_is_told_so(engine_url: str) -> None:
    fill(engine_url, {"ops": "correct horse battery"}, erp={"rate_per_minute": "600"})
    if engine_url.startswith("sqlite"):
        Path(engine_url.removeprefix("sqlite:///")).chmod(0o600)
    found = doctor(engine_url)
    assert {name: result for name, (result, _) in found.items() if result != "ok"} == {}
    assert found["passwords"][1].startswith("1 logins tried in ")
    assert found["expiry"][1] == "no key expires within 30 days"
    assert found["proxy"][1] == "listens on 127.0.0.1, for this machine only"
    assert "rates" not in found


def test_passwords_that_everybody_tries_are_found(engine_url: str) -> None:
    fill(engine_url, {"operations": "operations1", "till": "12345678", "desk": "lamps123", "good": "Xk29-fjw_0qP"})
    result, said = doctor(engine_url)["passwords"]
    assert result == "warn"
    assert said.startswith("easy to guess: lamps/operations, lamps/till, lamps/desk; make new logins")
    assert "4 logins tried in" in said
    assert not any(word in said for word in ("12345678", "lamps123", "operations1"))


def test_passwords_are_tried_a_bounded_time_long(sqlite_url: str) -> None:
    fill(sqlite_url, {f"user{number}": "correct horse battery" for number in range(3)})
    with closing(Database(sqlite_url, as_is=True)) as database:
        assert weak_logins(database, 0.0) == ([], 0, 3)
        assert weak_logins(database, 60.0) == ([], 3, 0)


def test_keys_that_expire_soon_and_rates_that_cannot_be_shared_are_named(postgres_url: str) -> None:
    days = {name: (date.today() + timedelta(days=ahead)).isoformat() for name, ahead in (("soon", 29), ("late", 32))}
    fill(
        postgres_url, {},
        soon={"expires_on": days["soon"]}, late={"expires_on": days["late"]},
        off={"expires_on": days["soon"], "enabled": "off"}, slow={"rate_per_minute": "3"},
    )  # fmt: skip
    found = doctor(postgres_url, "--workers", "4")
    assert found["expiry"] == ("warn", f"within 30 days: lamps/soon ({days['soon']})")
    told = "less than the 4 workers, each of which gives 1 a minute: lamps/slow (3)"
    assert found["rates"] == ("warn", told)
    assert "rates" not in doctor(postgres_url, "--workers", "3")


def test_a_server_that_others_reach_should_have_tls_before_it(sqlite_url: str) -> None:
    for host in ("0.0.0.0", "::", "192.0.2.1", "orders.example.com"):  # it is only looked at
        result, said = doctor(sqlite_url, "--host", host)["proxy"]
        assert (result, said.startswith(f"listens on {host} without TLS")) == ("warn", True)
        behind = doctor(sqlite_url, ORDERDOCK_HOST=host, ORDERDOCK_TRUSTED_PROXIES="10.0.0.0/8")["proxy"]
        assert behind == ("ok", f"listens on {host}, behind 10.0.0.0/8")
    for host in ("127.0.0.1", "127.0.0.9", "::1", "localhost"):
        assert doctor(sqlite_url, "--host", host)["proxy"][0] == "ok"


def test_more_connections_than_postgresql_allows_are_told(postgres_url: str) -> None:
    two, many = (doctor(postgres_url, "--workers", str(count))["workers"] for count in (2, 64))
    assert two[0] == "ok"
    assert two[1].startswith("2, each with up to 10 connections of the ")
    assert many[0] == "warn"
    assert many[1].endswith("that PostgreSQL allows, which is too few: raise max_connections, or take fewer workers")


def test_a_connection_that_does_not_wait_for_the_disk_is_told(postgres_url: str) -> None:
    with closing(Database(postgres_url)) as database:
        assert unsafe_settings(database) == []
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("orderdock.db.database._SESSION", "-c synchronous_commit=off")  # as behind a pooler
            database.close()
            assert unsafe_settings(database) == ["synchronous_commit is off"]


def _digests(folder: Path) -> dict[str, str]:
    return {one.name: hashlib.sha256(one.read_bytes()).hexdigest() for one in folder.iterdir()}


def test_a_file_is_left_as_it_is(sqlite_url: str, tmp_path: Path) -> None:
    path = Path(sqlite_url.removeprefix("sqlite:///"))
    with closing(sqlite3.connect(path)) as raw:
        assert raw.execute("PRAGMA journal_mode=DELETE").fetchone() == ("delete",)
    before = _digests(tmp_path)
    result, said = doctor(sqlite_url)["durability"]
    assert (result, said) == (
        "warn",
        "journal_mode is delete, synchronous is 2; the server switches it to wal, unless this is a network disk",
    )
    assert _digests(tmp_path) == before
    with closing(Database(sqlite_url)) as database, database.read():
        pass  # as the server opens it
    assert doctor(sqlite_url)["durability"] == ("ok", "journal_mode is wal, synchronous is 2")


def test_files_that_others_may_read_or_replace(sqlite_url: str, tmp_path: Path) -> None:
    path = Path(sqlite_url.removeprefix("sqlite:///"))
    path.chmod(0o640)
    with closing(Database(sqlite_url)) as database, database.read() as tx:
        tx.all(Sql("SELECT count(*) FROM account"))
        log = path.with_name(path.name + "-wal")
        assert doctor(sqlite_url)["file"][0] == "ok"
        fill(sqlite_url, {})  # SQLite puts the mode of an empty log right by itself
        log.chmod(0o644)
        told = f"{log} has mode 644, everybody on this machine can read it: chmod 640 {log}"
        assert doctor(sqlite_url)["file"] == ("warn", told)
    folder = tmp_path / "open"
    folder.mkdir()
    (folder / "s").write_text("x" * 40)
    (folder / "s").chmod(0o600)
    folder.chmod(0o777)
    environ = {"ORDERDOCK_SECRET": "", "ORDERDOCK_SECRET_FILE": str(folder / "s")}
    told = f"{folder} is everybody's to write in, so also the secret's to replace: chmod o-w {folder}"
    assert doctor(sqlite_url, **environ)["secret"] == ("warn", told)
    folder.chmod(0o1777)
    assert doctor(sqlite_url, **environ)["secret"][0] == "ok"


def test_too_few_open_files_are_told(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("resource.getrlimit", lambda kind: (1024, 1024))
    told = "1024 are allowed, 4352 are needed for all connections of a worker: raise the limit (ulimit -n)"
    assert doctor(sqlite_url)["open files"] == ("warn", told)


def test_without_the_right_tables_nothing_is_read_from_them(sqlite_template: Path, tmp_path: Path) -> None:
    url = f"sqlite:///{shutil.copyfile(sqlite_template, tmp_path / 'old.db')}"
    environ = {"ORDERDOCK_DATABASE": url, "ORDERDOCK_SECRET": SECRET}
    assert CliRunner().invoke(app, ["migrate", "--down", "base"], env=environ).exit_code == 0
    found = doctor(url)
    assert found["schema"][0] == "fail"
    assert not {"passwords", "expiry", "rates"} & found.keys()
