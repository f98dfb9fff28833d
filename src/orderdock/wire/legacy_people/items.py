"""What the legacy endpoints for customers and enquiries share: items -> commands, and verdicts -> one answer.

Source: contract 1.2, 1.5, 1.10 - 1.13, 2.10 - 2.13.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import msgspec

from orderdock.accounts.model import Scope
from orderdock.errors import CODES, Fault, OperationNotAllowed
from orderdock.fields import FIELDS, In, read_at
from orderdock.kinds import is_empty
from orderdock.orders.model import Command, Operation, Unread, Verdict
from orderdock.wire.body import MAX_ENTRIES, Spelling, encode, entries, legacy_failure
from orderdock.wire.parts import ACCOUNT_WORDS, account_fault

# Codes whose own text stands in `Message`, whatever the endpoint says of its items.
OWN_TEXT: Final = frozenset({"OperationNotAllowed", "ServerFailure", "BatchRejected"})
_STATUS: Final = {"OperationNotAllowed": 403, "ServerFailure": 500}

Answer = tuple[int, bytes]


class Said(msgspec.Struct, gc=False):
    """One item as it came, its index, and whether the request was an array."""

    item: Any
    index: int
    was_array: bool

    @property
    def at(self) -> str:
        """What leads every path of the item: `[2]`, and nothing when the request was a bare object."""
        return f"[{self.index}]" if self.was_array else ""


Read = Callable[[dict[str, Any], Scope, Said], Command]


def read_items(items: list[Any], was_array: bool, scope: Scope, operation: Operation, read: Read) -> list[Command]:
    """The commands of one request, in order; `read` makes one of an item's members beside the account's.

    Raises AccountMismatch and OperationNotAllowed, which refuse the whole request (contract 1.2.3, 1.4).
    """
    commands = [_command(Said(item, at, was_array), scope, operation, read) for at, item in enumerate(items)]
    if operation not in scope.operations:
        raise OperationNotAllowed(f"the key has no {operation}", value=operation)
    return commands


def _command(said: Said, scope: Scope, operation: Operation, read: Read) -> Command:
    if not isinstance(said.item, dict):
        return Unread(operation, [Fault("ItemNotObject", "", "", said.item, None, "")], [], said)
    fault = account_fault(said.item, scope, f"{said.at}." if said.at else "")
    members = {word: raw for word, raw in said.item.items() if word not in ACCOUNT_WORDS}
    command = read(members, scope, said)
    if fault:
        command.faults.append(fault)
    return command


def locate(fault: Fault, said: Said, place: In) -> tuple[str, Any]:
    """(path in the caller's names, value received) of a fault; `place` is where the item's names are looked up."""
    item = said.item if isinstance(said.item, dict) else {}
    path, raw = fault.path, fault.value
    if path is None:
        path = _word(fault.field, place, item)
        raw = item.get(path, "") if fault.value in ("", None) else fault.value
    return (f"{said.at}.{path}" if said.at and path else said.at or path), raw


def _word(field: str, place: In, item: dict[str, Any]) -> str:
    """The name that the caller used for a field, else its first documented one."""
    words = [name.word for name in FIELDS[field].ins.get(place, ())] if field in FIELDS else []
    if words:
        return next((word for word in words if not is_empty(item.get(word))), words[0])
    bag, _, member = field.partition(".additional.")  # such a member has the caller's name already
    return member or bag.rpartition(".")[2]


def _in_order(faults: Sequence[Fault], said: Said, place: In) -> list[Fault]:
    """Missing fields first, as the rules found them; the rest as it stands in the body (contract 1.10.1)."""
    item = said.item if isinstance(said.item, dict) else {}
    bare, places = Said(item, 0, False), {word: at for at, word in enumerate(item)}

    def position(fault: Fault) -> int:
        if fault.code == "ReqFieldMissing":
            return -1
        return places.get(locate(fault, bare, place)[0].partition("[")[0], len(places))

    return sorted(faults, key=position)


def first_of(verdict: Verdict, place: In) -> Fault:
    """The fault of a failed item that its `Error` names."""
    return _in_order(verdict.faults, verdict.command.said, place)[0]


def failure(
    verdict: Verdict, scope: Scope, place: In, text: Mapping[str, str] | str, spelling: Spelling = "capitals"
) -> bytes:
    """The failure object of an item.

    `text` is what stands in `Message`, by code where it differs; codes without one, and those that are nobody's own,
    have their sentence.
    """
    said: Said = verdict.command.said
    faults = _in_order(verdict.faults, said, place)
    code = faults[0].code
    own = text if isinstance(text, str) else text.get(code, CODES[code])
    message = CODES[code] if code in OWN_TEXT else own
    extra, twins = bool(scope.settings["extra_keys"]), bool(scope.account["lowercase_twins"])
    listed = entries(faults, lambda fault: locate(fault, said, place)) if extra else []
    return encode(legacy_failure(message, "failed", code, listed, extra=extra, twins=twins, spelling=spelling))


def extras(verdict: Verdict, scope: Scope, place: In, extra: Mapping[str, Any], *, dry_run: bool) -> dict[str, Any]:
    """The keys of ours that follow `outcome` in a success: warnings; of a dry run also which names are unknown.

    `extra` are the members that are kept as additional fields.
    """
    said: Said = verdict.command.said
    body: dict[str, Any] = {}
    if not scope.settings["extra_keys"]:
        return body
    if verdict.warnings:
        body["warnings"] = entries(verdict.warnings, lambda fault: locate(fault, said, place))
    if dry_run:
        unknown = [word for word in said.item if word in extra and word not in read_at(place)]
        body |= {"dry_run": "true", "unknown_fields": unknown[:MAX_ENTRIES]}
    return body


def render_items(verdicts: Sequence[Verdict], scope: Scope, element: Callable[[Verdict], bytes]) -> Answer:
    """(HTTP status, body) of a write: one item is answered bare, several by an array in their order (1.11, 1.13)."""
    if len(verdicts) != 1:
        return 200, b"[" + b",".join(map(element, verdicts)) + b"]"
    verdict = verdicts[0]
    if verdict.outcome != "failed" or scope.account["http_status"] == "always-200":
        return 200, element(verdict)
    first = next((fault for fault in verdict.faults if fault.code == "ReqFieldMissing"), verdict.faults[0])
    return _STATUS.get(first.code, 200), element(verdict)
