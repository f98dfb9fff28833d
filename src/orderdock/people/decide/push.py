"""A customer is created or changed by itself (contract 2.10). Pure."""

from __future__ import annotations

from orderdock.accounts import assign
from orderdock.accounts.model import Scope
from orderdock.errors import Fault
from orderdock.orders.model import Outcome, Verdict
from orderdock.people.decide.customers import change, create, given_changes, search, warn_of_others
from orderdock.people.decide.missing import missing
from orderdock.people.decide.records import is_stale, merge_bags
from orderdock.people.model import CustomerWrite
from orderdock.world import Record, World


def push(world: World, scope: Scope, command: CustomerWrite) -> Verdict:
    """Judge one customer push and lay its records over the world. The caller drops the layer of a failed verdict."""
    given, faults, warnings = command.customer, list(command.faults), list(command.warnings)
    others = {"customer.assigned_to": command.assignee, "customer.additional": command.extra}
    missing(scope, command.operation, {"customer": given}, others, faults)
    number = _find(world, given, faults, warnings)
    if number and not faults and is_stale(world.customers[number], given):
        return Verdict("stale", command, [], warnings, customer_id=number)
    told, fresh = len(world.events), not number
    stored = world.customers.get(number, {})
    bags = merge_bags("customer", stored, {"additional": command.extra}, faults)
    asked = (command.assignee, None)
    chosen = assign.looked_after(world, scope, asked, stored if number else None, faults, warnings, "customer")
    values = {**given, **({"assigned_to": chosen.employee_id} if chosen.employee_id else {}), **bags}
    if number:
        change(world, number, given_changes(world, number, values, stored, faults))
    elif not faults:
        number = create(world, {name: value for name, value in values.items() if name != "id"}, scope.owner)
    if faults:
        return Verdict("failed", command, faults, warnings)
    changed = len(world.events) > told
    outcome: Outcome = "created" if fresh else "updated" if changed else "unchanged"
    return Verdict(outcome, command, [], warnings, customer_id=number)


def _find(world: World, given: Record, faults: list[Fault], warnings: list[Fault]) -> int:
    """The customer that is meant, 0: a new one. Adds ReqFieldMissing unless the customer is named, and warnings."""
    named = world.customer_of(given["id"]) if "id" in given else None
    found = search(world, given)
    if "id" in given and named is None:
        warnings.append(Fault("CustomerIdUnknown", "customer.id", "no such customer; the other details were used"))
    if named is None and not world.identities.get(("code", given.get("code", ""))):
        _ask_for(given, faults)
    warn_of_others(given, found, warnings)
    return found.customer_id


def _ask_for(given: Record, faults: list[Fault]) -> None:
    """Who is not named by number or code needs a name, and a phone or an e-mail; what is told already counts."""
    told = {fault.field for fault in faults}
    if "name" not in given and "customer.name" not in told:
        faults.append(Fault("ReqFieldMissing", "customer.name", "name is needed"))
    if not (given.keys() & {"phone", "email"} or told & {"customer.phone", "customer.email"}):
        faults.append(Fault("ReqFieldMissing", "customer.phone", "phone or email is needed"))
