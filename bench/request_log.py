"""`python -m bench.request_log`: how long it takes to find requests among millions, over HTTP, on both engines.

One account gets orders, their events, and logged requests of the same time, by INSERT ... SELECT from a series: of ten
requests six are pushes that wrote (each order has three of them), two are reads, two are pushes whose item failed, with
search rows. Then each look-up is asked for a number of times, each time for something else, and every answer is read.
"""

import contextlib
import http.client
import json
import random
import shutil
import signal
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlencode

import psycopg
import typer

from bench import machine, postgres, server
from bench.homes import Home, PostgresHome, SqliteHome

# One request a minute's hundredth, the last one just now.
SPACING_MS = 100
CHUNK = 500_000
EVENTS_OF_AN_ORDER = 3

SERIES = {
    "postgres": "generate_series({first}, {last}) AS n",
    "sqlite": "(WITH RECURSIVE s(n) AS (SELECT {first} UNION ALL SELECT n + 1 FROM s WHERE n < {last})"
    " SELECT n FROM s) AS one",
}
KIND = "(n % 10)"  # 0-5 wrote, 6 and 7 read, 8 and 9 failed
FACTS = f"""'{{{{"key":"bench","ip":"10.0.0.7","method":"POST","path":"/add-update-order-from-other-source.html",'
    || '"ms":6,"queuedMs":3,"items":1,"created":' || CASE WHEN {KIND} < 6 THEN 1 ELSE 0 END
    || ',"updated":0,"unchanged":0,"stale":0,"failed":' || CASE WHEN {KIND} > 7 THEN 1 ELSE 0 END
    || ',"errors":[' || CASE WHEN {KIND} > 7 THEN '"InvalidAmount"' ELSE '' END || ']}}}}'"""
LOG = f"""INSERT INTO request_log (cm_id, at, id, request_id, key_id, operation, status, error, facts)
    SELECT {{cm_id}}, {{start}} + n * {SPACING_MS}, n, 'load-' || n, {{key_id}},
        CASE WHEN {KIND} < 6 OR {KIND} > 7 THEN 'order.push' ELSE 'order.get' END, 200,
        CASE WHEN n % 1000000 = 8 THEN 'ReqFieldMissing' WHEN {KIND} > 7 THEN 'InvalidAmount' END, {FACTS}
    FROM {{series}}"""
FINDS = f"""INSERT INTO request_find (cm_id, kind, value, at, id)
    SELECT {{cm_id}}, kind, CASE kind WHEN 'erp' THEN 'BAD-' || n WHEN 'phone' THEN '+9197' || (10000000 + n % 1000000)
        ELSE CASE WHEN n % 1000000 = 8 THEN 'ReqFieldMissing' ELSE 'InvalidAmount' END END,
        {{start}} + n * {SPACING_MS}, n
    FROM {{series}} CROSS JOIN (SELECT 'erp' AS kind UNION ALL SELECT 'phone' UNION ALL SELECT 'error') AS kinds
    WHERE {KIND} > 7"""
# The order of a writing request, and which of its events the request left.
PUSH = "(n / 10 * 6 + n % 10)"
EVENTS = f"""INSERT INTO event (cm_id, seq, at, kind, order_id, customer_id, actor, request_id, group_id, changes)
    SELECT {{cm_id}}, {{seq}} + {PUSH}, {{start}} + n * {SPACING_MS} + 4,
        CASE WHEN {PUSH} < {{orders}} THEN 'order.created' ELSE 'order.updated' END,
        {{first_order}} + {PUSH} % {{orders}}, {{first_customer}} + {PUSH} % {{orders}} % {{customers}}, 'key:bench',
        'load-' || n, n, '{{{{"before":{{{{"remarks":"a"}}}},"after":{{{{"remarks":"b"}}}}}}}}'
    FROM {{series}} WHERE {KIND} < 6"""
ORDERS = """INSERT INTO orders (cm_id, id, revision, received_at, modified_at, create_date, total_given,
        product_quantity, product_value, gross_value, discount, total_paid, customer_id, enquiry_id, status,
        erp_order_id, remarks)
    SELECT {cm_id}, {first_order} + n, 3, {start}, {start}, {start} + n, 0, 10000, 5000000, 5000000, 0, 0,
        {first_customer} + n % {customers}, 1, 'AP', 'LOAD-' || n, 'a remark of the usual length, with two halves'
    FROM {series}"""
CUSTOMERS = """INSERT INTO customer (cm_id, id, revision, created_at, modified_at, name)
    SELECT {cm_id}, {first_customer} + n, 1, {start}, {start}, 'Customer ' || n FROM {series}"""
PHONES = """INSERT INTO customer_identity (cm_id, kind, value, customer_id)
    SELECT {cm_id}, 'phone', '+9198' || (10000000 + n), {first_customer} + n FROM {series}"""
FIRST_ORDER, FIRST_CUSTOMER, SEQ = 4_500_001, 48_500_001, 100
Execute = Callable[[str], Any]


