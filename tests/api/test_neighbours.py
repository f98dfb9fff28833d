"""Two accounts with the same numbers never meet: every route is tried with the neighbour's key (contract 1.2)."""

from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa

from orderdock.tables import metadata
from orderdock.web import legacy, legacy_people, v1
from tests.customers import added, info, send
from tests.world import (
    CUSTOMER,
    ENQUIRY,
    EVENTS,
    GET,
    GET_CUSTOMER,
    ORDERS,
    PULL,
    PULL_CUSTOMERS,
    WRITE,
    Json,
    Tenant,
    World,
    call,
    customer,
    enquiry,
    events,
    faults,
    good,
    item,
    line,
    new_account,
    one,
    pay,
    payment,
    post,
    pull,
    push,
    update,
    v1_bad,
    write,
)

DAY = "2024-05-08"
RECORDS = ("customer", "customer_identity", "contact", "enquiry", "orders", "order_line", "payment_entry", "event")


def twin_of(world: World, shop: Tenant) -> Tenant:
    """An account that holds the very rows of another: the same ids, codes, phones and numbers of events.

    No caller can bring this about (ids are the installation's), so the rows are copied in the database.
    """
    twin = new_account(world)
    with world.admin.database.sa.begin() as connection:
        for table in (metadata.tables[name] for name in RECORDS):
            connection.execute(table.delete().where(table.c.cm_id == twin.cm_id))
            columns = [column for column in table.columns if column.name != "cm_id"]
            rows = sa.select(sa.literal(twin.cm_id, sa.BigInteger), *columns).where(table.c.cm_id == shop.cm_id)
            connection.execute(table.insert().from_select(["cm_id", *(column.name for column in columns)], rows))
    return twin


@pytest.fixture
def twins(world: World) -> tuple[Tenant, Tenant, Json, Json]:
    """Two accounts with the same records, a paid order of theirs, and its payment."""
    shop = new_account(world)
    order = push(
        world, key=shop.key, create_date=DAY, erp_order_id="E-1", customer_code="C-1", phone="8123456789",
        remarks="before", product_details=[line(rate="100")],
    )  # fmt: skip
    paid = pay(world, order, "10", key=shop.key, payment_reference="P-1", cheque_number="7")
    push(world, key=shop.key, create_date=DAY, erp_order_id="E-2", phone="8123456780")
    return shop, twin_of(world, shop), order, paid


def snapshot(world: World, tenant: Tenant, order: Json) -> list[Any]:
    """Everything that an account's reads show, the account's own number aside."""
    seen = [
        one(world, order, key=tenant.key, history=True),
        call(world, "GET", f"{ORDERS}erp:E-2", key=tenant.key).json(),
        pull(world, key=tenant.key, start_date=DAY, includeDetails="true", includeHistory="true"),
        events(world, key=tenant.key)["events"],
    ]
    for shown in seen[:2]:
        assert shown.pop("cmId") == tenant.cm_id
    return seen


def test_twins_are_twins(world: World, twins: tuple[Tenant, Tenant, Json, Json]) -> None:
    mine, theirs, order, _ = twins
    assert snapshot(world, mine, order) == snapshot(world, theirs, order)


CHANGES: dict[str, Callable[[Json, Json], Json]] = {
    "push": lambda order, paid: {"erp_order_id": "E-1", "phone": "8123456789", "remarks": "after", "total_paid": "50"},
    "push of a known customer": lambda order, paid: {"customer_code": "C-1", "create_date": DAY},
    "update": lambda order, paid: {
        "order_id": order["order_id"],
        "remarks": "after",
        "product_details": [line(rate="7")],
    },
    "update by enquiry": lambda order, paid: {
        "enquiry_id": order["enquiry_id"],
        "erp_order_id": "E-1b",
        "create_date": DAY,
    },
    "payment": lambda order, paid: payment(order, "5"),
    "payment by number": lambda order, paid: {
        "erp_order_id": "E-1",
        "customer_id": order["kapture_customer_id"],
        "amount_paid": "5",
    },
    "payment with a new reference": lambda order, paid: payment(order, "5", payment_reference="P-2"),
    "correction": lambda order, paid: {"payment_id": paid["payment_id"], "amount_paid": "1"},
}


