"""v1 add-update: a body -> one command (contract 2.8, 1.2, 1.5)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final, Literal

from orderdock.accounts.model import Scope
from orderdock.errors import AccountMismatch, EmptyRequest, Fault, InvalidId, InvalidType, MalformedBody
from orderdock.fields import In
from orderdock.kinds import EXTRA, ID, RECORDS, Locale, Unreadable, as_text, is_empty, region_of
from orderdock.orders.model import ANY_REVISION, AddUpdate, ContactWrite, OrderWrite, PaymentPart
from orderdock.wire.parts import BOTH, REFUND_OF, UPDATE, Part, Reading, flag, many_of, one_group, read_part
from orderdock.wire.v1_write.clears import read_clears
from orderdock.wire.v1_write.places import (
    ACCOUNT_WORDS,
    CLEAR,
    CONTACT,
    CUSTOMER,
    ENQUIRY,
    GROUP_BAGS,
    GROUPS,
    LINE,
    LINES_WORD,
    ORDER,
    PAYMENT,
    group_of,
)
from orderdock.wire.v1_write.said import Said

OPERATION: Final[Literal["order.add-update"]] = "order.add-update"
# So many lines, contacts or payments may be in one request.
MOST: Final = 1_000
_LOCALE: Final = Locale()
_TOP: Final = frozenset({*GROUPS, CLEAR, *ACCOUNT_WORDS})
KIND_OF_REFUND: Final = "refund"
_KINDS: Final = {"payment": False, KIND_OF_REFUND: True}


def one_object(value: Any) -> dict[str, Any]:
    """The object of a v1 request, bare or alone in an array. Raises MalformedBody, EmptyRequest, InvalidType."""
    if isinstance(value, list):
        if not value:
            raise EmptyRequest
        if len(value) > 1 or not isinstance(value[0], dict):
            raise InvalidType("one object is needed", value=len(value))
        value = value[0]
    if not isinstance(value, dict):
        raise MalformedBody("neither an array nor an object")
    return value


def check_account(body: dict[str, Any], scope: Scope) -> None:
    """A given `cmId` must be the credential's account (contract 1.2). Raises InvalidId, AccountMismatch."""
    for word in ACCOUNT_WORDS:
        raw = body.get(word)
        try:
            number = None if raw is None else ID.read(raw, _LOCALE, [])
        except Unreadable:
            number = -1
        if number is not None and number < 0:
            raise InvalidId("a positive whole number is needed", path=word, value=raw)
        if number is not None and number != scope.cm_id:
            raise AccountMismatch(path=word, value=raw)


def read_form(body: dict[str, Any], scope: Scope, revisions: frozenset[int] | None = None) -> AddUpdate:
    """The one command of a body about an order: what was given and could be read; what could not, as faults."""
    reading, said = Reading(scope, OPERATION), Said(body)
    customer, order, enquiry = (read_group(reading, body, place) for place in (CUSTOMER, ORDER, ENQUIRY))
    contacts = read_contacts(reading, body)
    lines = _lines(reading, body, order, said)
    payments = _payments(reading, body)
    keep_unknown_groups(reading, body, order)
    _ignore_statement(reading, order, payments)
    is_order = is_sent(body, group_of(ORDER)) or bool(lines or payments) or _is_unread(reading, LINE, PAYMENT)
    given = {**customer.of("order"), **order.of("order")}
    made = form_of(reading, said, body, OPERATION, (customer, order, enquiry), contacts, given)
    made.order.lines, made.payments, made.is_order, made.revisions = lines or None, payments, is_order, revisions
    return made


def form_of(
    reading: Reading, said: Said, body: dict[str, Any], operation: Literal["order.add-update", "customer.add-update"],
    groups: tuple[Part, Part, Part], contacts: list[ContactWrite], given: dict[str, Any],
) -> AddUpdate:  # fmt: skip
    """The command of a body by its groups of customer, order and enquiry; `given` are the columns of an order, if there
    is one. Of its lines and payments it says nothing yet.
    """
    customer, order, enquiry = groups
    write = OrderWrite(
        operation=operation, order=given,
        lines=None, assignee=order.assignee, extra=order.extra, associate=order.associate,
        customer=customer.of("customer"),
        enquiry_id=enquiry.of("enquiry").pop("id", None), group=enquiry.group,
        faults=reading.faults, warnings=reading.warnings, said=said,
    )  # fmt: skip
    return AddUpdate(
        operation=operation, order=write, said=said,
        update=flag(reading, order, UPDATE), is_order=False, payments=[], revisions=None,
        customer_update=flag(reading, customer, UPDATE), customer_assignee=customer.assignee,
        customer_extra=customer.extra, customer_associate=customer.associate,
        contacts=contacts,
        enquiry=enquiry.of("enquiry"), enquiry_update=flag(reading, enquiry, UPDATE),
        enquiry_assignee=enquiry.assignee, enquiry_extra=enquiry.extra,
        clears=read_clears(reading, body.get(CLEAR), ORDER if operation == OPERATION else CUSTOMER),
    )  # fmt: skip


def is_sent(body: dict[str, Any], word: str) -> bool:
    """Whether anything was sent in a group; an empty object counts."""
    raw = body.get(word)
    return raw != [] and not is_empty(raw)


