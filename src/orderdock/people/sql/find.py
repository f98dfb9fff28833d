"""How customers are read for callers: pages by date, with their contacts and the number of their enquiries."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from functools import lru_cache
from typing import Any, Final, NamedTuple

from orderdock.db import Sql, Tx, as_rows, columns_of, picked, record, source
from orderdock.db.conditions import NONE, Pair, Where, among, both, contains, ends, filled, folded
from orderdock.people.query import CustomerQuery, Filter, How, Term
from orderdock.people.sql import OF_IDENTITY
from orderdock.tables import contact, customer
from orderdock.world import Record

_CONTACT: Final = columns_of(contact)
# Customers by number; one that was merged away stands for its survivor.
_NUMBERED: Final = "c.id IN (SELECT COALESCE(k.merged_into, k.id) FROM customer k WHERE k.cm_id = :cm_id AND {which})"
# Of each customer the first contacts, by the index that has them by number: never all of a walk-in customer's.
_FIRST: Final = (
    """json_each((SELECT json_group_array(n.id) FROM (SELECT n.id FROM contact n
        WHERE n.cm_id = :cm_id AND n.customer_id = names.id ORDER BY n.id LIMIT :most) AS n))""",
    """LATERAL (SELECT n.id AS value FROM contact n
        WHERE n.cm_id = :cm_id AND n.customer_id = names.id ORDER BY n.id LIMIT :most)""",
)
CONTACTS_SHOWN: Final = Sql(
    f"""SELECT names.id, {picked("c", contact)} FROM {{names}} CROSS JOIN contact c
        WHERE c.cm_id = :cm_id AND c.id = names.main
        UNION ALL SELECT names.id, {picked("c", contact)} FROM {{names}} CROSS JOIN {{first}} AS few
        CROSS JOIN contact c WHERE c.cm_id = :cm_id AND c.id = few.value""",
    names=source("names", id="bigint", main="bigint"),
    first=_FIRST,
)
# A walk-in customer has a million: more than so many are told as so many.
_COUNTED_MOST: Final = 10_000
ENQUIRIES_COUNTED: Final = Sql(
    f"""SELECT names.id, (SELECT COUNT(*) FROM (SELECT e.id FROM enquiry e
            WHERE e.cm_id = :cm_id AND e.customer_id = names.id LIMIT {_COUNTED_MOST}) AS counted)
        FROM {{names}}""",
    names=source("names", id="bigint"),
)
# What names records, so that few customers fit.
_KEYS: Final = (How.IDS, How.CODE, How.EMAIL)


def _identity(where: Where, kind: str, value: str) -> Pair:
    if not value:
        return NONE
    return _of_identity(kind, both(f"i.value = {where.bind(value)}"))


def _of_identity(kind: str, which: Pair) -> Pair:
    """Whom a phone, an e-mail or a code belongs to, in the record or in a contact (contract 1.8 rule 1)."""
    return filled(OF_IDENTITY, which, customer="c.id", kind=kind)


def _phone(where: Where, row: Filter, value: Any) -> Pair:
    how, digits = value
    if how == "equals" or not digits:
        return _identity(where, "phone", digits)
    return _of_identity("phone", ends("i.value", where.bind(digits)))


def _same(where: Where, row: Filter, value: Any) -> Pair:
    return among(where, folded("c", row.column), value if isinstance(value, list) else [value], "text")


_COMPARE: Final[dict[How, Callable[[Where, Filter, Any], Pair]]] = {
    How.IDS: lambda where, row, value: filled(_NUMBERED, among(where, both("k.id"), value, "bigint")),
    How.CODE: lambda where, row, value: _identity(where, "code", value),
    How.SAME: _same,
    How.CONTAINS: lambda where, row, value: contains(where, f"c.{row.column}", value),
    How.PHONE: _phone,
    How.EMAIL: lambda where, row, value: _identity(where, "email", value),
    How.PEOPLE: lambda where, row, value: among(where, both(f"c.{row.column}"), value, "bigint"),
    How.NAMED: _same,
    How.FLAG: lambda where, row, value: both(f"c.{row.column} = 1"),
}


def _is_key(term: Term) -> bool:
    return term.filter.how in _KEYS or (term.filter.how is How.PHONE and term.value[0] == "equals")


def _where(terms: Sequence[Term]) -> Where:
    where = Where()
    where.pairs += [_COMPARE[term.filter.how](where, term.filter, term.value) for term in terms]
    return where


class _Pieces(NamedTuple):
    """The conditions of a pull, the date as they compare it, and its order.

    SQLite counts no rows, and would rather read the whole range than look up the few customers that are named: then
    the mark keeps it from the index of dates.
    """

    where: Pair
    created: Pair


def _pieces(where: Where, terms: Sequence[Term]) -> _Pieces:
    mark = "+" if any(map(_is_key, terms)) else ""
    return _Pieces(where.text(), (f"{mark}c.created_at", "c.created_at"))


def _members(names: tuple[str, ...]) -> Pair:
    """Of a customer's additional fields those of some names: all of them may be 256 KiB."""
    mine = ", ".join(f"'{name}', json(c.additional -> '$.\"{name}\"')" for name in names)
    theirs = ", ".join(f"'{name}', c.additional::json -> '{name}'" for name in names)
    start = "CASE WHEN c.additional IS NOT NULL THEN"
    return f"{start} json_object({mine}) END", f"{start} json_build_object({theirs})::text END"


