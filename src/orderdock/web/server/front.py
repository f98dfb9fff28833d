"""What the connections of one process share: the service, their number, one look a second at all of them, the stop."""

from __future__ import annotations

import asyncio
import resource
from collections import deque
from typing import Final

from orderdock.web.request import Service
from orderdock.web.server.connection import Connection
from orderdock.web.server.exchange import Heads

CONNECTIONS: Final = 4_096
_LOOK_EVERY: Final = 1.0
# Seconds for which a new connection is not ended in favour of another one.
_NEW: Final = 5.0


# Open files that are no connections: databases, pipes, what is being read.
_SPARE: Final = 256


def files_wanted() -> int:
    """How many files a process must be allowed to open so that it can have all its connections."""
    return CONNECTIONS + _SPARE


def connections_allowed() -> int:
    """As many connections as may be open, CONNECTIONS at most; raises the limit of open files as far as that may be."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = files_wanted()
    if soft < wanted:
        soft = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    return max(16, min(CONNECTIONS, soft - _SPARE))


class Front:
    """Connections of one process, all answered by one service."""

    def __init__(self, service: Service, most: int = CONNECTIONS) -> None:
        self.service = service
        self.most = most
        self.is_draining = False
        self.body_timeout = service.settings.body_timeout
        self.heads = Heads()
        self.connections: set[Connection] = set()
        self._idle: deque[Connection] = deque()
        # Requests that are being answered, also those whose caller went away.
        self.running = 0
        self._loop = asyncio.get_running_loop()
        self._emptied: asyncio.Event = asyncio.Event()
        self._next = self._loop.call_later(_LOOK_EVERY, self._look)

    def connect(self) -> Connection:
        """A new connection."""
        return Connection(self)

    def now(self) -> float:
        """The time of the loop, in seconds."""
        return self._loop.time()

    def make_room(self) -> bool:
        """End the connection on which nothing was under way for the longest; whether there was one."""
        while self._idle:
            connection = self._idle.popleft()
            if connection in self.connections and connection.is_idle_since() is not None:
                connection.stop()
                return True
        return False

    def _find_idle(self, now: float) -> None:
        """Note which connections could make room, the longest idle first."""
        idle = [(since, one) for one in self.connections if (since := one.is_idle_since()) is not None]
        old = sorted((pair for pair in idle if now - pair[0] > _NEW), key=lambda pair: pair[0])
        self._idle = deque(one for _, one in old)

    def _look(self) -> None:
        """One look a second at all connections costs less than a timer for each request."""
        self._next = self._loop.call_later(_LOOK_EVERY, self._look)
        self.heads.renew()
        now = self._loop.time()
        for connection in tuple(self.connections):
            connection.look(now)
        if len(self.connections) > self.most // 2:
            self._find_idle(now)
        self.note_end()

    def note_end(self) -> None:
        """Somebody went, or something was answered."""
        if not self.connections and not self.running:
            self._emptied.set()
        else:
            self._emptied.clear()

    async def drain(self, seconds: float) -> bool:
        """Let what was taken be answered, and what is half sent arrive. Whether all was, in time."""
        self.is_draining = True
        for connection in tuple(self.connections):
            connection.stop()
        self.note_end()
        try:
            await asyncio.wait_for(self._emptied.wait(), seconds)
        except TimeoutError:
            return False
        return True

    def close(self) -> None:
        """End whatever is left."""
        self._next.cancel()
        for connection in tuple(self.connections):
            connection.abort()