@pytest.mark.parametrize("change", CHANGES)
def test_what_one_writes_the_other_does_not_see(
    world: World, twins: tuple[Tenant, Tenant, Json, Json], change: str
) -> None:
    mine, theirs, order, paid = twins
    before = snapshot(world, theirs, order)
    answer = write(world, CHANGES[change](order, paid), key=mine.key).json()
    made = answer[0] if isinstance(answer, list) else answer
    assert made["outcome"] in ("created", "updated"), made
    assert snapshot(world, theirs, order) == before
    assert snapshot(world, mine, order) != before


def test_a_customer_of_one_is_not_the_others(world: World, twins: tuple[Tenant, Tenant, Json, Json]) -> None:
    mine, theirs, order, _ = twins
    before = snapshot(world, theirs, order)
    changed = customer(world, key=mine.key, customer_code="C-1", phone="8123456780", name="Asha Rao")
    assert (changed["outcome"], changed["Kapture Customer Id"]) == ("updated", order["kapture_customer_id"])
    assert snapshot(world, theirs, order) == before
    assert snapshot(world, mine, order) != before


def test_an_enquiry_of_one_is_not_the_others(world: World, twins: tuple[Tenant, Tenant, Json, Json]) -> None:
    mine, theirs, order, _ = twins
    before = snapshot(world, theirs, order)
    item = {"enquiry_id": order["enquiry_id"], "phone": "8123456789", "remarks": "mine", "status": "CL"}
    changed = enquiry(world, key=mine.key, **item)
    assert (changed["outcome"], changed["Kapture Customer Id"]) == ("updated", order["kapture_customer_id"])
    assert enquiry(world, key=mine.key, phone="8123456789")["message"] == "Enquiry Added Successfully"
    assert snapshot(world, theirs, order) == before
    assert snapshot(world, mine, order) != before
    assert enquiry(world, key=theirs.key, phone="8123456789")["message"].startswith("Duplicate Enquiry")


def test_a_whole_batch_of_one_leaves_the_other_alone(world: World, twins: tuple[Tenant, Tenant, Json, Json]) -> None:
    mine, theirs, order, paid = twins
    before = snapshot(world, theirs, order)
    answers = write(world, *(change(order, paid) for change in CHANGES.values()), key=mine.key).json()
    assert all(answer["status"] == "success" for answer in answers), answers
    assert snapshot(world, theirs, order) == before


def test_cursors_are_not_exchanged(world: World, twins: tuple[Tenant, Tenant, Json, Json]) -> None:
    mine, theirs, _, _ = twins
    asked = {"start_date": DAY, "numberOfRecords": "1"}
    cursor = pull(world, key=mine.key, **asked)["next"]
    page = pull(world, key=theirs.key, **asked, cursor=cursor)
    if "orders" in page:  # a cursor says where, not whose
        assert page["orders"] == pull(world, key=theirs.key, **asked, startPosition="1")["orders"]


def unknown(body: Json, names: tuple[str, ...]) -> Json:
    """The same request about records that nobody has."""
    return {**body, **{name: "77" for name in names if name in body}}


NUMBERS = ("order_id", "enquiry_id", "kapture_order_id", "kapture_customer_id", "customer_id", "payment_id")


@pytest.fixture(scope="module")
def theirs(world: World) -> tuple[Json, Json]:
    """An order and a payment of account A."""
    order = push(world, product_details=[line()], customer_code="shared code", erp_order_id="shared number")
    return order, pay(world, order, "10", payment_reference="shared reference")


FOREIGN: dict[str, tuple[str, Callable[[Json, Json], Json]]] = {
    "update": (WRITE, lambda order, paid: {"order_id": order["order_id"], "remarks": "theirs"}),
    "update by enquiry": (WRITE, lambda order, paid: {"enquiry_id": order["enquiry_id"]}),
    "payment": (WRITE, lambda order, paid: payment(order, "1")),
    "payment of one's own order by their customer": (
        WRITE,
        lambda order, paid: {**payment(order, "1"), "kapture_order_id": "77"},
    ),
    "correction": (WRITE, lambda order, paid: {"payment_id": paid["payment_id"], "amount_paid": "1"}),
    "push to their customer alone": (WRITE, lambda order, paid: {"customer_id": order["kapture_customer_id"]}),
    "customer push by their number": (
        CUSTOMER,
        lambda order, paid: {"customer_id": order["kapture_customer_id"], "city": "theirs"},
    ),
    "enquiry push by their number": (
        ENQUIRY,
        lambda order, paid: {"enquiry_id": order["enquiry_id"], "remarks": "theirs"},
    ),
    "enquiry push for their customer": (ENQUIRY, lambda order, paid: {"customer_id": order["kapture_customer_id"]}),
    "get": (GET, lambda order, paid: {"order_id": order["order_id"]}),
    "pull": (
        PULL,
        lambda order, paid: {"start_date": "2000-01-01", "end_date": "2100-01-01", "enquiry_id": order["enquiry_id"]},
    ),
}


