"""Which fields a key asks for beside what a rule asks for (contract 1.17, Mandatory fields)."""

from __future__ import annotations

from collections.abc import Mapping

from orderdock.accounts.model import Scope
from orderdock.errors import Fault
from orderdock.fields import FIELDS
from orderdock.world import Record


def missing(
    scope: Scope, operation: str, records: Mapping[str, Record], others: Mapping[str, object], faults: list[Fault]
) -> None:
    """Add one ReqFieldMissing for every field that the key asks for and that was not given.

    `records` maps customer, enquiry to the columns that were given, `others` the fields that are no columns to what was
    given of them. What was given and could not be read is told already.
    """
    told = {fault.field for fault in faults}
    for name in scope.mandatory.get(operation, ()):
        row = FIELDS[name]
        given = bool(others[name]) if name in others else row.column in records.get(row.record, {})
        if not given and not any(_is_same(one, name) for one in told):
            faults.append(Fault("ReqFieldMissing", name, "mandatory for this key"))


def _is_same(told: str, name: str) -> bool:
    """Whether a fault of one field tells of another: what feeds two records is told of one of them."""
    one, other = FIELDS.get(told), FIELDS[name]
    if one is None:
        return False
    return one is other or (one.shared and other.shared and one.column == other.column)
