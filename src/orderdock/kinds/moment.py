"""Dates and times: read in the account's zone, stored as UTC epoch milliseconds (contract 1.6)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any, Final
from zoneinfo import ZoneInfo

from orderdock.kinds.base import Json, Locale, Note, Unreadable, as_text, trimmed

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MOMENT: Final = re.compile(
    r"(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)?(Z|[+-]\d{2}:?\d{2})?)?", re.ASCII
)
_PLACEHOLDER_DATES: Final = frozenset(
    {"yyyy-mm-dd", "yyyy-mm-dd hh:mm", "yyyy-mm-dd hh:mm:ss", "yyyy-mm-ddthh:mm", "yyyy-mm-ddthh:mm:ss"}
)
_PATTERN: Final = trimmed(
    r"\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:Z|[+-]\d{2}:?\d{2})?)?|\d{11,14}"
    r"|[Yy]{4}-[Mm]{2}-[Dd]{2}(?:[ Tt][Hh]{2}:[Mm]{2}(?::[Ss]{2})?)?"
)
# An empty span that only a placeholder has.
_PLACEHOLDER: Final = (0, -1)
_FIRST: Final = -2_208_988_800_000
_LAST: Final = 7_289_654_400_000
_BAD_YEAR: Final = "the year must be from 1900 to 2200"
_BAD_DATE: Final = "use yyyy-mm-dd, yyyy-mm-dd HH:MM, ISO 8601 with offset, or epoch milliseconds"


def _offset_minutes(mark: str) -> int:
    hours, minutes = int(mark[1:3]), int(mark[-2:])
    if hours > 18 or minutes > 59:
        raise Unreadable("InvalidDate", _BAD_DATE)
    return (hours * 60 + minutes) * (-1 if mark[0] == "-" else 1)


def _epoch_ms(when: datetime) -> int:
    return (when - _EPOCH) // timedelta(milliseconds=1)


def _parse_moment(text: str, zone: ZoneInfo) -> tuple[int, int]:
    """(first ms, last ms) that a date text covers: its day, minute, second or exact millisecond."""
    if text.isdigit() and text.isascii() and 11 <= len(text) <= 14:
        if not _FIRST <= int(text) < _LAST:
            raise Unreadable("InvalidDate", _BAD_YEAR)
        return int(text), int(text)
    match = _MOMENT.fullmatch(text)
    if match is None:
        raise Unreadable("InvalidDate", _BAD_DATE)
    year, month, day, hour, minute, second, part, mark = match.groups()
    if not 1900 <= int(year) <= 2200:
        raise Unreadable("InvalidDate", _BAD_YEAR)
    try:
        local = datetime(int(year), int(month), int(day), int(hour or 0), int(minute or 0), int(second or 0))
    except ValueError:
        raise Unreadable("InvalidDate", "there is no such day or time") from None
    if mark is None or mark == "Z":
        start = _epoch_ms(local.replace(tzinfo=UTC if mark else zone))
    else:
        start = _epoch_ms(local.replace(tzinfo=UTC)) - _offset_minutes(mark) * 60_000
    if hour is None:
        return start, _epoch_ms((local + timedelta(days=1)).replace(tzinfo=zone)) - 1
    if second is None:
        return start, start + 59_999
    exact = start + int((part or "0").ljust(3, "0")[:3])
    return exact, exact if part else exact + 999


# What is longer is no date that comes again, and would fill the memory.
_LONGEST: Final = 64


@lru_cache(maxsize=65_536)
def _span_of(text: str, zone: ZoneInfo) -> tuple[int, int] | None:
    """What a text covers, blanks around it aside: None when it is empty, `_PLACEHOLDER` when it stands for a date."""
    text = text.strip()
    if not text:
        return None
    return _PLACEHOLDER if text.lower() in _PLACEHOLDER_DATES else _parse_moment(text, zone)


@lru_cache(maxsize=65_536)
def show_local(ms: int, zone: ZoneInfo) -> str:
    """`yyyy-MM-dd HH:mm:ss` in a zone: how the legacy family prints a moment."""
    local = (_EPOCH + timedelta(milliseconds=ms)).astimezone(zone)
    return local.replace(tzinfo=None).isoformat(" ", "seconds")


_MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@lru_cache(maxsize=65_536)
def show_spoken(ms: int, zone: ZoneInfo) -> str:
    """`May 2, 2024 4:15:42 PM` in a zone, always in English: how get customer prints a moment (contract 2.11)."""
    local = (_EPOCH + timedelta(milliseconds=ms)).astimezone(zone)
    half = "PM" if local.hour >= 12 else "AM"
    return f"{_MONTHS[local.month - 1]} {local.day}, {local.year} {local.hour % 12 or 12}:{local:%M:%S} {half}"


def local_ms(ms: int, zone: ZoneInfo) -> int:
    """What the clocks of a zone show, counted as if they never changed: two midnights are 24 hours apart."""
    when = _EPOCH + timedelta(milliseconds=ms)
    return ms + (when.astimezone(zone).utcoffset() or timedelta()) // timedelta(milliseconds=1)


@dataclass(frozen=True)
class Moment:
    """A point in time, stored as UTC epoch milliseconds."""

    label: str = "date"
    sql: str = "bigint"

    def span(self, raw: Any, locale: Locale, notes: list[Note]) -> tuple[int, int] | None:
        """(first, last) millisecond of what is named, both inclusive; None when empty."""
        text = raw if type(raw) is str else as_text(raw)
        found = (_span_of if len(text) <= _LONGEST else _span_of.__wrapped__)(text, locale.zone)
        if found is _PLACEHOLDER:
            notes.append(("PlaceholderDate", "the placeholder of the documentation was read as empty"))
            return None
        return found

    def read(self, raw: Any, locale: Locale, notes: list[Note]) -> int | None:
        span = self.span(raw, locale, notes)
        return span[0] if span else None

    def show(self, value: int, locale: Locale) -> str:
        return show_local(value, locale.zone)

    def plain(self, value: int) -> Any:
        return value

    def schema(self) -> Json:
        return {"type": ["string", "integer", "null"], "minimum": 0, "maximum": _LAST, "pattern": _PATTERN}
