"""Questions that come while others are being answered go into the next look."""

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest

from orderdock.accounts.model import Scope
from orderdock.web.request import Ticket
from orderdock.web.request.together import Together
from tests.sql.rows import SCOPE, B


class Site:
    """A look that waits until it may answer, and notes what it was asked."""

    def __init__(self) -> None:
        self.may_answer = threading.Event()
        self.asked: list[tuple[int, list[int]]] = []
        self.together = Together(ThreadPoolExecutor(4), self.look)
        self.told: list[Any] = []

    def look(self, work: Any, scope: Scope, questions: list[int]) -> Any:
        self.asked.append((scope.cm_id, questions))
        self.may_answer.wait(5)
        return work(None, scope, questions)

    def ask(self, question: int, scope: Scope = SCOPE, work: Any = None) -> Ticket:
        ticket = self.together.ask(work or squares, scope, question)
        ticket.add_done_callback(lambda done: self.told.append((question, done)))
        return ticket


def squares(_: Any, __: Scope, questions: list[int]) -> dict[int, int]:
    return {one: one * one for one in questions}


def result_of(ticket: Ticket) -> Any:
    try:
        ticket.__await__().send(None)
    except StopIteration as end:
        return end.value
    raise AssertionError("it still waits")


async def told(site: Site, count: int) -> None:
    for _ in range(500):
        if len(site.told) == count:
            return
        await asyncio.sleep(0.01)
    raise AssertionError(f"{len(site.told)} of {count} were answered")


def test_what_waits_is_asked_together_by_account_and_in_bounds() -> None:
    async def scenario() -> None:
        site = Site()
        tickets = [site.ask(number) for number in range(61)]
        site.ask(7, replace(SCOPE, cm_id=B))
        assert [len(questions) for _, questions in site.asked] == [1, 1]
        site.may_answer.set()
        await told(site, 62)
        assert sorted(len(questions) for _, questions in site.asked) == [1, 1, 10, 50]
        assert [result_of(ticket)[number] for number, ticket in enumerate(tickets)] == [n * n for n in range(61)]
        site.ask(3)  # nothing is left behind
        await told(site, 63)

    asyncio.run(scenario())


def test_a_look_that_fails_fails_for_those_in_it() -> None:
    def fails(_: Any, __: Scope, questions: list[int]) -> None:
        raise OSError("away")

    async def scenario() -> None:
        site = Site()
        site.may_answer.set()
        bad = site.ask(1, work=fails)
        await told(site, 1)
        good = site.ask(2)
        await told(site, 2)
        assert result_of(good) == {2: 4}
        with pytest.raises(OSError, match="away"):
            result_of(bad)

    asyncio.run(scenario())


def test_who_cannot_take_an_answer_takes_it_from_nobody() -> None:
    def broken(_: Ticket) -> None:
        raise ValueError("gone")

    async def scenario() -> None:
        site = Site()
        site.ask(0)
        site.together.ask(squares, SCOPE, 1).add_done_callback(broken)
        last = site.ask(2)
        site.may_answer.set()
        await told(site, 2)
        assert result_of(last)[2] == 4

    asyncio.run(scenario())
