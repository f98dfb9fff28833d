"""Golden cases G10, G90: customers pushed by themselves (contract 2.10, section 5)."""

from tests.world import CUSTOMER, WRONG_KEY, World, customer, fresh_phone, post, warned


def test_g10_a_wrong_key_is_told_in_both_spellings(world: World) -> None:
    answer = post(world, CUSTOMER, [{"name": "Asha"}], key=WRONG_KEY)
    assert answer.status_code == 401
    body = answer.json()
    assert list(body) == ["Message", "Status", "message", "status", "Error", "errors"]
    assert (body["Message"], body["message"]) == ("Invalid Auth Key", "Invalid Auth Key")
    assert (body["Status"], body["status"], body["Error"]) == ("failed", "failed", "AuthKeyInvalid")


def test_g90_a_customer_is_made_once(world: World) -> None:
    sent = {"name": "Asha", "phone": fresh_phone(), "customer_code": fresh_phone()}
    answer = post(world, CUSTOMER, [sent])
    assert answer.status_code == 200
    made = answer.json()
    assert made == {
        "Message": "Customer Added Successfully", "Kapture Customer Id": made["Kapture Customer Id"],
        "Status": "Success", "message": "Customer Added Successfully", "status": "success", "outcome": "created",
    }  # fmt: skip
    again = post(world, CUSTOMER, [sent]).json()
    assert again == {**made, "outcome": "unchanged"}
    other = customer(world, **{**sent, "customer_code": fresh_phone()})
    assert other["outcome"] == "created"
    assert other["Kapture Customer Id"] != made["Kapture Customer Id"]
    assert warned(other) == [("CustomerAmbiguous", "[0].phone")]
