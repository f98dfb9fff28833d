"""Backup and restore as an administrator runs them, and what they refuse."""

import io
import json
import random
import stat
import zipfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import sqlalchemy as sa

from orderdock import migrations
from orderdock.db import Database, Sql
from orderdock.db.move import backup as making
from orderdock.db.move.content import Shape
from tests.desk import Desk, is_empty, knows, secret_of
from tests.engines import PostgresServer


def test_a_backup_and_its_restore(desk: Desk) -> None:
    url, header = desk.filled()
    said = desk.run("backup", "b.backup", "--verify", "--json", database=url)
    assert (said.code, said.err) == (0, "")
    told = said.json
    assert (told["engine"], told["schema"], told["secret"], told["faults"]) == (
        desk.engine,
        migrations.head(),
        True,
        [],
    )
    assert told["rows"]["orders"] == 40
    assert told["accounts"]["1000001"]["last_event"] == told["rows"]["event"] > 40
    assert stat.S_IMODE((desk.folder / "b.backup").stat().st_mode) == 0o600
    assert [path.name for path in desk.folder.glob(".*")] == [], "something was left beside the backup"

    (secret := secret_of(desk, url)).rename(desk.folder / "kept")
    target = desk.empty()
    said = desk.run("restore", "b.backup", "--json", database=target)
    assert (said.code, said.err, said.json["rows"]) == (0, "", told["rows"])
    there = secret_of(desk, target)
    assert (there.read_text(), stat.S_IMODE(there.stat().st_mode)) == ((desk.folder / "kept").read_text(), 0o600)
    assert knows(target, header)
    assert desk.run("doctor", database=target).code == 0
    assert [path.name for path in there.parent.glob(".*")] == []
    assert secret.name == "orderdock.secret"


def test_a_restore_says_where_to_and_what_comes_next(desk: Desk) -> None:
    url, _ = desk.filled()
    made = desk.run("backup", "b.backup", "--verify", database=url)
    assert "b.backup: 1 account, " in made.out
    assert made.out.endswith(", verified: it was restored and every row compared\n")
    assert "verified" not in desk.run("backup", "c.backup", database=url).out
    target = desk.empty()
    first, then = desk.run("restore", "b.backup", database=target).out.splitlines()
    assert first.startswith("restored 1 account, ")
    assert first.endswith(f" from b.backup into {target}")
    assert then.startswith("next: name this database to the server")


def test_nothing_is_written_over_data(desk: Desk) -> None:
    url, _ = desk.filled()
    assert desk.run("backup", "b.backup", database=url).code == 0
    for words in ((), ("--force",)):
        said = desk.run("restore", "b.backup", *words, database=url)
        assert said.code == 1
        assert "the database is not empty (account, " in said.err
    again = desk.run("backup", "b.backup", database=url)
    assert again.code == 1
    assert again.err.endswith("b.backup is there already: choose another name, or --force\n")
    assert desk.run("backup", "b.backup", "--force", database=url).code == 0


def test_empty_tables_are_restored_over_when_told_to(desk: Desk) -> None:
    url, header = desk.filled()
    assert desk.run("backup", "b.backup", database=url).code == 0
    target = desk.empty(migrated=True)
    said = desk.run("restore", "b.backup", database=target)
    assert said.code == 1
    assert said.err == ("orderdock: the database has tables already, which are empty: --force restores over them\n")
    assert desk.run("restore", "b.backup", "--force", database=target).code == 0
    assert knows(target, header)


def test_tables_that_gave_out_numbers_are_not_empty(desk: Desk) -> None:
    url, _ = desk.filled()
    assert desk.run("backup", "b.backup", database=url).code == 0
    target = desk.empty(migrated=True)
    with closing(Database(target)) as database:
        database.take_id("order")
    said = desk.run("restore", "b.backup", "--force", database=target)
    assert (said.code, "(id_block)" in said.err) == (1, True)


