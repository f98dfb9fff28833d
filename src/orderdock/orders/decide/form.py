"""An add-update: an order with its customer, contacts, enquiry and payments, in one piece (contract 2.8). Pure.

Everything is judged, whatever is wrong already, so that all faults are told at once; the caller drops what was laid.
"""

from __future__ import annotations

from orderdock.accounts import assign
from orderdock.accounts.model import Scope
from orderdock.errors import Fault
from orderdock.orders.decide.draft import Draft, begin, keep_changed, place, share_assignee, state_paid, total, wanted
from orderdock.orders.decide.lines import sums_of
from orderdock.orders.decide.mandatory import missing_form
from orderdock.orders.decide.parts import Till
from orderdock.orders.decide.revisions import moved
from orderdock.orders.model import ANY_REVISION, AddUpdate, Outcome, Verdict
from orderdock.people import decide as people
from orderdock.people.decide.clear import LINES
from orderdock.world import Record, World


def add_update(world: World, scope: Scope, form: AddUpdate) -> Verdict:
    """Judge one add-update and lay its records over the world. The caller drops the layer of a failed verdict."""
    return _Sheet(world, scope, form).judge()


class _Sheet(people.PeopleSheet):
    """One request while it is judged.

    `is_customer_stale`: what is given of the customer is older than what is stored, so nothing of it changes.
    """

    def __init__(self, world: World, scope: Scope, form: AddUpdate) -> None:
        self.draft = Draft(world, scope, form.order, missing_form(form, scope))
        super().__init__(world, scope, form, self.draft.faults, self.draft.warnings)
        self.till = Till(world, form, self.faults, self.warnings)
        self.is_customer_stale = False
        self.payment_ids: tuple[int, ...] = ()

    def judge(self) -> Verdict:
        told = len(self.world.events)
        self._check_name()
        self.till.check()
        order, is_lost = self._target()
        if is_lost:
            self.keep_contacts(repeated=False)
            return Verdict("failed", self.form, self.faults, self.warnings)
        if order is not None and people.is_stale(order, self.form.order.order) and not self.faults:
            owner = self.world.customers.get(order["customer_id"], {})
            self.contact_id = owner.get("main_contact_id", 0)
            return self._verdict("stale", order)
        by_erp = order is not None and "id" not in self.form.order.order
        repeated = by_erp and not self.form.update
        kept = self._create(repeated) if order is None else self._meet(order, repeated)
        if self.faults or kept is None:
            return Verdict("failed", self.form, self.faults, self.warnings)
        if order is None:
            return self._verdict("created", kept)
        if len(self.world.events) > told:
            return self._verdict("updated", kept)
        return self._verdict("stale" if self.is_customer_stale else "unchanged", kept)

    def _verdict(self, outcome: Outcome, order: Record) -> Verdict:
        return Verdict(
            outcome, self.form, [], self.warnings, order["id"], order["customer_id"], order["enquiry_id"],
            contact_id=self.contact_id, payment_ids=self.payment_ids,
        )  # fmt: skip

    # ------------------------------------------------------------------------------------------- which order

    def _check_name(self) -> None:
        told = any(fault.field == "customer.name" for fault in self.faults)
        if "name" not in self.form.order.customer and not told:
            self.fault("ReqFieldMissing", "customer.name", "customer_name is needed")

    def _target(self) -> tuple[Record | None, bool]:
        """(the order that is meant, None: a new one; whether there is none to be found): rules 4 to 6."""
        world, form, given = self.world, self.form, self.form.order.order
        if not form.is_order:
            self.fault("ReqFieldMissing", "order", "order_info is needed")
            return None, True
        order, name = None, "order.id"
        if "id" in given:
            order = world.order(given["id"])
        elif "erp_order_id" in given:
            order, name = world.order(world.erp.get(given["erp_order_id"])), "order.erp_order_id"
        elif form.update:
            if not any(fault.field in ("order.id", "order.erp_order_id") for fault in self.faults):
                self.fault("ReqFieldMissing", name, "order_id or erp_order_id is needed")
            return None, True
        if order is None and (form.update or "id" in given):
            self.fault("OrderNotFound", name, "no such order")
            return None, True
        return order, False

    # ------------------------------------------------------------------------------------------- the customer

    def _find_customer(self) -> None:
        """The customer of a new order: found, or made (rule 1)."""
        known = len(self.faults)
        self.customer_id = people.find_named(self.world, self.form.order.customer, self.faults, self.warnings)
        if self.customer_id:
            if self.form.changes_customer:
                self._change_customer()
        elif len(self.faults) == known:
            self.make_customer(self.customer_values())

    def _change_customer(self) -> None:
        if people.is_stale(self.world.customers[self.customer_id], self.form.order.customer):
            self.is_customer_stale = True
        else:
            self.change_customer()

    # ------------------------------------------------------------------------------------------- a new order

    def _create(self, repeated: bool) -> Record | None:
        if self.form.revisions is not None:
            self._refuse_revision("there is no such order yet")
        self._find_customer()
        self.keep_contacts(repeated=repeated)
        enquiry = self.named_enquiry()
        order = begin(self.draft)
        for_order, for_enquiry = self._assignees(enquiry)
        if not self.customer_id or (enquiry is None and self.form.order.enquiry_id is not None):
            return None
        brought = enquiry is None
        if enquiry is None:
            enquiry = self.make_enquiry(for_enquiry)
        else:
            enquiry = share_assignee(self.draft, enquiry, for_enquiry)
        if for_order.employee_id:
            order.update(assigned_to=for_order.employee_id, assigned_reason=for_order.reason)
        place(self.draft, order, self.customer_id, enquiry, brought)
        return self._pay(order["id"], repeated=False)

    def _assignees(self, enquiry: Record | None) -> tuple[assign.Assignment, assign.Assignment]:
        """Whom a new order and its enquiry are assigned to: each takes the other's when only one is named (1.8)."""
        form = self.form
        for_order = self.named(form.order.assignee, "order.assigned_to")
        for_enquiry = assign.NOBODY
        if enquiry is not None and "assigned_to" in enquiry:
            for_enquiry = assign.Assignment(enquiry["assigned_to"], enquiry.get("assigned_reason", ""))
        elif not (enquiry is not None and form.changes_enquiry):
            for_enquiry = self.looked_after({})
        is_silent = not form.order.assignee and not form.enquiry_assignee
        if is_silent and not for_enquiry.employee_id:
            for_order = assign.default_of(self.scope)
        return (
            for_order if for_order.employee_id else for_enquiry,
            for_enquiry if for_enquiry.employee_id else for_order,
        )

    # ------------------------------------------------------------------------------------------- a known order

    def _meet(self, order: Record, repeated: bool) -> Record | None:
        """Change what a request may change of an order that is there, and of what belongs to it (rules 4 and 5)."""
        form, world = self.form, self.world
        self._check_revision(order)
        self.customer_id = order["customer_id"]
        same = people.check_same(world, form.order.customer, self.customer_id, self.warnings)
        if same and form.changes_customer and self.customer_id in world.customers:
            self._change_customer()
        self.keep_contacts(repeated=repeated)
        self._meet_enquiry(order)
        if form.update:
            self._change_order(order)
        elif self._differs(order):
            self.warn("UpdateFlagFalse", "order.update", "the order is there already and was left as it is")
        return self._pay(order["id"], repeated=repeated)

    def _meet_enquiry(self, order: Record) -> None:
        number = self.form.order.enquiry_id
        if number is not None and number != order["enquiry_id"]:
            self.warn("EnquiryMismatch", "enquiry.id", "the order belongs to another enquiry and stays there")
        elif self.form.changes_enquiry and order["enquiry_id"] in self.world.enquiries:
            self.change_enquiry(self.world.enquiries[order["enquiry_id"]])

    def _change_order(self, order: Record) -> None:
        columns, members = self.cleared.of("order")
        base = people.without_cleared(order, columns, members)
        if "grand_total" in columns:
            base = {**base, "total_given": 0}
        is_emptied = LINES in self.cleared.of(LINES)[0]
        changes, lines = wanted(self.draft, base, is_emptied=is_emptied)
        if is_emptied:
            changes.update(sums_of(lines, self.faults))
        if is_emptied or "grand_total" in columns:
            total(self.draft, base, changes, lines)
        after = self._without_stale({**base, **changes}, lines)
        chosen = self.named(self.form.order.assignee, "order.assigned_to")
        if chosen.employee_id and chosen.employee_id != base.get("assigned_to"):
            after.update(assigned_to=chosen.employee_id, assigned_reason=chosen.reason)
        keep_changed(self.draft, order, people.differences(order, after), lines)
        state_paid(self.draft, order)

    def _without_stale(self, after: Record, lines: tuple[Record, ...]) -> Record:
        """An order without a total that its lines no longer have, and without the folded form of another contact."""
        if not lines and not after["total_given"] and LINES in self.cleared.of(LINES)[0]:
            after.pop("grand_total", None)
        given = self.form.order.order
        for column in ("contact_phone", "contact_email"):
            if column in given and f"{column}_key" not in given:
                after.pop(f"{column}_key", None)
        return after

    def _differs(self, order: Record) -> bool:
        """Whether a request that only matches an order says something else than is stored of it."""
        probe = Draft(self.world, self.scope, self.form.order, [])
        changes, lines = wanted(probe, order)
        chosen = self.named(self.form.order.assignee, "order.assigned_to")
        return (
            any(order.get(name) != value for name, value in changes.items())
            or lines is not self.world.lines.get(order["id"], ())
            or (bool(chosen.employee_id) and chosen.employee_id != order.get("assigned_to"))
            or self.form.order.order.get("total_paid", 0) > order["total_paid"]
        )

    def _pay(self, order_id: int, *, repeated: bool) -> Record:
        self.payment_ids = self.till.book(order_id, repeated=repeated)
        return self.world.orders[order_id]

    # ------------------------------------------------------------------------------------------- If-Match

    def _check_revision(self, order: Record) -> None:
        """`If-Match`: another revision is RevisionMismatch, with the fields that moved and what they are now."""
        allowed = self.form.revisions
        if allowed is None or not allowed.isdisjoint((order["revision"], ANY_REVISION)):
            return
        found = moved(self.world, order, max(allowed, default=0))
        self.faults.extend(found)
        if not found:
            self._refuse_revision("the order has another revision")

    def _refuse_revision(self, message: str) -> None:
        self.faults.append(Fault("RevisionMismatch", "", message, "", None, "header:If-Match"))
