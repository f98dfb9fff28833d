"""One item of a question of the legacy family while it is read: all faults, in the caller's words."""

from __future__ import annotations

from typing import Any, Protocol, Self, TypeVar

from orderdock.accounts.model import Scope
from orderdock.errors import AccountMismatch, EmptyRequest, Fault, TooManyItems
from orderdock.kinds import COUNT, ID, MOMENT, NO_SUCH_ID, Kind, is_empty
from orderdock.orders.query import DEFAULT_LIMIT, MAX_LIMIT, UnfitQuery
from orderdock.wire.parts import ACCOUNT_WORDS, read_value


class Reader:
    """One item while it is read: every fault is kept, with its complete path."""

    def __init__(self, item: Any, at: str, scope: Scope) -> None:
        self.scope = scope
        self.at = at
        self.faults: list[Fault] = []
        self.warnings: list[Fault] = []
        self.item: dict[str, Any] = item if isinstance(item, dict) else {}
        if not isinstance(item, dict):
            self.fault("ItemNotObject", "", "an object is needed", item)
        self._check_account()

    def path(self, word: str) -> str:
        return f"{self.at}.{word}" if self.at and word else self.at or word

    def raw(self, word: str) -> Any:
        return self.item.get(word)

    def fault(self, code: str, word: str, message: str, value: Any = "") -> None:
        self.faults.append(Fault(code, "", message, value, None, self.path(word)))

    def warn(self, code: str, word: str, message: str) -> None:
        self.warnings.append(Fault(code, "", message, self.raw(word), None, self.path(word)))

    def missing(self, word: str) -> None:
        self.fault("ReqFieldMissing", word, f"{word} is needed")

    def value(self, word: str, kind: Kind) -> Any:
        """The value of a member; None when it is empty or cannot be read, which is noted."""
        return self.read(word, kind.read)

    def span(self, word: str) -> tuple[int, int] | None:
        """(first, last) millisecond of the date that a member names."""
        span: tuple[int, int] | None = self.read(word, MOMENT.span)
        return span

    def read(self, word: str, read: Any) -> Any:
        """What `read` makes of a member; None when it is empty or cannot be read, which is noted."""
        raw = self.raw(word)

        def fault(code: str, message: str) -> None:
            self.fault(code, word, message, raw)

        def warn(code: str, message: str) -> None:
            self.warn(code, word, message)

        return read_value(raw, read, self.scope.locale, fault, warn)

    def range(self, first: str, last: str) -> tuple[tuple[int, int] | None, tuple[int, int] | None]:
        """(span of the first date, which must be given; span of the last); each may be None, and so be at fault."""
        start, end = self.span(first), self.span(last)
        if start is None and not self.has_fault(first):
            self.missing(first)
        if start and end and end[1] < start[0]:
            self.fault("InvalidRange", last, f"{last} is before {first}", self.raw(last))
        return start, end

    def limit(self, word: str, records: str) -> int:
        """The size of a page, at most what may be asked for."""
        limit: int = self.value(word, COUNT) or DEFAULT_LIMIT
        if limit > MAX_LIMIT:
            self.warn("LimitReduced", word, f"at most {MAX_LIMIT} {records} a page")
        return min(limit, MAX_LIMIT)

    def has_fault(self, word: str) -> bool:
        return any(fault.path == self.path(word) for fault in self.faults)

    def _check_account(self) -> None:
        """The account in the item must be the credential's (contract 1.2). Raises AccountMismatch."""
        for word in ACCOUNT_WORDS:
            number = self.read(word, ID.read)
            if number == NO_SUCH_ID:
                self.fault("InvalidId", word, "a positive whole number is needed", self.raw(word))
            elif number is not None and number != self.scope.cm_id:
                raise AccountMismatch(path=self.path(word), value=self.raw(word))

    def sorted_faults(self) -> list[Fault]:
        """What is missing first, the rest in body order (contract 1.10.1)."""
        places = {self.path(word): place for place, word in enumerate(self.item)}
        return sorted(
            self.faults, key=lambda fault: (fault.code != "ReqFieldMissing", places.get(fault.path or "", len(places)))
        )


def only(items: list[Any], was_array: bool, scope: Scope) -> Reader:
    """The one item of a question that is about one thing. Raises EmptyRequest, TooManyItems, AccountMismatch, and
    UnfitQuery when it is no object.
    """
    if not items:
        raise EmptyRequest
    if len(items) > 1:
        raise TooManyItems("one item at a time", value=len(items))
    reader = Reader(items[0], "[0]" if was_array else "", scope)
    if reader.item is not items[0]:
        raise UnfitQuery(reader.faults)
    return reader


class Resumable(Protocol):
    """A question whose answer comes in pages."""

    def resumed(self, cursor: str) -> Self | None:
        """The same, going on where a cursor says; None for a damaged one, or one of another question."""


Q = TypeVar("Q", bound=Resumable)


def completed(reader: Reader, query: Q | None) -> Q:
    """A question as it was read, going on where the item's cursor says. Raises UnfitQuery with all faults."""
    cursor = reader.raw("cursor")
    if query is not None and not reader.faults and not is_empty(cursor):
        resumed = query.resumed(cursor.strip()) if isinstance(cursor, str) else None
        if resumed is None:
            reader.fault(
                "InvalidCursor", "cursor", "damaged, or of another request: ask for the first page again", cursor
            )
        query = resumed
    if reader.faults or query is None:
        raise UnfitQuery(reader.sorted_faults())
    return query
