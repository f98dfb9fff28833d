"""Golden cases G37, G38, G62-G65, G96: retries, order of arrival, dry runs (contract 1.12, 2.17, section 5)."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

from orderdock.events.actions import newest_numbers
from tests.world import (
    ADD_UPDATE,
    WRITE,
    World,
    add_update,
    added,
    events,
    faults,
    fresh_erp,
    fresh_phone,
    fresh_word,
    good,
    groups,
    item,
    line,
    one,
    payment,
    post,
    push,
    v1_bad,
    v1_good,
    write,
)

VALIDATE = "/api/v1/orders:validate"


def newest(world: World) -> int:
    """The number of the account's newest event."""
    with world.admin.database.read() as tx:
        return newest_numbers(tx, [world.a.cm_id])[world.a.cm_id]


def token() -> dict[str, str]:
    return {"Idempotency-Key": fresh_word("try-")}


def test_g37_an_older_version_is_stale(world: World) -> None:
    order = item(remarks="seven", source_version=7)
    assert good(write(world, order))["outcome"] == "created"
    before = newest(world)
    stale = good(write(world, {**order, "remarks": "six", "source_version": "6"}))
    assert (stale["outcome"], newest(world)) == ("stale", before)
    assert one(world, stale)["remarks"] == "seven"
    assert good(write(world, {**order, "remarks": "eight", "source_version": 8}))["outcome"] == "updated"
    shown = one(world, stale)
    assert (shown["remarks"], shown["sourceVersion"]) == ("eight", 8)


def test_g37_a_newer_version_of_the_same_content_is_kept_without_an_event(world: World) -> None:
    order = item(remarks="same", source_version=1)
    made, before = good(write(world, order)), newest(world)
    again = good(write(world, {**order, "source_version": 5}))
    shown = one(world, made)
    assert (again["outcome"], shown["sourceVersion"], shown["remarks"], newest(world)) == (
        "unchanged",
        5,
        "same",
        before,
    )
    assert good(write(world, {**order, "remarks": "late", "source_version": 4}))["outcome"] == "stale"
    assert good(write(world, {**order, "remarks": "same age", "source_version": 5}))["outcome"] == "updated"


def test_g37_without_versions_the_dates_are_compared(world: World) -> None:
    order = item(source_modified_at="2024-05-08 11:54")
    assert good(write(world, order))["outcome"] == "created"
    late = {**order, "remarks": "late", "source_modified_at": "2024-05-08 11:53"}
    assert good(write(world, late))["outcome"] == "stale"
    assert good(write(world, {**late, "source_version": 1}))["outcome"] == "stale"
    assert good(write(world, {**late, "source_modified_at": None}))["outcome"] == "updated"
    [failed] = [write(world, {**order, "source_version": "-1"}).json()]
    assert faults(failed) == [("InvalidNumber", "[0].source_version")]


def test_g37_a_stale_request_of_the_newer_family_changes_nothing(world: World) -> None:
    erp = fresh_erp()
    made = added(world, {"erp_order_id": erp, "source_version": 7, "remarks": "seven"})
    before = newest(world)
    order = {"order_id": made["order_id"], "update": True, "source_version": 6, "remarks": "six"}
    body = groups(order, payment_details=[{"amount_paid": "5"}], contact_info=[{"contact_person_phone": fresh_phone()}])
    stale = v1_good(add_update(world, body))
    assert (stale["outcome"], newest(world)) == ("stale", before)


def test_g37_a_stale_customer_stays_and_its_order_does_not(world: World) -> None:
    phone = fresh_phone()
    customer = {"customer_name": "Asha", "phone": phone, "source_version": 3, "city": "Pune"}
    made = v1_good(add_update(world, {"customer_info": customer, "order_info": {}}))
    late = {**customer, "update": True, "source_version": 2, "city": "Goa"}
    body = {"customer_info": late, "order_info": {"order_id": made["order_id"], "update": True, "remarks": "new"}}
    assert v1_good(add_update(world, body))["outcome"] == "updated"
    assert v1_good(add_update(world, body))["outcome"] == "stale"
    assert one(world, made)["remarks"] == "new"


