"""Customer push: edge cases C1-C8 and what else holds for it (contract 2.10)."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.world import (
    CUSTOMER,
    Json,
    World,
    call,
    cli,
    customer,
    events,
    faults,
    fresh_phone,
    fresh_word,
    get,
    new_account,
    new_key,
    post,
    push,
    warned,
)

NEEDED = "Name, Email Id, and Phone Number required"
# The sample of the documents, its dates as they print them.
SAMPLE = """[{"name":"Rachel Smith","phone":"%s","email":"%s","city":"Bangalore","state":"Karnataka","country":"India",
"address":"HSR Layout","type":"","classification":"","zone":"","customer_code":"","date_of_birth":"YYYY-MM-DD",
"anniversary_date":"YYYY-MM-DD","assigned_to":"","board_line_no":"080 555","website":"","remarks":"",
"primary_source":""}];"""


def number(made: Json) -> int:
    return int(made["Kapture Customer Id"])


def failed(answer: Json) -> tuple[str, str, list[tuple[str, str]]]:
    """(Message, Error, every (code, field)) of a failure, whose spellings must say the same."""
    assert (answer["Message"], answer["Status"]) == (answer["message"], answer["status"])
    return answer["Message"], answer["Error"], faults(answer)


# --- the edge cases of the contract ----------------------------------------------------------------------------------


def test_c1_the_sample_of_the_documents_creates_a_customer(world: World) -> None:
    body = (SAMPLE % (fresh_phone(), fresh_word("rachel") + "@example.com")).encode()
    made = post(world, CUSTOMER, body).json()
    assert (made["outcome"], made["status"]) == ("created", "success")
    assert warned(made) == [("PlaceholderDate", "[0].date_of_birth"), ("PlaceholderDate", "[0].anniversary_date")]
    bare = post(world, CUSTOMER, body.strip().removesuffix(b";")[1:-1]).json()
    assert bare == {**made, "outcome": "unchanged", "warnings": bare["warnings"]}
    assert warned(bare) == [("PlaceholderDate", "date_of_birth"), ("PlaceholderDate", "anniversary_date")]


def test_c2_a_repeat_is_unchanged(world: World) -> None:
    shop = new_account(world)
    sent = {"name": "Asha", "phone": fresh_phone(), "city": "Pune", "Shoe size": 7}
    made = [customer(world, key=shop.key, **sent) for _ in range(2)]
    assert [one.pop("outcome") for one in made] == ["created", "unchanged"]
    assert made[0] == made[1]
    told = [one["type"] for one in events(world, key=shop.key)["events"] if one["customerId"]]
    assert told == ["customer.created"]


def test_c3_the_same_phone_is_the_same_customer(world: World) -> None:
    shop = new_account(world)
    sent = {"name": "Asha", "phone": fresh_phone(), "city": "Pune", "pincode": "411001"}
    made = customer(world, key=shop.key, **sent)
    later = customer(world, key=shop.key, **{**sent, "city": "Nashik", "pincode": ""})
    assert (later["outcome"], number(later)) == ("updated", number(made))
    told = events(world, key=shop.key)["events"][-1]
    assert (told["type"], told["orderId"], told["customerId"]) == ("customer.updated", 0, number(made))
    assert told["changes"] == [{"field": "city", "before": "Pune", "after": "Nashik"}]


def test_c4_a_name_alone_is_not_enough(world: World) -> None:
    answer = post(world, CUSTOMER, [{"name": "Asha"}])
    assert answer.status_code == 200
    assert failed(answer.json()) == (NEEDED, "ReqFieldMissing", [("ReqFieldMissing", "[0].phone")])
    nothing = post(world, CUSTOMER, {"city": "Pune"}).json()
    assert failed(nothing)[2] == [("ReqFieldMissing", "name"), ("ReqFieldMissing", "phone")]
    unnamed = post(world, CUSTOMER, [{"email_id": "a@example.com"}]).json()
    assert failed(unnamed)[2] == [("ReqFieldMissing", "[0].name")]


def test_c5_a_known_code_needs_no_name(world: World) -> None:
    code = fresh_word("C-")
    made = customer(world, customer_code=code)
    later = post(world, CUSTOMER, [{"customer_code": code, "city": "Pune"}]).json()
    assert (later["outcome"], number(later)) == ("updated", number(made))
    by_number = post(world, CUSTOMER, [{"kapture_customer_id": number(made), "city": "Nashik"}]).json()
    assert (by_number["outcome"], number(by_number)) == ("updated", number(made))
    unknown = post(world, CUSTOMER, [{"customer_code": fresh_word("C-"), "city": "Pune"}]).json()
    assert failed(unknown)[2] == [("ReqFieldMissing", "[0].name"), ("ReqFieldMissing", "[0].phone")]


def test_c6_two_codes_on_one_phone_are_two_customers(world: World) -> None:
    phone = fresh_phone()
    made = [customer(world, phone=phone, customer_code=fresh_word("C-")) for _ in range(2)]
    assert [one["outcome"] for one in made] == ["created", "created"]
    assert number(made[0]) != number(made[1])
    assert made[1]["warnings"][0]["value"] == made[0]["Kapture Customer Id"]


def test_c7_null_members_are_absent(world: World) -> None:
    sent: Json = {"name": "Asha", "phone": fresh_phone(), "city": "Pune"}
    made = customer(world, **sent)
    later = post(world, CUSTOMER, [{**sent, "city": None, "customer_id": None, "additional_fields": None}]).json()
    assert (later["outcome"], number(later)) == ("unchanged", number(made))
    assert "warnings" not in later


def test_c8_what_is_older_is_stale(world: World) -> None:
    sent: Json = {"name": "Asha", "phone": fresh_phone()}
    made = [customer(world, **sent, source_version=version, city=city)
            for version, city in ((7, "Pune"), (6, "Nashik"), (8, "Nashik"), (9, "Nashik"), (8, "Thane"))]  # fmt: skip
    assert [one["outcome"] for one in made] == ["created", "stale", "updated", "unchanged", "stale"]
    days = ("2024-05-08", "2024-05-07", "2024-05-09")
    dated = [customer(world, email=f"{sent['phone']}@x.in", phone="", source_modified_at=day, city=day) for day in days]
    assert [one["outcome"] for one in dated] == ["created", "stale", "updated"]
    wrong = post(world, CUSTOMER, [{**sent, "source_version": "x"}]).json()
    assert failed(wrong) == ("A number is not valid.", "InvalidNumber", [("InvalidNumber", "[0].source_version")])


# --- who is meant, and what is written -------------------------------------------------------------------------------


@pytest.mark.parametrize("unknown", [1, "abc", "-5"])
def test_an_unknown_number_goes_on_to_the_next_identifier(world: World, unknown: str | int) -> None:
    phone = fresh_phone()
    made = customer(world, phone=phone)
    later = customer(world, phone=phone, customer_id=unknown)
    assert (later["outcome"], number(later)) == ("unchanged", number(made))
    assert warned(later) == [("CustomerIdUnknown", "[0].customer_id")]
    nobody = post(world, CUSTOMER, [{"customer_id": unknown, "city": "Pune"}]).json()
    assert failed(nobody)[2] == [("ReqFieldMissing", "[0].name"), ("ReqFieldMissing", "[0].phone")]


def test_every_given_field_is_written_over_what_was_there(world: World) -> None:
    old, new = fresh_phone(), fresh_phone()
    made = customer(world, name="Asha", phone=old, customer_code=fresh_word("C-"))
    order = push(world, phone=old)
    changed = post(world, CUSTOMER, [{"customer_id": number(made), "name": "Asha Rao", "phone": new}]).json()
    assert changed["outcome"] == "updated"
    assert number(customer(world, phone=new)) == number(made)
    assert number(customer(world, phone=old)) != number(made)  # nobody has it any more
    assert get(world, order)["name"] == "Asha"  # the order keeps its own copy


def test_a_code_of_another_customer_is_refused(world: World) -> None:
    code = fresh_word("C-")
    owner = customer(world, customer_code=code)
    other = customer(world)
    answer = post(world, CUSTOMER, [{"customer_id": number(other), "customer_code": code}]).json()
    assert failed(answer)[1:] == ("CustomerCodeTaken", [("CustomerCodeTaken", "[0].customer_code")])
    assert answer["errors"][0]["value"] == owner["Kapture Customer Id"]


def test_all_faults_are_told_at_once(world: World) -> None:
    sent = {"source_version": "x", "date_of_birth": "2024-02-30", "name": "n" * 501, "website": "w" * 501}
    answer = post(world, CUSTOMER, [sent]).json()
    assert failed(answer) == (NEEDED, "ReqFieldMissing", [
        ("ReqFieldMissing", "[0].phone"), ("InvalidNumber", "[0].source_version"),
        ("InvalidDate", "[0].date_of_birth"), ("TooLong", "[0].name"), ("TooLong", "[0].website"),
    ])  # fmt: skip


def test_an_employee_is_named_by_mail_code_or_name(world: World) -> None:
    shop = new_account(world)
    options = ("--account", shop.subdomain)
    phone = fresh_phone()
    made = [customer(world, key=shop.key, phone=phone, assigned_to="nobody@example.com")]
    assert warned(made[0]) == [("EmployeeUnknown", "[0].assigned_to")]
    cli(world, "employee", "create", *options, "--code", "E-1", "--name", "Meera", "--email", "m@example.com")
    made += [customer(world, key=shop.key, phone=phone, assigned_to=word) for word in ("M@example.com", "E-1", "meera")]
    assert [one["outcome"] for one in made] == ["created", "updated", "unchanged", "unchanged"]


def test_a_new_customer_of_whom_nobody_is_named_goes_to_the_keys_own_choice(world: World) -> None:
    phone = fresh_phone()
    customer(world, key=new_key(world, default_assignee=str(world.people["E-7"])), phone=phone)
    assert customer(world, phone=phone, assigned_to="E-7")["outcome"] == "unchanged"


def test_an_unknown_employee_may_be_an_error(world: World) -> None:
    shop = new_account(world, unknown_employee="error")
    answer = post(world, CUSTOMER, [{"name": "Asha", "phone": "8123456789", "assigned_to": "E-9"}], key=shop.key).json()
    assert failed(answer)[1:] == ("EmployeeUnknown", [("EmployeeUnknown", "[0].assigned_to")])


def test_unknown_members_are_kept_and_told_in_a_dry_run(world: World) -> None:
    sent: Json = {"name": "Asha", "phone": fresh_phone(), "Shoe size": 7, "additional_fields": {"segment": "gold"}}
    answer = post(world, f"{CUSTOMER}?dry_run=true", [sent])
    body = answer.json()
    assert (body["Kapture Customer Id"], body["outcome"], body["dry_run"]) == ("", "created", "true")
    assert body["unknown_fields"] == ["Shoe size"]
    assert answer.headers["orderdock-dry-run"] == "true"
    assert customer(world, **sent)["outcome"] == "created"
    more = customer(world, **{**sent, "Shoe size": 7, "additional_fields": {"colour": "red"}})
    assert more["outcome"] == "updated"
    assert customer(world, **sent)["outcome"] == "unchanged"


# --- keys ------------------------------------------------------------------------------------------------------------


def test_what_a_key_asks_for_is_needed_each_time(world: World) -> None:
    key = new_key(world, operations=("customer.push",), mandatory=("email", "customer.city", "customer.assigned_to"))
    phone = fresh_phone()
    answer = post(world, CUSTOMER, [{"phone": phone}], key=key).json()
    assert failed(answer)[2] == [
        ("ReqFieldMissing", "[0].email"), ("ReqFieldMissing", "[0].city"), ("ReqFieldMissing", "[0].assigned_to"),
        ("ReqFieldMissing", "[0].name"),
    ]  # fmt: skip
    whole = {"email_id": f"{phone}@example.com", "city": "Pune", "assigned_to": "E-7"}
    assert customer(world, key=key, phone=phone, **whole)["outcome"] == "created"


def test_what_a_key_may_not_send_is_ignored(world: World) -> None:
    key = new_key(world, allowed_fields="customer.city")
    made = customer(world, key=key, city="Pune", zone="West", unknown="x", remarks=[])
    assert warned(made) == [("FieldIgnored", "[0].zone"), ("FieldIgnored", "[0].unknown")]


def test_a_key_without_the_operation_is_refused(world: World) -> None:
    answer = post(world, CUSTOMER, [{"name": "Asha"}], key="Kpush")
    assert answer.status_code == 403
    assert failed(answer.json())[1:] == ("OperationNotAllowed", [("OperationNotAllowed", "")])


def test_a_key_without_extra_keys_gets_the_documented_ones(world: World) -> None:
    key = new_key(world, extra_keys="off")
    made = customer(world, key=key, customer_id="abc")
    assert list(made) == ["Message", "Kapture Customer Id", "Status", "message", "status"]
    assert post(world, CUSTOMER, [{"name": "Asha"}], key=key).json() == {
        "Message": NEEDED, "Status": "failed", "message": NEEDED, "status": "failed",
    }  # fmt: skip


# --- requests --------------------------------------------------------------------------------------------------------


def test_several_are_answered_in_place_and_see_each_other(world: World) -> None:
    phone = fresh_phone()
    body = [{"name": "Asha", "phone": phone}, {"name": "Asha"}, 5, {"name": "Asha Rao", "phone": phone}]
    answer = post(world, CUSTOMER, body)
    made, bad, no_object, changed = answer.json()
    assert answer.status_code == 200
    assert (made["outcome"], changed["outcome"]) == ("created", "updated")
    assert number(made) == number(changed)
    assert failed(bad)[2] == [("ReqFieldMissing", "[1].phone")]
    assert failed(no_object) == ("The item is not an object.", "ItemNotObject", [("ItemNotObject", "[2]")])


def test_all_or_nothing(world: World) -> None:
    phone = fresh_phone()
    body = [{"name": "Asha", "phone": phone}, {"name": "Asha"}]
    answer = post(world, CUSTOMER, body, headers={"Prefer": "handling=strict"})
    assert [one["Error"] for one in answer.json()] == ["BatchRejected", "ReqFieldMissing"]
    assert answer.headers["preference-applied"] == "handling=strict"
    assert customer(world, phone=phone)["outcome"] == "created"


def test_a_short_answer(world: World) -> None:
    sent = [{"name": "Asha", "phone": fresh_phone(), "customer_id": "abc"}]
    made = post(world, CUSTOMER, sent, headers={"Prefer": "return=minimal"}).json()
    assert list(made) == ["Kapture Customer Id", "outcome", "status", "warnings"]
    assert (made["outcome"], made["status"]) == ("created", "success")


def test_a_repeated_request_is_answered_as_it_was(world: World) -> None:
    sent = [{"name": "Asha", "email": fresh_word("a") + "@example.com"}]
    headers = {"Idempotency-Key": fresh_word("push-")}
    first, again = (post(world, CUSTOMER, sent, headers=headers) for _ in range(2))
    assert (again.content, again.headers["idempotency-replayed"]) == (first.content, "true")
    other = post(world, CUSTOMER, [{**sent[0], "city": "Pune"}], headers=headers).json()
    assert failed(other)[1] == "IdempotencyConflict"


def test_no_items_and_no_json(world: World) -> None:
    assert failed(post(world, CUSTOMER, b"[]").json())[:2] == ("The request holds no item.", "EmptyRequest")
    wrong = post(world, f"{CUSTOMER}/v.2.0", b"[{")
    assert (wrong.status_code, failed(wrong.json())[1]) == (400, "MalformedBody")
    assert call(world, "GET", CUSTOMER).headers["allow"] == "POST"


def test_a_request_that_is_not_read_is_refused_in_both_spellings(world: World) -> None:
    long_url = call(world, "POST", f"{CUSTOMER}?x={'y' * 17_000}")
    long_head = call(world, "POST", CUSTOMER, headers={"X-Long": "y" * 33_000})
    wrong_method = call(world, "GET", CUSTOMER)
    assert [(one.status_code, failed(one.json())[1]) for one in (long_url, long_head, wrong_method)] == [
        (414, "UrlTooLong"), (431, "HeadersTooLarge"), (405, "MethodNotAllowed"),
    ]  # fmt: skip


def test_twenty_first_pushes_of_one_phone_make_one_customer(world: World) -> None:
    sent = {"name": "Asha", "phone": fresh_phone(), "city": "Pune"}
    with ThreadPoolExecutor(20) as threads:
        made = list(threads.map(lambda _: customer(world, **sent), range(20)))
    assert len({number(one) for one in made}) == 1
    assert sorted(one["outcome"] for one in made) == ["created", *["unchanged"] * 19]
