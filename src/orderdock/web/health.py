"""Service addresses: whether the process runs, and whether it can answer (contract 2.20)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Any, Final

import structlog

from orderdock.db import Sql
from orderdock.errors import OrderdockError
from orderdock.web.request import Answer, Call, Route

log: Final = structlog.get_logger()
PATIENCE: Final = 5.0
_SELECT: Final = Sql("SELECT 1")


async def alive(call: Call) -> Answer:
    """200 while the process runs."""
    return Answer(200, b'{"status":"ok"}')


def ready(stopping: Callable[[], bool]) -> Route:
    """The route that says whether requests can be answered: the database is asked each time."""

    async def answer(call: Call) -> Answer:
        if stopping():
            return _not_ready(b'{"server":"stopping"}')
        try:
            # A request runs in no task, and newer Pythons want one for this.
            await asyncio.ensure_future(asyncio.wait_for(call.reads.read(_select), PATIENCE))
        except OrderdockError:
            return _not_ready(b'{"database":"busy"}')
        except Exception as error:
            log.warning("not ready", error=type(error).__name__, request_id=call.request_id)
            return _not_ready(b'{"database":"unreachable"}')
        return Answer(200, b'{"status":"ready"}')

    return Route(("GET",), answer, open=True)


def _select(tx: Any) -> None:
    tx.all(_SELECT)


def _not_ready(checks: bytes) -> Answer:
    return Answer(503, b'{"status":"not ready","checks":%b}' % checks, [("retry-after", "1")])


ROUTES: Final[Mapping[str, Route]] = {"/healthz": Route(("GET",), alive, open=True)}
