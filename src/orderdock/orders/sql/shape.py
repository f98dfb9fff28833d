"""A shape compiled to SQL: the text of an order's JSON, built in the database, the same bytes on both engines.

Every expression is a pair (SQLite, PostgreSQL).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import groupby
from typing import Final

from orderdock.accounts.sql.employees import EMPLOYEE_OF_ORDER
from orderdock.accounts.sql.lists import number_of
from orderdock.db.conditions import Pair, both, folded
from orderdock.orders.query.shape import LISTS, Form, Inner, Key, Of, Shape
from orderdock.people.sql import CUSTOMER_OF_ORDER, CUSTOMER_OF_ORDER_IF, ENQUIRY_OF_ORDER

# PostgreSQL's functions take at most 100 arguments.
_MOST: Final = 90
_ADDITIONAL: Final = (Of.NUMBER, Of.FLAG)


def quoted(text: str) -> str:
    """A text as SQL writes it."""
    return "'" + text.replace("'", "''") + "'"


def _exact(value: str) -> Pair:
    """A whole number of 1/10000 as the shortest decimal; most are whole, and those take no exact arithmetic."""
    digits = (
        f"printf('%s%d.%04d', CASE WHEN {value} < 0 THEN '-' ELSE '' END, abs({value}) / 10000, abs({value}) % 10000)"
    )
    whole = f"CAST({value} / 10000 AS TEXT)"
    return (
        f"CASE WHEN {value} % 10000 = 0 THEN {whole} ELSE rtrim({digits}, '0') END",
        f"CASE WHEN {value} % 10000 = 0 THEN {whole} ELSE trim_scale({value} * 0.0001)::text END",
    )


def _text(value: str) -> Pair:
    return f"json_quote({value})", f"to_json({value}::text)::text"


_FORMS: Final[dict[Form, Callable[[str], Pair]]] = {
    Form.NUMBER: both, Form.EXACT: _exact, Form.TEXT: _text, Form.JSON: both,
}  # fmt: skip


def _shown(key: Key, value: Pair) -> Pair:
    mine, theirs = _FORMS[key.form](value[0])[0], _FORMS[key.form](value[1])[1]
    # The sum is a query of its own, to be asked once.
    return (mine, f"trim_scale({value[1]} * 0.0001)::text") if key.of is Of.PAID else (mine, theirs)


def list_name(name: str) -> str:
    """The name in a named list that an order shows: its own, else its customer's where that counts."""
    column, of_customer = LISTS[name]
    return f"COALESCE(o.{column}, c.{of_customer})" if of_customer else f"o.{column}"


def list_key(name: str) -> Pair:
    """The compared form of that name."""
    column, of_customer = LISTS[name]
    own = folded("o", column)
    if not of_customer:
        return own
    others = folded("c", of_customer)
    return f"COALESCE({own[0]}, {others[0]})", f"COALESCE({own[1]}, {others[1]})"


def _list_number(name: str) -> Pair:
    mine, theirs = (
        f"CASE WHEN {list_name(name)} IS NOT NULL THEN {number_of(name, key)} END" for key in list_key(name)
    )
    return mine, theirs


def _additional(key: Key) -> Pair:
    """The additional field of the member's name, if it is of the wanted type; else NULL."""
    if key.of is Of.FLAG:
        return (
            f"CASE WHEN json_type(o.additional, '$.{key.word}') = 'true' THEN 'true' END",
            f"CASE WHEN x.\"{key.word}\"::text = 'true' THEN 'true' END",
        )
    return (
        f"CASE WHEN json_type(o.additional, '$.{key.word}') IN ('integer', 'real')"
        f" THEN o.additional -> '$.{key.word}' END",
        f'CASE WHEN json_typeof(x."{key.word}") = \'number\' THEN x."{key.word}"::text END',
    )


def _first(column: str) -> Pair:
    """The first entry of a JSON list, if it is a number's digits."""
    return (
        f"CASE WHEN o.{column} ->> 0 NOT GLOB '*[^0-9]*' THEN o.{column} ->> 0 END",
        f"CASE WHEN o.{column}::json ->> 0 ~ '^[0-9]+$' THEN o.{column}::json ->> 0 END",
    )


