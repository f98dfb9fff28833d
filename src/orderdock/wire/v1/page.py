"""A page of a search -> bytes (contract 2.9, 2.16): the database has made the orders' JSON already."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import msgspec

from orderdock.errors import Fault
from orderdock.orders.query.search import FoundPage, SearchQuery
from orderdock.wire.body import entry
from orderdock.wire.v1.show import with_history

_encode: Final = msgspec.json.Encoder(decimal_format="number").encode


def _orders(page: FoundPage, query: SearchQuery) -> bytes:
    docs: Sequence[str] = page.docs
    if query.history:
        pairs = zip(docs, page.numbers, strict=True)
        docs = [with_history(doc, page.history.get(number, ())) for doc, number in pairs]
    return ",".join(docs).encode()


def warnings_of(warnings: Sequence[Fault]) -> list[dict[str, str]]:
    """The elements of `warnings`."""
    return [entry(fault, fault.path or "", fault.value) for fault in warnings]


def _behind(page: FoundPage, query: SearchQuery) -> bytes:
    """What follows the orders: `next`, `total`, `warnings`, each only when there is any."""
    more: dict[str, Any] = {}
    if page.next:
        more["next"] = page.next
    if page.total is not None:
        more["total"] = page.total
    if query.warnings:
        more["warnings"] = warnings_of(query.warnings)
    return b"," + _encode(more)[1:] if more else b"}"


def show_pulled(page: FoundPage, query: SearchQuery) -> bytes:
    """The answer of the documented pull (contract 2.9); `success` is a text."""
    return b'{"success":"true","order_details":[%b]%b' % (_orders(page, query), _behind(page, query))


def show_orders(page: FoundPage, query: SearchQuery) -> bytes:
    """The answer of `GET /api/v1/orders` (contract 2.16)."""
    return b'{"orders":[%b]%b' % (_orders(page, query), _behind(page, query))
