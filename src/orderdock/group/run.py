"""One group's transaction: lock, load, decide, store, over all features; and the same without a trace."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Sequence
from itertools import count
from typing import Any, Final

from orderdock.accounts.sql import assign as assign_sql
from orderdock.accounts.sql.admin import lock
from orderdock.db import Ids, Tx
from orderdock.errors import Fault, IdempotencyConflict
from orderdock.events.sql import write as events_sql
from orderdock.group.judge import judge, note
from orderdock.group.load import Names, ask_by_name, load_by_found, take_by_name
from orderdock.group.work import Done, Replayed, Work
from orderdock.orders.model import Verdict
from orderdock.orders.sql import write as orders_sql
from orderdock.people import sql as people_sql
from orderdock.requests.decide import ended, entry_of
from orderdock.requests.model import Entry, Stored, Token
from orderdock.requests.sql import write as requests_sql
from orderdock.world import Event, World

# Numbers of records that a dry run would make begin here: above every number of a sequence.
NEW: Final = 1 << 60
Named = tuple[int, str]
Told = list[tuple[Event, Work]]


def run(tx: Tx, cm_id: int, works: Sequence[Work], ids: Ids, *, wait: bool = True) -> Done | None:
    """Lock, load, decide, store; the caller makes it durable. None: another process has the account (`wait` off)."""
    began = time.perf_counter()
    late = [entry_of(found) for work in works for found in work.late]  # before anybody has to wait for it
    locked = lock(tx, cm_id, wait=wait)
    newest = events_sql.ask_newest(tx, cm_id)
    names = Names(works)
    first = ask_by_name(tx, cm_id, names)
    tokens = {named: work.token for work in works if work.token and (named := _named(work))}
    answered = requests_sql.ask_answers(tx, cm_id, tokens) if tokens else None
    if not locked.rows():
        return None
    seq, at = (newest.rows() or [(0, 0)])[0]
    world = World(max(time.time_ns() // 1_000_000, at), ids.take)
    load_by_found(tx, cm_id, world, names, take_by_name(world, first))
    stored = requests_sql.take_answers(answered, tokens) if answered else {}
    for work in works:
        if work.asked:
            work.asked.begin_anew(began)
    judged, events = _judged(world, works, stored)
    changed = world.changed()
    if changed:
        # Sent before the answers are rendered: the server stores while this goes on.
        people_sql.store(tx, cm_id, world, changed)
        orders_sql.store(tx, cm_id, world, changed)
        assign_sql.store_turns(tx, cm_id, world, changed)
    group_id = ids.take("write")
    answers, new = _answers(works, judged, stored)
    if events:
        rows = [
            events_sql.row(seq + number, world.now, event, work.scope.actor, work.request_id, group_id)
            for number, (event, work) in enumerate(events, 1)
        ]
        events_sql.append(tx, cm_id, rows)
    requests_sql.store_answers(tx, cm_id, world.now, new)
    logged = None
    if changed or new or late:
        logged = requests_sql.store_log(tx, cm_id, late + _entries(works, judged, answers), ids.take)
    outcomes = Counter[str]([verdict.outcome for verdicts in judged if verdicts for verdict in verdicts])
    witness = _Witness(cm_id, seq, group_id, bool(events), logged)
    return Done(answers, bool(changed or new or logged), witness, outcomes, len(events))


class _Witness:
    """Looks whether a group is durable: its events are there or, when it has none, what it logged."""

    def __init__(self, cm_id: int, seq: int, group_id: int, told: bool, logged: tuple[int, int] | None) -> None:
        self._cm_id, self._seq, self._group_id = cm_id, seq, group_id
        self._told, self._logged = told, logged

    def __call__(self, tx: Tx) -> bool:
        if self._told:
            return events_sql.was_written(tx, self._cm_id, self._seq, self._group_id)
        return self._logged is not None and requests_sql.was_logged(tx, self._cm_id, self._logged)


def _named(work: Work) -> Named:
    return work.scope.key_id, work.token.text if work.token else ""


def _judged(
    world: World, works: Sequence[Work], stored: dict[Named, Stored]
) -> tuple[list[list[Verdict] | None], Told]:
    """(the verdicts of each request, None when its answer is there already; the events, each with its request)."""
    judged: list[list[Verdict] | None] = []
    events: Told = []
    known = set(stored)
    for work in works:
        if work.token and _named(work) in known:
            judged.append(None)
            continue
        told = len(world.events)
        verdicts = judge(world, work)
        if work.asked:
            note(work.asked, verdicts)
        judged.append(verdicts)
        events += [(event, work) for event in world.events[told:]]
        if work.token and _is_accepted(verdicts):
            known.add(_named(work))
    return judged, events


def _is_accepted(verdicts: list[Verdict]) -> bool:
    """Whether an answer is worth keeping: a request that failed entirely leaves its token free (contract 1.12)."""
    return any(verdict.outcome != "failed" for verdict in verdicts)


def _answers(
    works: Sequence[Work], judged: list[list[Verdict] | None], stored: dict[Named, Stored]
) -> tuple[list[Any], dict[Named, Stored]]:
    """(an answer a request, the answers to be stored)."""
    answers: list[Any] = []
    new: dict[Named, Stored] = {}
    for work, verdicts in zip(works, judged, strict=True):
        if verdicts is None:
            answers.append(_again(work.token, new.get(_named(work)) or stored[_named(work)]))
            continue
        answer = work.render(verdicts)
        answers.append(answer)
        if work.token and _is_accepted(verdicts):
            new[_named(work)] = Stored(work.token.digest, answer[0], answer[1], list(work.headers))
    return answers, new


def _again(token: Token | None, known: Stored) -> Replayed | IdempotencyConflict:
    if token is not None and token.digest == known.digest:
        return Replayed(known.status, known.body, known.headers)
    return IdempotencyConflict(path="header:Idempotency-Key", value=token.text if token else "")


def _entries(works: Sequence[Work], judged: list[list[Verdict] | None], answers: list[Any]) -> list[Entry]:
    """What the log is to keep of the requests that were judged."""
    now = time.perf_counter()
    entries = []
    for work, verdicts, answer in zip(works, judged, answers, strict=True):
        if work.asked is None or verdicts is None:
            continue
        work.asked.is_logged = True
        entries.append(entry_of(ended(work.asked, work.scope, answer[0], work.headers, answer[1], now)))
    return entries


def rehearse(tx: Tx, cm_id: int, works: Sequence[Work]) -> list[Any]:
    """The answers that a group would give, on a snapshot: nothing is locked, written or numbered (contract 1.12).

    Numbers that would be new are 0 in the verdicts.
    """
    numbers = count(NEW)
    newest = events_sql.ask_newest(tx, cm_id)
    names = Names(works)
    first = ask_by_name(tx, cm_id, names)
    _, at = (newest.rows() or [(0, 0)])[0]
    world = World(max(time.time_ns() // 1_000_000, at), lambda _: next(numbers))
    load_by_found(tx, cm_id, world, names, take_by_name(world, first))
    return [work.render([_unnumbered(verdict) for verdict in judge(world, work)]) for work in works]


def _unnumbered(verdict: Verdict) -> Verdict:
    """A verdict without the numbers of records that were not made."""
    for name in ("order_id", "customer_id", "enquiry_id", "payment_id", "contact_id"):
        if getattr(verdict, name) >= NEW:
            setattr(verdict, name, 0)
    verdict.payment_ids = tuple(number if number < NEW else 0 for number in verdict.payment_ids)
    verdict.faults, verdict.warnings = (
        [_told_without(fault) for fault in faults] for faults in (verdict.faults, verdict.warnings)
    )
    return verdict


def _told_without(fault: Fault) -> Fault:
    if not isinstance(fault.value, str) or len(fault.value) < len(str(NEW)):
        return fault
    return fault._replace(value=",".join(word for word in fault.value.split(",") if not _is_new(word)))


def _is_new(word: str) -> bool:
    """Whether a word is the number of a record that was not made; Python refuses to read thousands of digits."""
    return len(word) < 20 and word.isdecimal() and NEW <= int(word) < NEW + NEW // 2
