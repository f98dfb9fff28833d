"""What may be done with orders: get them, pull them, search them, keep views of them."""

from __future__ import annotations

from orderdock.orders.actions.find import find, view_filters
from orderdock.orders.actions.numbers import numbers_about
from orderdock.orders.actions.read import get, get_many, pull, records
from orderdock.orders.actions.views import create_view, list_views

__all__ = [
    "create_view", "find", "get", "get_many", "list_views", "numbers_about", "pull", "records", "view_filters"
]  # fmt: skip
