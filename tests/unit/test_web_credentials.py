"""How long a resolved credential is believed: a disabled key is dead within two seconds (design 4)."""

import asyncio
import time
from types import SimpleNamespace
from typing import Any, cast

import pytest

from orderdock.accounts.model import Scope
from orderdock.web.request import Check, Credentials


def scope(until: int | None = None) -> Any:
    """Whose a credential is, as far as it matters here."""
    return SimpleNamespace(until=until)


class Keys:
    """Keys that can be looked up, slowly; counts how often."""

    def __init__(self) -> None:
        self.known: dict[str, Any] = {"K": scope()}
        self.asked = 0

    async def find(self, token: str, check: Check) -> Scope | None:
        self.asked += 1
        await asyncio.sleep(0.01)
        return cast(Scope | None, self.known.get(token))


def test_many_callers_cause_one_look_up() -> None:
    keys = Keys()

    async def run() -> list[Any]:
        found = Credentials(keys.find)
        return await asyncio.gather(*(found.scope_of("K") for _ in range(20)), found.scope_of("K"))

    assert asyncio.run(run()) == [keys.known["K"]] * 21
    assert keys.asked == 1


def test_what_is_known_is_looked_up_again_after_a_second() -> None:
    keys, now = Keys(), [0.0]

    async def run() -> None:
        found = Credentials(keys.find, lambda: now[0])
        assert await found.scope_of("K")
        now[0] = 0.9
        del keys.known["K"]
        assert await found.scope_of("K")
        now[0] = 1.01
        await found.scope_of("K")  # believed while it is looked up again
        await asyncio.sleep(0.05)
        assert await found.scope_of("K") is None

    asyncio.run(run())
    assert keys.asked == 3


def test_what_cannot_be_looked_up_again_is_dead_within_two_seconds() -> None:
    keys, now = Keys(), [0.0]
    answered = asyncio.Event()

    async def slow(token: str, check: Check) -> Any:
        if now[0]:
            await answered.wait()
        return await keys.find(token, check)

    async def run() -> None:
        found = Credentials(slow, lambda: now[0])
        assert await found.scope_of("K")
        now[0] = 1.6
        assert await found.scope_of("K")
        now[0] = 1.8
        del keys.known["K"]
        waiting = asyncio.ensure_future(found.scope_of("K"))
        await asyncio.sleep(0.01)
        assert not waiting.done()
        answered.set()
        assert await waiting is None

    asyncio.run(run())


def test_what_is_unknown_is_asked_each_time() -> None:
    keys = Keys()

    async def run() -> None:
        found = Credentials(keys.find)
        assert await found.scope_of("X") is None
        keys.known["X"] = scope()
        assert await found.scope_of("X")

    asyncio.run(run())
    assert keys.asked == 2


def test_a_look_up_that_fails_is_tried_again() -> None:
    async def run() -> None:
        answers: list[Any] = [RuntimeError("away"), scope()]

        async def find(token: str, check: Check) -> Scope | None:
            answer = answers.pop(0)
            if isinstance(answer, Exception):
                raise answer
            return cast(Scope, answer)

        found = Credentials(find)
        with pytest.raises(RuntimeError):
            await found.scope_of("K")
        assert await found.scope_of("K")

    asyncio.run(run())


@pytest.mark.parametrize(("left", "believed"), [(300, [True, False, False]), (60_000, [True, True, False])])
def test_an_old_secret_is_believed_to_its_end_and_not_beyond(left: int, believed: list[bool]) -> None:
    keys, now = Keys(), [0.0]
    keys.known["K"] = scope(int(time.time() * 1000) + left)

    async def run() -> list[bool]:
        found = Credentials(keys.find, lambda: now[0])
        assert await found.scope_of("K")
        seen = []
        for now[0] in (0.2, 0.9, 1.8):
            seen.append(found.believed("K") is not None)
        return seen

    assert asyncio.run(run()) == believed


def test_an_old_secret_that_ends_is_not_believed_while_it_is_looked_up_again() -> None:
    keys, now = Keys(), [0.0]
    keys.known["K"] = scope(int(time.time() * 1000) + 1_300)

    async def run() -> None:
        found = Credentials(keys.find, lambda: now[0])
        assert await found.scope_of("K")
        del keys.known["K"]
        now[0] = 1.35
        assert await found.scope_of("K") is None

    asyncio.run(run())
