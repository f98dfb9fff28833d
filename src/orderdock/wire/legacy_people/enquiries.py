"""Enquiry push, `add-update-enquiry-from-other-source.html`: items -> commands, verdicts -> answers (contract 2.13)."""

from __future__ import annotations

from typing import Any, Final

from orderdock.accounts.model import Scope
from orderdock.errors import CODES
from orderdock.fields import In
from orderdock.orders.model import Operation, Verdict
from orderdock.people.model import EnquiryWrite
from orderdock.wire.body import encode
from orderdock.wire.legacy_people.items import Said, extras, failure, first_of
from orderdock.wire.parts import Reading, read_part

PUSH: Final[Operation] = "enquiry.push"
PLACE: Final = In.LEGACY_ENQUIRY
# What stands in `Message` whatever is wrong with an item.
FAILED: Final = "Name, Email Id, and Phone Number, Or Enquiry Id required"
# What stands there when a request is refused as a whole.
REQUEST_TEXT: Final = {code: CODES[code] for code in ("AuthKeyInvalid", "APIExpired")}
ADDED, UPDATED = "Enquiry Added Successfully", "Enquiry Updated Successfully"
_NOT_SHOWN: Final = "N/A"


def read_enquiry(members: dict[str, Any], scope: Scope, said: Said) -> EnquiryWrite:
    """The command of an item: what was given and could be read; what could not travels with it as faults."""
    reading = Reading(scope, PUSH)
    part = read_part(reading, members, PLACE, "")
    return EnquiryWrite(
        part.of("enquiry"), part.of("customer"), part.assignee, part.group, part.extra, reading.faults,
        reading.warnings, said,
    )  # fmt: skip


def show_enquiry(verdict: Verdict, *, scope: Scope, minimal: bool, dry_run: bool) -> bytes:
    """The answer to one item."""
    if verdict.outcome == "failed":
        is_repeat = first_of(verdict, PLACE).code == "LeadExists"
        return _lead_exists(verdict, scope) if is_repeat else failure(verdict, scope, PLACE, FAILED)
    number = str(verdict.enquiry_id or "")
    body: dict[str, Any] = {"Enquiry Id": number}
    if not minimal:
        body |= {
            "Assigned Employee Code": verdict.assignee,
            "message": _message(verdict),
            "Kapture Customer Id": str(verdict.customer_id or ""),
            "status": "success",
        }
    if scope.settings["extra_keys"]:
        body["outcome"] = verdict.outcome
    extra = verdict.command.extra if isinstance(verdict.command, EnquiryWrite) else {}
    shown = extras(verdict, scope, PLACE, extra, dry_run=dry_run)
    return encode({**body, **({"status": "success"} if minimal else {}), **shown})


def _message(verdict: Verdict) -> str:
    """A repeat is told in the words of the documents, with the details by which the customer was known."""
    if verdict.known_by is None:
        return ADDED if verdict.outcome == "created" else UPDATED
    given = verdict.command.customer if isinstance(verdict.command, EnquiryWrite) else {}
    return repeat(*(given[name] if name in verdict.known_by else None for name in ("phone", "email")))


def repeat(phone: str | None, email: str | None) -> str:
    """What is said of a repeat: the details that are given, and never the name."""
    return f"Duplicate Enquiry Name : {_NOT_SHOWN} , Phone : {phone or _NOT_SHOWN} , Email : {email or _NOT_SHOWN} !! "


def lead_exists(customer_id: int, enquiry_id: int, contact_id: int) -> str:
    """What is said of a repeat that the account does not want; 0: there is no such yet."""
    customer, enquiry, contact = (number or "" for number in (customer_id, enquiry_id, contact_id))
    return f"Lead already exists, Customer ID :{customer}, Enquiry ID :{enquiry}, Contact ID : {contact}"


def _lead_exists(verdict: Verdict, scope: Scope) -> bytes:
    """The failure of such a repeat; documented in lower case."""
    message = lead_exists(verdict.customer_id, verdict.enquiry_id, verdict.contact_id)
    return failure(verdict, scope, PLACE, message, "lower")