def test_a_log_that_was_left_behind_is_no_place_to_restore_to(desk: Desk) -> None:
    """SQLite would take it for the log of the restored file."""
    url, _ = desk.filled()
    assert desk.run("backup", "b.backup", database=url).code == 0
    if desk.engine == "sqlite":
        target = desk.empty()
        log = Path(f"{target.removeprefix('sqlite:///')}-wal")
        log.write_bytes(b"pages of another database")
        said = desk.run("restore", "b.backup", database=target)
        assert (said.code, f"{log} of another database" in said.err) == (1, True)
    assert desk.run("restore", "b.backup", database=desk.empty()).code == 0


def test_foreign_tables_are_left_alone(desk: Desk) -> None:
    url, _ = desk.filled()
    assert desk.run("backup", "b.backup", database=url).code == 0
    target = desk.empty()
    with closing(Database(target)) as database, database.write() as tx:
        tx.ask(Sql("CREATE TABLE guests (name text)"))
    said = desk.run("restore", "b.backup", "--force", database=target)
    assert said.code == 1
    assert "holds tables that are not Orderdock's: guests" in said.err


def test_a_backup_that_was_cut_is_refused(desk: Desk) -> None:
    url, _ = desk.filled()
    assert desk.run("backup", "b.backup", database=url).code == 0
    whole, target = (desk.folder / "b.backup").read_bytes(), desk.empty()
    for size in (0, 10, len(whole) // 2, len(whole) - 1):
        (desk.folder / "cut").write_bytes(whole[:size])
        said = desk.run("restore", "cut", database=target)
        assert said.code == 1
        assert said.err.startswith("orderdock: cut is not a whole backup: it was cut or changed (")
        assert is_empty(target)
    assert (
        desk.run("restore", "none", database=target).err
        == "orderdock: none cannot be read: No such file or directory\n"
    )


def test_a_backup_that_was_changed_is_refused(desk: Desk) -> None:
    """A flipped byte in any part of it; one that no part feels (a date of the archive) may pass."""
    url, _ = desk.filled()
    assert desk.run("backup", "b.backup", database=url).code == 0
    target, chance = desk.empty(), random.Random(7)
    with zipfile.ZipFile("b.backup") as archive:
        parts = [
            (one.header_offset + 30 + len(one.filename) + 40, one.compress_size - 40) for one in archive.infolist()
        ]
    whole = (desk.folder / "b.backup").read_bytes()
    for begin, size in parts * 4:
        changed = bytearray(whole)
        changed[begin + chance.randrange(max(size, 1))] ^= 1 << chance.randrange(8)
        (desk.folder / "changed").write_bytes(changed)
        said = desk.run("restore", "changed", database=target)
        assert (said.code, "it was cut or changed" in said.err) == (1, True), said
        assert is_empty(target)


def rewritten(source: Path, to: Path, change: Callable[[Any], None]) -> None:
    """A backup with another manifest, as somebody who means it would make it."""
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(to, "w") as new:
        for one in old.infolist():
            data = old.read(one)
            if one.filename == "manifest.json":
                manifest = json.loads(data)
                change(manifest)
                data = json.dumps(manifest).encode()
            new.writestr(one.filename, data)


def _lose_a_row(manifest: Any) -> None:
    (orders,) = (table for table in manifest["tables"] if table["shape"]["name"] == "orders")
    orders["rows"]["1000001"] += 1


def _other_content(manifest: Any) -> None:
    (orders,) = (table for table in manifest["tables"] if table["shape"]["name"] == "orders")
    orders["digest"] = "0" * 64


def _other_end(manifest: Any) -> None:
    manifest["last"]["1000001"] += 1


def _newer(manifest: Any) -> None:
    manifest["schema"] = "9999"


def _inject(manifest: Any) -> None:
    manifest["tables"][0]["shape"]["name"] = 'x"; DROP TABLE orders; --'


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (_lose_a_row, "what was restored is not the same: orders holds 40 rows of 41"),
        (_other_content, "what was restored is not the same: orders holds other rows"),
        (_other_end, "what was restored is not sound: it ends at other events"),
        (_newer, "the backup has the schema 9999, made by Orderdock "),
        (_inject, "is not a whole backup"),
    ],
)
def test_what_is_restored_must_be_what_the_manifest_says(desk: Desk, change: Callable[[Any], None], told: str) -> None:
    url, _ = desk.filled()
    assert desk.run("backup", "b.backup", database=url).code == 0
    rewritten(desk.folder / "b.backup", desk.folder / "other", change)
    secret_of(desk, url).unlink()
    target = desk.empty()
    said = desk.run("restore", "other", database=target)
    assert (said.code, told in said.err) == (1, True), said.err
    assert is_empty(target)
    assert not secret_of(desk, target).exists(), "the secret of a restore that failed was left there"


