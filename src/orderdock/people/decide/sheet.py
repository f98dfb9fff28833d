"""What an add-update says of a customer, its contacts and an enquiry, an order or not (contract 2.8, 2.14)."""

from __future__ import annotations

from collections.abc import Mapping

from orderdock.accounts import assign
from orderdock.accounts.model import Scope
from orderdock.errors import Fault
from orderdock.orders.model import AddUpdate
from orderdock.people.decide.clear import read_clears
from orderdock.people.decide.contacts import keep_contact
from orderdock.people.decide.customers import change, create, given_changes
from orderdock.people.decide.enquiries import change_enquiry, create_enquiry
from orderdock.people.decide.records import differences, merge_bags, without_cleared
from orderdock.world import Record, World


class PeopleSheet:
    """One request while it is judged: everything is, whatever is wrong already, so that all faults are told at once.

    `customer_id` is 0 while nobody knows who is meant; `fresh`: the customer is made by this request.
    """

    def __init__(self, world: World, scope: Scope, form: AddUpdate, faults: list[Fault], warnings: list[Fault]) -> None:
        self.world, self.scope, self.form = world, scope, form
        self.faults, self.warnings = faults, warnings
        self.cleared = read_clears(form, scope, faults)
        self.customer_id = self.contact_id = 0
        self.fresh = False

    def fault(self, code: str, field: str, message: str, value: str = "") -> None:
        """Add what is wrong."""
        self.faults.append(Fault(code, field, message, value))

    def warn(self, code: str, field: str, message: str, value: str = "") -> None:
        """Add what is odd."""
        self.warnings.append(Fault(code, field, message, value))

    def named(self, given: Mapping[str, str], field: str) -> assign.Assignment:
        """The employee whom the caller names; nobody when none is named."""
        return (
            assign.named(self.world, self.scope, given, self.faults, self.warnings, field) if given else assign.NOBODY
        )

    # ------------------------------------------------------------------------------------------- the customer

    def customer_values(self) -> Record:
        """The columns that are given of the customer, the employee who looks after it included."""
        given = {name: value for name, value in self.form.order.customer.items() if name != "id"}
        chosen = self.named(self.form.customer_assignee, "customer.assigned_to")
        return {**given, "assigned_to": chosen.employee_id} if chosen.employee_id else given

    def customer_bags(self, base: Record, faults: list[Fault]) -> Record:
        """The open objects of the customer with the given members merged in."""
        bags = {"additional": self.form.customer_extra, "associate": self.form.customer_associate}
        return merge_bags("customer", base, bags, faults)

    def make_customer(self, given: Record) -> None:
        """Make the customer that nobody was found for (contract 2.8 rule 1)."""
        if self.form.customer_update:
            self.warn("NothingToUpdate", "customer.update", "no such customer yet; a new one was made")
        if "phone" not in given and "email" not in given:
            self.warn("CustomerWithoutContact", "customer.name", "made from its name alone")
        whole = {**given, **self.customer_bags({}, self.faults)}
        self.customer_id = create(self.world, whole, self.scope.owner)
        self.fresh = True

    def change_customer(self) -> None:
        """Change what is given of the customer."""
        number = self.customer_id
        base = without_cleared(self.world.customers[number], *self.cleared.of("customer"))
        given = {**self.customer_values(), **self.customer_bags(base, self.faults)}
        change(self.world, number, given_changes(self.world, number, given, base, self.faults))

    def keep_contacts(self, *, repeated: bool) -> None:
        """Match, change and make contacts (rule 2); the answer names the first, else the main one."""
        first, main = 0, self.world.customers.get(self.customer_id, {}).get("main_contact_id", 0)
        for contact in self.form.contacts:
            cleared = self.cleared.of("contact", contact.at)
            number = keep_contact(
                self.world, self.customer_id, contact, cleared, self.faults, fresh=self.fresh, repeated=repeated
            )
            first = first or number
            if number == main and "birth_date" in contact.values and (self.fresh or self.form.changes_customer):
                self._give_birth_date(contact.values["birth_date"])
        self.contact_id = first or main

    def _give_birth_date(self, date: int) -> None:
        """The main contact's date of birth is the customer's (contract section 3)."""
        if self.customer_id and self.world.customers[self.customer_id].get("birth_date") != date:
            change(self.world, self.customer_id, {"birth_date": date})

    # ------------------------------------------------------------------------------------------- the enquiry

    def named_enquiry(self) -> Record | None:
        """The enquiry whose number is given, changed if its group says so (rule 3)."""
        number = self.form.order.enquiry_id
        if number is None:
            return None
        enquiry = self.world.enquiries.get(number)
        if enquiry is None:
            self.fault("EnquiryNotFound", "enquiry.id", "no such enquiry")
            return None
        owner = self.world.merged.get(enquiry["customer_id"], enquiry["customer_id"])
        if self.customer_id and owner != self.customer_id:
            self.fault("EnquiryMismatch", "enquiry.id", "the enquiry of another customer")
            return None
        return self.change_enquiry(enquiry) if self.form.changes_enquiry else enquiry

    def looked_after(self, enquiry: Record) -> assign.Assignment:
        """Who is to look after an enquiry by its own group: the one who is named, else whose turn it is."""
        chosen = self.named(self.form.enquiry_assignee, "enquiry.assigned_to")
        group = self.form.order.group
        if chosen.employee_id or group is None or "assigned_to" in enquiry:
            return chosen
        return assign.next_in_turn(self.world, group, self.warnings, "enquiry.group")

    def make_enquiry(self, chosen: assign.Assignment) -> Record:
        """Make an enquiry of the customer, with what its group gives."""
        values: Record = {"status": self.scope.account["default_enquiry_status"], **self.form.enquiry}
        values.update(merge_bags("enquiry", {}, {"additional": self.form.enquiry_extra}, self.faults))
        if chosen.employee_id:
            values.update(assigned_to=chosen.employee_id, assigned_reason=chosen.reason)
        if self.scope.owner:
            values["creator_id"] = self.scope.owner
        return self.world.enquiries[create_enquiry(self.world, self.customer_id, values)]

    def change_enquiry(self, enquiry: Record) -> Record:
        """Change what its group gives of an enquiry."""
        base = without_cleared(enquiry, *self.cleared.of("enquiry"))
        bags = merge_bags("enquiry", base, {"additional": self.form.enquiry_extra}, self.faults)
        after = {**base, **self.form.enquiry, **bags}
        chosen = self.looked_after(base)
        if chosen.employee_id and chosen.employee_id != base.get("assigned_to"):
            after.update(assigned_to=chosen.employee_id, assigned_reason=chosen.reason)
        return change_enquiry(self.world, enquiry, differences(enquiry, after))
