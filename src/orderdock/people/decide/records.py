"""What the rules for every kind of record share: open objects merged, fields unset, differences told."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, Final

from orderdock.errors import Fault
from orderdock.kinds import EXTRA, Unreadable, changed_members, from_json, to_json
from orderdock.world import Record

# What tells a newer state of a record in the caller's system from an older one (contract 1.12).
_GUARDS: Final = ("source_version", "source_modified_at")
GUARDS: Final = frozenset(_GUARDS)
_OPEN: Final = frozenset({"additional", "associate"})


def is_stale(stored: Record, given: Record) -> bool:
    """Whether what is given is older than what is stored: by version when both have one, else by date."""
    for name in _GUARDS:
        if name in stored and name in given:
            return bool(given[name] < stored[name])
    return False


def merge_bags(
    record: str, stored: Record, bags: Mapping[str, dict[str, Any]], faults: list[Fault], at: int | None = None
) -> Record:
    """The open objects of a record, by column, with the given members merged in; those that stay are left out."""
    merged: Record = {}
    for column, members in bags.items():
        if not members:
            continue
        try:
            text = EXTRA.merge(stored.get(column), members)
        except Unreadable as error:
            faults.append(Fault(error.code, f"{record}.{column}", error.message, "", at))
            continue
        if text != stored.get(column):
            merged[column] = text
    return merged


def without_cleared(stored: Record, columns: Collection[str], members: Collection[tuple[str, str]]) -> Record:
    """A record without some columns, and without some (column, member) of its open objects."""
    if not columns and not members:
        return stored
    left = {name: value for name, value in stored.items() if name not in columns}
    for column, member in members:
        kept = from_json(left[column]) if column in left else {}
        if member not in kept:
            continue
        del kept[member]
        if kept:
            left[column] = to_json(kept)
        else:
            del left[column]
    return left


def told(before: Record, after: Record, names: Collection[str]) -> dict[str, Record]:
    """What an event says of columns that changed: `before` and `after`, None for unset. Of open objects, which may be
    large, only the members that differ.
    """
    shown = {"before": {name: before.get(name) for name in names}, "after": {name: after.get(name) for name in names}}
    for name in _OPEN.intersection(names):
        shown["before"][name], shown["after"][name] = changed_members(before.get(name), after.get(name))
    return shown


def differences(before: Record, after: Record) -> Record:
    """The columns in which a record differs from an earlier one, with their new values; None: unset."""
    names = dict.fromkeys([*after, *before])
    return {name: after.get(name) for name in names if before.get(name) != after.get(name)}
