"""What of a request is kept, and what is hidden of it (contract 1.12, 1.17, 2.19a). Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from hashlib import blake2b
from typing import Any, Final
from urllib.parse import parse_qsl, quote, urlencode

from orderdock.accounts.model import Scope
from orderdock.kinds import from_json, to_json
from orderdock.requests.model import Asked, Counts, Ended, Entry, Exchange, Facts, Side

HIDDEN: Final = "•"
CUT: Final = "…"
# Of the answer to a read so many bytes are kept: it can be asked again.
MOST_OF_READ: Final = 4_096
MOST_FINDS: Final = 1_000
_SECRET: Final = frozenset({"authorization", "x-api-key", "cookie", "set-cookie", "proxy-authorization"})
_TOLD: Final = ("value", "before", "after")
# What is said of a repeated enquiry tells contact details in a sentence (contract 2.13).
_REPEATED: Final = "Duplicate Enquiry Name : N/A , Phone : "
_EMAIL: Final = " , Email : "
_SECRET_PARAMETERS: Final = frozenset({"auth_key"})


def digest_of(path: str, handling: str, body: bytes) -> str:
    """What two requests with one Idempotency-Key must have in common."""
    return blake2b(b"\0".join((path.encode(), handling.encode(), body)), digest_size=16).hexdigest()


def ended(
    asked: Asked, scope: Scope, status: int, headers: Sequence[tuple[str, str]], body: bytes, now: float
) -> Ended:
    """A request that was answered, its bodies cut to what is kept; `now` in seconds of the clock of `asked`."""
    most = asked.most if asked.counts else min(asked.most, MOST_OF_READ)
    sizes = len(asked.body), len(body)
    asked.body = asked.body[: asked.most]
    return Ended(asked, scope, status, headers, body[:most], sizes, now)


def entry_of(found: Ended) -> Entry:
    """What the log keeps of a request. It may have to read bodies: nobody should wait for it."""
    asked, scope = found.asked, found.scope
    counts = asked.counts or Counts()
    waited = (asked.taken - asked.queued) if asked.taken and asked.queued else 0.0
    facts = Facts(
        scope.key_name, asked.ip, asked.method, asked.path, _ms(found.at - asked.began), _ms(waited), counts.items,
        counts.created, counts.updated, counts.unchanged, counts.stale, counts.failed, asked.errors,
    )  # fmt: skip
    hidden = frozenset(name.casefold() for name in scope.account["redact_fields"])
    sent, answered = (asked.veil(body) if asked.veil else body for body in (asked.body, found.body))
    query = _shown_query(asked.query, hidden) if asked.query else ""
    exchange = Exchange(
        _side(asked.headers, sent, found.sizes[0], len(asked.body), hidden, query),
        _side(dict(found.headers), answered, found.sizes[1], len(found.body), hidden),
    )
    error = asked.errors[0] if asked.errors else None
    finds = [pair for pair in asked.finds if not _is_hidden_kind(pair[0], hidden)] if hidden else asked.finds
    return Entry(asked.at, asked.request_id, scope.key_id, asked.operation, found.status, error, facts, exchange, finds)


def _is_hidden_kind(kind: str, hidden: Collection[str]) -> bool:
    """Whether requests must not be found by a kind of value, since fields that hold it are hidden."""
    return kind in ("phone", "email") and any(kind in name for name in hidden)


def _ms(seconds: float) -> int:
    return max(0, round(seconds * 1000))


def _side(
    headers: Mapping[str, str], body: bytes, size: int, kept: int, hidden: Collection[str], query: str = ""
) -> Side:
    """One side; `size` bytes were sent, `kept` of them are left."""
    shown = {name: text for name, text in headers.items() if name not in _SECRET}
    if hidden and body:
        body = _without(body, hidden) if size == kept else HIDDEN.encode()
    if size == kept:
        return Side(shown, body.decode("utf-8", "replace"), query)
    return Side(shown, body.decode("utf-8", "ignore") + CUT, query, size)


def _shown_query(query: str, hidden: Collection[str]) -> str:
    pairs = parse_qsl(query, keep_blank_values=True)
    unseen = {*_SECRET_PARAMETERS, *hidden}
    shown = urlencode([(name, HIDDEN if name.casefold() in unseen else text) for name, text in pairs])
    return shown.replace(quote(HIDDEN), HIDDEN)


def _without(body: bytes, hidden: Collection[str]) -> bytes:
    """A body whose members of these names are hidden; one that cannot be read is hidden whole."""
    try:
        return to_json(_veiled(from_json(body.decode()), hidden)).encode()
    except (ValueError, RecursionError):
        return HIDDEN.encode()


def _veiled(value: Any, hidden: Collection[str]) -> Any:
    if isinstance(value, dict):
        # A fault, and a change, say the name of a member beside what was in it.
        told = _TOLD if _last_name(value.get("field")) in hidden else ()
        return {
            name: HIDDEN if _plain_name(name) in hidden or name in told else _veiled(inner, hidden)
            for name, inner in value.items()
        }
    if isinstance(value, str) and value.startswith(_REPEATED):
        return _hushed(value, hidden)
    if isinstance(value, list):
        return [_veiled(inner, hidden) for inner in value]
    return value


def _hushed(message: str, hidden: Collection[str]) -> str:
    """What is said of a repeated enquiry, without the contact details that are hidden."""
    details = message.removeprefix(_REPEATED).split(_EMAIL)
    # A detail that holds the words between the two could be either of them.
    kinds = zip(("phone", "email"), details, strict=True) if len(details) == 2 else (("phone", ""), ("email", ""))
    return _REPEATED + _EMAIL.join(HIDDEN if _is_hidden_kind(kind, hidden) else detail for kind, detail in kinds)


def _plain_name(name: str) -> str:
    return name.strip().casefold().removesuffix("e164")


def _last_name(path: Any) -> str:
    """`[0].product_details[1].pin` -> `pin`."""
    return path.rpartition(".")[2].rpartition(":")[2].partition("[")[0].casefold() if isinstance(path, str) else ""


def finds_of(named: Iterable[tuple[str, Any]], codes: Iterable[str]) -> Sequence[tuple[str, str]]:
    """The pairs by which requests are found whose items left no event: ids, contact details, codes of faults."""
    pairs = [(kind, str(value)[:200]) for kind, value in named if value]
    return list(dict.fromkeys([*pairs, *(("error", code) for code in codes)]))[:MOST_FINDS]
