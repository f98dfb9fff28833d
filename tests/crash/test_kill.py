"""The server is killed with SIGKILL at random moments: nothing acknowledged is lost, nothing is there twice."""

from collections.abc import Callable

import pytest

from tests.crash.rounds import Run, kill_worker, parts, running, told, wait_quiet
from tests.crash.server import Server
from tests.crash.shop import Shop

pytestmark = [pytest.mark.crash, pytest.mark.slow, pytest.mark.timeout(900)]
Record = Callable[[str, object], None]
Capture = pytest.CaptureFixture[str]


def kill_round(run: Run) -> None:
    """Load; in some rounds one worker dies first; then the whole server; it starts again, in some rounds twice."""
    run.rounds += 1
    run.load.run()
    run.wait(0.1, 0.8)
    if run.rounds % 3 == 0:
        kill_worker(run)
        run.wait(0.1, 0.8)
    run.server.kill()
    run.load.halt()
    wait_quiet(run.server.shop.database)
    if run.rounds % 7 == 0:
        run.server.start(wait=False)
        run.wait(0.0, 1.5)
        run.server.kill()
        wait_quiet(run.server.shop.database)
    run.server.start(wait=False)
    run.check()
    run.server.wait_ready()


@pytest.mark.parametrize("rounds", parts(20))
def test_sqlite(sqlite_shop: Shop, rounds: int, record_property: Record, capfd: Capture) -> None:
    with (
        running("sqlite, server killed", Server(sqlite_shop)) as run,
        told(run, record_property, capfd),
    ):
        for _ in range(rounds):
            kill_round(run)
        run.finish()
        assert (run.rounds, run.lost, run.doubled) == (rounds, 0, 0)


@pytest.mark.parametrize("rounds", parts(10))
def test_postgresql(postgres_shop: Shop, rounds: int, record_property: Record, capfd: Capture) -> None:
    with (
        running("postgresql, server killed", Server(postgres_shop, workers=2)) as run,
        told(run, record_property, capfd),
    ):
        for _ in range(rounds):
            kill_round(run)
        run.finish()
        assert (run.rounds, run.lost, run.doubled) == (rounds, 0, 0)
