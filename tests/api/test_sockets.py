"""What no HTTP library would send: slow, broken and pipelined requests on bare sockets (contract 1.5, 1.15)."""

import json
import time
from collections.abc import Iterator
from contextlib import suppress

import pytest

from tests.http import RawConnection, raw_post
from tests.world import GET, WRITE, World, basic, call, fresh_erp, item, one

FAMILIES = {GET: "Error", "/api/v1/events": "error"}


@pytest.fixture
def raw(world: World) -> Iterator[RawConnection]:
    with RawConnection(world.server.port) as connection:
        yield connection


def authorization(world: World) -> str:
    return f"Authorization: {basic(world.keys['K'])}"


def get_request(world: World, *headers: str) -> bytes:
    body = json.dumps([{"order_id": world.f1["order_id"]}]).encode()
    return raw_post(GET, body, authorization(world), *headers)


def assert_alive(world: World) -> None:
    assert call(world, "GET", "/healthz").status_code == 200
    assert one(world, world.f1)["id"] == int(world.f1["order_id"])


def test_pipelined_requests_are_answered_in_their_order(world: World, raw: RawConnection) -> None:
    erp = fresh_erp()
    push = raw_post(WRITE, json.dumps([item(erp_order_id=erp)]).encode(), authorization(world), "X-Request-Id: one")
    read = raw_post(GET, json.dumps([{"erp_order_id": erp}]).encode(), authorization(world), "X-Request-Id: two")
    raw.send(push + read + get_request(world, "X-Request-Id: three") + b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
    answers = [raw.answer() for _ in range(4)]
    assert [answer.headers["x-request-id"] for answer in answers[:3]] == ["one", "two", "three"]
    assert [answer.status for answer in answers] == [200] * 4
    made, found = json.loads(answers[0].body)[0], json.loads(answers[1].body)
    assert found["message"]["id"] == made["order_id"]  # the read sees the write acknowledged before it
    assert answers[3].body == b'{"status":"ok"}'


def test_a_pipeline_goes_on_after_a_refusal(world: World, raw: RawConnection) -> None:
    raw.send(raw_post(GET, b"[{", authorization(world)) + raw_post(GET, b"[]", "X-Request-Id: b") + get_request(world))
    assert [raw.answer().status for _ in range(3)] == [400, 401, 200]


def test_a_slow_caller_is_waited_for(world: World, raw: RawConnection) -> None:
    request = get_request(world)
    head, body = request.split(b"\r\n\r\n")
    raw.dribble(head[:60], 0.002)
    raw.send(head[60:] + b"\r\n\r\n")
    raw.dribble(body, 0.005)
    assert raw.answer().status == 200


def test_a_body_in_chunks_is_a_body(world: World, raw: RawConnection) -> None:
    body = json.dumps([{"order_id": world.f1["order_id"]}]).encode()
    head = f"POST {GET} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n{authorization(world)}\r\n\r\n"
    raw.send(head.encode())
    for part in (body[:5], body[5:]):
        raw.send(f"{len(part):x}\r\n".encode() + part + b"\r\n")
        time.sleep(0.01)
    raw.send(b"0\r\n\r\n")
    answer = raw.answer()
    assert (answer.status, json.loads(answer.body)["status"]) == (200, "success")


def test_chunks_without_end_are_cut_off(world: World, raw: RawConnection) -> None:
    head = f"POST {WRITE} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n{authorization(world)}\r\n\r\n"
    raw.send(head.encode())
    part = b"100000\r\n" + b" " * 0x100000 + b"\r\n"
    with suppress(ConnectionError):  # it may close while we are still sending
        for _ in range(20):
            raw.send(part)
    try:
        answer = raw.answer()
    except ConnectionError:
        return assert_alive(world)
    assert (answer.status, json.loads(answer.body)["Error"]) == (413, "PayloadTooLarge")
    return assert_alive(world)


def test_no_body_at_all_is_no_json(world: World, raw: RawConnection) -> None:
    raw.send(f"POST {WRITE} HTTP/1.1\r\nHost: x\r\n{authorization(world)}\r\n\r\n".encode())
    answer = raw.answer()
    assert (answer.status, json.loads(answer.body)["Error"]) == (400, "MalformedBody")


def test_a_caller_may_ask_before_it_sends(world: World, raw: RawConnection) -> None:
    head, body = get_request(world, "Expect: 100-continue").split(b"\r\n\r\n")
    raw.send(head + b"\r\n\r\n")
    assert raw.answer(without_body=True).status == 100
    raw.send(body)
    assert raw.answer().status == 200


def test_old_and_closing_callers_are_answered(world: World) -> None:
    for request in (get_request(world, "Connection: close"), get_request(world).replace(b"HTTP/1.1", b"HTTP/1.0")):
        with RawConnection(world.server.port) as connection:
            connection.send(request)
            assert connection.answer().status == 200
            assert connection.is_closed()


def test_blanks_around_a_credential_do_not_matter(world: World, raw: RawConnection) -> None:
    body = json.dumps([{"order_id": world.f1["order_id"]}]).encode()
    for value in (f"  {basic(world.keys['K'])}  ", f"\t{world.keys['K']} "):
        raw.send(raw_post(GET, body, f"Authorization:{value}"))
        assert raw.answer().status == 200
    raw.send(raw_post(GET, body, "Authorization:  ", f"x-api-key: {world.keys['K']}"))
    assert raw.answer().status == 200


def test_two_credentials_of_one_name_do_not_help_each_other(world: World, raw: RawConnection) -> None:
    raw.send(raw_post(GET, b"[{}]", "Authorization: nonsense", authorization(world)))
    assert raw.answer().status in (400, 401)


BROKEN = {
    "no HTTP": b"hello\r\n\r\n",
    "a TLS greeting": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(60),
    "no version": b"GET /healthz\r\n\r\n",
    "a negative length": b"POST /x.html HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
    "two lengths": b"POST /x.html HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n[]x",
    "a length in words": b"POST /x.html HTTP/1.1\r\nHost: x\r\nContent-Length: two\r\n\r\n[]",
    "length and chunks": (
        b"POST /x.html HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
    ),
    "a broken chunk": b"POST /x.html HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n[]\r\n0\r\n\r\n",
    "a space in a header name": b"GET /healthz HTTP/1.1\r\nHost: x\r\nbad name: 1\r\n\r\n",
    "a NUL in a header": b"GET /healthz HTTP/1.1\r\nHost: x\r\na: \0\r\n\r\n",
    "a raw byte in the path": b"GET /\xff\xfe HTTP/1.1\r\nHost: x\r\n\r\n",
    "a path that leaves": b"GET /../../etc/passwd HTTP/1.1\r\nHost: x\r\n\r\n",
    "the caller gone": b"POST /x.html HTTP/1.1\r\nHost: x\r\nContent-Length: 200\r\n\r\n[{",
    "a stray percent": b"GET /api/v1/orders/%zz%2 HTTP/1.1\r\nHost: x\r\n\r\n",
    "many header lines": b"GET /healthz HTTP/1.1\r\nHost: x\r\n" + b"a: b\r\n" * 500 + b"\r\n",
    "a host with odd signs": b"GET /healthz HTTP/1.1\r\nHost: a b@[::\r\n\r\n",
}


@pytest.mark.parametrize("kind", BROKEN)
def test_broken_requests_do_no_harm(world: World, kind: str) -> None:
    with RawConnection(world.server.port, timeout=3) as connection:
        connection.send(BROKEN[kind])
        if kind != "the caller gone":
            with suppress(ConnectionError, TimeoutError):  # to close without a word is an answer too
                assert 200 <= connection.answer().status < 500
    assert_alive(world)


@pytest.mark.parametrize("path", FAMILIES)
def test_a_head_has_a_size(world: World, path: str) -> None:
    long_url = call(world, "POST" if "html" in path else "GET", f"{path}?x={'y' * 17_000}")
    assert (long_url.status_code, long_url.json()[FAMILIES[path]]) == (414, "UrlTooLong")
    long_head = call(world, "POST" if "html" in path else "GET", path, headers={"X-Long": "y" * 33_000})
    assert (long_head.status_code, long_head.json()[FAMILIES[path]]) == (431, "HeadersTooLarge")
    fits = call(world, "GET", f"/healthz?x={'y' * 15_000}", headers={"X-Long": "y" * 30_000})
    assert fits.status_code == 200
