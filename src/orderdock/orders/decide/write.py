"""Push and update: which order is meant, what it becomes, and what that brings about (contract 2.2, 2.3)."""

from __future__ import annotations

from typing import Final

from orderdock.accounts import assign
from orderdock.accounts.model import Scope
from orderdock.errors import Fault
from orderdock.kinds import EXTRA, Unreadable, from_json, shortest, to_json
from orderdock.orders.decide.lines import sums_of, value_line
from orderdock.orders.decide.mandatory import missing_order
from orderdock.orders.decide.payments import book, pay_statement
from orderdock.orders.model import OrderDelete, OrderWrite, Verdict
from orderdock.people import decide as people
from orderdock.world import Event, Record, World

_NOT_COPIED: Final = frozenset({"id", "total_paid"})
_UNTOLD: Final = frozenset(
    {"id", "revision", "modified_at", "received_at", "contact_phone_key", "contact_email_key", "total_given"}
)


_REFERENCE: Final = frozenset({"id"})


def _without(record: Record, names: frozenset[str]) -> Record:
    """A copy that lacks some columns."""
    copy = record.copy()
    for name in names:
        copy.pop(name, None)
    return copy


class _Draft:
    """One item while it is judged: its command, and what was found wrong or odd."""

    __slots__ = ("command", "faults", "lines", "scope", "warnings", "world")

    def __init__(self, world: World, scope: Scope, command: OrderWrite) -> None:
        self.world = world
        self.scope = scope
        self.command = command
        self.faults = [*command.faults, *(missing_order(command, scope) if scope.mandatory else ())]
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


def write(world: World, scope: Scope, command: OrderWrite) -> Verdict:
    """Judge one push or update and lay its records over the world. The caller drops the layer of a failed verdict."""
    draft = _Draft(world, scope, command)
    order, enquiry = _target(draft)
    if order is not None:
        return _update(draft, order)
    if enquiry is None and command.operation == "order.update":
        return draft.verdict("failed")
    return _create(draft, enquiry)


def _target(draft: _Draft) -> tuple[Record | None, Record | None]:
    """(the order to change or None, the enquiry to create in or None); adds the fault when an update has no target."""
    world, command = draft.world, draft.command
    if "id" in command.order:
        order = world.order(command.order["id"])
        if order is None:
            draft.fault("OrderNotFound", "order.id", "no such order")
        elif command.enquiry_id is not None and command.enquiry_id != order["enquiry_id"]:
            draft.warn("EnquiryMismatch", "enquiry.id", "the order belongs to another enquiry and stays there")
        return order, None
    if command.enquiry_id is not None:
        return _target_in_enquiry(draft, command.enquiry_id)
    known = world.erp.get(command.order.get("erp_order_id", ""))
    if known is not None:
        return world.orders[known], None
    if command.operation == "order.update":
        _refuse_without_target(draft)
    return None, None


def _refuse_without_target(draft: _Draft) -> None:
    """Contract 2.3 rule 4: an update that names no order is either a creation that the key may not do, or nothing."""
    given = draft.command.customer
    contact = "phone" in given or "email" in given
    if "id" in given or (contact and ("name" in given or "code" in given)):
        draft.fault("OperationNotAllowed", "", "creating an order needs order.push")
    else:
        draft.fault("ReqFieldMissing", "order.id", "order_id or enquiry_id is needed")


def _target_in_enquiry(draft: _Draft, number: int) -> tuple[Record | None, Record | None]:
    world, erp = draft.world, draft.command.order.get("erp_order_id")
    enquiry = world.enquiries.get(number)
    if enquiry is None:
        draft.fault("EnquiryNotFound", "enquiry.id", "no such enquiry")
        return None, None
    known = world.erp.get(erp) if erp else None
    if known is not None:
        if world.orders[known]["enquiry_id"] == number:
            return world.orders[known], None
        draft.fault("EnquiryMismatch", "enquiry.id", "the order of this erp_order_id belongs to another enquiry")
        return None, None
    orders = world.enquiry_orders.get(number, ())
    if len(orders) > 1:
        draft.fault("AmbiguousOrder", "enquiry.id", "the enquiry has several orders", ",".join(map(str, orders)))
        return None, None
    if orders and (erp is None or "erp_order_id" not in world.orders[orders[0]]):
        return world.orders[orders[0]], None
    return None, enquiry


