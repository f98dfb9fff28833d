"""Bodies: what is read as JSON, and how (contract 1.5)."""

import gzip
import json
import zlib

import pytest

from tests.world import GET, PULL, WRITE, World, call, faults, fresh_erp, fresh_phone, get, good, item, one, post, write


def nested(depth: int) -> bytes:
    """An order whose arrays and objects are nested so deep, the array around it counted."""
    inner = b"[" * (depth - 2) + b"]" * (depth - 2)
    return b'[{"phone":"%s","remarks":"[[[","deep":%s}]' % (fresh_phone().encode(), inner)


@pytest.mark.parametrize(
    "content_type",
    [
        "application/json",
        "application/json;",
        "application/json; charset=latin-1",
        "text/plain",
        "text/xml",
        "application/x-www-form-urlencoded",
        "multipart/form-data",
        "nonsense",
        "",
    ],
)
def test_the_body_decides_and_not_its_type(world: World, content_type: str) -> None:
    made = good(post(world, WRITE, [item(customer_name="Grüße")], headers={"Content-Type": content_type}))
    assert get(world, made)["name"] == "Grüße"


def test_answers_are_plain_json(world: World) -> None:
    for answer in (post(world, GET, [{"order_id": "1"}]), call(world, "GET", "/healthz"), post(world, "/x", {})):
        assert answer.headers["Content-Type"] == "application/json; charset=utf-8"
        assert json.loads(answer.content)
        assert answer.content[:1] == b"{"
        assert answer.content[-1:] == b"}"


@pytest.mark.parametrize("encoding", ["gzip", "x-gzip", "GZIP", "identity", ""])
def test_a_body_may_be_packed(world: World, encoding: str) -> None:
    body = json.dumps([item()]).encode()
    sent = gzip.compress(body) if "gzip" in encoding.lower() else body
    assert good(post(world, WRITE, sent, headers={"Content-Encoding": encoding}))["outcome"] == "created"


@pytest.mark.parametrize("encoding", ["deflate", "br", "zstd", "gzip, gzip", "gzip, br", "x"])
def test_other_encodings_are_refused(world: World, encoding: str) -> None:
    answer = post(world, WRITE, zlib.compress(b"[]"), headers={"Content-Encoding": encoding})
    assert (answer.status_code, answer.json()["Error"]) == (415, "UnsupportedEncoding")
    assert answer.json()["errors"][0]["value"] == encoding


@pytest.mark.parametrize(
    "spoil",
    [lambda b: b[:-4], lambda b: b"xx" + b, lambda b: b[:20] + b"\0" * 8 + b[28:], lambda b: b + b"x", lambda b: b""],
)
def test_a_damaged_packed_body_is_no_body(world: World, spoil: object) -> None:
    assert callable(spoil)
    body = gzip.compress(json.dumps([item(remarks="r" * 200)]).encode())
    answer = post(world, WRITE, spoil(body), headers={"Content-Encoding": "gzip"})
    assert (answer.status_code, answer.json()["Error"]) == (400, "MalformedBody")


@pytest.mark.parametrize("packed_twice", [False, True])
def test_a_bomb_is_not_unpacked(world: World, packed_twice: bool) -> None:
    bomb = gzip.compress(b"[" + b" " * (40 << 20) + b"]", 1 if packed_twice else 6)
    if packed_twice:
        bomb = gzip.compress(b"[") + bomb
    answer = post(world, WRITE, bomb, headers={"Content-Encoding": "gzip"})
    assert (answer.status_code, answer.json()["Error"]) == (413, "PayloadTooLarge")


def test_of_repeated_names_the_last_counts(world: World) -> None:
    body = b'[{"phone":"%s","remarks":"first","remarks":"second","product_details":[{"rate":"1","rate":"2"}]}]'
    made = good(post(world, WRITE, body % fresh_phone().encode()))
    stored = one(world, made)
    assert (stored["remarks"], stored["productValue"]) == ("second", 2)


def test_a_body_may_be_nested_32_deep(world: World) -> None:
    assert good(post(world, WRITE, nested(32)))["outcome"] == "created"
    for depth in (33, 100, 5_000, 100_000):
        answer = post(world, WRITE, nested(depth))
        assert (answer.status_code, answer.json()["Error"]) == (400, "MalformedBody")


