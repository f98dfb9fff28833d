"""PostgreSQL is killed, or loses its connections inside COMMIT, while the server stays up."""

import random
from collections.abc import Callable

import psutil
import pytest

from tests.crash.proxy import CUTS, CuttingProxy
from tests.crash.rounds import SEED, Run, parts, running, told
from tests.crash.server import Server
from tests.crash.shop import Shop
from tests.engines import USER, PostgresServer

pytestmark = [pytest.mark.crash, pytest.mark.slow, pytest.mark.timeout(900)]
Record = Callable[[str, object], None]
Capture = pytest.CaptureFixture[str]


def kill_backend(victim: PostgresServer) -> None:
    """End one process of PostgreSQL, as the kernel does when memory is short: the others throw all work away too."""
    backends = [one for one in psutil.Process(victim.pid).children() if "[local]" not in " ".join(one.cmdline())]
    random.choice([one for one in backends if USER in " ".join(one.cmdline())]).kill()


def terminate_backends(victim: PostgresServer) -> None:
    """End every connection, as an administrator does."""
    victim.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()")


WAYS: tuple[Callable[[PostgresServer], None], ...] = (
    lambda victim: victim.stop("immediate"), PostgresServer.kill9, kill_backend, terminate_backends
)  # fmt: skip


def postgres_round(run: Run, victim: PostgresServer) -> None:
    """Load; PostgreSQL dies and comes back; the same server goes on."""
    run.rounds += 1
    run.load.run()
    run.wait(0.1, 0.6)
    WAYS[run.rounds % len(WAYS)](victim)
    run.wait(0.0, 0.3)
    victim.start()
    before = run.load.tally.acknowledged
    run.wait(0.3, 0.5)
    run.load.halt()
    run.load.settle()
    run.check()
    assert run.load.tally.acknowledged > before, "nothing was acknowledged after PostgreSQL came back"
    assert run.server.running.poll() is None


@pytest.mark.parametrize("rounds", parts(8))
def test_postgresql_is_killed(
    postgres_shop: Shop, victim: PostgresServer, rounds: int, record_property: Record, capfd: Capture
) -> None:
    with (
        running("postgresql, database killed", Server(postgres_shop, workers=2)) as run,
        told(run, record_property, capfd),
    ):
        for _ in range(rounds):
            postgres_round(run, victim)
        run.finish()
        assert (run.rounds, run.lost, run.doubled) == (rounds, 0, 0)


def cut_round(run: Run, proxy: CuttingProxy) -> None:
    """Every third COMMIT is cut; the server finds out by itself what became of each."""
    run.rounds += 1
    proxy.chance = 0.3
    run.load.run()
    run.wait(1.0, 1.5)
    proxy.chance = 0.0
    run.load.halt()
    run.load.settle()
    run.check()
    assert run.load.tally.unanswered == 0, "a client had to send again what only the server could know of"


@pytest.mark.parametrize("rounds", parts(4))
def test_g101_the_connection_is_cut_in_commit(
    postgres_shop: Shop, victim: PostgresServer, rounds: int, record_property: Record, capfd: Capture
) -> None:
    """Contract G101: also a push without any number is there exactly once, though only the service repeats it."""
    with CuttingProxy(victim.port, SEED) as proxy:
        database = postgres_shop.database.replace(f":{victim.port}/", f":{proxy.port}/")
        server = Server(Shop(database, postgres_shop.folder, postgres_shop.authorization), workers=2)
        with (
            running("postgresql, cut in COMMIT", server, nameless=0.6) as run,
            told(run, record_property, capfd),
        ):
            for _ in range(rounds):
                cut_round(run, proxy)
            run.finish()
        for how in CUTS:
            record_property(f"cut {how}", proxy.cuts[how])
        assert min(proxy.cuts.values()) > 0, f"some ways were never tried: {proxy.cuts}"
