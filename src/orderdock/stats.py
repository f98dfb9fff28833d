"""What an administrator watches: plain numbers, counted where things happen, in memory that all workers share.

One count costs about 60 ns (docs/decisions/0013). Every worker process has a place of its own; who replaces a worker
goes on counting in its place, so that nothing counts backwards. `web/metrics` shows them.
"""

from __future__ import annotations

import mmap
import os
import threading
from bisect import bisect_left
from collections.abc import Iterable, Mapping
from typing import Final, Literal, NamedTuple


class Metric(NamedTuple):
    """One metric: its name, its kind, its labels, what it says; `bounds` are the buckets of a histogram."""

    name: str
    kind: Literal["counter", "gauge", "histogram"]
    help: str
    labels: tuple[str, ...] = ()
    bounds: tuple[float, ...] = ()


_SECONDS: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5)
REQUESTS: Final = Metric(
    "orderdock_requests_total", "counter", "Requests by their route and what became of them.", ("route", "outcome")
)
RESPONSES: Final = Metric("orderdock_responses_total", "counter", "Answers by HTTP status.", ("status",))
REQUEST_SECONDS: Final = Metric(
    "orderdock_request_seconds", "histogram", "Seconds from a request's head to its answer.", ("route",),
    (0.001, 0.005, 0.02, 0.1, 0.5, 2.0, 10.0),
)  # fmt: skip
ITEMS: Final = Metric("orderdock_items_total", "counter", "Written items: orders, payments, customers.", ("outcome",))
GROUP_ITEMS: Final = Metric(
    "orderdock_group_items",
    "histogram",
    "Items that were written by one transaction.",
    (),
    (1, 3, 10, 30, 100, 300, 1_000),
)
GROUP_SECONDS: Final = Metric(
    "orderdock_group_seconds",
    "histogram",
    "Seconds that a writing transaction took, its commit included.",
    (),
    _SECONDS,
)
COMMIT_SECONDS: Final = Metric(
    "orderdock_commit_seconds",
    "histogram",
    "Seconds that the commit of a writing transaction took: how quick the disk is.",
    (),
    _SECONDS,
)
LOOK_UPS: Final = Metric(
    "orderdock_credential_lookups_total",
    "counter",
    "Credentials looked up in the database, by whether there is such a one.",
    ("result",),
)
GAUGES: Final = {
    "queue_items": Metric("orderdock_queue_items", "gauge", "Items that wait to be written."),
    "queue_bytes": Metric("orderdock_queue_bytes", "gauge", "Bytes that wait to be written."),
    "reads_waiting": Metric("orderdock_reads_waiting", "gauge", "Reads under way or waiting for a reading thread."),
    "connections": Metric("orderdock_connections", "gauge", "Open connections of callers."),
    "throttled": Metric(
        "orderdock_throttled_addresses", "gauge", "Addresses that wait after too many wrong credentials."
    ),
    "unlogged": Metric(
        "orderdock_unlogged_requests", "gauge", "Requests that the request log had no room for, since the start."
    ),
}
COUNTERS: Final = {
    "events": Metric("orderdock_events_total", "counter", "Events appended to the logs of all accounts."),
    "retries": Metric(
        "orderdock_writer_retries_total", "counter", "Writing transactions that failed and were tried again."
    ),
    "lost_commits": Metric(
        "orderdock_lost_commits_total",
        "counter",
        "Commits whose answer was lost; what became of them was looked up.",
    ),
    "gone": Metric("orderdock_callers_gone_total", "counter", "Callers that left before their request had arrived."),
}
# Made when somebody asks, by web/metrics.
MADE: Final = {
    "workers": Metric("orderdock_workers", "gauge", "Worker processes that run."),
    "expires": Metric(
        "orderdock_key_expires_days",
        "gauge",
        "Days until a key expires, of enabled keys with at most 30 left.",
        ("account", "key"),
    ),
    "size": Metric("orderdock_database_bytes", "gauge", "Size of the database, of SQLite with its log."),
    "up": Metric(
        "orderdock_database_up",
        "gauge",
        "1 when the database answered the last look, 0 when not. It is asked once in 15 s at most.",
    ),
    "build": Metric(
        "orderdock_build_info", "gauge", "1; its labels say which version runs on what.", ("version", "engine")
    ),
}
METRICS: Final = (
    REQUESTS, RESPONSES, REQUEST_SECONDS, ITEMS, *GAUGES.values(), GROUP_ITEMS, GROUP_SECONDS, COMMIT_SECONDS,
    *COUNTERS.values(), LOOK_UPS, *MADE.values(),
)  # fmt: skip

# What can become of a request. Those that are refused go by the status of their code in the v1 family, so that legacy
# callers, who often get 200, are counted alike.
OUTCOMES: Final = {
    "ok": "answered; single items of it may have failed", "unauthorised": "no, wrong or expired credential",
    "forbidden": "the key may not do this, or not from there", "not_found": "no such address, method or record",
    "conflict": "something else is the case there", "invalid": "it cannot be understood or breaks a rule",
    "limited": "too many requests", "too_large": "body, head or address are too large", "timeout": "it arrived too slowly",
    "overloaded": "queues are full, or the database is busy", "failed": "a fault of the server",
}  # fmt: skip
_CLASSES: Final[Mapping[int, str]] = {
    401: "unauthorised", 403: "forbidden", 404: "not_found", 405: "not_found", 409: "conflict", 410: "not_found",
    408: "timeout", 412: "conflict", 413: "too_large", 414: "too_large", 429: "limited", 431: "too_large",
    500: "failed", 503: "overloaded",
}  # fmt: skip
ITEM_OUTCOMES: Final = ("created", "updated", "unchanged", "stale", "failed")
RESULTS: Final = ("found", "unknown")
# Addresses that are counted apart; further ones count as `other`, and what leads nowhere as `unknown`.
ROUTES_MOST: Final = 64
NANO: Final = 1_000_000_000

