"""Customers over HTTP: edge cases D1-D5 of 2.11 and E1-E5 of 2.12, and refusals as those pages print them."""

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from tests.golden.test_customer_reads import KOLKATA, MISSED
from tests.world import (
    GET_CUSTOMER,
    PULL_CUSTOMERS,
    WRONG_KEY,
    Json,
    Tenant,
    World,
    added,
    call,
    faults,
    new_account,
    new_key,
    post,
    push,
)


def today() -> str:
    return (datetime.now(UTC) + KOLKATA).strftime("%Y-%m-%d")


def yesterday() -> str:
    return (datetime.now(UTC) + KOLKATA - timedelta(days=1)).strftime("%Y-%m-%d")


def got(world: World, *, key: str = "K", **asked: Any) -> Json:
    body: Json = post(world, GET_CUSTOMER, [asked], key=key).json()
    return body


def pulled(world: World, *, key: str, **asked: Any) -> Json:
    body: Json = post(
        world, PULL_CUSTOMERS, {"createStartDate": yesterday(), "createEndDate": today(), **asked}, key=key
    ).json()
    assert body["status"] == "success", body
    return body


def ids(page: Json) -> list[str]:
    return [str(one["id"]) for one in page["customers"]]


@pytest.fixture(scope="module")
def shop(world: World) -> Tenant:
    return new_account(world)


def test_d1_a_number_that_is_unknown_decides(world: World) -> None:
    order = push(world)
    customer = got(world, kapture_customer_id=order["kapture_customer_id"])["Customer Details"]
    answer = got(world, kapture_customer_id="77", phone=customer["contacts"][0]["phone"])
    assert (answer["Customer Details"], faults(answer)) == (MISSED, [("CustomerNotFound", "[0].kapture_customer_id")])


@pytest.mark.parametrize("body", [[{}], {"phone": ""}])
def test_d2_nothing_given(world: World, body: Any) -> None:
    answer = post(world, GET_CUSTOMER, body).json()
    assert [answer[name] for name in ("message", "status", "Error")] == [
        "Mandatory field missing", "failed", "ReqFieldMissing",
    ]  # fmt: skip
    assert "Customer Details" not in answer


def test_d3_several_customers_on_a_phone(world: World, shop: Tenant) -> None:
    phone = "9000000093"
    orders = [push(world, key=shop.key, phone=phone, customer_code=code) for code in ("D3-a", "D3-b", "D3-c")]
    numbers = sorted((order["kapture_customer_id"] for order in orders), key=int)
    answer = got(world, key=shop.key, phone=phone)
    assert str(answer["Customer Details"]["id"]) == numbers[0]
    (warning,) = answer["warnings"]
    assert (warning["code"], warning["field"]) == ("CustomerAmbiguous", "[0].phone")
    assert warning["value"] == ",".join(numbers[1:])


def test_d5_the_customer_of_another_account_is_not_there(world: World) -> None:
    order = push(world, phone="9000000095")
    for asked in ({"kapture_customer_id": order["kapture_customer_id"]}, {"phone": "9000000095"}):
        assert got(world, key="KB", **asked)["Customer Details"] == MISSED


def test_what_a_newer_order_says_of_contacts_is_found_and_shown(world: World, shop: Tenant) -> None:
    contact = {"title": "Dr", "first_name": "Meera", "last_name": "Rao", "gender": "female", "dob": "1990-02-01",
               "contact_person_phone": "9000000096", "additional_contact_phone": "9000000097"}  # fmt: skip
    made = added(world, {}, key=shop.key, contact_info=[contact], customer_info={
        "customer_name": "Asha Lamps", "organization": True, "phone": "9000000098", "attr3": "gold",
        "additional_fields": {"currentStatus": "CL", "channelPartnerId": 12},
    })  # fmt: skip
    for phone in ("9000000096", "9000000097", "9000000098"):
        details = got(world, key=shop.key, phone=phone)["Customer Details"]
        assert (details["id"], details["isOrganization"], details["attr3"]) == (made["customer_id"], True, "gold")
        assert (details["currentStatus"], details["channelPartnerId"]) == ("CL", 12)
        main, other = details["contacts"]
        assert (main["contactPerson"], main["phone"]) == ("Asha Lamps", "9000000098")
        assert {name: other[name] for name in ("contactPerson", "title", "gender", "additionalPhone", "birthDate")} == {
            "contactPerson": "Meera Rao", "title": "Dr", "gender": "female", "additionalPhone": "9000000097",
            "birthDate": "Feb 1, 1990 12:00:00 AM",
        }  # fmt: skip


