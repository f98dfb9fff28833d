"""The textbook service as a process of its own, from an environment of its own."""

import contextlib
import os
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import sqlalchemy as sa

from bench.loader import LOADED_FROM, SPACING
from bench.postgres import BenchError, free_port
from bench.server import LOG, READY_WITHIN, Served, started, tail

ROOT = Path(__file__).parent.parent
PYTHON = ROOT / ".venv-peer" / "bin" / "python"
KEY = "Basic peer"
PATH = "/orders"
UP = "Application startup complete"


def prepare(url: str, customers: int, orders: int) -> None:
    """Make its tables and fill them."""
    from bench.peer.models import Base

    engine = sa.create_engine(url.replace("postgresql://", "postgresql+psycopg://"))
    Base.metadata.create_all(engine)
    engine.dispose()
    text = (Path(__file__).parent / "peer" / "seed.sql").read_text(encoding="utf-8")
    facts = {"customers": customers, "orders": orders, "start": LOADED_FROM, "spacing": SPACING}
    with psycopg.connect(url) as connection:
        connection.execute(text.format(**facts).encode())


@contextlib.contextmanager
def serving(url: str, workers: int, home: Path) -> Iterator[Served]:
    """Serve a database, by uvicorn on uvloop and httptools, without a log of requests."""
    if not PYTHON.exists():
        raise BenchError("the textbook service is not installed: make bench ONLY=P4")
    port = free_port()
    line = [str(PYTHON), "-m", "uvicorn", "bench.peer.app:app", "--app-dir", str(ROOT), "--host", "127.0.0.1"]
    line += ["--port", str(port), "--workers", str(workers), "--loop", "uvloop", "--http", "httptools"]
    line += ["--no-access-log", "--log-level", "info"]
    database = url.replace("postgresql://", "postgresql+asyncpg://")
    log = home / LOG
    before = up(log)
    with started(line, port, home, {**os.environ, "PEER_DATABASE": database, "PEER_KEY": KEY}) as served:
        deadline = time.monotonic() + READY_WITHIN
        while up(log) < before + workers:
            if time.monotonic() > deadline:
                raise BenchError(f"not all workers started within {READY_WITHIN} s: {tail(home)}")
            time.sleep(0.1)
        yield served


def up(log: Path) -> int:
    """How many workers have said that they are ready: the first of them already answers for all."""
    return log.read_text(encoding="utf-8", errors="replace").count(UP) if log.exists() else 0
