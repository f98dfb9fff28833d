"""The running world is made once for all black-box tests of a session, wherever they stand."""

import io
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from orderdock.cli import main
from tests.api.terminal import Run
from tests.conftest import ENGINES
from tests.desk import Desk, Said
from tests.engines import PostgresServer

pytest.register_assert_rewrite("tests.world", "tests.http")


def pytest_configure(config: pytest.Config) -> None:
    if not config.pluginmanager.has_plugin("world"):
        from tests import world

        config.pluginmanager.register(world, "world")


@pytest.fixture(params=ENGINES)
def desk(
    request: pytest.FixtureRequest, tmp_path: Path, postgres: PostgresServer, capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Desk]:  # fmt: skip
    """An administrator's desk on one engine after the other, in a folder of its own."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ORDERDOCK_PG_BIN", str(postgres.programs))
    postgres.start()
    with closing(Desk(request.param, tmp_path, postgres, capsys)) as made:
        yield made


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
