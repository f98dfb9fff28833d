"""A shape compiled to SQL: the text of an order's JSON, built in the database, the same bytes on both engines.

Every expression is a pair (SQLite, PostgreSQL). A colon never stands before a digit or letter in a text of ours: that
would be a parameter.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from typing import Final

from orderdock.accounts.sql.lists import number_of
from orderdock.orders.query.shape import LISTS, Form, Key, Of, Shape
from orderdock.people.sql import CUSTOMER_OF_ORDER, ENQUIRY_OF_ORDER

Pair = tuple[str, str]
# PostgreSQL's functions take at most 100 arguments.
_MOST: Final = 90
_ADDITIONAL: Final = (Of.NUMBER, Of.FLAG)


def both(text: str) -> Pair:
    """The same on both engines."""
    return text, text


def quoted(text: str) -> str:
    """A text as SQL writes it."""
    return "'" + text.replace("'", "''") + "'"


def folded(alias: str, column: str) -> Pair:
    """The compared form of a word: what is kept beside it, else the word itself."""
    word = f'{alias}."{column}"'
    return (
        f"COALESCE({alias}.words_key ->> '{column}', {word})",
        f"COALESCE({alias}.words_key::json ->> '{column}', {word})",
    )


def _number(value: str) -> Pair:
    return both(value)


def _exact(value: str) -> Pair:
    """A whole number of 1/10000 as the shortest decimal."""
    digits = (
        f"printf('%s%d.%04d', CASE WHEN {value} < 0 THEN '-' ELSE '' END, abs({value}) / 10000, abs({value}) % 10000)"
    )
    whole = f"CAST({value} / 10000 AS TEXT)"
    return (
        f"CASE WHEN {value} % 10000 = 0 THEN {whole} ELSE rtrim({digits}, '0') END",
        f"trim_scale({value} * 0.0001)",
    )


def _text(value: str) -> Pair:
    return f"json_quote({value})", f"to_json({value}::text)::text"


_FORMS: Final[dict[Form, Callable[[str], Pair]]] = {
    Form.NUMBER: _number, Form.EXACT: _exact, Form.TEXT: _text, Form.JSON: _number,
}  # fmt: skip


def _shown(form: Form, value: Pair) -> Pair:
    return _FORMS[form](value[0])[0], _FORMS[form](value[1])[1]


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
    alias = {Of.ORDER: "o", Of.ENQUIRY: "e", Of.LINE: "l", Of.PAYMENT: "n", Of.PAID: "n"}[key.of]
    if key.of is Of.PAID:
        return both(
            "(SELECT SUM(s.amount) FROM payment_entry s WHERE s.cm_id = :cm_id AND s.payment_id = n.payment_id)"
        )
    return both(f'{alias}."{key.column}"')


def _member(key: Key, first: bool) -> list[Pair]:
    """The pieces of one member; nothing when it is unset and to be left out."""
    name = quoted(("" if first else ",") + f'"{key.word}":')
    value = _value(key)
    shown = _shown(key.form, value)
    if key.unset is None:
        return [(f"CASE WHEN {value[0]} IS NULL THEN '' ELSE {name} || {shown[0]} END", f"{name} || {shown[1]}")]
    unset = quoted(key.unset)
    if key.form is Form.NUMBER:
        return [both(name), (f"COALESCE({shown[0]}, {unset})", f"COALESCE(({shown[1]})::text, {unset})")]
    either = (
        f"CASE WHEN {value[0]} IS NULL THEN {unset} ELSE {shown[0]} END",
        f"COALESCE({shown[1]}::text, {unset})",
    )
    return [both(name), either]


def _joined(pieces: Sequence[Pair]) -> Pair:
    """Texts one behind the other; PostgreSQL passes over NULL."""
    groups = [pieces[at : at + _MOST] for at in range(0, len(pieces), _MOST)]
    theirs = ", ".join(f"concat({', '.join(piece[1] for piece in group)})" for group in groups)
    return " || ".join(f"({piece[0]})" for piece in pieces), f"concat({theirs})"


def _object(keys: Iterable[Key], more: Sequence[Pair] = ()) -> Pair:
    members = [piece for at, key in enumerate(keys) for piece in _member(key, at == 0)]
    return _joined([both("'{'"), *members, *more, both("'}'")])


def _array(name: str, one: Pair, source: str) -> Pair:
    """A member that is a list: each row of a source as an object."""
    start = quoted(f',"{name}":[')
    mine, theirs = (f"(SELECT {doc} AS doc FROM {source}) AS r" for doc in one)
    return (
        f"{start} || COALESCE((SELECT group_concat(r.doc, ',') FROM {mine}), '') || ']'",
        f"concat({start}, (SELECT string_agg(r.doc, ',') FROM {theirs}), ']')",
    )


_LINES: Final = "order_line l WHERE l.cm_id = :cm_id AND l.order_id = o.id ORDER BY l.line_no"
# Of a payment `f` that is none by itself, the newest entry `n` that is no refund of it tells the details.
_PAYMENTS: Final = """payment_entry f JOIN payment_entry n ON n.cm_id = :cm_id AND n.payment_id = f.payment_id
    WHERE f.cm_id = :cm_id AND f.order_id = o.id AND f.entry_no = 1 AND n.entry_no = (
        SELECT MAX(m.entry_no) FROM payment_entry m WHERE m.cm_id = :cm_id AND m.payment_id = f.payment_id
            AND (COALESCE(m.kind, '') <> 'refund' OR f.kind = 'refund'))
    ORDER BY f.at, f.payment_id"""


@lru_cache(maxsize=256)
def document(shape: Shape) -> Pair:
    """The JSON text of an order `o`, whose joins are `joins`."""
    more = []
    if shape.lines is not None:
        more.append(_array("lines", _object(shape.lines), _LINES))
    if shape.payments is not None:
        more.append(_array("payments", _object(shape.payments), _PAYMENTS))
    return _object(shape.keys, more)


@lru_cache(maxsize=256)
def joins(shape: Shape) -> Pair:
    """What the expressions of a shape need beside the order."""
    found = [both(CUSTOMER_OF_ORDER)] if any(key.of is Of.COPY or key.other == "zone" for key in shape.keys) else []
    if any(key.of is Of.ENQUIRY for key in shape.keys):
        found.append(both(ENQUIRY_OF_ORDER))
    words = ", ".join(f'"{key.word}" json' for key in shape.keys if key.of in _ADDITIONAL)
    if words:
        # Taken apart once; SQLite keeps what it has parsed.
        found.append(("", f"LEFT JOIN LATERAL json_to_record(o.additional::json) AS x({words}) ON true"))
    return " ".join(pair[0] for pair in found), " ".join(pair[1] for pair in found)


@lru_cache(maxsize=256)
def unnumbered(shape: Shape) -> Pair:
    """Whether an order shows a name of a named list that has no number yet: 1 or 0."""
    found = []
    for key in shape.keys:
        if key.of is Of.LIST:
            name, number = list_name(key.other), _list_number(key.other)
            found.append(tuple(f"({name} IS NOT NULL AND {one} IS NULL)" for one in number))
    if not found:
        return both("0")
    mine, theirs = (" OR ".join(pair[engine] for pair in found) for engine in (0, 1))
    return f"CASE WHEN {mine} THEN 1 ELSE 0 END", f"CASE WHEN {theirs} THEN 1 ELSE 0 END"
