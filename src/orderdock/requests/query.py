"""What is asked of the request log, and what comes of it (contract 2.19a)."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from hashlib import blake2b
from typing import Any, Final, NamedTuple

from orderdock.errors import Fault, Refusal
from orderdock.kinds import MAX_BIGINT

DEFAULT_LIMIT: Final = 100
MAX_LIMIT: Final = 1_000


class UnfitLogQuery(Refusal):
    """A question to the log that cannot be answered; its faults say why, with complete paths, all at once."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__(faults=faults)
        self.code = faults[0].code


class Place(NamedTuple):
    """Where a request stands in the log: when it arrived (epoch ms), and its number. Newer ones compare greater."""

    at: int
    id: int


FIRST: Final = Place(0, 0)
LAST: Final = Place(MAX_BIGINT, MAX_BIGINT)


class Logged(NamedTuple):
    """One request as it is kept, in the order of its columns. `facts` is JSON with the keys that the API prints."""

    at: int
    id: int
    request_id: str
    key_id: int
    operation: str
    status: int
    error: str | None
    facts: str
    block_id: int | None
    place: int | None


class Found(NamedTuple):
    """One request, whole. `others` have the same id, at most `orderdock.requests.actions.MOST_OTHERS` are counted.

    `exchange` holds `request` and `response`; None when it is not kept, or no longer.
    """

    logged: Logged
    others: int
    exchange: Mapping[str, Any] | None


@dataclass(frozen=True, slots=True)
class LogQuery:
    """Requests of one account that fit everything given, newest first.

    `about` maps what a request was about (order, erp, phone, email) to its compared form; an empty one fits nothing.
    `key` is a key's name. `first` and `last` are epoch ms, both inclusive. With `before`, only what is older.
    """

    cm_id: int
    about: Mapping[str, str] = field(default_factory=dict)
    key: str | None = None
    operation: str | None = None
    status: int | None = None
    error: str | None = None
    first: int | None = None
    last: int | None = None
    limit: int = DEFAULT_LIMIT
    before: Place | None = None
    warnings: tuple[Fault, ...] = ()

    def _asked(self) -> list[Any]:
        about = sorted(self.about.items())
        return [self.cm_id, about, self.key, self.operation, self.status, self.error, self.first, self.last]

    def cursor(self, place: Place) -> str:
        """The opaque text with which what is older than a place is asked for."""
        digest = blake2b(_compact([self._asked(), place]), digest_size=12).hexdigest()
        return base64.urlsafe_b64encode(_compact([*place, digest])).rstrip(b"=").decode()

    def resumed(self, cursor: str) -> LogQuery | None:
        """This query, going on where a cursor says; None for a damaged one, or one of another query or account."""
        try:
            at, number, _ = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        except (ValueError, TypeError, RecursionError):
            return None
        if not (_is_number(at) and _is_number(number)):
            return None
        place = Place(at, number)
        return replace(self, before=place) if self.cursor(place) == cursor else None


def _compact(value: Any) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()


def _is_number(value: Any) -> bool:
    return type(value) is int and 0 <= value <= MAX_BIGINT


@dataclass(frozen=True, slots=True)
class Meant:
    """What the names of a query stand for, looked up by those who keep it.

    `key_id` is the number of the key (None: there is none of that name). `orders` maps what a request was about to
    the newest orders of it.
    """

    key_id: int | None = None
    orders: Mapping[str, Sequence[int]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class LogPage:
    """A page of the log. `next` is a cursor: there may be more, also when this page is not full; empty: no more."""

    requests: list[Logged]
    next: str = ""
    warnings: tuple[Fault, ...] = ()
