"""Whether the log and the orders tell the same story."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Final

from orderdock.db import Tx
from orderdock.events import actions as events
from orderdock.orders.sql import check as sql

_MOST_TOLD: Final = 5
_AT_ONCE: Final = 10_000
_LAST: Final = 2**63 - 1


def look_over(tx: Tx) -> tuple[dict[int, int], list[str]]:
    """(account -> its newest event, what is not sound), of a whole installation; a few statements each 10,000 orders.

    Sound is: the numbers of the events have no gap, and every order has as many revisions as events that name it (more,
    once old events were taken away).
    """
    spans = events.spans(tx)
    faults = [
        f"account {cm_id}: events {span.oldest} to {span.newest} are {span.kept}, so some are missing"
        for cm_id, span in spans.items()
        if span.has_gap
    ]
    for cm_id in sql.accounts_with_orders(tx):
        whole = cm_id not in spans or spans[cm_id].oldest == 1
        faults += islice(_odd_orders(tx, cm_id, whole=whole), _MOST_TOLD)
    return {cm_id: span.newest for cm_id, span in spans.items()}, faults


def _odd_orders(tx: Tx, cm_id: int, *, whole: bool) -> Iterator[str]:
    """A sentence for each order whose revision and events do not agree."""
    after, is_last = 0, False
    while not is_last:
        kept = sql.revisions(tx, cm_id, after, _AT_ONCE)
        is_last = len(kept) < _AT_ONCE
        until = _LAST if is_last else kept[-1][0]
        told = events.told_of(tx, cm_id, after, until)
        for number, revision in kept:
            count = told.pop(number, 0)
            if count > revision or (whole and count < revision):
                yield f"account {cm_id}: order {number} has revision {revision}, and {count} events"
        if whole:
            yield from (f"account {cm_id}: there are events of order {number}, which is not there" for number in told)
        after = until
