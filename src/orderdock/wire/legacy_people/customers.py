"""Legacy customer push: items -> commands, verdicts -> the answer (contract 2.10)."""

from __future__ import annotations

from typing import Any, Final

from orderdock.accounts.model import Scope
from orderdock.errors import CODES
from orderdock.fields import FIELDS, In
from orderdock.orders.model import Operation, Verdict
from orderdock.people.model import CustomerWrite
from orderdock.wire.body import Spelling, encode
from orderdock.wire.legacy_people.items import Said, extras, failure
from orderdock.wire.parts import Reading, read_part

PUSH: Final[Operation] = "customer.push"
PLACE: Final = In.LEGACY_CUSTOMER
ADDED: Final = "Customer Added Successfully"
SPELLING: Final[Spelling] = "both"
# What stands in `Message` of a failure, where it is not the code's own sentence.
FAILED: Final = {"ReqFieldMissing": "Name, Email Id, and Phone Number required"}
# The same for a request that is refused as a whole.
REQUEST_TEXT: Final = {**FAILED, **{code: CODES[code] for code in ("AuthKeyInvalid", "APIExpired")}}
# The one name of the employee takes any of what an employee is named by.
_PARTS: Final = tuple(name.part for name in FIELDS["customer.assigned_to"].ins[In.V1_CUSTOMER])


def read_customer(item: dict[str, Any], scope: Scope, said: Said) -> CustomerWrite:
    """What was given and could be read of one item; what could not travels with it as faults."""
    reading = Reading(scope, PUSH)
    part = read_part(reading, item, PLACE, "")
    assignee = {by: text for text in part.assignee.values() for by in _PARTS}
    return CustomerWrite(part.of("customer"), assignee, part.extra, reading.faults, reading.warnings, said)


def show_customer(verdict: Verdict, *, scope: Scope, minimal: bool, dry_run: bool) -> bytes:
    """The answer to one item: the documented names in both spellings."""
    if verdict.outcome == "failed":
        return failure(verdict, scope, PLACE, FAILED, SPELLING)
    number = {"Kapture Customer Id": str(verdict.customer_id or "")}
    outcome = {"outcome": verdict.outcome} if scope.settings["extra_keys"] else {}
    if minimal:
        body = {**number, **outcome, "status": "success"}
    else:
        body = {"Message": ADDED, **number, "Status": "Success", "message": ADDED, "status": "success", **outcome}
    kept = verdict.command.extra if isinstance(verdict.command, CustomerWrite) else {}
    return encode({**body, **extras(verdict, scope, PLACE, kept, dry_run=dry_run)})
