"""How orders are read for callers: pages, single orders, what belongs to them; a statement each."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import cache
from typing import Any, Final

from orderdock.db import Sql, Tx, as_rows, columns_of, few_numbers, picked, record, source
from orderdock.orders.model import Record
from orderdock.orders.sql.write import BY_ERP, BY_ID, LINES
from orderdock.tables import order_line, orders, payment_entry

_ORDER: Final = columns_of(orders)
_LINE: Final = columns_of(order_line)
_ENTRY: Final = columns_of(payment_entry)
# CROSS JOIN keeps SQLite from beginning with the ledger, all of it, for the sake of the order wanted.
_ENTRIES: Final = Sql(
    f"""SELECT {picked("p", payment_entry)} FROM {{names}}
        CROSS JOIN payment_entry p WHERE p.cm_id = :cm_id AND p.order_id = names.id
        ORDER BY p.payment_id, p.entry_no""",
    names=few_numbers("names"),
)
_ENQUIRIES: Final = source("enquiries", id="bigint")


def _names(numbers: Collection[int]) -> str:
    return as_rows([{"id": number} for number in numbers])


def orders_by_id(tx: Tx, cm_id: int, numbers: Collection[int]) -> list[Record]:
    """Orders by number; deleted ones are not there."""
    return [record(_ORDER, row) for row in tx.all(BY_ID, cm_id=cm_id, names=_names(numbers))]


def orders_by_erp(tx: Tx, cm_id: int, words: Collection[str]) -> list[Record]:
    """Orders by the caller's own number."""
    names = as_rows([{"erp_order_id": word} for word in words])
    return [record(_ORDER, row) for row in tx.all(BY_ERP, cm_id=cm_id, names=names)]


def _range(by: str, of_enquiries: bool) -> str:
    """The condition of a range; `by` is a column of the table, or this raises KeyError."""
    column = f"o.{orders.c[by].name}"
    text = f"{column} >= :first AND {column} <= :last AND o.deleted_at IS NULL"
    return f"{text} AND o.enquiry_id IN (SELECT enquiries.id FROM {{enquiries}})" if of_enquiries else text


@cache
def _page(columns: tuple[str, ...], by: str, of_enquiries: bool, resumed: bool) -> Sql:
    select = ", ".join(f"o.{orders.c[name].name}" for name in columns)
    behind = f"AND (o.{by}, o.id) > (:value, :order_id)" if resumed else ""
    return Sql(
        f"""SELECT {select} FROM orders o WHERE o.cm_id = :cm_id AND {_range(by, of_enquiries)} {behind}
            ORDER BY o.{by}, o.id LIMIT :limit OFFSET :offset""",
        enquiries=_ENQUIRIES,
    )


@cache
def _count(by: str, of_enquiries: bool) -> Sql:
    return Sql(
        f"SELECT COUNT(*) FROM orders o WHERE o.cm_id = :cm_id AND {_range(by, of_enquiries)}", enquiries=_ENQUIRIES
    )


def in_range(
    tx: Tx,
    cm_id: int,
    columns: tuple[str, ...],
    by: str,
    span: tuple[int, int],
    enquiry_ids: Sequence[int] | None,
    limit: int,
    offset: int,
    behind: tuple[Any, int] | None,
) -> list[Record]:
    """Orders whose date lies in a span, both ends inclusive, ascending by it and by number, those behind a position."""
    values: dict[str, Any] = {"first": span[0], "last": span[1], "limit": limit, "offset": offset}
    if enquiry_ids is not None:
        values["enquiries"] = _names(enquiry_ids)
    if behind is not None:
        # The position bounds the range as well, so that the index is entered right there at any depth.
        values.update(first=max(span[0], behind[0]), value=behind[0], order_id=behind[1])
    statement = _page(columns, by, enquiry_ids is not None, behind is not None)
    return [record(columns, row) for row in tx.all(statement, cm_id=cm_id, **values)]


def count_in_range(tx: Tx, cm_id: int, by: str, span: tuple[int, int], enquiry_ids: Sequence[int] | None) -> int:
    """How many orders lie in a span."""
    values = {} if enquiry_ids is None else {"enquiries": _names(enquiry_ids)}
    rows = tx.all(_count(by, enquiry_ids is not None), cm_id=cm_id, first=span[0], last=span[1], **values)
    return int(rows[0][0])


def lines(tx: Tx, cm_id: int, order_ids: Collection[int]) -> dict[int, list[Record]]:
    """Order -> its lines in order."""
    found: dict[int, list[Record]] = {}
    for row in tx.all(LINES, cm_id=cm_id, names=_names(order_ids)):
        line = record(_LINE, row)
        found.setdefault(line["order_id"], []).append(line)
    for of_one in found.values():
        of_one.sort(key=lambda line: line["line_no"])
    return found


def payments(tx: Tx, cm_id: int, order_ids: Collection[int]) -> dict[int, list[list[Record]]]:
    """Order -> its payments, oldest first, each the list of its entries, oldest first."""
    found: dict[int, dict[int, list[Record]]] = {}
    for row in tx.all(_ENTRIES, cm_id=cm_id, names=_names(order_ids)):
        entry = record(_ENTRY, row)
        found.setdefault(entry["order_id"], {}).setdefault(entry["payment_id"], []).append(entry)
    return {
        order_id: sorted(of_one.values(), key=lambda entries: (entries[0]["at"], entries[0]["payment_id"]))
        for order_id, of_one in found.items()
    }
