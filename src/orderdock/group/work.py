"""What a group is given, and what it answers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import msgspec

from orderdock.accounts.model import Scope
from orderdock.db import Tx
from orderdock.orders.model import Command, Verdict
from orderdock.requests.model import Asked, Ended, Token


class Work(msgspec.Struct):
    """One request: who asks, what for, and how the answer is made of the verdicts.

    `strict`: all or nothing. `render` is pure and runs inside the transaction, before its answer is stored; of a
    request with a `token` or an `asked` it gives (HTTP status, body). `token`: repeats are answered from the store.
    `asked`: how it came, for the log. `headers` are those of the answer that are the request's own. `late` are requests
    that were answered before, and only have to be logged.
    """

    scope: Scope
    request_id: str
    commands: Sequence[Command]
    strict: bool
    render: Callable[[list[Verdict]], Any]
    token: Token | None = None
    asked: Asked | None = None
    headers: Sequence[tuple[str, str]] = ()
    late: Sequence[Ended] = ()


class Replayed(NamedTuple):
    """A stored answer, given once more."""

    status: int
    body: bytes
    headers: list[tuple[str, str]]


class Done(msgspec.Struct):
    """What a group came to: an answer a request, whether it has to be made durable, and how to look whether it was.

    An answer is what `render` gave, or Replayed, or the Refusal of a request whose token was used for another one.
    `outcomes` counts its items, `events` what was appended to the log of events.
    """

    answers: list[Any]
    wrote: bool
    was_written: Callable[[Tx], bool]
    outcomes: Mapping[str, int] = {}
    events: int = 0