@pytest.mark.parametrize("request_of", FOREIGN)
def test_foreign_is_answered_exactly_as_not_found(world: World, theirs: tuple[Json, Json], request_of: str) -> None:
    path, make = FOREIGN[request_of]
    order, paid = theirs
    before = one(world, order, history=True)
    body = make(order, paid)
    foreign, missing = post(world, path, body, key="KB"), post(world, path, unknown(body, NUMBERS), key="KB")
    assert foreign.status_code == missing.status_code == 200
    assert (foreign.json()["Message"], faults(foreign.json())) == (missing.json()["Message"], faults(missing.json()))
    assert [entry["message"] for entry in foreign.json()["errors"]] == [
        entry["message"] for entry in missing.json()["errors"]
    ]
    assert one(world, order, history=True) == before


def test_a_foreign_address_is_answered_exactly_as_not_found(world: World, theirs: tuple[Json, Json]) -> None:
    order, _ = theirs
    for number, missing in ((order["order_id"], "77"), ("erp:shared%20number", "erp:nobody's")):
        answer, nothing = (call(world, "GET", f"{ORDERS}{one_of}", key="KB") for one_of in (number, missing))
        assert (answer.status_code, nothing.status_code) == (404, 404)
        assert answer.json()["errors"][0] | {"value": ""} == nothing.json()["errors"][0] | {"value": ""}


def test_a_feed_is_its_accounts_own(world: World, theirs: tuple[Json, Json]) -> None:
    order, _ = theirs
    seen = call(world, "GET", f"{EVENTS}?limit=1000", key="KB").text
    assert str(order["order_id"]) not in seen
    assert "shared number" not in seen


def test_names_of_the_neighbour_are_free(world: World, theirs: tuple[Json, Json]) -> None:
    order, paid = theirs
    made = good(write(world, item(erp_order_id="shared number", customer_code="shared code"), key="KB"))
    assert made["outcome"] in ("created", "updated")
    assert made["kapture_customer_id"] != order["kapture_customer_id"]
    booked = pay(world, made, "10", key="KB", payment_reference="shared reference")
    assert booked["payment_id"] != paid["payment_id"]
    twin = customer(world, key="KB", customer_code="shared code")
    assert twin["Kapture Customer Id"] == made["kapture_customer_id"]
    people = push(world, key="KB", assign_emp_code="E-7", round_robin_key="north")
    assert one(world, people, key="KB")["assignedTo"] is None


def test_an_employee_of_the_neighbour_is_nobody(world: World) -> None:
    order = push(world, key="KB")
    made = update(world, order, key="KB", assign_email_id="meera@example.com", approved_by=str(world.people["E-7"]))
    assert [entry["code"] for entry in made["warnings"]] == ["EmployeeUnknown"] * 2


CUSTOMER_FORMS: dict[str, Callable[[Json], Json]] = {
    "customer": lambda made: {"customer_info": info(customer_id=made["customer_id"], city="theirs")},
    "contact": lambda made: {"customer_info": info(), "contact_info": {"contact_id": made["contact_id"], "update": 1}},
    "enquiry": lambda made: {"customer_info": info(), "enquiry_info": {"enquiry_id": made["enquiry_id"], "update": 1}},
}


@pytest.mark.parametrize("body_of", CUSTOMER_FORMS)
def test_a_foreign_customer_contact_or_enquiry_is_exactly_not_found(world: World, body_of: str) -> None:
    shop, make = new_account(world), CUSTOMER_FORMS[body_of]
    made = added(world, key=shop.key, enquiry_info={"remarks": "theirs"})
    before = events(world, key=shop.key)
    foreign, missing = (
        send(world, make(one_of), key="KB")
        for one_of in (made, {"customer_id": 77, "contact_id": 77, "enquiry_id": 77})
    )
    assert v1_bad(foreign) == v1_bad(missing)
    assert foreign.status_code == 404
    assert foreign.json()["errors"][0] | {"value": ""} == missing.json()["errors"][0] | {"value": ""}
    assert events(world, key=shop.key) == before


