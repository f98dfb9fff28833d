"""Keys, tokens and mandatory fields (contract 1.3)."""

import base64

import pytest

from orderdock.accounts import decide
from orderdock.accounts.actions import new_secret
from orderdock.accounts.decide import (
    Hasher,
    KeySecret,
    NameAndPassword,
    allowed_of,
    candidates,
    check_of,
    could_be_secret,
    is_key,
    mandatory_of,
    meant_by,
)
from orderdock.accounts.model import OPERATIONS, spell_out
from orderdock.accounts.options import ACCOUNT_OPTIONS, defaults, last_moment, locale_of
from orderdock.errors import Invalid
from orderdock.fields import mandatory_fields
from orderdock.kinds import EMAIL, PHONE

VECTOR = "od" + "0" * 41 + "1xfghpw"
ADOPTED = "Zm9vYmFyYmF6cXV4Zm9vYmFyYmF6cXV4Zm9vYmFyYmF6cXV4"


def b64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def test_the_check_vector() -> None:
    assert check_of(VECTOR[:43]) == "1xfghpw"
    assert is_key(VECTOR)
    assert not is_key(VECTOR[:-1] + "x")
    assert not is_key(VECTOR.upper())


def test_new_keys_are_keys_and_differ() -> None:
    made = {new_secret() for _ in range(50)}
    assert len(made) == 50
    assert all(is_key(key) and len(key) == 50 for key in made)


@pytest.mark.parametrize(
    ("token", "meant"),
    [
        (VECTOR, [KeySecret(VECTOR)]),
        (f"  {VECTOR} ", [KeySecret(VECTOR)]),
        (b64(VECTOR), [KeySecret(b64(VECTOR)), KeySecret(VECTOR)]),
        (b64(VECTOR).rstrip("="), [KeySecret(b64(VECTOR).rstrip("=")), KeySecret(VECTOR)]),
        (b64(VECTOR + ":"), [KeySecret(b64(VECTOR + ":")), KeySecret(VECTOR)]),
        (b64("ops:pass:word"), [NameAndPassword("ops", "pass:word")]),
        (base64.urlsafe_b64encode("ops:ÿ>?ÿ".encode()).decode(), [NameAndPassword("ops", "ÿ>?ÿ")]),
        (b64("ops:"), []),
        (b64(":pass"), []),
        ("short", []),
        ("", []),
        ("%%%", []),
        ("x" * 5000, []),
    ],
)
def test_token_forms(token: str, meant: list[object]) -> None:
    assert candidates(token) == meant


def test_key_forms_alone() -> None:
    assert candidates(b64("ops:password"), keys_only=True) == []
    assert candidates(b64(VECTOR), keys_only=True)[-1] == KeySecret(VECTOR)


def test_a_token_that_is_both_a_secret_and_base64_is_tried_as_it_stands_first() -> None:
    assert candidates(ADOPTED) == [KeySecret(ADOPTED), KeySecret(base64.b64decode(ADOPTED).decode())]


@pytest.mark.parametrize(
    ("text", "fits"),
    [("x" * 31, False), ("x" * 32, True), ("x" * 128, True), ("x" * 129, False), ("x " * 20, False), ("é" * 40, False)],
)
def test_what_may_be_adopted(text: str, fits: bool) -> None:
    assert could_be_secret(text) is fits


def test_digests_need_the_secret_and_tell_keys_from_logins() -> None:
    one, other = Hasher(b"one"), Hasher(b"other")
    assert one.of(KeySecret(VECTOR)) == one.of(KeySecret(VECTOR))
    assert one.of(KeySecret(VECTOR)) != other.of(KeySecret(VECTOR))
    assert one.of(KeySecret("ops")) != one.of(NameAndPassword("ops", "x"))
    assert one.of(NameAndPassword("ops", "x")) == one.of(NameAndPassword("ops", "y"))
    assert one.of_password(NameAndPassword("ops", "x")) != one.of_password(NameAndPassword("ops", "y"))


def test_wildcards_are_spelled_out() -> None:
    assert spell_out(["*"]) == set(OPERATIONS)
    assert spell_out(["enquiry.*", "order.get"]) == {"enquiry.push", "order.get"}
    with pytest.raises(ValueError, match=r"order\.fly"):
        spell_out(["order.fly", "order.get"])


