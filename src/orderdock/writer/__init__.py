"""Who runs next: queues by account, group commit, retries. It knows no feature, it runs what it is given.

Requests that arrive while a transaction runs are gathered and committed together by the next one, without an
artificial delay. Every answer is given after the commit (design 3.1).
"""

from __future__ import annotations

import heapq
import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final

import structlog
import tenacity

from orderdock.db import Connection, Database, is_lost, tend
from orderdock.errors import Overloaded, ServerFailure
from orderdock.settings import Settings
from orderdock.stats import Stats
from orderdock.writer.pace import Paces
from orderdock.writer.parts import Done, Part, Result, Run, Submission, failures, halves, ids_of, sorted_out

log: Final = structlog.get_logger()
# How long a group is tried again while its database cannot be reached, in seconds.
PATIENCE: Final = 15.0
# Seconds after which an account that another process held is looked at again.
_ASIDE: Final = 0.005
# Seconds between what a database needs beside the writing: to be counted (design, plan trap), to move its log.
_TEND_AFTER: Final = 1.0


_IDLE: Final = (0, 0.0)


class _Unknown(Exception):
    """COMMIT was sent and the connection broke: nobody knows whether it happened."""

    def __init__(self, done: dict[int, Done], began: float, sent: float) -> None:
        super().__init__("the answer to COMMIT was lost")
        self.done, self.began, self.sent = done, began, sent


