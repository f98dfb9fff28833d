"""`python -m bench.strain`: what the request log costs, a noisy neighbour, and more load than the database can take."""

import contextlib
import http.client
import json
import os
import shutil
import statistics
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Annotated, Any

import typer

from bench import postgres, run, server, wrk
from bench.cases import Case
from bench.homes import PostgresHome
from bench.plan import Plan
from bench.postgres import Postgres
from bench.seeds import Seeds

NAME = "strain"
SLOW = """
CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN PERFORM pg_sleep(0.0006 * (SELECT count(*) FROM placed)); RETURN NULL; END $$;
CREATE TRIGGER slow AFTER INSERT ON orders REFERENCING NEW TABLE AS placed FOR EACH STATEMENT EXECUTE FUNCTION slow();
"""
"""A database that takes about 1,000 orders a second and no more: the rest of the millisecond is its own work."""
PROBES, PAUSE = 24, 0.05
"""Clients that push one order after the other, and the seconds that each waits between."""
CROWD = 64
"""The clients of P1."""
LONGEST = """SELECT coalesce(max((facts::json->>'ms')::int - (facts::json->>'queuedMs')::int), 0)
             FROM request_log WHERE cm_id = %s AND at > %s"""


@dataclass
class Seen:
    """What probing clients saw: milliseconds of accepted pushes, and how many were refused."""

    accepted: list[float] = field(default_factory=list)
    refused: int = 0

    def at(self, part: float) -> float:
        """A percentile of the accepted, in ms."""
        found = sorted(self.accepted)
        return found[min(len(found) - 1, int(len(found) * part))] if found else float("nan")


