"""A TCP proxy between the server and PostgreSQL that cuts connections inside COMMIT."""

import contextlib
import random
import socket
import struct
import threading
import time
from types import TracebackType
from typing import Final, Self

from tests.crash.server import HOST

# What becomes of a COMMIT that is cut: PostgreSQL never gets it; gets a part of it; gets it, and its answer is lost;
# gets it, and nobody waits for what it says; is heard to say that it ends the connection.
CUTS: Final = ("before", "within", "unanswered", "unheard", "ended")
COMMIT: Final = b"COMMIT\x00"
_PARSE: Final = 6  # what stands before the word in its message: P, length, empty name
_FATAL_FIELDS: Final = b"SFATAL\x00VFATAL\x00C57P01\x00Mterminating connection due to administrator command\x00\x00"
FATAL: Final = b"E" + struct.pack("!i", len(_FATAL_FIELDS) + 4) + _FATAL_FIELDS


class CuttingProxy:
    """Passes everything on. While `chance` is above 0, that part of the COMMITs is cut, in every way of CUTS."""

    def __init__(self, port: int, seed: str) -> None:
        self.chance = 0.0
        self.cuts: dict[str, int] = dict.fromkeys(CUTS, 0)
        self._target = port
        self._random = random.Random(f"proxy {seed}")
        self._listener = socket.create_server((HOST, 0))
        self.port = int(self._listener.getsockname()[1])
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):  # closed: it is over
            while True:
                near, _ = self._listener.accept()
                try:
                    far = socket.create_connection((HOST, self._target), timeout=10)
                except OSError:
                    near.close()
                    continue
                far.settimeout(None)
                link = _Link(self, near, far)
                threading.Thread(target=link.pass_requests, daemon=True).start()
                threading.Thread(target=link.pass_answers, daemon=True).start()

    def choose(self) -> str | None:
        """How to cut this COMMIT, or not at all."""
        if self._random.random() >= self.chance:
            return None
        how = CUTS[sum(self.cuts.values()) % len(CUTS)]  # in turn, so that few cuts try every way
        self.cuts[how] += 1
        return how

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._listener.close()


class _Link:
    """One connection through the proxy."""

    def __init__(self, proxy: CuttingProxy, near: socket.socket, far: socket.socket) -> None:
        self._proxy = proxy
        self._near = near
        self._far = far
        self._withheld = ""  # how the answer to COMMIT is to be cut

    def pass_requests(self) -> None:
        with contextlib.suppress(OSError):
            while data := self._near.recv(1 << 16):
                at = data.find(COMMIT)
                how = self._proxy.choose() if at >= 0 else None
                if how in ("before", "within"):
                    self._far.sendall(data[: at - _PARSE if how == "before" else at + 3])
                    break
                if how in ("unanswered", "ended"):
                    self._withheld = how
                self._far.sendall(data)
                if how == "unheard":
                    break
        self._close()

    def pass_answers(self) -> None:
        with contextlib.suppress(OSError):
            while data := self._far.recv(1 << 16):
                if self._withheld and COMMIT in data:
                    if self._withheld == "ended":
                        self._near.sendall(FATAL)
                        time.sleep(0.1)  # the end of the connection is heard of later
                    break
                self._near.sendall(data)
        self._close()

    def _close(self) -> None:
        for end in (self._near, self._far):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()
