"""How large and how slow a request may be (contract 1.5, 1.15), and whether it is a dry run (1.12)."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from typing import Final

from orderdock.errors import (
    HeadersTooLarge,
    InvalidParameter,
    MalformedBody,
    PayloadTooLarge,
    UnsupportedEncoding,
    UrlTooLong,
)

URL_MOST: Final = 16 * 1024
HEADERS_MOST: Final = 32 * 1024
# The largest `body_max_bytes` that an account can have: what is larger is refused before anything is looked up.
BODY_MOST: Final = 256 * 1024 * 1024
_GZIP: Final = 16 + zlib.MAX_WBITS
_MEMBERS_MOST: Final = 16

_ON: Final = frozenset({"true", "1", "yes"})
_OFF: Final = frozenset({"false", "0", "no", ""})


def is_dry_run(parameters: Mapping[str, str]) -> bool:
    """Whether a write is only to be judged (contract 1.12). Raises InvalidParameter."""
    given = parameters.get("dry_run", "").strip().lower()
    if given not in _ON and given not in _OFF:
        raise InvalidParameter("true or false is needed", path="query:dry_run", value=parameters["dry_run"])
    return given in _ON


def check_head(url_size: int, headers_size: int) -> None:
    """Raises UrlTooLong, HeadersTooLarge."""
    if url_size > URL_MOST:
        raise UrlTooLong(f"at most {URL_MOST} bytes")
    if headers_size > HEADERS_MOST:
        raise HeadersTooLarge(f"at most {HEADERS_MOST} bytes")


def check_declared(length: str | None, most: int) -> None:
    """Raises PayloadTooLarge when the declared size is more than may be."""
    if length and length.isdigit() and int(length) > most:
        raise too_large(most)


def too_large(most: int) -> PayloadTooLarge:
    """The refusal of a body of more than `most` bytes."""
    return PayloadTooLarge(f"at most {most} bytes")


def check_encoding(encoding: str | None) -> bool:
    """Whether a body is compressed. Raises UnsupportedEncoding for anything but gzip."""
    name = (encoding or "").strip().lower()
    if name in ("", "identity"):
        return False
    if name not in ("gzip", "x-gzip"):
        raise UnsupportedEncoding("send it plain or as gzip", path="header:Content-Encoding", value=encoding)
    return True


def unpack(body: bytes, most: int) -> bytes:
    """A gzip body unpacked, never to more than `most` bytes. Raises PayloadTooLarge, MalformedBody."""
    parts: list[bytes] = []
    size = 0
    while body:
        if len(parts) == _MEMBERS_MOST:
            raise MalformedBody("too many gzip members")
        member = zlib.decompressobj(_GZIP)
        try:
            part = member.decompress(body, most - size + 1)
        except zlib.error:
            raise MalformedBody("not gzip") from None
        size += len(part)
        if size > most:
            raise too_large(most)
        if not member.eof:
            raise MalformedBody("the gzip body is cut short")
        parts.append(part)
        body = member.unused_data
    return b"".join(parts)
