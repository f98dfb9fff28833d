"""Legacy pull and get: orders -> bytes (contract 2.6, 2.7). Every value is a string; dates are in the account's zone.

Names and kinds come from the registry; what stands here is the order of the keys.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from orderdock.accounts.model import Scope
from orderdock.errors import Fault
from orderdock.events.model import ACTIONS, Change, Logged, action_of, changes_of
from orderdock.fields import ALL_FIELDS, FIELDS, LINE_FIELDS, Field, In, Out, shown_at
from orderdock.kinds import Locale, show_local, to_json
from orderdock.orders.model import Record
from orderdock.orders.query import GetRequest, OrderQuery, Page, payment_of
from orderdock.wire.body import encode, entry
from orderdock.wire.parts import Key, printed

_PULL: Final = (
    "id leadId enquiryId name phone email creatorId productId productQuantity productValue paymentTerm paymentMode"
    " remarks companyName createDate modifiedDate"
)
_GET: Final = (
    "id cmId leadId enquiryId name phone email creatorId productId productQuantity productValue createDate modifiedDate"
)
_DETAILS: Final = "erpOrderId orderStatus orderType grandTotal totalPaid discount"
_LINE: Final = "skuId productName parentProductName productType description rate quantity discount value"
_PAYMENT: Final = "paymentId amount mode chequeNumber chequeDate bankName reference remarks paidAt"
# Sums of nothing are zero, not unset (L12).
_SUMS: Final = frozenset({"product_quantity", "product_value", "discount", "total_paid"})


def _plan(words: str, *places: Out, extras: bool = True) -> tuple[Key, ...]:
    """The keys of an answer in order; `extras` False leaves out those that the documents do not show."""
    found = []
    for word in words.split():
        row = next((shown_at(place)[word] for place in places if word in shown_at(place)), None)
        ours = row is not None and any(
            name.ours for place in places for name in row.outs.get(place, ()) if name.word == word
        )
        if extras or not ours:
            found.append(_key(word, row))
    return tuple(found)


def _key(word: str, row: Field | None) -> Key:
    """A key without a field of its own (products are *later*) is always empty; that of the account is filled in."""
    if row is None:
        return Key(word, "", _as_text, "")
    column = row.column or row.name
    return Key(word, column, row.kind.show, "0" if column in _SUMS else "")


def _as_text(value: Any, _: Locale) -> str:
    return str(value)


_PULL_KEYS: Final = {on: _plan(_PULL, Out.LEGACY_ORDER, extras=on) for on in (True, False)}
_GET_KEYS: Final = {on: _plan(_GET, Out.LEGACY_GET, Out.LEGACY_ORDER, extras=on) for on in (True, False)}
_DETAIL_KEYS: Final = _plan(_DETAILS, Out.LEGACY_DETAILS)
_LINE_KEYS: Final = _plan(_LINE, Out.LEGACY_LINE)
_PAYMENT_KEYS: Final = _plan(_PAYMENT, Out.LEGACY_PAYMENT)


def show_page(page: Page, query: OrderQuery, scope: Scope) -> bytes:
    """The answer of a pull (contract 2.6)."""
    extras = bool(scope.settings["extra_keys"])
    keys = _PULL_KEYS[extras]
    orders = [
        _with_more(printed(keys, page.copied(order), scope.locale), order, page, scope, query.details, query.history)
        for order in page.orders
    ]
    answer: dict[str, Any] = {"orders": orders, "status": "success"}
    if extras:
        answer.update(total="" if page.total is None else str(page.total), next=page.next)
        if query.warnings:
            answer["warnings"] = [entry(fault, fault.path or "", fault.value) for fault in query.warnings]
    return encode(answer)


def show_get(page: Page, request: GetRequest, scope: Scope) -> bytes | tuple[Fault, ...]:
    """The success of one item of a get (contract 2.7), or what is wrong with it."""
    if request.faults:
        return request.faults
    order = page.find(request.wanted)
    if order is None:
        return (request.missed,)
    record = {**page.copied(order), FIELDS["order.account"].name: scope.cm_id}
    message = printed(_GET_KEYS[bool(scope.settings["extra_keys"])], record, scope.locale)
    message = _with_more(message, order, page, scope, request.details, request.history)
    return encode({"message": message, "status": "success"})


def join(answers: Sequence[bytes]) -> bytes:
    """The array of the answers to several items."""
    return b"[" + b",".join(answers) + b"]"


def _with_more(
    shown: dict[str, Any], order: Record, page: Page, scope: Scope, details: bool, history: bool
) -> dict[str, Any]:
    """What was asked for beside the order's own keys; history comes last."""
    number = order["id"]
    if details:
        shown.update(printed(_DETAIL_KEYS, order, scope.locale))
        shown["lines"] = [printed(_LINE_KEYS, line, scope.locale) for line in page.lines.get(number, ())]
        shown["payments"] = [_payment(entries, scope.locale) for entries in page.payments.get(number, ())]
    if history:
        shown["history"] = _history(page.history.get(number, ()), scope.locale)
    return shown


