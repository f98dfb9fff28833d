"""The model's add-updates of customers: contract 2.14, over the same dictionaries as orders."""

from __future__ import annotations

from copy import deepcopy

from tests.model.enquiries import Enquiries
from tests.model.forms import given
from tests.model.state import Judged, Key, Record


class CustomerForms(Enquiries):
    """An account that takes customers by themselves too."""

    def customer_form(self, key: Key, body: Record) -> Judged:
        """Judge one add-update of a customer: wholly, or not at all (rule 10)."""
        before = deepcopy(self.state)
        self.key, self.faults, self.warnings = key, [], []
        info, self.enquiry = given(body["customer_info"]), given(body.get("enquiry_info", {}))
        self.contacts = [given(entry) for entry in body.get("contact_info", [])]
        self.payments, self.clears = [], body.get("clear", [])
        self._read(info, {}, {})
        if "name" not in self.given:  # only an add needs it
            self.faults.remove("ReqFieldMissing")
        self.customer_update = bool(info.get("update")) or "customer_id" in info
        self._check_clears_of_customer(info)
        customer, fresh = self._meet_or_add()
        if customer is None:
            self._check_lost()
        else:
            self._meet_contacts(customer, fresh, repeated=not fresh and not self.customer_update)
        enquiry = self._meet_enquiry(customer) if self.enquiry.keys() - {"update"} else ""
        if self.faults:
            self.state = before
            return Judged("failed", self.faults, self.warnings)
        outcome = "created" if fresh else "unchanged" if self.state == before else "updated"
        return Judged(outcome, [], self.warnings, "", customer or "", enquiry, "", self.contact)

    def _check_clears_of_customer(self, info: Record) -> None:
        for path in self.clears:
            if path != "customer_info.phone":
                self.faults.append("NotClearable")
            elif not self.customer_update or "phone" in info:
                self.faults.append("ClearConflict")

    def _meet_or_add(self) -> tuple[str | None, bool]:
        """(the customer that is meant, whether it was added)."""
        if "customer_id" in self.item and self._named("customers", "customer_id") is None:
            self.faults.append("CustomerNotFound")
            return None, False
        found = self._search()
        if found is None:
            return self._add_customer(), True
        if self.customer_update:
            self._change_customer(found)
        elif any(self.state["customers"][found].get(name) != value for name, value in self.given.items()):
            self.warnings.append("UpdateFlagFalse")
        return found, False

    def _add_customer(self) -> str | None:
        missing = ["name" not in self.given, not self.given.keys() & {"phone", "email"}]
        self.faults += ["ReqFieldMissing"] * sum(missing)
        if any(missing):
            return None
        if self.customer_update:
            self.warnings.append("NothingToUpdate")
        return self._new_customer({**self.given})

    def _meet_enquiry(self, customer: str | None) -> str:
        """The enquiry that is named, else the newest, which is open as all are here, else a new one."""
        kept = self.state["enquiries"]
        if "enquiry_id" in self.enquiry:
            named = self._mark_of("enquiries", self.enquiry["enquiry_id"])
            if named is None or (customer and kept[named]["customer"] != customer):
                self.faults.append("EnquiryNotFound" if named is None else "EnquiryMismatch")
                return ""
            if self.enquiry.get("update"):
                self._change_enquiry(named)
            return named
        mine = [mark for mark, one in kept.items() if one["customer"] == customer]
        if mine and not self.enquiry.get("update"):
            self.warnings.append("UpdateFlagFalse")
        elif customer:
            if not mine:
                mine.append(self._mark("e"))
                kept[mine[0]] = {"customer": customer, "assigned": None}
            self._change_enquiry(mine[-1])
        return mine[-1] if mine else ""
