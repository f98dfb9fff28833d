"""The order in which a request is judged: of two faults the earlier one of the chain is told (contract 1.4)."""

from typing import Any

import pytest

from tests.http import RawConnection, raw_post
from tests.world import (
    EVENTS,
    GET,
    ORDERS,
    PULL,
    WRITE,
    WRONG_KEY,
    World,
    basic,
    call,
    faults,
    item,
    new_key,
    post,
)

OTHER_HOST = {"Host": "other.example.com"}
BAD_ENCODING = {"Content-Encoding": "br"}
BROKEN = b'[{"order_id":'


def told(
    world: World, method: str, path: str, body: Any, key: str | None, headers: dict[str, str] | None = None
) -> tuple[int, str]:
    """(status, code of the first entry) of a refused request."""
    answer = call(world, method, path, body, key=key, headers=headers)
    return answer.status_code, answer.json()["errors"][0]["code"]


@pytest.mark.parametrize(
    ("method", "path", "body", "key", "headers", "expected"),
    [
        ("PUT", "/nothing.html", b"", None, {}, (404, "NotFound")),
        ("GET", WRITE, None, WRONG_KEY, {}, (405, "MethodNotAllowed")),
        ("POST", WRITE, BROKEN, WRONG_KEY, BAD_ENCODING, (401, "AuthKeyInvalid")),
        ("POST", GET, BROKEN, "Kexp", OTHER_HOST, (401, "APIExpired")),
        ("POST", GET, BROKEN, "Kip", OTHER_HOST, (401, "AccountMismatch")),
        ("POST", GET, BROKEN, "Kip", BAD_ENCODING, (403, "IpNotAllowed")),
        ("POST", GET, BROKEN, "K", BAD_ENCODING, (415, "UnsupportedEncoding")),
        ("POST", PULL, BROKEN, "Kget", {}, (400, "MalformedBody")),
        ("POST", PULL, [{"cmId": 2469}, {}], "Kget", {}, (413, "TooManyItems")),
        ("POST", GET, [{"cmId": 2469}] * 1001, "Kpush", {}, (413, "TooManyItems")),
        ("POST", WRITE, [{"cmId": 2469}] * 1001, "Kget", {}, (413, "TooManyItems")),
        ("POST", PULL, [{"cmId": 2469}], "Kget", {}, (401, "AccountMismatch")),
        ("POST", WRITE, [{"cmId": 2469, "order_id": "1"}], "Kpush", {}, (401, "AccountMismatch")),
        ("POST", f"{WRITE}?dry_run=maybe", [{"order_id": "1"}], "Kpush", {}, (403, "OperationNotAllowed")),
        ("POST", f"{WRITE}?dry_run=maybe", [{"phone": ""}], "K", {}, (400, "InvalidParameter")),
        ("POST", PULL, [{"start_date": "x"}], "Kget", {}, (403, "OperationNotAllowed")),
        ("GET", f"{EVENTS}?after=x", None, "Kget", {}, (403, "OperationNotAllowed")),
        ("GET", f"{ORDERS}x", None, "Kpush", {}, (403, "OperationNotAllowed")),
        ("GET", f"{EVENTS}?after=x", None, "Kexp", {}, (401, "APIExpired")),
        ("GET", f"{ORDERS}1", None, "Kip", OTHER_HOST, (403, "AccountMismatch")),
    ],
)
def test_the_earlier_fault_is_told(
    world: World, method: str, path: str, body: Any, key: str | None, headers: dict[str, str], expected: tuple[int, str]
) -> None:
    assert told(world, method, path, body, key, headers) == expected


def test_a_declared_size_is_judged_before_the_credential(world: World) -> None:
    with RawConnection(world.server.port) as connection:
        connection.send(raw_post(WRITE, b"", f"Authorization: {basic(WRONG_KEY)}", length=300 << 20))
        answer = connection.answer()
    assert answer.status == 413
    assert b'"PayloadTooLarge"' in answer.body


def test_the_shape_of_the_items_is_judged_before_their_content(world: World) -> None:
    answer = post(world, WRITE, b'"text"')
    assert (answer.status_code, answer.json()["Error"]) == (400, "MalformedBody")
    assert post(world, WRITE, [], key=new_key(world, operations=("order.get",))).json()["Error"] in (
        "EmptyRequest",
        "OperationNotAllowed",
    )


def test_within_the_items_all_faults_are_told(world: World) -> None:
    bad = item(
        create_date="x",
        grand_total="y",
        source_version="z",
        product_details=[{"rate": "a", "quantity": "-1"}, {"discount": "b"}],
    )
    answer = post(world, WRITE, [bad, {"amount_paid": "-1", "cheque_date": "x"}]).json()
    assert faults(answer[0]) == [
        ("InvalidDate", "[0].create_date"), ("InvalidAmount", "[0].grand_total"),
        ("InvalidNumber", "[0].source_version"), ("InvalidAmount", "[0].product_details[0].rate"),
        ("InvalidNumber", "[0].product_details[0].quantity"), ("InvalidAmount", "[0].product_details[1].discount"),
    ]  # fmt: skip
    assert {code for code, _ in faults(answer[1])} == {"ReqFieldMissing", "AmountNotPositive", "InvalidDate"}
