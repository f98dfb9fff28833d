"""Bodies as callers send them (contract 1.5), and entries as answers print them (1.10)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orderdock.errors import EmptyRequest, Fault, MalformedBody, TooManyItems
from orderdock.kinds import Number
from orderdock.wire.body import encode, entries, items, plain, read, shown

ITEM = [{"phone": "8123456789"}]


@pytest.mark.parametrize(
    "body",
    [
        b'[{"phone":"8123456789"}]',
        b'\xef\xbb\xbf[{"phone":"8123456789"}]',
        b'[{"phone":"8123456789"}];',
        b'[{"phone":"8123456789"}] ;\r\n',
        b'[{"phone":"8123456789",}]',
        b'[{"phone":"8123456789"},\n]',
        b'// first\n[{"phone":"8123456789"}] // last',
        b'[{/* a\nb */"phone":"8123456789" // the phone\n}]',
        b'[{"phone":"8123456789", // the phone\n }, /* no more */ ];',
        b'[{"phone":"1","phone":"8123456789"}]',
    ],
)
def test_p2_all_of_these_say_the_same(body: bytes) -> None:
    assert read(body) == ITEM


def test_what_looks_like_a_comment_inside_a_string_is_kept() -> None:
    assert read(b'{"a":"http://x/*y*/","b":"c,]","d":"\\"// e",};') == {"a": "http://x/*y*/", "b": "c,]", "d": '"// e'}


def test_numbers_keep_their_digits() -> None:
    value = read(b"[1.50, 1e3, 10000000000000000000000, 7, -0.0]")
    assert value == ["1.50", "1e3", 10**22, 7, "-0.0"]
    assert [type(entry) for entry in value] == [Number, Number, int, int, Number]


@pytest.mark.parametrize(
    "body",
    [
        b"", b"  ", b"nonsense", b'[{"order_id":', b"[NaN]", b"[Infinity]", b"[-Infinity]", b'["\xff"]', b'["\\ud800"]',
        b'["\xed\xa0\x80"]', b'{"a":1}{"b":2}', b"[1,,2]", b'["a', b"/* open", b"'a'",
        b"[" * 100_000, b"[" + b"9" * 5000 + b"]", b"\xff\xfe[\x00]\x00", b"[01]", b"[+1]", b'["\x00"]',
    ],
)  # fmt: skip
def test_what_is_not_json_is_malformed(body: bytes) -> None:
    with pytest.raises(MalformedBody):
        read(body)


def test_nesting_may_be_32_deep_and_no_deeper() -> None:
    assert read(b"[" * 32 + b"]" * 32)
    assert read(b'{"a":' * 32 + b"1" + b"}" * 32)
    for deep in (b"[" * 33 + b"]" * 33, b'{"a":' * 33 + b"1" + b"}" * 33, b'[{"a":' * 17 + b"1" + b"}]" * 17):
        with pytest.raises(MalformedBody):
            read(deep)


def test_brackets_in_strings_are_no_nesting() -> None:
    assert read(b'["' + b"[" * 200 + b'"]') == ["[" * 200]
    with pytest.raises(MalformedBody):
        read(b'["]' + b'"' + b",[" * 33 + b"1" + b"]" * 33 + b"]")


def test_many_flat_items_are_not_deep() -> None:
    assert len(read(b"[" + b",".join([b'{"lines":[{},{}]}'] * 1000) + b"]")) == 1000


@pytest.mark.parametrize(
    "body", [b'"\\"' * 200_000, b"/*" * 200_000, b"/" * 200_000, b'"' + b"\\" * 200_001, b"," * 200_000]
)
@pytest.mark.timeout(10)
def test_no_text_makes_the_lenient_pass_slow(body: bytes) -> None:
    with pytest.raises(MalformedBody):
        read(body)


@given(st.recursive(st.none() | st.booleans() | st.integers(-(2**60), 2**60) | st.text(), st.lists, max_leaves=20))
def test_the_lenient_pass_changes_no_good_json(value: object) -> None:
    body = encode(value)
    assert read(plain(body)) == read(body) == value


def test_items_of_arrays_and_objects() -> None:
    assert items([{"a": 1}, 5], 2) == ([{"a": 1}, 5], True)
    assert items({"a": 1}, 1) == ([{"a": 1}], False)


def test_requests_that_hold_no_items_or_too_many() -> None:
    with pytest.raises(EmptyRequest):
        items([], 10)
    with pytest.raises(TooManyItems):
        items([1, 2, 3], 2)
    for scalar in ("text", 5, True, None, Number("1.5")):
        with pytest.raises(MalformedBody):
            items(scalar, 10)


def test_values_are_shown_as_received_and_cut() -> None:
    assert shown("12,000") == "12,000"
    assert shown(7) == "7"
    assert shown(True) == "true"
    assert shown(None) == ""
    assert shown(Number("1.50")) == "1.50"
    assert type(shown(Number("1.50"))) is str
    assert shown([{"a": Number("1.50")}]) == '[{"a":1.50}]'
    assert shown("x" * 64) == "x" * 64
    assert shown("x" * 65) == "x" * 64 + "…"


def test_at_most_100_entries_and_one_for_the_rest() -> None:
    faults = [Fault("InvalidDate", path=f"d{number}", value="x") for number in range(130)]
    listed = entries(faults, lambda fault: (fault.path or "", fault.value))
    assert len(listed) == 101
    assert listed[0] == {"code": "InvalidDate", "field": "d0", "value": "x", "message": "A date is not valid."}
    assert listed[-1]["code"] == "MoreErrors"
    assert "30" in listed[-1]["message"]


def test_what_would_take_the_lenient_pass_too_long_is_no_json() -> None:
    with pytest.raises(MalformedBody):
        read(b'"' * 1_000_000)
