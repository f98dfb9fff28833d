"""Contacts of a customer: which one is meant, making and changing it (contract 1.8, 2.8 rule 2)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from orderdock.errors import Fault
from orderdock.orders.model import ContactWrite
from orderdock.people.decide.records import differences, merge_bags, told, without_cleared
from orderdock.people.model import CONTACT_IDENTITIES, IDENTITY_COLUMNS
from orderdock.world import Event, Record, World

_UNTOLD: Final = frozenset(
    {"id", "customer_id", "created_at", "modified_at", "own", "phone_key", "phone2_key", "email_key"}
)
FOLLOWED: Final = ("name", "phone", "email", "phone_key", "email_key")
Identity = tuple[str, str]


def contacts_of(world: World, customer_id: int) -> list[Record]:
    """The contacts of a customer as far as they were loaded: the main one first, then the oldest."""
    main = world.customers.get(customer_id, {}).get("main_contact_id", 0)
    numbers = {main, *world.contacts_of.get(customer_id, ())}
    found = [world.contacts[number] for number in numbers if number in world.contacts]
    return sorted(found, key=lambda one: (one["id"] != main, one["created_at"], one["id"]))


def identified_by(world: World, customer_id: int) -> set[Identity]:
    """What a customer is found by: its own code, phone and e-mail, and those of its loaded contacts."""
    own = identities(world.customers.get(customer_id, {}), IDENTITY_COLUMNS)
    return own.union(*(identities(one, CONTACT_IDENTITIES) for one in contacts_of(world, customer_id)))


def identities(record: Record, columns: Iterable[tuple[str, str]]) -> set[Identity]:
    """(kind, folded value) of everything that a record is found by."""
    return {(kind, record[column]) for kind, column in columns if column in record}


def move_identities(world: World, customer_id: int, before: set[Identity], after: set[Identity]) -> None:
    """Keep a customer's identities in step with a record of it that was changed."""
    gone = before - after
    if gone:
        gone -= identified_by(world, customer_id)
    for key in gone:
        world.put(world.identities, key, tuple(one for one in world.identities.get(key, ()) if one != customer_id))
    for key in after - before:
        hits = world.identities.get(key, ())
        if customer_id not in hits:
            world.put(world.identities, key, (*hits, customer_id))


def _match(world: World, customer_id: int, contact: ContactWrite) -> Record | None:
    """The customer's contact that an entry means: by phone, else by e-mail; with `both`, by all that was given."""
    given = [(column, contact.values[column]) for column in ("phone_key", "email_key") if column in contact.values]
    known = contacts_of(world, customer_id)
    if contact.both:
        hits = [one for one in known if given and all(one.get(column) == value for column, value in given)]
        return hits[0] if hits else None
    for column, value in given:
        for one in known:
            if one.get(column) == value:
                return one
    return None


def _named(world: World, customer_id: int, contact: ContactWrite, faults: list[Fault]) -> Record | None:
    """The contact whose number is given. Adds ContactNotFound, ContactMismatch; customer 0: nobody knows."""
    found = world.contacts.get(contact.values["id"])
    if found is None:
        faults.append(Fault("ContactNotFound", "contact.id", "no such contact", "", contact.at))
    elif customer_id and world.merged.get(found["customer_id"], found["customer_id"]) != customer_id:
        faults.append(Fault("ContactMismatch", "contact.id", "the contact of another customer", "", contact.at))
    else:
        return found
    return None


def keep_contact(
    world: World,
    customer_id: int,
    contact: ContactWrite,
    cleared: tuple[set[str], set[tuple[str, str]]],
    faults: list[Fault],
    *,
    fresh: bool,
    repeated: bool,
) -> int:
    """Match, change or make one contact; answers its number, 0 when there is none.

    `fresh`: the customer was made by this request, so what is said of its main contact is new. `repeated`: an entry by
    which nobody can be found is not made a second time.
    """
    if "id" in contact.values:
        found = _named(world, customer_id, contact, faults)
        if found is None:
            return 0
    else:
        found = _match(world, customer_id, contact) if customer_id else None
    if not customer_id:
        return 0
    if found is None:
        if repeated and not identities(contact.values, CONTACT_IDENTITIES):
            return 0
        return _create(world, customer_id, contact, faults, fresh)
    if contact.update or (fresh and not found["own"]):
        _change(world, customer_id, found, contact, cleared, faults, fresh)
    return int(found["id"])