def test_g38_a_dry_run_answers_as_if_done_and_writes_nothing(world: World) -> None:
    before, last = newest(world), int(push(world)["order_id"])
    before += 2
    order = item(product_details=[line(skuid="typo")], colour="red")
    answer = post(world, WRITE + "?dry_run=true", [order])
    assert (answer.status_code, answer.headers["Orderdock-Dry-Run"]) == (200, "true")
    [tried] = answer.json()
    assert {name: tried[name] for name in ("Order Id", "order_id", "enquiry_id", "Kapture Customer Id")} == {
        "Order Id": "", "order_id": "", "enquiry_id": "", "Kapture Customer Id": "",
    }  # fmt: skip
    assert (tried["outcome"], tried["dry_run"]) == ("created", "true")
    assert tried["unknown_fields"] == ["colour", "product_details[0].skuid"]
    assert newest(world) == before
    real = good(write(world, order))
    assert (real["outcome"], int(real["order_id"])) == ("created", last + 1)


def test_g38_a_dry_run_of_the_newer_family(world: World) -> None:
    before = newest(world)
    body = groups({"remarks": "x", "colour": "red"}, payment_details=[{"amount_paid": "5"}], gift={"wrap": "yes"})
    answer = post(world, ADD_UPDATE + "?dry_run=1", body)
    tried = answer.json()
    assert answer.headers["Orderdock-Dry-Run"] == "true"
    assert [tried["Order"][name] for name in ("order_id", "customer_id", "enquiry_id", "contact_id")] == [0, 0, 0, 0]
    assert tried["Order"]["payment_ids"] == [0]
    assert (tried["Order"]["outcome"], tried["dry_run"]) == ("created", True)
    assert tried["unknown_fields"] == ["order_info.colour", "gift"]
    assert newest(world) == before


def test_g38_a_dry_run_of_a_payment_and_of_what_is_there(world: World) -> None:
    order = push(world)
    paid = post(world, WRITE + "?dry_run=yes", [payment(order, "500")]).json()
    assert (paid["status"], paid["payment_id"], paid["outcome"]) == ("success", "", "created")
    [same] = post(world, WRITE + "?dry_run=yes", [{"order_id": order["order_id"]}]).json()
    assert (same["order_id"], same["outcome"]) == (order["order_id"], "unchanged")
    assert one(world, order)["totalPaid"] == 0


def test_g38_another_word_is_refused(world: World) -> None:
    answer = post(world, WRITE + "?dry_run=maybe", [item()])
    assert (answer.status_code, faults(answer.json())) == (400, [("InvalidParameter", "query:dry_run")])


def test_g62_a_repeat_gets_the_stored_answer(world: World) -> None:
    order, key = item(erp_order_id=None), token()
    first = write(world, order, headers=key)
    second = write(world, order, headers=key)
    assert "Idempotency-Replayed" not in first.headers
    assert second.headers["Idempotency-Replayed"] == "true"
    assert (first.status_code, first.content) == (second.status_code, second.content)
    assert good(first)["outcome"] == "created"
    assert good(write(world, order, headers=token()))["order_id"] != good(first)["order_id"]


def test_g62_in_the_newer_family_with_a_payment(world: World) -> None:
    body, key = groups(payment_details=[{"amount_paid": "5"}]), {**token(), "Prefer": "return=minimal"}
    first, second = (add_update(world, body, headers=key) for _ in range(2))
    assert (second.headers["Idempotency-Replayed"], second.headers["Preference-Applied"]) == ("true", "return=minimal")
    assert first.content == second.content
    assert one(world, first.json())["totalPaid"] == 5


def test_g62_the_token_of_one_key_is_not_that_of_another(world: World) -> None:
    key, order = token(), item(erp_order_id=None)
    first = good(write(world, order, headers=key))
    assert good(write(world, order, key="Kpush", headers=key))["order_id"] != first["order_id"]
    assert good(write(world, order, key="KB", headers=key))["outcome"] == "created"


