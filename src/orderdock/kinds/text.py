"""Text, ids, booleans, counts and the names of employees (contract 1.6)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from orderdock.kinds.base import (
    BLANK,
    MAX_BIGINT,
    MAX_ID,
    NO_SUCH_ID,
    Json,
    Locale,
    Note,
    Unreadable,
    as_text,
    to_json,
    trimmed,
)

_SCALAR: Final = ["string", "number", "boolean", "null"]


def fold_words(record: Mapping[str, Any], columns: Iterable[str]) -> str | None:
    """The compared forms of a record's words, by column, as JSON text: of those alone that folding changes.

    None when it changes none. So what is compared is the entry here, else the column itself.
    """
    changed = {column: key for column in columns if (key := record[column].casefold()) != record[column]}
    return to_json(changed) if changed else None


@dataclass(frozen=True)
class Text:
    """Text up to `limit` characters, trimmed, otherwise kept exactly as sent."""

    limit: int = 500
    label: str = "text"
    sql: str = "text"

    def read(self, raw: Any, locale: Locale, notes: list[Note]) -> str | None:
        text = (raw if type(raw) is str else as_text(raw)).strip()
        if "\0" in text:
            text = text.replace("\0", "").strip()
            notes.append(("TextCleaned", "NUL characters were dropped"))
        if len(text) > self.limit:
            raise Unreadable("TooLong", f"at most {self.limit} characters")
        return text or None

    def show(self, value: str, locale: Locale) -> str:
        return value

    def plain(self, value: str) -> Any:
        return value

    def schema(self) -> Json:
        # What is trimmed, and NUL characters, do not count.
        longer = f"^{BLANK}|{BLANK}$|\\x00"
        return {"type": _SCALAR, "anyOf": [{"maxLength": self.limit}, {"pattern": longer}]}


@dataclass(frozen=True)
class Id:
    """A positive whole number below 2^53; 0 is empty; anything else is an id that does not exist."""

    label: str = "id"
    sql: str = "bigint"

    def read(self, raw: Any, locale: Locale, notes: list[Note]) -> int | None:
        text = as_text(raw).strip()
        if not (text.isascii() and text.isdigit()):
            return NO_SUCH_ID if text else None
        number = int(text) if len(text) < 20 else MAX_ID
        return (number or None) if number < MAX_ID else NO_SUCH_ID

    def show(self, value: int, locale: Locale) -> str:
        return str(value)

    def plain(self, value: int) -> Any:
        return value

    def schema(self) -> Json:
        return {"type": _SCALAR}


_TRUE: Final = frozenset({"true", "1", "yes"})
_FALSE: Final = frozenset({"false", "0", "no"})


@dataclass(frozen=True)
class Boolean:
    """true/false, 1/0, yes/no in any case; stored as 1 or 0."""

    label: str = "boolean"
    sql: str = "bigint"

    def read(self, raw: Any, locale: Locale, notes: list[Note]) -> int | None:
        text = as_text(raw).strip().lower()
        if text in _TRUE:
            return 1
        if text in _FALSE:
            return 0
        if not text:
            return None
        raise Unreadable("InvalidBoolean", "true or false is needed")

    def show(self, value: int, locale: Locale) -> str:
        return "true" if value else "false"

    def plain(self, value: int) -> Any:
        return bool(value)

    def schema(self) -> Json:
        words = "|".join("".join(f"[{mark}{mark.upper()}]" for mark in word) for word in ("true", "false", "yes", "no"))
        return {
            "type": ["boolean", "string", "integer", "null"],
            "minimum": 0,
            "maximum": 1,
            "pattern": trimmed(f"{words}|[01]"),
        }


@dataclass(frozen=True)
class Count:
    """A whole number from 0 to 2^63 - 1."""

    label: str = "count"
    sql: str = "bigint"

    def read(self, raw: Any, locale: Locale, notes: list[Note]) -> int | None:
        text = as_text(raw).strip()
        if not text:
            return None
        if not (text.isascii() and text.isdigit()) or len(text) > 19 or int(text) > MAX_BIGINT:
            raise Unreadable("InvalidNumber", "a whole number from 0 is needed")
        return int(text)

    def show(self, value: int, locale: Locale) -> str:
        return str(value)

    def plain(self, value: int) -> Any:
        return value

    def schema(self) -> Json:
        return {
            "type": ["integer", "string", "null"],
            "minimum": 0,
            "maximum": MAX_BIGINT,
            "pattern": trimmed(r"\d{1,19}"),
        }


@dataclass(frozen=True)
class Person(Text):
    """An employee, named by code, e-mail or name; stored as the employee's id once looked up."""

    label: str = "employee"
    sql: str = "bigint"

    def show(self, value: int | str, locale: Locale) -> str:
        return str(value)
