"""Golden cases G91 and G92: customers that are read (contract 2.11, 2.12)."""

import re
from datetime import UTC, datetime, timedelta

import pytest

from tests.world import GET_CUSTOMER, PULL_CUSTOMERS, Json, World, faults, item, new_account, new_key, post, push, write

KOLKATA = timedelta(hours=5, minutes=30)
MISSED = "Information given by you does not exist in our sytsem."
DETAILS = (
    "id cmId isOrganization name website address state city country latitude longitude currentStatus generationDate"
    " creatorId channelPartnerId remarks ratePlanId customerCode isChannelPartner pinCode campaignId campaignItemId"
    " campaignActivityId totalNoOfEnquiries feedbackOnCustomer contacts"
)


def test_g91_a_customer_is_got_by_number_phone_and_email(world: World) -> None:
    order = push(world, customer_name="Asha Rao", phone="9000000091", email_id="g91@example.com", customer_code="C-91")
    number = int(order["kapture_customer_id"])
    asked = ({"kapture_customer_id": str(number)}, {"phone": "+91 90000 00091"}, {"email_id": "G91@example.com"})
    answers = [post(world, GET_CUSTOMER, [one]).json() for one in asked]
    assert answers[0] == answers[1] == answers[2] == post(world, GET_CUSTOMER, asked[0]).json()
    assert list(answers[0]) == ["Customer Details", "status"]
    assert answers[0]["status"] == "success"
    details = answers[0]["Customer Details"]
    assert list(details) == DETAILS.split()
    assert (details["id"], details["cmId"], details["name"], details["customerCode"]) == (
        number,
        1000298,
        "Asha Rao",
        "C-91",
    )
    assert (details["isOrganization"], details["creatorId"]) == (False, world.people["E-7"])
    assert (details["currentStatus"], details["feedbackOnCustomer"]) == ("N", "0")
    (contact,) = details["contacts"]
    assert contact.pop("id") > 0
    assert contact == {
        "cmId": 1000298, "leadId": number, "contactPerson": "Asha Rao", "phone": "9000000091",
        "email": "g91@example.com",
    }  # fmt: skip
    made = datetime.strptime(details["generationDate"], "%b %d, %Y %I:%M:%S %p")
    assert abs(made - (datetime.now(UTC) + KOLKATA).replace(tzinfo=None)) < timedelta(hours=1)
    assert re.fullmatch(r"[A-Z][a-z]{2} [1-9]\d?, \d{4} ([1-9]|1[012]):\d\d:\d\d [AP]M", details["generationDate"])
    write(world, item(customer_id=number, customer_name=None, phone=None))
    assert post(world, GET_CUSTOMER, asked[0]).json()["Customer Details"]["totalNoOfEnquiries"] == 2


@pytest.mark.parametrize("asked", [{"kapture_customer_id": "1"}, {"phone": "9999999991"}, {"email": "no@example.com"}])
def test_g91_an_unknown_customer_is_told_in_the_documented_words(world: World, asked: Json) -> None:
    answer = post(world, GET_CUSTOMER, [asked])
    ((word, said),) = asked.items()
    assert answer.status_code == 200
    assert list(answer.json()) == ["Customer Details", "status", "Error", "errors"]
    assert [answer.json()[name] for name in ("Customer Details", "status", "Error")] == [
        MISSED, "failed", "CustomerNotFound",
    ]  # fmt: skip
    assert answer.json()["errors"] == [
        {"code": "CustomerNotFound", "field": f"[0].{word}", "value": said, "message": "no such customer"}
    ]
    bare = post(world, GET_CUSTOMER, [asked], key=new_key(world, extra_keys="off"))
    assert bare.json() == {"Customer Details": MISSED, "status": "failed"}


def test_g92_an_empty_day_is_success(world: World) -> None:
    shop = new_account(world)
    push(world, key=shop.key)
    answer = post(world, PULL_CUSTOMERS, {"createStartDate": "1999-01-01", "createEndDate": "1999-01-01"}, key=shop.key)
    assert answer.status_code == 200
    assert answer.json() == {"customers": [], "status": "success", "total": 0, "next": ""}


def test_g92_a_missing_start_is_told_in_lower_case(world: World) -> None:
    answer = post(world, PULL_CUSTOMERS, {"limit": "10"})
    assert answer.status_code == 200
    assert answer.json() == {
        "message": "Mandatory field missing", "status": "failed", "Error": "ReqFieldMissing",
        "errors": [{"code": "ReqFieldMissing", "field": "createStartDate", "value": "",
                    "message": "createStartDate is needed"}],
    }  # fmt: skip
    assert faults(answer.json()) == [("ReqFieldMissing", "createStartDate")]
