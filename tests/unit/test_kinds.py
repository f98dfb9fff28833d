"""Kinds under any value: money and quantities against `decimal`, words, booleans, ids, contacts, open objects."""

import json
import re
from decimal import Decimal, InvalidOperation
from typing import Any

import phonenumbers
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from orderdock.errors import CODES
from orderdock.fields import ALL_FIELDS
from orderdock.kinds import (
    BOOLEAN,
    CODE,
    COUNT,
    EMAIL,
    EXTRA,
    ID,
    MAX_BIGINT,
    MAX_ID,
    MOMENT,
    MONEY,
    NO_SUCH_ID,
    PHONE,
    QUANTITY,
    REMARKS,
    SIGNED,
    TEXT_OR_OBJECT,
    WORDS,
    Kind,
    Locale,
    Note,
    Number,
    Unreadable,
    contact,
    decimals,
    from_json,
    moment,
    shortest,
    to_json,
)

LOCALE = Locale(placeholders=frozenset({"noreply@example.com"}))
KINDS = list({repr(row.kind): row.kind for row in ALL_FIELDS}.values())
WARNINGS = {"PlaceholderDate", "PhoneNotNormalised", "EmailNotUsable", "ContactPlaceholder", "TextCleaned"}

# JSON numbers as bodies carry them: whole ones as int, others by their text.
numbers = st.from_regex(r"-?(0|[1-9][0-9]{0,22})(\.[0-9]{1,22})?([eE][+-]?[0-9]{1,4})?", fullmatch=True).map(
    lambda text: int(text) if re.fullmatch(r"-?\d+", text) else Number(text)
)
near_misses = st.from_regex(r"[0-9+\-.,:TZ eE/yx ]{0,20}", fullmatch=True) | st.sampled_from(
    [
        "9999-12-31",
        "0001-01-01",
        "1900-01-01",
        "2024-02-30",
        "24:00",
        "\0",
        " \0 ",
        "١٢٣",
        "½",
        "²",
        "yyyy-MM-dd",
        "NaN",
    ]
)
dates = st.from_regex(
    r"[0-9]{4}-[01][0-9]-[0-3][0-9]([T ][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,9})?)?)?", fullmatch=True
)
scalars = st.none() | st.booleans() | st.integers() | numbers | st.text(max_size=30) | near_misses | dates
anything = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=8,
)  # fmt: skip


def read(kind: Kind, raw: Any) -> tuple[Any, list[str]]:
    """(value, codes of warnings); the value is the code of the refusal when there is one."""
    notes: list[Note] = []
    try:
        return kind.read(raw, LOCALE, notes), [code for code, _ in notes]
    except Unreadable as error:
        return error.code, []


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.label)
@given(raw=anything)
@example(raw=Number("1e99999999999999999999"))
@example(raw=["\0"])
@example(raw={"a": ["\0"], "b\0": Number("1e999")})
def test_a_kind_reads_or_refuses_any_json_value(kind: Kind, raw: Any) -> None:
    notes: list[Note] = []
    try:
        value = kind.read(raw, LOCALE, notes)
    except Unreadable as error:
        if error.code in CODES and error.message:
            return
        raise
    assert {code for code, _ in notes} <= WARNINGS
    if value is None:
        return
    if kind is EXTRA:
        value = EXTRA.merge(None, value)
    if kind.sql == "bigint" and "employee" not in kind.label:
        assert type(value) is int
        assert -MAX_BIGINT <= value <= MAX_BIGINT
    elif kind.sql:
        assert isinstance(value, str)
        assert "\0" not in value
    assert isinstance(kind.show(value, LOCALE), str)
    json.loads(to_json(kind.plain(value)))


@given(anything)
def test_json_is_kept_digit_by_digit(value: Any) -> None:
    text = to_json(value)
    assert to_json(from_json(text)) == text
    assert "\\u0000" not in text


# ------------------------------------------------------------------------------------------------ money, quantities