def _value(key: Key) -> Pair:
    """What a member shows, NULL when it is unset."""
    if key.of in _ADDITIONAL:
        return _additional(key)
    if key.of is Of.ACCOUNT:
        return both("o.cm_id")
    if key.of is Of.LIST:
        return _list_number(key.other)
    if key.of is Of.FIRST:
        return _first(key.column)
    if key.of is Of.SUM:
        return both(f'NULLIF(o."{key.column}", 0)')
    if key.of is Of.COPY:
        return both(f'COALESCE(o."{key.column}", c."{key.other}")')
    if key.of is Of.PAID:
        return both(
            "(SELECT SUM(s.amount) FROM payment_entry s WHERE s.cm_id = :cm_id AND s.payment_id = n.payment_id)"
        )
    if key.of is Of.BALANCE:
        return both("(COALESCE(o.grand_total, 0) - COALESCE(o.total_paid, 0))")
    if key.of is Of.E164:
        return both(f"CASE WHEN substr(c.{key.column}, 1, 1) = '+' THEN c.{key.column} END")
    return both(f'{_ALIASES[key.of]}."{key.column}"')


_ALIASES: Final = {
    Of.ORDER: "o", Of.ENQUIRY: "e", Of.CUSTOMER: "c", Of.EMPLOYEE: "a", Of.LINE: "l", Of.PAYMENT: "n", Of.ENTRY: "t",
}  # fmt: skip
# A piece of a JSON text: as it is, or an expression.
Piece = str | Pair


def _member(key: Key, start: str) -> list[Piece]:
    """The pieces of one member behind `start`; nothing when it is unset and to be left out."""
    name = f'{start}"{key.word}":'
    if key.of is Of.FIXED:
        return [f"{name}{key.unset}"]
    value = _value(key)
    shown = _shown(key, value)
    if key.unset is None:
        name = quoted(name)
        return [(f"CASE WHEN {value[0]} IS NULL THEN '' ELSE {name} || {shown[0]} END", f"{name} || {shown[1]}")]
    if key.form is Form.NUMBER and key.of in _ALIASES and key.unset == "0":
        return [name, both(f"COALESCE({value[0]}, 0)")]
    unset = quoted(key.unset)
    if key.form is Form.NUMBER:
        return [name, (f"COALESCE({shown[0]}, {unset})", f"COALESCE(({shown[1]})::text, {unset})")]
    mine = f"CASE WHEN {value[0]} IS NULL THEN {unset} ELSE {shown[0]} END"
    return [name, (mine, f"COALESCE({shown[1]}, {unset})")]


def _joined(pieces: Iterable[Piece]) -> Pair:
    """Texts one behind the other; PostgreSQL passes over NULL."""
    merged: list[Pair] = []
    words = ""
    for piece in (*pieces, ""):
        if isinstance(piece, str) and piece:
            words += piece
            continue
        merged += [both(quoted(words))] if words else []
        words = ""
        merged += [piece] if isinstance(piece, tuple) else []
    mine, theirs = [pair[0] for pair in merged], [pair[1] for pair in merged]
    parts = [f"concat({', '.join(theirs[at : at + _MOST])})" for at in range(0, len(theirs), _MOST)]
    whole = parts[0] if len(parts) == 1 else f"concat({', '.join(parts)})"
    return " || ".join(f"({piece})" for piece in mine), whole


def _is_additional(key: Key | Inner) -> bool:
    return key.of in _ADDITIONAL


def _members(keys: Iterable[Key | Inner]) -> list[Piece]:
    """The pieces of an object's members."""
    pieces: list[Piece] = []
    for is_additional, run in groupby(keys, key=_is_additional):
        if is_additional:
            pieces.append(_additional_run([key for key in run if isinstance(key, Key)]))
            continue
        for key in run:
            start = "," if pieces else ""
            pieces += _member(key, start) if isinstance(key, Key) else _inner(key, start)
    return pieces


def _additional_run(keys: Sequence[Key]) -> Pair:
    """Neighbours out of the additional fields, which are taken apart once, and mostly are not there."""
    unset = quoted("".join(f',"{key.word}":{key.unset}' for key in keys))
    mine, theirs = _joined([piece for key in keys for piece in _member(key, ",")])
    words = ", ".join(f'"{key.word}" json' for key in keys)
    start = f"CASE WHEN o.additional IS NULL THEN {unset} ELSE"
    return f"{start} {mine} END", f"{start} (SELECT {theirs} FROM json_to_record(o.additional::json) AS x({words})) END"


