"""What may be done with the request log: search it, look at one request, remove what is too old or too much."""

from __future__ import annotations

from orderdock.requests.actions.find import MOST_LOOKED_AT, MOST_ORDERS, MOST_OTHERS, MOST_PLACES, one, search
from orderdock.requests.actions.retention import Pruned, prune

__all__ = ["MOST_LOOKED_AT", "MOST_ORDERS", "MOST_OTHERS", "MOST_PLACES", "Pruned", "one", "prune", "search"]
