"""What may be done with orders: get them, pull them, search them, keep views of them."""

from __future__ import annotations

from orderdock.orders.actions.check import look_over
from orderdock.orders.actions.find import find, view_filters
from orderdock.orders.actions.names import number_names
from orderdock.orders.actions.numbers import numbers_about
from orderdock.orders.actions.one import get, not_found, records, shown
from orderdock.orders.actions.read import get_many, pull
from orderdock.orders.actions.views import create_view, list_views

__all__ = [
    "create_view",
    "find",
    "get",
    "get_many",
    "list_views",
    "look_over",
    "not_found",
    "number_names",
    "numbers_about",
    "pull",
    "records",
    "shown",
    "view_filters",
]
