"""A copy of everything from one engine to the other and back."""

from contextlib import closing

from orderdock.db import Database, Sql
from tests.desk import Desk, knows, secret_of


def copied(desk: Desk, source: str, target: str) -> dict[str, str]:
    said = desk.run("copy", "--from", source, "--to", target, "--json")
    assert (said.code, said.err) == (0, ""), said.err
    found: dict[str, str] = said.json["digests"]
    return found


def test_a_copy_and_back_is_the_same(desk: Desk) -> None:
    url, header = desk.filled()
    other = desk.empty(migrated=True, engine="postgresql" if desk.engine == "sqlite" else "sqlite")
    back = desk.empty(migrated=True)
    there = copied(desk, url, other)
    again = copied(desk, other, back)
    assert there == again
    assert len(there) > 20
    if desk.engine == "sqlite":
        secret_of(desk, back).write_text(secret_of(desk, url).read_text())
    assert knows(back, header)
    assert desk.run("backup", "a", "--json", database=url).json["rows"] == desk.run(
        "backup", "b", "--json", database=back
    ).json["rows"]  # fmt: skip


def test_a_copy_wants_an_empty_migrated_target(desk: Desk) -> None:
    url, _ = desk.filled()
    said = desk.run("copy", "--from", url, "--to", desk.empty())
    assert (said.code, "run `orderdock migrate` first" in said.err) == (1, True)
    full, _ = desk.filled()
    said = desk.run("copy", "--from", url, "--to", full)
    assert (said.code, "the database is not empty" in said.err) == (1, True)
    said = desk.run("copy", "--from", url, "--to", url)
    assert said.code == 2


def test_a_copy_wants_a_quiet_source(desk: Desk) -> None:
    url, _ = desk.filled()
    target = desk.empty(migrated=True)
    # Somebody writes: a transaction that took the account's row and has changed something.
    with closing(Database(url)) as database, database.write() as tx:
        tx.ask(Sql("UPDATE account SET name = 'Busy' WHERE cm_id = 1000001"))
        said = desk.run("copy", "--from", url, "--to", target)
    assert said.err == "orderdock: something writes to the source: stop the server, then run this again\n"
    assert desk.run("copy", "--from", url, "--to", target).code == 0
