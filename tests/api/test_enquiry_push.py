"""Enquiry push: edge cases Q1-Q7 and what else holds for it (contract 2.13)."""

import json
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.api.test_request_log import listed
from tests.api.test_request_log_whole import waited
from tests.world import (
    ENQUIRY,
    WRONG_KEY,
    Json,
    World,
    call,
    cli,
    enquiry,
    events,
    faults,
    fresh_phone,
    fresh_word,
    new_account,
    new_group,
    new_key,
    one,
    post,
    push,
    warned,
)

NEEDED = "Name, Email Id, and Phone Number, Or Enquiry Id required"
ADDED, UPDATED = "Enquiry Added Successfully", "Enquiry Updated Successfully"
SHOP = "https://shop.example.com"


def record(world: World, made: Json, *, key: str) -> Json:
    """An enquiry as the feed shows it now."""
    seen = events(world, "include=record", key=key)["events"]
    found: Json = next(one["record"] for one in reversed(seen) if str(one["enquiryId"]) == made["Enquiry Id"])
    return found


def told(world: World, key: str) -> list[str]:
    """The types of the events about people, oldest first."""
    return [one["type"] for one in events(world, key=key)["events"] if one["customerId"]]


# --- the edge cases of the contract ----------------------------------------------------------------------------------


def test_q1_a_phone_is_enough(world: World) -> None:
    made = enquiry(world, phone=fresh_phone())
    assert (made["outcome"], made["message"], made["Assigned Employee Code"]) == ("created", ADDED, "")
    assert int(made["Enquiry Id"]) > 0
    assert int(made["Kapture Customer Id"]) > 0


def test_q2_the_same_phone_again_is_a_repeat(world: World) -> None:
    phone, mail = fresh_phone(), f"{fresh_word('Asha')}@example.com"
    made = enquiry(world, phone=phone)
    spelled = f"+91 {phone[:5]}-{phone[5:]}"
    again = enquiry(world, customer_name="Asha", phone=spelled, email_id=mail)
    assert again["message"] == f"Duplicate Enquiry Name : N/A , Phone : {spelled} , Email : N/A !! "
    third = enquiry(world, email=mail.upper())
    assert third["message"] == f"Duplicate Enquiry Name : N/A , Phone : N/A , Email : {mail.upper()} !! "
    fourth = enquiry(world, customer_id=made["Kapture Customer Id"])
    assert fourth["message"] == "Duplicate Enquiry Name : N/A , Phone : N/A , Email : N/A !! "
    found = [made, again, third, fourth]
    assert {one["Kapture Customer Id"] for one in found} == {made["Kapture Customer Id"]}
    assert len({one["Enquiry Id"] for one in found}) == 4


def test_q3_a_repeat_can_be_refused(world: World) -> None:
    shop, phone = new_account(world, enquiry_duplicates="reject"), fresh_phone()
    made = enquiry(world, key=shop.key, phone=phone)
    answers = post(world, ENQUIRY, [{"phone": phone}, {"phone": fresh_phone()}], key=shop.key).json()
    assert [one["status"] for one in answers] == ["failed", "success"]
    assert answers[0]["message"].startswith(f"Lead already exists, Customer ID :{made['Kapture Customer Id']}, ")
    assert "Message" not in answers[0]
    also = post(world, ENQUIRY, {"phone": phone, "expected_closure_date": "soon"}, key=shop.key).json()
    assert (also["Message"], also["Error"]) == (NEEDED, "InvalidDate")
    assert faults(also) == [("InvalidDate", "expected_closure_date"), ("LeadExists", "")]
    closed = enquiry(world, key=shop.key, enquiry_id=made["Enquiry Id"], status="CL")
    assert (closed["outcome"], closed["message"]) == ("updated", UPDATED)
    assert enquiry(world, key=shop.key, phone=phone)["message"] == ADDED


