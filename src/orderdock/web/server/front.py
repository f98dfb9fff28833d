"""What the connections of one process share: the service, their number, one look a second at all of them, the stop."""

from __future__ import annotations

import asyncio
from typing import Final

from orderdock.web.request import Service
from orderdock.web.server.connection import Connection
from orderdock.web.server.exchange import Heads

CONNECTIONS: Final = 4_096
_LOOK_EVERY: Final = 1.0


class Front:
    """Connections of one process, all answered by one service."""

    def __init__(self, service: Service, most: int = CONNECTIONS) -> None:
        self.service = service
        self.most = most
        self.is_draining = False
        self.body_timeout = service.settings.body_timeout
        self.heads = Heads()
        self.connections: set[Connection] = set()
        # Requests that are being answered, also those whose caller went away.
        self.running = 0
        self._loop = asyncio.get_running_loop()
        self._emptied: asyncio.Event = asyncio.Event()
        self._next = self._loop.call_later(_LOOK_EVERY, self._look)

    def connect(self) -> Connection:
        """A new connection."""
        return Connection(self)

    def _look(self) -> None:
        """One look a second at all connections costs less than a timer for each request."""
        self._next = self._loop.call_later(_LOOK_EVERY, self._look)
        self.heads.renew()
        now = self._loop.time()
        for connection in tuple(self.connections):
            connection.look(now)
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
