"""Legacy add-update: verdicts -> the answer (contract 2.2 - 2.5, 1.10, 1.11). Runs inside the writer's transaction."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from orderdock.accounts.model import Scope
from orderdock.errors import CODES, Fault
from orderdock.fields import In
from orderdock.kinds import is_empty
from orderdock.orders.model import OrderWrite, Verdict
from orderdock.wire.body import MAX_ENTRIES, encode, entries, legacy_failure
from orderdock.wire.legacy.choose import PAYMENT, PUSH, UPDATE
from orderdock.wire.legacy.places import LINE_NAMES, LINES_WORD, ORDER_NAMES
from orderdock.wire.legacy.said import Places, Said, locate, position

# What the documents print when an item fails: Message, Status.
FAILED: Final[dict[str, tuple[str, str]]] = {
    PUSH: ("Order Creation Failed...", "failed"),
    UPDATE: (
        "Order Id Or Enquiry Id Or Customer Id Or Customer Name Or Customer Code And Email Id or Phone required.",
        "Fail",
    ),
    PAYMENT: (
        "(customer Id and order Id) or (payment Id) required and Paid amount should be greater than zero",
        "Fail",
    ),
}
# What stands in `Message` when a whole request is refused for want of items (contract 2.5).
REQUEST_TEXT: Final = {"EmptyRequest": FAILED[PUSH][0]}
# Codes whose own text stands in `Message`, whatever the operation.
OWN_TEXT: Final = frozenset({"OperationNotAllowed", "ServerFailure", "BatchRejected"})
_STATUS: Final = {"OperationNotAllowed": 403, "ServerFailure": 500}

Answer = tuple[int, bytes]


def render_writes(verdicts: Sequence[Verdict], scope: Scope, *, minimal: bool = False, dry_run: bool = False) -> Answer:
    """(HTTP status, body) of a write: one success in an array, one payment or one failure bare, several in an array."""
    if len(verdicts) != 1:
        return 200, b"[" + b",".join(_element(verdict, scope, minimal, dry_run) for verdict in verdicts) + b"]"
    verdict = verdicts[0]
    body = _element(verdict, scope, minimal, dry_run)
    if verdict.outcome != "failed":
        return 200, body if verdict.command.operation == PAYMENT else b"[" + body + b"]"
    status = 200 if scope.account["http_status"] == "always-200" else _STATUS.get(_first(verdict.faults).code, 200)
    return status, body


def _element(verdict: Verdict, scope: Scope, minimal: bool, dry_run: bool) -> bytes:
    extra = scope.settings["extra_keys"]
    if verdict.outcome == "failed":
        return encode(_failure(verdict, extra, scope.account["lowercase_twins"]))
    body = _success(verdict, extra, minimal).encode()
    if verdict.warnings and extra:
        body += b',"warnings":' + encode(entries(verdict.warnings, lambda fault: _say(verdict, fault)))
    if dry_run and extra:
        body += b',"dry_run":"true","unknown_fields":' + encode(_unknown_fields(verdict))
    return body + b"}"


def _unknown_fields(verdict: Verdict) -> list[str]:
    """The caller's names that no field has and that are kept as additional fields: a typo looks like one."""
    said: Said = verdict.command.said
    if not isinstance(verdict.command, OrderWrite):
        return []
    found = [name for name in said.item if name in verdict.command.extra and name not in ORDER_NAMES]
    lines = said.item.get(LINES_WORD)
    for at, line in enumerate(lines if isinstance(lines, list) else [lines]):
        if isinstance(line, dict):
            names = (name for name, value in line.items() if name not in LINE_NAMES and not is_empty(value))
            found += [f"{LINES_WORD}[{at}].{name}" for name in names]
    return found[:MAX_ENTRIES]


def _success(verdict: Verdict, extra: bool, minimal: bool) -> str:
    """A success object without its closing brace."""
    outcome = f',"outcome":"{verdict.outcome}"' if extra else ""
    if verdict.command.operation == PAYMENT:
        if minimal:
            return f'{{"payment_id":"{verdict.payment_id or ""}"{outcome},"status":"success"'
        payment = f'{outcome},"payment_id":"{verdict.payment_id or ""}"' if extra else ""
        return f'{{"message":"payment against order updated successfully.","status":"success"{payment}'
    order = verdict.order_id or ""
    if minimal:
        return f'{{"order_id":"{order}"{outcome},"status":"success"'
    enquiry, customer = verdict.enquiry_id or "", verdict.customer_id or ""
    return (
        f'{{"Enquiry Id":"{enquiry}","Order Id":"{order}","kapture_customer_id":"{customer}",'
        f'"message":"Order Added Successfully","order_id":"{order}","enquiry_id":"{enquiry}",'
        f'"Kapture Customer Id":"{customer}","status":"success"{outcome}'
    )


def _failure(verdict: Verdict, extra: bool, twins: bool) -> dict[str, Any]:
    faults = _in_order(verdict)
    code = _first(faults).code
    message, status = FAILED[verdict.command.operation]
    message = CODES[code] if code in OWN_TEXT else message
    listed = entries(faults, lambda fault: _say(verdict, fault)) if extra else []
    return legacy_failure(message, status, code, listed, extra=extra, twins=twins, spelling="capitals")


def _first(faults: Sequence[Fault]) -> Fault:
    return next((fault for fault in faults if fault.code == "ReqFieldMissing"), faults[0])


def _in_order(verdict: Verdict) -> list[Fault]:
    """Missing fields first, as the rules found them; the rest as it stands in the body (contract 1.10.1)."""
    said: Said = verdict.command.said
    missing = [fault for fault in verdict.faults if fault.code == "ReqFieldMissing"]
    rest = [fault for fault in verdict.faults if fault.code != "ReqFieldMissing"]
    if len(rest) > 1:
        bare = Said(said.item, said.index, False, said.kept)
        known: Places = {}
        rest.sort(key=lambda fault: position(locate(fault, bare, _place(verdict))[0], said.item, known))
    return missing + rest


def _say(verdict: Verdict, fault: Fault) -> tuple[str, Any]:
    return locate(fault, verdict.command.said, _place(verdict))


def _place(verdict: Verdict) -> In:
    return In.LEGACY_PAYMENT if verdict.command.operation == PAYMENT else In.LEGACY_ORDER
