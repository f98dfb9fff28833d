"""The v1 family: requests -> queries, orders and events -> bytes (contract 2.9, 2.15, 2.16, 2.18)."""

from __future__ import annotations

from orderdock.wire.v1.feed_query import MAX_WAIT, read_feed_query
from orderdock.wire.v1.page import show_orders, show_pulled
from orderdock.wire.v1.search import Asked, completed, one_shape, read_filters, read_one, read_pull, read_search
from orderdock.wire.v1.show import show_feed, show_one

__all__ = [
    "MAX_WAIT",
    "Asked",
    "completed",
    "one_shape",
    "read_feed_query",
    "read_filters",
    "read_one",
    "read_pull",
    "read_search",
    "show_feed",
    "show_one",
    "show_orders",
    "show_pulled",
]