def test_another_secret_is_not_written_over(desk: Desk) -> None:
    url, _ = desk.filled()
    assert desk.run("backup", "b.backup", database=url).code == 0
    target = desk.empty()
    secret_of(desk, target).write_text("another secret of another place\n")
    said = desk.run("restore", "b.backup", database=target)
    assert (said.code, "another secret is there already" in said.err) == (1, True)
    assert is_empty(target)
    assert desk.run("restore", "b.backup", "--without-secret", database=target).code == 0
    assert secret_of(desk, target).read_text() == "another secret of another place\n"


def test_a_secret_may_have_a_place_of_its_own(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    url, header = desk.filled()
    assert desk.run("backup", "b.backup", database=url).code == 0
    monkeypatch.setenv("ORDERDOCK_SECRET_FILE", str(desk.folder / "safe"))
    target = desk.empty()
    assert desk.run("restore", "b.backup", database=target).code == 0
    assert knows(target, header, desk.folder / "safe")


def test_a_backup_without_the_secret(desk: Desk) -> None:
    url, _ = desk.filled()
    assert desk.run("backup", "b.backup", "--without-secret", "--json", database=url).json["secret"] is False
    with zipfile.ZipFile("b.backup") as archive:
        assert "orderdock.secret" not in archive.namelist()
    secret_of(desk, url).unlink()
    said = desk.run("backup", "c.backup", database=url)
    assert (said.code, "is missing, but there are keys" in said.err) == (1, True)
    assert not (desk.folder / "c.backup").exists()


def test_what_is_not_sound_is_told(desk: Desk) -> None:
    """The backup is made all the same: it may be the last one."""
    url, _ = desk.filled()
    with closing(Database(url)) as database, database.write() as tx:
        tx.ask(Sql("DELETE FROM event WHERE cm_id = 1000001 AND seq = 20"))
        tx.ask(Sql("UPDATE orders SET revision = revision + 5 WHERE cm_id = 1000001 AND id = 4000003"))
        tx.ask(Sql("UPDATE id_block SET next_id = 4000001 WHERE name = 'order'"))
    said = desk.run("backup", "b.backup", database=url)
    assert said.code == 1
    assert "so some are missing" in said.err
    assert "order 4000003 has revision " in said.err
    assert "the next order number is 4000001, but 40000" in said.err
    target = desk.empty()
    assert desk.run("restore", "b.backup", database=target).code == 0


def as_older(url: str, patch: pytest.MonkeyPatch) -> None:
    """Let backups be made as the version did to which a database was taken back."""
    with closing(Database(url)) as database:
        look = sa.inspect(database.sa)
        found = [
            Shape(name, tuple(c["name"] for c in look.get_columns(name)),
                  tuple(look.get_pk_constraint(name)["constrained_columns"]))
            for name in sorted(look.get_table_names()) if name != "alembic_version"
        ]  # fmt: skip
    patch.setattr(migrations, "HEAD", "0002")
    patch.setattr(making, "shapes", lambda: found)
    patch.setattr(making, "metadata", SimpleNamespace(tables=[shape.name for shape in found]))
    patch.setattr(making, "numbers_behind", lambda raw: [])


def test_an_older_backup_is_restored_and_then_migrated(desk: Desk) -> None:
    url, header = desk.filled()
    assert desk.run("migrate", "--down", "0002", database=url).code == 0
    with pytest.MonkeyPatch.context() as patch:
        as_older(url, patch)
        assert desk.run("backup", "b.backup", database=url).err == ""
    target = desk.empty()
    said = desk.run("restore", "b.backup", database=target)
    assert (said.code, said.err) == (0, "its schema is 0002: run `orderdock migrate`\n")
    assert desk.run("migrate", database=target).out == f"schema: 0002 -> {migrations.head()}\n"
    assert knows(target, header)
    assert desk.run("backup", "c.backup", "--json", database=target).json["rows"]["orders"] == 40


def test_a_backup_of_the_other_engine_is_refused(desk: Desk) -> None:
    url, _ = desk.filled()
    assert desk.run("backup", "b.backup", database=url).code == 0
    other = "postgresql" if desk.engine == "sqlite" else "sqlite"
    said = desk.run("restore", "b.backup", database=desk.empty(engine=other))
    assert said.err == (
        f"orderdock: this is a backup of {desk.engine}: restore it there, then `orderdock copy` it to {other}\n"
    )


def test_programs_that_are_too_old_are_refused(desk: Desk) -> None:
    """SQLite needs none."""
    (desk.folder / "old").mkdir()
    program = desk.folder / "old" / "pg_dump"
    program.write_text("#!/bin/sh\necho 'pg_dump (PostgreSQL) 15.4'\n")
    program.chmod(0o755)
    said = desk.run("backup", "b.backup", "--pg-bin", str(desk.folder / "old"), database=desk.empty(migrated=True))
    if desk.engine == "sqlite":
        assert said.code == 0
    else:
        assert said.code == 1
        assert f"pg_dump of PostgreSQL 18 or newer is needed, and {program} is 15: install it" in said.err


def test_a_password_is_on_no_command_line(
    desk: Desk, postgres: PostgresServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    url, _ = desk.filled()
    if desk.engine == "sqlite":
        assert desk.run("backup", "b.backup", "--verify", database=url).code == 0
        return
    spy = desk.folder / "spy"
    spy.mkdir()
    for name in ("pg_dump", "pg_restore"):
        (spy / name).write_text(
            f'#!/bin/sh\necho "{name} $@" >> {spy}/said\necho "$PGPASSWORD" >> {spy}/password\n'
            f'exec {postgres.programs}/{name} "$@"\n'
        )
        (spy / name).chmod(0o755)
    monkeypatch.setenv("ORDERDOCK_PG_BIN", str(spy))
    said = desk.run("backup", "b.backup", "--verify", database=url.replace("orderdock@", "orderdock:pass-word-99@"))
    assert (said.code, said.err) == (0, "")
    lines = (spy / "said").read_text()
    assert lines.count("--dbname=") == 2
    assert "pass-word-99" not in lines
    assert "pass-word-99" in (spy / "password").read_text()


def test_progress_is_for_terminals(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    url, _ = desk.filled()
    shown = io.StringIO()
    monkeypatch.setattr("sys.stderr", shown)
    assert desk.run("backup", "b.backup", database=url).code == 0
    assert shown.getvalue() == ""


@pytest.mark.slow
def test_a_backup_goes_to_a_newer_postgresql_and_not_to_an_older_one(
    tmp_path: Path, postgres: PostgresServer, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    postgres.start()
    with PostgresServer(version=16) as older:
        old, new = Desk("postgresql", tmp_path, older, capsys), Desk("postgresql", tmp_path, postgres, capsys)
        monkeypatch.setattr(new, "folder", tmp_path / "new")
        (tmp_path / "new").mkdir()
        url, header = old.filled()
        said = old.run("backup", "16.backup", "--pg-bin", str(older.programs), database=url)
        assert (said.code, said.err) == (0, "")
        target, programs = new.empty(), str(postgres.programs)
        assert new.run("restore", "16.backup", "--pg-bin", programs, database=target).code == 0
        assert knows(target, header)
        assert new.run("backup", "18.backup", "--pg-bin", programs, database=target).code == 0
        said = old.run("restore", "18.backup", "--pg-bin", programs, database=old.empty())
        assert said.err == ("orderdock: this is a backup of PostgreSQL 18, and the server is 16, which is older\n")
        new.close()
