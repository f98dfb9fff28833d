"""Push and update: which order is meant, what it becomes, and what that brings about (contract 2.2, 2.3)."""

from __future__ import annotations

from typing import Final

from orderdock.accounts import assign
from orderdock.accounts.model import Scope
from orderdock.errors import Fault
from orderdock.orders.decide.draft import (
    Draft,
    begin,
    keep_changed,
    place,
    share_assignee,
    state_paid,
    wanted,
    without,
)
from orderdock.orders.decide.mandatory import missing_order
from orderdock.orders.model import OrderDelete, OrderWrite, Verdict
from orderdock.people import decide as people
from orderdock.world import Event, Record, World

_REFERENCE: Final = frozenset({"id"})


def write(world: World, scope: Scope, command: OrderWrite) -> Verdict:
    """Judge one push or update and lay its records over the world. The caller drops the layer of a failed verdict."""
    draft = Draft(world, scope, command, missing_order(command, scope) if scope.mandatory else ())
    order, enquiry = _target(draft)
    if order is not None:
        return _update(draft, order)
    if enquiry is None and command.operation == "order.update":
        return draft.verdict("failed")
    return _create(draft, enquiry)


def _target(draft: Draft) -> tuple[Record | None, Record | None]:
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


def _refuse_without_target(draft: Draft) -> None:
    """Contract 2.3 rule 4: an update that names no order is either a creation that the key may not do, or nothing."""
    given = draft.command.customer
    contact = "phone" in given or "email" in given
    if "id" in given or (contact and ("name" in given or "code" in given)):
        draft.fault("OperationNotAllowed", "", "creating an order needs order.push")
    else:
        draft.fault("ReqFieldMissing", "order.id", "order_id or enquiry_id is needed")


def _target_in_enquiry(draft: Draft, number: int) -> tuple[Record | None, Record | None]:
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


def _assign(draft: Draft, order: Record | None) -> assign.Assignment:
    """Whom the item assigns the order to; nobody: as it is."""
    asked = draft.command.assignee, draft.command.group
    return assign.looked_after(draft.world, draft.scope, asked, order, draft.faults, draft.warnings)


def _create(draft: Draft, enquiry: Record | None) -> Verdict:
    world, given = draft.world, draft.command.customer
    if enquiry is not None:
        customer_id = enquiry["customer_id"]
        same = people.check_same(world, given, customer_id, draft.warnings)
    else:
        same = True
        needed = Fault("ReqFieldMissing", "customer.id", "customer_id, phone or email_id is needed")
        customer_id = people.find(world, given, needed, draft.faults, draft.warnings)
    order = begin(draft)
    chosen = _assign(draft, None)
    if draft.faults:
        return draft.verdict("failed")
    if same:
        customer_id = _customer_for(draft, customer_id)
    brought = enquiry is None
    enquiry = _enquiry_for(draft, customer_id, chosen) if enquiry is None else share_assignee(draft, enquiry, chosen)
    if "assigned_to" in enquiry:
        chosen = chosen if chosen.employee_id else assign.Assignment(enquiry["assigned_to"], enquiry["assigned_reason"])
        order.update(assigned_to=chosen.employee_id, assigned_reason=chosen.reason)
    place(draft, order, customer_id, enquiry, brought)
    return draft.verdict("created", order)


def _customer_for(draft: Draft, customer_id: int) -> int:
    """The customer of a new order: the one found, its blanks filled in, or a new one."""
    given = without(draft.command.customer, _REFERENCE)
    if not customer_id:
        return people.create(draft.world, given, draft.scope.owner)
    how = draft.scope.settings["customer_update"]
    people.change(draft.world, customer_id, people.wanted_changes(draft.world, customer_id, given, how))
    return customer_id


def _enquiry_for(draft: Draft, customer_id: int, chosen: assign.Assignment) -> Record:
    values: Record = {"status": draft.scope.account["default_enquiry_status"]}
    if chosen.employee_id:
        values.update(assigned_to=chosen.employee_id, assigned_reason=chosen.reason)
    if draft.scope.owner:
        values["creator_id"] = draft.scope.owner
    return draft.world.enquiries[people.create_enquiry(draft.world, customer_id, values)]


def _update(draft: Draft, order: Record) -> Verdict:
    world = draft.world
    if people.is_stale(order, draft.command.order):
        return draft.verdict("stale", order)
    changes, lines = wanted(draft, order)
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
    keep_changed(draft, order, changes, lines)
    state_paid(draft, order)
    return draft.verdict("updated" if len(world.events) > told else "unchanged", order)


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
