"""What all kinds share: how values are written down, and what a kind can do."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final, Protocol
from zoneinfo import ZoneInfo

import msgspec

SCALE: Final = 10_000
MAX_ID: Final = 2**53
NO_SUCH_ID: Final = -1
MAX_BIGINT: Final = 2**63 - 1

Note = tuple[str, str]
Json = dict[str, Any]


class Number(str):
    """A JSON number that is not a plain integer, kept by its text so that no binary float touches it."""

    __slots__ = ()


class Unreadable(ValueError):
    """A value does not fit its kind; carries the contract's code and a sentence for people."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


@dataclass(frozen=True)
class Locale:
    """How an account reads and prints: its zone, its country, and contacts that stand for nobody."""

    zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("Asia/Kolkata"))
    country: str = "IN"
    placeholders: frozenset[str] = frozenset()


# What Python trims, as a pattern of JSON Schema: its blanks, and the few that ECMA's `\s` does not know.
BLANK: Final = r"[\s\x1c-\x1f\x85]"


def trimmed(pattern: str) -> str:
    """The pattern of a text that is empty, or of this form, once it is trimmed."""
    inner = f"(?:{pattern})?{BLANK}*" if pattern else ""
    return f"^{BLANK}*{inner}$"


def is_empty(raw: object) -> bool:
    """Absent, null, or text that is empty after trimming (contract, Words)."""
    return raw is None or raw == "" or (isinstance(raw, str) and not raw.strip())


def as_text(raw: object) -> str:
    """The text of a scalar; numbers by their digits as written. Raises InvalidType for lists and objects."""
    if isinstance(raw, str):
        return raw
    if raw is True:
        return "true"
    if raw is False:
        return "false"
    if isinstance(raw, int):
        return str(raw)
    raise Unreadable("InvalidType", "a single value is needed here, not a list or an object")


_encoder: Final = msgspec.json.Encoder(decimal_format="number")
_decoder: Final = msgspec.json.Decoder(float_hook=Number)


def kept(value: Any) -> Any:
    """A JSON value as it is stored: NUL characters dropped, numbers in the digits they were written in."""
    if isinstance(value, Number):
        return msgspec.Raw(value.encode())
    if isinstance(value, str):
        return value.replace("\0", "") if "\0" in value else value
    if isinstance(value, list):
        return [kept(entry) for entry in value]
    if isinstance(value, dict):
        return {kept(name): kept(entry) for name, entry in value.items()}
    return value


def to_json(value: Any) -> str:
    """Compact JSON text in the order given; fractions keep their digits."""
    return _encoder.encode(kept(value)).decode()


def from_json(text: str | bytes) -> Any:
    """A JSON value whose fractions are kept by their text."""
    return _decoder.decode(text)


class Kind(Protocol):
    """What every kind can do."""

    @property
    def label(self) -> str:
        """What the documents call it."""

    @property
    def sql(self) -> str:
        """The type of its column: text, bigint, or nothing when it is no column."""

    def read(self, raw: Any, locale: Locale, notes: list[Note]) -> Any:
        """The stored form of a given value, None when empty. Raises Unreadable; appends (code, message) warnings."""

    def show(self, value: Any, locale: Locale) -> str:
        """The text that the legacy family prints."""

    def plain(self, value: Any) -> Any:
        """The JSON value that the v1 family prints."""

    def schema(self) -> Json:
        """The JSON Schema of what may be sent: what is read validates, what does not validate is not read."""