def _given_columns(draft: _Draft, stored: Record) -> Record:
    """The order's columns that the command gives, with open objects merged into what is stored."""
    command = draft.command
    given = _without(command.order, _NOT_COPIED)
    for column, members in (("additional", command.extra), ("associate", command.associate)):
        if not members:
            continue
        try:
            text = EXTRA.merge(stored.get(column), members)
        except Unreadable as error:
            draft.fault(error.code, f"order.{column}", error.message)
            continue
        if column not in stored or from_json(text) != from_json(stored[column]):
            given[column] = text
    if "approved_by" in given:
        found = assign.people_named(draft.world, from_json(given["approved_by"]), draft.warnings, "order.approved_by")
        if found:
            given["approved_by"] = to_json([str(number) for number in found])
        else:
            del given["approved_by"]
    return given


def _check_total(draft: _Draft, order: Record) -> None:
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


def _total(draft: _Draft, order: Record, changes: Record, lines: tuple[Record, ...]) -> None:
    """What grand_total becomes (contract 1.7 rule 6); `changes` is added to."""
    given = "grand_total" in draft.command.order
    total_given = 1 if given or order.get("total_given") else 0
    changes["total_given"] = total_given
    if not total_given and lines:
        changes["grand_total"] = {**order, **changes}["product_value"]
    if lines and (given or draft.lines is not None):
        _check_total(draft, {**order, **changes})


def _assign(draft: _Draft, order: Record | None) -> assign.Assignment:
    """Whom the item assigns the order to; nobody: as it is."""
    world, scope, command = draft.world, draft.scope, draft.command
    if command.assignee:
        chosen = assign.named(world, scope, command.assignee, draft.faults, draft.warnings)
        if chosen.employee_id:
            return chosen
    if order is not None and "assigned_to" in order:
        return assign.NOBODY
    if command.group is not None:
        return assign.next_in_turn(world, command.group, draft.warnings)
    default = scope.settings["default_assignee"]
    if order is None and default and not command.assignee:
        return assign.Assignment(default, "default of the key")
    return assign.NOBODY


def _create(draft: _Draft, enquiry: Record | None) -> Verdict:
    world, scope, given = draft.world, draft.scope, draft.command.customer
    if enquiry is not None:
        customer_id = enquiry["customer_id"]
        same = people.check_same(world, given, customer_id, draft.warnings)
    else:
        same = True
        customer_id = people.find(world, given, draft.faults, draft.warnings)
    order: Record = {"product_quantity": 0, "product_value": 0, "gross_value": 0, "discount": 0, "total_paid": 0}
    order.update(_given_columns(draft, {}))
    lines = draft.lines or ()
    if lines:
        order.update(sums_of(lines, draft.faults))
    _total(draft, {}, order, lines)
    chosen = _assign(draft, None)
    if draft.faults:
        return draft.verdict("failed")
    if same:
        customer_id = _customer_for(draft, customer_id)
    brought = enquiry is None
    enquiry = _enquiry_for(draft, customer_id, chosen) if enquiry is None else _share_assignee(draft, enquiry, chosen)
    if "assigned_to" in enquiry:
        chosen = chosen if chosen.employee_id else assign.Assignment(enquiry["assigned_to"], enquiry["assigned_reason"])
        order.update(assigned_to=chosen.employee_id, assigned_reason=chosen.reason)
    order.setdefault("status", scope.account["default_status"])
    order.setdefault("create_date", world.now)
    number = world.take_id("order")
    order.update(
        id=number,
        customer_id=customer_id,
        enquiry_id=enquiry["id"],
        revision=1,
        received_at=world.now,
        modified_at=world.now,
    )
    if scope.owner:
        order["creator_id"] = scope.owner
    _store_new(draft, order, lines, enquiry, brought)
    return draft.verdict("created", order)


def _customer_for(draft: _Draft, customer_id: int) -> int:
    """The customer of a new order: the one found, its blanks filled in, or a new one."""
    given = _without(draft.command.customer, _REFERENCE)
    if not customer_id:
        return people.create(draft.world, given, draft.scope.owner)
    how = draft.scope.settings["customer_update"]
    people.change(draft.world, customer_id, people.wanted_changes(draft.world, customer_id, given, how))
    return customer_id


def _share_assignee(draft: _Draft, enquiry: Record, chosen: assign.Assignment) -> Record:
    """An enquiry that nobody looks after takes the assignee of an order that is made in it."""
    if not chosen.employee_id or "assigned_to" in enquiry:
        return enquiry
    return people.change_enquiry(
        draft.world, enquiry, {"assigned_to": chosen.employee_id, "assigned_reason": chosen.reason}
    )


