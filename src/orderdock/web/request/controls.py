"""How a write is to be carried out and answered: `Prefer`, `dry_run` (contract 1.12)."""

from __future__ import annotations

from typing import Final

from orderdock.web import limits
from orderdock.web.request.model import Call, Header

_PREFERENCES: Final = ("return=minimal", "handling=strict")


def controls(call: Call) -> tuple[bool, bool, list[Header]]:
    """(minimal answer, all or nothing, headers that say so). Raises InvalidParameter."""
    if call.request.query:
        limits.check_dry_run(call.request.parameters())
    sent = call.request.headers.get("prefer")
    if not sent:
        return False, False, []
    asked = {part.strip().lower().replace(" ", "") for part in sent.replace(";", ",").split(",")}
    applied = [name for name in _PREFERENCES if name in asked]
    headers = [("preference-applied", ", ".join(applied))] if applied else []
    return _PREFERENCES[0] in applied, _PREFERENCES[1] in applied, headers
