"""How requests are decided, one after the other: every item in its layer, a strict request in one of its own."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import structlog

from orderdock.errors import Fault
from orderdock.group.work import Work
from orderdock.orders import decide
from orderdock.orders.model import AddUpdate, Command, OrderDelete, OrderWrite, PaymentWrite, Verdict
from orderdock.people import decide as people
from orderdock.people.model import CustomerWrite, EnquiryWrite
from orderdock.requests.decide import finds_of
from orderdock.requests.model import Asked, Counts
from orderdock.world import World

log: Final = structlog.get_logger()
_MOST_CODES: Final = 20


def judge(world: World, work: Work) -> list[Verdict]:
    """The verdicts of one request, in order; a failed item leaves no trace, nor does a failed strict request."""
    request, verdicts = world.mark(), []
    for command in work.commands:
        item = world.mark()
        verdict = _decide(world, work, command)
        if verdict.outcome == "failed":
            world.drop(item)
        verdicts.append(verdict)
    failed = [number for number, verdict in enumerate(verdicts) if verdict.outcome == "failed"]
    if not work.strict or not failed:
        return verdicts
    world.drop(request)
    rejected = Fault("BatchRejected", "", f"see item {failed[0]}")
    return [
        verdict if verdict.outcome == "failed" else Verdict("failed", verdict.command, [rejected], [])
        for verdict in verdicts
    ]


def _decide(world: World, work: Work, command: Command) -> Verdict:
    scope = work.scope
    try:
        if isinstance(command, OrderWrite):
            return decide.write(world, scope, command)
        if isinstance(command, PaymentWrite):
            return decide.pay(world, scope, command)
        if isinstance(command, OrderDelete):
            return decide.delete(world, command)
        if isinstance(command, AddUpdate):
            judged = people.add_update if command.is_customer else decide.add_update
            return judged(world, scope, command)
        if isinstance(command, CustomerWrite):
            return people.push(world, scope, command)
        if isinstance(command, EnquiryWrite):
            return people.enquire(world, scope, command)
        return Verdict("failed", command, command.faults, command.warnings)
    except Exception:
        # A defect of ours fails the item that met it, not its neighbours.
        log.exception("deciding failed", request_id=work.request_id)
        fault = Fault("ServerFailure", "", "this item could not be judged")
        return Verdict("failed", command, [fault], [])


def note(asked: Asked, verdicts: list[Verdict]) -> None:
    """Tell the log what came of a request, and by what its items are found that leave no event of an order."""
    counts: dict[str, int] = {}
    codes: dict[str, None] = {}
    silent: list[Verdict] = []
    for verdict in verdicts:
        counts[verdict.outcome] = counts.get(verdict.outcome, 0) + 1
        if verdict.outcome == "failed":
            codes.update(dict.fromkeys(fault.code for fault in verdict.faults[:_MOST_CODES]))
        # A request is found by the events of orders; what is about none is named here.
        if verdict.outcome not in ("created", "updated") or not verdict.order_id:
            silent.append(verdict)
    asked.counts = Counts(**counts)
    # Missing fields first, as they are told (contract 1.10.1).
    asked.errors = sorted(codes, key=lambda code: code != "ReqFieldMissing")[:_MOST_CODES]
    if silent:
        asked.finds = finds_of((pair for verdict in silent for pair in _named(verdict)), asked.errors)


def _named(verdict: Verdict) -> Iterator[tuple[str, Any]]:
    """What an item names that people look for."""
    command = verdict.command
    yield "order", verdict.order_id
    if isinstance(command, PaymentWrite):
        yield from (("order", command.order_id), ("erp", command.erp_order_id))
    write = command.order if isinstance(command, AddUpdate) else command
    if isinstance(write, OrderWrite):
        yield from (("order", write.order.get("id")), ("erp", write.order.get("erp_order_id")))
    if isinstance(write, OrderWrite | CustomerWrite | EnquiryWrite):
        yield from (("phone", write.customer.get("phone_key")), ("email", write.customer.get("email_key")))