def test_a_customer_of_the_neighbours_phone_and_code_is_ones_own(world: World) -> None:
    mine, theirs = new_account(world), new_account(world)
    customer = info(customer_code="C-1")
    first = added(world, customer, key=theirs.key, enquiry_info={"remarks": "open"})
    before = events(world, key=theirs.key)
    made = added(world, {**customer, "update": True}, key=mine.key, enquiry_info={"remarks": "new", "update": True})
    assert (made["outcome"], [entry["code"] for entry in made["warnings"]]) == ("created", ["NothingToUpdate"])
    assert made["enquiry_id"] not in (0, first["enquiry_id"])
    assert events(world, key=theirs.key) == before


def test_a_write_to_a_customer_leaves_its_twin_alone(world: World, twins: tuple[Tenant, Tenant, Json, Json]) -> None:
    mine, theirs, order, _ = twins
    before = snapshot(world, theirs, order)
    customer = {"customer_id": order["kapture_customer_id"], "city": "Goa", "phone": "8123456781"}
    changed = added(world, customer, key=mine.key, enquiry_info={"action": "call", "update": True},
                    contact_info=[{"first_name": "Ravi"}])  # fmt: skip
    assert (changed["outcome"], changed["enquiry_id"]) == ("updated", int(order["enquiry_id"]))
    assert snapshot(world, theirs, order) == before
    assert snapshot(world, mine, order) != before


SEARCHES = ("/ms/customer-search/order-search/api/v1/pull-internal", "/api/v1/orders")


@pytest.mark.parametrize("path", SEARCHES)
def test_a_search_finds_its_accounts_own(world: World, theirs: tuple[Json, Json], path: str) -> None:
    order, _ = theirs
    person, enquiry = order["kapture_customer_id"], order["enquiry_id"]
    for name, value in (("orderIds", order["order_id"]), ("customerIds", person), ("enquiryIds", enquiry)):
        mine, foreign, missing = (
            call(world, "GET", f"{path}?cmId={tenant.cm_id}&{name}={number}", key=tenant.key)
            for tenant, number in ((world.a, value), (world.b, value), (world.b, 77))
        )
        assert order["order_id"] in mine.text
        assert (foreign.status_code, foreign.content) == (200, missing.content)


def test_a_customer_is_read_in_its_own_account(world: World, theirs: tuple[Json, Json]) -> None:
    order, _ = theirs
    number = order["kapture_customer_id"]
    whole = {"createStartDate": "2000-01-01", "createEndDate": "2100-01-01"}
    for path, asked in (
        (GET_CUSTOMER, {"kapture_customer_id": number}), (GET_CUSTOMER, {"customer_code": "shared code"}),
        (PULL_CUSTOMERS, {**whole, "customer_id": number}), (PULL_CUSTOMERS, {**whole, "customerCode": "shared code"}),
    ):  # fmt: skip
        shop = new_account(world)
        push(world, key=shop.key)
        mine, foreign = (post(world, path, asked, key=key) for key in ("K", shop.key))
        missing = post(world, path, {**asked, next(reversed(asked)): "77"}, key=shop.key)
        assert f'"id":{number}' in mine.text
        assert (foreign.status_code, foreign.text.replace(number, "77").replace("shared code", "77")) == (
            200,
            missing.text,
        )


def test_customers_with_the_same_numbers_are_kept_apart(world: World, twins: tuple[Tenant, Tenant, Json, Json]) -> None:
    mine, theirs, order, _ = twins
    asked = {"kapture_customer_id": order["kapture_customer_id"]}

    def seen(tenant: Tenant) -> list[str]:
        day = {"createStartDate": "2000-01-01", "createEndDate": "2100-01-01"}
        answers = [post(world, GET_CUSTOMER, one, key=tenant.key) for one in (asked, {"phone": "8123456789"})]
        answers.append(post(world, PULL_CUSTOMERS, day, key=tenant.key))
        assert all(f'"cmId":{tenant.cm_id}' in answer.text for answer in answers)
        return [answer.text.replace(str(tenant.cm_id), "cmId") for answer in answers]

    before = seen(theirs)
    assert seen(mine) == before
    push(world, key=mine.key, customer_code="C-1", phone="8123456789", address="4 Hill Road")
    assert seen(mine) != before
    assert seen(theirs) == before


def test_every_route_was_tried() -> None:
    tried = {path for path, _ in FOREIGN.values()} | {ORDERS, EVENTS, *SEARCHES, GET_CUSTOMER, PULL_CUSTOMERS}
    assert {*legacy.ROUTES, *legacy_people.ROUTES, *v1.ROUTES} == tried