def test_q4_an_unknown_number_is_not_found(world: World) -> None:
    for unknown in ("1", "abc", -5):
        answer = post(world, ENQUIRY, [{"enquiry_id": unknown, "phone": fresh_phone()}])
        assert answer.status_code == 200
        body = answer.json()
        assert (body["Message"], body["Status"], body["Error"]) == (NEEDED, "failed", "EnquiryNotFound")
        assert [(entry["field"], entry["value"]) for entry in body["errors"]] == [("[0].enquiry_id", str(unknown))]
    assert enquiry(world, enquiry_id="0", phone=fresh_phone())["outcome"] == "created"


def test_q5_what_has_no_field_is_kept(world: World) -> None:
    shop = new_account(world)
    visit = [{"date": "2024-05-08", "by": {"name": "Ravi", "floor / wing": [1, 2.50]}}]
    made = enquiry(
        world, key=shop.key, phone=fresh_phone(), **{"Expected Area": "1200", "site_visit": visit, "A/B": True}
    )
    assert record(world, made, key=shop.key)["additional"] == {
        "Expected Area": "1200", "A/B": True,
        "site_visit": [{"date": "2024-05-08", "by": {"name": "Ravi", "floor / wing": [1, 2.5]}}],
    }  # fmt: skip
    later = enquiry(world, key=shop.key, enquiry_id=made["Enquiry Id"], **{"Expected Area": "900", "A/B": None})
    assert later["outcome"] == "updated"
    kept = record(world, made, key=shop.key)["additional"]
    assert (kept["Expected Area"], kept["A/B"], len(kept)) == ("900", True, 3)


def test_q6_the_body_decides_and_not_its_type(world: World) -> None:
    body = json.dumps([{"phone": fresh_phone()}]).encode()
    for content_type in ("application/json;", "text/plain", "application/x-www-form-urlencoded"):
        answer = post(world, ENQUIRY, b"\xef\xbb\xbf" + body + b";", headers={"Content-Type": content_type})
        assert answer.json()["status"] == "success"


def test_q7_listed_origins_are_answered(world: World) -> None:
    shop = new_account(world, cors_origins=SHOP)
    sent = {"phone": fresh_phone()}
    listed, other = (
        post(world, ENQUIRY, sent, key=shop.key, headers={"Origin": origin})
        for origin in (SHOP, "https://bad.example.com")
    )
    assert listed.headers["access-control-allow-origin"] == SHOP
    assert "access-control-allow-origin" not in other.headers
    asked = {"Origin": SHOP, "Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization"}
    assert call(world, "OPTIONS", ENQUIRY, key=None, headers=asked).status_code == 204


# --- one or many, bad or good ----------------------------------------------------------------------------------------


def test_several_are_answered_in_place(world: World) -> None:
    phone = fresh_phone()
    answers = post(world, ENQUIRY, [{"phone": phone}, {"customer_name": "Asha"}, 5, {"phone": phone}]).json()
    assert [one.get("outcome") for one in answers] == ["created", None, None, "created"]
    assert answers[3]["message"].startswith("Duplicate Enquiry")
    assert faults(answers[1]) == [("ReqFieldMissing", "[1].phone")]
    assert answers[1]["errors"][0]["message"] == "enquiry_id, customer, phone or email_id is needed"
    assert faults(answers[2]) == [("ItemNotObject", "[2]")]
    assert [one["Message"] for one in answers[1:3]] == [NEEDED] * 2


def test_all_or_nothing(world: World) -> None:
    shop = new_account(world)
    body = [{"phone": fresh_phone()}, {}]
    answers = post(world, ENQUIRY, body, key=shop.key, headers={"Prefer": "handling=strict"}).json()
    assert [one["Error"] for one in answers] == ["BatchRejected", "ReqFieldMissing"]
    assert answers[0]["Message"] == "Not written because another item of the request failed."
    assert told(world, shop.key) == []


def test_all_faults_are_told_at_once(world: World) -> None:
    item = {"next_follow_up_date": "31/12/2024", "product_details": "lamp", "lead_priority": {}, "customer_name": "A"}
    body = post(world, ENQUIRY, [item]).json()
    assert faults(body) == [
        ("ReqFieldMissing", "[0].phone"), ("InvalidDate", "[0].next_follow_up_date"),
        ("InvalidType", "[0].product_details"), ("InvalidType", "[0].lead_priority"),
    ]  # fmt: skip
    many = post(world, ENQUIRY, {"phone": fresh_phone(), "product_details": [{"rate": "1"}] * 1001}).json()
    assert faults(many) == [("TooManyLines", "product_details")]
    large = post(world, ENQUIRY, {"phone": fresh_phone(), "product_details": [{"text": "x" * 300_000}]}).json()
    assert faults(large) == [("TooLong", "product_details")]