@pytest.mark.parametrize(
    ("word", "operation", "field"),
    [
        ("phone", "order.push", "customer.phone"),
        ("grand_total", "order.push", "order.grand_total"),
        ("order.grand_total", "order.add-update", "order.grand_total"),
        ("sku_id", "order.push", "line.sku"),
        ("product_details[].sku_id", "order.push", "line.sku"),
        ("product_details", "order.push", "lines"),
        ("remarks", "order.push", "order.remarks"),
        ("remarks", "order.payment", "payment.remarks"),
        ("remarks", "order.add-update", "order.remarks"),
        ("customer_info.remarks", "order.add-update", "customer.remarks"),
        ("remarks", "customer.push", "customer.remarks"),
        ("enquiry_id", "order.push", "order.enquiry"),
        ("grand_total", "order.payment", None),
        ("grand_total", "order.pull", None),
        ("order_id", "order.push", None),
        ("order.contact_phone", "order.push", None),
    ],
)
def test_what_a_name_means_in_an_operation(word: str, operation: str, field: str | None) -> None:
    assert meant_by(word, operation) == field


def test_a_field_is_mandatory_wherever_it_is_taken() -> None:
    granted = ["order.push", "order.payment", "order.pull"]
    assert mandatory_of([("", "grand_total"), ("", "remarks"), ("order.push", "sku_id")], granted) == {
        "order.push": ["order.grand_total", "order.remarks", "line.sku"],
        "order.payment": ["payment.remarks"],
    }


@pytest.mark.parametrize(
    ("operation", "word", "why"),
    [
        ("", "colour", "no such field"),
        ("", "order_id", "cannot be made mandatory"),
        ("", "amount_paid", "cannot be made mandatory"),
        ("", "secSource", "no granted operation takes it"),
        ("order.update", "grand_total", "order.update is not granted"),
    ],
)
def test_what_cannot_be_mandatory_is_named(operation: str, word: str, why: str) -> None:
    with pytest.raises(Invalid, match=rf"{word}: .*{why}"):
        mandatory_of([(operation, word)], ["order.push", "order.payment"])


def test_every_field_that_may_be_mandatory_is_taken_by_some_operation() -> None:
    untaken = [row.name for row in mandatory_fields() if not any(meant_by(row.name, name) for name in OPERATIONS)]
    assert untaken == ["line.additional"]  # it has no name of its own: it is whatever else a line holds


def test_allowed_fields_are_all_that_a_name_feeds() -> None:
    assert allowed_of(["phone", "line.sku"]) == ["order.contact_phone", "line.sku", "customer.phone"]
    with pytest.raises(Invalid, match="colour"):
        allowed_of(["colour"])


def test_the_last_day_ends_in_the_zone_of_the_account() -> None:
    kolkata = locale_of(defaults(ACCOUNT_OPTIONS, {}))
    york = locale_of(defaults(ACCOUNT_OPTIONS, {"time_zone": "America/New_York"}))
    assert last_moment("2026-12-31", kolkata) == 1_798_741_799_999
    assert last_moment("2026-11-01", york) - last_moment("2026-10-31", york) == 25 * 3_600_000  # the clock goes back


def test_placeholders_are_known_in_every_spelling() -> None:
    words = ["9876500000", "Nobody@Example.com", "n/a"]
    locale = locale_of(defaults(ACCOUNT_OPTIONS, {"placeholder_contacts": words}))
    assert PHONE.fold("+91 98765 00000", locale) is None
    assert EMAIL.fold("NOBODY@example.com", locale) is None
    assert PHONE.fold("9876500001", locale) == "+919876500001"


@pytest.mark.parametrize(
    ("text", "seconds"), [("0", 0), ("45s", 45), ("90m", 5_400), (" 24h ", 86_400), ("7d", 604_800), ("2w", 1_209_600)]
)
def test_lengths_of_time(text: str, seconds: int) -> None:
    assert decide.read_span(text) == seconds * 1_000


@pytest.mark.parametrize("text", ["", "h", "24", "-1h", "1.5h", "24 h", "1h30m", "999999d"])
def test_what_is_no_length_of_time(text: str) -> None:
    with pytest.raises(Invalid, match="90m, 24h, 7d or 0"):
        decide.read_span(text)


@pytest.mark.parametrize(
    ("today", "told", "due"),
    [
        ("2026-11-30", None, None),
        ("2026-12-01", None, "2026-12-31:30"),
        ("2026-12-01", "2026-12-31:30", None),
        ("2026-12-24", "2026-12-31:30", "2026-12-31:7"),
        ("2026-12-26", None, "2026-12-31:7"),
        ("2026-12-26", "2026-12-31:7", None),
        ("2026-12-31", "2026-12-31:7", "2026-12-31:1"),
        ("2026-12-31", "2026-12-31:1", None),
        ("2026-12-26", "2026-12-30:1", "2026-12-31:7"),
        ("2027-01-01", None, None),
    ],
)
def test_when_an_end_is_told(today: str, told: str | None, due: str | None) -> None:
    assert decide.due_mark("2026-12-31", today, told) == due


def test_days_have_names() -> None:
    assert [decide.day_name(day) for day in (0, 20_000)] == ["1970-01-01", "2024-10-04"]