def _payment(entries: Sequence[Record], locale: Locale) -> dict[str, Any]:
    """A payment as it is now: the details of its newest entry, the sum of all."""
    return printed(_PAYMENT_KEYS, payment_of(entries), locale)


def _history(events: Sequence[Logged], locale: Locale) -> list[dict[str, Any]]:
    shown = []
    for event in events:
        if event.kind not in ACTIONS:
            continue
        changes = changes_of(event)
        shown.append(
            {
                "at": show_local(event.at, locale.zone),
                "actor": event.actor,
                "action": action_of(event, changes),
                "changes": [_change(change, locale) for change in changes if _is_told(change)],
            }
        )
    return shown


def _is_told(change: Change) -> bool:
    """What differs (a corrected payment keeps its number), and has a name that callers know."""
    return change.before != change.after and (change.field is None or change.field.name not in _NAMELESS)


def _change(change: Change, locale: Locale) -> dict[str, str]:
    return {
        "field": _name(change),
        "before": _value(change.field, change.before, locale),
        "after": _value(change.field, change.after, locale),
    }


def _value(row: Field | None, value: Any, locale: Locale) -> str:
    if value is None:
        return ""
    if row is None or not isinstance(value, str | int):
        return value if isinstance(value, str) else to_json(value)
    return str(row.kind.show(value, locale))


_SHOWN: Final = frozenset({Out.LEGACY_ORDER, Out.LEGACY_GET, Out.LEGACY_DETAILS, Out.LEGACY_LINE, Out.LEGACY_PAYMENT})
# Sums and the like that callers neither write nor see in this family; additional fields they do write.
_NAMELESS: Final = frozenset(
    row.name for row in ALL_FIELDS if not row.ins and row.column != "additional" and _SHOWN.isdisjoint(row.outs)
)
# Where a field's name is looked for; the first place that has one counts.
_OUTS: Final = (Out.LEGACY_ORDER, Out.LEGACY_DETAILS, Out.LEGACY_PAYMENT)
_INS: Final = (In.LEGACY_ORDER, In.LEGACY_ENQUIRY)


def _names() -> dict[str, str]:
    """Domain field -> its name in a history; lines go by the names in which they are sent."""
    found = {row.name: _name_of(row) for row in ALL_FIELDS}
    taken: set[str] = set()
    for row in LINE_FIELDS:
        words = [name.word for name in row.ins.get(In.LEGACY_LINE, ())]
        free = [word for word in words if word not in taken]
        taken.update(words)
        shown = [name.word for name in row.outs.get(Out.LEGACY_LINE, ())]
        found[row.name] = next(iter((*free, *shown)), row.column)
    return found


def _name_of(row: Field) -> str:
    for place in _OUTS:
        if place in row.outs:
            return row.outs[place][-1].word
    for entrance in _INS:
        if entrance in row.ins:
            return row.ins[entrance][0].word
    return row.column


_NAMES: Final = _names()
_LINES: Final = FIELDS["lines"].ins[In.LEGACY_ORDER][0].word


def _name(change: Change) -> str:
    name = _NAMES[change.field.name] if change.field else change.name
    if change.at is not None:
        return f"{_LINES}[{change.at}].{name}"
    return f"{change.inner}.{name}" if change.inner else name
