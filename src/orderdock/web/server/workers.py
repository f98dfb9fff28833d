"""The processes that answer: started, replaced when they die, and stopped in order."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import time
from collections.abc import Callable
from multiprocessing.connection import wait
from multiprocessing.process import BaseProcess
from typing import Final

import structlog

log: Final = structlog.get_logger()
_ENDS: Final = (signal.SIGTERM, signal.SIGINT)
# Seconds before a worker that died is replaced.
_PAUSE: Final = 0.5


class Flag:
    """What the main process tells its workers. It has no lock that a killed worker could leave taken."""

    def __init__(self) -> None:
        self._value = multiprocessing.RawValue("b", 0)

    def set(self) -> None:
        """From now on it is set."""
        self._value.value = 1

    def is_set(self) -> bool:
        """Whether it was set."""
        return bool(self._value.value)


class Workers:
    """Some processes that each run `work(parent, place)`, where `parent` is the number of the main process.

    `place` counts from 0; who replaces a worker takes its place.

    They are forked: the main process has one thread, and closes its database before.
    """

    def __init__(self, count: int, work: Callable[[int, int], None], stopping: Flag, patience: float) -> None:
        self._count = count
        self._work = work
        self._stopping = stopping
        self._patience = patience
        self._context = multiprocessing.get_context("fork")
        self._running: dict[int, BaseProcess] = {}

    def run(self) -> None:
        """Keep them running until SIGTERM or SIGINT, then stop them."""
        for number in _ENDS:
            signal.signal(number, self._stop)
        while not self._stopping.is_set():
            self._fill()
            wait([process.sentinel for process in self._running.values()])
            self._bury()
        self._end()

    def _stop(self, *_: object) -> None:
        """First they say that they are not ready, then they stop."""
        self._stopping.set()
        for process in tuple(self._running.values()):
            process.terminate()

    def _fill(self) -> None:
        """Start what is missing. A signal waits meanwhile, so that it finds every process that there is."""
        signal.pthread_sigmask(signal.SIG_BLOCK, _ENDS)
        for place in range(self._count):
            if place not in self._running and not self._stopping.is_set():
                process = self._context.Process(target=self._begin, args=(os.getpid(), place))
                process.start()
                self._running[place] = process
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _ENDS)

    def _begin(self, parent: int, place: int) -> None:
        """Runs in the new process."""
        for number in _ENDS:
            signal.signal(number, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _ENDS)
        self._work(parent, place)

    def _bury(self) -> None:
        """Forget those that ended."""
        ended = [place for place, process in self._running.items() if not process.is_alive()]
        codes = [self._running.pop(place).exitcode for place in ended]
        if ended and not self._stopping.is_set():
            log.error("a worker ended and is replaced", codes=codes)
            time.sleep(_PAUSE)

    def _end(self) -> None:
        deadline = time.monotonic() + self._patience
        for process in self._running.values():
            process.join(max(0.0, deadline - time.monotonic()))
            if process.is_alive():
                log.error("a worker did not stop in time and is killed", pid=process.pid)
                process.kill()
                process.join()


def watch_parent(parent: int, stopping: Flag, patience: float) -> None:
    """Stop this process in order when its main process is gone: nobody else would. Runs in a thread."""
    while os.getppid() == parent:
        time.sleep(1)
    log.error("the main process is gone; stopping")
    stopping.set()
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(patience)
    sys.stderr.flush()
    os._exit(1)
