"""A writer with somebody who waits for its answers; and a process that does nothing but push.

`python -m tests.model.desk URL ACCOUNT TIMES` waits for a line on its input, pushes one order number so many times
from several threads, and prints what came of each push.
"""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from types import TracebackType
from typing import Any, Self

from orderdock import group
from orderdock.accounts.model import Scope
from orderdock.db import Database
from orderdock.settings import Settings, load
from orderdock.writer import Run, Writer
from tests.model.account import scope_of, submission


def settings_of(url: str, **values: Any) -> Settings:
    return load({"database": url, **values}, {})


class Desk:
    """A running writer. Answers are kept by ticket; a ticket that is answered twice is an error."""

    def __init__(self, url: str, *, run: Run = group.run, start: bool = True, **settings: Any) -> None:
        self.database = Database(url)
        self.answers: dict[Any, Any] = {}
        self.deliveries: list[int] = []
        self._change = threading.Condition()
        self.writer = Writer(self.database, run, settings_of(url, **settings), self._deliver)
        self.started = False
        if start:
            self.start()

    def start(self) -> None:
        self.writer.start()
        self.started = True

    def _deliver(self, results: list[tuple[Any, Any]]) -> None:
        with self._change:
            for ticket, answer in results:
                assert ticket not in self.answers, f"{ticket} was answered twice"
                self.answers[ticket] = answer
            self.deliveries.append(len(results))
            self._change.notify_all()

    def send(self, ticket: Any, scope: Scope, items: Sequence[Any], **options: Any) -> None:
        self.writer.submit(submission(ticket, scope, items, **options))

    def has(self, *tickets: Any, timeout: float = 60.0) -> bool:
        """Whether all of these are answered within a time."""
        with self._change:
            return self._change.wait_for(lambda: all(ticket in self.answers for ticket in tickets), timeout)

    def together(self, calls: Sequence[Callable[[], None]], threads: int = 16) -> None:
        """Make calls from many threads that begin at one moment, and wait for every answer."""
        before, barrier = len(self.answers), threading.Barrier(threads)

        def work(mine: Sequence[Callable[[], None]]) -> None:
            barrier.wait()
            for call in mine:
                call()

        with ThreadPoolExecutor(threads) as pool:
            list(pool.map(work, [calls[n::threads] for n in range(threads)]))
        with self._change:
            assert self._change.wait_for(lambda: len(self.answers) == before + len(calls), 60)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        stopped = self.writer.stop(30) if self.started else True
        self.database.close()
        assert stopped or error is not None, "the writer did not stop"


def main(url: str, cm_id: int, times: int) -> None:
    scope = scope_of(cm_id)
    with Desk(url) as desk:
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        sys.stdin.readline()
        item = {"phone": "8123456789", "erp_order_id": "S1"}
        desk.together([partial(desk.send, n, scope, [item]) for n in range(times)])
        sys.stdout.write(json.dumps([desk.answers[n][0].outcome for n in range(times)]))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