def reference(text: str, json_number: bool) -> int | None:
    """Ten-thousandths by contract 1.7.1; None when it is no amount, or one that no BIGINT holds."""
    marks = set("0123456789+-." + ("eE" if json_number else ""))
    if not set(text.strip()) <= marks:
        return None
    try:
        number = Decimal(text.strip())
    except InvalidOperation:
        return None
    _, digits, exponent = number.as_tuple()
    significant = "".join(map(str, digits)).rstrip("0")
    assert isinstance(exponent, int)
    if not significant:
        return 0
    shift = exponent + len(digits) - len(significant) + 4  # the power of ten behind the last digit that counts
    if not 0 <= shift < 20:
        return None
    scaled = int(significant) * 10**shift
    return (-scaled if number < 0 else scaled) if scaled <= MAX_BIGINT else None


@given(st.integers(-MAX_BIGINT, MAX_BIGINT), st.text("0", max_size=9), st.text("0", max_size=9))
@example(MAX_BIGINT, "", "")
def test_any_amount_survives_its_text(scaled: int, leading: str, trailing: str) -> None:
    text = shortest(scaled)
    assert Decimal(text) == Decimal(scaled).scaleb(-4)
    assert not (text.endswith("0") and "." in text)
    sign, digits = ("-", text[1:]) if text[0] == "-" else ("", text)
    longer = f"{digits}{trailing}" if "." in digits else f"{digits}.{trailing}" if trailing else digits
    assert read(SIGNED, f" {sign}{leading}{longer}\n") == (scaled, [])
    assert read(MONEY, text) == (scaled if scaled >= 0 else "InvalidAmount", [])
    assert read(QUANTITY, text) == (scaled if scaled >= 0 else "InvalidNumber", [])
    assert read(SIGNED, from_json(to_json(SIGNED.plain(scaled)))) == (scaled, [])


@given(st.text("0123456789+-.,eE $", max_size=24) | st.from_regex(r"[+-]?[0-9]{0,17}\.?[0-9]{0,7}", fullmatch=True))
@example("10,000")
@example("1e3")
@example("0.00005")
@example("1.50000")
@example("999999999999999.9999")
@example("1000000000000000")
@example(".")
def test_a_text_is_an_amount_as_decimal_says(text: str) -> None:
    wanted = reference(text, json_number=False)
    value, warnings = read(SIGNED, text)
    assert warnings == []
    assert value == (None if not text.strip() else "InvalidAmount" if wanted is None else wanted)


@given(numbers)
@example(Number("1e3"))
@example(Number("1E-5"))
@example(Number("0e99"))
@example(Number("1.50000e1"))
@example(Number("1e99999999999999999999"))
@example(Number("922337203685477.5807"))
@example(Number("922337203685477.5808"))
def test_a_json_number_is_an_amount_by_its_text(number: Any) -> None:
    wanted = reference(str(number), json_number=isinstance(number, Number))
    assert read(SIGNED, number)[0] == ("InvalidAmount" if wanted is None else wanted)


# ------------------------------------------------------------------------------------------------ scalars


@given(st.sampled_from(["true", "1", "yes", "false", "0", "no"]), st.booleans(), st.sampled_from(["", " ", "\t"]))
def test_booleans_in_any_case(word: str, upper: bool, blank: str) -> None:
    value, _ = read(BOOLEAN, blank + (word.upper() if upper else word.title()) + blank)
    assert value == (1 if word in ("true", "1", "yes") else 0)
    assert read(BOOLEAN, BOOLEAN.show(value, LOCALE)) == (value, [])
    assert BOOLEAN.plain(value) is bool(value)


@given(st.integers() | st.booleans() | st.text(max_size=6) | numbers)
def test_everything_else_is_no_boolean(raw: Any) -> None:
    known = str(raw).strip().lower()
    wanted = {"true": 1, "1": 1, "yes": 1, "false": 0, "0": 0, "no": 0, "": None}.get(known, "InvalidBoolean")
    assert read(BOOLEAN, raw)[0] == wanted


