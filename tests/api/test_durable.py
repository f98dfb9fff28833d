"""An answer is given only after what it reports is on the disk: shown by the order of the calls to the kernel."""

import http.client
import json
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import psutil
import pytest

from tests.crash.load import WRITE
from tests.crash.server import HOST, Server
from tests.crash.shop import Shop, furnish, run_cli
from tests.crash.tracing import SENDS, SYNCS, TAKES, Call, read, strace, unable
from tests.engines import PostgresServer

pytestmark = [pytest.mark.slow]
PUSHES = 6


def push(server: Server, name: str, items: int = 1) -> int:
    """Push new orders in a request of that name; answers the status."""
    orders = [{"erp_order_id": f"{name}-{number}", "phone": "9123456789"} for number in range(items)]
    with closing(http.client.HTTPConnection(HOST, server.port, timeout=30)) as connection:
        headers = {"Authorization": server.shop.authorization, "X-Request-Id": name}
        connection.request("POST", WRITE, json.dumps(orders), headers)
        answer = connection.getresponse()
        body = answer.read()
    assert answer.status != 200 or body.count(b'"outcome":"created"') == items, body
    return answer.status


@contextmanager
def traced(shop: Shop, *more: str) -> Iterator[Server]:
    """A server that strace watches. It ends in order: killed with the server, strace would not note the last answer."""
    with Server(shop, under=strace(shop.folder / "trace", *more)) as server:
        yield server
        for main in psutil.Process(server.running.pid).children():
            main.terminate()
        assert server.running.wait(60) == 0, server.tail()


