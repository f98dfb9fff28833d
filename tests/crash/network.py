"""A TCP proxy between a client and the server that ends a connection after any byte of the request or the answer."""

import contextlib
import itertools
import random
import re
import socket
import struct
import threading
from types import TracebackType
from typing import Final, Self

from tests.crash.server import HOST

_LENGTH: Final = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)
# With this a closed connection is reset: what is on its way is lost.
_RESET: Final = struct.pack("ii", 1, 0)


def _message(link: socket.socket) -> bytes:
    """A whole request, or answer, as it came."""
    data = b""
    while (end := data.find(b"\r\n\r\n")) < 0 and (part := link.recv(65536)):
        data += part
    found = _LENGTH.search(data[: end + 2])
    size = end + 4 + (int(found[1]) if found else 0)
    while len(data) < size and (part := link.recv(65536)):
        data += part
    return data


class BadNetwork:
    """Takes one request a connection. The n-th is cut after byte n of request and answer together, counted round.

    `again` is the part of the later connections that is cut too, at any byte. `cuts` counts where: in the request, in
    the answer, behind it.
    """

    def __init__(self, port: int, again: float, seed: str) -> None:
        self.again = again
        self.cuts = {"request": 0, "answer": 0, "behind": 0}
        self.places: set[int] = set()
        self._target = port
        self._random = random.Random(seed)
        self._seen: set[bytes] = set()
        self._turn = itertools.count()
        self._answer = 600
        self._lock = threading.Lock()
        self._listener = socket.create_server((HOST, 0), backlog=256)
        self.port = int(self._listener.getsockname()[1])
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):  # closed: it is over
            while True:
                near, _ = self._listener.accept()
                threading.Thread(target=self._pass, args=(near,), daemon=True).start()

    def _pass(self, near: socket.socket) -> None:
        with contextlib.suppress(OSError), near, socket.create_connection((HOST, self._target), timeout=30) as far:
            request = _message(near)
            place = self._place(request)
            if place < len(request):
                self._send(far, request[:place], "request", place)
                self._end(near, far)
                return
            far.sendall(request)
            answer = _message(far)
            self._answer = max(self._answer, len(answer))
            near.sendall(answer[: place - len(request)])
            if place < len(request) + len(answer):
                self._note("answer", place)
            elif place < 1 << 30:
                self._note("behind", place)
            self._end(near, far)

    def _send(self, far: socket.socket, data: bytes, where: str, place: int) -> None:
        self._note(where, place)
        if data:
            far.sendall(data)

    def _note(self, where: str, place: int) -> None:
        with self._lock:
            self.cuts[where] += 1
            self.places.add(place)

    def _place(self, request: bytes) -> int:
        """After which byte the connection is to end; a number beyond all of them: after the answer, in peace."""
        with self._lock:
            whole = len(request) + self._answer + 1
            if request not in self._seen:
                self._seen.add(request)
                return next(self._turn) % whole
            return self._random.randrange(whole) if self._random.random() < self.again else 1 << 30

    def _end(self, near: socket.socket, far: socket.socket) -> None:
        if self._random.random() < 0.5:
            for link in (near, far):
                link.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._listener.close()
