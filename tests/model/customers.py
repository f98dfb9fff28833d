"""The model's customer pushes: contract 2.10, over the same dictionaries as orders and add-updates."""

from __future__ import annotations

from tests.model.forms import Forms
from tests.model.people import email_key, phone_key
from tests.model.state import IDS, Judged, Key, Record

FIELDS = {"name": "name", "phone": "phone", "email": "email", "customer_code": "code", "address": "address"}


class Customers(Forms):
    """An account that takes customers by themselves too."""

    def customer(self, key: Key, item: Record) -> Judged:
        """Judge one customer push; every given field is written."""
        self._read_item(key, item, FIELDS)
        named = self._named("customers", "customer_id") if "customer_id" in self.item else None
        if "customer_id" in self.item and named is None:
            self.warnings.append("CustomerIdUnknown")
        if named is None and not self._hits("code", self.given.get("code", "")):
            self.faults += ["ReqFieldMissing"] * ("name" not in self.given)
            self.faults += ["ReqFieldMissing"] * (not self.given.keys() & {"phone", "email"})
        found = self._search()
        outcome = "created" if found is None else self._overwrite(found)
        if self.faults:
            return Judged("failed", self.faults, self.warnings)
        return Judged(outcome, [], self.warnings, customer=found or self._new_customer(dict(self.given)))

    def _read_item(self, key: Key, item: Record, fields: dict[str, str]) -> None:
        """What is given of an item, and of its customer by the names of `fields`."""
        self.key, self.faults, self.warnings, self.clears = key, [], [], []
        self.item = {name: value for name, value in item.items()
                     if value not in (None, "") and (name not in IDS or value != 0)}  # fmt: skip
        self.given = {fields[name]: str(value) for name, value in self.item.items() if name in fields}
        for read, name in ((phone_key, "phone"), (email_key, "email")):
            if name in self.given and (code := read(self.given[name])[1]):
                self.warnings.append(code)

    def _overwrite(self, found: str) -> str:
        kept = dict(self.state["customers"][found])
        self._change_customer(found)
        return "unchanged" if self.state["customers"][found] == kept else "updated"
