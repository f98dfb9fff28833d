"""Credentials in what is kept, shown or logged: found by their form, and replaced by `•` (contract 1.3, 2.19a).

An issued key is known by its form and its check, whoever it belongs to, also inside base64. What has no form, an
adopted secret or a password, is known where the request that carries it is at hand: `forms_of` its token.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Final
from urllib.parse import quote

from orderdock.accounts.decide import is_key

MARK: Final = "•".encode()
_LENGTH: Final = 50
_BASE64: Final = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_"
# Whatever holds a key, plainly or in base64, has a run of so many characters of that alphabet: most texts have none.
_IS_IN_RUN: Final = bytes(120 if number in _BASE64 else 32 for number in range(256))
_RUN: Final = b"x" * _LENGTH
# What looks like a key, at every place, also inside another one; and how many of them are looked at in one text.
_candidates: Final = re.compile(rb"(?=(od[0-9a-z]{48}))")
_TRIED_MOST: Final = 5_000
_runs: Final = re.compile(rb"[A-Za-z0-9+/_-]{50,}={0,2}")
_is_same_everywhere: Final = re.compile(rb"[A-Za-z0-9_.~-]+").fullmatch
# Characters of the shortest password, and of the shortest adopted secret.
_SHORTEST: Final = 8
_LEAST_KEY: Final = 32


def hide(data: bytes, own: Iterable[bytes] = ()) -> bytes:
    """Bytes with every issued key, plain or in base64, and each of `own` replaced by `•`."""
    for form in own:
        if form in data:
            data = data.replace(form, MARK)
    if len(data) < _LENGTH or _RUN not in data.translate(_IS_IN_RUN):
        return data
    return _runs.sub(_Search().without_keys, data)


def hide_text(text: str, own: Iterable[bytes] = ()) -> str:
    """The same for a text."""
    if len(text) < _SHORTEST:
        return text
    data = text.encode("utf-8", "surrogatepass")
    hidden = hide(data, own)
    return text if hidden is data else hidden.decode("utf-8", "surrogatepass")


class _Search:
    """The search of one text, which tries no more words than could ever stand there by chance."""

    def __init__(self) -> None:
        self._left = _TRIED_MOST

    def without_keys(self, found: re.Match[bytes]) -> bytes:
        """A run without the keys in it; where one stands in base64, nothing of the run is left."""
        run = found[0]
        bare = run.rstrip(b"=").replace(b"-", b"+").replace(b"_", b"/")
        for skipped in range(4):
            part = bare[skipped:]
            part = part[: len(part) - (len(part) % 4 == 1)]
            try:
                plain = base64.b64decode(part + b"=" * (-len(part) % 4))
            except binascii.Error:
                continue
            if self._plain(plain) is not plain:
                return MARK
        return self._plain(run)

    def _plain(self, data: bytes) -> bytes:
        """Bytes without the keys that stand there plainly, also in a longer word; the same object if there is none."""
        parts: list[bytes] = []
        end = 0
        for found in _candidates.finditer(data):
            at = found.start()
            if at < end:
                continue
            self._left -= 1
            if self._left < 0:
                return MARK
            if is_key(found[1].decode()):
                parts += (data[end:at], MARK)
                end = at + _LENGTH
        return b"".join((*parts, data[end:])) if parts else data


def _parts_of(token: str) -> list[bytes]:
    """What is secret of a token as sent: itself, what it says in base64, and a password in that."""
    sent = token.encode("utf-8", "surrogatepass").rstrip(b"=")
    try:
        plain = binascii.a2b_base64(sent.replace(b"-", b"+").replace(b"_", b"/") + b"==")
        plain.decode()
    except ValueError:  # it is no base64 of a text, but what it seems to be
        plain = b""
    parts = (plain.rstrip(b":"), sent, plain.partition(b":")[2])
    return [part for part in parts if len(part) >= _SHORTEST]


@lru_cache(maxsize=256)  # in memory only, as the requests are that carry them
def forms_of(token: str, *, passwords: bool = True) -> tuple[bytes, ...]:
    """How what is secret of a token may stand in a body, an address or an answer: plain, escaped, quoted, in base64.

    Without `passwords` only what is too long to be there by chance: for what is kept as data.
    """
    forms: list[bytes] = []
    for part in _parts_of(token):
        if not passwords and len(part) < _LEAST_KEY:
            continue
        # The last letters depend on what stands behind it.
        forms += [base64.b64encode(part[: len(part) // 3 * 3]), part]
        if not _is_same_everywhere(part):
            text = part.decode("utf-8", "replace")
            forms += [json.dumps(text)[1:-1].encode(), quote(part, safe="").encode()]
    return tuple(sorted(forms, key=len, reverse=True))


def is_told_by(text: str, token: str | None) -> bool:
    """Whether a text, such as a request's id, holds a credential: an issued key, or what is secret of the token."""
    if len(text) < _SHORTEST:
        return False
    if token:
        word = text.encode()
        if any(part in word or word in part for part in _parts_of(token)):
            return True
    return len(text) >= _LENGTH and hide_text(text) != text
