"""What is kept of a request: its answer, for retries (contract 1.12), and what the log shows of it (2.19a)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import msgspec

from orderdock.accounts.model import Scope


class Token(NamedTuple):
    """An `Idempotency-Key`: `digest` tells requests apart; answers from before `since` (epoch ms) are gone."""

    text: str
    digest: str
    since: int


class Stored(NamedTuple):
    """An answer that was given to a request with a token. `headers` are those that were the request's own."""

    digest: str
    status: int
    body: bytes
    headers: list[tuple[str, str]]


class Counts(msgspec.Struct):
    """How many items of a write came out how."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    stale: int = 0
    failed: int = 0

    @property
    def items(self) -> int:
        """All of them."""
        return self.created + self.updated + self.unchanged + self.stale + self.failed


class Asked(msgspec.Struct):
    """A request on its way into the log: how it came, and what is known so far of what came of it.

    `at` is epoch ms; `began`, `queued` (handed to the writer) and `taken` (its group began) are seconds of
    `time.perf_counter`, 0 when it did not come so far. `most` is how many bytes of a body are kept. `finds` are
    (kind, value) pairs by which an item without an event is found. `veil` hides the caller's own credential in bodies,
    when it has no form of its own. `is_logged`: it stands in the log already.
    """

    at: int
    began: float
    request_id: str
    ip: str
    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    most: int
    body: bytes = b""
    operation: str = ""
    queued: float = 0.0
    taken: float = 0.0
    counts: Counts | None = None
    errors: Sequence[str] = ()
    finds: Sequence[tuple[str, str]] = ()
    veil: Callable[[bytes], bytes] | None = None
    is_logged: bool = False

    def begin_anew(self, taken: float) -> None:
        """Nothing has come of it yet: what an attempt noted that was undone counts no more."""
        self.taken, self.counts, self.errors, self.finds, self.is_logged = taken, None, (), (), False


class Ended(msgspec.Struct):
    """A request that was answered. Bodies are cut already; `sizes` are those of both sides before. `at` as `began`."""

    asked: Asked
    scope: Scope
    status: int
    headers: Sequence[tuple[str, str]]
    body: bytes
    sizes: tuple[int, int]
    at: float


class Facts(msgspec.Struct, rename="camel"):
    """What a list of the log shows of a request beside its time, id, operation and status. Times are in ms."""

    key: str
    ip: str
    method: str
    path: str
    ms: int
    queued_ms: int
    items: int
    created: int
    updated: int
    unchanged: int
    stale: int
    failed: int
    errors: Sequence[str]


class Side(msgspec.Struct, rename="camel", omit_defaults=True):
    """What was sent, or answered. A body that was cut ends in an ellipsis, and `body_bytes` says how long it was."""

    headers: Mapping[str, str]
    body: str
    query: str = ""
    body_bytes: int = 0


class Exchange(msgspec.Struct):
    """Both sides of a request, as a block keeps them."""

    request: Side
    response: Side


class Entry(msgspec.Struct):
    """One request as the log is to keep it. `error` is the code of the first fault."""

    at: int
    request_id: str
    key_id: int
    operation: str
    status: int
    error: str | None
    facts: Facts
    exchange: Exchange
    finds: Sequence[tuple[str, str]] = ()
