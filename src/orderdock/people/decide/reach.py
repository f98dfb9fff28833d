"""Which stored customers the writes of a group may mean, and so which of their contacts must be loaded. Pure.

An earlier write may give a stored customer the phone by which a later one finds it, or take away one that another
contact still has. This is looked at once, before anything is decided: what is named here may be too much, never all.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from orderdock.orders.model import AddUpdate, OrderWrite
from orderdock.people.decide.contacts import Identity, identities
from orderdock.people.model import CONTACT_IDENTITIES, IDENTITY_COLUMNS
from orderdock.world import Record, World

# Of more customers that may be given one and the same phone in a group, the oldest are followed (as in `people.sql`).
MOST_GIVEN: Final = 20
# (customer, folded phone, folded e-mail) of contacts; with neither: the main one.
Wanted = tuple[int, str | None, str | None]


class Reach:
    """The writes of one group, noted in their order; `contacts` are those that deciding them needs."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.contacts: set[Wanted] = set()
        self._given: dict[Identity, set[int]] = {}
        self._touched: set[int] = set()

    def add(self, write: OrderWrite, targets: Iterable[Record], form: AddUpdate | None, *, takes: bool) -> None:
        """Note the next write: the stored orders it may mean, the add-update it is part of, whether it may take a
        phone, an e-mail or a code away from its customer.
        """
        named = self._named(write.customer)
        sought = named | {("erp", write.order["erp_order_id"])} if "erp_order_id" in write.order else named
        customers = self._customers(write, targets, sought)
        contacts = form.contacts if form is not None else []
        if contacts:
            self.contacts.update((number, None, None) for number in customers)
        for contact in contacts:
            phone, email = contact.values.get("phone_key"), contact.values.get("email_key")
            self.contacts.update((number, phone, email) for number in customers)
        # A push may fill blanks; an add-update gives its customer what it says of it only if it is to be updated.
        given = sought if form is None or form.changes_customer else sought - named
        self._give(given.union(*(identities(one.values, CONTACT_IDENTITIES) for one in contacts)), customers)
        if takes:
            self._touched |= customers

    def add_people(self, customer: Record, *, takes: bool, owner: int = 0) -> None:
        """Note the next write that is of a customer by itself, or by way of an enquiry: what is given of it, and whose
        the enquiry is (0: of whom the rest means).
        """
        named = self._named(customer)
        customers = {customer["id"]} if "id" in customer else set()
        if owner:
            customers.add(owner)
        for key in named:
            customers.update(self._holders(key))
        self._give(named, customers)
        if takes:
            self._touched |= customers

    def _named(self, customer: Record) -> set[Identity]:
        """What a write names its customer by."""
        named = identities(customer, IDENTITY_COLUMNS)
        self._keep_shared(named)
        return named

    def _holders(self, key: Identity) -> set[int]:
        """The stored customers who have an identity, or may have been given it by an earlier write."""
        return {*self.world.identities.get(key, ()), *self._given.get(key, ())}

    def _keep_shared(self, named: set[Identity]) -> None:
        """What an earlier write may have taken away stays while a contact has it, so such contacts must be known."""
        for kind, value in named if self._touched else ():
            for number in self._touched.intersection(self.world.identities.get((kind, value), ())):
                if kind != "code":
                    self.contacts.add((number, value, None) if kind == "phone" else (number, None, value))

    def _customers(self, write: OrderWrite, targets: Iterable[Record], sought: set[Identity]) -> set[int]:
        """The stored customers that a write may be about."""
        if "id" in write.order:
            order = self.world.orders.get(write.order["id"])
            return {order["customer_id"]} if order is not None else set()
        found = {order["customer_id"] for order in targets}
        if "id" in write.customer:
            found.add(write.customer["id"])
        if write.enquiry_id in self.world.enquiries:
            found.add(self.world.enquiries[write.enquiry_id]["customer_id"])
        for key in sought:
            found.update(self._holders(key))
        return found

    def _give(self, keys: Iterable[Identity], customers: set[int]) -> None:
        for key in keys if customers else ():
            given = self._given.get(key, set()) | customers
            self._given[key] = given if len(given) <= MOST_GIVEN else set(sorted(given)[:MOST_GIVEN])
