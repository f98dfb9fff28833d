"""An order while it is judged: what a write gives it, and how it is laid over the world (contract 1.7, 2.2, 2.3)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from orderdock.accounts import assign
from orderdock.accounts.model import Scope
from orderdock.errors import Fault
from orderdock.kinds import EXTRA, Unreadable, from_json, shortest, to_json
from orderdock.orders.decide.lines import sums_of, value_line
from orderdock.orders.decide.payments import book, pay_statement
from orderdock.orders.model import OrderWrite, Verdict
from orderdock.people import decide as people
from orderdock.world import Event, Record, World

_NOT_COPIED: Final = frozenset({"id", "total_paid"})
_UNTOLD: Final = frozenset(
    {"id", "revision", "modified_at", "received_at", "contact_phone_key", "contact_email_key", "total_given"}
)


def without(record: Record, names: frozenset[str]) -> Record:
    """A copy that lacks some columns."""
    copy = record.copy()
    for name in names:
        copy.pop(name, None)
    return copy


class Draft:
    """One item while it is judged: its command, and what was found wrong or odd."""

    __slots__ = ("command", "faults", "lines", "scope", "warnings", "world")

    def __init__(self, world: World, scope: Scope, command: OrderWrite, missing: Iterable[Fault]) -> None:
        self.world = world
        self.scope = scope
        self.command = command
        self.faults = [*command.faults, *missing]
        self.warnings = list(command.warnings)
        percent = scope.settings["discount_kind"] == "percent"
        self.lines: tuple[Record, ...] | None = None
        if command.lines:
            self.lines = tuple(
                value_line(line, at, percent, self.faults, self.warnings) for at, line in enumerate(command.lines)
            )

    def fault(self, code: str, field: str, message: str, value: str = "") -> None:
        self.faults.append(Fault(code, field, message, value))

    def warn(self, code: str, field: str, message: str, value: str = "") -> None:
        self.warnings.append(Fault(code, field, message, value))

    def verdict(self, outcome: str, order: Record | None = None) -> Verdict:
        if self.faults:
            return Verdict("failed", self.command, self.faults, self.warnings)
        ids = (order["id"], order["customer_id"], order["enquiry_id"]) if order else (0, 0, 0)
        return Verdict(outcome, self.command, [], self.warnings, *ids)  # type: ignore[arg-type]  # callers pass one of the outcomes


def given_columns(draft: Draft, stored: Record) -> Record:
    """The order's columns that the command gives, with open objects merged into what is stored."""
    command = draft.command
    given = without(command.order, _NOT_COPIED)
    for column, members in (("additional", command.extra), ("associate", command.associate)):
        if not members:
            continue
        try:
            text = EXTRA.merge(stored.get(column), members)
        except Unreadable as error:
            draft.fault(error.code, f"order.{column}", error.message)
            continue
        if text != stored.get(column):
            given[column] = text
    if "approved_by" in given:
        found = assign.people_named(draft.world, from_json(given["approved_by"]), draft.warnings, "order.approved_by")
        if found:
            given["approved_by"] = to_json([str(number) for number in found])
        else:
            del given["approved_by"]
    return given


def _check_total(draft: Draft, order: Record) -> None:
    """A grand total that was given and differs from the lines: accepted, warned of or refused, as the key says."""
    unread = any(fault.field == "lines" or fault.field.startswith("line.") for fault in draft.faults)
    if unread or not order["total_given"] or order["grand_total"] == order["product_value"]:
        return
    how = draft.scope.settings["total_mismatch"]
    message = f"the lines are worth {shortest(order['product_value'])}"
    if how == "reject":
        draft.fault("TotalMismatch", "order.grand_total", message, shortest(order["grand_total"]))
    elif how == "warn":
        draft.warn("TotalMismatch", "order.grand_total", message, shortest(order["grand_total"]))


def total(draft: Draft, order: Record, changes: Record, lines: tuple[Record, ...]) -> None:
    """What grand_total becomes (contract 1.7 rule 6); `changes` is added to."""
    given = "grand_total" in draft.command.order
    total_given = 1 if given or order.get("total_given") else 0
    changes["total_given"] = total_given
    if not total_given and lines:
        changes["grand_total"] = {**order, **changes}["product_value"]
    if lines and (given or draft.lines is not None):
        _check_total(draft, {**order, **changes})


def share_assignee(draft: Draft, enquiry: Record, chosen: assign.Assignment) -> Record:
    """An enquiry that nobody looks after takes the assignee of an order that is made in it."""
    if not chosen.employee_id or "assigned_to" in enquiry:
        return enquiry
    return people.change_enquiry(
        draft.world, enquiry, {"assigned_to": chosen.employee_id, "assigned_reason": chosen.reason}
    )


def begin(draft: Draft) -> Record:
    """The columns of a new order that the command gives, with its sums and its total."""
    order: Record = {"product_quantity": 0, "product_value": 0, "gross_value": 0, "discount": 0, "total_paid": 0}
    order.update(given_columns(draft, {}))
    lines = draft.lines or ()
    if lines:
        order.update(sums_of(lines, draft.faults))
    total(draft, {}, order, lines)
    return order