def _is_unread(reading: Reading, *places: In) -> bool:
    """Whether a group was sent that could not be read."""
    return any((fault.path or "").startswith(group_of(place)) for fault in reading.faults for place in places)


def read_group(reading: Reading, body: dict[str, Any], place: In) -> Part:
    """What was given of a group that is one object."""
    word = group_of(place)
    return read_part(reading, one_group(reading, body, word) or {}, place, word)


def read_contacts(reading: Reading, body: dict[str, Any]) -> list[ContactWrite]:
    """The contacts that say something; their phones are read in the region that they name."""
    found, word = [], group_of(CONTACT)
    for at, raw in many_of(reading, body.get(word), word, MOST):
        region = _region(raw.get("country_code"))
        locale = replace(reading.scope.locale, country=region) if region else None
        part = read_part(reading, raw, CONTACT, f"{word}[{at}]", at, locale)
        update, both = flag(reading, part, UPDATE), flag(reading, part, BOTH)
        if not part.says_nothing():
            found.append(ContactWrite(part.of("contact"), part.extra, update, both, at))
    return found


def _region(raw: Any) -> str | None:
    try:
        return region_of(as_text(raw)) if raw is not None else None
    except Unreadable:
        return None


def _lines(reading: Reading, body: dict[str, Any], order: Part, said: Said) -> list[dict[str, Any]]:
    """The lines of the order; a line of empty members only is none (contract 1.9.6)."""
    given, said.lines_path = order.lines, f"{order.path}.{LINES_WORD}"
    if given is None or is_sent(body, LINES_WORD):
        said.lines_path = LINES_WORD
        try:
            given = RECORDS.read(body.get(LINES_WORD), _LOCALE, [])
        except Unreadable as error:
            reading.fault(error.code, "lines", error.message, body[LINES_WORD], LINES_WORD)
            given = None
    lines: list[dict[str, Any]] = []
    for at, raw in many_of(reading, given, said.lines_path, MOST):
        part = read_part(reading, raw, LINE, f"{said.lines_path}[{at}]", len(lines))
        if part.says_nothing():
            continue
        line = part.of("line")
        if part.extra:
            _keep_extra(reading, line, part)
        lines.append(line)
        said.lines.append(at)
    return lines


def _keep_extra(reading: Reading, line: dict[str, Any], part: Part) -> None:
    try:
        line["additional"] = EXTRA.merge(None, part.extra)
    except Unreadable as error:
        reading.fault(error.code, "line.additional", error.message, "", part.path, part.at)


def _payments(reading: Reading, body: dict[str, Any]) -> list[PaymentPart]:
    found, word = [], group_of(PAYMENT)
    for at, raw in many_of(reading, body.get(word), word, MOST):
        part = read_part(reading, raw, PAYMENT, f"{word}[{at}]", at)
        of = _refund_of(reading, part)
        if part.says_nothing() and of is None:
            continue
        values = part.of("payment")
        found.append(PaymentPart(values, _is_refund(reading, part, values.pop("kind", None)) or of is not None, of, at))
    return found


def _refund_of(reading: Reading, part: Part) -> int | None:
    raw = part.raw.get(REFUND_OF)
    try:
        number: int | None = None if raw is None else ID.read(raw, _LOCALE, [])
    except Unreadable as error:
        reading.fault(error.code, "payment.refund_of", error.message, raw, f"{part.path}.{REFUND_OF}", part.at)
        return None
    return number


def _is_refund(reading: Reading, part: Part, kind: str | None) -> bool:
    word = (kind or "payment").lower()
    if word not in _KINDS:
        message = f"{' or '.join(_KINDS)} is needed"
        reading.fault("InvalidType", "payment.kind", message, kind, f"{part.path}.kind", part.at)
    return _KINDS.get(word, False)


def keep_unknown_groups(reading: Reading, body: dict[str, Any], part: Part) -> None:
    """A group that nobody knows is kept under the associate fields of what the body is about (contract 1.9.1)."""
    for word, raw in body.items():
        if word in _TOP or is_empty(raw):
            continue
        if reading.may_send(part.place, word, GROUP_BAGS[part.place]):
            part.associate[word] = raw
        else:
            reading.warn("FieldIgnored", "", "not used in this operation by this key", raw, word)


def _ignore_statement(reading: Reading, order: Part, payments: list[PaymentPart]) -> None:
    """With payments given, a statement of what is paid says nothing (contract 2.8 rule 7)."""
    if payments and order.of("order").pop("total_paid", None) is not None:
        fault = Fault("FieldIgnored", "order.total_paid", "payment_details say what is paid")
        reading.warnings.append(fault)


def revisions_of(header: str | None) -> frozenset[int] | None:
    """The revisions that `If-Match` allows; None: no condition. A tag that is no revision of ours matches nothing."""
    if header is None or not header.strip():
        return None
    if header.strip() == "*":
        return frozenset({ANY_REVISION})
    tags = (tag.strip().removeprefix("W/").strip('"') for tag in header.split(","))
    return frozenset(int(tag) for tag in tags if tag.isascii() and tag.isdigit() and len(tag) < 16)
