"""JSON itself and what both families print alike: bodies (contract 1.5), entries of `errors` and `warnings` (1.10)."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any, Final, Literal

import msgspec

from orderdock.accounts.model import Scope
from orderdock.errors import CODES, EmptyRequest, Fault, InvalidType, MalformedBody, TooManyItems
from orderdock.kinds import Number, to_json

MAX_DEPTH: Final = 32
MAX_ENTRIES: Final = 100
MAX_VALUE: Final = 64
# Each of these marks costs the lenient pass a microsecond, in which nothing else is answered.
_MARKS: Final = (b'"', b"/", b",")
MAX_MARKS: Final = 200_000

_decode: Final = msgspec.json.Decoder(float_hook=Number).decode
encode: Final = msgspec.json.Encoder().encode
# How an endpoint of the legacy family writes the documented pair of a failure: `Message` and `Status`, those in lower
# case, or both (contract 2.10, 2.11).
Spelling = Literal["capitals", "lower", "both"]

_BOM: Final = b"\xef\xbb\xbf"
# A string without its end runs to the end of the text, so that no text takes more than one look at each byte.
_STRING: Final = rb'("(?:[^"\\]|\\.)*+"?)'
_COMMENT: Final = re.compile(_STRING + rb"|//[^\r\n]*|/\*(?:.*?\*/|.*)", re.DOTALL)
_COMMA: Final = re.compile(_STRING + rb"|,(?=[ \t\r\n]*[\]}])", re.DOTALL)
_BRACKETS: Final = bytes.maketrans(b"{}", b"[]")
_OTHERS: Final = bytes(code for code in range(256) if code not in b"[]{}")


def read(body: bytes) -> Any:
    """The JSON value of a body, strict first, then by one lenient pass. Raises MalformedBody (contract 1.5)."""
    text = body.removeprefix(_BOM)
    try:
        value = _decode(text)
    except (ValueError, RecursionError):  # what msgspec raises on anything that is not JSON, or too deep for it
        value = _read_leniently(text)
    if text.count(b"[") + text.count(b"{") > MAX_DEPTH and _is_deep(text, value):
        raise MalformedBody(f"nested deeper than {MAX_DEPTH}")
    return value


def written(value: Any) -> bytes:
    """A value that was read, as a body: numbers keep their digits."""
    return to_json(value).encode()


def _read_leniently(text: bytes) -> Any:
    if sum(map(text.count, _MARKS)) > MAX_MARKS:
        raise MalformedBody("not JSON, and too long to be read without its comments")
    try:
        return _decode(plain(text))
    except (ValueError, RecursionError) as error:
        raise MalformedBody(f"not JSON: {error}" if isinstance(error, msgspec.DecodeError) else "not JSON") from None


def plain(text: bytes) -> bytes:
    """A body without comments, without commas before a closing bracket, without a `;` at its end."""
    text = _COMMENT.sub(rb"\1 ", text).rstrip()
    return _COMMA.sub(rb"\1", text.removesuffix(b";"))


def _is_deep(text: bytes, value: Any) -> bool:
    """Whether JSON text is nested too deep; looks at the brackets first, and at the value if strings hold some."""
    brackets = text.translate(_BRACKETS, _OTHERS)
    for _ in range(MAX_DEPTH):
        brackets = brackets.replace(b"[]", b"")
        if not brackets:
            return False
    level = [value]
    for _ in range(MAX_DEPTH):
        children = (part.values() if isinstance(part, dict) else part for part in level)
        level = [child for part in children for child in part if isinstance(child, dict | list)]
        if not level:
            return False
    return True


def items(value: Any, max_items: int) -> tuple[list[Any], bool]:
    """(the items of a legacy request, whether it was an array). Raises EmptyRequest, TooManyItems, MalformedBody."""
    if isinstance(value, dict):
        return [value], False
    if not isinstance(value, list):
        raise MalformedBody("neither an array nor an object")
    if not value:
        raise EmptyRequest
    if len(value) > max_items:
        raise TooManyItems(f"at most {max_items} items", value=len(value))
    return value, True


def items_of(body: bytes, scope: Scope) -> tuple[list[Any], bool]:
    """What `items` says of a body, of as many as the account allows. Raises as `read` and `items` do."""
    return items(read(body), scope.account["batch_max_items"])


def one_object(value: Any) -> dict[str, Any]:
    """The object of a v1 request; an array of exactly one is that one (contract 1.5).

    Raises InvalidType, EmptyRequest, MalformedBody.
    """
    if value == []:
        raise EmptyRequest
    if isinstance(value, list):
        if len(value) > 1 or not isinstance(value[0], dict):
            raise InvalidType("one object is needed, not an array", value=value)
        value = value[0]
    if not isinstance(value, dict):
        raise MalformedBody("neither an array nor an object")
    return value


def shown(raw: Any) -> str:
    """A received value as `errors` print it: text as it is, other types as JSON text, cut to 64 characters."""
    if raw is None:
        return ""
    # str() also of text: a fraction is kept as a text of its own kind, which JSON does not know.
    text = str(raw) if isinstance(raw, str) or type(raw) is int else to_json(raw)
    return text if len(text) <= MAX_VALUE else text[:MAX_VALUE] + "…"


def entry(fault: Fault, path: str, raw: Any) -> dict[str, str]:
    """One element of `errors` or `warnings`."""
    message = fault.message or CODES.get(fault.code, "")
    return {"code": fault.code, "field": path, "value": shown(raw), "message": message}


def entries(faults: Sequence[Fault], say: Callable[[Fault], tuple[str, Any]]) -> list[dict[str, str]]:
    """The elements of `errors`, at most 100 and one that sums up the rest; `say` gives the caller's path and value."""
    listed = [entry(fault, *say(fault)) for fault in faults[:MAX_ENTRIES]]
    if len(faults) > MAX_ENTRIES:
        more = Fault("MoreErrors", message=f"{len(faults) - MAX_ENTRIES} further errors were left out")
        listed.append(entry(more, "", ""))
    return listed


def legacy_failure(
    message: str, status: str, code: str, errors: list[dict[str, str]], *, extra: bool, twins: bool, spelling: Spelling
) -> dict[str, Any]:
    """A legacy failure: the documented pair, then `Error` and `errors` if the key gets `extra` keys (contract 1.10).

    With `twins` a pair in capitals comes in lower case too (rule 6), unless only documented keys are wanted.
    """
    body: dict[str, Any] = {} if spelling == "lower" else {"Message": message, "Status": status}
    if spelling != "capitals" or (twins and extra):
        body |= {"message": message, "status": status}
    if extra:
        body |= {"Error": code, "errors": errors}
    return body
