"""Every filter of a pull of customers: one that fits is found, another is not; and which index serves (2.12)."""

import json
import sys
from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest

from orderdock import tables
from orderdock.db import Database, Sql
from orderdock.kinds import PHONE, Locale
from orderdock.people import actions
from orderdock.people.query import FILTERS, How, Identity
from orderdock.people.sql import CUSTOMERS, IDENTITIES, keyed
from orderdock.people.sql.find import CONTACTS_SHOWN, ENQUIRIES_COUNTED, statement
from orderdock.wire.legacy_query import read_customer, read_customers
from tests.engines import PostgresServer
from tests.sql.rows import A, B, ms, put, scope_of

Json = dict[str, Any]
SCOPE = scope_of()
DAY = "2024-05-02"
AT = ms(f"{DAY} 10:00")
MERGED, SURVIVOR = 3, 1
CREATED = "ix_customer_cm_id_created_at_id"


class Case(NamedTuple):
    """What to ask, what the customer has that fits (number 1), and what the other has (number 2)."""

    asked: Json
    fits: Json
    other: Json = {}  # noqa: RUF012  # never changed


def _source(word: str) -> Case:
    column = f"{word}_source"
    return Case({f"{word}SourceId": "0, fair"}, {column: "FAIR"}, {column: "web"})


CASES: dict[str, Case] = {
    "name": Case({"name": "SMÍTH"}, {"name": "Zoë Smíth Rao"}, {"name": "Smith"}),
    "phone": Case({"phone": "8123456789"}, {"phone": "+91 81234 56789"}, {"phone": "8123456780"}),
    "phone, ending": Case({"phone": "456789"}, {"phone": "+91 81234 56789"}, {"phone": "8123456780"}),
    "phone of a contact": Case({"phone": "8123456789"}, {"contact": "8123456789"}, {"phone": "8123456780"}),
    "email": Case({"email": "ASHA@x.in"}, {"email": "Asha@X.in"}, {"email": "b@x.in"}),
    "customerCode": Case({"customerCode": " C,1 "}, {"code": "C,1"}, {"code": "c,1"}),
    "customer_id": Case({"customer_id": "77, 1"}, {}),
    "customer_id, a list": Case({"customer_id": [1, "77"]}, {}),
    "customer_id, merged": Case({"customer_id": MERGED}, {}),
    "zoneIdStr": Case({"zoneIdStr": "wEST,x", "zone_id": "east"}, {"zone": "West"}, {"zone": "East"}),
    "zoneIdStr, a number": Case({"zoneIdStr": "31,77"}, {"zone": "West"}, {"zone": "East"}),
    "zone_id": Case({"zoneIdStr": "", "zone_id": 31}, {"zone": "WEST"}, {"zone": "East"}),
    "zone_id, 0 before it": Case({"zoneIdStr": "0,", "zone_id": "west"}, {"zone": "WEST"}, {"zone": "East"}),
    "assignedToId": Case({"assignedToId": 8, "assignedToIdStr": "9"}, {"assigned_to": 8}, {"assigned_to": 9}),
    "assignedToIdStr": Case({"assignedToId": 0, "assignedToIdStr": "7,eight"}, {"assigned_to": 8}, {"assigned_to": 9}),
    "isOrganisation": Case({"isOrganisation": True, "isIndividual": "true"}, {"organization": 1}, {"individual": 1}),
    "isIndividual": Case(
        {"isOrganisation": "false", "isIndividual": "yes", "isChannelPartner": "maybe"},
        {"individual": 1},
        {"organization": 1},
    ),
    "isChannelPartner": Case({"isChannelPartner": 1}, {"channel_partner": 1}, {"channel_partner": 0}),
    "primarySourceId": _source("primary"),
    "secondarySourceId": _source("secondary"),
    "tertiarySourceId": _source("tertiary"),
    **{
        f"attr{n}": Case({f"attr{n}": "Ärger, x"}, {f"attr{n}": "äRGER, X"}, {f"attr{n}": "ärger"})
        for n in range(1, 16)
    },
}  # fmt: skip


def test_every_filter_has_a_case() -> None:
    assert {name.partition(",")[0].partition(" of ")[0] for name in CASES} == {n for row in FILTERS for n in row.names}


