"""Unknown and unwanted fields (contract 1.9)."""

import pytest

from tests.world import World, faults, good, item, line, new_key, one, push, update, warned, write


def test_additional_fields_are_merged_member_by_member(world: World) -> None:
    order = push(world, Floor=2, additional_fields={"a": {"x": 1}, "b": [1]}, associate_fields={"s": 1})
    assert one(world, order)["additionalFields"] == {"Floor": 2, "a": {"x": 1}, "b": [1]}
    update(world, order, additional_fields={"a": "new", "b": "", "c": None}, Floor="", associate_fields={"t": [2]})
    shown = one(world, order)
    assert shown["additionalFields"] == {"Floor": 2, "a": "new", "b": [1]}
    assert shown["associateFields"] == {"s": 1, "t": [2]}


def test_the_same_additional_fields_change_nothing(world: World) -> None:
    extra = {"b": [1, 2.50, {"y": None}], "a": {"x": 1}}
    order = push(world, additional_fields=extra)
    assert update(world, order, additional_fields=dict(reversed(extra.items())))["outcome"] == "unchanged"
    assert update(world, order, additional_fields={"a": {"x": 2}})["outcome"] == "updated"


@pytest.mark.parametrize("bag", ["additional_fields", "associate_fields"])
@pytest.mark.parametrize("wrong", ["text", 5, [1], True])
def test_a_bag_is_an_object(world: World, bag: str, wrong: object) -> None:
    assert faults(write(world, item(**{bag: wrong})).json()) == [("InvalidType", f"[0].{bag}")]


def test_a_record_has_at_most_200_additional_fields(world: World) -> None:
    order = push(world, additional_fields={f"f{number}": number for number in range(200)})
    assert len(one(world, order)["additionalFields"]) == 200
    answer = write(world, {"order_id": order["order_id"], "one more": "x"}).json()
    assert [code for code, _ in faults(answer)] == ["TooLong"]
    assert update(world, order, f7="changed")["outcome"] == "updated"
    many = write(world, item(**{f"f{number}": number for number in range(201)})).json()
    assert [code for code, _ in faults(many)] == ["TooLong"]


def test_a_record_has_at_most_256_kib_of_them(world: World) -> None:
    fits = {f"f{number}": "x" * 18_000 for number in range(14)}
    order = push(world, **fits)
    answer = write(world, {"order_id": order["order_id"], "more": ["x" * 9_000, "y" * 9_000]}).json()
    assert [code for code, _ in faults(answer)] == ["TooLong"]
    on_a_line = write(world, item(product_details=[line(**fits, more=["x" * 18_000])])).json()
    assert [code for code, _ in faults(on_a_line)] == ["TooLong"]


def test_names_of_the_other_family_are_additional(world: World) -> None:
    order = push(world, encryptOrder="yes", dealDetails={"stage": 1}, orderStatus="X")
    assert one(world, order)["additionalFields"] == {
        "encryptOrder": "yes",
        "dealDetails": {"stage": 1},
        "orderStatus": "X",
    }


def test_a_key_may_be_held_to_some_fields(world: World) -> None:
    key = new_key(world, allowed_fields="customer.name, order.type, line.sku, line.rate")
    made = push(world, key=key, remarks="x", order_type="web", attr1="y", product_details=[line(discount="1")])
    assert sorted(warned(made)) == sorted([
        ("FieldIgnored", "[0].remarks"), ("FieldIgnored", "[0].attr1"),
        ("FieldIgnored", "[0].product_details[0].product_name"), ("FieldIgnored", "[0].product_details[0].quantity"),
        ("FieldIgnored", "[0].product_details[0].discount"),
    ])  # fmt: skip
    shown = one(world, made)
    assert (shown["orderType"], shown["productValue"], shown["lines"][0]["skuId"]) == ("web", 1000, "A-1")
    assert "remarks" not in shown
    assert "attr1" not in shown


def test_structural_fields_are_always_allowed(world: World) -> None:
    key = new_key(world, allowed_fields="order.remarks")
    order = push(world, email_id="a@example.com", customer_code="")
    structural = {
        "order_id": order["order_id"], "enquiry_id": order["enquiry_id"], "customer_id": order["kapture_customer_id"],
        "phone": one(world, order)["phone"], "email_id": "a@example.com", "cmId": world.a.cm_id, "source_version": "",
    }  # fmt: skip
    made = good(write(world, {**structural, "remarks": "x"}, key=key))
    assert (made["outcome"], [pair for pair in warned(made) if pair[0] == "FieldIgnored"]) == ("updated", [])


def test_a_mandatory_field_is_always_allowed(world: World) -> None:
    key = new_key(world, operations=("order.push",), mandatory=("order.type",), allowed_fields="order.remarks")
    made = push(world, key=key, order_type="web", customer_name=None)
    assert (warned(made), one(world, made)["orderType"]) == ([], "web")


def test_a_documented_name_counts_before_its_alias(world: World) -> None:
    order = push(world, customer_name="A", name="B", zip_code="1", pincode="2", email_id="a@b.c", email="d@e.f")
    shown = one(world, order)
    assert (shown["name"], shown["zip"], shown["email"]) == ("A", "1", "a@b.c")
    alias = one(world, push(world, customer_name=None, name="B", pincode="2", email="d@e.f"))
    assert (alias["name"], alias["zip"], alias["email"]) == ("B", "2", "d@e.f")


def test_product_details_in_a_line_is_its_name_or_its_description(world: World) -> None:
    alone, beside = one(world, push(world, product_details=[
        {"product_details": "Subscription"}, {"product_name": "Lamp", "product_details": "brass, 40 cm"},
    ]))["lines"]  # fmt: skip
    assert (alone["productName"], alone["description"]) == ("Subscription", "")
    assert (beside["productName"], beside["description"]) == ("Lamp", "brass, 40 cm")


def test_a_key_held_to_some_fields_adds_no_others(world: World) -> None:
    key = new_key(world, allowed_fields="order.type")
    made = push(world, key=key, **{"no such field": "x"}, product_details=[line(colour="blue")])
    ignored = {field for code, field in warned(made) if code == "FieldIgnored"}
    assert {"[0].no such field", "[0].product_details[0].colour"} <= ignored
    assert one(world, made)["additionalFields"] == {}