def _object(keys: Iterable[Key | Inner]) -> Pair:
    return _joined(["{", *_members(keys), "}"])


_SOURCES: Final = {
    Of.LINE: "order_line l WHERE l.cm_id = :cm_id AND l.order_id = o.id ORDER BY l.line_no",
    # Of a payment `f` that is none by itself, the newest entry `n` that is no refund of it tells the details.
    Of.PAYMENT: """payment_entry f JOIN payment_entry n ON n.cm_id = :cm_id AND n.payment_id = f.payment_id
        WHERE f.cm_id = :cm_id AND f.order_id = o.id AND f.entry_no = 1 AND n.entry_no = (
            SELECT MAX(m.entry_no) FROM payment_entry m WHERE m.cm_id = :cm_id AND m.payment_id = f.payment_id
                AND (COALESCE(m.kind, '') <> 'refund' OR f.kind = 'refund'))
        ORDER BY f.at, f.payment_id""",
    Of.ENTRY: "payment_entry t WHERE t.cm_id = :cm_id AND t.payment_id = n.payment_id ORDER BY t.entry_no",
}  # fmt: skip


def _inner(inner: Inner, start: str) -> list[Piece]:
    """A member that is an object, or the list of a source's rows as objects."""
    name = f'{start}"{inner.word}":'
    if inner.of is Of.EMPLOYEE:
        nobody = "CASE WHEN COALESCE(o.assigned_to, 0) = 0 THEN 'null' ELSE"
        mine, theirs = _object(inner.keys)
        return [name, (f"{nobody} {mine} END", f"{nobody} {theirs} END")]
    if inner.of not in _SOURCES:
        return [name + "{", *_members(inner.keys), "}"]
    mine, theirs = (f"(SELECT {doc} AS doc FROM {_SOURCES[inner.of]}) AS r" for doc in _object(inner.keys))
    rows = (
        f"COALESCE((SELECT group_concat(r.doc, ',') FROM {mine}), '')",
        f"(SELECT string_agg(r.doc, ',') FROM {theirs})",
    )
    return [name + "[", rows, "]"]


@lru_cache(maxsize=256)
def document(shape: Shape) -> Pair:
    """The JSON text of an order `o`, whose joins are `joins`."""
    return _object(shape.keys)


def _every(keys: Iterable[Key | Inner]) -> Iterator[Key]:
    for key in keys:
        if isinstance(key, Inner):
            yield from _every(key.keys)
        else:
            yield key


_OF_CUSTOMER: Final = (Of.CUSTOMER, Of.E164)


@lru_cache(maxsize=256)
def joins(shape: Shape) -> str:
    """What the expressions of a shape need beside the order."""
    keys = list(_every(shape.keys))
    found = []
    lent = sorted({key.column or "zone" for key in keys if key.of is Of.COPY or key.other == "zone"})
    if any(key.of in _OF_CUSTOMER for key in keys):
        found.append(CUSTOMER_OF_ORDER)
    elif lent:
        # Whoever has a copy of everything that is shown needs no customer.
        found.append(CUSTOMER_OF_ORDER_IF.format(which=" OR ".join(f"o.{column} IS NULL" for column in lent)))
    if any(key.of is Of.ENQUIRY for key in keys):
        found.append(ENQUIRY_OF_ORDER)
    if any(key.of is Of.EMPLOYEE for key in keys):
        found.append(EMPLOYEE_OF_ORDER)
    return " ".join(found)


@lru_cache(maxsize=256)
def unnumbered(shape: Shape) -> Pair:
    """Whether an order shows a name of a named list that has no number yet: 1 or 0."""
    found = []
    for key in _every(shape.keys):
        if key.of is Of.LIST:
            name, number = list_name(key.other), _list_number(key.other)
            found.append(tuple(f"({name} IS NOT NULL AND {one} IS NULL)" for one in number))
    if not found:
        return both("0")
    mine, theirs = (" OR ".join(pair[engine] for pair in found) for engine in (0, 1))
    return f"CASE WHEN {mine} THEN 1 ELSE 0 END", f"CASE WHEN {theirs} THEN 1 ELSE 0 END"