def place(draft: Draft, order: Record, customer_id: int, enquiry: Record, brought: bool) -> None:
    """Give a new order what it still lacks and lay it over the world; `brought`: its enquiry is new too."""
    world, scope = draft.world, draft.scope
    order.setdefault("status", scope.account["default_status"])
    order.setdefault("create_date", world.now)
    order.update(
        id=world.take_id("order"),
        customer_id=customer_id,
        enquiry_id=enquiry["id"],
        revision=1,
        received_at=world.now,
        modified_at=world.now,
    )
    if scope.owner:
        order["creator_id"] = scope.owner
    _store_new(draft, order, draft.lines or (), enquiry, brought)


def wanted(draft: Draft, order: Record, *, is_emptied: bool = False) -> tuple[Record, tuple[Record, ...]]:
    """(columns that a write gives an order another value in, the lines that it then has).

    `is_emptied`: the lines that are stored go.
    """
    changes = {name: value for name, value in given_columns(draft, order).items() if order.get(name) != value}
    _check_erp(draft, order, changes)
    lines = () if is_emptied else draft.world.lines.get(order["id"], ())
    if draft.lines is not None and draft.lines != lines:
        lines = draft.lines
        changes.update(sums_of(lines, draft.faults))
    if draft.lines is not None or "grand_total" in draft.command.order:
        total(draft, order, changes, lines)
    for name in ("contact_phone", "contact_email"):  # what cannot be matched any more leaves no form to match by
        if name in changes and f"{name}_key" not in draft.command.order and f"{name}_key" in order:
            changes[f"{name}_key"] = None
    return changes, lines


def _store_new(draft: Draft, order: Record, lines: tuple[Record, ...], enquiry: Record, brought: bool) -> None:
    world, number = draft.world, order["id"]
    after = without(order, _UNTOLD)
    if lines:
        after["lines"] = lines
    if brought:
        after["enquiry"] = people.told_of(enquiry)
    world.put(world.orders, number, order)
    world.put(world.lines, number, lines)
    world.put(world.enquiry_orders, enquiry["id"], (*world.enquiry_orders.get(enquiry["id"], ()), number))
    if "erp_order_id" in order:
        world.put(world.erp, order["erp_order_id"], number)
    world.events.append(Event("order.created", number, order["customer_id"], enquiry["id"], {"after": after}))
    statement = draft.command.order.get("total_paid", 0)
    if statement > 0:
        book(world, order, pay_statement(draft.command.order, statement))


def _check_erp(draft: Draft, order: Record, changes: Record) -> None:
    """An order may get a number that no other order has (contract 2.3 rule 3)."""
    taken = draft.world.erp.get(changes.get("erp_order_id", ""))
    if taken is not None and taken != order["id"]:
        draft.fault("ErpOrderIdTaken", "order.erp_order_id", "another order has this number", str(taken))


def state_paid(draft: Draft, order: Record) -> None:
    """`total_paid` of an update: what is more than the ledger's sum is paid; less is only told (contract 2.2 b)."""
    statement = draft.command.order.get("total_paid", 0)
    order = draft.world.orders[order["id"]]
    if statement > order["total_paid"]:
        book(draft.world, order, pay_statement({**order, **draft.command.order}, statement - order["total_paid"]))
    elif 0 < statement < order["total_paid"]:
        paid = shortest(order["total_paid"])
        draft.warn(
            "TotalPaidBelowLedger",
            "order.total_paid",
            f"{paid} is paid already; nothing was undone",
            shortest(statement),
        )


def keep_changed(draft: Draft, order: Record, changes: Record, lines: tuple[Record, ...]) -> None:
    """Store what a write changes of a known order; the guard alone is kept without a word of it (contract 1.12)."""
    if lines is not draft.world.lines.get(order["id"], ()) or not people.GUARDS.issuperset(changes):
        store_changed(draft, order, changes, lines)
    elif changes:
        after = {name: value for name, value in {**order, **changes}.items() if value is not None}
        draft.world.put(draft.world.orders, order["id"], after)


def store_changed(draft: Draft, order: Record, changes: Record, lines: tuple[Record, ...]) -> Record:
    world, number = draft.world, order["id"]
    after = {**order, **changes, "revision": order["revision"] + 1, "modified_at": world.now}
    if None in changes.values():
        after = {name: value for name, value in after.items() if value is not None}
    old_lines = world.lines.get(number, ())
    shown: Record = people.told(order, changes, [name for name in changes if name not in _UNTOLD])
    if lines is not old_lines:
        shown["before"]["lines"], shown["after"]["lines"] = old_lines, lines
        world.put(world.lines, number, lines)
    if "erp_order_id" in changes:
        if "erp_order_id" in order:
            world.put(world.erp, order["erp_order_id"], None)
        world.put(world.erp, changes["erp_order_id"], number)
    world.put(world.orders, number, after)
    world.events.append(Event("order.updated", number, order["customer_id"], order["enquiry_id"], shown))
    return after
