"""The requests of the reads: whole HTTP requests, written to a file, that load/requests.lua sends in turn."""

import http.client
import json
import random
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from bench.cases import PAGE, Case
from bench.loader import LOADED_FROM, SPACING
from bench.postgres import BenchError
from bench.seeds import Seed

PULL = "/select-order-between-start-and-end-dates.html"
NEWER_PULL = "/ms/customer-search/order-search/api/v1/pull-internal"
LIST = "/api/v1/orders"
FIELDS = (
    "erpOrderId,customerId,enquiryId,deliveryStatus,orderType,createDate,lastModificationTime,paymentMode,name,phone,email,"
    "grandTotal,productValue,productQuantity"
)
"""What the textbook service prints of an order, but for the address, which our list does not show."""
NO_ROUTE = "no such route"
REQUESTS = 100_000
"""So many that a run hardly comes round: the same few orders would always lie in the nearest memory."""

Asked = tuple[str, str, dict[str, Any] | None]
"""Method, path and body."""


def span(seed: Seed) -> tuple[int, int]:
    """Two moments with a page of orders between them, anywhere in the account."""
    start = LOADED_FROM + random.randrange(seed.orders - PAGE + 1) * SPACING
    return start, start + (PAGE - 1) * SPACING


def get(seed: Seed) -> Asked:
    """One order by its number."""
    return "GET", f"/api/v1/orders/{seed.first_id + random.randrange(seed.orders)}", None


def listed(seed: Seed) -> Asked:
    """A page of the list, oldest first, with lines and the fields of the textbook service."""
    start, end = span(seed)
    asked = f"createStartDate={start}&createEndDate={end}&sortParam=createDate%20asc&limit={PAGE}"
    return "GET", f"{LIST}?{asked}&includeLines=true&fields={FIELDS}", None


def older(seed: Seed) -> Asked:
    """A page by the older pull, with lines."""
    start, end = span(seed)
    return "POST", PULL, {"start_date": start, "end_date": end, "numberOfRecords": PAGE, "includeDetails": True}


def pulled(seed: Seed) -> Asked:
    """A page by the newer pull, with lines."""
    start, end = span(seed)
    dates = {"createStartDate": start, "createEndDate": end}
    return "POST", NEWER_PULL, {"cmId": seed.cm_id, **dates, "includeLines": True, "limit": PAGE}


def of_peer(seed: Seed) -> Asked:
    """The same page from the textbook service, which takes moments in seconds."""
    start, end = span(seed)
    return "GET", f"/orders?start={start / 1000:.3f}&end={end / 1000:.3f}&limit={PAGE}", None


MAKERS: dict[str, Callable[[Seed], Asked]] = {"get": get, "list": listed, "older": older, "pull": pulled}


def written(case: Case, seed: Seed, port: int, work: Path) -> Path | None:
    """The file of a case's requests; None if the server does not know the route."""
    key = seed.first_key()
    if case.load == "pull" and answer(port, key, pulled(seed))[0] == 404:
        return None
    file = work / "requests"
    with file.open("wb") as out:
        for asked in islice(wanted(case, seed, port, key), REQUESTS):
            out.write(raw(asked, key) + b"\0")
    return file


def wanted(case: Case, seed: Seed, port: int, key: str) -> Iterator[Asked]:
    """Requests chosen by chance; a page by cursor is always the same."""
    if case.load in {"first", "last"}:
        yield by_cursor(case, seed, port, key)
        return
    make = of_peer if case.system == "peer" else MAKERS[case.load]
    while True:
        yield make(seed)


def by_cursor(case: Case, seed: Seed, port: int, key: str) -> Asked:
    """The page behind the cursor of an earlier page, which is found by counting."""
    end = LOADED_FROM + (seed.orders - 1) * SPACING
    body = {"start_date": LOADED_FROM, "end_date": end, "numberOfRecords": PAGE, "includeDetails": True}
    before = 0 if case.load == "first" else seed.orders - 2 * PAGE
    status, said = answer(port, key, ("POST", PULL, {**body, "startPosition": before}))
    if status != 200 or not said.get("next"):
        raise BenchError(f"no page at {before}: {status} {str(said)[:600]}")
    return "POST", PULL, {**body, "cursor": said["next"]}


def raw(asked: Asked, key: str) -> bytes:
    """A request as it goes over the wire."""
    method, path, body = asked
    text = b"" if body is None else json.dumps(body, separators=(",", ":")).encode()
    head = f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: {key}\r\n"
    if body is not None:
        head += f"Content-Type: application/json\r\nContent-Length: {len(text)}\r\n"
    return head.encode() + b"\r\n" + text


def answer(port: int, key: str, asked: Asked) -> tuple[int, dict[str, Any]]:
    """Ask once, patiently, and read the answer."""
    method, path, body = asked
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=600)
    headers = {"Authorization": key, "Content-Type": "application/json"}
    connection.request(method, path, None if body is None else json.dumps(body), headers)
    said = connection.getresponse()
    status, found = said.status, json.loads(said.read() or b"{}")
    connection.close()
    return status, found
