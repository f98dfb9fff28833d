"""Making and changing enquiries (contract 1.8, 2.8 rule 3)."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from orderdock.people.decide.records import told
from orderdock.world import Event, Record, World

_UNTOLD: Final = frozenset({"id", "revision", "modified_at"})
_UNTOLD_OF_NEW: Final = frozenset({*_UNTOLD, "customer_id", "created_at", "creator_id", "assigned_reason"})


def create_enquiry(world: World, customer_id: int, values: Record) -> int:
    """Make an enquiry, without an event: the order or customer that brings it tells of it. Answers its number."""
    number = world.take_id("enquiry")
    enquiry = {
        "id": number,
        "customer_id": customer_id,
        "revision": 1,
        "created_at": world.now,
        "modified_at": world.now,
        **values,
    }
    world.put(world.enquiries, number, enquiry)
    world.put(world.enquiries_of, customer_id, (*world.enquiries_of.get(customer_id, ()), number))
    return number


def told_of(enquiry: Record) -> Record:
    """What an event tells of a new enquiry."""
    return {name: value for name, value in enquiry.items() if name not in _UNTOLD_OF_NEW}


def tell_made(world: World, enquiry: Record, since: int) -> None:
    """Tell of an enquiry that no order brings: by the event of its customer if that was made behind the event `since`,
    else by one of its own (contract 2.18.3).
    """
    number, customer_id = enquiry["id"], enquiry["customer_id"]
    for at, event in enumerate(world.events[since:], since):
        if event.kind == "customer.created" and event.customer_id == customer_id:
            after = {**event.changes["after"], "enquiry": told_of(enquiry)}
            world.events[at] = event._replace(enquiry_id=number, changes={"after": after})
            return
    world.events.append(Event("enquiry.created", None, customer_id, number, {"after": told_of(enquiry)}))


def open_enquiry(world: World, customer_id: int, closed: Collection[str]) -> Record | None:
    """The customer's newest enquiry whose status is none of `closed`, as far as they were loaded (contract 2.13)."""
    numbers = world.enquiries_of.get(customer_id, ())
    found = [one for number in numbers if (one := world.enquiries[number]).get("status") not in closed]
    return max(found, key=lambda one: (one["created_at"], one["id"]), default=None)


def change_enquiry(world: World, enquiry: Record, changes: Record) -> Record:
    """Change an enquiry, with its event; None unsets a column. Answers the record; no changes, no event."""
    if not changes:
        return enquiry
    after = {name: value for name, value in {**enquiry, **changes}.items() if value is not None}
    after.update(revision=enquiry["revision"] + 1, modified_at=world.now)
    world.put(world.enquiries, enquiry["id"], after)
    shown = told(enquiry, changes, [name for name in changes if name not in _UNTOLD])
    world.events.append(Event("enquiry.updated", None, enquiry["customer_id"], enquiry["id"], shown))
    return after