@given(st.integers(-(2**70), 2**70) | st.integers(MAX_ID - 3, MAX_ID + 3) | st.integers(-2, 2))
def test_ids_are_positive_and_below_two_to_the_53(number: int) -> None:
    wanted = None if number == 0 else number if 0 < number < 2**53 else NO_SUCH_ID
    assert read(ID, number)[0] == wanted
    assert read(ID, f" {number} ")[0] == wanted


@given(st.integers(-3, 2**65) | st.integers(MAX_BIGINT - 3, MAX_BIGINT + 3))
def test_counts_are_whole_and_fit(number: int) -> None:
    assert read(COUNT, str(number))[0] == (number if 0 <= number <= MAX_BIGINT else "InvalidNumber")


@given(st.text(max_size=40), st.sampled_from(["", " ", "\t"]))
def test_text_is_trimmed_and_otherwise_as_sent(text: str, blank: str) -> None:
    value, warnings = read(REMARKS, blank + text + blank)
    assert value == (text.strip().replace("\0", "").strip() or None)
    assert warnings == (["TextCleaned"] if "\0" in text.strip() else [])
    if value is not None:
        assert read(REMARKS, value) == (value, [])


@given(st.integers(195, 205))
def test_what_is_too_long_is_refused_not_cut(length: int) -> None:
    assert read(CODE, "x" * length)[0] == ("TooLong" if length > 200 else "x" * length)


# ------------------------------------------------------------------------------------------------ contacts


@st.composite
def spellings(draw: st.DrawFn) -> tuple[str, str]:
    """(an Indian mobile number, a way to write it)."""
    number = draw(st.from_regex(r"[6-9][0-9]{9}", fullmatch=True).filter(lambda digits: len(set(digits)) > 1))
    spaced = "".join(digit + draw(st.sampled_from(["", "", "", " ", "-"])) for digit in number).rstrip(" -")
    prefix = draw(st.sampled_from(["", "0", "+91", "+91 ", "+91-", "(+91) ", "0091 "]))
    blank = draw(st.sampled_from(["", " "]))
    return number, f"{blank}{prefix}{spaced}{blank}"


@given(spellings())
def test_a_phone_in_any_spelling_is_one_phone(pair: tuple[str, str]) -> None:
    number, spelling = pair
    assert read(PHONE, spelling) == (spelling.strip(), [])
    assert PHONE.fold(spelling.strip(), LOCALE) == f"+91{number}"


def test_what_is_too_long_to_come_again_is_not_remembered() -> None:
    before = [cache.cache_info().currsize for cache in (decimals._scaled, moment._span_of)]
    for text in ("x" * 100, "2024-05-08" + " " * 100):
        read(MONEY, text)
        read(MOMENT, text)
    assert [cache.cache_info().currsize for cache in (decimals._scaled, moment._span_of)] == before


@st.composite
def plain_digits(draw: st.DrawFn) -> tuple[str, str]:
    """(a country, digits that are or nearly are a number there)."""
    country = draw(st.sampled_from(sorted(phonenumbers.SUPPORTED_REGIONS)))
    plan = phonenumbers.PhoneMetadata.metadata_for_region(country, None)
    assert plan is not None
    digits = list(getattr(plan.mobile, "example_number", None) or "2012345678")
    for at in draw(st.lists(st.integers(0, len(digits) - 1), max_size=4)):
        digits[at] = draw(st.sampled_from("0123456789"))
    prefix = draw(st.sampled_from(["", "", "", "0", "1", "00", str(plan.country_code), plan.national_prefix or ""]))
    return country, prefix + "".join(digits) + draw(st.sampled_from(["", "", "", "7"]))


@settings(max_examples=1_000)
@given(plain_digits())
def test_the_short_way_to_a_phone_is_the_long_way(pair: tuple[str, str]) -> None:
    country, digits = pair
    assert contact._phone_key(digits, country) == contact._parsed_key(digits, country)