def load(execute: Execute, engine: str, cm_id: int, key_id: int, rows: int) -> dict[str, int]:
    """Fill the account; nobody else is writing."""
    orders = rows * 6 // 10 // EVENTS_OF_AN_ORDER
    start = int(time.time() * 1000) - rows * SPACING_MS
    words = {
        "cm_id": cm_id, "key_id": key_id, "start": start, "orders": orders, "customers": orders // 5, "seq": SEQ,
        "first_order": FIRST_ORDER, "first_customer": FIRST_CUSTOMER,
    }  # fmt: skip
    counts = (
        (CUSTOMERS, orders // 5), (PHONES, orders // 5), (ORDERS, orders), (EVENTS, rows), (LOG, rows), (FINDS, rows),
    )  # fmt: skip
    for statement, count in counts:
        for first in range(0, count, CHUNK):
            series = SERIES[engine].format(first=first, last=min(first + CHUNK, count) - 1)
            execute(statement.format(series=series, **words))
        print(f"  {engine}: {statement.split()[2]}, {count:,} of them", file=sys.stderr)
    return words


def lookups(words: dict[str, int], rows: int) -> dict[str, tuple[Callable[[int], dict[str, Any]], int]]:
    """What is measured -> (the parameters of one look-up, made of a number by chance; how many requests are found)."""
    orders, customers, each = words["orders"], words["customers"], EVENTS_OF_AN_ORDER
    span = rows * SPACING_MS
    return {
        "erpOrderId of an order": (lambda n: {"erpOrderId": f"LOAD-{n % orders}"}, each),
        "erpOrderId of a failed push": (lambda n: {"erpOrderId": f"BAD-{n % rows // 10 * 10 + 8}"}, 1),
        "orderId": (lambda n: {"orderId": FIRST_ORDER + n % orders}, each),
        "phone": (lambda n: {"phone": f"98{10_000_000 + n % customers}"}, each * 5),
        "the newest 100": (lambda n: {}, 100),
        "error, a frequent one": (lambda n: {"error": "InvalidAmount"}, 100),
        "error, a rare one": (lambda n: {"error": "ReqFieldMissing"}, -(-rows // 1_000_000)),
        "key, until some time": (lambda n: {"key": "bench", "to": words["start"] + span // 2 + n % (span // 2)}, 100),
        "operation, a frequent one": (lambda n: {"operation": "order.get"}, 100),
        "status that nothing has (50,000 looked at)": (lambda n: {"status": 599}, 0),
    }


def measure(port: int, key: str, words: dict[str, int], rows: int, times: int) -> Iterator[tuple[str, float, float]]:
    """(what, median ms, slowest ms) of each look-up."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
    chance = random.Random(7310)  # which ones are asked for, nothing secret
    for what, (parameters, expected) in lookups(words, rows).items():
        taken = []
        for _ in range(times + 1):  # the first one is a warm-up
            path = f"/api/v1/requests?{urlencode(parameters(chance.randrange(10**12)))}"
            began = time.perf_counter()
            connection.request("GET", path, headers={"Authorization": key})
            answer = connection.getresponse()
            body = answer.read()
            taken.append((time.perf_counter() - began) * 1000)
            found = json.loads(body).get("requests", [])
            if answer.status != 200 or len(found) != expected:
                raise postgres.BenchError(f"{path}: {answer.status}, {len(found)} found, not {expected}")
        yield what, statistics.median(taken[1:]), max(taken[1:])


def run(home: Home, engine: str, work: Path, rows: int, times: int) -> list[tuple[str, float, float]]:
    """Load and measure on one engine."""
    url = home.make("requests")
    server.migrate(url, work)
    said = json.loads(server.command(url, "account", "create", "--name", "b", "--subdomain", "b", "--json", home=work))
    words = ("key", "create", "--account", "b", "--name", "bench", "--operation", "*", "--json")
    key = json.loads(server.command(url, *words, home=work))
    began = time.monotonic()
    with contextlib.closing(connected(url, engine)) as connection:
        made = load(connection.execute, engine, said["cm_id"], key["id"], rows)
        if engine == "sqlite":
            connection.commit()
    if engine == "postgres":  # SQLite is left uncounted, as Orderdock leaves it
        home.rest("requests")
    print(f"  {engine}: loaded in {time.monotonic() - began:.0f} s", file=sys.stderr)
    with server.serving(url, 1, work) as served:
        return list(measure(served.port, key["authorization"], made, rows, times))


def connected(url: str, engine: str) -> Any:
    """A connection of the driver itself, tuned for loading."""
    if engine == "postgres":
        return psycopg.connect(url, autocommit=True)
    connection = sqlite3.connect(url.removeprefix("sqlite:///"))
    connection.execute("PRAGMA cache_size=-1000000")
    return connection


def main(
    rows: Annotated[int, typer.Option(min=20_000, help="Logged requests.")] = 5_000_000,
    times: Annotated[int, typer.Option(min=1, help="Look-ups of each kind.")] = 20,
    only: Annotated[str, typer.Option(help="`postgres` or `sqlite`; empty: both.")] = "",
    directory: Annotated[Path, typer.Option("--dir", help="A directory on a disk.")] = Path("/var/tmp"),
) -> None:
    """Measure the search of the request log."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    work = Path(tempfile.mkdtemp(prefix="orderdock-log-", dir=directory.resolve()))
    work.chmod(0o755)
    try:
        machine.refuse_memory(work)
        results: dict[str, list[tuple[str, float, float]]] = {}
        if only != "sqlite":
            with postgres.running(work) as cluster:
                results["postgres"] = run(PostgresHome(cluster), "postgres", work, rows, times)
        if only != "postgres":
            results["sqlite"] = run(SqliteHome(work), "sqlite", work, rows, times)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    show(results)


def show(results: dict[str, list[tuple[str, float, float]]]) -> None:
    """The table of docs/benchmarks.md."""
    engines: Sequence[str] = list(results)
    print("| look-up |" + "".join(f" {engine}, median / slowest ms |" for engine in engines))
    print("|---|" + "---:|" * len(engines))
    for lines in zip(*results.values(), strict=True):
        cells = "".join(f" {median:.1f} / {slowest:.1f} |" for _, median, slowest in lines)
        print(f"| {lines[0][0]} |{cells}")


if __name__ == "__main__":
    typer.run(main)