def test_a_wrong_key_is_told_as_by_its_siblings(world: World) -> None:
    answer = post(world, ENQUIRY, [{"phone": fresh_phone()}], key=WRONG_KEY)
    assert answer.status_code == 401
    assert (answer.json()["Message"], answer.json()["Error"]) == ("Invalid Auth Key", "AuthKeyInvalid")


def test_a_key_without_the_operation_is_refused(world: World) -> None:
    answer = post(world, ENQUIRY, [{"phone": fresh_phone()}], key="Kpush")
    assert (answer.status_code, answer.json()["Error"]) == (403, "OperationNotAllowed")


def test_another_account_is_refused(world: World) -> None:
    answer = post(world, ENQUIRY, [{"phone": fresh_phone()}, {"phone": fresh_phone(), "cmId": world.b.cm_id}])
    assert (answer.status_code, faults(answer.json())) == (401, [("AccountMismatch", "[1].cmId")])
    own = enquiry(world, phone=fresh_phone(), cm_id=str(world.a.cm_id))
    assert "warnings" not in own


# --- what it becomes -------------------------------------------------------------------------------------------------


def test_an_enquiry_has_what_was_said_of_it(world: World) -> None:
    shop = new_account(world)
    item = {
        "customer_name": "Asha", "phone": fresh_phone(), "campaign_name": "spring", "secSource": "stand 4",
        "tertSource": "flyer", "action": "call", "message": "please call", "remarks": "met at the fair",
        "next_follow_up_date": "2024-06-01", "subStatus": "warm", "status": "hot", "lead_priority": "high",
        "expected_closure_date": "2024-07-01 10:30",
        "product_details": [{"product_name": "Lamp", "rate": "10", "n": 1}],
    }  # fmt: skip
    made = enquiry(world, key=shop.key, **item)
    seen = events(world, "include=record", key=shop.key)["events"][-2:]
    assert [one["type"] for one in seen] == ["customer.created", "enquiry.created"]
    assert (seen[0]["record"]["secondarySource"], seen[0]["record"]["name"]) == ("stand 4", "Asha")
    shown = {
        "action": "call", "message": "please call", "remarks": "met at the fair", "subStatus": "warm", "status": "hot",
        "priority": "high", "nextFollowUp": 1717180200000, "expectedClosure": 1719810000000, "campaign": "spring",
        "secondarySource": "stand 4", "tertiarySource": "flyer",
        "products": [{"product_name": "Lamp", "rate": "10", "n": 1}],
    }  # fmt: skip
    assert shown.items() <= seen[1]["record"].items()
    assert seen[1]["record"]["customerId"] == int(made["Kapture Customer Id"])
    changes = {change["field"]: change["after"] for change in seen[1]["changes"]}
    assert changes["products"] == shown["products"]
    assert all(change["before"] is None for change in seen[1]["changes"])


def test_an_order_can_be_made_in_it(world: World) -> None:
    made = enquiry(world, phone=fresh_phone(), assign_emp_code="E-7")
    assert made["Assigned Employee Code"] == "E-7"
    order = push(world, key="K", phone=None, enquiry_id=made["Enquiry Id"])
    assert (order["enquiry_id"], order["kapture_customer_id"]) == (made["Enquiry Id"], made["Kapture Customer Id"])
    assert one(world, order)["assignedTo"]["code"] == "E-7"


def test_a_group_takes_turns_and_a_dry_run_does_not(world: World) -> None:
    name, _ = new_group(world, 2)
    dry = post(world, f"{ENQUIRY}?dry_run=true", [{"phone": fresh_phone(), "round_robin_key": name}]).json()
    codes = [enquiry(world, phone=fresh_phone(), round_robin_key=name)["Assigned Employee Code"] for _ in range(3)]
    assert codes[0] == codes[2] != codes[1]
    assert dry["Assigned Employee Code"] == codes[0]


