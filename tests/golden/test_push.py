"""Golden cases G20-G28, G30: orders, their customers and their people, pushed (contract 1.8, 2.2, section 5)."""

from concurrent.futures import ThreadPoolExecutor

from tests.docs.samples import sample
from tests.world import (
    ADDED,
    EIGHT_KEYS,
    PUSH_FAILED,
    WRITE,
    World,
    faults,
    fresh_erp,
    fresh_phone,
    get,
    good,
    item,
    line,
    one,
    post,
    push,
    warned,
    write,
)


def test_g20_the_documented_sample_creates_an_order(world: World) -> None:
    as_array = good(post(world, WRITE, sample("push")))
    as_object = good(post(world, WRITE, sample("push").strip().removesuffix(b";").strip()[1:-1]))
    for made, start in ((as_array, "[0]."), (as_object, "")):
        assert list(made)[:9] == [*EIGHT_KEYS, "outcome"]
        assert (made["message"], made["status"], made["outcome"]) == (ADDED, "success", "created")
        assert made["Order Id"] == made["order_id"]
        assert made["Enquiry Id"] == made["enquiry_id"]
        assert made["Kapture Customer Id"] == made["kapture_customer_id"]
        placeholders = [field for code, field in warned(made) if code == "PlaceholderDate"]
        assert sorted(placeholders) == [f"{start}create_date", f"{start}date_of_birth"]
        assert get(world, made)["productValue"] == "9999"


def test_g21_a_customer_is_needed(world: World) -> None:
    for nobody in ({"remarks": "x"}, {"customer_name": "Asha"}):
        answer = write(world, nobody)
        assert answer.status_code == 200
        assert [answer.json()[name] for name in ("Message", "Status", "Error")] == [
            PUSH_FAILED,
            "failed",
            "ReqFieldMissing",
        ]
        assert faults(answer.json()) == [("ReqFieldMissing", "[0].customer_id")]


def test_g22_a_known_erp_order_id_is_the_same_order(world: World) -> None:
    order = item()
    made = [good(write(world, {**order, **more})) for more in ({}, {}, {"remarks": "call first"})]
    assert [answer["outcome"] for answer in made] == ["created", "unchanged", "updated"]
    assert len({answer["order_id"] for answer in made}) == 1
    assert {answer["message"] for answer in made} == {ADDED}


def test_g23_an_erp_order_id_twice_in_one_array_is_one_order(world: World) -> None:
    order = item(remarks="first")
    first, second = write(world, order, {**order, "remarks": "second"}).json()
    assert (first["outcome"], second["outcome"]) == ("created", "updated")
    assert first["order_id"] == second["order_id"]
    assert one(world, first)["remarks"] == "second"


def test_g24_parallel_pushes_of_one_number_make_one_order(world: World) -> None:
    order = item()
    with ThreadPoolExecutor(20) as pool:
        made = list(pool.map(lambda _: good(write(world, order)), range(20)))
    assert len({answer["order_id"] for answer in made}) == 1
    assert sorted(answer["outcome"] for answer in made) == ["created", *["unchanged"] * 19]


def test_g25_spellings_of_a_phone_are_one_customer(world: World) -> None:
    phone = fresh_phone()
    spelt = [phone, f"0{phone}", f"+91 {phone[:5]}-{phone[5:]}"]
    assert len({push(world, phone=text)["kapture_customer_id"] for text in spelt}) == 1


def test_g25_a_placeholder_phone_is_nobody(world: World) -> None:
    made = [push(world, phone="0000000000") for _ in range(2)]
    assert len({answer["kapture_customer_id"] for answer in made}) == 2
    assert [warned(answer) for answer in made] == [[("ContactPlaceholder", "[0].phone")]] * 2


def test_g26_an_id_and_a_phone_of_different_customers(world: World) -> None:
    phone = fresh_phone()
    other = push(world, phone=phone)["kapture_customer_id"]
    made = push(world, customer_id=world.f1["kapture_customer_id"], phone=phone)
    assert made["kapture_customer_id"] == world.f1["kapture_customer_id"]
    assert [(entry["code"], entry["value"]) for entry in made["warnings"]] == [("CustomerAmbiguous", other)]


def test_g26_an_unknown_id_with_a_new_phone_makes_a_customer(world: World) -> None:
    made = push(world, customer_id="7")
    assert warned(made) == [("CustomerIdUnknown", "[0].customer_id")]
    assert made["warnings"][0]["value"] == "7"
    assert one(world, made)["customer"]["id"] == int(made["kapture_customer_id"])


def test_g27_an_order_has_its_own_copy_of_the_name(world: World) -> None:
    phone = fresh_phone()
    push(world, phone=phone, customer_name="Asha Rao")
    made = push(world, phone=phone, customer_name="A. Rao")
    assert one(world, made)["customer"]["name"] == "Asha Rao"
    assert get(world, made)["name"] == "A. Rao"


def test_g28_an_employee_is_found_by_email(world: World) -> None:
    made = push(world, assign_email_id="MEERA@example.com")
    assigned = one(world, made)["assignedTo"]
    assert (assigned["id"], assigned["code"], assigned["reason"]) == (world.people["E-7"], "E-7", "by email")
    assert warned(made) == []


def test_g28_an_unknown_employee_is_a_warning(world: World) -> None:
    made = push(world, assign_email_id="nobody@example.com")
    assert warned(made) == [("EmployeeUnknown", "[0].assign_email_id")]
    assert made["warnings"][0]["value"] == "nobody@example.com"
    assert one(world, made)["assignedTo"] is None


def test_g29_a_group_takes_turns(world: World) -> None:
    assigned = []
    for number in range(4):
        order, once = item(round_robin_key="north"), {"Idempotency-Key": f"turn-{number}"}
        assert post(world, f"{WRITE}?dry_run=true", [order]).json()[0]["outcome"] == "created"  # nor does this
        made = good(write(world, order, headers=once))
        assert write(world, order, headers=once).headers["Idempotency-Replayed"] == "true"  # nor this
        assert good(write(world, order))["outcome"] == "unchanged"  # does not advance the turn
        assigned.append(one(world, made)["assignedTo"])
    assert [who["code"] for who in assigned] == ["M1", "M2", "M1", "M2"]
    assert {who["reason"] for who in assigned} == {"round robin north"}


def test_g30_a_key_has_mandatory_fields(world: World) -> None:
    lines = [{"product_name": "Lamp", "rate": "1"}, {"product_name": "Shade", "sku_id": ""}]
    answer = write(world, item(product_details=lines), key="Kmand")
    assert answer.status_code == 200
    assert faults(answer.json()) == [
        ("ReqFieldMissing", "[0].grand_total"),
        ("ReqFieldMissing", "[0].product_details[0].sku_id"),
        ("ReqFieldMissing", "[0].product_details[1].sku_id"),
    ]
    complete = item(erp_order_id=fresh_erp(), grand_total="1000", product_details=[line()])
    assert good(write(world, complete, key="Kmand"))["outcome"] == "created"