def _with_name(values: Record, stored: Record) -> Record:
    """A contact without a name of its own is named by first and last name."""
    whole = {**stored, **values}
    parts = [whole[part] for part in ("first_name", "last_name") if part in whole]
    old = " ".join(stored[part] for part in ("first_name", "last_name") if part in stored)
    if "name" in values or not parts or stored.get("name", old) != old:
        return values
    return {**values, "name": " ".join(parts)}


def _create(world: World, customer_id: int, contact: ContactWrite, faults: list[Fault], fresh: bool) -> int:
    number = world.take_id("contact")
    bags = merge_bags("contact", {}, {"additional": contact.extra}, faults, contact.at)
    values = _with_name({**contact.values, **bags}, {})
    record = {**values, "id": number, "customer_id": customer_id, "own": 1,
              "created_at": world.now, "modified_at": world.now}  # fmt: skip
    world.put(world.contacts, number, record)
    world.put(world.contacts_of, customer_id, (*world.contacts_of.get(customer_id, ()), number))
    move_identities(world, customer_id, set(), identities(record, CONTACT_IDENTITIES))
    if fresh:
        _tell_with_customer(world, customer_id, record)
    else:
        _tell(world, customer_id, number, {}, {name: value for name, value in record.items() if name not in _UNTOLD})
    return number


def _change(
    world: World,
    customer_id: int,
    stored: Record,
    contact: ContactWrite,
    cleared: tuple[set[str], set[tuple[str, str]]],
    faults: list[Fault],
    fresh: bool,
) -> None:
    base = without_cleared(stored, *cleared)
    bags = merge_bags("contact", base, {"additional": contact.extra}, faults, contact.at)
    after = {**base, **_with_name(contact.values, base), **bags}
    for column in ("phone", "phone2", "email"):
        if column in contact.values and f"{column}_key" not in contact.values:
            after.pop(f"{column}_key", None)
    changes = differences(stored, after)
    if not changes:
        return
    own = 1 if any(name in changes for name in FOLLOWED) else stored["own"]
    after.update(own=own, modified_at=world.now)
    world.put(world.contacts, stored["id"], after)
    old, new = identities(stored, CONTACT_IDENTITIES), identities(after, CONTACT_IDENTITIES)
    move_identities(world, customer_id, old, new)
    if fresh:
        _tell_with_customer(world, customer_id, after)
        return
    shown = told(stored, after, [name for name in changes if name not in _UNTOLD])
    was, is_now = ({name: value for name, value in part.items() if value is not None} for part in shown.values())
    _tell(world, customer_id, stored["id"], was, is_now)


def _tell(world: World, customer_id: int, number: int, before: Record, after: Record) -> None:
    """A contact's change is told as its customer's: the contact's number stands in what it is now."""
    changes = {"before": {"contact": before}, "after": {"contact": {"id": number, **after}}}
    world.events.append(Event("customer.updated", None, customer_id, None, changes))


def _tell_with_customer(world: World, customer_id: int, contact: Record) -> None:
    """What a new customer brings is told by the event of that one (contract 2.18.3)."""
    at = next(at for at in reversed(range(len(world.events))) if _makes(world.events[at], customer_id))
    made: Record = world.events[at].changes["after"]
    number = contact["id"]
    shown = {"id": number, **{name: value for name, value in contact.items() if name not in _UNTOLD}}
    others = {one["id"]: one for one in made.get("contacts", ())}
    is_main = made["contact"]["id"] == number
    part = {"contact": shown} if is_main else {"contacts": list({**others, number: shown}.values())}
    world.events[at] = world.events[at]._replace(changes={"after": {**made, **part}})


def _makes(event: Event, customer_id: int) -> bool:
    return event.kind == "customer.created" and event.customer_id == customer_id
