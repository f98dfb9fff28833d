"""Whatever is sent to the v1 add-update, the answer is the contract's: never a 500, every fault under a path."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orderdock.errors import CODES
from orderdock.fields import In, read_at
from tests.api.test_bad_input import WRONG
from tests.world import Json, World, add_update, added, fresh_phone, new_account

GROUPS = {
    "customer_info": (In.V1_CUSTOMER, ["update"]), "contact_info": (In.V1_CONTACT, ["update", "matchEmailPhone"]),
    "enquiry_info": (In.V1_ENQUIRY, ["update"]), "order_info": (In.V1_ORDER, ["update"]),
    "product_details": (In.V1_LINE, []), "payment_details": (In.V1_PAYMENT, ["refund_of"]),
}  # fmt: skip
NAMES = {group: [*sorted(read_at(place)), *words, "no such field", ""] for group, (place, words) in GROUPS.items()}
MANY = {"contact_info", "product_details", "payment_details"}


@pytest.fixture(scope="module")
def key(world: World) -> str:
    return new_account(world).key


def check(world: World, key: str, body: Any) -> None:
    answer = add_update(world, body, key=key)
    assert answer.status_code in (200, 400, 403, 404, 409), (body, answer.text[:300])
    if answer.status_code == 200:
        assert answer.json()["status"] == "success"
        return
    failure = answer.json()
    assert failure["error"] == failure["errors"][0]["code"]
    for entry in failure["errors"]:
        assert entry["code"] in CODES
        assert len(entry["value"]) <= 65
        word = entry["field"].partition(".")[0].partition("[")[0]
        assert word in {*GROUPS, "clear", "cmId", "cm_id", ""}, (body, entry)


@pytest.mark.parametrize("group", GROUPS)
def test_every_field_of_a_group_with_every_wrong_value(world: World, key: str, group: str) -> None:
    order = added(world, {}, key=key, product_details=[{"rate": "1"}], payment_details=[{"amount_paid": "9"}])
    base: Json = {
        "customer_info": {"customer_name": "Asha", "update": True}, "enquiry_info": {"update": True},
        "order_info": {"order_id": order["order_id"], "update": True},
    }  # fmt: skip
    for name in NAMES[group]:
        for value in WRONG:
            member = {**base.get(group, {"update": True}), name: value}
            check(world, key, {**base, group: [{"amount_paid": "1"}, member] if group in MANY else member})


@pytest.mark.parametrize("group", [*GROUPS, "clear", "cmId", "no such group", ""])
def test_every_group_with_every_wrong_value(world: World, key: str, group: str) -> None:
    whole = {"customer_info": {"customer_name": "Asha", "phone": fresh_phone()}, "order_info": {}}
    for value in [*WRONG, [1], [[{}]], [{}, {}], {"": ""}, [None, "x"], "a.b", ["order_info.[0]", "x[1].y", ".", "[]"]]:
        check(world, key, {**whole, group: value})
        check(world, key, {group: value})


values = st.one_of(
    st.sampled_from(WRONG), st.integers(-5, 2**60), st.text(max_size=8), st.booleans(),
    st.lists(st.sampled_from(WRONG), max_size=3),
)  # fmt: skip


def members(group: str) -> st.SearchStrategy[Any]:
    of_one = st.dictionaries(st.sampled_from(NAMES[group]), values, max_size=5)
    return st.one_of(of_one, st.lists(of_one | values, max_size=3), values)


bodies = st.fixed_dictionaries(
    {"customer_info": st.fixed_dictionaries({"customer_name": st.just("Asha")}, optional={
        "phone": st.sampled_from(["8123456789", "0000000000"]), "update": st.booleans(), "zone": values})},
    optional={**{group: members(group) for group in GROUPS if group != "customer_info"},
              "clear": st.lists(st.builds("{}.{}".format, st.sampled_from([*GROUPS, "x"]), st.text(max_size=5)))
              | values, "site": values},
)  # fmt: skip


def test_bodies_of_any_shape(world: World, key: str) -> None:
    @settings(max_examples=250, derandomize=True, database=None)
    @given(bodies | st.dictionaries(st.sampled_from([*GROUPS, "clear", "x"]), values, max_size=4) | values)
    def send(body: Any) -> None:
        if json.dumps(body).count('"cm') == 0:
            check(world, key, body)

    send()