class Writer:
    """The writing threads of one process.

    `deliver` gets (ticket, answer or exception) pairs, once a group. While `hurried` says so, since the process is
    about to stop, a database that cannot be reached is not tried again.
    """

    def __init__(
        self,
        database: Database,
        run: Run,
        settings: Settings,
        deliver: Callable[[list[Result]], None],
        hurried: Callable[[], bool] = lambda: False,
        stats: Stats | None = None,
    ) -> None:
        self._database = database
        self._run = run
        self._deliver = deliver
        self._hurried = hurried
        self._stats = stats or Stats()
        self._group_items = settings.group_items
        self._most_items = settings.queue_items
        self._most_bytes = settings.queue_bytes
        self._queues: dict[int, deque[Submission]] = {}
        self._waiting: dict[int, int] = {}
        self._bytes = 0
        self._ready: deque[int] = deque()
        # Accounts whose group is being written: how many items it has, and when it was begun.
        self._busy: dict[int, tuple[int, float]] = {}
        self._paces = Paces(settings.queue_ms / 1000)
        # Accounts that another process holds: since when, and when they are looked at again.
        self._held_since: dict[int, float] = {}
        self._aside: list[tuple[float, int]] = []
        self._blocked = 0
        self._change = threading.Condition()
        self._stopping = False
        self._tended = 0.0
        self._tending: threading.Thread | None = None
        count = 1 if database.engine == "sqlite" else settings.writers
        self._threads = [threading.Thread(target=self._loop, name=f"writer-{n}", daemon=True) for n in range(count)]

    def start(self) -> None:
        """Start the threads."""
        for thread in self._threads:
            thread.start()

    def submit(self, submission: Submission) -> None:
        """Take a request. Raises Overloaded when its account's queue or memory is full or it would wait too long."""
        cm_id = submission.cm_id
        with self._change:
            queue = self._queues.get(cm_id)
            waiting = self._waiting.get(cm_id, 0)
            full = queue and (
                waiting + submission.items > self._most_items or self._bytes + submission.size > self._most_bytes
            )
            late = submission.items and self._is_late(cm_id, waiting, submission.items)
            if self._stopping or full or late:
                raise Overloaded("stopping" if self._stopping else "too much is waiting to be written")
            if queue is None:
                queue = self._queues[cm_id] = deque()
            queue.append(submission)
            self._waiting[cm_id] = waiting + submission.items
            self._bytes += submission.size
            if len(queue) == 1 and cm_id not in self._busy:
                self._ready.append(cm_id)
                self._change.notify()

    def _is_late(self, cm_id: int, waiting: int, items: int) -> bool:
        return self._paces.is_late(cm_id, waiting + self._busy.get(cm_id, _IDLE)[0], items)

    def is_full(self) -> bool:
        """Whether nothing more should be read for now: the cheap check before a body is looked at."""
        return self._stopping or self._bytes > self._most_bytes

    def is_late(self, cm_id: int) -> bool:
        """Whether one item of an account would wait too long: the same check, once it is known who asks."""
        return self._is_late(cm_id, self._waiting.get(cm_id, 0), 1)

    def depth(self) -> tuple[int, int]:
        """How much is waiting to be written: (items, bytes)."""
        with self._change:
            return sum(self._waiting.values()), self._bytes

    def stop(self, timeout: float) -> bool:
        """Take nothing more, write what was taken, and end; False when the time was not enough."""
        with self._change:
            self._stopping = True
            self._change.notify_all()
        deadline = time.monotonic() + timeout
        for thread in self._threads:
            if thread.ident is not None:
                thread.join(max(0.0, deadline - time.monotonic()))
        if self._tending is not None:  # started by one of those threads, so looked at after them
            self._tending.join(max(0.0, deadline - time.monotonic()))
        return not any(thread.is_alive() for thread in self._threads)

    def _loop(self) -> None:
        connection = self._database.connection()
        while parts := self._next():
            held: list[Part] = []
            try:
                results, held = self._serve(connection, parts)
            except BaseException as error:
                ids = ids_of(parts)
                if is_lost(error):
                    name = type(error).__name__
                    log.error("a group could not be written: the database is away", error=name, request_ids=ids)
                else:
                    log.exception("a group failed", request_ids=ids)
                connection.close()
                results = failures(parts)
            self._finish(parts, results, held)
        connection.close()

    def _next(self) -> list[Part]:
        """The next group: requests of one or several accounts. Empty when it is time to end."""
        with self._change:
            while not self._find_ready():
                if self._stopping and not self._busy and not any(self._queues.values()):
                    self._change.notify_all()
                    return []
                self._change.wait(self._aside[0][0] - time.monotonic() if self._aside else None)
            parts: list[Part] = []
            room = self._group_items
            # Each thread takes its share of the accounts: one COMMIT for all of them.
            share = -(-len(self._ready) // len(self._threads))
            while self._ready and (not parts or (room > 0 and len(parts) < share)):
                cm_id = self._ready.popleft()
                group = self._take(cm_id, room)
                items = sum(one.items for one in group)
                self._busy[cm_id] = items, time.monotonic()
                room -= items
                parts.append((cm_id, group))
            return parts

    def _find_ready(self) -> bool:
        """Whether an account is ready, those put aside included whose time has come."""
        while self._aside and self._aside[0][0] <= time.monotonic():
            self._ready.append(heapq.heappop(self._aside)[1])
        return bool(self._ready)

    def _take(self, cm_id: int, room: int) -> list[Submission]:
        """Whole requests from the front of a queue, at least one, up to `room` items."""
        queue = self._queues[cm_id]
        group: list[Submission] = []
        items = 0
        while queue and (not group or items + queue[0].items <= room):
            one = queue.popleft()
            items += one.items
            self._bytes -= one.size
            group.append(one)
        self._waiting[cm_id] -= items
        return group

    def _finish(self, parts: list[Part], results: list[Result], held: list[Part]) -> None:
        """Give the accounts back and the answers out; what another process held goes back to the front of its queue."""
        with self._change:
            now = time.monotonic()
            given_up = [part for part in held if now - self._held_since.setdefault(part[0], now) > PATIENCE]
            results = results + failures(given_up)
            back = [part for part in held if part not in given_up]
            for part in back:
                self._put_back(*part)
            aside = {cm_id for cm_id, _ in back}
            whole = sum(self._busy[cm_id][0] for cm_id, _ in parts if cm_id not in aside)
            for cm_id, _ in parts:
                items, began = self._busy.pop(cm_id)
                if cm_id in aside:
                    heapq.heappush(self._aside, (now + _ASIDE, cm_id))
                    continue
                self._held_since.pop(cm_id, None)
                if self._queues[cm_id]:
                    self._ready.append(cm_id)
                    # Of the time of several accounts each one's part: nobody is refused for what another one sends.
                    self._paces.learn(cm_id, items, (now - began) * items / max(1, whole))
                else:
                    del self._queues[cm_id], self._waiting[cm_id]
                    self._paces.forget(cm_id)
            self._change.notify_all() if self._stopping else self._change.notify(len(self._threads))
        self._deliver(results)

    def _put_back(self, cm_id: int, group: list[Submission]) -> None:
        self._queues[cm_id].extendleft(reversed(group))
        self._waiting[cm_id] += sum(one.items for one in group)
        self._bytes += sum(one.size for one in group)

    def _serve(self, connection: Connection, parts: list[Part]) -> tuple[list[Result], list[Part]]:
        """Write a group; when it cannot be stored, its halves are tried alone, so that a bad request fails alone.

        Answers the results, and the parts whose account another process held.
        """
        try:
            return self._attempts(connection, parts)
        except Exception as error:
            connection.rollback()
            if is_lost(error) or isinstance(error, _Unknown):
                raise
            smaller = halves(parts)
            if not smaller:
                log.exception("a request could not be stored", request_ids=ids_of(parts))
                return failures(parts), []
        results: list[Result] = []
        held: list[Part] = []
        for half in smaller:
            more, back = self._serve(connection, half)
            results += more
            held += back
        return results, held

    def _attempts(self, connection: Connection, parts: list[Part]) -> tuple[list[Result], list[Part]]:
        """Write until it is known to be durable, or patience ends. Blindly again only if COMMIT was never sent."""
        unknown: _Unknown | None = None
        retrying = tenacity.Retrying(
            stop=lambda state: self._hurried() or (state.seconds_since_start or 0) > PATIENCE,
            wait=tenacity.wait_random_exponential(multiplier=0.05, max=1),
            retry=tenacity.retry_if_exception(lambda error: isinstance(error, _Unknown) or is_lost(error)),
            reraise=True,
        )
        for attempt in retrying:
            with attempt:
                try:
                    if unknown is not None and self._looked_up(connection, unknown):
                        self._note(unknown.done, unknown.began, unknown.sent)
                        return sorted_out(parts, unknown.done)
                    unknown = None
                    return sorted_out(parts, self._write(connection, parts))
                except _Unknown as error:
                    if unknown is None:
                        self._stats.count("lost_commits")
                        log.warning("the answer to COMMIT was lost", request_ids=ids_of(parts))
                    unknown = error
                    raise
                except Exception:
                    self._stats.count("retries")
                    connection.rollback()
                    raise
        raise AssertionError("tenacity always returns or raises")

    def _write(self, connection: Connection, parts: list[Part]) -> dict[int, Done]:
        """One transaction for all parts whose accounts can be had; answers what was done for each of them.

        Only the first account is ever waited for, while nothing is held: so processes never wait for each other.
        One thread never waits: other accounts go first there (design 3.1).
        """
        began = time.monotonic()
        numbers = sum(one.items + one.beside for _, group in parts for one in group)
        connection.reserve(numbers + len(parts))
        tx = connection.begin()
        dones: dict[int, Done] = {}
        for cm_id, group in parts:
            with self._leave_to_wait(not dones) as wait:
                done = self._run(tx, cm_id, [one.work for one in group], connection.ids, wait=wait)
            if done is not None:
                dones[cm_id] = done
        if not any(done.wrote for done in dones.values()):
            connection.rollback()
            self._note(dones, began, time.monotonic())
            return dones
        sent = time.monotonic()
        try:
            connection.commit()
        except Exception as error:
            if connection.is_broken():
                connection.close()
                raise _Unknown(dones, began, sent) from error
            raise
        self._note(dones, began, sent)
        self._tend()
        return dones

    def _note(self, dones: dict[int, Done], began: float, sent: float) -> None:
        """Count a group that was written."""
        now, outcomes = time.monotonic(), Counter[str]()
        for done in dones.values():
            outcomes.update(done.outcomes)
        commit = now - sent if any(done.wrote for done in dones.values()) else None
        self._stats.group(now - began, commit, outcomes, sum(done.events for done in dones.values()))

    @contextmanager
    def _leave_to_wait(self, asked: bool) -> Iterator[bool]:
        """Whether a thread may wait for an account in the database: not while others are ready, nor the last thread."""
        with self._change:
            allowed = asked and not self._ready and self._blocked + 1 < len(self._threads)
            self._blocked += 1 if allowed else 0
        try:
            yield allowed
        finally:
            with self._change:
                self._blocked -= 1 if allowed else 0

    def _looked_up(self, connection: Connection, unknown: _Unknown) -> bool:
        """Whether the group became durable. Whatever goes wrong here, it stays unknown: nothing is written again."""
        try:
            connection.reserve(len(unknown.done))
            return self._became_durable(connection, unknown)
        except Exception as error:
            connection.close()
            raise _Unknown(unknown.done, unknown.began, unknown.sent) from error

    def _became_durable(self, connection: Connection, unknown: _Unknown) -> bool:
        """Look in the log, with the account locked, whether the group whose COMMIT was lost is there."""
        tx = connection.begin()
        for cm_id, done in unknown.done.items():
            if done.wrote:
                self._run(tx, cm_id, [], connection.ids)
                written = done.was_written(tx)
                connection.rollback()
                log.warning("a lost COMMIT was looked up", written=written)
                return written
        return False

    def _tend(self) -> None:
        now = time.monotonic()
        if now - self._tended > _TEND_AFTER and not (self._tending and self._tending.is_alive()) and not self._stopping:
            self._tended = now
            self._tending = threading.Thread(target=_tend, args=(self._database,), name="tend", daemon=True)
            self._tending.start()


def _tend(database: Database) -> None:
    try:
        grown = tend(database)
        if grown:
            log.info("tables have grown and were counted", tables=grown)
    except Exception:
        log.exception("the database could not be tended")


def run_now(database: Database, run: Run, cm_id: int, works: Sequence[Any], settings: Settings) -> list[Any]:
    """Write requests of an administrator's command through the same path, and wait. Raises what went wrong."""
    results: list[Result] = []
    writer = Writer(database, run, settings, results.extend)
    for number, work in enumerate(works):
        writer.submit(Submission(cm_id, max(1, len(work.commands)), 0, work, number))
    writer.start()
    writer.stop(600.0)
    answers = dict(results)
    for number in range(len(works)):
        answer = answers.get(number, ServerFailure())
        if isinstance(answer, Exception):
            raise answer
    return [answers[number] for number in range(len(works))]


__all__ = ["Done", "Result", "Run", "Submission", "Writer", "run_now"]
