"""How the request log is read: by places in time, by what requests were about, by their id.

Every look into it is bounded: `most` rows are looked at, whatever the log holds.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import Any, Final

import msgspec
import zstandard

from orderdock.db import Sql, Tx, as_rows, source
from orderdock.kinds import from_json
from orderdock.requests.query import Logged, Place

_COLUMNS: Final = ", ".join(f"l.{name}" for name in Logged._fields)
# A repeated X-Request-Id says little: of each event the newest of so many, that arrived in the time before it.
_MOST_SAME: Final = 20
_LONGEST_WAY: Final = 600_000
_CLOCKS_APART: Final = 1_000
_SPAN: Final = "(l.at, l.id) > (:low_at, :low_id) AND (l.at, l.id) < (:high_at, :high_id)"
_FILTERS: Final = {
    "key_id": "l.key_id = :key_id",
    "operation": "l.operation = :operation",
    "status": "l.status = :status",
}

_BY_REQUEST: Final = Sql(
    f"""SELECT (SELECT {{listed}} FROM (
            SELECT l.at, l.id FROM request_log l WHERE l.cm_id = :cm_id AND l.request_id = names.request_id
            AND l.at >= names.at - {_LONGEST_WAY} AND l.at <= names.at + {_CLOCKS_APART}
            ORDER BY l.at DESC LIMIT {_MOST_SAME}) AS hit) FROM {{names}}""",
    names=source("names", request_id="text", at="bigint"),
    listed=("json_group_array(json_array(hit.at, hit.id))", "json_agg(json_build_array(hit.at, hit.id))"),
)
_BY_FIND: Final = Sql(
    f"""SELECT l.at, l.id FROM request_find l WHERE l.cm_id = :cm_id AND l.kind = :kind AND l.value = :value
        AND {_SPAN} ORDER BY l.at DESC, l.id DESC LIMIT :most"""
)
_BY_ERROR: Final = Sql(
    f"""SELECT l.at, l.id FROM request_log l WHERE l.cm_id = :cm_id AND l.error IS NOT NULL AND l.error = :error
        AND {_SPAN} ORDER BY l.at DESC, l.id DESC LIMIT :most"""
)
_EDGE: Final = Sql(
    f"""SELECT l.at, l.id FROM request_log l WHERE l.cm_id = :cm_id AND {_SPAN}
        ORDER BY l.at DESC, l.id DESC LIMIT 1 OFFSET :most"""
)
# Sorted as its index is, and no further: SQLite would else go by time through all of the log.
_NEWEST: Final = Sql(
    f"""SELECT {_COLUMNS} FROM request_log l WHERE l.cm_id = :cm_id AND l.request_id = :request_id
        ORDER BY l.at DESC LIMIT 1"""
)
_COUNT: Final = Sql(
    """SELECT COUNT(*) FROM (SELECT 1 FROM request_log l WHERE l.cm_id = :cm_id AND l.request_id = :request_id
       LIMIT :most) AS hit"""
)
_BLOCK: Final = Sql("SELECT b.size, b.data FROM request_block b WHERE b.cm_id = :cm_id AND b.id = :id")

Filters = dict[str, Any]
_elements: Final = msgspec.json.Decoder(list[msgspec.Raw])


def _span(low: Place, high: Place) -> dict[str, int]:
    return {"low_at": low.at, "low_id": low.id, "high_at": high.at, "high_id": high.id}


def by_request(tx: Tx, cm_id: int, names: Iterable[tuple[str, int]]) -> set[Place]:
    """The requests of (request id, epoch ms of what it did)."""
    rows = as_rows([{"request_id": request_id, "at": at} for request_id, at in names])
    found: set[Place] = set()
    for (listed,) in tx.all(_BY_REQUEST, cm_id=cm_id, names=rows):
        hits = from_json(listed) if isinstance(listed, str) else listed or []
        found.update(Place(at, number) for at, number in hits)
    return found


def by_find(tx: Tx, cm_id: int, kind: str, value: str, low: Place, high: Place, most: int) -> list[Place]:
    """The requests with an item that left no event, by what it was about; between two places, newest first."""
    rows = tx.all(_BY_FIND, cm_id=cm_id, kind=kind, value=value, most=most, **_span(low, high))
    return [Place(*row) for row in rows]


def by_error(tx: Tx, cm_id: int, error: str, low: Place, high: Place, most: int) -> list[Place]:
    """The requests whose first error has a code; between two places, newest first."""
    return [Place(*row) for row in tx.all(_BY_ERROR, cm_id=cm_id, error=error, most=most, **_span(low, high))]


def edge(tx: Tx, cm_id: int, low: Place, high: Place, most: int) -> Place | None:
    """Behind how far `most` requests lie, going back from `high`; None when there are no more than that."""
    return next((Place(*row) for row in tx.all(_EDGE, cm_id=cm_id, most=most, **_span(low, high))), None)


@lru_cache(maxsize=32)
def _between(filters: tuple[str, ...]) -> Sql:
    more = "".join(f" AND {_FILTERS[name]}" for name in filters)
    return Sql(
        f"""SELECT {_COLUMNS} FROM request_log l WHERE l.cm_id = :cm_id AND {_SPAN}{more}
            ORDER BY l.at DESC, l.id DESC LIMIT :limit"""
    )


def between(tx: Tx, cm_id: int, low: Place, high: Place, filters: Filters, limit: int) -> list[Logged]:
    """Requests between two places that fit, newest first."""
    statement = _between(tuple(sorted(filters)))
    return [Logged(*row) for row in tx.all(statement, cm_id=cm_id, limit=limit, **_span(low, high), **filters)]


@lru_cache(maxsize=32)
def _at(filters: tuple[str, ...]) -> Sql:
    more = "".join(f" AND {_FILTERS[name]}" for name in filters)
    # CROSS JOIN keeps SQLite from beginning with the log, all of it.
    return Sql(
        f"""SELECT {_COLUMNS} FROM {{names}} CROSS JOIN request_log l
            WHERE l.cm_id = :cm_id AND l.at = names.at AND l.id = names.id{more} ORDER BY l.at DESC, l.id DESC""",
        names=source("names", at="bigint", id="bigint"),
    )


def at_places(tx: Tx, cm_id: int, places: Iterable[Place], filters: Filters) -> list[Logged]:
    """The requests at places that fit, newest first."""
    names = as_rows([place._asdict() for place in places])
    return [Logged(*row) for row in tx.all(_at(tuple(sorted(filters))), cm_id=cm_id, names=names, **filters)]


def newest(tx: Tx, cm_id: int, request_id: str) -> Logged | None:
    """The newest request with an id."""
    return next((Logged(*row) for row in tx.all(_NEWEST, cm_id=cm_id, request_id=request_id)), None)


def count_of(tx: Tx, cm_id: int, request_id: str, most: int) -> int:
    """How many requests have an id; no more than `most` are counted."""
    return int(tx.all(_COUNT, cm_id=cm_id, request_id=request_id, most=most)[0][0])


def exchange(tx: Tx, cm_id: int, block_id: int, place: int) -> dict[str, Any] | None:
    """What was sent and answered, out of its block; None when the block is gone."""
    for size, data in tx.all(_BLOCK, cm_id=cm_id, id=block_id):
        text = zstandard.ZstdDecompressor().decompress(bytes(data), max_output_size=size)
        found: dict[str, Any] = from_json(bytes(_elements.decode(text)[place]))
        return found
    return None
