"""How orders are searched: one statement finds a page and builds its JSON (contract 2.9)."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from typing import Any, Final, Literal

from orderdock.db import Row, Sql, Tx, as_rows, picked, source
from orderdock.db.conditions import NONE, Pair, Where, among, both, contains, either, ends, filled, folded
from orderdock.kinds.cursor import Position
from orderdock.orders.query.filters import KEYS, Filter, How, Term
from orderdock.orders.query.search import SORTS, SearchQuery, Sort
from orderdock.orders.query.shape import LISTS, Shape
from orderdock.orders.sql.shape import document, joins, list_key, list_name, unnumbered
from orderdock.people.sql import CUSTOMER_OF_ORDER, OF_CUSTOMERS, OF_ENQUIRIES, OF_IDENTITIES, OF_IDENTITY
from orderdock.tables import orders


def _wrapped(sql: str, which: Pair) -> Pair:
    """A condition on an order, or on its customer or enquiry."""
    if sql.startswith("c."):
        return filled(OF_CUSTOMERS, which)
    return filled(OF_ENQUIRIES, which) if sql.startswith("e.") else which


def _folded(sql: str) -> Pair:
    alias, _, column = sql.partition(".")
    return folded(alias, column)


def _words(where: Where, row: Filter, value: Any) -> Pair:
    return either([_wrapped(sql, among(where, both(sql), value, "text")) for sql in row.sql])


def _ids(where: Where, row: Filter, value: Any) -> Pair:
    pairs = []
    for sql in row.sql:
        which = among(where, both(sql), value, "bigint")
        # Said in words, so that the index of assigned orders is known to serve.
        pairs.append(_all(which, f"{sql} IS NOT NULL") if sql == "o.assigned_to" else which)
    return either(pairs)


def _all(which: Pair, more: str) -> Pair:
    return f"({which[0]} AND {more})", f"({which[1]} AND {more})"


def _not_ids(where: Where, row: Filter, value: Any) -> Pair:
    which = among(where, both(row.sql[0]), value, "bigint")
    return f"({row.sql[0]} IS NULL OR NOT {which[0]})", f"({row.sql[0]} IS NULL OR NOT {which[1]})"


def _same(where: Where, row: Filter, value: Any) -> Pair:
    return either([_wrapped(sql, among(where, _folded(sql), value, "text")) for sql in row.sql])


def _named(where: Where, row: Filter, value: Any) -> Pair:
    """By compared forms; where the customer's name counts, it does so for orders without one of their own."""
    own = _same(where, Filter(row.names, row.how, row.name, row.sql[:1]), value)
    if len(row.sql) == 1:
        return own
    others = _same(where, Filter(row.names, row.how, row.name, row.sql[1:]), value)
    return either([own, _all(others, f"{row.sql[0]} IS NULL")])


def _any_in_list(where: Where, row: Filter, value: Any) -> Pair:
    """A JSON list has an entry in common with some."""
    sql = row.sql[0]
    entries = _folded(sql) if row.how is How.ANY_NAMED else both(sql)
    texts = [str(one) for one in value]
    which = among(where, both("entry.value"), texts, "text")
    return (
        f"EXISTS (SELECT 1 FROM json_each({entries[0]}) AS entry WHERE {which[0]})",
        f"({sql} IS NOT NULL AND EXISTS (SELECT 1 FROM json_array_elements_text({entries[1]}::json) AS entry(value)"
        f" WHERE {which[1]}))",
    )


def _contains(where: Where, row: Filter, value: Any) -> Pair:
    return either([_wrapped(sql, contains(where, sql, value)) for sql in row.sql])


def _any_index(*pairs: Pair) -> Pair:
    """One of some conditions on orders, each of which has an index. Of alternatives SQLite enters none by itself."""
    found = " UNION ".join(f"SELECT o.id FROM orders o WHERE o.cm_id = :cm_id AND {mine}" for mine, _ in pairs)
    return f"o.id IN ({found})", either(pairs)[1]


