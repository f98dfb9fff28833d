"""Fills an account by COPY with orders that look as if they had been pushed, each at its own moment."""

import contextlib
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg import sql

from bench import templates
from bench.templates import Connection, Template
from orderdock.tables import metadata

LOADED_FROM = 1_577_836_800_000
"""When the first loaded order was placed: 2020-01-01, in epoch milliseconds."""
SPACING = 6_000
"""Milliseconds from one order to the next, so that ten million of them take not quite two years."""
PAID_EVERY = 10
STRIDE = 7919
"""A prime: neighbouring orders are of customers far apart."""
CHUNK = 20_000
TOLD_EVERY = 1_000_000

Values = dict[str, int]
Copies = Iterable[tuple[Template, Values]]


@dataclass(frozen=True)
class Loaded:
    """Where the loaded orders are."""

    cm_id: int
    first_id: int


def load(url: str, customers: int, orders: int) -> Loaded:
    """Copy so many customers and orders into the account that holds the templates; nobody else may be writing."""
    with psycopg.connect(url, autocommit=True) as connection:
        cm_id, of_customer, *of_order = templates.read(connection)
        seq = newest_event(connection, cm_id) + 1
        first = ids(connection, customer=customers, contact=customers, order=orders, enquiry=orders, payment=orders)
        with without_indexes(connection, {table for one in (of_customer, *of_order) for table in one.texts}):
            seq = copy_all(connection, customer_values(of_customer, first, customers), customers, seq)
            copy_all(connection, order_values(of_order, first, customers, orders), orders, seq)
    return Loaded(cm_id, first["order"])


def newest_event(connection: Connection, cm_id: int) -> int:
    """The number of the account's last event."""
    row = connection.execute("SELECT max(seq) FROM event WHERE cm_id = %s", [cm_id]).fetchone()
    return int(row[0]) if row else 0


def ids(connection: Connection, **wanted: int) -> Values:
    """The first number of a block of each kind, taken as a worker takes its blocks."""
    take = "UPDATE id_block SET next_id = next_id + %s WHERE name = %s RETURNING next_id - %s"
    found = {name: connection.execute(take, [count, name, count]).fetchone() for name, count in wanted.items()}
    return {name: int(row[0]) for name, row in found.items() if row}


def customer_values(template: Template, first: Values, customers: int) -> Copies:
    """Each customer, with a phone by which the pushed orders know them."""
    for number in range(1, customers + 1):
        yield template, of_customer(first, number) | {"date": LOADED_FROM}


def order_values(of_order: Sequence[Template], first: Values, customers: int, orders: int) -> Copies:
    """Each order, every tenth of them paid in part."""
    plain, paid = of_order
    for index in range(orders):
        values = of_customer(first, 1 + index * STRIDE % customers)
        values["order"] = first["order"] + index
        values["enquiry"] = first["enquiry"] + index
        values["payment"] = first["payment"] + index
        values["serial"] = index
        values["date"] = LOADED_FROM + index * SPACING
        yield (plain if index % PAID_EVERY else paid), values


def of_customer(first: Values, number: int) -> Values:
    """The numbers of a customer, the first of whom is 1."""
    customer, contact = first["customer"] + number - 1, first["contact"] + number - 1
    return {"customer": customer, "contact": contact, "number": number, "phone": 9_800_000_000 + number}


def copy_all(connection: Connection, copies: Copies, total: int, seq: int) -> int:
    """Write all copies in chunks, and return the next number of the event log."""
    texts: dict[str, list[str]] = {}
    for done, (template, values) in enumerate(copies, start=1):
        for place in range(template.events):
            values[f"seq{place}"] = seq
            seq += 1
        for table, text in template.texts.items():
            texts.setdefault(table, []).append(text % values)
        if done % CHUNK == 0 or done == total:
            copy(connection, texts)
            texts = {}
        if done % TOLD_EVERY == 0:
            print(f"  loaded {done:,} of {total:,}", file=sys.stderr)
    return seq


def copy(connection: Connection, texts: dict[str, list[str]]) -> None:
    """One COPY a table."""
    for table, rows in texts.items():
        columns = sql.SQL(", ").join(sql.Identifier(column.name) for column in metadata.tables[table].columns)
        query = sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(table), columns)
        with connection.cursor().copy(query) as into:
            into.write("".join(rows))


@contextlib.contextmanager
def without_indexes(connection: Connection, tables: set[str]) -> Iterator[None]:
    """Drop the indexes that are no keys, and make them anew at the end: sorting once is quicker."""
    query = """SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = current_schema AND tablename = ANY(%s)
        AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = format('%%I', indexname)::regclass)"""
    found: list[tuple[Any, ...]] = connection.execute(query, [sorted(tables)]).fetchall()
    for name, _ in found:
        connection.execute(sql.SQL("DROP INDEX {}").format(sql.Identifier(name)))
    yield
    connection.execute("SET maintenance_work_mem = '1GB'")
    for _, definition in found:
        connection.execute(str(definition).encode())
