"""The web process: assembles what answers, binds it to the server, starts and stops in order."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import logging
import platform
import signal
import socket
import sys
import threading
import time
from collections.abc import Awaitable, Mapping
from functools import partial
from importlib.metadata import version
from typing import Any, Final, TextIO, cast

import structlog
import uvloop

from orderdock import group
from orderdock.accounts.actions import account_of_subdomain, authenticate, hide_text, open_hasher
from orderdock.accounts.actions.origins import cors_origins
from orderdock.accounts.model import Account, Scope
from orderdock.db import Database
from orderdock.errors import Unsafe
from orderdock.kinds import load_phone_plans
from orderdock.settings import Settings
from orderdock.stats import Board, Stats
from orderdock.web import health, keys, legacy, legacy_people, metrics, openapi, requests, v1, v1_write, validate
from orderdock.web.chores import Chores, usual_chores
from orderdock.web.request import Check, Credentials, Journal, Origins, Preflights, Reads, Route, Routes, Service, Watch
from orderdock.web.server import CONNECTIONS, Flag, Front, Workers, connections_allowed, files_wanted, watch_parent
from orderdock.wire.legacy import REQUEST_TEXT
from orderdock.writer import Writer

log: Final = structlog.get_logger()

# What answers the same in every process; the rest knows the process that it is in.
ROUTES: Final[Mapping[str, Route]] = {
    **legacy.ROUTES,
    **legacy_people.ROUTES,
    **v1.ROUTES,
    **v1_write.ROUTES,
    **requests.ROUTES,
    **keys.ROUTES,
    **health.ROUTES,
    "/api/v1/orders:validate": validate.route(
        validate.Family(legacy.WRITE, REQUEST_TEXT, legacy.judge),
        validate.Family(v1_write.ADD_UPDATE, {}, v1_write.judge),
    ),
}


def assemble(
    settings: Settings, loop: asyncio.AbstractEventLoop, stopping: Flag, stats: Stats | None = None
) -> Service:
    """Everything of one process, its own database pool and writer included."""
    stats = stats or Stats()
    database = Database(settings.database, settings.readers)
    hasher = open_hasher(database, secret=settings.secret, secret_file=settings.secret_file)
    reads = Reads(database, settings.readers)

    async def find_scope(token: str, check: Check) -> Scope | None:
        def look() -> Scope | None:
            check()  # many wrong credentials may have waited for a thread before the first was found to be wrong
            return authenticate(database, hasher, token)

        scope = await reads.look_up(look)
        stats.looked_up(found=scope is not None)
        return scope

    def find_account(label: str) -> Awaitable[Account | None]:
        return reads.look_up(account_of_subdomain, database, label)

    def find_origins() -> Awaitable[frozenset[str]]:
        return reads.look_up(cors_origins, database)

    writer = Writer(database, group.run, settings, partial(_deliver, loop), stopping.is_set, stats)
    writer.start()
    origins = Origins(settings.trusted_proxies, find_account)
    routes = {
        **ROUTES,
        "/api/v1/events": v1.feed(Watch(reads, stopping.is_set)),
        "/readyz": health.ready(stopping.is_set),
        "/metrics": metrics.route(stats, origins, settings.metrics_allow),
    }
    routes.update(openapi.routes(routes))
    journal = Journal(writer, origins, most=settings.request_log_body_bytes) if settings.request_log else None
    return Service(
        settings=settings,
        reads=reads,
        writer=writer,
        credentials=Credentials(find_scope),
        origins=origins,
        preflights=Preflights(origins, find_origins),
        routes=Routes(routes),
        journal=journal,
        stats=stats,
    )


def _deliver(loop: asyncio.AbstractEventLoop, pairs: list[tuple[Any, Any]]) -> None:
    """Called in a writer's thread, once a group."""
    with contextlib.suppress(RuntimeError):  # the loop is closed: nobody waits any more
        loop.call_soon_threadsafe(_settle, pairs)


def _settle(pairs: list[tuple[Any, Any]]) -> None:
    """Each request goes on, up to its answer, in this call."""
    for ticket, result in pairs:
        try:
            if isinstance(result, BaseException):
                ticket.set_exception(result)
            else:
                ticket.set_result(result)
        except Exception:  # it must not take the answers of others with it
            log.exception("an answer could not be given")


def work(settings: Settings, stopping: Flag, board: Board, parent: int, place: int) -> None:
    """One worker process, from its start to its end."""
    set_up_logs(settings.log_level)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_work(settings, stopping, parent, Stats(board, place)))


