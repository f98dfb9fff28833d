"""`clear`: paths in the caller's words -> the fields, or members of open objects, that they name (contract 2.8.9)."""

from __future__ import annotations

import re
from typing import Any, Final

from orderdock.fields import In
from orderdock.kinds import EXTRA, Unreadable, as_text, is_empty
from orderdock.orders.model import Clear
from orderdock.wire.parts import BAGS, CONTROLS, Reading, feeds
from orderdock.wire.v1_write.places import (
    ACCOUNT_WORDS,
    CLEAR,
    CONTACT,
    CUSTOMER,
    CUSTOMER_GROUPS,
    GROUP_BAGS,
    GROUPS,
    LINE,
    PAYMENT,
)

_PATH: Final = re.compile(r"([^.\[\]]+)(?:\[(\d{1,6})\])?(?:\.(.+))?", re.DOTALL)
_MOST: Final = 1_000


def read_clears(reading: Reading, raw: Any, about: In) -> list[Clear]:
    """The paths of `clear`: a list, or one text with commas; `about` is the group that the body is about."""
    if is_empty(raw):
        return []
    found = []
    for where, entry in _entries(reading, raw):
        try:
            path = as_text(entry).replace("\0", "").strip() if entry is not None else ""
        except Unreadable as error:
            reading.fault(error.code, "", error.message, entry, where)
            continue
        if path:
            found.append(_named(path, where, about))
    return found


def _entries(reading: Reading, raw: Any) -> list[tuple[str, Any]]:
    """(where it stands, what it is) of every entry."""
    if isinstance(raw, dict):
        reading.fault("InvalidType", "", "a list of paths is needed here", raw, CLEAR)
        return []
    if isinstance(raw, list):
        if len(raw) > _MOST:
            reading.fault("TooLong", "", f"at most {_MOST} paths", len(raw), CLEAR)
            return []
        return [(f"{CLEAR}[{at}]", entry) for at, entry in enumerate(raw)]
    return [(CLEAR, part) for part in as_text(raw).split(",")[:_MOST]]


def _named(path: str, where: str, about: In) -> Clear:
    """What a path means; a path that names no field has none."""
    found = _PATH.fullmatch(path)
    group, index, word = (found[1], found[2], found[3]) if found else (path, None, None)
    place = GROUPS.get(group)
    if place is not None and about is CUSTOMER and group not in CUSTOMER_GROUPS:
        return Clear((), "", "", None, where, path)
    if place is LINE:
        return Clear(("lines",) if word is None and index is None else (), "", "", None, where, path)
    is_no_field = group in (CLEAR, *ACCOUNT_WORDS) or place is PAYMENT
    if is_no_field or (place is not None and (word is None or word in CONTROLS[place])):
        return Clear((), "", "", None, where, path)
    if place is None or word is None:
        return Clear((), GROUP_BAGS[about], path, None, where, path)
    at = int(index or 0) if place is CONTACT else None
    rows = feeds(place, word)
    if rows:
        return Clear(tuple(row.name for row, _ in rows), "", "", at, where, path)
    first, _, member = word.partition(".")
    bags = feeds(place, first)
    if member and bags and bags[0][0].kind is EXTRA:
        return Clear((), bags[0][0].name, member, at, where, path)
    return Clear((), BAGS[place], word, at, where, path)
