"""An enquiry push: whose enquiry is meant, what it becomes, and what that brings about (contract 2.13, 1.8). Pure."""

from __future__ import annotations

from orderdock.accounts import assign
from orderdock.accounts.model import Scope
from orderdock.errors import Fault
from orderdock.orders.model import Outcome, Verdict
from orderdock.people.decide.customers import (
    change,
    create,
    find,
    is_known_by,
    search,
    wanted_changes,
    warn_of_others,
)
from orderdock.people.decide.enquiries import change_enquiry, create_enquiry, open_enquiry, told_of
from orderdock.people.decide.missing import missing
from orderdock.people.decide.records import differences, merge_bags
from orderdock.people.model import EnquiryWrite
from orderdock.world import Event, Record, World


def enquire(world: World, scope: Scope, write: EnquiryWrite) -> Verdict:
    """Judge one enquiry push and lay its records over the world. The caller drops the layer of a failed verdict."""
    return _Push(world, scope, write).judge()


class _Push:
    """One item while it is judged."""

    def __init__(self, world: World, scope: Scope, write: EnquiryWrite) -> None:
        self.world, self.scope, self.write = world, scope, write
        self.faults, self.warnings = list(write.faults), list(write.warnings)
        others = {
            "enquiry.assigned_to": write.assignee,
            "enquiry.group": write.group,
            "enquiry.additional": write.extra,
        }
        records = {"enquiry": write.enquiry, "customer": write.customer}
        missing(scope, write.operation, records, others, self.faults)

    def judge(self) -> Verdict:
        if "id" not in self.write.enquiry:
            return self._push()
        enquiry = self.world.enquiries.get(self.write.enquiry["id"])
        values = self._values(enquiry or {}, is_new=False)  # what is wrong with them is told in any case
        if enquiry is None:
            self._fault("EnquiryNotFound", "enquiry.id", "no such enquiry")
            return self._verdict("failed")
        return self._update(enquiry, values)

    def _fault(self, code: str, field: str, message: str, value: str = "") -> None:
        self.faults.append(Fault(code, field, message, value))

    def _verdict(self, outcome: Outcome, enquiry: Record | None = None, customer_id: int = 0) -> Verdict:
        customer = self.world.customers.get(customer_id, {})
        employee = self.world.employees.get((enquiry or {}).get("assigned_to", 0), {})
        return Verdict(
            "failed" if self.faults else outcome, self.write, self.faults, self.warnings, 0, customer_id,
            enquiry["id"] if enquiry else 0, contact_id=customer.get("main_contact_id", 0),
            assignee=employee.get("code", ""),
        )  # fmt: skip

    # ------------------------------------------------------------------------------------------- a new one

    def _push(self) -> Verdict:
        customer_id = self._customer()
        values = {"status": self.scope.account["default_enquiry_status"], **self._values({}, is_new=True)}
        opened = None
        if customer_id:
            opened = open_enquiry(self.world, customer_id, self.scope.account["closed_enquiry_statuses"])
        if opened and self.scope.account["enquiry_duplicates"] == "reject":
            self._fault("LeadExists", "", "open enquiry of this customer", str(opened["id"]))
            return self._verdict("failed", opened, customer_id)
        if self.faults:
            return self._verdict("failed")
        known_by = self._known_by(customer_id) if opened else None
        customer_id = self._keep_customer(customer_id)
        if self.scope.owner:
            values["creator_id"] = self.scope.owner
        enquiry = self.world.enquiries[create_enquiry(self.world, customer_id, values)]
        after = {"after": told_of(enquiry)}
        self.world.events.append(Event("enquiry.created", None, customer_id, enquiry["id"], after))
        verdict = self._verdict("created", enquiry, customer_id)
        verdict.known_by = known_by
        return verdict

    def _customer(self) -> int:
        """The customer that the identifiers mean, 0: one has to be made, or there is a fault."""
        needed = Fault("ReqFieldMissing", "customer.phone", "enquiry_id, customer, phone or email_id is needed")
        return find(self.world, self.write.customer, needed, self.faults, self.warnings)

    def _known_by(self, customer_id: int) -> tuple[str, ...]:
        """The contact details that were given and are the customer's already."""
        given = self.write.customer
        return tuple(kind for kind in ("phone", "email") if is_known_by(self.world, customer_id, kind, given))

    def _keep_customer(self, customer_id: int) -> int:
        """The customer that was found, its blanks filled in, or a new one (contract 1.8)."""
        given = {name: value for name, value in self.write.customer.items() if name != "id"}
        if not customer_id:
            return create(self.world, given, self.scope.owner)
        # What is said of the enquiry too (its sources) is said of a new customer only.
        given = {name: value for name, value in given.items() if name not in self.write.enquiry}
        how = self.scope.settings["customer_update"]
        change(self.world, customer_id, wanted_changes(self.world, customer_id, given, how))
        return customer_id

    # ------------------------------------------------------------------------------------------- a known one

    def _update(self, enquiry: Record, values: Record) -> Verdict:
        number: int = enquiry["customer_id"]
        owner = self.world.merged.get(number, number)
        self._check_owner(owner)
        if self.faults:
            return self._verdict("failed")
        told = len(self.world.events)
        if owner in self.world.customers:
            self._keep_customer(owner)
        after = change_enquiry(self.world, enquiry, differences(enquiry, {**enquiry, **values}))
        return self._verdict("updated" if len(self.world.events) > told else "unchanged", after, owner)

    def _check_owner(self, owner: int) -> None:
        """The identifiers must mean the enquiry's customer, or nobody (contract 1.8). Adds EnquiryMismatch."""
        given = self.write.customer
        if "id" in given and self.world.customer_of(given["id"]) is None:
            self.warnings.append(
                Fault("CustomerIdUnknown", "customer.id", "no such customer; the enquiry keeps its own")
            )
        found = search(self.world, given, owner)
        if found.customer_id not in (0, owner):
            self._fault("EnquiryMismatch", "enquiry.id", "the enquiry of another customer")
        else:
            warn_of_others(given, found, self.warnings)

    # ------------------------------------------------------------------------------------------- what is given

    def _values(self, stored: Record, *, is_new: bool) -> Record:
        """The columns that are given of the enquiry, open members merged in, and who is to look after it."""
        write = self.write
        values = {name: value for name, value in write.enquiry.items() if name != "id"}
        values.update(merge_bags("enquiry", stored, {"additional": write.extra}, self.faults))
        chosen = assign.looked_after(
            self.world, self.scope, (write.assignee, write.group), None if is_new else stored, self.faults,
            self.warnings, "enquiry",
        )  # fmt: skip
        if chosen.employee_id and chosen.employee_id != stored.get("assigned_to"):
            values.update(assigned_to=chosen.employee_id, assigned_reason=chosen.reason)
        return values
