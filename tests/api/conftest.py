"""The running world is made once for all black-box tests of a session, wherever they stand."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.conftest import ENGINES
from tests.desk import Desk
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
