"""The model's enquiry pushes: contract 2.13 and 1.8, over the same dictionaries as everything else."""

from __future__ import annotations

from copy import deepcopy

from tests.model.customers import Customers
from tests.model.people import keys_of
from tests.model.state import Judged, Key, Record

FIELDS = {"customer_name": "name", "phone": "phone", "email_id": "email", "customer_code": "code"}


class Enquiries(Customers):
    """An account that takes enquiries by themselves too."""

    def enquire(self, key: Key, item: Record) -> Judged:
        """Judge one enquiry push."""
        self._read_item(key, item, FIELDS)
        self.said = {name: self.item[name] for name in ("status", "action") if name in self.item}
        return self._change_known() if "enquiry_id" in self.item else self._make()

    def _make(self) -> Judged:
        customer = self._find()
        chosen = self._employee() or (self._next() if "round_robin_key" in self.item else None)
        is_repeat = customer is not None and self._has_open(customer)
        if is_repeat and self.key.enquiry_duplicates == "reject":
            self.faults.append("LeadExists")
        if self.faults:
            return Judged("failed", self.faults, self.warnings)
        if customer is None:
            name = next(self.given[part] for part in ("name", "phone", "email") if part in self.given)
            customer = self._new_customer({**self.given, "name": name})
        else:
            self._fill(customer)
        mark = self._mark("e")
        self.state["enquiries"][mark] = {"customer": customer, "assigned": chosen, **self.said}
        return Judged("created", [], self.warnings, customer=customer, enquiry=mark, repeat=is_repeat)

    def _has_open(self, customer: str) -> bool:
        theirs = [one for one in self.state["enquiries"].values() if one["customer"] == customer]
        return any(one.get("status") != "CL" for one in theirs)

    def _change_known(self) -> Judged:
        before, mark = deepcopy(self.state), self._named("enquiries", "enquiry_id")
        chosen = self._employee()
        if mark is None:
            return Judged("failed", [*self.faults, "EnquiryNotFound"], self.warnings)
        enquiry = self.state["enquiries"][mark]
        self._check_owner(enquiry["customer"])
        if chosen is None and enquiry["assigned"] is None and "round_robin_key" in self.item:
            chosen = self._next()
        if self.faults:
            return Judged("failed", self.faults, self.warnings)
        if chosen and (enquiry["assigned"] or (0, ""))[0] != chosen[0]:
            enquiry["assigned"] = chosen
        enquiry.update(self.said)
        self._fill(enquiry["customer"])
        outcome = "unchanged" if self.state == before else "updated"
        return Judged(outcome, [], self.warnings, customer=enquiry["customer"], enquiry=mark)

    def _check_owner(self, owner: str) -> None:
        """The first identifier that means anybody must mean the owner too; later ones are only told."""
        keys = keys_of(self.given)
        found = self._named("customers", "customer_id") if "customer_id" in self.item else None
        if "customer_id" in self.item and found is None:
            self.warnings.append("CustomerIdUnknown")
        others: list[str] = []
        for kind in ("code", "phone", "email"):
            hits = self._hits(kind, keys[kind]) if kind in keys else []
            if found in hits:
                continue
            if found is None and owner in hits:
                found = owner
            elif found is None:
                found = next((hit for hit in hits if not self._codes_differ(hit)), None)
            others += [hit for hit in hits if hit != found]
        if found not in (None, owner):
            self.faults.append("EnquiryMismatch")
        elif others:
            self.warnings.append("CustomerAmbiguous")
