"""The rules for finding, making and filling in customers, contacts and enquiries (contract 1.8). Pure."""

from __future__ import annotations

from typing import Any, Final, Literal, NamedTuple

from orderdock.errors import Fault
from orderdock.people.model import IDENTITY_COLUMNS
from orderdock.world import Event, Record, World

_FOLLOWED: Final = ("name", "phone", "email", "phone_key", "email_key")
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


def search(world: World, given: Record) -> Search:
    """Whom the identifiers mean: number, code, phone, e-mail; the first that hits wins, the others are told."""
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
        if not found:
            found = next((one for one in hits_by_age if not _codes_differ(given, world.customers[one])), 0)
        others += [one for one in hits_by_age if one != found]
    return Search(found, tuple(dict.fromkeys(others)))


def _has(world: World, customer_id: int, column: str, given: Record) -> bool:
    """Whether a customer's own record has the identity: it may be shared by more customers than were loaded."""
    return bool(customer_id) and world.customers.get(customer_id, {}).get(column) == given[column]


def has_identity(given: Record, faults: list[Fault]) -> bool:
    """Whether contact details, or a reference to a customer, were given (unreadable ones are told anyway)."""
    if any(name in given for name in ("id", "code", "phone", "email")):
        return True
    return any(fault.field in ("customer.id", "customer.code", "customer.phone", "customer.email") for fault in faults)


def find(world: World, given: Record, faults: list[Fault], warnings: list[Fault]) -> int:
    """The customer of a new order, 0 when one has to be made. Adds ReqFieldMissing, CustomerNotFound and warnings."""
    if not has_identity(given, faults):
        faults.append(Fault("ReqFieldMissing", "customer.id", "customer_id, phone or email_id is needed"))
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
    if found.others:
        others = ",".join(map(str, found.others))
        warnings.append(Fault("CustomerAmbiguous", _named(given), "other customers have these details too", others))
    return found.customer_id


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
    contact: Record = {name: customer[name] for name in _FOLLOWED if name in customer}
    shown = {name: value for name, value in contact.items() if not name.endswith("_key")}
    contact.update(id=contact_id, customer_id=number, own=0, created_at=now, modified_at=now)
    world.put(world.customers, number, customer)
    world.put(world.contacts, contact_id, contact)
    _identify(world, number, {}, customer)
    after = {name: value for name, value in customer.items() if name not in _BOOKKEEPING}
    after["contact"] = {"id": contact_id, **shown}
    world.events.append(Event("customer.created", None, number, None, {"after": after}))
    return number


def _identify(world: World, number: int, before: Record, after: Record) -> None:
    """Keep the identities of a customer in step with its record."""
    for kind, column in IDENTITY_COLUMNS:
        old, new = before.get(column), after.get(column)
        if old == new:
            continue
        for value, keep in ((old, False), (new, True)):
            if value is not None:
                rest = tuple(one for one in world.identities.get((kind, value), ()) if one != number)
                world.put(world.identities, (kind, value), (*rest, number) if keep else rest)


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
    world.put(world.customers, number, after)
    _identify(world, number, before, after)
    told = [name for name in changes if name not in _BOOKKEEPING]
    world.events.append(
        Event(
            "customer.updated", None, number, None,
            {"before": {name: before.get(name) for name in told}, "after": {name: after.get(name) for name in told}},
        )
    )  # fmt: skip
    if "main_contact_id" in after and any(name in changes for name in _FOLLOWED):
        followed = {name: after[name] for name in _FOLLOWED if name in after}
        world.put(
            world.followers,
            after["main_contact_id"],
            {"id": after["main_contact_id"], "modified_at": world.now, **followed},
        )


def create_enquiry(world: World, customer_id: int, values: Record) -> int:
    """Make an enquiry that an order brings with it; the order's event tells of it. Answers its number."""
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
    return number


def change_enquiry(world: World, enquiry: Record, changes: Record) -> Record:
    """Change an enquiry, with its event; answers the changed record."""
    after = {**enquiry, **changes, "revision": enquiry["revision"] + 1, "modified_at": world.now}
    world.put(world.enquiries, enquiry["id"], after)
    shown = {"before": {name: enquiry.get(name) for name in changes}, "after": changes}
    world.events.append(Event("enquiry.updated", None, enquiry["customer_id"], enquiry["id"], shown))
    return after
