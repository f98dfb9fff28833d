"""What the request log gathers of refusals when there are very many of them."""

import asyncio
from typing import Any

from orderdock.web.request import Journal, Origins
from orderdock.web.request.journal import OVERLOADED_MOST
from tests.unit.site import KEY, PUSH, WRITE, Site, Writer, code


async def _nobody(label: str) -> None:
    return None


def test_of_very_many_refusals_for_load_some_are_kept_and_the_others_counted() -> None:
    async def ask(more: int) -> tuple[Any, Journal]:
        site = Site(writer=Writer(late=True))
        service = site.service()
        taken: list[Any] = []
        site.writer.submit = taken.append  # type: ignore[method-assign, assignment]  # what is handed on to be logged
        journal = service.journal = Journal(site.writer, Origins((), _nobody), most=1_000)  # type: ignore[arg-type]  # a stand-in
        for _ in range(OVERLOADED_MOST + more):
            assert code(await site.respond(service, WRITE, PUSH, headers=KEY)) == "Overloaded"
        journal.flush()
        site.writer.late = False
        await site.respond(service, WRITE, b"[", headers=KEY)
        journal.flush()
        return taken, journal

    (refused, other), journal = asyncio.run(ask(7))
    assert (refused.items, refused.beside, len(refused.work.late)) == (0, OVERLOADED_MOST, OVERLOADED_MOST)
    assert [one.asked.errors for one in other.work.late] == [["MalformedBody"]]
    assert journal.dropped == 7
