"""How a write is to be carried out and answered: `Prefer`, `Idempotency-Key`, `dry_run` (contract 1.12)."""

from __future__ import annotations

import re
import time
from typing import Final, NamedTuple

from orderdock.accounts.actions import is_told_by
from orderdock.errors import InvalidHeader
from orderdock.requests.decide import digest_of
from orderdock.requests.model import Token
from orderdock.web import limits
from orderdock.web.request.credentials import token_of
from orderdock.web.request.model import Call, Header

_PREFERENCES: Final = ("return=minimal", "handling=strict")
_HOUR: Final = 3_600_000
_is_token: Final = re.compile(r"[!-~]{1,255}", re.ASCII).fullmatch


class Controls(NamedTuple):
    """Whether the answer is minimal, whether it is all or nothing, whether nothing is written, and the retry's token.

    `headers` are those of the answer that say what was heeded.
    """

    minimal: bool = False
    strict: bool = False
    dry_run: bool = False
    token: Token | None = None
    headers: tuple[Header, ...] = ()


_NONE: Final = Controls()


def controls(call: Call, *, dry_run: bool = False) -> Controls:
    """What the headers and parameters of a write ask for. Raises InvalidHeader, InvalidParameter."""
    headers = call.request.headers
    dry_run = (bool(call.request.query) and limits.is_dry_run(call.request.parameters())) or dry_run
    sent, text = headers.get("prefer"), headers.get("idempotency-key")
    if not sent and text is None and not dry_run:
        return _NONE
    asked = {part.strip().lower().replace(" ", "") for part in (sent or "").replace(";", ",").split(",")}
    applied = [name for name in _PREFERENCES if name in asked]
    said = [("preference-applied", ", ".join(applied))] if applied else []
    if dry_run:
        said.append(("orderdock-dry-run", "true"))
    strict = _PREFERENCES[1] in applied
    token = None if text is None or dry_run else _token(call, text, strict)
    return Controls(_PREFERENCES[0] in applied, strict, dry_run, token, tuple(said))


def _token(call: Call, text: str, strict: bool) -> Token:
    if not _is_token(text):
        raise InvalidHeader("1 to 255 visible ASCII characters are needed", path="header:Idempotency-Key", value=text)
    credential = token_of(call.request)
    if is_told_by(text, credential.text if credential else None):  # it is kept
        raise InvalidHeader("a credential cannot be used for this", path="header:Idempotency-Key")
    digest = digest_of(call.request.path, "strict" if strict else "", call.body)
    return Token(text, digest, time.time_ns() // 1_000_000 - call.keep_hours * _HOUR)
