"""How orders, lines and payments are loaded for a write, and written: set-based, whole rows.

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
from orderdock.orders.query.filters import folded_columns
from orderdock.tables import order_line, orders, payment_entry
from orderdock.world import Changed, Record, World

_ORDER: Final = columns_of(orders)
_LINE: Final = columns_of(order_line)
_PAYMENT: Final = columns_of(payment_entry)
# So many orders of an enquiry are looked at; past one they are only listed in the refusal.
_MOST_IN_ENQUIRY: Final = 11
_FOLDED: Final = frozenset(folded_columns("o"))

BY_ID: Final = Sql(
    f"SELECT {picked('o', orders)} FROM {{names}} CROSS JOIN orders o"
    " WHERE o.cm_id = :cm_id AND o.id = names.id AND o.deleted_at IS NULL",
    names=source("names", id="bigint"),
)
BY_ERP: Final = Sql(
    f"""SELECT {picked("o", orders)} FROM {{names}} CROSS JOIN orders o
        WHERE o.cm_id = :cm_id AND o.erp_order_id = names.erp_order_id AND o.deleted_at IS NULL""",
    names=source("names", erp_order_id="text"),
)
BY_ENQUIRY: Final = Sql(
    f"""SELECT names.id, (SELECT {{array}}(hit.id) FROM (
            SELECT a.id FROM orders a WHERE a.cm_id = :cm_id AND a.enquiry_id = names.id AND a.deleted_at IS NULL
            ORDER BY a.id LIMIT {_MOST_IN_ENQUIRY}) AS hit) AS hits, {picked("o", orders)}
        FROM {{names}} CROSS JOIN orders o WHERE o.cm_id = :cm_id AND o.id = (
            SELECT MIN(m.id) FROM orders m
            WHERE m.cm_id = :cm_id AND m.enquiry_id = names.id AND m.deleted_at IS NULL)""",
    names=source("names", id="bigint"),
    array=JSON_ARRAY,
)
BY_PAYMENT: Final = Sql(
    f"""SELECT {picked("o", orders)} FROM {{names}} CROSS JOIN payment_entry p CROSS JOIN orders o
        WHERE p.cm_id = :cm_id AND p.payment_id = names.id AND p.entry_no = 1
            AND o.cm_id = :cm_id AND o.id = p.order_id AND o.deleted_at IS NULL""",
    names=source("names", id="bigint"),
)
PAYMENTS: Final = Sql(
    f"SELECT {picked('p', payment_entry)} FROM {{names}} CROSS JOIN payment_entry p"
    " WHERE p.cm_id = :cm_id AND p.payment_id = names.id",
    names=source("names", id="bigint"),
)
PAYMENTS_BY_DETAIL: Final = Sql(
    f"""SELECT DISTINCT {picked("p", payment_entry)}
        FROM {{names}} CROSS JOIN payment_entry q CROSS JOIN payment_entry p
        WHERE q.cm_id = :cm_id AND q.order_id = names.order_id
            AND (q.reference = names.reference OR q.cheque_number = names.cheque_number OR q.amount = names.amount)
            AND p.cm_id = :cm_id AND p.payment_id = q.payment_id""",
    names=source("names", order_id="bigint", reference="text", cheque_number="text", amount="bigint"),
)
LINES: Final = Sql(
    f"SELECT {picked('l', order_line)} FROM {{names}} CROSS JOIN order_line l"
    " WHERE l.cm_id = :cm_id AND l.order_id = names.id",
    names=source("names", id="bigint"),
)
FREE_ERP: Final = Sql(
    "UPDATE orders SET erp_order_id = NULL WHERE cm_id = :cm_id AND id IN (SELECT rows.id FROM {rows})",
    rows=source("rows", id="bigint"),
)
DROP_LINES: Final = Sql(
    "DELETE FROM order_line WHERE cm_id = :cm_id AND order_id IN (SELECT rows.id FROM {rows})",
    rows=source("rows", id="bigint"),
)


def ask_by_number(tx: Tx, cm_id: int, statement: Sql, numbers: Iterable[int]) -> Reply:
    """Any of the statements above that look up by number."""
    return tx.ask(statement, cm_id=cm_id, names=as_rows([{"id": number} for number in numbers]))


def ask_by_erp(tx: Tx, cm_id: int, words: Iterable[str]) -> Reply:
    """Orders by the callers' own numbers."""
    return tx.ask(BY_ERP, cm_id=cm_id, names=as_rows([{"erp_order_id": word} for word in words]))