_numbers: Final = {name: number for number, name in enumerate(OUTCOMES)}
_OUTCOME_OF: Final = [_numbers[_CLASSES.get(status, "ok" if status < 400 else "invalid")] for status in range(600)]


class _Plan:
    """Where each number stands in a worker's place."""

    def __init__(self) -> None:
        self.size = 0
        self.pid = self.take(1)
        self.gauges = {name: self.take(1) for name in GAUGES}
        self.counters = {name: self.take(1) for name in COUNTERS}
        self.items = {name: self.take(1) for name in ITEM_OUTCOMES}
        self.results = {name: self.take(1) for name in RESULTS}
        self.requests = self.take(ROUTES_MOST * len(OUTCOMES))
        self.responses = self.take(600)
        self.request_seconds = self.take(ROUTES_MOST * width(REQUEST_SECONDS))
        self.groups = {one.name: self.take(width(one)) for one in (GROUP_ITEMS, GROUP_SECONDS, COMMIT_SECONDS)}

    def take(self, count: int) -> int:
        """The first of some places that nobody has."""
        first, self.size = self.size, self.size + count
        return first


def width(metric: Metric) -> int:
    """How many numbers a histogram is: its buckets, the one above them, and the sum in billionths."""
    return len(metric.bounds) + 2


PLAN: Final = _Plan()


class Board:
    """The numbers of all workers, in memory without a file: nothing is left over, however a process ends."""

    def __init__(self, places: int = 1) -> None:
        whole = memoryview(mmap.mmap(-1, places * PLAN.size * 8)).cast("q")
        self.rows = [whole[n * PLAN.size : (n + 1) * PLAN.size] for n in range(places)]

    def total(self, place: int) -> int:
        """The sum of one number over all workers."""
        return sum(row[place] for row in self.rows)

    def workers(self) -> dict[int, int]:
        """place -> number of the process, of the places that are taken."""
        return {place: row[PLAN.pid] for place, row in enumerate(self.rows) if row[PLAN.pid]}

    def leave(self, place: int) -> None:
        """A worker ended: what it had open is closed; what it counted stays counted."""
        row = self.rows[place]
        for number in (PLAN.pid, *PLAN.gauges.values()):
            row[number] = 0


class Stats:
    """What one worker counts. Requests and look-ups are counted by its loop alone; writers share a lock."""

    def __init__(self, board: Board | None = None, place: int = 0) -> None:
        self.board = board or Board()
        self._row = row = self.board.rows[place]
        self.routes: dict[str, int] = {"unknown": 0, "other": 1}
        self._lock = threading.Lock()
        self.board.leave(place)
        row[PLAN.pid] = os.getpid()

    def know(self, routes: Iterable[str]) -> None:
        """Give numbers to routes, in this order in every worker."""
        for name in routes:
            if name not in self.routes and len(self.routes) < ROUTES_MOST:
                self.routes[name] = len(self.routes)

    def request(self, route: str, refused: int, status: int, seconds: float) -> None:
        """A request was answered; `refused` is the v1 status of the refusal's code, 0 for an answer."""
        row, number = self._row, self.routes.get(route, 1)
        row[PLAN.requests + number * len(OUTCOMES) + _OUTCOME_OF[refused or status]] += 1
        row[PLAN.responses + status] += 1
        start = PLAN.request_seconds + number * _WIDTH
        row[start + bisect_left(REQUEST_SECONDS.bounds, seconds)] += 1
        row[start + _WIDTH - 1] += int(seconds * NANO)

    def group(self, seconds: float, commit: float | None, outcomes: Mapping[str, int], events: int) -> None:
        """A group was written; `commit`: seconds, None when nothing had to be made durable; `outcomes` by items.

        A group without items only keeps the log of requests.
        """
        with self._lock:
            self._observe(GROUP_SECONDS, seconds)
            if outcomes:
                self._observe(GROUP_ITEMS, sum(outcomes.values()))
            if commit is not None:
                self._observe(COMMIT_SECONDS, commit)
            for name, count in outcomes.items():
                self._row[PLAN.items[name]] += count
            self._row[PLAN.counters["events"]] += events

    def count(self, name: str) -> None:
        """One more of COUNTERS."""
        with self._lock:
            self._row[PLAN.counters[name]] += 1

    def looked_up(self, *, found: bool) -> None:
        """A credential was looked up."""
        self._row[PLAN.results["found" if found else "unknown"]] += 1

    def show(self, **gauges: int) -> None:
        """How things stand now; names are those of GAUGES."""
        for name, value in gauges.items():
            self._row[PLAN.gauges[name]] = value

    def _observe(self, metric: Metric, value: float) -> None:
        start = PLAN.groups[metric.name]
        self._row[start + bisect_left(metric.bounds, value)] += 1
        self._row[start + width(metric) - 1] += int(value * NANO)


_WIDTH: Final = width(REQUEST_SECONDS)
