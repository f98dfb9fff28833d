"""A proxy before PostgreSQL that cuts a connection around a COMMIT, where nobody can know what became of it."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress
from types import TracebackType
from typing import Literal, Self

# `early`: at the next words, long before COMMIT. `before`: COMMIT never arrives. `after`: it is carried out, its
# answer is lost. `during`: it arrives, and the connection breaks at once, while it may still be running.
Cut = Literal["early", "before", "after", "during"]
COMMIT, COMMITTED = b"\0COMMIT\0", b"C\0\0\0\x0bCOMMIT\0"


class Proxy:
    """Forwards to a port of this machine; `cut` arms it for the next COMMIT, `cuts` counts what was cut."""

    def __init__(self, port: int) -> None:
        self.to = port
        self.cut: Cut | None = None
        self.cuts = 0
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        self._threads = [threading.Thread(target=self._accept, daemon=True)]
        self._threads[0].start()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            try:
                server = socket.create_connection(("127.0.0.1", self.to))
            except OSError:
                client.close()
                continue
            pair = Pair(self, client, server)
            for target in (pair.upstream, pair.downstream):
                thread = threading.Thread(target=target, daemon=True)
                self._threads.append(thread)
                thread.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for thread in self._threads:
            thread.join(10)


class Pair:
    """One connection: what the client says goes up, what the server says comes down."""

    def __init__(self, proxy: Proxy, client: socket.socket, server: socket.socket) -> None:
        self.proxy, self.client, self.server = proxy, client, server
        self.muted = threading.Event()

    def upstream(self) -> None:
        tail = b""
        while chunk := _read(self.client):
            seen = tail + chunk
            cut = self.proxy.cut
            if cut and (cut == "early" or COMMIT in seen):
                self.proxy.cut = None
                self.proxy.cuts += 1
                if cut == "after":
                    self.muted.set()
                if cut in ("after", "during"):
                    self.server.sendall(chunk)
                if cut != "after":
                    break
            elif not _send(self.server, chunk):
                break
            tail = seen[-len(COMMIT) :]
        self.close()

    def downstream(self) -> None:
        """Once muted, wait for the server's word that it has committed, say nothing, and cut."""
        heard = b""
        while chunk := _read(self.server):
            if self.muted.is_set():
                heard = heard[-len(COMMITTED) :] + chunk
                if COMMITTED in heard:
                    break
            elif not _send(self.client, chunk):
                break
        self.close()

    def close(self) -> None:
        for end in (self.client, self.server):
            with suppress(OSError):  # the other side may have closed it
                end.shutdown(socket.SHUT_RDWR)
            end.close()


def _read(end: socket.socket) -> bytes:
    try:
        return end.recv(65_536)
    except OSError:
        return b""


def _send(end: socket.socket, chunk: bytes) -> bool:
    try:
        end.sendall(chunk)
    except OSError:
        return False
    return True