# --- pull ------------------------------------------------------------------------------------------------------------


def test_e1_comments_are_read(world: World, shop: Tenant) -> None:
    body = f"""{{ // customers of a day
        "createStartDate": "{yesterday()}", /* both days count */
        "createEndDate": "{today()}", "limit": "",
    }};""".encode()
    order = push(world, key=shop.key)
    assert order["kapture_customer_id"] in ids(post(world, PULL_CUSTOMERS, body, key=shop.key).json())


def test_e2_the_account_may_be_named(world: World, shop: Tenant) -> None:
    push(world, key=shop.key)
    for said in (shop.cm_id, str(shop.cm_id), "0", ""):
        assert pulled(world, key=shop.key, cm_id=said)["customers"]
    answer = post(world, PULL_CUSTOMERS, {"createStartDate": today(), "cm_id": "2469"}, key=shop.key)
    assert answer.status_code == 401
    assert (answer.json()["Error"], faults(answer.json())) == ("AuthKeyInvalid", [("AccountMismatch", "cm_id")])
    wrong = post(world, PULL_CUSTOMERS, {"createStartDate": today(), "cm_id": "x"}, key=shop.key)
    assert (wrong.status_code, faults(wrong.json())) == (200, [("InvalidId", "cm_id")])


def test_e3_the_first_kind_that_is_true_counts(world: World) -> None:
    shop = new_account(world)
    firm, person = (
        added(world, {}, key=shop.key, customer_info={"customer_name": "x", "phone": phone, kind: True})["customer_id"]
        for phone, kind in (("9000000101", "organization"), ("9000000102", "individual"))
    )
    assert ids(pulled(world, key=shop.key, isOrganisation=True, isIndividual="true")) == [str(firm)]
    assert ids(pulled(world, key=shop.key, isOrganisation=False, isIndividual="true")) == [str(person)]


def test_e4_e5_a_day_and_its_pages(world: World) -> None:
    shop = new_account(world)
    made = [push(world, key=shop.key)["kapture_customer_id"] for _ in range(5)]
    page = pulled(world, key=shop.key, limit="", offset="")
    assert (ids(page), page["total"], page["next"]) == (made, 5, "")
    walked: list[str] = []
    cursor = ""
    while not walked or cursor:
        page = pulled(world, key=shop.key, limit=2, cursor=cursor)
        walked += ids(page)
        cursor = page["next"]
        push(world, key=shop.key)  # others go on pushing
        if len(walked) > 20:
            break
    assert walked[:5] == made
    assert len(walked) == len(set(walked))


def test_zones_and_sources_go_by_name_and_by_number(world: World) -> None:
    shop = new_account(world)
    west = added(world, {}, key=shop.key, customer_info={
        "customer_name": "x", "phone": "9000000103", "zone": "West", "primary_source": "Fair",
    })["customer_id"]  # fmt: skip
    push(world, key=shop.key)
    orders = call(world, "GET", "/api/v1/orders", key=shop.key).json()["orders"]
    numbers = {order["customerId"]: order["zoneId"] for order in orders}
    for asked in ({"zoneIdStr": "west"}, {"zone_id": numbers[west]}, {"primarySourceId": "0,FAIR"}):
        assert ids(pulled(world, key=shop.key, **asked)) == [str(west)]


