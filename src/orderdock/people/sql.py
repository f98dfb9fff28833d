"""How customers, contacts and enquiries are kept: set-based reads by name and by number, whole rows written.

CROSS JOIN keeps SQLite from reading the tables before the set of names; to PostgreSQL it is any join.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from orderdock.db import (
    JSON_ARRAY,
    Reply,
    Sql,
    Tx,
    as_rows,
    columns_of,
    picked,
    record,
    source,
    store_records,
    store_rows,
)
from orderdock.kinds import fold_words, from_json
from orderdock.people.model import IDENTITY_COLUMNS
from orderdock.tables import contact, customer, customer_identity, enquiry
from orderdock.world import Changed, Record, World

# An identity shared by more customers than this is told by its first ones: never all of a parent.
_MOST_SHARED: Final = 20
# What searches compare case-folded; of the words, those forms are kept that folding changes.
FOLDED: Final = frozenset({"country", "city", "state", "zone", "primary_source", "secondary_source", "tertiary_source"})
_CUSTOMER: Final = columns_of(customer)
_ENQUIRY: Final = columns_of(enquiry)

# With each identity its first customer comes along: mostly there is no other, and nothing more to be asked.
IDENTITIES: Final = Sql(
    f"""SELECT names.kind, names.value, (SELECT {{array}}(hit.customer_id) FROM (
            SELECT i.customer_id FROM customer_identity i
            WHERE i.cm_id = :cm_id AND i.kind = names.kind AND i.value = names.value
            ORDER BY i.customer_id LIMIT {_MOST_SHARED}) AS hit) AS hits, {picked("c", customer)}
        FROM {{names}} LEFT JOIN customer c ON c.cm_id = :cm_id AND c.id = (
            SELECT MIN(f.customer_id) FROM customer_identity f
            WHERE f.cm_id = :cm_id AND f.kind = names.kind AND f.value = names.value)""",
    names=source("names", kind="text", value="text"),
    array=JSON_ARRAY,
)
CUSTOMERS: Final = Sql(
    f"""SELECT names.id, {picked("c", customer)} FROM {{names}}
        CROSS JOIN customer k CROSS JOIN customer c
        WHERE k.cm_id = :cm_id AND k.id = names.id AND c.cm_id = :cm_id AND c.id = COALESCE(k.merged_into, k.id)""",
    names=source("names", id="bigint"),
)
ENQUIRIES: Final = Sql(
    f"SELECT {picked('e', enquiry)} FROM {{names}} CROSS JOIN enquiry e WHERE e.cm_id = :cm_id AND e.id = names.id",
    names=source("names", id="bigint"),
)
# For queries of orders (alias `o`), which have the customer as `c` and the enquiry as `e`.
CUSTOMER_OF_ORDER: Final = (
    "LEFT JOIN customer c ON c.cm_id = :cm_id AND c.id = COALESCE("
    "(SELECT k.merged_into FROM customer k WHERE k.cm_id = :cm_id AND k.id = o.customer_id), o.customer_id)"
)
ENQUIRY_OF_ORDER: Final = "LEFT JOIN enquiry e ON e.cm_id = :cm_id AND e.id = o.enquiry_id"
OF_CUSTOMERS: Final = "o.customer_id IN (SELECT c.id FROM customer c WHERE c.cm_id = :cm_id AND {which})"
OF_ENQUIRIES: Final = "o.enquiry_id IN (SELECT e.id FROM enquiry e WHERE e.cm_id = :cm_id AND {which})"
OF_IDENTITY: Final = (
    "o.customer_id IN (SELECT i.customer_id FROM customer_identity i"
    " WHERE i.cm_id = :cm_id AND i.kind = '{kind}' AND {which})"
)
DROP_IDENTITIES: Final = Sql(
    """DELETE FROM customer_identity WHERE cm_id = :cm_id AND (kind, value, customer_id) IN (
           SELECT rows.kind, rows.value, rows.customer_id FROM {rows})""",
    rows=source("rows", kind="text", value="text", customer_id="bigint"),
)
FOLLOW: Final = Sql(
    """UPDATE contact SET name = rows.name, phone = rows.phone, phone_key = rows.phone_key, email = rows.email,
           email_key = rows.email_key, modified_at = rows.modified_at
       FROM {rows} WHERE contact.cm_id = :cm_id AND contact.id = rows.id AND contact.own = 0""",
    rows=source(
        "rows",
        id="bigint",
        name="text",
        phone="text",
        phone_key="text",
        email="text",
        email_key="text",
        modified_at="bigint",
    ),
)


def ask_identities(tx: Tx, cm_id: int, names: Iterable[tuple[str, str]]) -> Reply:
    """Which customers (kind, folded value) pairs belong to."""
    return tx.ask(IDENTITIES, cm_id=cm_id, names=as_rows([{"kind": kind, "value": value} for kind, value in names]))


def take_identities(world: World, reply: Reply) -> set[int]:
    """Note the answer, the first customer of each identity included; answers all the customers that were hit."""
    found: set[int] = set()
    for kind, value, hits, *row in reply.rows():
        if not hits:
            continue
        numbers = from_json(hits) if isinstance(hits, str) else hits
        if numbers:
            world.identities[kind, value] = tuple(numbers)
            found.update(numbers)
            first = record(_CUSTOMER, tuple(row))
            if "merged_into" not in first:
                world.customers[first["id"]] = first
    return found


def ask_customers(tx: Tx, cm_id: int, numbers: Iterable[int]) -> Reply:
    """Customers by number; the merged-away with their survivors."""
    return tx.ask(CUSTOMERS, cm_id=cm_id, names=as_rows([{"id": number} for number in numbers]))


def take_customers(world: World, reply: Reply) -> None:
    """Note the answer."""
    for number, *row in reply.rows():
        found = record(_CUSTOMER, tuple(row))
        world.customers[found["id"]] = found
        if number != found["id"]:
            world.merged[number] = found["id"]


def ask_enquiries(tx: Tx, cm_id: int, numbers: Iterable[int]) -> Reply:
    """Enquiries by number."""
    return tx.ask(ENQUIRIES, cm_id=cm_id, names=as_rows([{"id": number} for number in numbers]))


def take_enquiries(world: World, reply: Reply) -> None:
    """Note the answer."""
    for row in reply.rows():
        found = record(_ENQUIRY, row)
        world.enquiries[found["id"]] = found


def keyed(customer: Record) -> Record:
    """A customer with the forms beside it by which searches compare its name and words."""
    kept = {name: value for name, value in customer.items() if name not in ("name_key", "words_key")}
    if "name" in customer:
        kept["name_key"] = customer["name"].casefold()
    folded = customer.keys() & FOLDED
    if folded and (words := fold_words(customer, sorted(folded))):
        kept["words_key"] = words
    return kept


def store(tx: Tx, cm_id: int, world: World, changed: Changed) -> None:
    """Write what became of customers, identities, contacts and enquiries, each in one statement."""
    before = changed.get(id(world.customers), {})
    store_records(tx, cm_id, customer, {number: keyed(world.customers[number]) for number in before}, before)
    # A contact is made with its customer and never changed after that, but by the one statement for followers.
    store_rows(tx, cm_id, contact, [world.contacts[key] for key in changed.get(id(world.contacts), ())])
    store_records(tx, cm_id, enquiry, world.enquiries, changed.get(id(world.enquiries), {}))
    followers = [world.followers[key] for key in changed.get(id(world.followers), ())]
    if followers:
        tx.ask(FOLLOW, cm_id=cm_id, rows=as_rows(followers))
    gone, new = _moved_identities(world, changed.get(id(world.customers), {}))
    if gone:
        tx.ask(DROP_IDENTITIES, cm_id=cm_id, rows=as_rows(gone))
    store_rows(tx, cm_id, customer_identity, new)


def _moved_identities(world: World, before: dict[int, Record | None]) -> tuple[list[Record], list[Record]]:
    """(identities that are gone, identities that are new) of the customers that changed."""
    gone, new = [], []
    for number, old in before.items():
        customer = world.customers[number]
        for kind, column in IDENTITY_COLUMNS:
            was, now = old.get(column) if old else None, customer.get(column)
            if was == now:
                continue
            if was is not None:
                gone.append({"kind": kind, "value": was, "customer_id": number})
            if now is not None:
                new.append({"kind": kind, "value": now, "customer_id": number})
    return gone, new
