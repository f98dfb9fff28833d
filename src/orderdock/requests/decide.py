"""What of a request is kept, and what is hidden of it (contract 1.12, 1.17, 2.19a). Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from hashlib import blake2b
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode

from orderdock.accounts.model import Scope
from orderdock.kinds import from_json, to_json
from orderdock.requests.model import Asked, Counts, Entry, Exchange, Facts, Side

HIDDEN: Final = "•"
CUT: Final = "…"
# Of the answer to a read so many bytes are kept: it can be asked again.
MOST_OF_READ: Final = 4_096
MOST_FINDS: Final = 1_000
_SECRET: Final = frozenset({"authorization", "x-api-key", "cookie", "set-cookie", "proxy-authorization"})
_SECRET_PARAMETERS: Final = frozenset({"auth_key"})


def digest_of(path: str, handling: str, body: bytes) -> str:
    """What two requests with one Idempotency-Key must have in common."""
    return blake2b(b"\0".join((path.encode(), handling.encode(), body)), digest_size=16).hexdigest()


def entry_of(
    asked: Asked, scope: Scope, status: int, headers: Iterable[tuple[str, str]], body: bytes, now: float
) -> Entry:
    """A request that was answered, as the log keeps it; `now` in seconds of the clock of `asked`."""
    counts = asked.counts or Counts()
    waited = (asked.taken - asked.queued) if asked.taken and asked.queued else 0.0
    facts = Facts(
        scope.key_name, asked.ip, asked.method, asked.path, _ms(now - asked.began), _ms(waited), counts.items,
        counts.created, counts.updated, counts.unchanged, counts.stale, counts.failed, asked.errors,
    )  # fmt: skip
    hidden = frozenset(scope.account["redact_fields"])
    most = asked.most if asked.counts else min(asked.most, MOST_OF_READ)
    query = _shown_query(asked.query) if asked.query else ""
    exchange = Exchange(
        _side(asked.headers, asked.body, asked.most, hidden, query), _side(dict(headers), body, most, hidden)
    )
    error = asked.errors[0] if asked.errors else None
    return Entry(asked.at, asked.request_id, scope.key_id, asked.operation, status, error, facts, exchange, asked.finds)


def _ms(seconds: float) -> int:
    return max(0, round(seconds * 1000))


def _side(headers: Mapping[str, str], body: bytes, most: int, hidden: Collection[str], query: str = "") -> Side:
    shown = {name: text for name, text in headers.items() if name not in _SECRET}
    if hidden:
        body = _without(body, hidden)
    if len(body) <= most:
        return Side(shown, body.decode("utf-8", "replace"), query)
    return Side(shown, body[:most].decode("utf-8", "ignore") + CUT, query, len(body))


def _shown_query(query: str) -> str:
    pairs = parse_qsl(query, keep_blank_values=True)
    return urlencode([(name, HIDDEN if name in _SECRET_PARAMETERS else text) for name, text in pairs], safe=HIDDEN)


def _without(body: bytes, hidden: Collection[str]) -> bytes:
    """A body whose members of these names are hidden; one that cannot be read is hidden whole."""
    if not body:
        return body
    try:
        return to_json(_veiled(from_json(body.decode()), hidden)).encode()
    except (ValueError, RecursionError):
        return HIDDEN.encode()


def _veiled(value: Any, hidden: Collection[str]) -> Any:
    if isinstance(value, dict):
        return {name: HIDDEN if name in hidden else _veiled(inner, hidden) for name, inner in value.items()}
    if isinstance(value, list):
        return [_veiled(inner, hidden) for inner in value]
    return value


def finds_of(named: Iterable[tuple[str, Any]], codes: Iterable[str]) -> Sequence[tuple[str, str]]:
    """The pairs by which requests are found whose items left no event: ids, contact details, codes of faults."""
    pairs = [(kind, str(value)[:200]) for kind, value in named if value]
    return list(dict.fromkeys([*pairs, *(("error", code) for code in codes)]))[:MOST_FINDS]
