"""How many contacts a group asks for, however its add-updates are tied to each other."""

from typing import Any

from orderdock.orders.model import AddUpdate
from orderdock.people.decide import Reach
from orderdock.people.decide.reach import MOST_GIVEN
from orderdock.world import World
from tests.model.account import form_work, scope_of

COUNT = 500


def form(n: int, **customer: Any) -> AddUpdate:
    info = {"customer_name": "Asha", "phone": f"81{n:08d}", "update": True, **customer}
    body = {"customer_info": info, "contact_info": {"contact_person_phone": f"82{n:08d}"}, "order_info": {}}
    read = form_work(scope_of(1), body).commands[0]
    assert isinstance(read, AddUpdate)
    return read


def test_one_mail_given_to_many_customers_is_followed_to_the_oldest() -> None:
    reach = Reach(World(0, lambda name: 0))
    for n in range(1, COUNT + 1):
        write = form(n, email_id="shop@x.in")
        reach.world.identities["phone", write.order.customer["phone_key"]] = (n,)
        reach.add(write.order, [], write, takes=True)
    by_customer = {number for number, _, _ in reach.contacts}
    assert by_customer == set(range(1, COUNT + 1))
    assert len(reach.contacts) <= (COUNT + MOST_GIVEN) + COUNT * (MOST_GIVEN + 1)


def test_customers_that_share_nothing_are_asked_for_once() -> None:
    reach = Reach(World(0, lambda name: 0))
    for n in range(1, COUNT + 1):
        write = form(n)
        reach.world.identities["phone", write.order.customer["phone_key"]] = (n,)
        reach.add(write.order, [], write, takes=True)
    assert len(reach.contacts) == 2 * COUNT, "the main contact and the one that is named"


def test_customers_by_themselves_ask_for_contacts_only_where_one_lost_something() -> None:
    reach = Reach(World(0, lambda name: 0))
    for n in range(1, COUNT + 1):
        reach.world.identities["phone", f"+9181{n:08d}"] = (n,)
        reach.add_people({"phone_key": f"+9181{n:08d}"}, takes=True)
    assert reach.contacts == set()
    reach.add_people({"phone_key": "+918100000001", "email_key": "a@x.in"}, takes=True)
    assert reach.contacts == {(1, "+918100000001", None)}
    reach.add_people({"id": 2, "email_key": "a@x.in"}, takes=False)
    assert len(reach.contacts) == 1, "nobody who is stored has this e-mail"