def test_g63_the_same_token_for_another_request_is_refused(world: World) -> None:
    key = token()
    write(world, item(), headers=key)
    answer = write(world, item(), headers=key)
    assert (answer.status_code, answer.json()["Error"]) == (200, "IdempotencyConflict")
    assert faults(answer.json()) == [("IdempotencyConflict", "header:Idempotency-Key")]
    status, code, _ = v1_bad(add_update(world, groups(), headers=key))
    assert (status, code) == (409, "IdempotencyConflict")
    body = [item()]
    strict = token()
    post(world, WRITE, body, headers=strict)
    again = post(world, WRITE, body, headers={**strict, "Prefer": "handling=strict"}).json()
    assert again["Error"] == "IdempotencyConflict"


def test_g64_two_at_once_are_one(world: World) -> None:
    order, key = item(erp_order_id=None), token()
    before = newest(world)
    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(lambda _: write(world, order, headers=key), range(20)))
    assert len({answer.content for answer in answers}) == 1
    assert sum("Idempotency-Replayed" in answer.headers for answer in answers) == 19
    assert [event["type"] for event in events(world, f"after={before}")["events"]] == [
        "customer.created",
        "order.created",
    ]


def test_g65_a_failed_request_leaves_the_token_free(world: World) -> None:
    key = token()
    bad = item(create_date="2024-02-30")
    assert write(world, bad, headers=key).json()["Error"] == "InvalidDate"
    assert good(write(world, {**bad, "create_date": "2024-02-28"}, headers=key))["outcome"] == "created"
    tried = post(world, WRITE + "?dry_run=true", [item()], headers=(second := token()))
    assert tried.json()[0]["outcome"] == "created"
    assert good(write(world, item(), headers=second))["outcome"] == "created"


def test_g65_a_token_that_cannot_be_one_is_refused(world: World) -> None:
    for text in ("", "with blank", "x" * 256, "caf\u00e9"):
        answer = post(world, WRITE, [item()], headers={"Idempotency-Key": text.encode("latin-1")})
        assert (answer.status_code, faults(answer.json())) == (400, [("InvalidHeader", "header:Idempotency-Key")]), text


def validated(world: World, body: Any, key: str = "K") -> Any:
    answer = post(world, VALIDATE, body, key=key)
    assert answer.headers["Orderdock-Dry-Run"] == "true"
    return answer.json()


def test_g96_the_same_entries_as_the_real_call(world: World) -> None:
    order = item(product_details=[line(sku_id=None), line(sku_id="")])
    real, before = write(world, order, key="Kmand").json(), newest(world)
    tried = validated(world, [order], key="Kmand")
    assert tried == real
    assert [field for _, field in faults(tried)] == [
        "[0].grand_total", "[0].product_details[0].sku_id", "[0].product_details[1].sku_id",
    ]  # fmt: skip
    assert newest(world) == before


def test_g96_later_items_see_what_earlier_ones_would_do(world: World) -> None:
    made = push(world, customer_code=(code := fresh_word("C-")))
    order = item(customer_code=code)
    paid = {
        "erp_order_id": order["erp_order_id"],
        "amount_paid": "5",
        "kapture_customer_id": made["kapture_customer_id"],
    }
    first, second = validated(world, [order, paid])
    assert (first["outcome"], second["outcome"]) == ("created", "created")


def test_g96_groups_are_judged_as_the_newer_family_does(world: World) -> None:
    tried = validated(world, groups())
    assert (tried["Order"]["outcome"], tried["dry_run"]) == ("created", True)
    answer = post(world, VALIDATE, {"order_info": {"order_id": 99, "update": True}})
    assert (answer.status_code, answer.json()["error"]) == (400, "ReqFieldMissing")


def test_g96_refusals_have_the_shape_of_the_family_that_is_meant(world: World) -> None:
    legacy = post(world, VALIDATE, [payment(world.f1, "5")], key="Kget")
    assert (legacy.status_code, legacy.json()["Error"]) == (403, "OperationNotAllowed")
    newer = post(world, VALIDATE, groups(), key="Kget")
    assert (newer.status_code, newer.json()["error"]) == (403, "OperationNotAllowed")
    broken = post(world, VALIDATE, b"[{")
    assert (broken.status_code, broken.json()["error"]) == (400, "MalformedBody")
