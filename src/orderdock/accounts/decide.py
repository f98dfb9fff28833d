"""Credentials (contract 1.3): the format of keys, the forms of tokens, digests, and what a key may make mandatory."""

from __future__ import annotations

import base64
import binascii
import hmac
import re
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final, NamedTuple

from orderdock.accounts.model import OPERATIONS, TAKES
from orderdock.errors import Invalid
from orderdock.fields import FIELDS, Field, Mandatory, resolve

ALPHABET: Final = "0123456789abcdefghijklmnopqrstuvwxyz"
PREFIX: Final = "od"
RANDOM_LENGTH: Final = 41
_KEY: Final = re.compile(r"od[0-9a-z]{48}", re.ASCII)
_SECRET: Final = re.compile(r"[!-~]{32,128}", re.ASCII)
_LONGEST_TOKEN: Final = 2_048


def check_of(body: str) -> str:
    """The 7 check characters of a key's first 43: its CRC-32 in base 36."""
    number, marks = zlib.crc32(body.encode("ascii")), ""
    for _ in range(7):
        number, digit = divmod(number, 36)
        marks = ALPHABET[digit] + marks
    return marks


def key_of(random: str) -> str:
    """The key that is made of 41 random characters."""
    body = PREFIX + random
    return body + check_of(body)


def is_key(text: str) -> bool:
    """Whether a text has the form of an issued key, its check included."""
    return _KEY.fullmatch(text) is not None and check_of(text[:43]) == text[43:]


def could_be_secret(text: str) -> bool:
    """Whether a text could be a key or an adopted secret: 32 to 128 visible ASCII characters."""
    return _SECRET.fullmatch(text) is not None


_SPAN: Final = re.compile(r"(\d{1,5})([smhdw])", re.ASCII)
_SECONDS: Final = {"s": 1, "m": 60, "h": 3_600, "d": 86_400, "w": 604_800}


def read_span(text: str) -> int:
    """A length of time such as `24h`, `90m`, `7d` or `0`, in milliseconds. Raises Invalid."""
    found = _SPAN.fullmatch(text.strip() + ("s" if text.strip() == "0" else ""))
    if found is None:
        raise Invalid(f"{text}: a length of time such as 90m, 24h, 7d or 0 is needed")
    return int(found[1]) * _SECONDS[found[2]] * 1_000


def day_name(day: int) -> str:
    """The ISO date of a day, numbered from 1970-01-01."""
    return (date(1970, 1, 1) + timedelta(days=day)).isoformat()


def days_between(first: str, last: str) -> int:
    """How many days one ISO date lies behind another."""
    return (date.fromisoformat(last) - date.fromisoformat(first)).days


# How many days before a key's last one its end is told by an event.
TOLD_BEFORE: Final = (30, 7, 1)


def due_mark(expires_on: str, today: str, told: str | None) -> str | None:
    """What has to be told now of a key that ends, as it is remembered (`2026-12-31:7`); None: nothing.

    `told` is what was told last. Marks that were missed are not made up for: the nearest one says it all.
    """
    left = days_between(today, expires_on)
    due = [days for days in TOLD_BEFORE if 0 <= left <= days]
    day, _, last = (told or "").partition(":")
    if not due or (day == expires_on and int(last) <= min(due)):
        return None
    return f"{expires_on}:{min(due)}"


class KeySecret(NamedTuple):
    """A token read as a key."""

    text: str


class NameAndPassword(NamedTuple):
    """A token read as an API login."""

    name: str
    password: str


Candidate = KeySecret | NameAndPassword


def _decoded(token: str) -> str | None:
    plain = token.rstrip("=").replace("-", "+").replace("_", "/")
    try:
        return base64.b64decode(plain + "=" * (-len(plain) % 4), validate=True).decode("utf-8")
    except (binascii.Error, ValueError):
        return None


