"""What a group needs of its account: two waves of reads, by name and by what was found (design 3.1)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from orderdock.accounts import assign as assignment
from orderdock.accounts.model import Scope
from orderdock.accounts.sql import assign as assign_sql
from orderdock.db import Tx
from orderdock.events.sql import write as events_sql
from orderdock.group.work import Work
from orderdock.kinds import from_json
from orderdock.orders.model import ANY_REVISION, AddUpdate, OrderDelete, OrderWrite, PaymentWrite
from orderdock.orders.sql import write as orders_sql
from orderdock.people import decide as people
from orderdock.people import sql as people_sql
from orderdock.people.model import IDENTITY_COLUMNS, CustomerWrite, EnquiryWrite
from orderdock.world import Record, World


class Names:
    """Everything that the commands of a group name, gathered in one pass.

    `enquiries` are those that orders may be in, `own_enquiries` those that are changed by themselves.
    `meeting` are the writes that mean a customer, in their order; `takers` those of them, by identity, that may take a
    phone or an e-mail away from a customer or a contact. `closed` are the statuses of closed enquiries, when a command
    asks for the open ones of its customer (None: no command does).
    """

    def __init__(self, works: Iterable[Work]) -> None:
        self.orders: set[int] = set()
        self.erps: set[str] = set()
        self.enquiries: set[int] = set()
        self.own_enquiries: set[int] = set()
        self.payments: set[int] = set()
        self.customers: set[int] = set()
        self.identities: set[tuple[str, str]] = set()
        self.words: set[tuple[str, str]] = set()
        self.employees: set[int] = set()
        self.groups: set[str] = set()
        self.updates: list[OrderWrite] = []
        self.paying: list[PaymentWrite] = []
        self.contacts: set[int] = set()
        self.forms: list[AddUpdate] = []
        self.meeting: list[OrderWrite | CustomerWrite | EnquiryWrite] = []
        self.takers: set[int] = set()
        self.closed: list[str] | None = None
        for work in works:
            overwrites = work.scope.settings["customer_update"] == "overwrite"
            for command in work.commands:
                if isinstance(command, OrderWrite):
                    self._order(command)
                    if overwrites:
                        self.takers.add(id(command))
                elif isinstance(command, PaymentWrite):
                    self._payment(command)
                elif isinstance(command, OrderDelete):
                    self.orders.add(command.order_id)
                elif isinstance(command, AddUpdate):
                    self._form(command)
                    if command.is_customer and command.says_enquiry and command.order.enquiry_id is None:
                        self._open(work.scope)
                elif isinstance(command, CustomerWrite):
                    self._customer(command.customer)
                    self._words(command.assignee)
                    self.meeting.append(command)
                    self.takers.add(id(command))
                elif isinstance(command, EnquiryWrite):
                    self._enquiry(command, work.scope)
                    if overwrites:
                        self.takers.add(id(command))

    def _order(self, command: OrderWrite) -> None:
        order, customer = command.order, command.customer
        if "id" in order:
            self.orders.add(order["id"])
        if "erp_order_id" in order:
            self.erps.add(order["erp_order_id"])
        if command.enquiry_id is not None:
            self.enquiries.add(command.enquiry_id)
        self._customer(customer)
        self._words(command.assignee)
        if command.group is not None:
            self.groups.add(command.group)
        if "approved_by" in order:
            self._people(from_json(order["approved_by"]))
        self.updates.append(command)
        self.meeting.append(command)

    def _customer(self, customer: Record) -> None:
        """By what a customer is looked for."""
        if "id" in customer:
            self.customers.add(customer["id"])
        for kind, column in IDENTITY_COLUMNS:
            if column in customer:
                self.identities.add((kind, customer[column]))

    def _words(self, assignee: dict[str, str]) -> None:
        self.words.update(assignment.word_key(part, text) for part, text in assignee.items())

    def _enquiry(self, command: EnquiryWrite, scope: Scope) -> None:
        self._customer(command.customer)
        self._words(command.assignee)
        if "id" in command.enquiry:
            self.own_enquiries.add(command.enquiry["id"])
        if command.group is not None:
            self.groups.add(command.group)
        if scope.settings["default_assignee"]:
            self.employees.add(scope.settings["default_assignee"])
        self._open(scope)
        self.meeting.append(command)

    def _open(self, scope: Scope) -> None:
        """Note that open enquiries are asked for; of a setting that changes meanwhile, closed is what both call so."""
        closed = scope.account["closed_enquiry_statuses"]
        self.closed = closed if self.closed is None else [word for word in closed if word in self.closed]

    def _people(self, words: list[str]) -> None:
        self.words.update(assignment.word_key(part, word) for word in words for part in assignment.PARTS)
        self.employees.update(int(word) for word in words if word.isdecimal() and len(word) < 16)

    def _form(self, form: AddUpdate) -> None:
        self._order(form.order)
        for given in (form.customer_assignee, form.enquiry_assignee):
            self._words(given)
        self.contacts.update(contact.values["id"] for contact in form.contacts if "id" in contact.values)
        for part in form.payments:
            self.payments.update(number for number in (part.values.get("payment_id"), part.refund_of) if number)
        if form.changes_customer or form.clears or any(contact.update for contact in form.contacts):
            self.takers.add(id(form.order))
        self.forms.append(form)

    def _payment(self, command: PaymentWrite) -> None:
        if command.order_id is not None:
            self.orders.add(command.order_id)
        if command.erp_order_id is not None:
            self.erps.add(command.erp_order_id)
        if command.customer_id is not None:
            self.customers.add(command.customer_id)
        if "payment_id" in command.values:
            self.payments.add(command.values["payment_id"])
        self.paying.append(command)


_Loaded = list[tuple[Callable[[World, Any], Any], Any]]


def ask_by_name(tx: Tx, cm_id: int, names: Names) -> _Loaded:
    """The first wave of reads: everything that the commands name."""
    asked: _Loaded = []
    if names.orders:
        asked.append((orders_sql.take_orders, orders_sql.ask_by_number(tx, cm_id, orders_sql.BY_ID, names.orders)))
    if names.erps:
        asked.append((orders_sql.take_orders, orders_sql.ask_by_erp(tx, cm_id, names.erps)))
    if names.enquiries or names.own_enquiries:
        numbers = names.enquiries | names.own_enquiries
        asked.append((people_sql.take_enquiries, people_sql.ask_enquiries(tx, cm_id, numbers)))
    if names.enquiries:
        asked.append(
            (orders_sql.take_by_enquiry, orders_sql.ask_by_number(tx, cm_id, orders_sql.BY_ENQUIRY, names.enquiries))
        )
    if names.payments:
        asked.append(
            (orders_sql.take_orders, orders_sql.ask_by_number(tx, cm_id, orders_sql.BY_PAYMENT, names.payments))
        )
        asked.append(
            (orders_sql.take_payments, orders_sql.ask_by_number(tx, cm_id, orders_sql.PAYMENTS, names.payments))
        )
    if names.contacts:
        asked.append((people_sql.take_contacts, people_sql.ask_contacts(tx, cm_id, names.contacts)))
    if names.identities:
        asked.append((people_sql.take_identities, people_sql.ask_identities(tx, cm_id, names.identities)))
    if names.words:
        asked.append((assign_sql.take_employees, assign_sql.ask_words(tx, cm_id, names.words)))
    if names.groups:
        asked.append((assign_sql.take_groups, assign_sql.ask_groups(tx, cm_id, names.groups)))
    return asked


def take_by_name(world: World, asked: _Loaded) -> dict[str, set[int]]:
    """Note the first wave; answers the customers and employees that it points to."""
    found: dict[str, set[int]] = {"customers": set(), "employees": set()}
    for take, reply in asked:
        more = take(world, reply)
        if take is people_sql.take_identities:
            found["customers"] |= more
        elif take is assign_sql.take_groups:
            found["employees"] |= more
    return found


_Named = dict[str, set[int]]


def _named_in_group(world: World, updates: list[OrderWrite]) -> _Named:
    """erp_order_id -> the stored orders that may have it once the group is under way: an earlier item may give it."""
    named: _Named = {text: {number} for text, number in world.erp.items()}
    for command in updates:
        erp, number = command.order.get("erp_order_id"), command.order.get("id")
        if erp is not None and number is None and command.enquiry_id is not None:
            number = (world.enquiry_orders.get(command.enquiry_id) or (None,))[0]
        if erp is not None and number in world.orders:
            named.setdefault(erp, set()).add(number)
    return named


def _targets(world: World, command: OrderWrite, named: _Named) -> list[Record]:
    """The stored orders that a write may mean."""
    numbers = {command.order.get("id"), *named.get(command.order.get("erp_order_id", ""), ())}
    if command.enquiry_id is not None:
        numbers.update(world.enquiry_orders.get(command.enquiry_id, ())[:1])
    return [world.orders[number] for number in numbers if number in world.orders]


def load_by_found(tx: Tx, cm_id: int, world: World, names: Names, found: dict[str, set[int]]) -> None:
    """The second wave: what the first one pointed to."""
    customers = names.customers | found["customers"] | {enquiry["customer_id"] for enquiry in world.enquiries.values()}
    lines: set[int] = set()
    named = _named_in_group(world, names.updates) if world.orders else {}
    for command in names.updates if world.orders else ():
        for order in _targets(world, command, named):
            if command.customer:
                customers.add(order["customer_id"])
            if command.lines or "grand_total" in command.order:
                lines.add(order["id"])
    customers -= world.customers.keys()
    details = set(_details(world, names.paying, named))
    wanted = _Wanted(world, names.forms, named)
    contacts = _contacts(world, names, named)
    lines |= wanted.lines
    details |= wanted.details
    employees = names.employees | found["employees"] | _looking_after(world, names.own_enquiries)
    asked: _Loaded = []
    if customers:
        asked.append((people_sql.take_customers, people_sql.ask_customers(tx, cm_id, customers)))
    if lines:
        asked.append((orders_sql.take_lines, orders_sql.ask_by_number(tx, cm_id, orders_sql.LINES, lines)))
    if details:
        asked.append((orders_sql.take_payments, orders_sql.ask_by_detail(tx, cm_id, details)))
    if employees:
        asked.append((assign_sql.take_employees, assign_sql.ask_employees(tx, cm_id, employees)))
    if contacts:
        asked.append((people_sql.take_contacts, people_sql.ask_contacts_of(tx, cm_id, contacts)))
    if wanted.enquiries:
        asked.append((people_sql.take_enquiries, people_sql.ask_enquiries(tx, cm_id, wanted.enquiries)))
    if wanted.histories:
        asked.append((events_sql.take_history, events_sql.ask_history(tx, cm_id, wanted.histories)))
    for take, reply in asked:
        take(world, reply)
    if names.closed is not None:
        _load_open_enquiries(tx, cm_id, world, names.closed)


def _looking_after(world: World, enquiries: Iterable[int]) -> set[int]:
    """The employees who look after enquiries that are there: answers tell of them."""
    known = (world.enquiries[number] for number in enquiries if number in world.enquiries)
    return {one["assigned_to"] for one in known if "assigned_to" in one}


def _load_open_enquiries(tx: Tx, cm_id: int, world: World, closed: list[str]) -> None:
    """The newest open enquiries of all customers that the group has met so far."""
    if not world.customers:
        return
    numbers = people_sql.take_open_enquiries(people_sql.ask_open_enquiries(tx, cm_id, world.customers, closed))
    if numbers - world.enquiries.keys():
        people_sql.take_enquiries(world, people_sql.ask_enquiries(tx, cm_id, numbers - world.enquiries.keys()))


def _contacts(world: World, names: Names, named: _Named) -> set[people.Wanted]:
    """The contacts that deciding the group needs, by customer, phone and e-mail."""
    if not names.takers and not any(form.contacts for form in names.forms):
        return set()
    forms = {id(form.order): form for form in names.forms}
    reach = people.Reach(world)
    for write in names.meeting:
        takes = id(write) in names.takers
        if isinstance(write, OrderWrite):
            reach.add(write, _targets(world, write, named), forms.get(id(write)), takes=takes)
        else:
            enquiry = write.enquiry.get("id", 0) if isinstance(write, EnquiryWrite) else 0
            owner = world.enquiries[enquiry]["customer_id"] if enquiry in world.enquiries else 0
            reach.add_people(write.customer, takes=takes, owner=owner)
    return reach.contacts


class _Wanted:
    """What add-updates need of the orders that they name: enquiries to change, orders with their lines, payments by
    detail, and the events of orders that have moved.
    """

    def __init__(self, world: World, forms: list[AddUpdate], named: _Named) -> None:
        self.world = world
        self.enquiries: set[int] = set()
        self.lines: set[int] = set()
        self.details: set[_Detail] = set()
        self.histories: set[int] = set()
        for form in forms:
            for order in _targets(world, form.order, named):
                self._order(form, order)

    def _order(self, form: AddUpdate, order: Record) -> None:
        number = order["id"]
        if form.changes_enquiry and order["enquiry_id"] not in self.world.enquiries:
            self.enquiries.add(order["enquiry_id"])
        if any("lines" in clear.fields or "order.grand_total" in clear.fields for clear in form.clears):
            self.lines.add(number)
        if form.revisions is not None and form.revisions.isdisjoint((order["revision"], ANY_REVISION)):
            self.histories.add(number)
        for part in form.payments:
            values = part.values
            amount = values.get("amount") if form.is_added else None
            if amount is not None and part.refund:
                amount = -amount
            self.details.add((number, values.get("reference"), values.get("cheque_number"), amount))


_Detail = tuple[int, str | None, str | None, int | None]


def _details(world: World, paying: list[PaymentWrite], named: _Named) -> Iterable[_Detail]:
    """(order, reference, cheque number, no amount) by which earlier payments are looked for."""
    for command in paying:
        reference, cheque = command.values.get("reference"), command.values.get("cheque_number")
        if reference is None and cheque is None:
            continue
        numbers = {command.order_id, *named.get(command.erp_order_id or "", ())}
        numbers.update(entry["order_id"] for entry in world.payments.get(command.values.get("payment_id", 0), ())[:1])
        for number in numbers:
            if number in world.orders:
                yield number, reference, cheque, None
