"""Whatever callers send, both families judge it without a defect of ours, and answer in their own shape."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from orderdock import group
from orderdock.db import Database
from orderdock.errors import AccountMismatch, Refusal
from orderdock.fields import In, read_at
from orderdock.orders.query.filters import FILTERS
from orderdock.wire import body, v1
from orderdock.wire.legacy import read_writes, render_writes
from orderdock.wire.legacy_people import enquiries
from orderdock.wire.legacy_people.customers import PUSH, show_customer
from orderdock.wire.legacy_people.customers import read_customer as read_person
from orderdock.wire.legacy_people.items import read_items, render_items
from orderdock.wire.v1_write import check_account, one_object, read_customer, read_form, render_form
from tests.model.account import form_work, open_account, quick_connection, scope_of, work_of, write
from tests.unit.test_wire_anything import items, texts, values

BOUNDED = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
SEARCHED = sorted({name for row in FILTERS for name in row.names} | {
    "sortParam", "limit", "offset", "cursor", "fields", "includeTotal", "includeLines", "includeHistory", "viewId",
})  # fmt: skip
GROUPS = {
    "customer_info": In.V1_CUSTOMER, "order_info": In.V1_ORDER, "enquiry_info": In.V1_ENQUIRY,
    "contact_info": In.V1_CONTACT, "product_details": In.V1_LINE, "payment_details": In.V1_PAYMENT,
}  # fmt: skip
# Numbers and texts that mean something in the account of the fixture, so that more than the reading is tried.
known = st.sampled_from(["S1", "8123456789", "asha@example.com", "C1", "R1"])


def members(place: In) -> st.SearchStrategy[Any]:
    """A group of the newer family: some of its names with values of any kind."""
    words = st.sampled_from(sorted(read_at(place))) | texts
    found = st.dictionaries(words, values | known | st.sampled_from([1, "0", True]), max_size=6)
    return found | st.lists(found, max_size=3) | values


forms = st.fixed_dictionaries({}, optional={word: members(place) for word, place in GROUPS.items()})
clears = st.lists(
    st.sampled_from(["order_info.remarks", "customer_info.city", "contact_info[0].title"]) | texts, max_size=3
)
bodies = st.builds(lambda form, clear: {**form, "clear": clear}, forms, clears | st.none()) | values


@pytest.fixture(scope="module")
def shop(sqlite_template: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Database, int]]:
    """An account with an order, its customer, a contact and a payment."""
    path = tmp_path_factory.mktemp("anything") / "orderdock.db"
    path.write_bytes(sqlite_template.read_bytes())
    database = Database(f"sqlite:///{path}")
    connection = quick_connection(database)
    cm_id = open_account(connection)
    scope = scope_of(cm_id)
    customer = {"customer_name": "Asha", "phone": "8123456789", "email": "asha@example.com", "customer_code": "C1"}
    order = {"erp_order_id": "S1", "remarks": "x", "source_version": 5}
    paid = [{"amount_paid": "5", "payment_reference": "R1"}]
    first = {"customer_info": customer, "order_info": order, "payment_details": paid,
             "contact_info": [{"contact_person_phone": "9123456789"}]}  # fmt: skip
    assert write(connection, cm_id, [form_work(scope, first)])[0][0].outcome == "created"
    assert write(connection, cm_id, [work_of(scope, [{"erp_order_id": "S2", "phone": "8123456789"}])])[0]
    yield database, cm_id
    connection.close()
    database.close()


def judged(shop: tuple[Database, int], work: group.Work) -> bytes:
    """The body that a request is answered with; nothing of it is written."""
    database, cm_id = shop
    with database.read() as tx:
        answer: bytes = group.rehearse(tx, cm_id, [work])[0]
    assert b"ServerFailure" not in answer, answer
    return answer


@BOUNDED
@given(st.lists(items, min_size=1, max_size=3), st.booleans())
def test_legacy_items(shop: tuple[Database, int], sent: list[Any], was_array: bool) -> None:
    scope = scope_of(shop[1])
    try:
        commands = read_writes(body.read(msgspec.json.encode(sent)), was_array, scope)
    except AccountMismatch:
        return
    work = group.Work(scope, "r", commands, False, lambda verdicts: render_writes(verdicts, scope, dry_run=True)[1])
    shown = msgspec.json.decode(judged(shop, work))
    for one in shown if isinstance(shown, list) else [shown]:
        assert (one.get("status") == "success") != ("Error" in one)


@BOUNDED
@given(st.lists(members(In.LEGACY_CUSTOMER), min_size=1, max_size=3), st.booleans())
def test_customers_by_themselves(shop: tuple[Database, int], sent: list[Any], was_array: bool) -> None:
    scope = scope_of(shop[1])
    try:
        commands = read_items(body.read(msgspec.json.encode(sent)), was_array, scope, PUSH, read_person)
    except AccountMismatch:
        return
    show = partial(show_customer, scope=scope, minimal=False, dry_run=True)
    work = group.Work(scope, "r", commands, False, lambda verdicts: render_items(verdicts, scope, show)[1])
    shown = msgspec.json.decode(judged(shop, work))
    for one in shown if isinstance(shown, list) else [shown]:
        assert (one["status"] == "success") != ("Error" in one)


@BOUNDED
@given(st.lists(members(In.LEGACY_ENQUIRY), min_size=1, max_size=3), st.booleans(), st.booleans())
def test_enquiries_by_themselves(shop: tuple[Database, int], sent: list[Any], was_array: bool, rejects: bool) -> None:
    scope = scope_of(shop[1], account={"enquiry_duplicates": "reject"} if rejects else None)
    decoded = body.read(msgspec.json.encode(sent))
    try:
        commands = read_items(decoded, was_array, scope, enquiries.PUSH, enquiries.read_enquiry)
    except AccountMismatch:
        return
    show = partial(enquiries.show_enquiry, scope=scope, minimal=False, dry_run=True)
    work = group.Work(scope, "r", commands, False, lambda verdicts: render_items(verdicts, scope, show)[1])
    shown = msgspec.json.decode(judged(shop, work))
    for one in shown if isinstance(shown, list) else [shown]:
        assert (one.get("status") == "success") != ("Error" in one)


@BOUNDED
@given(bodies, st.booleans())
def test_forms_of_the_newer_family(shop: tuple[Database, int], sent: Any, is_customer: bool) -> None:
    scope = scope_of(shop[1])
    try:
        found = one_object(body.read(msgspec.json.encode(sent)))
        check_account(found, scope)
    except Refusal:
        return
    form = read_customer(found, scope) if is_customer else read_form(found, scope)
    work = group.Work(scope, "r", [form], False, lambda verdicts: render_form(verdicts, dry_run=True)[1])
    shown = msgspec.json.decode(judged(shop, work))
    assert (shown["status"] == "success") != ("error" in shown)
    assert shown["status"] == "success" or list(shown) == ["message", "status", "error", "errors"]


@BOUNDED
@given(st.dictionaries(st.sampled_from(SEARCHED) | texts, values | known, max_size=5))
def test_searches(shop: tuple[Database, int], sent: dict[str, Any]) -> None:
    scope = scope_of(shop[1])
    told, limit = "", 1
    try:
        asked = v1.read_pull({"cmId": scope.cm_id, **body.read(msgspec.json.encode(sent))}, {}, scope)
        limit = v1.completed(asked, {} if asked.view else None, scope).limit
    except Refusal as error:
        told = error.faults[0].code
    assert told != "ServerFailure"
    assert 0 < limit <= 1_000
