"""The rules for finding, making and changing customers (contract 1.8, 2.8 rule 1)."""

from __future__ import annotations

from typing import Any, Final, Literal, NamedTuple

from orderdock.errors import Fault
from orderdock.people.decide.contacts import FOLLOWED, identities, move_identities
from orderdock.people.decide.records import GUARDS, differences, told
from orderdock.people.model import CONTACT_IDENTITIES, IDENTITY_COLUMNS
from orderdock.world import Event, Record, World

_BOOKKEEPING: Final = frozenset(
    {"id", "revision", "created_at", "modified_at", "phone_key", "email_key", "main_contact_id", "creator_id"}
)


class Search(NamedTuple):
    """The customer that was meant (0: nobody), and everybody else whom an identifier hit."""

    customer_id: int
    others: tuple[int, ...]


def _by_age(world: World, ids: tuple[int, ...]) -> list[int]:
    return sorted(ids, key=lambda number: (world.customers[number]["created_at"], number))


def _codes_differ(given: Record, customer: Record) -> bool:
    """A family may share a phone: two codes that differ are two customers."""
    return bool(given.get("code") and customer.get("code") and given["code"] != customer["code"])


def search(world: World, given: Record, preferred: int = 0) -> Search:
    """Whom the identifiers mean: number, code, phone, e-mail; the first that hits wins, the others are told.

    Of several customers that one identifier hits the oldest is meant, or the `preferred` one if it is among them.
    """
    found, others = 0, []
    if "id" in given and (customer := world.customer_of(given["id"])) is not None:
        found = customer["id"]
    for kind, column in IDENTITY_COLUMNS:
        if column not in given:
            continue
        hits = world.identities.get((kind, given[column]), ())
        if not hits or found in hits or _has(world, found, column, given):
            continue
        hits_by_age = _by_age(world, hits)
        if not found and is_known_by(world, preferred, kind, given):
            found = preferred
        elif not found:
            found = next((one for one in hits_by_age if not _codes_differ(given, world.customers[one])), 0)
        others += [one for one in hits_by_age if one != found]
    return Search(found, tuple(dict.fromkeys(others)))


def _has(world: World, customer_id: int, column: str, given: Record) -> bool:
    """Whether a customer's own record has the identity: it may be shared by more customers than were loaded."""
    return bool(customer_id) and world.customers.get(customer_id, {}).get(column) == given[column]


def is_known_by(world: World, customer_id: int, kind: str, given: Record) -> bool:
    """Whether a phone, e-mail or code that is given is a customer's, or one of its contacts', already."""
    column = dict(IDENTITY_COLUMNS)[kind]
    if column not in given:
        return False
    hits = world.identities.get((kind, given[column]), ())
    return customer_id in hits or _has(world, customer_id, column, given)


def _has_identity(given: Record, faults: list[Fault]) -> bool:
    """Whether contact details, or a reference to a customer, were given (unreadable ones are told anyway)."""
    if any(name in given for name in ("id", "code", "phone", "email")):
        return True
    return any(fault.field in ("customer.id", "customer.code", "customer.phone", "customer.email") for fault in faults)


def find(world: World, given: Record, needed: Fault, faults: list[Fault], warnings: list[Fault]) -> int:
    """The customer of a new order or enquiry, 0 when one has to be made. Adds CustomerNotFound and warnings.

    `needed` is added when nothing is given that could mean one.
    """
    if not _has_identity(given, faults):
        faults.append(needed)
        return 0
    found = search(world, given)
    if "id" in given and world.customer_of(given["id"]) is None:
        if not found.customer_id and not ("phone" in given or "email" in given):
            faults.append(Fault("CustomerNotFound", "customer.id", "no such customer"))
            return 0
        warnings.append(Fault("CustomerIdUnknown", "customer.id", "no such customer; the other details were used"))
    elif not found.customer_id and "code" in given and not ("phone" in given or "email" in given):
        faults.append(Fault("CustomerNotFound", "customer.code", "no such customer"))
        return 0
    warn_of_others(given, found, warnings)
    return found.customer_id


def warn_of_others(given: Record, found: Search, warnings: list[Fault]) -> None:
    """Warn CustomerAmbiguous of everybody else whom an identifier hit."""
    if found.others:
        others = ",".join(map(str, found.others))
        warnings.append(Fault("CustomerAmbiguous", _named(given), "other customers have these details too", others))


def _named(given: Record) -> str:
    """The field that a remark about the customer is best told at: what the caller gave, contact details first."""
    return "customer." + next((name for name in ("phone", "email", "code", "id") if name in given), "id")


def check_same(world: World, given: Record, customer_id: int, warnings: list[Fault]) -> bool:
    """Whether the identifiers of an update mean the order's own customer, or nobody; else warns CustomerMismatch."""
    named = world.customer_of(given["id"]) if "id" in given else None
    if named is not None and named["id"] != customer_id:
        return _mismatch("customer.id", named["id"], warnings)
    for kind, column in IDENTITY_COLUMNS:
        hits = world.identities.get((kind, given[column]), ()) if column in given else ()
        if hits and customer_id not in hits and not _has(world, customer_id, column, given):
            return _mismatch(f"customer.{kind}", _by_age(world, hits)[0], warnings)
    return True