def test_a_long_range_is_refused_where_the_account_says_so(world: World) -> None:
    shop = new_account(world, customer_pull_max_hours="24")
    one = post(world, PULL_CUSTOMERS, {"createStartDate": today()}, key=shop.key).json()
    assert one["status"] == "success"
    two = post(world, PULL_CUSTOMERS, {"createStartDate": yesterday(), "createEndDate": today()}, key=shop.key).json()
    assert (two["message"], faults(two)) == ("The range is not valid.", [("InvalidRange", "createEndDate")])


# --- refusals --------------------------------------------------------------------------------------------------------


def _lower(answer: httpx.Response) -> tuple[int, str, str]:
    body = answer.json()
    assert list(body) == ["message", "status", "Error", "errors"], body
    assert body["status"] == "failed"
    return answer.status_code, body["message"], body["Error"]


@pytest.mark.parametrize("path", [GET_CUSTOMER, PULL_CUSTOMERS, f"{PULL_CUSTOMERS}/v.2.0"])
def test_refusals_are_told_in_lower_case(world: World, path: str) -> None:
    body = {"kapture_customer_id": "1", "createStartDate": today()}
    for key in (WRONG_KEY, None, "Kexp"):
        error = "APIExpired" if key == "Kexp" else "AuthKeyInvalid"
        assert _lower(post(world, path, body, key=key)) == (401, "Invalid Auth Key", error)
    no_right = (403, "This key is not allowed to use this operation.", "OperationNotAllowed")
    assert _lower(post(world, path, body, key="Kpush")) == no_right
    assert _lower(post(world, path, b"{", key="K")) == (400, "Invalid Json.", "MalformedBody")
    assert _lower(post(world, path, [], key="K"))[::2] == (200, "EmptyRequest")
    assert _lower(post(world, path, [body, body], key="K"))[::2] == (413, "TooManyItems")
    assert _lower(post(world, path, [5], key="K"))[::2] == (200, "ItemNotObject")
    assert _lower(call(world, "GET", path)) == (405, "This method is not accepted at this address.", "MethodNotAllowed")


def test_an_account_that_answers_200_always_does(world: World) -> None:
    shop = new_account(world, http_status="always-200")
    key = new_key(world, shop.cm_id, operations=("order.push",))
    assert _lower(post(world, GET_CUSTOMER, {"phone": "1"}, key=key))[::2] == (200, "OperationNotAllowed")


def test_each_operation_is_a_right_of_its_own(world: World, shop: Tenant) -> None:
    getting = new_key(world, shop.cm_id, operations=("customer.get",))
    pulling = new_key(world, shop.cm_id, operations=("customer.pull",))
    assert post(world, GET_CUSTOMER, {"phone": "9999999992"}, key=getting).json()["Error"] == "CustomerNotFound"
    assert post(world, PULL_CUSTOMERS, {"createStartDate": today()}, key=getting).status_code == 403
    assert post(world, PULL_CUSTOMERS, {"createStartDate": today()}, key=pulling).json()["status"] == "success"
    assert post(world, GET_CUSTOMER, {"phone": "9999999992"}, key=pulling).status_code == 403


def test_what_was_asked_stands_in_the_request_log(world: World) -> None:
    shop = new_account(world)
    post(world, GET_CUSTOMER, {"phone": "9999999993"}, key=shop.key)
    post(world, PULL_CUSTOMERS, {"createStartDate": today()}, key=shop.key)

    def logged(query: str) -> list[Json]:
        found: list[Json] = call(world, "GET", f"/api/v1/requests?{query}", key=shop.key).json()["requests"]
        return found

    deadline = datetime.now(UTC) + timedelta(seconds=20)
    while not (logged("operation=customer.pull") and logged("error=CustomerNotFound")):
        assert datetime.now(UTC) < deadline
    (one,) = logged("error=CustomerNotFound")
    assert one["operation"] == "customer.get"
