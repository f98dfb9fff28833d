"""v1 add-update: a verdict -> the answer (contract 2.8, 2.14, 1.10, 1.11). Runs inside the writer's transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

from orderdock.errors import CODES, Fault
from orderdock.fields import In
from orderdock.kinds import from_json
from orderdock.orders.model import AddUpdate, Verdict
from orderdock.wire.body import MAX_ENTRIES, encode, entries
from orderdock.wire.v1_write.places import CONTACT, CUSTOMER, ENQUIRY, ORDER, group_of
from orderdock.wire.v1_write.said import Places, Said, locate, position


class Terms(NamedTuple):
    """How answers speak of the record that a request is about.

    `name` is the member that holds its numbers; (message, event) of what was `added` and `updated`; `number` is its own
    number, `text` the message of a failure by code, where it is not that of the code.
    """

    name: str
    added: tuple[str, str]
    updated: tuple[str, str]
    number: str
    text: Mapping[str, str]


ORDER_TERMS: Final = Terms(
    "Order", ("Order Added successfully !", "ORDER_CREATION"),
    ("Order Updated successfully !", "ORDER_FIELD_UPDATION"), "order_id", {},
)  # fmt: skip
CUSTOMER_TERMS: Final = Terms(
    "Customer", ("Customer Added successfully !", "CUSTOMER_CREATION"),
    ("Customer Updated successfully !", "CUSTOMER_FIELD_UPDATION"), "customer_id",
    {"ReqFieldMissing": "Name, Email Id, and Phone Number required"},
)  # fmt: skip
Answer = tuple[str, bytes]


def render_form(verdicts: Sequence[Verdict], *, minimal: bool = False, dry_run: bool = False) -> Answer:
    """(code of the failure or nothing, body) of the one verdict of a request."""
    verdict = verdicts[0]
    said: Said = verdict.command.said
    terms = CUSTOMER_TERMS if verdict.command.operation == "customer.add-update" else ORDER_TERMS
    if verdict.outcome == "failed":
        faults = _in_order(verdict.faults, said)
        code = faults[0].code
        listed = entries(faults, lambda fault: locate(fault, said))
        return code, encode(
            {"message": terms.text.get(code, CODES[code]), "status": "failed", "error": code, "errors": listed}
        )
    body = _minimal(verdict, terms) if minimal else _whole(verdict, terms)
    if verdict.warnings:
        body["warnings"] = entries(verdict.warnings, lambda fault: locate(fault, said))
    if dry_run and isinstance(verdict.command, AddUpdate):
        body.update(dry_run=True, unknown_fields=_unknown_fields(verdict.command))
    return "", encode(body)


def _unknown_fields(form: AddUpdate) -> list[str]:
    """The caller's names that no field has and that are kept as additional fields: a typo looks like one."""
    said: Said = form.said
    groups = [(CUSTOMER, form.customer_extra), (ORDER, form.order.extra), (ENQUIRY, form.enquiry_extra)]
    found = [f"{group_of(place)}.{name}" for place, extra in groups for name in _own(said.body, place, extra)]
    for contact in form.contacts:
        found += [f"{group_of(CONTACT)}[{contact.at}].{name}" for name in contact.extra]
    for at, line in zip(said.lines, form.order.lines or (), strict=False):
        kept = from_json(line["additional"]) if "additional" in line else {}
        found += [f"{said.lines_path}[{at}].{name}" for name in kept]
    groups_kept = form.customer_associate if form.is_customer else form.order.associate
    return [*found, *(name for name in groups_kept if name in said.body)][:MAX_ENTRIES]


def _own(body: dict[str, Any], place: In, extra: dict[str, Any]) -> list[str]:
    """Those of the kept names that stand in a group itself, not in its `additional_fields`."""
    group = body.get(group_of(place))
    group = group[0] if isinstance(group, list) and group else group
    return [name for name in extra if isinstance(group, dict) and name in group]


def _minimal(verdict: Verdict, terms: Terms) -> dict[str, Any]:
    return {"status": "success", terms.number: getattr(verdict, terms.number), "outcome": verdict.outcome}


def _is_added(verdict: Verdict) -> bool:
    form = verdict.command
    if isinstance(form, AddUpdate) and not form.is_customer:
        return form.is_added
    return verdict.outcome == "created"


def _whole(verdict: Verdict, terms: Terms) -> dict[str, Any]:
    message, event = terms.added if _is_added(verdict) else terms.updated
    record: dict[str, Any] = {
        "result": True,
        "customer_id": verdict.customer_id,
        "enquiry_id": verdict.enquiry_id,
        "action": terms.name.upper(),
        "action_event": event,
        "contact_id": verdict.contact_id,
        terms.number: getattr(verdict, terms.number),
        "outcome": verdict.outcome,
    }
    if verdict.payment_ids:
        record["payment_ids"] = list(verdict.payment_ids)
    return {"status": "success", "message": message, terms.name: record}


def _in_order(faults: Sequence[Fault], said: Said) -> list[Fault]:
    """Missing fields first, the rest as it stands in the body (contract 1.10.1)."""
    missing = [fault for fault in faults if fault.code == "ReqFieldMissing"]
    rest = [fault for fault in faults if fault.code != "ReqFieldMissing"]
    known: Places = {}
    return missing + sorted(rest, key=lambda fault: position(locate(fault, said)[0], said.body, known))
