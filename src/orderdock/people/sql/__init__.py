"""How customers, contacts and enquiries are kept: set-based reads by name and by number, whole rows written.

CROSS JOIN keeps SQLite from reading the tables before the set of names; to PostgreSQL it is any join.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
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
from orderdock.people import query
from orderdock.people.model import CONTACT_IDENTITIES, IDENTITY_COLUMNS
from orderdock.tables import contact, customer, customer_identity, enquiry
from orderdock.world import Changed, Record, World

# An identity shared by more customers than this is told by its first ones: never all of a parent.
_MOST_SHARED: Final = 20
# Whether a customer has an open enquiry is told by so many of its newest; of the open ones so many are looked at.
_MOST_RECENT: Final = 1_000
_MOST_OPEN: Final = 20
# What searches of orders and pulls of customers compare case-folded; those forms are kept that folding changes.
FOLDED: Final = frozenset({"country", "city", "state", *query.FOLDED})
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
# Of a customer's newest enquiries those that are open: never all, a walk-in customer has a million.
OPEN_ENQUIRIES: Final = Sql(
    f"""SELECT names.id, (SELECT {{array}}(hit.id) FROM (
            SELECT recent.id FROM (
                SELECT n.id, n.created_at, n.status FROM enquiry n WHERE n.cm_id = :cm_id AND n.customer_id = names.id
                ORDER BY n.created_at DESC, n.id DESC LIMIT {_MOST_RECENT}) AS recent
            WHERE recent.status IS NULL OR recent.status NOT IN (SELECT closed.status FROM {{closed}})
            ORDER BY recent.created_at DESC, recent.id DESC LIMIT {_MOST_OPEN}) AS hit) AS hits
        FROM {{names}}""",
    names=source("names", id="bigint"),
    closed=source("closed", status="text"),
    array=JSON_ARRAY,
)
# For queries of orders (alias `o`), which have the customer as `c` and the enquiry as `e`.
_CUSTOMER_OF_ORDER: Final = (
    "COALESCE((SELECT k.merged_into FROM customer k WHERE k.cm_id = :cm_id AND k.id = o.customer_id), o.customer_id)"
)
CUSTOMER_OF_ORDER: Final = f"LEFT JOIN customer c ON c.cm_id = :cm_id AND c.id = {_CUSTOMER_OF_ORDER}"
# The same, looked up only for orders of which some condition holds.
CUSTOMER_OF_ORDER_IF: Final = (
    f"LEFT JOIN customer c ON c.cm_id = :cm_id AND c.id = CASE WHEN {{which}} THEN {_CUSTOMER_OF_ORDER} END"
)
ENQUIRY_OF_ORDER: Final = "LEFT JOIN enquiry e ON e.cm_id = :cm_id AND e.id = o.enquiry_id"
OF_CUSTOMERS: Final = "o.customer_id IN (SELECT c.id FROM customer c WHERE c.cm_id = :cm_id AND {which})"
OF_ENQUIRIES: Final = "o.enquiry_id IN (SELECT e.id FROM enquiry e WHERE e.cm_id = :cm_id AND {which})"
_OF_IDENTITY: Final = (
    "SELECT i.customer_id FROM customer_identity i WHERE i.cm_id = :cm_id AND i.kind = '{kind}' AND {which}"
)
OF_IDENTITIES: Final = f"{{customer}} IN ({_OF_IDENTITY})"
# Of one identity the customers are few: known beforehand, they let PostgreSQL enter an index by customer.
OF_IDENTITY: Final = (OF_IDENTITIES, f"{{customer}} = ANY(ARRAY({_OF_IDENTITY}))")
_CONTACT: Final = columns_of(contact)


def _is_of(customer: str) -> str:
    """Whether a contact is of a customer, written so that only the index of the phone or the e-mail can be entered: the
    contacts of a walk-in customer are many.
    """
    return f"c.customer_id + 0 = {customer}"


CONTACTS: Final = Sql(
    f"SELECT {picked('c', contact)} FROM {{names}} CROSS JOIN contact c WHERE c.cm_id = :cm_id AND c.id = names.id",
    names=source("names", id="bigint"),
)
# Of a customer the main contact (a name without phone and e-mail), or those that have a phone or an e-mail: never all.
CONTACTS_OF: Final = Sql(
    f"""SELECT {picked("c", contact)} FROM {{names}} CROSS JOIN customer k CROSS JOIN customer s CROSS JOIN contact c
        WHERE k.cm_id = :cm_id AND k.id = names.customer_id AND s.cm_id = :cm_id
            AND s.id = COALESCE(k.merged_into, k.id) AND c.cm_id = :cm_id AND c.id = s.main_contact_id
            AND names.phone_key IS NULL AND names.email_key IS NULL
        UNION SELECT {picked("c", contact)} FROM {{names}} CROSS JOIN customer k CROSS JOIN contact c
        WHERE k.cm_id = :cm_id AND k.id = names.customer_id AND c.cm_id = :cm_id
            AND {_is_of("COALESCE(k.merged_into, k.id)")} AND c.phone_key = names.phone_key AND c.own = 1
        UNION SELECT {picked("c", contact)} FROM {{names}} CROSS JOIN customer k CROSS JOIN contact c
        WHERE k.cm_id = :cm_id AND k.id = names.customer_id AND c.cm_id = :cm_id
            AND {_is_of("COALESCE(k.merged_into, k.id)")} AND c.phone2_key = names.phone_key AND c.own = 1
        UNION SELECT {picked("c", contact)} FROM {{names}} CROSS JOIN customer k CROSS JOIN contact c
        WHERE k.cm_id = :cm_id AND k.id = names.customer_id AND c.cm_id = :cm_id
            AND {_is_of("COALESCE(k.merged_into, k.id)")} AND c.email_key = names.email_key AND c.own = 1""",
    names=source("names", customer_id="bigint", phone_key="text", email_key="text"),
)
# What another record of the customer has too stays: the customer itself, or one of its contacts.
DROP_IDENTITIES: Final = Sql(
    f"""DELETE FROM customer_identity WHERE cm_id = :cm_id AND (kind, value, customer_id) IN (
           SELECT rows.kind, rows.value, rows.customer_id FROM {{rows}})
       AND (kind = 'code' OR NOT (
           EXISTS (SELECT 1 FROM customer k WHERE k.cm_id = :cm_id AND k.id = customer_identity.customer_id
               AND customer_identity.value IN (k.phone_key, k.email_key))
           OR EXISTS (SELECT 1 FROM customer k CROSS JOIN contact c WHERE k.cm_id = :cm_id
               AND k.id = customer_identity.customer_id AND c.cm_id = :cm_id AND c.id = k.main_contact_id
               AND customer_identity.value IN (c.phone_key, c.phone2_key, c.email_key))
           OR EXISTS (SELECT 1 FROM contact c WHERE c.cm_id = :cm_id AND c.own = 1
               AND {_is_of("customer_identity.customer_id")} AND c.phone_key = customer_identity.value)
           OR EXISTS (SELECT 1 FROM contact c WHERE c.cm_id = :cm_id AND c.own = 1
               AND {_is_of("customer_identity.customer_id")} AND c.phone2_key = customer_identity.value)
           OR EXISTS (SELECT 1 FROM contact c WHERE c.cm_id = :cm_id AND c.own = 1
               AND {_is_of("customer_identity.customer_id")} AND c.email_key = customer_identity.value)))""",
    rows=source("rows", kind="text", value="text", customer_id="bigint"),
)
SOURCES: Final = Sql(
    " UNION ".join(
        f"SELECT c.{name} FROM customer c WHERE c.cm_id = :cm_id AND c.{name} IS NOT NULL"
        for name in ("primary_source", "secondary_source", "tertiary_source")
    )
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


def _take(
    reply: Reply, columns: tuple[str, ...], found: dict[int, Record], of_customer: dict[int, tuple[int, ...]]
) -> None:
    """Note records that belong to customers, by number and by customer."""
    for row in reply.rows():
        one = record(columns, row)
        number, customer_id = one["id"], one["customer_id"]
        found[number] = one
        known = of_customer.get(customer_id, ())
        if number not in known:
            of_customer[customer_id] = (*known, number)


def ask_enquiries(tx: Tx, cm_id: int, numbers: Iterable[int]) -> Reply:
    """Enquiries by number."""
    return tx.ask(ENQUIRIES, cm_id=cm_id, names=as_rows([{"id": number} for number in numbers]))


def take_enquiries(world: World, reply: Reply) -> None:
    """Note the answer."""
    _take(reply, _ENQUIRY, world.enquiries, world.enquiries_of)


def ask_open_enquiries(tx: Tx, cm_id: int, customers: Iterable[int], closed: Iterable[str]) -> Reply:
    """Which of the newest enquiries of customers are open: their status is none of `closed`."""
    return tx.ask(
        OPEN_ENQUIRIES,
        cm_id=cm_id,
        names=as_rows([{"id": number} for number in customers]),
        closed=as_rows([{"status": word} for word in closed]),
    )


def take_open_enquiries(reply: Reply) -> set[int]:
    """The numbers of the enquiries that are open."""
    found: set[int] = set()
    for _, hits in reply.rows():
        found.update((from_json(hits) if isinstance(hits, str) else hits) or ())
    return found


def keyed(customer: Record) -> Record:
    """A customer with the forms beside it by which searches compare its name and words."""
    kept = {name: value for name, value in customer.items() if name not in ("name_key", "words_key")}
    if "name" in customer:
        kept["name_key"] = customer["name"].casefold()
    folded = customer.keys() & FOLDED
    if folded and (words := fold_words(customer, sorted(folded))):
        kept["words_key"] = words
    return kept


def ask_contacts(tx: Tx, cm_id: int, numbers: Iterable[int]) -> Reply:
    """Contacts by number."""
    return tx.ask(CONTACTS, cm_id=cm_id, names=as_rows([{"id": number} for number in numbers]))


def ask_contacts_of(tx: Tx, cm_id: int, wanted: Iterable[tuple[int, str | None, str | None]]) -> Reply:
    """Contacts of customers by (customer, folded phone, folded e-mail); with neither the main one."""
    names = [{"customer_id": number, "phone_key": phone, "email_key": email} for number, phone, email in wanted]
    return tx.ask(CONTACTS_OF, cm_id=cm_id, names=as_rows(names))


def take_contacts(world: World, reply: Reply) -> None:
    """Note the answer."""
    _take(reply, _CONTACT, world.contacts, world.contacts_of)


def sources(tx: Tx, cm_id: int) -> set[str]:
    """Every source that a customer has. Reads all customers."""
    return {row[0] for row in tx.all(SOURCES, cm_id=cm_id)}


def store(tx: Tx, cm_id: int, world: World, changed: Changed) -> None:
    """Write what became of customers, identities, contacts and enquiries, each in one statement."""
    before = changed.get(id(world.customers), {})
    store_records(tx, cm_id, customer, {number: keyed(world.customers[number]) for number in before}, before)
    store_records(tx, cm_id, contact, world.contacts, changed.get(id(world.contacts), {}))
    store_records(tx, cm_id, enquiry, world.enquiries, changed.get(id(world.enquiries), {}))
    followers = [world.followers[key] for key in changed.get(id(world.followers), ())]
    if followers:
        tx.ask(FOLLOW, cm_id=cm_id, rows=as_rows(followers))
    before = changed.get(id(world.contacts), {})
    # The main contact of a new customer has what its customer has.
    moved = {key: old for key, old in before.items() if old is not None or world.contacts[key]["own"]}
    gone, new = _moved_identities(world.customers, changed.get(id(world.customers), {}), IDENTITY_COLUMNS)
    if moved:
        also_gone, also_new = _moved_identities(world.contacts, moved, CONTACT_IDENTITIES)
        gone, new = _once(gone + also_gone), _once(new + also_new)
    if gone:
        tx.ask(DROP_IDENTITIES, cm_id=cm_id, rows=as_rows(gone))
    # A customer that is changed, or gets a contact, may have an identity already.
    is_sure = not moved and all(old is None for old in changed.get(id(world.customers), {}).values())
    store_rows(tx, cm_id, customer_identity, new, ignore=not is_sure)


def _moved_identities(
    kept: Mapping[int, Record], before: Mapping[int, Record | None], columns: Iterable[tuple[str, str]]
) -> tuple[list[Record], list[Record]]:
    """(identities that are gone, identities that are new) of the customers or contacts that changed."""
    gone, new = [], []
    for number, old in before.items():
        record = kept[number]
        owner = record.get("customer_id", number)
        for kind, column in columns:
            was, now = old.get(column) if old else None, record.get(column)
            if was == now:
                continue
            if was is not None:
                gone.append({"kind": kind, "value": was, "customer_id": owner})
            if now is not None:
                new.append({"kind": kind, "value": now, "customer_id": owner})
    return gone, new


def _once(rows: list[Record]) -> list[Record]:
    return list({(row["kind"], row["value"], row["customer_id"]): row for row in rows}.values())