MALFORMED = {
    "nothing": b"",
    "blanks": b" \r\n\t ",
    "a byte-order mark alone": b"\xef\xbb\xbf",
    "a comment alone": b"// nothing",
    "a semicolon alone": b";",
    "a number": b"5",
    "text": b'"order"',
    "null": b"null",
    "true": b"true",
    "cut short": b'[{"order_id": "1"',
    "two values": b'[{"order_id": "1"}] [{}]',
    "two semicolons": b'[{"order_id": "1"}];;x',
    "a comma too many inside": b'[{"order_id": "1",, "a": 1}]',
    "single quotes": b"[{'order_id': '1'}]",
    "names without quotes": b'[{order_id: "1"}]',
    "NaN": b'[{"order_id": "1", "x": NaN}]',
    "Infinity": b'[{"order_id": "1", "x": -Infinity}]',
    "a leading zero": b'[{"order_id": 01}]',
    "a bare point": b'[{"order_id": 1.}]',
    "a plus": b'[{"order_id": +1}]',
    "invalid UTF-8": b'[{"order_id": "\xff"}]',
    "overlong UTF-8": b'[{"order_id": "\xc0\xaf"}]',
    "Latin-1": '[{"order_id": "ü"}]'.encode("latin-1"),
    "UTF-16": '[{"order_id": "1"}]'.encode("utf-16"),
    "a raw line break in text": b'[{"order_id": "1\n"}]',
    "a lone surrogate, escaped": b'[{"order_id": "\\ud800"}]',
    "a lone surrogate, encoded": b'[{"order_id": "\xed\xa0\x80"}]',
    "an unknown escape": b'[{"order_id": "\\x41"}]',
    "an open comment": b'[{"order_id": "1"} /* ',
    "a form": b"order_id=1&x=2",
    "XML": b"<order><id>1</id></order>",
    "zeros": b"\0" * 100,
}


@pytest.mark.parametrize("path", [WRITE, GET, PULL])
@pytest.mark.parametrize("form", MALFORMED)
def test_what_is_no_json_is_refused(world: World, path: str, form: str) -> None:
    answer = post(world, path, MALFORMED[form])
    assert answer.status_code == 400
    assert [answer.json()[name] for name in ("Message", "Status", "Error")] == [
        "Invalid Json.",
        "failed",
        "MalformedBody",
    ]
    assert faults(answer.json()) == [("MalformedBody", "")]


LENIENT = {
    "comments of both kinds": '/* a */ [{"phone":"%s", // b\n"remarks":"x"} /* c // d */]',
    "slashes in text": '[{"phone":"%s","remarks":"x" // https://example.com/* \n}]',
    "commas before brackets": '[{"phone":"%s","remarks":"x" , } , \n]',
    "a comma before a comment": '[{"phone":"%s","remarks":"x", // last\n}]',
    "a semicolon and blanks": '\n[{"phone":"%s","remarks":"x"}] \n; \n',
    "a semicolon and a comment": '[{"phone":"%s","remarks":"x"}]; // end',
    "all at once": '\ufeff[{"phone":"%s","remarks":"x",}, ] /* */ ;',
}


@pytest.mark.parametrize("form", LENIENT)
def test_the_slips_of_the_documents_are_forgiven(world: World, form: str) -> None:
    made = good(post(world, WRITE, (LENIENT[form] % fresh_phone()).encode()))
    assert one(world, made)["remarks"] == "x"


def test_what_looks_like_a_slip_inside_text_is_text(world: World) -> None:
    text = 'a // b /* c */ , ] } ; \\" http://x'
    body = json.dumps([item(remarks=text)])[:-1] + ",];"
    assert one(world, good(post(world, WRITE, body.encode())))["remarks"] == text


@pytest.mark.parametrize(
    "text",
    [
        "مرحبا بالعالم",
        "שלום",
        "🙂👩‍👩‍👧‍👦",
        "e\u0301",
        "\u202eabc\u202c",
        "Ω≈ç√",
        "日本語",
        "a\u2028b",
        "\u200b",
        "<script>&amp;</script>",
        "'; DROP TABLE orders; --",
        "\\u0041",
        "\x7f\x01",
    ],
)
def test_text_of_every_script_is_kept_exactly(world: World, text: str) -> None:
    erp = f"{text}{fresh_erp()}"
    made = good(write(world, {**item(customer_name=f"a{text}b", erp_order_id=erp), f"name {text}": [text]}))
    assert get(world, made)["name"] == f"a{text}b"
    stored = one(world, made)
    assert (stored["erpOrderId"], stored["additionalFields"]) == (erp, {f"name {text}": [text]})
    assert post(world, GET, {"erp_order_id": erp}).json()["message"]["id"] == made["order_id"]


def test_escaped_text_is_the_same_text(world: World) -> None:
    order = item(customer_name="Grüße 🙂")
    first = good(post(world, WRITE, json.dumps([order], ensure_ascii=True).encode()))
    second = good(post(world, WRITE, json.dumps([order], ensure_ascii=False).encode()))
    assert (second["order_id"], second["outcome"]) == (first["order_id"], "unchanged")


def test_an_empty_array_is_an_empty_request(world: World) -> None:
    for path, message in (
        (WRITE, "Order Creation Failed..."),
        (GET, "The request holds no item."),
        (PULL, "The request holds no item."),
    ):
        answer = post(world, path, b" [ ] ;")
        assert (answer.status_code, answer.json()["Message"], answer.json()["Error"]) == (200, message, "EmptyRequest")