@given(st.from_regex(r"[0-9 +().-]{0,12}", fullmatch=True))
@example("0000000000")
@example("12345")
@example("1234567")
def test_phones_that_are_none_are_kept_with_a_warning(text: str) -> None:
    value, warnings = read(PHONE, text)
    if value is None:
        return
    key = PHONE.fold(value, LOCALE)
    digits = "".join(filter(str.isdigit, value))
    if digits and len(set(digits)) == 1:
        assert (key, warnings) == (None, ["ContactPlaceholder"])
    elif warnings:
        assert (key, warnings) == (digits if len(digits) >= 7 else None, ["PhoneNotNormalised"])
    else:
        assert key is not None
        assert key.startswith("+")


@given(st.text(max_size=12), st.text(max_size=12))
@example("Asha", "Example.COM")
def test_emails_match_case_folded(left: str, right: str) -> None:
    value, warnings = read(EMAIL, f"{left}@{right}")
    assert isinstance(value, str)
    plain = value.casefold()
    usable = len(plain.split()) == 1 and "\0" not in plain and plain != "noreply@example.com"
    assert EMAIL.fold(value, LOCALE) == (plain if usable else None)
    assert ("EmailNotUsable" in warnings) == (not usable)


def test_a_placeholder_of_the_account_is_kept_and_not_matched() -> None:
    assert read(EMAIL, "NoReply@Example.com") == ("NoReply@Example.com", ["ContactPlaceholder"])
    assert EMAIL.fold("NoReply@Example.com", LOCALE) is None
    assert read(EMAIL, "no mail") == ("no mail", ["EmailNotUsable"])


# ------------------------------------------------------------------------------------------------ lists, objects


words = st.text("abcäß 0\0", max_size=5)


@given(st.lists(words | st.integers(0, 99), max_size=6))
@example(["\0"])
def test_words_are_the_same_as_a_list_and_as_one_text(entries: list[Any]) -> None:
    wanted = [text for entry in entries if (text := str(entry).replace("\0", "").strip())]
    for raw in (entries, " , ".join(str(entry) for entry in entries)):
        value, _ = read(WORDS, raw)
        assert (from_json(value) if value else []) == wanted
    if wanted:
        assert read(WORDS, WORDS.show(to_json(wanted), LOCALE))[0] == to_json(wanted)


members = st.dictionaries(st.text("ab ", max_size=3), anything, max_size=4)


@given(st.none() | members, members)
def test_additional_members_are_merged_one_by_one(stored: Any, given_: Any) -> None:
    kept = {name: value for name, value in (stored or {}).items() if not _empty(value)}
    text = EXTRA.merge(None, kept) if kept else None
    read_members = EXTRA.read(given_, LOCALE, [])
    wanted = from_json(text) if text else {}
    wanted.update(from_json(to_json({name: value for name, value in given_.items() if not _empty(value)})))
    if read_members is None:
        assert wanted == (from_json(text) if text else {})
        return
    merged = EXTRA.merge(text, read_members)
    assert from_json(merged) == wanted
    assert EXTRA.merge(merged, read_members) == merged


def _empty(value: Any) -> bool:
    return value is None or (isinstance(value, str) and not value.strip())


def test_an_open_object_has_limits() -> None:
    EXTRA.merge(None, {f"f{n}": 1 for n in range(200)})
    for too_much in ({f"f{n}": 1 for n in range(201)}, {"f": "x" * 256 * 1024}):
        with pytest.raises(Unreadable) as refusal:
            EXTRA.merge(None, too_much)
        assert refusal.value.code == "TooLong"


@given(
    st.dictionaries(st.text(max_size=5), anything, max_size=3)
    | st.text(max_size=9).filter(lambda text: "\0" not in text)
)
def test_text_or_an_object_is_kept_as_sent(raw: Any) -> None:
    value, _ = read(TEXT_OR_OBJECT, raw)
    if value is not None:
        assert TEXT_OR_OBJECT.plain(value) == (from_json(to_json(raw)) if isinstance(raw, dict) else raw.strip())