def probe(port: int, key: str, seconds: float, pause: float, seen: Seen, name: str) -> None:
    """Push one order after the other, with a pause between, and note how long each took."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    until, number = time.monotonic() + seconds, 0
    while time.monotonic() < until:
        number += 1
        body = json.dumps([{"erp_order_id": f"{name}-{number}", "phone": f"77{number % 100:08d}"}])
        began = time.perf_counter()
        connection.request("POST", wrk.PATH, body, {"Authorization": key})
        answer = connection.getresponse()
        said = answer.read()
        if answer.status == 200 and b'"status":"success"' in said:
            seen.accepted.append((time.perf_counter() - began) * 1000)
        else:
            seen.refused += 1
        time.sleep(pause)
    connection.close()


def probing(port: int, key: str, seconds: float, pause: float, clients: int, name: str) -> Seen:
    """The same by several clients at once."""
    seen = Seen()
    threads = [
        threading.Thread(target=probe, args=(port, key, seconds, pause, seen, f"{name}-{client}"))
        for client in range(clients)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return seen


@contextlib.contextmanager
def flood(
    port: int, keys: Path, seconds: int, connections: int, items: int, pause_ms: int = 0
) -> Iterator[Callable[[], dict[str, Any]]]:
    """wrk pushes for so long beside what runs inside; the result says what it saw."""
    facts = {"keys": keys, "spread": "turn", "items": items, "known": 100, "run": int(time.time()) % 60, "check": "no"}
    command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout=60s"]
    command += [f"--script={wrk.SCRIPTS / 'orders.lua'}"]
    command += [f"http://127.0.0.1:{port}{wrk.PATH}", "--", *(f"{name}={value}" for name, value in facts.items())]
    command += [f"pause={pause_ms}"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)

    def said() -> dict[str, Any]:
        out, _ = process.communicate()
        line = next(line for line in out.splitlines() if line.startswith("RESULT "))
        return dict(json.loads(line.removeprefix("RESULT ")))

    yield said
    process.wait()


@dataclass
class Place:
    """A PostgreSQL with one database, two accounts and their keys."""

    postgres: Postgres
    work: Path
    url: str
    accounts: Mapping[str, int]
    keys: Mapping[str, str]

    def file_of(self, name: str) -> Path:
        """The key of an account as wrk reads it."""
        file = self.work / f"{name}.key"
        file.write_text(self.keys[name] + "\n")
        return file

    def longest_group(self, name: str, since: int) -> int:
        """Milliseconds from the beginning of a group to its COMMIT, at most, by the request log."""
        with self.postgres.connect(NAME) as connection:
            row = connection.execute(LONGEST, (self.accounts[name], since)).fetchone()
        return int(row[0]) if row else 0

    def orders(self) -> int:
        """How many are stored."""
        with self.postgres.connect(NAME) as connection:
            row = connection.execute("SELECT count(*) FROM orders").fetchone()
        return int(row[0]) if row else 0


def made(server_: Postgres, work: Path) -> Place:
    """Make it."""
    server_.create(NAME, "template0")
    url = server_.url(NAME)
    server.migrate(url, work)
    keys = {name: server.new_account(url, name, work) for name in ("loud", "quiet")}
    listed = json.loads(server.command(url, "account", "list", "--json", home=work))
    return Place(server_, work, url, {row["subdomain"]: row["cm_id"] for row in listed}, keys)


def neighbour(place: Place, seconds: int) -> None:
    """The p99 of a quiet account alone, and beside one that floods."""
    for items, connections in ((1, 64), (500, 8)):
        with server.serving(place.url, 1, place.work) as served:
            probing(served.port, place.keys["quiet"], 3, 0.01, 1, f"warm-{items}")
            alone = probing(served.port, place.keys["quiet"], seconds, 0.01, 1, f"alone-{items}")
            since = time.time_ns() // 1_000_000
            with flood(served.port, place.file_of("loud"), seconds + 4, connections, items) as said:
                time.sleep(2)
                beside = probing(served.port, place.keys["quiet"], seconds, 0.01, 1, f"beside-{items}")
            told = said()
            time.sleep(1)
            longest = place.longest_group("loud", since)
        bound = alone.at(0.99) + 2 * longest
        print(
            f"neighbour, {connections} connections x {items}: {told['requests'] * items / (seconds + 4):,.0f} orders/s;"
            f" p99 alone {alone.at(0.99):.1f} ms, beside {beside.at(0.99):.1f} ms (p50 {beside.at(0.5):.1f}),"
            f" longest group {longest} ms, bound {bound:.1f} ms: {'met' if beside.at(0.99) <= bound else 'NOT MET'}"
        )


def overload(place: Place, seconds: int) -> None:
    """A database that takes 1,000 orders/s, offered four times as much: how long the accepted wait; none is lost."""
    quick = usual(place, seconds)
    with place.postgres.connect(NAME) as connection:
        connection.execute(SLOW)
        connection.commit()
    slow, (full, crowd) = usual(place, seconds), crowded(place, seconds)
    with server.serving(place.url, 1, place.work) as served:
        probing(served.port, place.keys["loud"], 2, PAUSE, PROBES, "begin")
        before = place.orders()
        with flood(served.port, place.file_of("loud"), seconds, 1_500, 1, pause_ms=300) as said:
            seen = probing(served.port, place.keys["loud"], seconds, PAUSE, PROBES, "over")
            health = [status(served.port, path) for path in ("/healthz", "/readyz")]
        told = said()
        time.sleep(3)
        stored = place.orders() - before
    accepted = told["requests"] - told["status"] + len(seen.accepted)
    offered = (told["requests"] + len(seen.accepted) + seen.refused) / seconds
    worst, lost = seen.at(0.99), max(0, accepted - stored)
    print(
        f"overload: {offered:,.0f}/s offered to a database of {full:,.0f}/s, {accepted / seconds:,.0f}/s accepted,"
        f" {lost} of {accepted} lost; health answers {health}"
    )
    print(
        f"  p99 of the accepted {worst:,.0f} ms (p50 {seen.at(0.5):,.0f}); of {CROWD} clients that are all accepted"
        f" {crowd:,.0f} ms: {worst / crowd:.1f} times; of {PROBES} that leave half of it idle {slow.at(0.99):,.0f} ms:"
        f" {worst / slow.at(0.99):.1f} times; the same on a database not slowed {quick.at(0.99):,.0f} ms"
    )


def usual(place: Place, seconds: int) -> Seen:
    """What the probing clients see alone: less than the slowed database can take."""
    with server.serving(place.url, 1, place.work) as served:
        probing(served.port, place.keys["loud"], 2, PAUSE, PROBES, "settle")
        return probing(served.port, place.keys["loud"], seconds, PAUSE, PROBES, "usual")


def crowded(place: Place, seconds: int) -> tuple[float, float]:
    """(orders a second, p99 in ms) of as many clients as P1 has, that wait for nothing but their answers."""
    with server.serving(place.url, 1, place.work) as served:
        with flood(served.port, place.file_of("loud"), 3, CROWD, 1) as said:
            said()
        with flood(served.port, place.file_of("loud"), seconds, CROWD, 1) as said:
            told = said()
    if told["status"]:
        print(f"  {told['status']} of {CROWD} clients' requests were refused")
    return float(told["requests"] - told["status"]) / seconds, told["p99_us"] / 1000


def status(port: int, path: str) -> int:
    """The status of a GET."""
    with contextlib.closing(http.client.HTTPConnection("127.0.0.1", port, timeout=10)) as connection:
        connection.request("GET", path)
        return connection.getresponse().status


def log_cost(place: Postgres, plan: Plan, pairs: int) -> None:
    """P1 with the request log and without it, in pairs, in turn."""
    case = Case("P1", "single orders, PostgreSQL, 1 worker")
    home, ratios, rates = PostgresHome(place), [], []
    seed = Seeds({"postgres": home}, plan.work).of(case)
    for number in range(pairs):
        found = {}
        for word in ("on", "off") if number % 2 else ("off", "on"):
            os.environ["ORDERDOCK_REQUEST_LOG"] = word
            done = run.measure(case, home, seed, replace(plan, rounds=1))
            found[word] = done.rate
            if done.errors:
                print(f"  errors: {done.errors}")
        ratios.append(1 - found["on"] / found["off"])
        rates.append(found)
        print(f"  pair {number + 1}: on {found['on']:,.0f}/s, off {found['off']:,.0f}/s, cost {ratios[-1]:.1%}")
    del os.environ["ORDERDOCK_REQUEST_LOG"]
    print(f"request log: median cost of {pairs} pairs {statistics.median(ratios):.1%}")


def main(
    only: Annotated[str, typer.Option(help="log, neighbour, overload; empty: all.")] = "",
    seconds: Annotated[int, typer.Option(min=3, help="Length of a run.")] = 20,
    pairs: Annotated[int, typer.Option(min=1, help="Pairs of runs for the log.")] = 5,
    directory: Annotated[Path, typer.Option("--dir", help="A directory on a disk, for the data.")] = Path("/var/tmp"),
) -> None:
    """Measure what the request log costs, and what a crowd does to those beside it."""
    work = Path(tempfile.mkdtemp(prefix="orderdock-strain-", dir=directory.resolve()))
    work.chmod(0o755)
    wanted = set(only.split(",")) if only else {"log", "neighbour", "overload"}
    try:
        with postgres.running(work) as found:
            if "log" in wanted:
                log_cost(found, Plan(seconds, 5, 1, work), pairs)
            place = made(found, work)
            if "neighbour" in wanted:
                neighbour(place, seconds)
            if "overload" in wanted:
                overload(place, seconds)
    finally:
        shutil.rmtree(work, ignore_errors=True)


if __name__ == "__main__":
    typer.run(main)
