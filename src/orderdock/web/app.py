"""The web process: assembles what answers, binds it to the server, starts and stops in order."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import logging
import multiprocessing
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Awaitable
from functools import partial
from typing import Any, Final

import structlog
from granian.constants import HTTPModes, Interfaces, Loops, RuntimeModes
from granian.http import HTTP1Settings
from granian.log import LogLevels
from granian.rsgi import ProtocolClosed  # type: ignore[attr-defined]  # granian does not say that it exports it
from granian.server.mp import MPServer

from orderdock import group
from orderdock.accounts.actions import account_of_subdomain, authenticate, open_hasher
from orderdock.accounts.model import Account, Scope
from orderdock.db import Database
from orderdock.errors import Unsafe
from orderdock.settings import Settings
from orderdock.web import health, legacy, v1, v1_write
from orderdock.web.limits import HEADERS_MOST, URL_MOST, Patience, too_large
from orderdock.web.request import Credentials, Disconnected, Origins, Reads, Request, Routes, Service, respond
from orderdock.writer import Writer

log: Final = structlog.get_logger()
CONNECTIONS: Final = 4_096
_JOINED: Final = "x-forwarded-for"


def assemble(settings: Settings, loop: asyncio.AbstractEventLoop, stopping: Flag) -> Service:
    """Everything of one process, its own database pool and writer included."""
    database = Database(settings.database, settings.readers)
    hasher = open_hasher(database, secret=settings.secret, secret_file=settings.secret_file)
    reads = Reads(database, settings.readers)

    def find_scope(token: str) -> Awaitable[Scope | None]:
        return reads.aside(authenticate, database, hasher, token)

    def find_account(label: str) -> Awaitable[Account | None]:
        return reads.aside(account_of_subdomain, database, label)

    writer = Writer(database, group.run, settings, partial(_deliver, loop), stopping.is_set)
    writer.start()
    routes = {
        **legacy.ROUTES,
        **v1.ROUTES,
        **v1_write.ROUTES,
        **health.ROUTES,
        "/readyz": health.ready(stopping.is_set),
    }
    return Service(
        settings=settings,
        reads=reads,
        writer=writer,
        credentials=Credentials(find_scope),
        origins=Origins(settings.trusted_proxies, find_account),
        routes=Routes(routes),
        patience=Patience(settings.body_timeout, stopping.is_set),
    )


def _deliver(loop: asyncio.AbstractEventLoop, pairs: list[tuple[Any, Any]]) -> None:
    """Called in a writer's thread, once a group."""
    with contextlib.suppress(RuntimeError):  # the loop is closed: nobody waits any more
        loop.call_soon_threadsafe(_settle, pairs)


def _settle(pairs: list[tuple[Any, Any]]) -> None:
    for ticket, result in pairs:
        if ticket.done():
            continue
        if isinstance(result, BaseException):
            ticket.set_exception(result)
        else:
            ticket.set_result(result)


class Flag:
    """What the main process tells its workers. It has no lock that a killed worker could leave taken."""

    def __init__(self) -> None:
        self._value = multiprocessing.RawValue("b", 0)

    def set(self) -> None:
        """From now on it is set."""
        self._value.value = 1

    def is_set(self) -> bool:
        """Whether it was set."""
        return bool(self._value.value)


class App:
    """Binds the service to granian's RSGI. Nothing else here knows the server."""

    def __init__(self, settings: Settings, stopping: Flag, parent: int) -> None:
        self.settings = settings
        self.stopping = stopping
        self.parent = parent
        self.service: Service

    def __rsgi_init__(self, loop: asyncio.AbstractEventLoop) -> None:
        """Runs in each worker before its loop."""
        set_up_logs(self.settings.log_level)
        self.service = assemble(self.settings, loop, self.stopping)
        # A signal is lost while the loop does not run yet: who was told to stop before sees it now.
        loop.call_soon(lambda: _stop_myself() if self.stopping.is_set() else None)
        watching = (self.parent, self.settings.stop_timeout, loop)
        threading.Thread(target=_watch_parent, args=watching, daemon=True).start()
        # The records of a request make no cycles: looking through all of them stopped the process for 75 ms.
        gc.collect()
        gc.freeze()
        gc.set_threshold(100_000, 50, 1_000)

    def __rsgi_del__(self, loop: asyncio.AbstractEventLoop) -> None:
        """Runs when the connections are closed: what was taken is finished."""
        deadline = time.monotonic() + self.settings.stop_timeout
        if tasks := asyncio.all_tasks(loop):
            loop.run_until_complete(asyncio.wait(tasks, timeout=self.settings.stop_timeout))
        if not self.service.writer.stop(max(0.1, deadline - time.monotonic())):
            log.error("not everything that was taken could be written in time")
        self.service.reads.pool.shutdown(wait=False, cancel_futures=True)
        self.service.reads.database.close()

    async def __rsgi__(self, scope: Any, protocol: Any) -> None:
        headers: dict[str, str] = {}
        size = 0
        for name, value in scope.headers.items():
            size += len(name) + len(value) + 4
            if name not in headers:
                headers[name] = value
            elif name == _JOINED:
                headers[name] = f"{headers[name]},{value}"
        chunked = "content-length" not in headers
        receive = partial(_receive_parts if chunked else _receive_whole, protocol)
        request = Request(scope.method, scope.path, scope.query_string, headers, scope.client, receive, size)
        try:
            answer = await respond(self.service, request)
        except Disconnected:
            return
        answer.headers.append(_SERVER)
        if answer.body:
            answer.headers.append(("content-type", answer.content_type))
        protocol.response_bytes(answer.status, answer.headers, answer.body)