# Who was merged away is shown as its survivor alone.
_RANGE: Final = "{created} >= :first AND {created} <= :last AND c.merged_into IS NULL{where}"


@lru_cache(maxsize=128)
def _page(columns: tuple[str, ...], members: tuple[str, ...], pieces: _Pieces, resumed: bool) -> Sql:
    select = ", ".join(f'c."{customer.c[name].name}"' for name in columns)
    behind = "AND ({created}, c.id) > (:value, :number)" if resumed else ""
    return Sql(
        f"""SELECT {select}, {{members}} FROM customer c WHERE c.cm_id = :cm_id AND {_RANGE} {behind}
            ORDER BY {{created}}, c.id LIMIT :limit OFFSET :offset""",
        members=_members(members),
        **pieces._asdict(),
    )


@lru_cache(maxsize=128)
def _count(pieces: _Pieces) -> Sql:
    return Sql(f"SELECT COUNT(*) FROM customer c WHERE c.cm_id = :cm_id AND {_RANGE}", **pieces._asdict())


def statement(query: CustomerQuery, terms: Sequence[Term], limit: int) -> tuple[Sql, dict[str, Any]]:
    """The statement of a page with its values, but for the account."""
    where = _where(terms)
    values = {**where.values, "first": query.first, "last": query.last, "limit": limit, "offset": query.offset}
    if query.position is not None:
        # The position bounds the range as well, so that the index is entered right there at any depth.
        value = query.position.value
        values.update(first=value, value=value, number=query.position.number)
    return _page(query.columns, query.members, _pieces(where, terms), query.position is not None), values


def find(tx: Tx, cm_id: int, query: CustomerQuery, terms: Sequence[Term], limit: int) -> list[Record]:
    """The customers that fit, in order; `terms` are the query's, with employees and named lists looked up."""
    page, values = statement(query, terms, limit)
    return [record((*query.columns, "additional"), row) for row in tx.all(page, cm_id=cm_id, **values)]


def count(tx: Tx, cm_id: int, query: CustomerQuery, terms: Sequence[Term]) -> int:
    """How many customers fit."""
    where = _where(terms)
    rows = tx.all(_count(_pieces(where, terms)), cm_id=cm_id, first=query.first, last=query.last, **where.values)
    return int(rows[0][0])


def contacts_shown(tx: Tx, cm_id: int, mains: Mapping[int, int | None], most: int) -> dict[int, list[Record]]:
    """Customer -> its contacts, at most so many: the main one, which is given beside it, then the oldest."""
    names = as_rows([{"id": number, "main": main} for number, main in mains.items()])
    found: dict[int, dict[int, Record]] = {}
    for number, *row in tx.all(CONTACTS_SHOWN, cm_id=cm_id, names=names, most=most):
        one = record(_CONTACT, tuple(row))
        found.setdefault(number, {})[one["id"]] = one
    return {
        number: sorted(of_one.values(), key=lambda one: (one["id"] != mains[number], one["id"]))[:most]
        for number, of_one in found.items()
    }


def enquiries_counted(tx: Tx, cm_id: int, numbers: Collection[int]) -> dict[int, int]:
    """Customer -> how many enquiries it has; counted in their index."""
    rows = tx.all(ENQUIRIES_COUNTED, cm_id=cm_id, names=as_rows([{"id": number} for number in numbers]))
    return {number: int(amount) for number, amount in rows}
