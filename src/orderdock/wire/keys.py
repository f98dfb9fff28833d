"""A credential as it is shown to whoever sends it (contract 2.19)."""

from __future__ import annotations

from typing import Any, Final

from orderdock.accounts.model import OPERATIONS, TAKES, Scope
from orderdock.fields import FIELDS, In
from orderdock.wire.body import encode

_OF_KEY: Final = ("discount_kind", "total_mismatch", "customer_update")
_OF_ACCOUNT: Final = ("http_status", "time_zone")
_LIMITS: Final = ("batch_max_items", "body_max_bytes")


def show_current(scope: Scope, remaining: int | None) -> bytes:
    """The body. `remaining` are the units that the rate limit leaves it now; None: no limit."""
    return encode(_shown(scope, remaining))


def _shown(scope: Scope, remaining: int | None) -> dict[str, Any]:
    mandatory = {operation: rows for operation, rows in scope.mandatory.items() if operation in scope.operations}
    allowed = scope.settings["allowed_fields"]
    return {
        "name": scope.key_name,
        "kind": scope.kind,
        "last4": scope.last4,
        "cmId": scope.cm_id,
        "subdomain": scope.subdomain,
        "operations": [name for name in OPERATIONS if name in scope.operations],
        "expires_on": scope.settings["expires_on"],
        "enabled": scope.enabled,
        "mandatory_fields": mandatory,
        "mandatory_names": {
            operation: [written_as(row, operation) for row in rows] for operation, rows in mandatory.items()
        },
        "allowed_fields": "*" if allowed is None else allowed,
        "limits": {
            "rate_per_minute": scope.settings["rate_per_minute"],
            "remaining": remaining,
            **{name: scope.account[name] for name in _LIMITS},
        },
        "settings": {
            **{name: scope.settings[name] for name in _OF_KEY},
            **{name: scope.account[name] for name in _OF_ACCOUNT},
        },
    }


def written_as(field: str, operation: str) -> str:
    """How a caller of an operation writes a domain field: its documented name, behind the group that it stands in."""
    row = FIELDS.get(field)
    places = [place for place in TAKES.get(operation, ()) if row is not None and place in row.ins]
    if row is None or not places:
        return field.rpartition(".")[2]
    # A name may stand in several groups; it is meant where its own record is written.
    place = next((place for place in places if _RECORDS.get(place) == row.record), places[0])
    return _group(place) + row.ins[place][0].word


_RECORDS: Final = {
    In.V1_ORDER: "order", In.V1_LINE: "line", In.V1_PAYMENT: "payment", In.V1_CUSTOMER: "customer",
    In.V1_CONTACT: "contact", In.V1_ENQUIRY: "enquiry", In.V1_TOP: "lines",
}  # fmt: skip


def _group(place: In) -> str:
    """`product_details[].` for what is written in a line; "" for what stands in the item itself."""
    family, _, group = place.value.partition(" ")
    return f"{group}." if group and (family == "v1" or group.endswith("[]")) else ""
