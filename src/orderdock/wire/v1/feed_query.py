"""The query of the change feed (contract 2.18)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from orderdock.errors import Fault, InvalidNumber, InvalidParameter
from orderdock.events.model import DEFAULT_EVENTS, MAX_EVENTS, TYPES, FeedQuery
from orderdock.kinds import COUNT, Locale, Unreadable

_LOCALE: Final = Locale()
MAX_WAIT: Final = 30
_MOST: Final = f"at most {MAX_EVENTS} events a page"
_INCLUDES: Final = frozenset({"record"})


def read_feed_query(params: Mapping[str, str | Sequence[str]]) -> FeedQuery:
    """The query of the change feed (contract 2.18). Raises InvalidNumber, or InvalidParameter, with all faults."""
    faults: list[Fault] = []
    after = _count(params, "after", faults) or 0
    limit = _count(params, "limit", faults) or DEFAULT_EVENTS
    wait = _count(params, "wait", faults) or 0
    include, types = _words(params, "include"), _words(params, "types")
    if include - _INCLUDES:
        told = ",".join(sorted(include))
        faults.append(Fault("InvalidParameter", "", "only `record` can be included", told, None, "query:include"))
    if types - TYPES:
        told = ",".join(sorted(types - TYPES))
        faults.append(Fault("InvalidParameter", "", "there is no such type of event", told, None, "query:types"))
    if faults:
        raise (InvalidNumber if faults[0].code == "InvalidNumber" else InvalidParameter)(faults=faults)
    query = FeedQuery(after, min(limit, MAX_EVENTS), types or None, min(wait, MAX_WAIT), "record" in include)
    if limit <= MAX_EVENTS:
        return query
    return replace(query, warnings=(Fault("LimitReduced", "", _MOST, limit, None, "query:limit"),))


def _texts(params: Mapping[str, str | Sequence[str]], word: str) -> list[str]:
    """What was given for a parameter, each time it was given."""
    given = params.get(word, ())
    return [given] if isinstance(given, str) else list(given)


def _words(params: Mapping[str, str | Sequence[str]], word: str) -> frozenset[str]:
    """The entries of a list, with commas or repeated."""
    return frozenset(entry.strip() for text in _texts(params, word) for entry in text.split(",") if entry.strip())


def _count(params: Mapping[str, str | Sequence[str]], word: str, faults: list[Fault]) -> int | None:
    """A whole number; of a repeated parameter the last one counts."""
    text = next(iter(_texts(params, word)[-1:]), "")
    try:
        number: int | None = COUNT.read(text, _LOCALE, [])
    except Unreadable as error:
        faults.append(Fault("InvalidNumber", "", error.message, text, None, f"query:{word}"))
        return None
    return number