def some_customer(number: int, **values: Any) -> tuple[Json, list[Json]]:
    """A customer as it is stored, and its identities."""
    at = {"id": number, "revision": 1, "created_at": AT, "modified_at": AT}
    also = values.pop("contact", None)
    phone, email, code = values.get("phone"), values.get("email"), values.get("code")
    keys = [("phone", PHONE.fold(text, Locale())) for text in (phone, also) if text]
    keys += [("email", email.casefold())] if email else []
    keys += [("code", code)] if code else []
    identities = [{"kind": kind, "value": value, "customer_id": number} for kind, value in keys]
    return keyed({**at, "name": "Asha", **values}), identities


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def empty(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """A database on one engine after the other, with employees, zones, and a neighbour who has what fits."""
    if request.param == "sqlite":
        path = tmp_path_factory.mktemp("customers") / "orderdock.db"
        path.write_bytes(request.getfixturevalue("sqlite_template").read_bytes())
        url = f"sqlite:///{path}"
    else:
        server: PostgresServer = request.getfixturevalue("postgres")
        url = server.create_database(request.getfixturevalue("postgres_template"))
    database = Database(url)
    person = {"active": 0, "created_at": 1}
    with database.write() as tx:
        for number, name in ((8, "eight"), (9, "nine")):
            put(tx, tables.employee, {**person, "id": number, "code": f"E-{number}", "name": name, "name_key": name})
        put(tx, tables.named_list, {"id": 31, "list": "zone", "name_key": "west", "name": "West", "created_at": 1})
    yield database
    database.close()


def found(database: Database, asked: Json, number: int = A) -> list[int]:
    query = read_customers([{"createStartDate": DAY, **asked}], True, scope_of(number))
    with database.read() as tx:
        page = actions.pull(tx, scope_of(number), query)
    assert page.total == len(page.customers)
    return [one["id"] for one in page.customers]


@pytest.mark.parametrize("name", CASES)
def test_who_fits_is_found_and_who_does_not_is_not(empty: Database, name: str) -> None:
    case = CASES[name]
    with empty.write() as tx:
        for table in (tables.customer, tables.customer_identity):
            for number in (A, B):
                tx.ask(Sql(f"DELETE FROM {table.name} WHERE cm_id = :cm_id"), cm_id=number)
        for number, cm_id, values in ((1, A, case.fits), (2, A, case.other), (4, B, case.fits)):
            row, identities = some_customer(number, **values)
            put(tx, tables.customer, row, cm_id=cm_id)
            put(tx, tables.customer_identity, *identities, cm_id=cm_id)
        put(tx, tables.customer, some_customer(MERGED, merged_into=SURVIVOR)[0])
    assert found(empty, {}) == [1, 2]
    assert found(empty, case.asked) == [1]
    assert found(empty, {**case.asked, "createStartDate": "2024-05-01", "createEndDate": "2024-05-01"}) == []
    assert found(empty, {**case.asked, "name": "nobody"}) == []


# --- plans -----------------------------------------------------------------------------------------------------------

CUSTOMERS_MADE = 5_000
SPAN = {"createStartDate": "1970-01-02", "createEndDate": "2100-01-01"}
# What names records: for these few customers are looked up instead of the range.
KEYS = {"phone", "email", "customerCode", "customer_id"}


@pytest.fixture(scope="module")
def filled(empty: Database) -> Database:
    """Five thousand customers, a day each; a hundred of an account that none is asked of."""
    with empty.write() as tx:
        tx.ask(Sql("DELETE FROM customer WHERE cm_id = :cm_id"), cm_id=A)
        tx.ask(Sql("DELETE FROM customer_identity WHERE cm_id = :cm_id"), cm_id=A)
        for at in range(1, CUSTOMERS_MADE, 500):
            numbers = range(at, at + 500)
            made = [
                some_customer(n, created_at=n * 86_400_000, phone=f"81{n:08}", email=f"a{n}@x.in", code=f"C{n}")
                for n in numbers
            ]
            put(tx, tables.customer, *(row for row, _ in made))
            put(tx, tables.customer_identity, *(one for _, identities in made for one in identities))
            dated = {"created_at": 1, "modified_at": 1}
            put(tx, tables.contact, *({**dated, "id": n, "customer_id": n % 9 + 1, "own": 1} for n in numbers))
            put(tx, tables.enquiry, *({**dated, "id": n, "customer_id": n % 9 + 1, "revision": 1} for n in numbers))
        if empty.engine == "postgresql":
            tx.ask(Sql("ANALYZE"))
    return empty


def plan_of(database: Database, text: Sql, **values: Any) -> str:
    with database.read() as tx:
        raw: Any = tx._raw
        if database.engine == "sqlite":
            rows = raw.execute(f"EXPLAIN QUERY PLAN {text.sqlite}", {"cm_id": A, **values}).fetchall()
            plan = "\n".join(row[3] for row in rows)
        else:
            rows = raw.execute(f"EXPLAIN {text.postgresql}", {"cm_id": A, **values}).fetchall()
            plan = "\n".join(row[0] for row in rows)
    sys.stdout.write(f"\n--- {database.engine}\n{plan}\n")
    for table in ("customer", "customer_identity", "contact", "enquiry"):
        number = {"contact": 1, "customer": 1, "customer_identity": 3, "enquiry": 1}[table]
        plan = plan.replace(f"sqlite_autoindex_{table}_{number}", f"pk_{table}")
    return plan


def plan_of_pull(database: Database, **asked: Any) -> str:
    query = read_customers([asked], True, SCOPE)
    with database.read() as tx:
        terms = actions._looked_up(tx, SCOPE, query.terms)
    text, values = statement(query, terms, 101)
    return plan_of(database, text, **values)


@pytest.mark.parametrize("cursor", [False, True])
@pytest.mark.parametrize("span", [SPAN, {"createStartDate": "1972-05-08"}])
def test_a_pull_enters_the_index_of_dates_and_sorts_nothing(filled: Database, span: Json, cursor: bool) -> None:
    if cursor:
        query = read_customers([{**span, "limit": 1}], True, SCOPE)
        span = {**span, "limit": 1, "cursor": query.cursor({"created_at": 90_000_000, "id": 1}, None)}
    plan = plan_of_pull(filled, **span)
    assert CREATED in plan, plan
    assert "Sort" not in plan, plan
    assert "TEMP B-TREE" not in plan, plan


@pytest.mark.parametrize("name", [name for name in CASES if name.isalnum() or name == "customer_id"])
def test_every_filter_reads_the_range_or_looks_up_what_it_names(filled: Database, name: str) -> None:
    plan = plan_of_pull(filled, **SPAN, **CASES[name].asked)
    if name in KEYS:
        assert "pk_customer" in plan or "uq_customer_identity_code" in plan, plan
        assert CREATED not in plan, plan
        assert "Seq Scan" not in plan, plan
    elif filled.engine == "sqlite":
        assert CREATED in plan, plan


@pytest.mark.parametrize(
    ("item", "text"),
    [
        ({"kapture_customer_id": 77}, CUSTOMERS), ({"customer_code": "C77"}, IDENTITIES),
        ({"phone": "8100000077"}, IDENTITIES), ({"email": "a77@x.in"}, IDENTITIES),
    ],
)  # fmt: skip
def test_a_get_looks_up_by_key(filled: Database, item: Json, text: Sql) -> None:
    asked = read_customer([item], True, SCOPE)
    with filled.read() as tx:
        page = actions.get(tx, SCOPE, asked)
    assert [one["id"] for one in page.customers] == [77]
    (identity,) = asked.by
    assert isinstance(identity, Identity)
    names = {"id": identity.value} if identity.kind == "id" else identity._asdict()
    plan = plan_of(filled, text, names=json.dumps([names]))
    assert "pk_customer" in plan, plan
    assert "SCAN customer" not in plan, plan


def test_contacts_and_enquiries_are_read_by_their_customers(filled: Database) -> None:
    names = json.dumps([{"id": 1, "main": 9}])
    contacts = plan_of(filled, CONTACTS_SHOWN, names=names, most=10)
    assert "ix_contact_cm_id_customer_id_id" in contacts, contacts
    assert "pk_contact" in contacts, contacts
    counted = plan_of(filled, ENQUIRIES_COUNTED, names=names)
    assert "ix_enquiry_cm_id_customer_id_created_at_id" in counted, counted


def test_every_way_of_comparing_is_one_that_somebody_uses() -> None:
    assert {row.how for row in FILTERS} == set(How)
