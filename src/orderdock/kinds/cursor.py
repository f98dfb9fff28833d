"""Cursors: the opaque text that says where a page ended, and that belongs to one question of one account."""

from __future__ import annotations

import base64
import json
from hashlib import blake2b
from typing import Any, NamedTuple

from orderdock.kinds.base import MAX_BIGINT


class Position(NamedTuple):
    """The last record of a page, by the value that pages are sorted by: the next page begins behind it."""

    value: int | str | None
    number: int


def compact(value: Any) -> bytes:
    """JSON without blanks."""
    return json.dumps(value, separators=(",", ":")).encode()


def sealed(asked: Any, position: Position, total: int | None) -> str:
    """The cursor behind a position; it says of itself that nothing in it was changed, and what it was asked with."""
    digest = blake2b(compact([asked, position, total]), digest_size=12).hexdigest()
    return base64.urlsafe_b64encode(compact([*position, total, digest])).rstrip(b"=").decode()


def unsealed(asked: Any, cursor: str) -> tuple[Position, int | None] | None:
    """(where a cursor says to go on, the total that it carries); None when it is damaged, or of another question."""
    try:
        value, number, total, _ = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (ValueError, TypeError, RecursionError):
        return None
    position = Position(value, number)
    if not (_is_value(value) and _is_number(number) and (total is None or _is_number(total))):
        return None
    return (position, total) if sealed(asked, position, total) == cursor else None


def _is_number(value: Any) -> bool:
    return type(value) is int and -MAX_BIGINT <= value <= MAX_BIGINT


def _is_value(value: Any) -> bool:
    return value is None or _is_number(value) or (type(value) is str and "\0" not in value)
