"""One group's transaction: lock, load, decide, store, over all features (design 3.1).

A group is whole requests of one account. It runs a fixed number of statements, whatever is in it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final

import msgspec
import structlog

from orderdock.accounts import assign as assignment
from orderdock.accounts.model import Scope
from orderdock.accounts.sql import assign as assign_sql
from orderdock.accounts.sql.admin import lock
from orderdock.db import Ids, Tx
from orderdock.errors import Fault
from orderdock.events.sql import write as events_sql
from orderdock.kinds import from_json
from orderdock.orders import decide
from orderdock.orders.model import AddUpdate, Command, OrderDelete, OrderWrite, PaymentWrite, Verdict
from orderdock.orders.sql import write as orders_sql
from orderdock.people import sql as people_sql
from orderdock.people.model import IDENTITY_COLUMNS
from orderdock.world import Record, World

log: Final = structlog.get_logger()


class Work(msgspec.Struct):
    """One request: who asks, what for, and how the answer is made of the verdicts.

    `strict`: all or nothing. `render` is pure and runs inside the transaction, before it is stored.
    """

    scope: Scope
    request_id: str
    commands: Sequence[Command]
    strict: bool
    render: Callable[[list[Verdict]], Any]


class Done(msgspec.Struct):
    """What a group came to: an answer a request, whether it has to be made durable, and how to look whether it was."""

    answers: list[Any]
    wrote: bool
    was_written: Callable[[Tx], bool]


class _Names:
    """Everything that the commands of a group name, gathered in one pass."""

    def __init__(self, works: Iterable[Work]) -> None:
        self.orders: set[int] = set()
        self.erps: set[str] = set()
        self.enquiries: set[int] = set()
        self.payments: set[int] = set()
        self.customers: set[int] = set()
        self.identities: set[tuple[str, str]] = set()
        self.words: set[tuple[str, str]] = set()
        self.employees: set[int] = set()
        self.groups: set[str] = set()
        self.updates: list[OrderWrite] = []
        self.paying: list[PaymentWrite] = []
        self.contacts: set[int] = set()
        self.forms: list[AddUpdate] = []
        for work in works:
            for command in work.commands:
                if isinstance(command, OrderWrite):
                    self._order(command)
                elif isinstance(command, PaymentWrite):
                    self._payment(command)
                elif isinstance(command, OrderDelete):
                    self.orders.add(command.order_id)
                elif isinstance(command, AddUpdate):
                    self._form(command)

    def _order(self, command: OrderWrite) -> None:
        order, customer = command.order, command.customer
        if "id" in order:
            self.orders.add(order["id"])
        if "erp_order_id" in order:
            self.erps.add(order["erp_order_id"])
        if command.enquiry_id is not None:
            self.enquiries.add(command.enquiry_id)
        if "id" in customer:
            self.customers.add(customer["id"])
        for kind, column in IDENTITY_COLUMNS:
            if column in customer:
                self.identities.add((kind, customer[column]))
        for part, text in command.assignee.items():
            self.words.add(assignment.word_key(part, text))
        if command.group is not None:
            self.groups.add(command.group)
        if "approved_by" in order:
            self._people(from_json(order["approved_by"]))
        self.updates.append(command)

    def _people(self, words: list[str]) -> None:
        self.words.update(assignment.word_key(part, word) for word in words for part in assignment.PARTS)
        self.employees.update(int(word) for word in words if word.isdecimal() and len(word) < 16)

    def _form(self, form: AddUpdate) -> None:
        self._order(form.order)
        for given in (form.customer_assignee, form.enquiry_assignee):
            self.words.update(assignment.word_key(part, text) for part, text in given.items())
        self.contacts.update(contact.values["id"] for contact in form.contacts if "id" in contact.values)
        for part in form.payments:
            self.payments.update(number for number in (part.values.get("payment_id"), part.refund_of) if number)
        self.forms.append(form)

    def _payment(self, command: PaymentWrite) -> None:
        if command.order_id is not None:
            self.orders.add(command.order_id)
        if command.erp_order_id is not None:
            self.erps.add(command.erp_order_id)
        if command.customer_id is not None:
            self.customers.add(command.customer_id)
        if "payment_id" in command.values:
            self.payments.add(command.values["payment_id"])
        self.paying.append(command)


def run(tx: Tx, cm_id: int, works: Sequence[Work], ids: Ids, *, wait: bool = True) -> Done | None:
    """Lock, load, decide, store; the caller makes it durable. None: another process has the account (`wait` off)."""
    locked = lock(tx, cm_id, wait=wait)
    newest = events_sql.ask_newest(tx, cm_id)
    names = _Names(works)
    first = _ask_by_name(tx, cm_id, names)
    if not locked.rows():
        return None
    seq, at = (newest.rows() or [(0, 0)])[0]
    world = World(max(time.time_ns() // 1_000_000, at), ids.take)
    found = _take_by_name(world, first)
    _load_by_found(tx, cm_id, world, names, found)
    judged, events = [], []
    for work in works:
        told = len(world.events)
        judged.append(_judge(world, work))
        events += [(event, work) for event in world.events[told:]]
    if events:
        # Sent before the answers are rendered: the server stores while this goes on.
        changed = world.changed()
        people_sql.store(tx, cm_id, world, changed)
        orders_sql.store(tx, cm_id, world, changed)
        assign_sql.store_turns(tx, cm_id, world, changed)
    group_id = ids.take("write")
    answers = [work.render(verdicts) for work, verdicts in zip(works, judged, strict=True)]
    if events:
        rows = [
            events_sql.row(seq + number, world.now, event, work.scope.actor, work.request_id, group_id)
            for number, (event, work) in enumerate(events, 1)
        ]
        events_sql.append(tx, cm_id, rows)
    return Done(
        answers, bool(events), lambda later: bool(events) and events_sql.was_written(later, cm_id, seq, group_id)
    )


_Loaded = list[tuple[Callable[[World, Any], Any], Any]]


def _ask_by_name(tx: Tx, cm_id: int, names: _Names) -> _Loaded:
    """The first wave of reads: everything that the commands name."""
    asked: _Loaded = []
    if names.orders:
        asked.append((orders_sql.take_orders, orders_sql.ask_by_number(tx, cm_id, orders_sql.BY_ID, names.orders)))
    if names.erps:
        asked.append((orders_sql.take_orders, orders_sql.ask_by_erp(tx, cm_id, names.erps)))
    if names.enquiries:
        asked.append((people_sql.take_enquiries, people_sql.ask_enquiries(tx, cm_id, names.enquiries)))
        asked.append(
            (orders_sql.take_by_enquiry, orders_sql.ask_by_number(tx, cm_id, orders_sql.BY_ENQUIRY, names.enquiries))
        )
    if names.payments:
        asked.append(
            (orders_sql.take_orders, orders_sql.ask_by_number(tx, cm_id, orders_sql.BY_PAYMENT, names.payments))
        )
        asked.append(
            (orders_sql.take_payments, orders_sql.ask_by_number(tx, cm_id, orders_sql.PAYMENTS, names.payments))
        )
    if names.contacts:
        asked.append((people_sql.take_contacts, people_sql.ask_contacts(tx, cm_id, names.contacts)))
    if names.identities:
        asked.append((people_sql.take_identities, people_sql.ask_identities(tx, cm_id, names.identities)))
    if names.words:
        asked.append((assign_sql.take_employees, assign_sql.ask_words(tx, cm_id, names.words)))
    if names.groups:
        asked.append((assign_sql.take_groups, assign_sql.ask_groups(tx, cm_id, names.groups)))
    return asked


def _take_by_name(world: World, asked: _Loaded) -> dict[str, set[int]]:
    """Note the first wave; answers the customers and employees that it points to."""
    found: dict[str, set[int]] = {"customers": set(), "employees": set()}
    for take, reply in asked:
        more = take(world, reply)
        if take is people_sql.take_identities:
            found["customers"] |= more
        elif take is assign_sql.take_groups:
            found["employees"] |= more
    return found


_Named = dict[str, set[int]]


def _named_in_group(world: World, updates: list[OrderWrite]) -> _Named:
    """erp_order_id -> the stored orders that may have it once the group is under way: an earlier item may give it."""
    named: _Named = {text: {number} for text, number in world.erp.items()}
    for command in updates:
        erp, number = command.order.get("erp_order_id"), command.order.get("id")
        if erp is not None and number is None and command.enquiry_id is not None:
            number = (world.enquiry_orders.get(command.enquiry_id) or (None,))[0]
        if erp is not None and number in world.orders:
            named.setdefault(erp, set()).add(number)
    return named


def _targets(world: World, command: OrderWrite, named: _Named) -> list[Record]:
    """The stored orders that a write may mean."""
    numbers = {command.order.get("id"), *named.get(command.order.get("erp_order_id", ""), ())}
    if command.enquiry_id is not None:
        numbers.update(world.enquiry_orders.get(command.enquiry_id, ())[:1])
    return [world.orders[number] for number in numbers if number in world.orders]


def _load_by_found(tx: Tx, cm_id: int, world: World, names: _Names, found: dict[str, set[int]]) -> None:
    """The second wave: what the first one pointed to."""
    customers = names.customers | found["customers"] | {enquiry["customer_id"] for enquiry in world.enquiries.values()}
    lines: set[int] = set()
    named = _named_in_group(world, names.updates) if world.orders else {}
    for command in names.updates if world.orders else ():
        for order in _targets(world, command, named):
            if command.customer:
                customers.add(order["customer_id"])
            if command.lines or "grand_total" in command.order:
                lines.add(order["id"])
    customers -= world.customers.keys()
    details = set(_details(world, names.paying, named))
    wanted = _Wanted(world, names.forms, named)
    lines |= wanted.lines
    details |= wanted.details
    employees = names.employees | found["employees"]
    asked: _Loaded = []
    if customers:
        asked.append((people_sql.take_customers, people_sql.ask_customers(tx, cm_id, customers)))
    if lines:
        asked.append((orders_sql.take_lines, orders_sql.ask_by_number(tx, cm_id, orders_sql.LINES, lines)))
    if details:
        asked.append((orders_sql.take_payments, orders_sql.ask_by_detail(tx, cm_id, details)))
    if employees:
        asked.append((assign_sql.take_employees, assign_sql.ask_employees(tx, cm_id, employees)))
    if wanted.contacts:
        asked.append((people_sql.take_contacts, people_sql.ask_contacts_of(tx, cm_id, wanted.contacts)))
    if wanted.enquiries:
        asked.append((people_sql.take_enquiries, people_sql.ask_enquiries(tx, cm_id, wanted.enquiries)))
    if wanted.histories:
        asked.append((events_sql.take_history, events_sql.ask_history(tx, cm_id, wanted.histories)))
    for take, reply in asked:
        take(world, reply)


class _Wanted:
    """What add-updates need of the records that they name: (customer, folded phone, folded e-mail) of contacts,
    enquiries to change, orders with their lines, payments by detail, and the events of orders that have moved.
    """

    def __init__(self, world: World, forms: list[AddUpdate], named: _Named) -> None:
        self.world = world
        self.contacts: set[tuple[int, str | None, str | None]] = set()
        self.enquiries: set[int] = set()
        self.lines: set[int] = set()
        self.details: set[_Detail] = set()
        self.histories: set[int] = set()
        for form in forms:
            targets = _targets(world, form.order, named)
            self._contacts(form, targets)
            for order in targets:
                self._order(form, order)

    def _contacts(self, form: AddUpdate, targets: list[Record]) -> None:
        if not form.contacts:
            return
        given = form.order.customer
        customers = {order["customer_id"] for order in targets}
        if "id" in given:
            customers.add(given["id"])
        for kind, column in IDENTITY_COLUMNS:
            customers.update(self.world.identities.get((kind, given.get(column, "")), ()))
        for contact in form.contacts:
            phone, email = contact.values.get("phone_key"), contact.values.get("email_key")
            self.contacts.update((number, phone, email) for number in customers)

    def _order(self, form: AddUpdate, order: Record) -> None:
        number = order["id"]
        if form.enquiry_update and order["enquiry_id"] not in self.world.enquiries:
            self.enquiries.add(order["enquiry_id"])
        if any("lines" in clear.fields or "order.grand_total" in clear.fields for clear in form.clears):
            self.lines.add(number)
        if form.revisions is not None and order["revision"] not in form.revisions:
            self.histories.add(number)
        for part in form.payments:
            values = part.values
            amount = values.get("amount") if form.is_added else None
            if amount is not None and part.refund:
                amount = -amount
            self.details.add((number, values.get("reference"), values.get("cheque_number"), amount))


_Detail = tuple[int, str | None, str | None, int | None]


def _details(world: World, paying: list[PaymentWrite], named: _Named) -> Iterable[_Detail]:
    """(order, reference, cheque number, no amount) by which earlier payments are looked for."""
    for command in paying:
        reference, cheque = command.values.get("reference"), command.values.get("cheque_number")
        if reference is None and cheque is None:
            continue
        numbers = {command.order_id, *named.get(command.erp_order_id or "", ())}
        numbers.update(entry["order_id"] for entry in world.payments.get(command.values.get("payment_id", 0), ())[:1])
        for number in numbers:
            if number in world.orders:
                yield number, reference, cheque, None


def _judge(world: World, work: Work) -> list[Verdict]:
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
    try:
        if isinstance(command, OrderWrite):
            return decide.write(world, work.scope, command)
        if isinstance(command, PaymentWrite):
            return decide.pay(world, work.scope, command)
        if isinstance(command, OrderDelete):
            return decide.delete(world, command)
        if isinstance(command, AddUpdate):
            return decide.add_update(world, work.scope, command)
        return Verdict("failed", command, command.faults, command.warnings)
    except Exception:
        # A defect of ours fails the item that met it, not its neighbours.
        log.exception("deciding failed", request_id=work.request_id)
        fault = Fault("ServerFailure", "", "this item could not be judged")
        return Verdict("failed", command, [fault], [])


__all__ = ["Done", "Work", "run"]