def test_a_dry_run_writes_nothing(world: World) -> None:
    shop, phone = new_account(world), fresh_phone()
    answer = post(world, f"{ENQUIRY}?dry_run=true", [{"phone": phone, "Expcted": 1}], key=shop.key)
    assert answer.headers["orderdock-dry-run"] == "true"
    assert answer.json() == {
        "Enquiry Id": "", "Assigned Employee Code": "", "message": ADDED, "Kapture Customer Id": "",
        "status": "success", "outcome": "created", "dry_run": "true", "unknown_fields": ["Expcted"],
    }  # fmt: skip
    assert told(world, shop.key) == []
    assert enquiry(world, key=shop.key, phone=phone)["message"] == ADDED


def test_a_dry_run_of_a_refused_repeat_names_no_number_that_is_not_there(world: World) -> None:
    shop, phone = new_account(world, enquiry_duplicates="reject"), fresh_phone()
    refused = post(world, f"{ENQUIRY}?dry_run=true", [{"phone": phone}] * 2, key=shop.key).json()[1]
    assert refused["message"] == "Lead already exists, Customer ID :, Enquiry ID :, Contact ID : "
    assert refused["errors"][0]["value"] == ""


def test_a_short_answer(world: World) -> None:
    answer = post(world, ENQUIRY, [{"phone": fresh_phone()}], headers={"Prefer": "return=minimal"})
    assert answer.headers["preference-applied"] == "return=minimal"
    body = answer.json()
    assert body == {"Enquiry Id": body["Enquiry Id"], "outcome": "created", "status": "success"}


def test_a_key_may_want_the_documented_keys_alone(world: World) -> None:
    shop, phone = new_account(world, enquiry_duplicates="reject", lowercase_twins="on"), fresh_phone()
    key = new_key(world, shop.cm_id, extra_keys="off")
    made = enquiry(world, key=key, phone=phone, assign_emp_code="nobody")
    assert list(made) == ["Enquiry Id", "Assigned Employee Code", "message", "Kapture Customer Id", "status"]
    assert list(post(world, ENQUIRY, {"phone": phone}, key=key).json()) == ["message", "status"]
    assert post(world, ENQUIRY, {}, key=key).json() == {"Message": NEEDED, "Status": "failed"}
    twins = post(world, ENQUIRY, {}, key=shop.key).json()
    assert (twins["message"], twins["status"]) == (NEEDED, "failed")


# --- what a key asks for, and what it allows -------------------------------------------------------------------------


def test_mandatory_fields_hold(world: World) -> None:
    wanted = ("campaign_name", "enquiry.products", "customer.name")
    key = new_key(world, operations=("enquiry.push",), mandatory=wanted)
    body = post(world, ENQUIRY, [{"phone": fresh_phone()}], key=key).json()
    assert set(faults(body)) == {
        ("ReqFieldMissing", f"[0].{word}") for word in ("campaign_name", "product_details", "customer_name")
    }
    item = {"phone": fresh_phone(), "campaign_name": "spring", "product_details": [{"rate": 1}]}
    assert enquiry(world, key=key, name="Asha", **item)["outcome"] == "created"


def test_what_is_not_allowed_is_ignored(world: World) -> None:
    shop = new_account(world)
    key = new_key(world, shop.cm_id, allowed_fields="campaign_name")
    item = {"customer_name": "Asha", "phone": fresh_phone(), "campaign_name": "spring", "remarks": "x", "Colour": "red"}
    made = enquiry(world, key=key, **item)
    assert warned(made) == [("FieldIgnored", f"[0].{word}") for word in ("customer_name", "remarks", "Colour")]
    kept = record(world, made, key=shop.key)
    assert (kept["campaign"], kept.keys() & {"remarks", "additional"}) == ("spring", set())
    open_to_all = new_key(world, shop.cm_id, allowed_fields="enquiry.additional")
    made = enquiry(world, key=open_to_all, **item)
    assert warned(made) == [("FieldIgnored", f"[0].{word}") for word in ("customer_name", "campaign_name", "remarks")]
    assert record(world, made, key=shop.key)["additional"] == {"Colour": "red"}