def _phone(where: Where, row: Filter, value: Any) -> Pair:
    how, digits = value
    if not digits:
        return NONE
    name = where.bind(digits)

    def fits(key: str) -> Pair:
        return ends(key, name) if how == "ends" else both(f"{key} = {name}")

    own = fits(row.sql[0])
    if how == "ends":
        return either([own, filled(OF_IDENTITIES, fits("i.value"), customer="o.customer_id", kind="phone")])
    return _any_index(own, filled(OF_IDENTITY, fits("i.value"), customer="o.customer_id", kind="phone"))


def _email(where: Where, row: Filter, value: Any) -> Pair:
    if not value:
        return NONE
    name = where.bind(value)
    own = both(f"{row.sql[0]} = {name}")
    return _any_index(own, filled(OF_IDENTITY, both(f"i.value = {name}"), customer="o.customer_id", kind="email"))


def _span(where: Where, row: Filter, value: Any) -> Pair:
    sides = zip((">=", "<="), value, strict=True)
    text = " AND ".join(f"{row.sql[0]} {sign} {where.bind(one)}" for sign, one in sides if one is not None)
    return _wrapped(row.sql[0], both(text))


_COMPARE: Final[dict[How, Callable[[Where, Filter, Any], Pair]]] = {
    How.IDS: _ids, How.WORDS: _words, How.SAME: _same, How.SAME_LIST: _same, How.CONTAINS: _contains,
    How.PHONE: _phone, How.EMAIL: _email, How.SPAN: _span, How.PEOPLE: _ids, How.NOT_PEOPLE: _not_ids,
    How.ANY_PEOPLE: _any_in_list, How.NAMED: _named, How.ANY_NAMED: _any_in_list,
}  # fmt: skip


def _order(sort: Sort, descending: bool, value: str, number: str, mark: str = "") -> str:
    """ORDER BY: unset values last, ties by number in the same direction."""
    way = "DESC" if descending else "ASC"
    parts = [] if sort.always else [f"{value} IS NULL"]
    parts += [] if sort.column == "id" else [f"{mark}{value} {way}"]
    return ", ".join([*parts, f"{mark}{number} {way}"])


def _behind(where: Where, sort: Sort, descending: bool, position: Position) -> None:
    """What lies behind the last order of a page. The value bounds the range too, so that an index is entered there."""
    sign, column = "<" if descending else ">", f"o.{sort.column}"
    number = where.bind(position.number)
    if sort.column == "id":
        where.pairs.append(both(f"o.id {sign} {number}"))
    elif position.value is None:
        where.pairs.append(both(f"({column} IS NULL AND o.id {sign} {number})"))
    else:
        value = where.bind(position.value)
        later = f"({column}, o.id) {sign} ({value}, {number})"
        where.pairs.append(
            both(f"{column} {sign}= {value} AND {later}" if sort.always else f"({later} OR {column} IS NULL)")
        )


@lru_cache(maxsize=128)
def _page(shape: Shape, where: Pair, sort: Sort, descending: bool, is_sorted: bool) -> Sql:
    value = f"o.{sort.column}"
    inner = _order(sort, descending, value, "o.id")
    # Without the mark SQLite would rather read everything in order than sort the few that fit.
    order = (_order(sort, descending, value, "o.id", "+"), inner) if is_sorted else both(inner)
    return Sql(
        f"""SELECT {{doc}} AS doc, {value} AS v, o.id, {{unnumbered}} AS unnumbered
            FROM (SELECT o.cm_id, {picked("o", orders)} FROM orders o
                WHERE o.cm_id = :cm_id AND o.deleted_at IS NULL{{where}}
                ORDER BY {{order}} LIMIT :limit OFFSET :offset) AS o
            {{joins}} ORDER BY {inner}""",
        doc=document(shape),
        unnumbered=unnumbered(shape),
        where=where,
        joins=joins(shape),
        order=order,
    )


@lru_cache(maxsize=128)
def _count(where: Pair) -> Sql:
    return Sql("SELECT COUNT(*) FROM orders o WHERE o.cm_id = :cm_id AND o.deleted_at IS NULL{where}", where=where)


def _rarest(terms: Iterable[Term]) -> Term | None:
    """The term that names the records which the fewest orders belong to."""
    keys = (term for term in terms if term.is_key)
    return min(keys, key=lambda term: KEYS.index(term.filter.sql[0]), default=None)


