"""Lists and open objects: kept as JSON text that the database only carries."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from orderdock.kinds.base import Json, Locale, Note, Unreadable, as_text, from_json, is_empty, to_json, trimmed
from orderdock.kinds.text import Text

MAX_ENTRIES: Final = 10_000


def entries(raw: Any) -> list[str]:
    """The words of a list, an array or one text with commas, without empty ones. Raises Unreadable."""
    parts = raw if isinstance(raw, list) else as_text(raw).split(",", MAX_ENTRIES)
    if len(parts) > MAX_ENTRIES:
        raise Unreadable("TooLong", f"at most {MAX_ENTRIES} entries")
    return [text for part in parts if (text := as_text(part).strip())]


@dataclass(frozen=True)
class Words:
    """A list of words: one comma-separated string or a JSON array; stored as JSON text."""

    label: str = "list"
    sql: str = "text"

    def read(self, raw: Any, locale: Locale, notes: list[Note]) -> str | None:
        given = entries(raw)
        words = [text for word in given if (text := word.replace("\0", "").strip())]
        if any("\0" in word for word in given):
            notes.append(("TextCleaned", "NUL characters were dropped"))
        if any(len(word) > 200 for word in words) or len(words) > 200:
            raise Unreadable("TooLong", "at most 200 entries of 200 characters")
        return to_json(words) if words else None

    def show(self, value: str, locale: Locale) -> str:
        return ",".join(from_json(value))

    def plain(self, value: str) -> Any:
        return from_json(value)

    def schema(self) -> Json:
        scalars = ["string", "number", "boolean"]
        return {"type": [*scalars, "array", "null"], "items": {"type": scalars}}


@dataclass(frozen=True)
class People(Words):
    """A list of employees, each by number, code, e-mail or name."""

    label: str = "list of employees"


@lru_cache(maxsize=8)
def members_of(text: str) -> Mapping[str, Any]:
    """The members of a stored open object. Not to be changed: who asks for them again gets the same ones."""
    members: dict[str, Any] = from_json(text)
    return members


def changed_members(before: str | None, after: str | None) -> tuple[str | None, str | None]:
    """Two states of an open object, as JSON text, cut down to the members in which they differ."""
    if before is None or after is None:
        return before, after
    old, new = members_of(before), members_of(after)
    names = [name for name in {**old, **new} if name not in old or name not in new or old[name] != new[name]]
    cut = [to_json({name: members[name] for name in names if name in members}) for members in (old, new)]
    return cut[0], cut[1]


MAX_EXTRA: Final = 200
MAX_EXTRA_TEXT: Final = 20_000
MAX_EXTRA_BYTES: Final = 256 * 1024


@dataclass(frozen=True)
class Extra:
    """An open object of additional members, merged member by member; stored as canonical JSON text."""

    label: str = "object"
    sql: str = "text"

    def read(self, raw: Any, locale: Locale, notes: list[Note]) -> Json | None:
        if not isinstance(raw, dict):
            if is_empty(raw):
                return None
            raise Unreadable("InvalidType", "an object is needed here")
        return {name: value for name, value in raw.items() if not is_empty(value)} or None

    def merge(self, stored: str | None, given: Json) -> str:
        """The stored object with the given members over it; the same text when nothing changes.

        Raises TooLong past the limits of contract 1.9.
        """
        before = members_of(stored) if stored else {}
        for name, value in given.items():
            if isinstance(value, str) and len(value) > MAX_EXTRA_TEXT:
                raise Unreadable("TooLong", f"{name}: at most {MAX_EXTRA_TEXT} characters")
        members = {name.replace("\0", ""): value for name, value in given.items()}
        if stored and all(name in before and before[name] == value for name, value in members.items()):
            return stored
        merged = {**before, **members}
        if len(merged) > MAX_EXTRA or len((text := to_json(merged)).encode()) > MAX_EXTRA_BYTES:
            raise Unreadable("TooLong", f"at most {MAX_EXTRA} additional fields and 256 KiB a record")
        return text

    def show(self, value: str, locale: Locale) -> str:
        return value

    def plain(self, value: str) -> Any:
        return from_json(value)

    def schema(self) -> Json:
        return {"type": ["object", "string", "null"], "pattern": trimmed("")}


@dataclass(frozen=True)
class TextOrObject:
    """Text, or an object whose meaning is the caller's; stored as JSON text."""

    label: str = "text or object"
    sql: str = "text"

    def read(self, raw: Any, locale: Locale, notes: list[Note]) -> str | None:
        if isinstance(raw, dict):
            return to_json(raw)
        text = Text(20_000).read(raw, locale, notes)
        return to_json(text) if text is not None else None

    def show(self, value: str, locale: Locale) -> str:
        plain = from_json(value)
        return plain if isinstance(plain, str) else value

    def plain(self, value: str) -> Any:
        return from_json(value)

    def schema(self) -> Json:
        return {"type": ["string", "object", "number", "boolean", "null"]}


@dataclass(frozen=True)
class Records:
    """A list of records (the lines of an order); each has fields of its own, so it is no column."""

    label: str = "list"
    sql: str = ""

    def read(self, raw: Any, locale: Locale, notes: list[Note]) -> list[Any] | None:
        if is_empty(raw) or raw == []:
            return None
        if isinstance(raw, dict):
            return [raw]
        if isinstance(raw, list):
            return raw
        raise Unreadable("InvalidType", "a list of objects is needed here")

    def show(self, value: Any, locale: Locale) -> str:
        return to_json(value)

    def plain(self, value: Any) -> Any:
        return value

    def schema(self) -> Json:
        return {"type": ["array", "object", "string", "null"], "pattern": trimmed("")}


MAX_OBJECTS: Final = 1_000


@dataclass(frozen=True)
class Objects:
    """A list of objects that are kept as they were sent, but for those of empty members only; stored as JSON text."""

    label: str = "list of objects"
    sql: str = "text"

    def read(self, raw: Any, locale: Locale, notes: list[Note]) -> str | None:
        given = Records().read(raw, locale, notes) or []
        if any(not isinstance(entry, dict) and not is_empty(entry) for entry in given):
            raise Unreadable("InvalidType", "a list of objects is needed here")
        found = [entry for entry in given if isinstance(entry, dict) and not all(map(is_empty, entry.values()))]
        if len(found) > MAX_OBJECTS:
            raise Unreadable("TooManyLines", f"at most {MAX_OBJECTS} entries")
        text = to_json(found)
        if len(text.encode()) > MAX_EXTRA_BYTES:
            raise Unreadable("TooLong", "at most 256 KiB")
        return text if found else None

    def show(self, value: str, locale: Locale) -> str:
        return value

    def plain(self, value: str) -> Any:
        return from_json(value)

    def schema(self) -> Json:
        entry = {"type": ["object", "string", "null"], "pattern": trimmed("")}
        return {"type": ["array", "object", "string", "null"], "pattern": trimmed(""), "items": entry}
