"""Credentials are found wherever they stand, and nothing else is touched (contract 1.3, 2.19a)."""

import base64
import json
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orderdock.accounts.actions import forms_of, hide, hide_text, is_told_by, new_secret

KEY = new_secret()
WRONG = "od" + "0" * 41 + "1xfghpx"
ADOPTED = 'kap-7f0"92/fa\\c3d14e-91b2-4d3a&=x'
PASSWORD = "correct horse"
BASIC = base64.b64encode(f"ops:{PASSWORD}".encode()).decode()


def b64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


@pytest.mark.parametrize("before", ["", "x", "od", "odod", "•", "key="])
@pytest.mark.parametrize("behind", ["", "z", "od", "=", "&a=b"])
def test_a_key_is_found_inside_whatever_stands_around_it(before: str, behind: str) -> None:
    assert hide_text(f"{before}{KEY}{behind}") == f"{before}•{behind}"


@pytest.mark.parametrize("before", ["", "u", "us", "use", "user:"])
@pytest.mark.parametrize("behind", ["", ":", ":x", "yyyyy"])
def test_a_key_is_found_in_base64_at_every_alignment(before: str, behind: str) -> None:
    for code in (base64.b64encode, base64.urlsafe_b64encode):
        whole = code(f"{before}{KEY}{behind}".encode()).decode()
        for text in (whole, whole.rstrip("=")):
            assert hide_text(f'{{"a":"{text}"}}') == '{"a":"•"}'


def test_what_only_looks_like_a_key_is_left_alone() -> None:
    for text in (WRONG, KEY[:-1], KEY.upper(), b64(WRONG), "product_details " * 20, "x" * 500):
        assert hide_text(text) == text


@given(st.binary(max_size=400))
def test_other_bytes_are_never_touched(data: bytes) -> None:
    assert hide(data) == data


@given(st.text(max_size=80), st.text(max_size=80))
def test_no_key_is_left_over(before: str, behind: str) -> None:
    assert KEY not in hide_text(before + KEY + behind)


@pytest.mark.parametrize("token", [ADOPTED, b64(ADOPTED), b64(f"{ADOPTED}:")])
def test_the_secret_of_a_request_is_found_in_every_form(token: str) -> None:
    own = forms_of(token)
    for form in (ADOPTED, json.dumps(ADOPTED)[1:-1], quote(ADOPTED, safe=""), b64(ADOPTED), b64(f"{ADOPTED}:")):
        hidden = hide_text(f"before {form} behind", own)
        assert hidden.startswith("before •")
        assert form not in hidden


def test_a_password_is_found_where_answers_are_kept_and_never_in_data() -> None:
    assert hide_text(f"remarks {PASSWORD}", forms_of(BASIC)) == "remarks •"
    assert hide_text(f"remarks {PASSWORD}", forms_of(BASIC, passwords=False)) == f"remarks {PASSWORD}"


@pytest.mark.parametrize(
    ("text", "token"),
    [
        (KEY, None),
        (f"id-{KEY}", None),
        (ADOPTED, b64(ADOPTED)),
        (ADOPTED[:20], ADOPTED),
        (BASIC, BASIC),
        (PASSWORD, BASIC),
    ],
    ids=["key", "key inside", "adopted", "its beginning", "header", "password"],
)
def test_an_id_that_holds_a_credential_is_told(text: str, token: str | None) -> None:
    assert is_told_by(text, token)


@pytest.mark.parametrize(
    "token", [None, "x", "é", BASIC, KEY, b64(KEY)], ids=["none", "short", "odd", "login", "key", "key in base64"]
)
def test_usual_ids_hold_none(token: str | None) -> None:
    for text in ("1", "0b1c5f7e-2f4a-4a5e-9df5-6a1c0b5f2f3e", "7f9d7c46e2281a1c-4", "a" * 128):
        assert not is_told_by(text, token)


@pytest.mark.parametrize(
    "run", [b"od", KEY.encode(), WRONG.encode(), b"b2Q"], ids=["od", "keys", "wrong keys", "base64"]
)
def test_no_text_takes_long(run: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    tried: list[str] = []

    def is_key(text: str) -> bool:
        tried.append(text)
        return text == KEY

    monkeypatch.setattr("orderdock.accounts.hide.is_key", is_key)
    hidden = hide(b'{"x":"' + run * 20_000 + b'"}')
    assert len(tried) <= 5_000
    assert KEY.encode() not in hidden


def test_many_keys_in_one_text_are_all_hidden() -> None:
    assert hide(b" ".join([KEY.encode()] * 100)) == " ".join("•" * 100).encode()
    assert hide(KEY.encode() * 100) == ("•" * 100).encode()
