"""The account that the parameters of a request name (contract 1.2.3, 1.2.5)."""

from __future__ import annotations

from typing import Final

from orderdock.errors import AccountMismatch, InvalidId
from orderdock.web.request.model import Call

_NAMES: Final = ("cmId", "cm_id")


def check_account(call: Call) -> None:
    """A given `cmId` must be the credential's account. Raises InvalidId, AccountMismatch."""
    parameters = call.request.parameters()
    for name in _NAMES:
        given = parameters.get(name, "").strip()
        if not given:
            continue
        if not (given.isascii() and given.isdigit() and int(given[:17])):
            raise InvalidId("a positive whole number is needed", path=f"query:{name}", value=given)
        if int(given[:17]) != call.scope.cm_id:
            raise AccountMismatch(path=f"query:{name}", value=given)
