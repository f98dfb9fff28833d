"""What may be done with the event log: read an order's history, follow the change feed."""

from __future__ import annotations

import time
from collections.abc import Collection, Sequence
from typing import Any, Final

from orderdock.accounts.model import Scope
from orderdock.db import Tx
from orderdock.errors import EventsGone
from orderdock.events.model import Feed, FeedQuery, Logged, Span
from orderdock.events.sql import read as sql
from orderdock.events.sql import write
from orderdock.world import Event

# A request for some types looks at no more events than this, so that rare types cost no scan of the whole log.
MOST_LOOKED_AT: Final = 10_000
# Bytes of changes in one answer, about: then the feed goes on with the next one, however many were asked for.
MOST_BYTES: Final = 8 * 1024 * 1024
_FEWEST_OF_AN_ORDER: Final = 20


def history(tx: Tx, scope: Scope, order_ids: Collection[int]) -> dict[int, list[Logged]]:
    """Order -> the events that name it, oldest first; one statement."""
    return sql.history(tx, scope.cm_id, order_ids)


def feed(tx: Tx, scope: Scope, query: FeedQuery) -> Feed:
    """The events behind a number (contract 2.18). Raises EventsGone when some of them are no longer kept."""
    ends = sql.ends(tx, scope.cm_id)
    if ends is None:
        return Feed([], query.after, False)
    oldest, newest = ends
    if query.after < oldest - 1:
        raise EventsGone(path="query:after", value=str(oldest))
    if query.after >= newest:
        return Feed([], query.after, False)
    if query.types is None:
        events = sql.after(tx, scope.cm_id, query.after, query.limit, MOST_BYTES)
        seen = events[-1].seq
    else:
        until = min(query.after + MOST_LOOKED_AT, newest)
        events, is_cut = sql.after_of_kinds(tx, scope.cm_id, query.after, until, query.types, query.limit, MOST_BYTES)
        seen = events[-1].seq if is_cut else until
    return Feed(events, seen, newest > seen)


def requests_of(tx: Tx, cm_id: int, order_ids: Sequence[int], most: int) -> tuple[list[tuple[str, int]], bool]:
    """((request id, epoch ms) of what was done to orders, whether some of it was left out).

    At most `most` are answered. Of each order the newest events are looked at: the more orders, the fewer of each.
    """
    each = max(_FEWEST_OF_AN_ORDER, most // max(1, len(order_ids)))
    found: dict[tuple[str, int], None] = {}
    is_cut = False
    for listed in sql.requests_of(tx, cm_id, order_ids, each):
        is_cut = is_cut or len(listed) == each
        found.update(dict.fromkeys(listed))
    newest = sorted(found, key=lambda one: one[1], reverse=True)
    return newest[:most], is_cut or len(newest) > most


def newest_numbers(tx: Tx, accounts: Collection[int]) -> dict[int, int]:
    """Account -> the number of its newest event, in one statement."""
    return sql.newest_numbers(tx, accounts)


def spans(tx: Tx) -> dict[int, Span]:
    """Account -> the events that are kept of it, of every account that has any; reads the whole log once."""
    return {cm_id: Span(*found) for cm_id, *found in sql.spans(tx)}


def told_of(tx: Tx, cm_id: int, after: int, until: int) -> dict[int, int]:
    """Order -> how many events name it, for orders with numbers behind `after` and up to `until`."""
    return sql.told_of(tx, cm_id, after, until)


def record(tx: Tx, cm_id: int, kind: str, actor: str, changes: dict[str, Any]) -> None:
    """Append one event of the account's own keeping (`key.created` ...); the account is locked in this transaction."""
    seq, at = (write.ask_newest(tx, cm_id).rows() or [(0, 0)])[0]
    now = max(time.time_ns() // 1_000_000, at)
    told = Event(kind, None, None, None, changes)
    write.append(tx, cm_id, [write.row(seq + 1, now, told, actor, "", 0)])
