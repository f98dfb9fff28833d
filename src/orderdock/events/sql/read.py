"""How the event log is read: an order's history, and the change feed."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Final

from orderdock.db import Sql, Tx, as_rows, picked, source
from orderdock.events.model import Logged
from orderdock.kinds import from_json
from orderdock.tables import event

_PICKED: Final = picked("e", event)
# CROSS JOIN keeps SQLite from beginning with the log, all of it, for the sake of the order wanted.
_HISTORY: Final = Sql(
    f"""SELECT {_PICKED} FROM {{names}}
        CROSS JOIN event e WHERE e.cm_id = :cm_id AND e.order_id = names.id ORDER BY e.seq""",
    names=source("names", id="bigint"),
)
# Two look-ups at the ends of the key: asked for together in one SELECT, SQLite would read the whole log.
_ENDS: Final = Sql(
    """SELECT (SELECT MIN(e.seq) FROM event e WHERE e.cm_id = :cm_id),
              (SELECT MAX(e.seq) FROM event e WHERE e.cm_id = :cm_id)"""
)
# How large what is asked for is comes first: an event may have a megabyte.
_SIZE: Final = ("LENGTH(e.changes)", "OCTET_LENGTH(e.changes)")
_SIZES: Final = Sql(
    "SELECT e.seq, {size} FROM event e WHERE e.cm_id = :cm_id AND e.seq > :after ORDER BY e.seq LIMIT :limit",
    size=_SIZE,
)
_AFTER: Final = Sql(
    f"SELECT {_PICKED} FROM event e WHERE e.cm_id = :cm_id AND e.seq > :after AND e.seq <= :until ORDER BY e.seq"
)
_SIZES_OF_KINDS: Final = Sql(
    """SELECT e.seq, {size} FROM event e WHERE e.cm_id = :cm_id AND e.seq > :after AND e.seq <= :until
        AND e.kind IN (SELECT kinds.kind FROM {kinds}) ORDER BY e.seq LIMIT :limit""",
    size=_SIZE,
    kinds=source("kinds", kind="text"),
)
_AFTER_OF_KINDS: Final = Sql(
    f"""SELECT {_PICKED} FROM event e WHERE e.cm_id = :cm_id AND e.seq > :after AND e.seq <= :until
        AND e.kind IN (SELECT kinds.kind FROM {{kinds}}) ORDER BY e.seq""",
    kinds=source("kinds", kind="text"),
)
# One end of the key for each account.
_NEWEST: Final = Sql(
    """SELECT accounts.cm_id, (SELECT MAX(e.seq) FROM event e WHERE e.cm_id = accounts.cm_id) FROM {accounts}""",
    accounts=source("accounts", cm_id="bigint"),
)

# The whole log once, for every account: what an administrator asks of a backup.
_SPANS: Final = Sql("SELECT e.cm_id, MIN(e.seq), MAX(e.seq), COUNT(*) FROM event e GROUP BY e.cm_id ORDER BY e.cm_id")
_TOLD_OF: Final = Sql(
    """SELECT e.order_id, COUNT(*) FROM event e
       WHERE e.cm_id = :cm_id AND e.order_id > :after AND e.order_id <= :until GROUP BY e.order_id"""
)


def spans(tx: Tx) -> list[tuple[int, int, int, int]]:
    """(account, its oldest number, its newest number, how many events it has), of every account that has any."""
    return [(cm_id, oldest, newest, count) for cm_id, oldest, newest, count in tx.all(_SPANS)]


def told_of(tx: Tx, cm_id: int, after: int, until: int) -> dict[int, int]:
    """Order -> how many events name it, for a range of numbers of orders (the first exclusive)."""
    return dict(tx.all(_TOLD_OF, cm_id=cm_id, after=after, until=until))


# The newest events of each order; those without a request were no caller's doing.
_REQUESTS: Final = Sql(
    """SELECT (SELECT {listed} FROM (
            SELECT e.request_id, e.at FROM event e WHERE e.cm_id = :cm_id AND e.order_id = names.id
            ORDER BY e.seq DESC LIMIT :most) AS hit) FROM {names}""",
    names=source("names", id="bigint"),
    listed=(
        "json_group_array(json_array(hit.request_id, hit.at))",
        "json_agg(json_build_array(hit.request_id, hit.at))",
    ),
)


def newest_numbers(tx: Tx, accounts: Collection[int]) -> dict[int, int]:
    """Account -> the number of its newest event; 0 for none."""
    rows = tx.all(_NEWEST, accounts=as_rows([{"cm_id": number} for number in accounts]))
    return {cm_id: newest or 0 for cm_id, newest in rows}


def history(tx: Tx, cm_id: int, order_ids: Collection[int]) -> dict[int, list[Logged]]:
    """Order -> the events that name it, oldest first."""
    found: dict[int, list[Logged]] = {}
    for row in tx.all(_HISTORY, cm_id=cm_id, names=as_rows([{"id": number} for number in order_ids])):
        event_of_one = Logged(*row)
        found.setdefault(event_of_one.order_id or 0, []).append(event_of_one)
    return found


def requests_of(tx: Tx, cm_id: int, order_ids: Collection[int], most: int) -> list[list[tuple[str, int]]]:
    """(request id, epoch ms) of the newest events of orders, `most` of each."""
    found = []
    for (listed,) in tx.all(_REQUESTS, cm_id=cm_id, most=most, names=as_rows([{"id": one} for one in order_ids])):
        hits = from_json(listed) if isinstance(listed, str) else listed or []
        found.append([(request_id, at) for request_id, at in hits])
    return found


def ends(tx: Tx, cm_id: int) -> tuple[int, int] | None:
    """(oldest, newest) number that is kept; None when nothing is."""
    oldest, newest = tx.all(_ENDS, cm_id=cm_id)[0]
    return None if oldest is None else (oldest, newest)


def _fitting(sizes: list[Any], most: int) -> int:
    """The last number of a page that holds no more than so many bytes, one event at least; 0: there is none."""
    last = size = 0
    for seq, length in sizes:
        size += length
        if last and size > most:
            break
        last = seq
    return last


def after(tx: Tx, cm_id: int, seq: int, limit: int, most: int) -> list[Logged]:
    """The events behind a number, oldest first, of about `most` bytes at most."""
    until = _fitting(tx.all(_SIZES, cm_id=cm_id, after=seq, limit=limit), most)
    return [Logged(*row) for row in tx.all(_AFTER, cm_id=cm_id, after=seq, until=until)]


def after_of_kinds(
    tx: Tx, cm_id: int, seq: int, until: int, kinds: Collection[str], limit: int, most: int
) -> tuple[list[Logged], bool]:
    """(the events of some kinds behind a number, up to another one; whether there may be more of them)."""
    listed = as_rows([{"kind": kind} for kind in sorted(kinds)])
    sizes = tx.all(_SIZES_OF_KINDS, cm_id=cm_id, after=seq, until=until, kinds=listed, limit=limit)
    last = _fitting(sizes, most)
    rows = tx.all(_AFTER_OF_KINDS, cm_id=cm_id, after=seq, until=last, kinds=listed)
    return [Logged(*row) for row in rows], len(sizes) == limit or (bool(sizes) and last < sizes[-1][0])