def ask_by_detail(tx: Tx, cm_id: int, details: Iterable[tuple[int, str | None, str | None, int | None]]) -> Reply:
    """Payments of orders by (order, reference, cheque number, amount)."""
    names = [
        {"order_id": order, "reference": reference, "cheque_number": cheque, "amount": amount}
        for order, reference, cheque, amount in details
    ]
    return tx.ask(PAYMENTS_BY_DETAIL, cm_id=cm_id, names=as_rows(names))


def take_orders(world: World, reply: Reply) -> None:
    """Note orders."""
    for row in reply.rows():
        _note(world, record(_ORDER, row))


def _note(world: World, order: Record) -> None:
    world.orders[order["id"]] = order
    if "erp_order_id" in order:
        world.erp[order["erp_order_id"]] = order["id"]


def take_by_enquiry(world: World, reply: Reply) -> None:
    """Note the numbers of an enquiry's orders, and the first one whole."""
    for number, hits, *row in reply.rows():
        world.enquiry_orders[number] = tuple(from_json(hits) if isinstance(hits, str) else hits)
        _note(world, record(_ORDER, tuple(row)))


def take_lines(world: World, reply: Reply) -> None:
    """Note lines, in their order."""
    lines: dict[int, list[tuple[int, Record]]] = {}
    for row in reply.rows():
        line = record(_LINE, row)
        lines.setdefault(line.pop("order_id"), []).append((line.pop("line_no"), line))
    for order_id, numbered in lines.items():
        world.lines[order_id] = tuple(line for _, line in sorted(numbered, key=lambda pair: pair[0]))


def take_payments(world: World, reply: Reply) -> None:
    """Note payments with all their entries, and how they are found again."""
    entries: dict[int, list[Record]] = {}
    for row in reply.rows():
        entry = record(_PAYMENT, row)
        entries.setdefault(entry["payment_id"], []).append(entry)
    for number in sorted(entries):
        world.payments[number] = tuple(sorted(entries[number], key=lambda entry: entry["entry_no"]))
        for table, name in ((world.references, "reference"), (world.cheques, "cheque_number")):
            for key in dict.fromkeys((entry["order_id"], entry[name]) for entry in entries[number] if name in entry):
                if number not in table.get(key, ()):
                    table[key] = (*table.get(key, ()), number)


def keyed(order: Record) -> Record:
    """An order with the forms beside it by which searches compare its name and words."""
    return {**_without_keys(order), **_keys(order)}


def _keys(order: Record) -> Record:
    keys = {"contact_name_key": order["contact_name"].casefold()} if "contact_name" in order else {}
    folded = order.keys() & _FOLDED
    if folded and (words := fold_words(order, sorted(folded))):
        keys["words_key"] = words
    return keys


def _without_keys(order: Record) -> Record:
    """What is stored may be out of date."""
    if "words_key" not in order and "contact_name_key" not in order:
        return order
    return {name: value for name, value in order.items() if name not in ("words_key", "contact_name_key")}


def _freed(world: World, before: dict[int, Record | None]) -> list[Record]:
    """Stored orders that get another number of the caller's."""
    erps = {number: old.get("erp_order_id") for number, old in before.items() if old}
    return [{"id": number} for number, erp in erps.items() if erp != world.orders[number].get("erp_order_id")]


def store(tx: Tx, cm_id: int, world: World, changed: Changed) -> None:
    """Write what became of orders, lines and payments, each in one statement."""
    before = changed.get(id(world.orders), {})
    freed = _freed(world, before)
    if len(freed) > 1:  # one may take what another gives up, and rows are written one after the other
        tx.ask(FREE_ERP, cm_id=cm_id, rows=as_rows(freed))
    store_records(tx, cm_id, orders, {number: keyed(world.orders[number]) for number in before}, before)
    lines = changed.get(id(world.lines), {})
    replaced = [{"id": order_id} for order_id, old in lines.items() if old]
    if replaced:
        tx.ask(DROP_LINES, cm_id=cm_id, rows=as_rows(replaced))
    numbered = [
        {**line, "order_id": number, "line_no": at}
        for number in lines
        for at, line in enumerate(world.lines[number], 1)
    ]
    store_rows(tx, cm_id, order_line, numbered)
    payments = changed.get(id(world.payments), {})
    store_rows(
        tx,
        cm_id,
        payment_entry,
        [entry for number, old in payments.items() for entry in world.payments[number][len(old or ()) :]],
    )
