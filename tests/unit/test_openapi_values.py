"""The schemas of values are true: what a kind reads validates, so that what does not validate is not read."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema_rs import Draft202012Validator

from orderdock import kinds
from orderdock.fields import ALL_FIELDS
from orderdock.kinds import Kind, Locale, Unreadable, from_json, to_json

KINDS = list({repr(row.kind): row.kind for row in ALL_FIELDS}.values())
BLANKS = " \t\r\n\x0b\x0c\x1c\x1f\x85\xa0\u2003\u3000"
NEAR = st.sampled_from(
    ["true", "YES", "No", "0", "-0", "+1.50000", "-3", ".5", "1e3", "007", "123456789012345.67891", "2024-05-08",
     "2024-05-08T11:54:52.123+0530", "2024-05-08 11:54Z", "YYYY-mm-DD HH:MM", "1715149492000", "a@b", "x" * 205,
     "x\0" * 110, "1,2 , 3"]
)  # fmt: skip
TEXTS = st.tuples(st.text(BLANKS, max_size=3), NEAR | st.text(max_size=6), st.text(BLANKS, max_size=300)).map("".join)
NUMBERS = st.integers() | st.integers(10**10, 10**14) | st.decimals(allow_nan=False, allow_infinity=False, places=4)
SCALARS = st.none() | st.booleans() | TEXTS | NUMBERS
VALUES = SCALARS | st.lists(SCALARS, max_size=3) | st.dictionaries(st.text(max_size=3), SCALARS, max_size=3)


@pytest.mark.parametrize("kind", [pytest.param(kind, id=repr(kind)) for kind in KINDS])
@settings(max_examples=150, derandomize=True)
@given(value=VALUES)
def test_what_is_read_validates(kind: Kind, value: Any) -> None:
    sent = from_json(to_json(value))
    try:
        kind.read(sent, Locale(), [])
    except Unreadable:
        return
    if sent is not None:
        assert Draft202012Validator(kind.schema()).is_valid(value_of(value)), value


def value_of(value: Any) -> Any:
    """A value as a validator takes it: it knows no decimals."""
    if isinstance(value, list):
        return [value_of(one) for one in value]
    if isinstance(value, dict):
        return {name: value_of(one) for name, one in value.items()}
    return value if value is None or isinstance(value, bool | int | str) else float(value)


REFUSED = [
    (kinds.MONEY, "12,000"), (kinds.MONEY, "1.23456"), (kinds.MONEY, -1), (kinds.MONEY, True), (kinds.MONEY, []),
    (kinds.MOMENT, "31/12/2024"), (kinds.MOMENT, "tomorrow"), (kinds.MOMENT, False), (kinds.BOOLEAN, "maybe"),
    (kinds.BOOLEAN, 2), (kinds.COUNT, "x"), (kinds.COUNT, -1), (kinds.CODE, "x" * 201), (kinds.CODE, {}),
    (kinds.QUANTITY, "one"), (kinds.EXTRA, "x"), (kinds.RECORDS, 5), (kinds.OBJECTS, [5]), (kinds.ID, []),
    (kinds.WORDS, [[]]),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "value"), REFUSED)
def test_what_is_plainly_wrong_does_not_validate(kind: Kind, value: Any) -> None:
    assert not Draft202012Validator(kind.schema()).is_valid(value)
    with pytest.raises(Unreadable):
        kind.read(value, Locale(), [])