def _where(terms: Sequence[Term]) -> Where:
    where = Where()
    rarest = _rarest(terms)
    for term in terms:
        mine, theirs = _COMPARE[term.filter.how](where, term.filter, term.value)
        # SQLite counts no rows, so it is told that few fit: it enters here, whatever else is asked for or sorted by.
        where.pairs.append((f"likelihood({mine}, 0.0001)", theirs) if term is rarest else (mine, theirs))
    return where


def statement(query: SearchQuery, terms: Sequence[Term], limit: int) -> tuple[Sql, dict[str, Any]]:
    """The statement of a page with its values, but for the account."""
    where, sort = _where(terms), SORTS[query.sort]
    if query.position is not None:
        _behind(where, sort, query.descending, query.position)
    rarest = _rarest(terms)
    # The orders of one customer may be too many to be sorted: its index has them by date.
    is_sorted = rarest is not None and (rarest.filter.sql[0] != "o.customer_id" or len(rarest.value) > 1)
    page = _page(query.shape, where.text(), sort, query.descending, is_sorted)
    return page, {**where.values, "limit": limit, "offset": query.offset}


def find(tx: Tx, cm_id: int, query: SearchQuery, terms: Sequence[Term], limit: int) -> list[Row]:
    """(JSON text, value sorted by, number, whether a name has no number yet) of the orders that fit, in order.

    `terms` are the query's, with employees and named lists looked up.
    """
    page, values = statement(query, terms, limit)
    return tx.all(page, cm_id=cm_id, **values)


def count(tx: Tx, cm_id: int, terms: Sequence[Term]) -> int:
    """How many orders fit."""
    where = _where(terms)
    return int(tx.all(_count(where.text()), cm_id=cm_id, **where.values)[0][0])


@lru_cache(maxsize=128)
def _shown(shape: Shape, where: Pair) -> Sql:
    return Sql(
        """SELECT o.id, o.erp_order_id, o.revision, {doc} AS doc, {unnumbered} AS unnumbered FROM orders o {joins}
            WHERE o.cm_id = :cm_id AND o.deleted_at IS NULL{where}""",
        doc=document(shape),
        unnumbered=unnumbered(shape),
        where=where,
        joins=joins(shape),
    )


def shown(tx: Tx, cm_id: int, shape: Shape, column: Literal["id", "erp_order_id"], entries: Sequence[Any]) -> list[Row]:
    """(number, caller's own number, revision, JSON text, whether a name has no number yet) by either of the numbers."""
    where = Where()
    where.pairs.append(among(where, both(f"o.{column}"), entries, "bigint" if column == "id" else "text"))
    return tx.all(_shown(shape, where.text()), cm_id=cm_id, **where.values)


def _names_in(name: str) -> Pair:
    key = list_key(name)
    customer = CUSTOMER_OF_ORDER if LISTS[name][1] else ""
    text = (
        f"SELECT '{name}' AS list, {{key}} AS name_key, {{name}} AS name"
        " FROM {names} CROSS JOIN orders o {customer} WHERE o.cm_id = :cm_id AND o.id = names.id AND {name} IS NOT NULL"
    )
    names = source("names", id="bigint")
    mine, theirs = (
        text.format(key=key[engine], names=names[engine], name=list_name(name), customer=customer) for engine in (0, 1)
    )
    return mine, theirs


_NAMES: Final = Sql(
    "{parts}",
    parts=(" UNION ".join(_names_in(name)[0] for name in LISTS), " UNION ".join(_names_in(name)[1] for name in LISTS)),
)


_DESIGNATIONS: Final = Sql(
    """SELECT DISTINCT o.approval_designations FROM orders o
       WHERE o.cm_id = :cm_id AND o.deleted_at IS NULL AND o.approval_designations IS NOT NULL"""
)


def designations(tx: Tx, cm_id: int) -> set[str]:
    """Every designation that an order has. Reads all orders."""
    return {name for (names,) in tx.all(_DESIGNATIONS, cm_id=cm_id) for name in json.loads(names)}


def names_shown(tx: Tx, cm_id: int, order_ids: Iterable[int]) -> list[tuple[str, str, str]]:
    """(list, compared form, name) of the names in named lists that some orders show."""
    names = as_rows([{"id": number} for number in order_ids])
    return [(row[0], row[1], row[2]) for row in tx.all(_NAMES, cm_id=cm_id, names=names)]