# Keeps granian from naming itself.
_SERVER: Final = ("server", "orderdock")


async def _receive_whole(protocol: Any, most: int) -> bytes:
    """A body whose size was declared, and checked before."""
    try:
        body: bytes = await protocol()
    except ProtocolClosed:
        raise Disconnected from None
    if len(body) > most:
        raise too_large(most)
    return body


async def _receive_parts(protocol: Any, most: int) -> bytes:
    parts, size = [], 0
    try:
        async for part in protocol:
            size += len(part)
            if size > most:
                raise too_large(most)
            parts.append(part)
    except ProtocolClosed:
        raise Disconnected from None
    return b"".join(parts)


def _stop_myself() -> None:
    os.kill(os.getpid(), signal.SIGTERM)


def _watch_parent(parent: int, patience: float, loop: asyncio.AbstractEventLoop) -> None:
    """Stop in order when the main process is gone: nobody else would, and the port would stay taken."""
    while os.getppid() == parent:
        time.sleep(1)
    log.error("the main process is gone; stopping")
    with contextlib.suppress(RuntimeError):  # the loop is closed: it is stopping already
        loop.call_soon_threadsafe(_stop_myself)
    time.sleep(patience + 5)
    os._exit(1)


def set_up_logs(level: str) -> None:
    """One JSON object a line on stderr."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping().get(level.upper(), 20)),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )


class JsonLines(logging.Formatter):
    """The server's own log records in the form of ours."""

    def format(self, record: logging.LogRecord) -> str:
        """One line of JSON."""
        event: dict[str, Any] = {"event": record.getMessage(), "level": record.levelname.lower()}
        if record.exc_info:
            event["exception"] = self.formatException(record.exc_info)
        made = structlog.processors.TimeStamper(fmt="iso", utc=True)(None, "", event)
        return str(structlog.processors.JSONRenderer(ensure_ascii=False)(None, "", made))


_LOGS_OF_SERVER: Final = {
    "formatters": {"generic": {"()": "orderdock.web.app.JsonLines"}, "access": {"()": "orderdock.web.app.JsonLines"}},
}


class _Server(MPServer):
    """Tells the workers that the end is near before they are asked to stop."""

    stopping: Flag

    def signal_handler_interrupt(self, *args: Any, **kwargs: Any) -> None:
        self.stopping.set()
        super().signal_handler_interrupt(*args, **kwargs)  # type: ignore[no-untyped-call]  # granian has few types


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
    stopping = Flag()
    server = _Server(
        "orderdock.web.app",
        address=settings.host,
        port=settings.port,
        interface=Interfaces.RSGI,
        workers=settings.workers,
        runtime_mode=RuntimeModes.st,
        loop=Loops.uvloop,
        http=HTTPModes.http1,
        websockets=False,
        backlog=CONNECTIONS,
        backpressure=CONNECTIONS,
        http1_settings=HTTP1Settings(
            header_read_timeout=settings.body_timeout * 1000,
            max_buffer_size=URL_MOST + 2 * HEADERS_MOST,
        ),
        log_dictconfig=_LOGS_OF_SERVER,
        log_level=LogLevels.warning,
        respawn_failed_workers=True,
        respawn_interval=0.5,
        workers_kill_timeout=settings.stop_timeout + 5,
    )
    server.stopping = stopping
    load: Any = partial(App, settings, stopping, os.getpid())
    server.serve(target_loader=load, wrap_loader=False)