def _enquiry_for(draft: _Draft, customer_id: int, chosen: assign.Assignment) -> Record:
    values: Record = {"status": draft.scope.account["default_enquiry_status"]}
    if chosen.employee_id:
        values.update(assigned_to=chosen.employee_id, assigned_reason=chosen.reason)
    if draft.scope.owner:
        values["creator_id"] = draft.scope.owner
    return draft.world.enquiries[people.create_enquiry(draft.world, customer_id, values)]


def _store_new(draft: _Draft, order: Record, lines: tuple[Record, ...], enquiry: Record, brought: bool) -> None:
    world, number = draft.world, order["id"]
    after = _without(order, _UNTOLD)
    if lines:
        after["lines"] = lines
    if brought:
        after["enquiry"] = {name: enquiry[name] for name in ("status", "assigned_to") if name in enquiry}
    world.put(world.orders, number, order)
    world.put(world.lines, number, lines)
    world.put(world.enquiry_orders, enquiry["id"], (*world.enquiry_orders.get(enquiry["id"], ()), number))
    if "erp_order_id" in order:
        world.put(world.erp, order["erp_order_id"], number)
    world.events.append(Event("order.created", number, order["customer_id"], enquiry["id"], {"after": after}))
    statement = draft.command.order.get("total_paid", 0)
    if statement > 0:
        book(world, order, pay_statement(draft.command.order, statement))


def _update(draft: _Draft, order: Record) -> Verdict:
    world, number = draft.world, order["id"]
    changes = {name: value for name, value in _given_columns(draft, order).items() if order.get(name) != value}
    _check_erp(draft, order, changes)
    lines = world.lines.get(number, ())
    if draft.lines is not None and draft.lines != lines:
        lines = draft.lines
        changes.update(sums_of(lines, draft.faults))
    if draft.lines is not None or "grand_total" in draft.command.order:
        _total(draft, order, changes, lines)
    chosen = _assign(draft, order)
    if chosen.employee_id and chosen.employee_id != order.get("assigned_to"):
        changes.update(assigned_to=chosen.employee_id, assigned_reason=chosen.reason)
    same = people.check_same(world, draft.command.customer, order["customer_id"], draft.warnings)
    if draft.faults:
        return draft.verdict("failed")
    told = len(world.events)
    if same and order["customer_id"] in world.customers:
        _customer_for(draft, order["customer_id"])
    changes = {name: value for name, value in changes.items() if order.get(name) != value}
    if changes or lines is not world.lines.get(number, ()):
        order = _store_changed(draft, order, changes, lines)
    _state_paid(draft, order)
    return draft.verdict("updated" if len(world.events) > told else "unchanged", order)


def _check_erp(draft: _Draft, order: Record, changes: Record) -> None:
    """An order may get a number that no other order has (contract 2.3 rule 3)."""
    taken = draft.world.erp.get(changes.get("erp_order_id", ""))
    if taken is not None and taken != order["id"]:
        draft.fault("ErpOrderIdTaken", "order.erp_order_id", "another order has this number", str(taken))


def _state_paid(draft: _Draft, order: Record) -> None:
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


def _store_changed(draft: _Draft, order: Record, changes: Record, lines: tuple[Record, ...]) -> Record:
    world, number = draft.world, order["id"]
    after = {**order, **changes, "revision": order["revision"] + 1, "modified_at": world.now}
    old_lines = world.lines.get(number, ())
    told = [name for name in changes if name not in _UNTOLD]
    shown = {"before": {name: order.get(name) for name in told}, "after": {name: changes[name] for name in told}}
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


def delete(world: World, command: OrderDelete) -> Verdict:
    """Delete an order: it is found no more, and its erp_order_id is free (contract 2.2 P23)."""
    order = world.order(command.order_id)
    if order is None:
        return Verdict("failed", command, [Fault("OrderNotFound", "order.id", "no such order")], [])
    gone = {**order, "deleted_at": world.now, "modified_at": world.now, "revision": order["revision"] + 1}
    world.put(world.orders, order["id"], gone)
    if "erp_order_id" in order:
        world.put(world.erp, order["erp_order_id"], None)
    others = tuple(one for one in world.enquiry_orders.get(order["enquiry_id"], ()) if one != order["id"])
    world.put(world.enquiry_orders, order["enquiry_id"], others)
    told = {"before": {"erp_order_id": order.get("erp_order_id")}}
    world.events.append(Event("order.deleted", order["id"], order["customer_id"], order["enquiry_id"], told))
    return Verdict("updated", command, [], [], order["id"], order["customer_id"], order["enquiry_id"])
