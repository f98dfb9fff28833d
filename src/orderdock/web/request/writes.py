"""A write on its way through the writer, or past it when it is only a rehearsal."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

from orderdock.accounts.model import Scope
from orderdock.group import Replayed, Work, rehearse
from orderdock.orders.model import Command, Verdict
from orderdock.web.request.controls import Controls
from orderdock.web.request.model import Answer, Call
from orderdock.web.request.ticket import Ticket
from orderdock.writer import Submission

Render = Callable[[list[Verdict]], tuple[int, bytes]]


async def carry_out(
    call: Call, scope: Scope, commands: Sequence[Command], size: int, how: Controls, render: Render
) -> Answer:
    """The answer to a write of `size` items, given when it is durable; of a dry run what it would be.

    Raises IdempotencyConflict, Overloaded, ServerFailure.
    """
    asked = call.asked
    if asked is not None and commands:
        asked.operation = commands[0].operation
    if how.dry_run:
        work = Work(scope, call.request_id, commands, how.strict, render)
        status, body = (await call.reads.read(rehearse, scope.cm_id, [work]))[0]
        return Answer(status, body, list(how.headers))
    if asked is not None:
        asked.queued = time.perf_counter()
    work = Work(scope, call.request_id, commands, how.strict, render, how.token, asked, how.headers)
    ticket = Ticket()
    call.writer.submit(Submission(scope.cm_id, size, len(call.body), work, ticket))
    answer: Any = await ticket
    if isinstance(answer, Replayed):
        return Answer(answer.status, answer.body, [*answer.headers, ("idempotency-replayed", "true")])
    status, body = answer
    return Answer(status, body, list(how.headers))