@pytest.fixture(scope="module")
def sqlite_shop(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    folder = tmp_path_factory.mktemp("durable")
    return furnish(f"sqlite:///{folder}/orderdock.db", folder)


def first(calls: list[Call], names: tuple[str, ...], text: str) -> Call:
    """The first call of these names that carries a text."""
    found = next((call for call in calls if call.name in names and call.carries(text)), None)
    seen = "\n".join(call.shown[:200] for call in calls[-10:])
    assert found is not None, f"none of {len(calls)} calls is {' or '.join(names)} with {text!r}; the last:\n{seen}"
    return found


def answer_to(calls: list[Call], name: str) -> Call:
    """The call that gives a request's answer to the network."""
    return first(calls, SENDS, f"x-request-id: {name}\\r")


def question_of(calls: list[Call], name: str) -> Call:
    """The call that takes a request from the network."""
    return first(calls, TAKES, f"X-Request-Id: {name}\\r")


def test_sqlite_syncs_its_log_before_the_answer(sqlite_shop: Shop) -> None:
    names = [f"order-{number}" for number in range(PUSHES)]
    with traced(sqlite_shop) as server:
        assert [push(server, name, items) for items, name in enumerate(names, 1)] == [200] * PUSHES
    calls = read(sqlite_shop.folder / "trace")
    for name in names:
        asked, answered = question_of(calls, name), answer_to(calls, name)
        between = [call for call in calls if asked.ended < call.began < answered.began and call.target.endswith("-wal")]
        written = [call for call in between if call.name == "pwrite64"]
        assert written, "nothing was written between question and answer"
        synced = [call for call in between if call.name in SYNCS and call.began > written[-1].ended]
        assert synced, f"{name} was answered before its last write was synced"
        # The log is synced again when it is moved into the file, beside the answers.
        assert any(call.result == "0" and call.ended < answered.began for call in synced)
    first = answer_to(calls, names[0])
    assert [call for call in calls if call.name in SYNCS and call.target == str(sqlite_shop.folder) and
            call.ended < first.began], "the log's name was not synced into its directory"  # fmt: skip


class Disk:
    """What would be left after a loss of power: of every file only what was synced."""

    def __init__(self, *files: Path) -> None:
        self.kept = {str(file): bytearray(file.read_bytes()) for file in files if file.exists()}
        self._waiting: dict[str, list[Call]] = {}

    def see(self, call: Call) -> None:
        if call.name in ("pwrite64", "ftruncate"):
            self._waiting.setdefault(call.target, []).append(call)
        elif call.name in SYNCS and call.result == "0":
            for change in self._waiting.pop(call.target, []):
                self._apply(change)

    def _apply(self, call: Call) -> None:
        content = self.kept.setdefault(call.target, bytearray())
        if call.name == "ftruncate":
            del content[call.offset :]
            return
        data = call.data
        assert str(len(data)) == call.result
        content.extend(b"\0" * (call.offset + len(data) - len(content)))
        content[call.offset : call.offset + len(data)] = data

    def restore(self, folder: Path) -> Path:
        """Lay the files into a folder; answers the database's."""
        for name, content in self.kept.items():
            (folder / Path(name).name).write_bytes(content)
        return folder / "orderdock.db"


def test_what_was_answered_survives_a_loss_of_power(sqlite_shop: Shop, tmp_path: Path) -> None:
    """The files are put together from synced writes alone, as they were when each answer went out."""
    names = [f"power-{number}" for number in range(PUSHES)]
    base = sqlite_shop.folder / "orderdock.db"
    with traced(sqlite_shop) as server:
        disk = Disk(base, base.with_name("orderdock.db-wal"))
        begin = len((sqlite_shop.folder / "trace").read_text().splitlines())
        assert [push(server, name, 40) for name in names] == [200] * PUSHES
    calls = [call for call in read(sqlite_shop.folder / "trace") if call.began >= begin]
    answers = {answer_to(calls, name).began: name for name in names}
    due: list[str] = []
    for call in sorted(calls, key=lambda call: call.began if call.began in answers else call.ended):
        if call.began in answers:
            due.append(answers[call.began])
            (tmp_path / due[-1]).mkdir()
            assert orders_in(disk.restore(tmp_path / due[-1]), due) == 40 * len(due), f"{due[-1]} is not on the disk"
        elif "orderdock.db" in call.target and not call.target.endswith("-shm"):
            disk.see(call)
    assert len(due) == PUSHES


def orders_in(database: Path, names: list[str]) -> int:
    """How many orders of these requests a file holds; it must be sound."""
    with closing(sqlite3.connect(database)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        found = connection.execute("SELECT erp_order_id FROM orders").fetchall()
    return sum(erp.rpartition("-")[0] in names for (erp,) in found)


def test_a_sync_that_fails_is_no_success(sqlite_shop: Shop, tmp_path: Path) -> None:
    """The disk refuses one sync: its request is not acknowledged, and sent again it is there once."""
    shop = Shop(f"sqlite:///{tmp_path}/orderdock.db", tmp_path, sqlite_shop.authorization)
    for name in ("orderdock.db", "orderdock.secret"):
        shutil.copy(sqlite_shop.folder / name, tmp_path)
    names = [f"fault-{number}" for number in range(8)]
    with traced(shop, "-e", "inject=fdatasync:error=EIO:when=6") as server:
        told = {name: push(server, name) for name in names}
        refused = [name for name in names if told[name] != 200]
        assert [told[name] for name in refused] == [500], told
        assert push(server, refused[0]) == 200, "it went through although it had failed before, or fails for ever"
    assert orders_in(tmp_path / "orderdock.db", names) == len(names)


def test_postgresql_syncs_its_log_before_the_answer(tmp_path: Path) -> None:
    """Also when its administrator has switched synchronous_commit off: Orderdock asks for it itself."""
    names = [f"order-{number}" for number in range(PUSHES)]
    with PostgresServer(settings={"synchronous_commit": "off"}) as postgres:
        shop = furnish(postgres.create_database(), tmp_path)
        with watched(postgres, tmp_path / "backends"), traced(shop) as server:
            assert [push(server, name, items) for items, name in enumerate(names, 1)] == [200] * PUSHES
    ours, theirs = read(tmp_path / "trace"), read(tmp_path / "backends")
    for name in names:
        asked, answered = question_of(ours, name), answer_to(ours, name)
        heard = [call for call in ours if asked.ended < call.began and call.ended < answered.began
                 and call.name in TAKES and call.carries("COMMIT\\0")]  # fmt: skip
        assert heard, f"{name} was answered before PostgreSQL said that it was committed"
    # A look that wrote nothing commits nothing: only answers that tell of rows stored count.
    commits = [call for call in theirs if call.name in SENDS and call.carries("COMMIT\\0") and call.carries("INSERT")]
    assert len(commits) >= PUSHES
    for commit in commits[-PUSHES:]:
        own = [call for call in theirs if call.pid == commit.pid and call.ended < commit.began]
        # The last thing read may be the mark behind COMMIT: what counts is when COMMIT itself was read.
        asked = first(own[::-1], TAKES, "COMMIT\\0")
        synced = [call for call in theirs if call.name in SYNCS and "/pg_wal/" in call.target and call.result == "0"
                  and asked.ended < call.ended < commit.began]  # fmt: skip
        assert synced, f"COMMIT was said before its log was synced: {commit.shown[:200]}"


@contextmanager
def watched(postgres: PostgresServer, output: Path) -> Iterator[None]:
    """strace on every process that PostgreSQL begins from now on; it ends with them."""
    with subprocess.Popen(strace(output, "-p", str(postgres.pid)), stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        said = process.stderr.readline()
        if "not permitted" in said:
            unable(f"strace may not look at another process ({said.strip()})")
        assert "attached" in said, said
        try:
            yield
        finally:
            postgres.stop("immediate")  # a process that is let go in the midst of its life may stay stopped for ever
            process.wait(timeout=30)


def test_an_unsafe_postgresql_is_refused(tmp_path: Path) -> None:
    with PostgresServer(settings={"fsync": "off", "full_page_writes": "off"}) as postgres:
        shop = Shop(postgres.create_database(), tmp_path, "")
        run_cli(shop.database, tmp_path, "migrate")
        command = [sys.executable, "-m", "orderdock", "serve", "--port", "8480", "--database", shop.database]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == 1
        assert done.stderr == (
            "orderdock: the database may lose acknowledged writes: fsync is off, full_page_writes is off."
            " Switch it on, or start with --unsafe-database.\n"
        )
        with Server(shop, more=["--unsafe-database"]) as server:
            assert "UNSAFE: fsync is off; acknowledged writes may be lost" in server.tail()
