"""The request log is searched, or one request of it looked at (contract 2.19a)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Final, NamedTuple

from orderdock.accounts.model import Scope
from orderdock.db import Tx
from orderdock.errors import Fault, NotFound
from orderdock.events import actions as events
from orderdock.requests.query import FIRST, LAST, Found, Logged, LogPage, LogQuery, Meant, Place, UnfitLogQuery
from orderdock.requests.sql import read as sql

# A search looks at no more requests than this, and then says where to go on.
MOST_LOOKED_AT: Final = 50_000
# So many requests are considered that were about one thing, newest first.
MOST_PLACES: Final = 10_000
MOST_ORDERS: Final = 1_000
MOST_OTHERS: Final = 1_000
_CHUNK: Final = 1_000
_is_request_id: Final = re.compile(r"[A-Za-z0-9._-]{1,128}", re.ASCII).fullmatch
_CUT: Final = f"only the newest {MOST_ORDERS:,} orders and {MOST_PLACES:,} of their requests were looked at"


Filters = dict[str, Any]


class _Hits(NamedTuple):
    """Where requests stand that fit; what is older than `edge` is not known (None: all of it is)."""

    places: set[Place]
    edge: Place | None


def search(tx: Tx, scope: Scope, query: LogQuery, meant: Meant) -> LogPage:
    """A page of the log, newest first (contract 2.19a); nothing found is an empty page.

    `meant` is what the query's names stand for. A page that is not full has a cursor too when the search went as far as
    it may at once; a warning says when orders of a phone or an e-mail were too many. Raises UnfitLogQuery for a key
    that there is not.
    """
    if query.cm_id != scope.cm_id:
        raise ValueError("a query of another account")
    if query.key is not None and meant.key_id is None:
        message = "the account has no key or login of this name"
        raise UnfitLogQuery([Fault("InvalidParameter", "", message, query.key, None, "query:key")])
    if "" in query.about.values():
        return LogPage([], "", query.warnings)
    filters = {"key_id": meant.key_id, "operation": query.operation, "status": query.status}
    given = {name: value for name, value in filters.items() if value is not None}
    low = FIRST if query.first is None else Place(query.first, -1)
    high = LAST if query.last is None else Place(query.last + 1, -1)
    if query.before is not None:
        high = min(high, query.before)
    if query.about or query.error is not None:
        return _by_places(tx, query, meant, given, (low, high))
    return _by_time(tx, query, given, (low, high))


_Span = tuple[Place, Place]


def _by_time(tx: Tx, query: LogQuery, filters: Filters, span: _Span) -> LogPage:
    """Going back in time; with filters no further than is allowed at once."""
    low, high = span
    edge = sql.edge(tx, query.cm_id, low, high, MOST_LOOKED_AT) if filters else None
    found = sql.between(tx, query.cm_id, edge or low, high, filters, query.limit + 1)
    return _page(query, found, edge, query.warnings)


def _page(query: LogQuery, found: list[Logged], edge: Place | None, warnings: tuple[Fault, ...]) -> LogPage:
    """What was found, cut to the limit, and where to go on: behind the last of the page, or where the search ended."""
    page = found[: query.limit]
    if len(found) > query.limit:
        return LogPage(page, query.cursor(Place(page[-1].at, page[-1].id)), warnings)
    # What stands at the edge itself was not looked at: the next page begins with it.
    return LogPage(page, query.cursor(Place(edge.at, edge.id + 1)) if edge else "", warnings)


# What the API calls the things that requests are about.
NAMES: Final = {"order": "orderId", "erp": "erpOrderId", "phone": "phone", "email": "email"}


def _by_places(tx: Tx, query: LogQuery, meant: Meant, filters: Filters, span: _Span) -> LogPage:
    """By what requests were about, or by the error that they met: everything given must fit."""
    hits, warnings = [], list(query.warnings)
    is_enough = not filters and len(query.about) + (query.error is not None) == 1
    most = min(query.limit + 1, MOST_PLACES) if is_enough else MOST_PLACES
    for kind, value in query.about.items():
        places, is_cut = _through_events(tx, query.cm_id, meant.orders.get(kind, ()), span)
        if is_cut:
            warnings.append(Fault("LimitReduced", "", _CUT, value, None, f"query:{NAMES[kind]}"))
        others = _edged(sql.by_find(tx, query.cm_id, kind, value, *span, most + 1), most)
        hits.append(_Hits(places | others.places, others.edge))
    if query.error is not None:
        hits.append(_by_error(tx, query.cm_id, query.error, span, most))
    edge = max((one.edge for one in hits if one.edge is not None), default=None)
    places = set.intersection(*(one.places for one in hits))
    known = sorted((place for place in places if edge is None or place > edge), reverse=True)
    return _page(query, _fitting(tx, query, known, filters), edge, tuple(warnings))


def _through_events(tx: Tx, cm_id: int, orders: Sequence[int], span: _Span) -> tuple[set[Place], bool]:
    """(the requests that did something to orders, whether some were left out because there are too many)."""
    if not orders:
        return set(), False
    done, is_cut = events.requests_of(tx, cm_id, orders[:MOST_ORDERS], MOST_PLACES)
    low, high = span
    found = {place for place in sql.by_request(tx, cm_id, done) if low < place < high}
    return found, is_cut or len(orders) > MOST_ORDERS


def _by_error(tx: Tx, cm_id: int, error: str, span: _Span, most: int) -> _Hits:
    """A code is the first error of a request, or that of one of its items."""
    first = _edged(sql.by_error(tx, cm_id, error, *span, most + 1), most)
    other = _edged(sql.by_find(tx, cm_id, "error", error, *span, most + 1), most)
    edges = [one.edge for one in (first, other) if one.edge is not None]
    return _Hits(first.places | other.places, max(edges, default=None))


def _edged(places: list[Place], most: int) -> _Hits:
    """Places that were asked for with one more than there may be: that one is the edge."""
    if len(places) > most:
        return _Hits(set(places[:-1]), places[-1])
    return _Hits(set(places), None)


def _fitting(tx: Tx, query: LogQuery, places: Sequence[Place], filters: Filters) -> list[Logged]:
    """The newest requests at places that fit, one more than the limit if there are so many."""
    found: list[Logged] = []
    size = max(query.limit + 1, _CHUNK if filters else 0)
    for start in range(0, len(places), size):
        found += sql.at_places(tx, query.cm_id, places[start : start + size], filters)
        if len(found) > query.limit:
            break
    return found


def one(tx: Tx, scope: Scope, request_id: str) -> Found:
    """The newest request with an id, whole (contract 2.19a). Raises NotFound."""
    logged = sql.newest(tx, scope.cm_id, request_id) if _is_request_id(request_id) else None
    if logged is None:
        raise NotFound("no request with this id is kept", value=request_id)
    others = sql.count_of(tx, scope.cm_id, request_id, MOST_OTHERS + 1) - 1
    kept = None
    if logged.block_id is not None and logged.place is not None:
        kept = sql.exchange(tx, scope.cm_id, logged.block_id, logged.place)
    return Found(logged, others, kept)