def candidates(token: str, *, keys_only: bool = False) -> list[Candidate]:
    """What a token may mean, in the order of trying: a key; base64 of a key, of `key:`, of `user:password`."""
    token = token.strip()
    if len(token) > _LONGEST_TOKEN:
        return []
    found: list[Candidate] = [KeySecret(token)] if could_be_secret(token) else []
    text = _decoded(token) or ""
    if ":" not in text and could_be_secret(text):
        found.append(KeySecret(text))
    if text.endswith(":") and could_be_secret(text[:-1]):
        found.append(KeySecret(text[:-1]))
    name, colon, password = text.partition(":")
    if colon and name and password and not keys_only:
        found.append(NameAndPassword(name, password))
    return found


@dataclass(frozen=True)
class Hasher:
    """Digests keyed by the installation's secret: what is stored of a key or a login name, and of no use without it."""

    secret: bytes

    def _digest(self, label: str, *parts: str) -> str:
        text = "\0".join((label, *parts)).encode("utf-8", "surrogatepass")
        return hmac.new(self.secret, text, "sha256").hexdigest()

    def of(self, candidate: Candidate) -> str:
        """What a candidate is found by; a password is no part of it."""
        if isinstance(candidate, KeySecret):
            return self._digest("key", candidate.text)
        return self._digest("login", candidate.name)

    def of_password(self, candidate: NameAndPassword) -> str:
        """What a login is remembered by once its password was verified."""
        return self._digest("password", candidate.name, candidate.password)


def _rank(row: Field, word: str, operation: str) -> int | None:
    """How near a field is to what a word means in an operation (0: nearest); None: the operation takes no such."""
    if row.mandatory is not Mandatory.YES:
        return None
    group, _, last = word.rpartition(".")
    for rank, place in enumerate(TAKES.get(operation, ())):
        names = {name.word for name in row.ins.get(place, ())}
        if names and (word == row.name or (last in names and place.value.endswith(group))):
            return rank
    return None


def meant_by(word: str, operation: str) -> str | None:
    """The domain field that a domain or wire name means in an operation; None when it takes none of that name."""
    ranked = [(rank, row.name) for row in resolve(word) if (rank := _rank(row, word, operation)) is not None]
    return min(ranked, key=lambda pair: pair[0])[1] if ranked else None


def mandatory_of(wanted: Iterable[tuple[str, str]], granted: Iterable[str]) -> dict[str, list[str]]:
    """(operation or "", field name) as an administrator says it -> operation -> domain fields.

    Raises Invalid naming every field that is unknown, cannot be mandatory, or is taken by no granted operation.
    """
    granted, found, wrong = sorted(granted), dict[str, list[str]](), []
    for operation, word in wanted:
        names = {name: meant_by(word, name) for name in granted if operation in ("", name)}
        if not any(names.values()):
            wrong.append(_why_not(word, operation))
        for name, row in names.items():
            if row and row not in found.setdefault(name, []):
                found[name].append(row)
    if wrong:
        raise Invalid("; ".join(wrong))
    return {name: rows for name, rows in found.items() if rows}


def _why_not(word: str, operation: str) -> str:
    if operation and operation not in OPERATIONS:
        return f"there is no such operation: {operation}; there are {', '.join(OPERATIONS)}"
    rows = resolve(word)
    if not rows:
        return f"{word}: there is no such field"
    if all(row.mandatory is not Mandatory.YES for row in rows):
        return f"{word}: this field cannot be made mandatory"
    return (
        f"{word}: {operation} is not granted or does not take it"
        if operation
        else f"{word}: no granted operation takes it"
    )


def allowed_of(words: Iterable[str]) -> list[str]:
    """Names of fields as an administrator says them -> every domain field that they feed. Raises Invalid."""
    rows: Mapping[str, tuple[Field, ...]] = {word: resolve(word) for word in words}
    unknown = [word for word, found in rows.items() if not found]
    if unknown:
        raise Invalid("; ".join(f"{word}: there is no such field" for word in unknown))
    named = {row.name for found in rows.values() for row in found}
    return [name for name in FIELDS if name in named]
