"""A logged request once more: as a command line that sends it, or judged as if it came now."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qsl, urlencode

from orderdock.errors import Invalid

if TYPE_CHECKING:
    from orderdock.accounts.model import Scope
    from orderdock.orders.model import Command, Operation
    from orderdock.wire.legacy_people.items import Read

HIDDEN: Final = "•"
_SECRET: Final = "auth_key"
# curl says these itself, or they were about the connection, the packing or this one request.
_OWN: Final = frozenset(
    {
        "host", "content-length", "connection", "transfer-encoding", "content-encoding", "accept-encoding", "expect",
        "keep-alive", "te", "trailer", "upgrade", "x-request-id", "authorization", "cookie", "proxy-authorization",
    }
)  # fmt: skip
_is_host: Final = re.compile(r"([A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(:[0-9]{1,5})?", re.ASCII).fullmatch
_is_name: Final = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+", re.ASCII).fullmatch


def sent_body(shown: Mapping[str, Any]) -> str:
    """The body of a request as it was sent. Raises Invalid when it is not known: not kept, cut, hidden in part."""
    side = shown["request"]
    if side is None:
        raise Invalid(f"what request {shown['id']} sent is not kept, or no longer")
    body: str = side.get("body", "")
    if side.get("bodyBytes"):
        kept = len(body.encode())
        raise Invalid(f"the body of request {shown['id']} was cut at {kept} of {side['bodyBytes']} bytes: not the same")
    if "\ufffd" in body:
        raise Invalid(f"the body of request {shown['id']} was no text, or not all of it: not the same")
    if _hides(body):
        raise Invalid(f"fields in the body of request {shown['id']} are hidden (redact_fields): not the same")
    return body


def _hides(body: str) -> bool:
    if HIDDEN not in body:
        return False
    try:
        return _holds(json.loads(body))
    except (ValueError, RecursionError):
        return body == HIDDEN


def _holds(value: Any) -> bool:
    if isinstance(value, dict):
        return any(map(_holds, value.values()))
    return any(map(_holds, value)) if isinstance(value, list) else bool(value == HIDDEN)


def curl_of(shown: Mapping[str, Any], url: str) -> str:
    """A command line for a POSIX shell that sends a request again. The variable ORDERDOCK_KEY is the whole value of
    `Authorization`. Raises Invalid when the body is not known.
    """
    body, side = sent_body(shown), shown["request"]
    if "\0" in body:
        raise Invalid(f"the body of request {shown['id']} holds a NUL character: no command line can carry it")
    pairs = parse_qsl(side.get("query", ""), keep_blank_values=True)
    query = urlencode([(name, text) for name, text in pairs if name != _SECRET])
    words = ["curl", "--globoff", *_method(shown["method"])]
    words.append(shlex.quote(f"{url.rstrip('/')}{shown['path']}{'?' if query else ''}{query}"))
    for name, text in side.get("headers", {}).items():
        if name.lower() not in _OWN and _is_name(name):
            words += ["-H", shlex.quote(f"{name}: {text}" if text else f"{name};")]
    words += ["-H", '"Authorization: $ORDERDOCK_KEY"']
    if body:
        words += ["--data-raw", shlex.quote(body)]
    return " ".join(words)


def sent_to(shown: Mapping[str, Any]) -> str:
    """Where a request was sent to, by its `Host`; "" when that is not known."""
    headers = {name.lower(): text for name, text in (shown["request"] or {}).get("headers", {}).items()}
    host, scheme = headers.get("host", ""), headers.get("x-forwarded-proto", "").lower()
    if not _is_host(host):
        return ""
    return f"{scheme if scheme in ('http', 'https') else 'http'}://{host}"


def _method(method: str) -> list[str]:
    return ["--head"] if method == "HEAD" else ["-X", shlex.quote(method)]


def commands_of(shown: Mapping[str, Any], scope: Scope) -> tuple[list[Command], bool]:
    """(the commands of a logged write, whether it was all or nothing). Raises Invalid when it is no write or its body
    is not known, Refusal when it would be refused as a whole.
    """
    read = READERS.get(shown["path"].removesuffix("/v.2.0"))
    if read is None or shown["method"] != "POST":
        raise Invalid(f"{shown['method']} {shown['path']} writes nothing: only writes can be judged again")
    body = sent_body(shown)
    headers = {name.lower(): text for name, text in shown["request"].get("headers", {}).items()}
    parts = headers.get("prefer", "").replace(";", ",").split(",")
    strict = any(part.strip().lower().replace(" ", "") == "handling=strict" for part in parts)
    return read(body.encode(), headers, scope), strict


def _read_legacy(body: bytes, headers: Mapping[str, str], scope: Scope) -> list[Command]:
    from orderdock.wire import body as json_body
    from orderdock.wire.legacy import read_writes

    items, was_array = json_body.items_of(body, scope)
    return read_writes(items, was_array, scope)


def _read_customers(body: bytes, headers: Mapping[str, str], scope: Scope) -> list[Command]:
    from orderdock.wire.legacy_people.customers import PUSH, read_customer

    return _read_items(body, scope, PUSH, read_customer)


def _read_enquiries(body: bytes, headers: Mapping[str, str], scope: Scope) -> list[Command]:
    from orderdock.wire.legacy_people.enquiries import PUSH, read_enquiry

    return _read_items(body, scope, PUSH, read_enquiry)


def _read_items(body: bytes, scope: Scope, operation: Operation, read: Read) -> list[Command]:
    from orderdock.wire import body as json_body
    from orderdock.wire.legacy_people.items import read_items

    items, was_array = json_body.items_of(body, scope)
    return read_items(items, was_array, scope, operation, read)


def _object_of(body: bytes, scope: Scope) -> dict[str, Any]:
    from orderdock.wire import body as json_body
    from orderdock.wire.v1_write import check_account, one_object

    found = one_object(json_body.read(body))
    check_account(found, scope)
    return found


def _read_form(body: bytes, headers: Mapping[str, str], scope: Scope) -> list[Command]:
    from orderdock.wire.v1_write import read_form, revisions_of

    return [read_form(_object_of(body, scope), scope, revisions_of(headers.get("if-match")))]


def _read_customer(body: bytes, headers: Mapping[str, str], scope: Scope) -> list[Command]:
    from orderdock.wire.v1_write import read_customer

    return [read_customer(_object_of(body, scope), scope)]


READERS: Final[Mapping[str, Callable[[bytes, Mapping[str, str], Scope], list[Command]]]] = {
    "/add-update-order-from-other-source.html": _read_legacy,
    "/add-update-customer-from-other-source.html": _read_customers,
    "/add-update-enquiry-from-other-source.html": _read_enquiries,
    "/ms/customer/order/api/v1/add-update": _read_form,
    "/ms/customer/customer/api/v1/add-update": _read_customer,
}