# --- once, and under load --------------------------------------------------------------------------------------------


def test_a_repeated_request_is_answered_from_the_store(world: World) -> None:
    sent, headers = [{"phone": fresh_phone()}], {"Idempotency-Key": fresh_word("try-")}
    first, again = (post(world, ENQUIRY, sent, headers=headers) for _ in range(2))
    assert again.headers["idempotency-replayed"] == "true"
    assert again.content == first.content
    other = post(world, ENQUIRY, [{"phone": fresh_phone()}], headers=headers).json()
    assert other["Error"] == "IdempotencyConflict"


def test_parallel_pushes_of_one_phone_make_one_customer(world: World) -> None:
    shop, phone = new_account(world), fresh_phone()
    with ThreadPoolExecutor(20) as pool:
        found = list(pool.map(lambda _: enquiry(world, key=shop.key, phone=phone), range(20)))
    assert len({one["Kapture Customer Id"] for one in found}) == 1
    assert len({one["Enquiry Id"] for one in found}) == 20
    assert [one["message"] for one in found].count(ADDED) == 1
    assert sorted(told(world, shop.key)) == ["customer.created"] + ["enquiry.created"] * 20


def test_parallel_pushes_under_reject_make_one_enquiry(world: World) -> None:
    shop, phone = new_account(world, enquiry_duplicates="reject"), fresh_phone()
    with ThreadPoolExecutor(20) as pool:
        found = list(pool.map(lambda _: post(world, ENQUIRY, {"phone": phone}, key=shop.key).json(), range(20)))
    assert [one["status"] for one in found].count("success") == 1
    assert [one.get("Error") for one in found].count("LeadExists") == 19


def test_the_log_finds_it_and_judges_it_again(world: World) -> None:
    shop, phone = new_account(world, enquiry_duplicates="reject"), fresh_phone()
    sent = [post(world, ENQUIRY, [{"phone": phone}], key=shop.key) for _ in range(2)]
    assert [one["operation"] for one in waited(world, "error=LeadExists", shop.key)] == ["enquiry.push"]
    log = listed(world, f"phone={phone}", shop.key)
    assert [(one["operation"], one["created"], one["errors"]) for one in log] == [
        ("enquiry.push", 0, ["LeadExists"]), ("enquiry.push", 1, []),
    ]  # fmt: skip
    number = sent[1].headers["x-request-id"]
    assert "LeadExists" in cli(world, "log", "rerun", "--account", shop.subdomain, "--dry-run", number)
    changed = post(world, ENQUIRY, {"enquiry_id": sent[0].json()["Enquiry Id"], "action": "call"}, key=shop.key)
    number = changed.headers["x-request-id"]
    told = json.loads(cli(world, "log", "rerun", "--account", shop.subdomain, "--dry-run", "--json", number))
    assert [(one["outcome"], one["enquiry_id"]) for one in told] == [("unchanged", int(changed.json()["Enquiry Id"]))]


@pytest.mark.parametrize(("hidden", "kept"), [("phone,email_id", []), ("phone", ["email"]), ("email_id", ["phone"])])
def test_the_log_hides_what_the_message_of_a_repeat_tells(world: World, hidden: str, kept: list[str]) -> None:
    shop, item = new_account(world, redact_fields=hidden), {"phone": fresh_phone(), "email_id": fresh_word("a@x.in")}
    for _ in range(2):
        answer = post(world, ENQUIRY, item, key=shop.key)
    assert item["phone"] in answer.json()["message"]
    log = call(world, "GET", f"/api/v1/requests/{answer.headers['x-request-id']}", key=shop.key).json()
    assert log["response"]["body"].count("Duplicate Enquiry") == 1
    seen = {"phone": item["phone"] in json.dumps(log), "email": item["email_id"] in json.dumps(log)}
    assert [kind for kind, is_seen in seen.items() if is_seen] == kept
