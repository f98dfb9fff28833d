"""`GET /metrics`: what was counted, in the text that Prometheus reads (contract 2.20)."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable, Iterator, Sequence
from importlib.metadata import version
from ipaddress import ip_network
from typing import Any, Final

import structlog
from prometheus_client import (
    CONTENT_TYPE_PLAIN_0_0_4,
    CollectorRegistry,
    PlatformCollector,
    ProcessCollector,
    generate_latest,
)
from prometheus_client import Metric as Family
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.registry import Collector

from orderdock.accounts.actions import expiring_keys
from orderdock.db import size_of
from orderdock.stats import (
    COMMIT_SECONDS,
    COUNTERS,
    GAUGES,
    GROUP_ITEMS,
    GROUP_SECONDS,
    ITEM_OUTCOMES,
    ITEMS,
    LOOK_UPS,
    MADE,
    NANO,
    OUTCOMES,
    PLAN,
    REQUEST_SECONDS,
    REQUESTS,
    RESPONSES,
    RESULTS,
    Board,
    Metric,
    Stats,
    width,
)
from orderdock.web.request import Answer, Call, Origins, Request, Route

log: Final = structlog.get_logger()
# Seconds for which a look into the database counts, and in which it must be done.
LOOK_EVERY: Final = 15.0
PATIENCE: Final = 5.0
WITHIN_DAYS: Final = 30


def route(stats: Stats, origins: Origins, allowed: Sequence[str]) -> Route:
    """The route, which is there for the allowed addresses only."""
    networks = [ip_network(text, strict=False) for text in allowed]
    state = State()
    registry = CollectorRegistry(auto_describe=False)
    registry.register(Numbers(stats, state))
    registry.register(Processes(stats.board))
    PlatformCollector(registry=registry)

    def is_hidden(request: Request) -> bool:
        address = origins.client(request)
        return address is None or not any(address in network for network in networks)

    async def answer(call: Call) -> Answer:
        if time.monotonic() >= state.until:
            await state.look(call)
        body = await call.reads.aside(generate_latest, registry)
        return Answer(200, body, [("cache-control", "no-store")], content_type=CONTENT_TYPE_PLAIN_0_0_4)

    return Route(("GET",), answer, open=True, is_hidden=is_hidden)


class State:
    """What the database says of itself, looked at once in LOOK_EVERY seconds at most."""

    def __init__(self) -> None:
        self.until = 0.0
        self.engine = ""
        self.size: int | None = None
        self.expires: list[tuple[str, str, float]] = []

    async def look(self, call: Call) -> None:
        """Look; a database that does not answer is no reason to answer nothing."""
        self.until = time.monotonic() + LOOK_EVERY
        self.engine = call.reads.database.engine
        try:
            # A request runs in no task, and newer Pythons want one for this.
            read = asyncio.wait_for(call.reads.read(self._read, call.reads.database), PATIENCE)
            self.size, self.expires = await asyncio.ensure_future(read)
        except Exception as error:
            self.size, self.expires = None, []
            log.warning("metrics without the database", error=type(error).__name__, request_id=call.request_id)

    @staticmethod
    def _read(tx: Any, database: Any) -> tuple[int, list[tuple[str, str, float]]]:
        return size_of(tx, database), expiring_keys(tx, WITHIN_DAYS, time.time_ns() // 1_000_000)


class Numbers(Collector):
    """What all workers have counted."""

    def __init__(self, stats: Stats, state: State) -> None:
        self._routes = stats.routes
        self._board = stats.board
        self._state = state

    def collect(self) -> Iterator[Family]:
        """Every metric of `stats.METRICS`."""
        yield from self._requests()
        yield self._counter(ITEMS, [((name,), PLAN.items[name]) for name in ITEM_OUTCOMES])
        yield self._counter(LOOK_UPS, [((name,), PLAN.results[name]) for name in RESULTS])
        for name, metric in COUNTERS.items():
            yield self._counter(metric, [((), PLAN.counters[name])])
        for name, metric in GAUGES.items():
            yield _gauge(metric, [((), self._board.total(PLAN.gauges[name]))])
        for metric in (GROUP_ITEMS, GROUP_SECONDS, COMMIT_SECONDS):
            yield self._histogram(metric, [((), PLAN.groups[metric.name])])
        yield from self._made()

    def _requests(self) -> Iterator[Family]:
        """Only what has happened, so that the answer is not full of noughts."""
        total = self._board.total
        by_route = [
            ((name, outcome), PLAN.requests + number * len(OUTCOMES) + place)
            for name, number in self._routes.items()
            for place, outcome in enumerate(OUTCOMES)
        ]
        yield self._counter(REQUESTS, [pair for pair in by_route if total(pair[1])])
        statuses = [((str(status),), PLAN.responses + status) for status in range(100, 600)]
        yield self._counter(RESPONSES, [pair for pair in statuses if total(pair[1])])
        size = width(REQUEST_SECONDS)
        seconds = [((name,), PLAN.request_seconds + number * size) for name, number in self._routes.items()]
        yield self._histogram(REQUEST_SECONDS, [pair for pair in seconds if total(pair[1] + size - 1)])

    def _made(self) -> Iterator[Family]:
        state = self._state
        yield _gauge(MADE["workers"], [((), len(self._board.workers()))])
        yield _gauge(MADE["build"], [((version("orderdock"), state.engine), 1)])
        yield _gauge(MADE["up"], [((), int(state.size is not None))])
        yield _gauge(MADE["size"], [] if state.size is None else [((), state.size)])
        yield _gauge(MADE["expires"], [((account, key), days) for account, key, days in state.expires])

    def _counter(self, metric: Metric, places: Iterable[tuple[tuple[str, ...], int]]) -> Family:
        family = CounterMetricFamily(metric.name.removesuffix("_total"), metric.help, labels=metric.labels)
        for labels, place in places:
            family.add_metric(labels, self._board.total(place))
        return family

    def _histogram(self, metric: Metric, places: Iterable[tuple[tuple[str, ...], int]]) -> Family:
        family = HistogramMetricFamily(metric.name, metric.help, labels=metric.labels)
        for labels, start in places:
            buckets, count = [], 0
            for offset, bound in enumerate((*metric.bounds, float("inf"))):
                count += self._board.total(start + offset)
                buckets.append(("+Inf" if bound == float("inf") else str(float(bound)), count))
            family.add_metric(labels, buckets, self._board.total(start + width(metric) - 1) / NANO)
        return family


def _gauge(metric: Metric, values: Iterable[tuple[tuple[str, ...], float]]) -> Family:
    family = GaugeMetricFamily(metric.name, metric.help, labels=metric.labels)
    for labels, value in values:
        family.add_metric(labels, value)
    return family


class Processes(Collector):
    """The library's metrics of a process, for each worker: memory, processor, open files."""

    def __init__(self, board: Board) -> None:
        self._board = board

    def collect(self) -> Iterator[Family]:
        """One sample a worker; the label says which."""
        families: dict[str, Family] = {}
        for place, pid in self._board.workers().items():
            for found in ProcessCollector(pid=lambda pid=pid: pid, registry=None).collect():  # type: ignore[misc]  # a lambda with a default
                family = families.setdefault(found.name, Family(found.name, found.documentation, found.type))
                for sample in found.samples:
                    family.add_sample(sample.name, {**sample.labels, "worker": str(place)}, sample.value)
        yield from families.values()