def _mismatch(field: str, number: int, warnings: list[Fault]) -> bool:
    warnings.append(Fault("CustomerMismatch", field, "this is another customer; the order keeps its own", str(number)))
    return False


def create(world: World, given: Record, creator_id: int) -> int:
    """Make a customer with its main contact (contract 1.8); answers its number."""
    number, contact_id, now = world.take_id("customer"), world.take_id("contact"), world.now
    name = given.get("name") or given.get("phone") or given.get("email")
    customer = {
        **given,
        "id": number,
        "revision": 1,
        "created_at": now,
        "modified_at": now,
        "main_contact_id": contact_id,
    }
    if name is not None:
        customer["name"] = name
    if creator_id:
        customer["creator_id"] = creator_id
    contact: Record = {name: customer[name] for name in FOLLOWED if name in customer}
    shown = {name: value for name, value in contact.items() if not name.endswith("_key")}
    contact.update(id=contact_id, customer_id=number, own=0, created_at=now, modified_at=now)
    world.put(world.customers, number, customer)
    world.put(world.contacts, contact_id, contact)
    for kind, column in IDENTITY_COLUMNS:
        if column in customer:
            key = (kind, customer[column])
            world.put(world.identities, key, (*world.identities.get(key, ()), number))
    after = {name: value for name, value in customer.items() if name not in _BOOKKEEPING}
    after["contact"] = {"id": contact_id, **shown}
    world.events.append(Event("customer.created", None, number, None, {"after": after}))
    return number


def _taken(world: World, number: int, column: str, given: Record) -> bool:
    """Whether a phone, e-mail or code belongs to somebody else."""
    for kind, key in IDENTITY_COLUMNS:
        if column == kind and key in given:
            return any(one != number for one in world.identities.get((kind, given[key]), ()))
    return False


def wanted_changes(world: World, number: int, given: Record, how: Literal["fill", "overwrite", "never"]) -> Record:
    """What an order write may change in its customer's record: blanks only, unless the key says otherwise."""
    customer = world.customers[number]
    changes: dict[str, Any] = {}
    if how == "never":
        return changes
    for column, value in given.items():
        if column in ("id", "phone_key", "email_key") or customer.get(column) == value:
            continue
        if (how == "overwrite" or column not in customer) and not _taken(world, number, column, given):
            changes[column] = value
    for column in ("phone", "email"):
        if column in changes:
            changes[f"{column}_key"] = given.get(f"{column}_key")
    return changes


def change(world: World, number: int, changes: Record) -> None:
    """Change a customer's record; its main contact follows unless it was changed by itself. No changes, no event."""
    if not changes:
        return
    before = world.customers[number]
    after = {name: value for name, value in {**before, **changes}.items() if value is not None}
    after.update(revision=before["revision"] + 1, modified_at=world.now)
    if GUARDS.issuperset(changes):  # kept without a word of it (contract 1.12)
        after.update(revision=before["revision"], modified_at=before["modified_at"])
        world.put(world.customers, number, after)
        return
    world.put(world.customers, number, after)
    move_identities(world, number, identities(before, IDENTITY_COLUMNS), identities(after, IDENTITY_COLUMNS))
    shown = told(before, after, [name for name in changes if name not in _BOOKKEEPING])
    world.events.append(Event("customer.updated", None, number, None, shown))
    if "main_contact_id" in after and any(name in changes for name in FOLLOWED):
        _follow(world, after)


def _follow(world: World, customer: Record) -> None:
    """The main contact takes over its customer's name, phone and e-mail unless it was changed by itself."""
    number = customer["main_contact_id"]
    followed: Record = {name: customer[name] for name in FOLLOWED if name in customer}
    contact = world.contacts.get(number)
    if contact is None:
        world.put(world.followers, number, {"id": number, "modified_at": world.now, **followed})
    elif not contact["own"]:
        kept: Record = {name: value for name, value in contact.items() if name not in FOLLOWED}
        after: Record = {**kept, **followed, "modified_at": world.now}
        world.put(world.contacts, number, after)
        move_identities(
            world, customer["id"], identities(contact, CONTACT_IDENTITIES), identities(after, CONTACT_IDENTITIES)
        )


def given_changes(world: World, number: int, given: Record, base: Record, faults: list[Fault]) -> Record:
    """What a customer's own group changes in its record (contract 2.8 rule 1); None unsets a column.

    `base` is the record without what is to be cleared. Adds CustomerCodeTaken.
    """
    after = {**base, **{name: value for name, value in given.items() if name != "id"}}
    for column in ("phone", "email"):
        if column in given and f"{column}_key" not in given:
            after.pop(f"{column}_key", None)
    changes = differences(world.customers[number], after)
    holders = [one for one in world.identities.get(("code", given.get("code", "")), ()) if one != number]
    if changes.get("code") is not None and holders:
        message = "another customer has this code"
        faults.append(Fault("CustomerCodeTaken", "customer.code", message, str(holders[0])))
    return changes


def find_named(world: World, given: Record, faults: list[Fault], warnings: list[Fault]) -> int:
    """The customer of a new v1 order, 0 when one has to be made (contract 2.8 rule 1). Adds CustomerNotFound."""
    if "id" in given and world.customer_of(given["id"]) is None:
        faults.append(Fault("CustomerNotFound", "customer.id", "no such customer"))
        return 0
    found = search(world, given)
    warn_of_others(given, found, warnings)
    return found.customer_id
