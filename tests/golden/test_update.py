"""Golden cases G41-G47: orders changed (contract 2.3, section 5)."""

from tests.docs.samples import sample
from tests.world import (
    ADDED,
    EIGHT_KEYS,
    UPDATE_FAILED,
    WRITE,
    World,
    delete_order,
    faults,
    fresh_erp,
    fresh_phone,
    get,
    good,
    line,
    one,
    post,
    push,
    update,
    write,
)


def test_g41_the_documented_sample_changes_the_order(world: World) -> None:
    order = push(world, remarks="testing")
    made = good(post(world, WRITE, sample("update", _4141343=order["order_id"])))
    assert list(made)[:9] == [*EIGHT_KEYS, "outcome"]
    assert (made["message"], made["status"], made["outcome"]) == (ADDED, "success", "updated")
    assert {name: made[name] for name in EIGHT_KEYS} == {name: order[name] for name in EIGHT_KEYS}
    printed = get(world, order)
    assert (printed["productValue"], printed["productQuantity"], printed["name"]) == ("9995", "10", "Guru")
    assert one(world, order)["lines"][0]["productName"] == "Subscription service"


def test_g42_an_unknown_order_cannot_be_changed(world: World) -> None:
    answer = write(world, {"order_id": "77", "remarks": "x"})
    assert answer.status_code == 200
    assert [answer.json()[name] for name in ("Message", "Status", "Error")] == [UPDATE_FAILED, "Fail", "OrderNotFound"]
    assert answer.json()["errors"][0] == {
        "code": "OrderNotFound", "field": "[0].order_id", "value": "77",
        "message": answer.json()["errors"][0]["message"],
    }  # fmt: skip


def test_g43_a_key_that_only_updates_needs_a_target(world: World) -> None:
    answer = write(world, {"remarks": "x"}, key="Kupd")
    assert answer.status_code == 200
    assert [answer.json()[name] for name in ("Message", "Status", "Error")] == [
        UPDATE_FAILED,
        "Fail",
        "ReqFieldMissing",
    ]


def test_g43_a_key_that_only_updates_cannot_create(world: World) -> None:
    answer = write(world, {"customer_name": "Asha", "phone": fresh_phone()}, key="Kupd")
    assert (answer.status_code, answer.json()["Error"]) == (403, "OperationNotAllowed")
    assert answer.json()["Message"] == "This key is not allowed to use this operation."


def test_g44_empty_never_clears(world: World) -> None:
    order = push(world, remarks="keep me", email_id="asha@example.com", product_details=[line()])
    before = one(world, order)
    empty = dict.fromkeys(["customer_name", "phone", "email_id", "remarks", "order_type", "grand_total"], "")
    made = update(world, order, **empty, product_details=[])
    assert made["outcome"] == "unchanged"
    assert one(world, order) == before


def test_g45_given_lines_replace_all_lines(world: World) -> None:
    order = push(world, product_details=[line(sku_id=f"A-{number}") for number in range(3)])
    assert update(world, order, product_details=[line(sku_id="B-1", rate="7")])["outcome"] == "updated"
    printed = one(world, order)
    assert [row["skuId"] for row in printed["lines"]] == ["B-1"]
    assert (printed["productValue"], printed["productQuantity"]) == (7, 1)


def test_g46_an_enquiry_means_its_only_order(world: World) -> None:
    order = push(world)
    made = good(write(world, {"enquiry_id": order["enquiry_id"], "remarks": "by enquiry"}))
    assert (made["outcome"], made["order_id"]) == ("updated", order["order_id"])
    assert one(world, order)["remarks"] == "by enquiry"


def test_g46_an_enquiry_without_order_gets_one(world: World) -> None:
    gone = push(world)
    delete_order(world, gone)
    made = good(write(world, {"enquiry_id": gone["enquiry_id"], "remarks": "again"}))
    assert made["outcome"] == "created"
    assert made["order_id"] != gone["order_id"]
    assert (made["enquiry_id"], made["kapture_customer_id"]) == (gone["enquiry_id"], gone["kapture_customer_id"])


def test_g46_an_enquiry_with_two_orders_names_neither(world: World) -> None:
    first = push(world)
    second = good(write(world, {"enquiry_id": first["enquiry_id"], "erp_order_id": fresh_erp()}))
    assert (second["outcome"], second["enquiry_id"]) == ("created", first["enquiry_id"])
    answer = write(world, {"enquiry_id": first["enquiry_id"], "remarks": "which?"}).json()
    assert (answer["Message"], answer["Error"]) == (UPDATE_FAILED, "AmbiguousOrder")
    named = answer["errors"][0]["value"].replace(" ", "").split(",")
    assert sorted(named) == sorted([first["order_id"], second["order_id"]])


def test_g47_an_erp_order_id_belongs_to_one_order(world: World) -> None:
    answer = write(world, {"order_id": world.f1["order_id"], "erp_order_id": "SO-2"}).json()
    assert [answer[name] for name in ("Message", "Status", "Error")] == [UPDATE_FAILED, "Fail", "ErpOrderIdTaken"]
    assert answer["errors"][0]["value"] == world.f2["order_id"]
    assert faults(answer) == [("ErpOrderIdTaken", "[0].erp_order_id")]
