"""The head of a request: its address, and whether it is as HTTP demands (RFC 9110, 9112)."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Final
from urllib.parse import unquote

from httptools import parse_url

from orderdock.web.limits import URL_MOST

_VERSIONS: Final = ("1.0", "1.1")
# Headers that may stand once: two of them could be read as two different requests.
ONCE: Final = frozenset({"host", "content-length", "transfer-encoding"})
_SHORT: Final = 200


def _address(url: bytes) -> tuple[str, str]:
    parsed = parse_url(url)
    path = (parsed.path or b"").decode("latin-1")
    if path.endswith("/") and len(path) > 1:  # before it is decoded: a %2F belongs to what is named
        path = path[:-1]
    return unquote(path) if "%" in path else path, (parsed.query or b"").decode("latin-1")


# Most callers come again and again to the same few addresses.
_address_often: Final = lru_cache(maxsize=512)(_address)


def address_of(url: bytes) -> tuple[str, str]:
    """(path, query) of a URL as sent; one `/` at the end is tolerated. Raises HttpParserInvalidURLError.

    A URL that is too long is not read, but answered at the length that it has, so that the chain refuses it.
    """
    if len(url) > URL_MOST:
        path = url.partition(b"?")[0][:URL_MOST].decode("latin-1")
        return path, " " * (len(url) - len(path))
    return (_address_often if len(url) <= _SHORT else _address)(url)


def is_sound(version: str, headers: Mapping[str, str]) -> bool:
    """Whether the parser's leave is ours too: a version that we speak, a host, a body in chunks or of known length."""
    if version not in _VERSIONS or (version == "1.1" and "host" not in headers):
        return False
    coding = headers.get("transfer-encoding")
    return coding is None or (coding.lower() == "chunked" and version == "1.1")


def framing_of(headers: Mapping[str, str]) -> bytes:
    """A head that says of its body what these headers say, and nothing else."""
    lines = [f"{name}: {headers[name]}\r\n" for name in ("content-length", "transfer-encoding") if name in headers]
    return f"POST / HTTP/1.1\r\n{''.join(lines)}\r\n".encode("latin-1")
