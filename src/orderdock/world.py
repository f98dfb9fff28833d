"""The working set of one group: the records that were loaded, under layers that can be dropped.

Records are mappings that are never changed in place. `put` lays a new record over an old one and remembers the
old one, so that a failed item (or a strict request) is dropped by laying the old ones back.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any, Final, NamedTuple

Record = dict[str, Any]
# id(table) -> key -> the record from before the group, None when there was none.
Changed = dict[int, dict[Any, Any]]
_MISSING: Final = object()


class Event(NamedTuple):
    """A change of the account's data, before it has a sequence number. `changes` holds columns: before, after."""

    kind: str
    order_id: int | None
    customer_id: int | None
    enquiry_id: int | None
    changes: Record


class World:
    """What a group knows of one account while it is decided.

    `identities` maps (phone | email | code, folded value) to customers, oldest first. `erp` maps an erp_order_id to
    its order, `enquiry_orders` an enquiry to its first orders. `payments` maps a payment to its entries, oldest
    first; `references` and `cheques` map (order, text) to payments. `employee_words` maps (code | email | name,
    folded text) to active employees. `followers` are main contacts that take over their customer's name, phone and
    e-mail (those that were changed by themselves do not). `contacts_of` maps a customer to the contacts that were
    loaded or made beside the main one, `enquiries_of` to the enquiries that were. `history` maps an order to its newest
    stored events, (kind, changes as JSON), oldest first. `take_id` gives the next number of a sequence.
    """

    def __init__(self, now: int, take_id: Callable[[str], int]) -> None:
        self.now = now
        self.take_id = take_id
        self.customers: dict[int, Record] = {}
        self.merged: dict[int, int] = {}
        self.identities: dict[tuple[str, str], tuple[int, ...]] = {}
        self.contacts: dict[int, Record] = {}
        self.contacts_of: dict[int, tuple[int, ...]] = {}
        self.followers: dict[int, Record] = {}
        self.enquiries: dict[int, Record] = {}
        self.enquiries_of: dict[int, tuple[int, ...]] = {}
        self.orders: dict[int, Record] = {}
        self.erp: dict[str, int] = {}
        self.enquiry_orders: dict[int, tuple[int, ...]] = {}
        self.lines: dict[int, tuple[Record, ...]] = {}
        self.payments: dict[int, tuple[Record, ...]] = {}
        self.references: dict[tuple[int, str], tuple[int, ...]] = {}
        self.cheques: dict[tuple[int, str], tuple[int, ...]] = {}
        self.history: dict[int, tuple[tuple[str, str], ...]] = {}
        self.employees: dict[int, Record] = {}
        self.employee_words: dict[tuple[str, str], tuple[int, ...]] = {}
        self.groups: dict[str, Record] = {}
        self.events: list[Event] = []
        self._undo: list[tuple[dict[Any, Any], Hashable, Any]] = []

    def put(self, table: dict[Any, Any], key: Hashable, record: Any) -> None:
        """Lay a record over what `table` holds for the key; None takes it away."""
        self._undo.append((table, key, table.get(key, _MISSING)))
        if record is None:
            table.pop(key, None)
        else:
            table[key] = record

    def mark(self) -> tuple[int, int]:
        """Where a new layer begins."""
        return len(self._undo), len(self.events)

    def drop(self, mark: tuple[int, int]) -> None:
        """Take away everything that was laid since the mark."""
        changes, events = mark
        while len(self._undo) > changes:
            table, key, old = self._undo.pop()
            if old is _MISSING:
                table.pop(key, None)
            else:
                table[key] = old
        del self.events[events:]

    def changed(self) -> Changed:
        """What was laid over and is still there, table by table."""
        before: Changed = {}
        for table, key, old in self._undo:
            keys = before.get(id(table))
            if keys is None:
                before[id(table)] = {key: None if old is _MISSING else old}
            elif key not in keys:
                keys[key] = None if old is _MISSING else old
        return before

    def order(self, number: int | None) -> Record | None:
        """An order by number; one that was deleted in this group is found no more."""
        found = self.orders.get(number) if number is not None else None
        return None if found is None or "deleted_at" in found else found

    def customer_of(self, number: int) -> Record | None:
        """A customer by number; one that was merged away stands for its survivor."""
        return self.customers.get(self.merged.get(number, number))
