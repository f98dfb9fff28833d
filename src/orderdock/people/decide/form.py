"""An add-update of a customer, with its contacts and an enquiry, in one piece (contract 2.14). Pure."""

from __future__ import annotations

from orderdock.accounts import assign
from orderdock.accounts.model import Scope
from orderdock.errors import Fault
from orderdock.orders.model import AddUpdate, Outcome, Verdict
from orderdock.people.decide.customers import find_named, given_changes
from orderdock.people.decide.enquiries import open_enquiry, tell_made
from orderdock.people.decide.missing import is_told, missing_people
from orderdock.people.decide.records import GUARDS, is_stale
from orderdock.people.decide.sheet import PeopleSheet
from orderdock.world import Record, World


def add_update(world: World, scope: Scope, form: AddUpdate) -> Verdict:
    """Judge one add-update of a customer and lay its records over the world. The caller drops the layer of a failed
    verdict.
    """
    return _Sheet(world, scope, form).judge()


class _Sheet(PeopleSheet):
    """One request while it is judged; `enquiry_id` stays 0 when it touches no enquiry."""

    def __init__(self, world: World, scope: Scope, form: AddUpdate) -> None:
        super().__init__(world, scope, form, [*form.faults, *missing_people(form, scope)], list(form.warnings))
        self.enquiry_id = 0

    def judge(self) -> Verdict:
        told, known = len(self.world.events), len(self.faults)
        self.customer_id = find_named(self.world, self.form.order.customer, self.faults, self.warnings)
        if self.customer_id:
            stored = self.world.customers[self.customer_id]
            if is_stale(stored, self.form.order.customer) and not self.faults:
                self.contact_id = stored.get("main_contact_id", 0)
                return self._verdict("stale")
            self._meet_customer()
        elif len(self.faults) == known:
            self._add_customer()
        is_repeat = bool(self.customer_id) and not self.fresh and not self.form.changes_customer
        self.keep_contacts(repeated=is_repeat)
        if self.form.says_enquiry:
            self._keep_enquiry(told)
        if self.faults:
            return Verdict("failed", self.form, self.faults, self.warnings)
        if self.fresh:
            return self._verdict("created")
        return self._verdict("updated" if len(self.world.events) > told else "unchanged")

    def _verdict(self, outcome: Outcome) -> Verdict:
        return Verdict(
            outcome, self.form, [], self.warnings, customer_id=self.customer_id, enquiry_id=self.enquiry_id,
            contact_id=self.contact_id,
        )  # fmt: skip

    # ------------------------------------------------------------------------------------------- the customer

    def _add_customer(self) -> None:
        """A new customer needs a name, and a phone or an e-mail."""
        given, known = self.customer_values(), len(self.faults)
        if "name" not in given and not is_told(self.faults, "customer.name"):
            self.fault("ReqFieldMissing", "customer.name", "customer_name is needed")
        is_unread = any(is_told(self.faults, name) for name in ("customer.phone", "customer.email"))
        if "phone" not in given and "email" not in given and not is_unread:
            self.fault("ReqFieldMissing", "customer.phone", "phone or email_id is needed")
        default = assign.default_of(self.scope)
        if default.employee_id and not self.form.customer_assignee:
            given["assigned_to"] = default.employee_id
        if len(self.faults) == known:
            self.make_customer(given)

    def _meet_customer(self) -> None:
        """Change the customer that is there, or leave it and say so if something else was sent."""
        if self.form.changes_customer:
            self.change_customer()
        elif self._differs():
            message = "the customer is there already and was left as it is"
            self.warn("UpdateFlagFalse", "customer.update", message)

    def _differs(self) -> bool:
        """Whether something else is sent of the customer than is stored; a newer guard alone says nothing of it."""
        stored, unjudged = self.world.customers[self.customer_id], list[Fault]()
        given = {**self.customer_values(), **self.customer_bags(stored, unjudged)}
        changes = given_changes(self.world, self.customer_id, given, stored, unjudged)
        return not GUARDS.issuperset(changes)

    # ------------------------------------------------------------------------------------------- the enquiry

    def _keep_enquiry(self, told: int) -> None:
        """The enquiry that is named; else the newest open one; else a new one."""
        enquiry: Record | None = None
        if self.form.order.enquiry_id is not None:
            enquiry = self.named_enquiry()
        elif not self.customer_id:
            self.looked_after({})
        else:
            closed = self.scope.account["closed_enquiry_statuses"]
            enquiry = open_enquiry(self.world, self.customer_id, closed)
            enquiry = self._new_enquiry(told) if enquiry is None else self._meet_enquiry(enquiry)
        self.enquiry_id = enquiry["id"] if enquiry is not None else 0

    def _meet_enquiry(self, enquiry: Record) -> Record:
        if self.form.changes_enquiry:
            return self.change_enquiry(enquiry)
        self.warn("UpdateFlagFalse", "enquiry.update", "the customer has an open enquiry, which was left as it is")
        return enquiry

    def _new_enquiry(self, told: int) -> Record:
        chosen = self.looked_after({})
        if not chosen.employee_id and not self.form.enquiry_assignee:
            chosen = assign.default_of(self.scope)
        enquiry = self.make_enquiry(chosen)
        tell_made(self.world, enquiry, told)
        return enquiry