async def _work(settings: Settings, stopping: Flag, parent: int, stats: Stats) -> None:
    loop = asyncio.get_running_loop()
    ended = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, ended.set)
    threading.Thread(target=watch_parent, args=(parent, stopping, settings.stop_timeout + 5), daemon=True).start()
    service = assemble(settings, loop, stopping, stats)
    chores = Chores(usual_chores(service.reads.database, service.counts, settings, stopping.is_set))
    front = Front(service, connections_allowed())
    _show(front)
    server = await loop.create_server(front.connect, settings.host, settings.port, reuse_port=True, backlog=CONNECTIONS)
    # The records of a request make no cycles: looking through all of them stopped the process for 75 ms.
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 50, 1_000)
    chores.start()
    await ended.wait()
    server.close()
    await _finish(front, chores, settings.stop_timeout)


def _show(front: Front) -> None:
    """Once a second: how things stand in this worker, for whichever worker is asked for the metrics."""
    service = front.service
    items, size = service.writer.depth()
    service.stats.show(
        queue_items=items, queue_bytes=size, reads_waiting=service.reads.waiting, connections=len(front.connections),
        throttled=service.failures.waiting, unlogged=service.journal.dropped if service.journal else 0,
    )  # fmt: skip
    asyncio.get_running_loop().call_later(1.0, _show, front)


# Seconds in which what the writer gave last goes out.
_LAST: Final = 0.2
# Seconds that the last chores have in any case: the main process waits five more than it says.
_LEAST: Final = 2.0


async def _finish(front: Front, chores: Chores, patience: float) -> None:
    """Answer what was taken, and end."""
    service = front.service
    deadline = time.monotonic() + patience
    await front.drain(patience)
    if service.journal is not None:
        service.journal.flush()
    if not service.writer.stop(max(0.1, deadline - time.monotonic())):
        log.error("not everything that was taken could be written in time")
    await front.drain(_LAST)
    if not await chores.stop(max(_LEAST, deadline - time.monotonic())):
        log.error("the last chores could not be done in time")
    front.close()
    service.reads.close()
    service.reads.database.close()


class _Stderr:
    """What stderr is when a line is written, and not what it was at the start."""

    def write(self, text: str) -> int:
        """Write on."""
        return sys.stderr.write(text)

    def flush(self) -> None:
        """Flush."""
        sys.stderr.flush()


def set_up_logs(level: str) -> None:
    """One JSON object a line on stderr."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(ensure_ascii=False),
            _without_keys,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping().get(level.upper(), 20)),
        logger_factory=structlog.PrintLoggerFactory(cast("TextIO", _Stderr())),
        cache_logger_on_first_use=True,
    )
    lines = logging.StreamHandler(cast("TextIO", _Stderr()))
    lines.setFormatter(JsonLines())
    logging.basicConfig(handlers=[lines], level=logging.WARNING, force=True)


class JsonLines(logging.Formatter):
    """Log records of libraries in the form of ours."""

    def format(self, record: logging.LogRecord) -> str:
        """One line of JSON."""
        event: dict[str, Any] = {"event": record.getMessage(), "level": record.levelname.lower()}
        if record.exc_info:
            event["exception"] = self.formatException(record.exc_info)
        made = structlog.processors.TimeStamper(fmt="iso", utc=True)(None, "", event)
        return hide_text(str(structlog.processors.JSONRenderer(ensure_ascii=False)(None, "", made)))


def _without_keys(_: Any, __: str, line: Any) -> str:
    """A line of the log never holds a key, whatever an exception says."""
    return hide_text(str(line))


def files_needed() -> int:
    """How many files each worker should be allowed to open."""
    return files_wanted()


def check_port(host: str, port: int) -> None:
    """Raises Unsafe when the address cannot be listened on: the server would share the port with another, silently."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise Unsafe(f"cannot listen on {host} port {port}: {error.strerror}") from None


def serve(settings: Settings) -> None:
    """Serve until SIGTERM or SIGINT, then answer what was taken and end. Raises Unsafe when the port is taken."""
    check_port(settings.host, settings.port)
    set_up_logs(settings.log_level)
    load_phone_plans()
    stopping, board = Flag(), Board(settings.workers)
    log.info(
        "started",
        version=version("orderdock"),
        address=f"{settings.host}:{settings.port}",
        engine=settings.database.partition(":")[0],
        workers=settings.workers,
        python=platform.python_version(),
    )
    Workers(settings.workers, partial(work, settings, stopping, board), stopping, settings.stop_timeout + 5).run()
    log.info("stopped")
