"""What a request waits for."""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import Any


class Ticket:
    """What one request waits for. Whoever gives the result goes on with the request in the same call."""

    __slots__ = ("_error", "_go_on", "_is_done", "_result")

    def __init__(self) -> None:
        self._is_done = False
        self._result: Any = None
        self._error: BaseException | None = None
        self._go_on: Callable[[Ticket], object] | None = None

    def done(self) -> bool:
        """Whether there is a result."""
        return self._is_done

    @property
    def failed(self) -> bool:
        """Whether there will be no result."""
        return self._error is not None

    def set_result(self, result: Any) -> None:
        """Here it is."""
        self._is_done, self._result = True, result
        go_on, self._go_on = self._go_on, None
        if go_on is not None:
            go_on(self)

    def set_exception(self, error: BaseException) -> None:
        """There will be none."""
        self._error = error
        self.set_result(None)

    def add_done_callback(self, go_on: Callable[[Ticket], object]) -> None:
        """Whom to call."""
        self._go_on = go_on

    def __await__(self) -> Generator[Ticket, None, Any]:
        if not self._is_done:
            yield self
        if self._error is not None:
            raise self._error
        return self._result
