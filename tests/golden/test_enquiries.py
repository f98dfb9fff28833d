"""Golden case G93: enquiries pushed by themselves (contract 2.13, section 5)."""

from tests.world import ENQUIRY, World, fresh_phone, new_account, post


def test_g93_an_enquiry_its_repeat_and_a_refused_repeat(world: World) -> None:
    shop, phone = new_account(world), fresh_phone()
    answer = post(world, ENQUIRY, [{"phone": phone}], key=shop.key)
    assert answer.status_code == 200
    made = answer.json()
    assert made == {
        "Enquiry Id": made["Enquiry Id"], "Assigned Employee Code": "", "message": "Enquiry Added Successfully",
        "Kapture Customer Id": made["Kapture Customer Id"], "status": "success", "outcome": "created",
    }  # fmt: skip
    again = post(world, ENQUIRY, [{"phone": phone}], key=shop.key).json()
    told = f"Duplicate Enquiry Name : N/A , Phone : {phone} , Email : N/A !! "
    assert again == {**made, "Enquiry Id": again["Enquiry Id"], "message": told}
    assert int(again["Enquiry Id"]) > int(made["Enquiry Id"])


def test_g93_under_reject(world: World) -> None:
    shop, phone = new_account(world, enquiry_duplicates="reject"), fresh_phone()
    made = post(world, ENQUIRY, {"phone": phone}, key=shop.key).json()
    answer = post(world, ENQUIRY, [{"phone": phone}], key=shop.key)
    assert answer.status_code == 200
    body = answer.json()
    ids = f"Customer ID :{made['Kapture Customer Id']}, Enquiry ID :{made['Enquiry Id']}"
    start = f"Lead already exists, {ids}, Contact ID : "
    assert body["message"].startswith(start)
    assert body["message"].removeprefix(start).isdecimal()
    fault = {
        "code": "LeadExists",
        "field": "[0]",
        "value": made["Enquiry Id"],
        "message": "open enquiry of this customer",
    }
    assert body == {"message": body["message"], "status": "failed", "Error": "LeadExists", "errors": [fault]}
