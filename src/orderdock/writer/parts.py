"""What a writer handles: submissions, the parts of a group, and how results go back to who waits for them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple, Protocol

from orderdock.db import Ids, Tx
from orderdock.errors import ServerFailure


class Done(Protocol):
    """What running a group answers."""

    @property
    def answers(self) -> list[Any]:
        """One a request."""

    @property
    def wrote(self) -> bool:
        """Whether there is something to make durable."""

    @property
    def outcomes(self) -> Mapping[str, int]:
        """How many items came to what."""

    @property
    def events(self) -> int:
        """How many events were appended."""

    @property
    def was_written(self) -> Callable[[Tx], bool]:
        """Looks in a later transaction whether this group became durable."""


class Run(Protocol):
    """Runs the work of one account in an open transaction; None when it is held elsewhere and `wait` is off."""

    def __call__(self, tx: Tx, cm_id: int, works: Sequence[Any], ids: Ids, *, wait: bool = True) -> Done | None: ...


class Submission(NamedTuple):
    """A request in the queue: its account, its size in items and bytes, the work, and whom to tell.

    `beside` are numbers of a sequence that it takes beside those of its items: what is only noted has no items.
    """

    cm_id: int
    items: int
    size: int
    work: Any
    ticket: Any
    beside: int = 0


Result = tuple[Any, Any]
Part = tuple[int, list[Submission]]


def halves(parts: list[Part]) -> list[list[Part]]:
    """A group cut in two by requests; empty when there is but one."""
    flat = [(cm_id, one) for cm_id, group in parts for one in group]
    if len(flat) < 2:
        return []
    middle = len(flat) // 2
    halves = []
    for half in (flat[:middle], flat[middle:]):
        by_account: dict[int, list[Submission]] = {}
        for cm_id, one in half:
            by_account.setdefault(cm_id, []).append(one)
        halves.append(list(by_account.items()))
    return halves


def sorted_out(parts: list[Part], dones: dict[int, Done]) -> tuple[list[Result], list[Part]]:
    """Every ticket with its answer, and the parts for which nothing was done."""
    results = [
        (one.ticket, answer)
        for cm_id, group in parts
        if cm_id in dones
        for one, answer in zip(group, dones[cm_id].answers, strict=True)
    ]
    return results, [part for part in parts if part[0] not in dones]


def failures(parts: list[Part]) -> list[Result]:
    """Every ticket with a failure of the server."""
    return [(one.ticket, ServerFailure()) for _, group in parts for one in group]


def ids_of(parts: list[Part]) -> list[str]:
    """The ids of the requests of a group, for the log: the first ten."""
    return [str(getattr(one.work, "request_id", "")) for _, group in parts for one in group][:10]
