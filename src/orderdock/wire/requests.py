"""The request log: query parameters -> query, entries -> JSON (contract 2.19a). All faults are told at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final, TypeVar

from orderdock.accounts.model import OPERATIONS, Scope
from orderdock.errors import CODES, Fault
from orderdock.kinds import COUNT, EMAIL, ID, MOMENT, NO_SUCH_ID, PHONE, REMARKS, Note, Unreadable, from_json, is_empty
from orderdock.requests.query import DEFAULT_LIMIT, MAX_LIMIT, Found, Logged, LogPage, LogQuery, UnfitLogQuery
from orderdock.wire.body import encode, entry

T = TypeVar("T")
# What stands beside time, id, operation and status, in the order of 2.19a, and what stands for unset.
_FIRST: Final[Mapping[str, Any]] = {"key": "", "ip": ""}
_THEN: Final[Mapping[str, Any]] = {"method": "", "path": ""}
_COUNTS: Final = ("ms", "queuedMs", "items", "created", "updated", "unchanged", "stale", "failed")
_FIRST_MS, _LAST_MS = 0, 1


class _Reader:
    """Parameters while they are read."""

    def __init__(self, parameters: Mapping[str, str], scope: Scope) -> None:
        self.parameters = parameters
        self.scope = scope
        self.faults: list[Fault] = []

    def fault(self, code: str, word: str, message: str) -> None:
        self.faults.append(Fault(code, "", message, self.parameters.get(word), None, f"query:{word}"))

    def read(self, word: str, read: Callable[[Any, Any, list[Note]], T | None]) -> T | None:
        """What `read` makes of a given value; None when it is empty or cannot be read, which is noted."""
        raw = self.parameters.get(word)
        if is_empty(raw):
            return None
        try:
            return read(raw, self.scope.locale, [])
        except Unreadable as error:
            self.fault(error.code, word, error.message)
            return None

    def about(self) -> dict[str, str]:
        """What the requests are to be about, in compared forms; what has none fits nothing."""
        found: dict[str, str] = {}
        number = self.read("orderId", ID.read)
        if number == NO_SUCH_ID:
            self.fault("InvalidId", "orderId", "a positive whole number is needed")
        elif number:
            found["order"] = str(number)
        for kind, word in (("erp", "erpOrderId"), ("phone", "phone"), ("email", "email")):
            text = self.read(word, REMARKS.read)
            if text is not None:
                found[kind] = _FOLDS[kind](text, self.scope)
        return found

    def known(self, word: str, words: Mapping[str, Any], what: str) -> str | None:
        """A word that must be one of some."""
        text = self.read(word, REMARKS.read)
        if text is not None and text not in words:
            self.fault("InvalidParameter", word, f"there is no such {what}")
        return text

    def status(self) -> int | None:
        status = self.read("status", COUNT.read)
        if status is not None and not 100 <= status <= 599:
            self.fault("InvalidNumber", "status", "an HTTP status is needed, from 100 to 599")
        return status

    def span(self) -> tuple[int | None, int | None]:
        start, end = self.read("from", MOMENT.span), self.read("to", MOMENT.span)
        if start and end and end[_LAST_MS] < start[_FIRST_MS]:
            self.fault("InvalidRange", "to", "`to` is before `from`")
        return start[_FIRST_MS] if start else None, end[_LAST_MS] if end else None


_FOLDS: Final[Mapping[str, Callable[[str, Scope], str]]] = {
    "erp": lambda text, scope: text.strip(),
    "phone": lambda text, scope: PHONE.fold(text, scope.locale) or "",
    "email": lambda text, scope: EMAIL.fold(text, scope.locale) or "",
}


def read_query(parameters: Mapping[str, str], scope: Scope) -> LogQuery:
    """The query of `GET /api/v1/requests`. Raises UnfitLogQuery with all faults."""
    reader = _Reader(parameters, scope)
    about, status, span = reader.about(), reader.status(), reader.span()
    key = reader.read("key", REMARKS.read)
    operation = reader.known("operation", OPERATIONS, "operation")
    error = reader.known("error", CODES, "code")
    limit = reader.read("limit", COUNT.read) or DEFAULT_LIMIT
    query = LogQuery(scope.cm_id, about, key, operation, status, error, *span, limit=min(limit, MAX_LIMIT))
    if limit > MAX_LIMIT:
        warning = Fault("LimitReduced", "", f"at most {MAX_LIMIT} requests a page", limit, None, "query:limit")
        query = replace(query, warnings=(warning,))
    cursor = parameters.get("cursor", "").strip()
    if cursor and not reader.faults:
        resumed = query.resumed(cursor)
        if resumed is None:
            reader.fault("InvalidCursor", "cursor", "damaged, or of another search: ask for the first page again")
        query = resumed or query
    if reader.faults:
        raise UnfitLogQuery(reader.faults)
    return query


def request_of(logged: Logged) -> dict[str, Any]:
    """An entry of the log as 2.19a shows it, in JSON types."""
    facts = from_json(logged.facts)
    shown = {"id": logged.request_id, "at": logged.at}
    shown.update((name, facts.get(name, unset)) for name, unset in _FIRST.items())
    shown["operation"] = logged.operation
    shown.update((name, facts.get(name, unset)) for name, unset in _THEN.items())
    shown["status"] = logged.status
    shown.update((name, facts.get(name, 0)) for name in _COUNTS)
    shown["errors"] = list(facts.get("errors", ()))
    return shown


def found_of(found: Found) -> dict[str, Any]:
    """One request, whole: its entry, how many others have its id, and both sides, null when they are not kept."""
    shown = {**request_of(found.logged), "others": found.others}
    exchange = found.exchange or {"request": None, "response": None}
    return {**shown, "request": exchange["request"], "response": exchange["response"]}


def page_of(page: LogPage) -> dict[str, Any]:
    """A page; `warnings` only when there are some."""
    shown: dict[str, Any] = {"requests": [request_of(one) for one in page.requests], "next": page.next}
    if page.warnings:
        shown["warnings"] = [entry(fault, fault.path or "", fault.value) for fault in page.warnings]
    return shown


def show_page(page: LogPage) -> bytes:
    """The answer of `GET /api/v1/requests`."""
    return encode(page_of(page))


def show_one(found: Found) -> bytes:
    """The answer of `GET /api/v1/requests/{request id}`."""
    return encode(found_of(found))
