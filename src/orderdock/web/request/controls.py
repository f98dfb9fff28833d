"""How a write is to be carried out and answered: `Prefer`, `dry_run` (contract 1.12)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from orderdock.errors import InvalidParameter
from orderdock.web.request.model import Call, Header

_ON: Final = frozenset({"true", "1", "yes"})
_OFF: Final = frozenset({"false", "0", "no", ""})
_PREFERENCES: Final = ("return=minimal", "handling=strict")


def controls(call: Call) -> tuple[bool, bool, list[Header]]:
    """(minimal answer, all or nothing, headers that say so). Raises InvalidParameter."""
    if call.request.query:
        _check_dry_run(call.request.parameters())
    sent = call.request.headers.get("prefer")
    if not sent:
        return False, False, []
    asked = {part.strip().lower().replace(" ", "") for part in sent.replace(";", ",").split(",")}
    applied = [name for name in _PREFERENCES if name in asked]
    headers = [("preference-applied", ", ".join(applied))] if applied else []
    return _PREFERENCES[0] in applied, _PREFERENCES[1] in applied, headers


def _check_dry_run(parameters: Mapping[str, str]) -> None:
    """A dry run must never write, and cannot be had yet; raises InvalidParameter."""
    given = parameters.get("dry_run", "").strip().lower()
    if given not in _OFF:
        message = "dry runs are not available in this version" if given in _ON else "true or false is needed"
        raise InvalidParameter(message, path="query:dry_run", value=parameters["dry_run"])
