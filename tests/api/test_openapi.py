"""The documents as they are served, and the server held against them (contract 2.19, 2.20)."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.conform import check
from tests.unit.test_openapi import body_of
from tests.world import WRITE, World, basic, call, cli, faults, fresh_phone, line, new_key, post, running

Json = dict[str, Any]
CURRENT = "/api/v1/keys/current/openapi.json"
CHECKS = [
    not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance,
    response_headers_conformance,
]  # fmt: skip
# Examples an operation: enough to meet every member, and quick.
EXAMPLES = 40


def mandatory_key(world: World) -> str:
    return new_key(
        world, operations=("order.push", "order.get"), mandatory=("phone", "zip_code", "product_details[].sku_id")
    )


def of_key(world: World, key: str) -> Json:
    answer = call(world, "GET", CURRENT, key=key)
    assert answer.status_code == 200
    made: Json = answer.json()
    return made


def test_without_a_credential_everything_is_told(world: World) -> None:
    answer = call(world, "GET", "/openapi.json", key=None)
    made = answer.json()
    assert (answer.status_code, made["openapi"]) == (200, "3.1.0")
    assert {WRITE, "/api/v1/orders/{id}", "/healthz", "/docs"} <= set(made["paths"])
    assert "cache-control" not in answer.headers


def test_with_a_credential_only_what_it_may_do_is_told(world: World) -> None:
    answer = call(world, "GET", "/openapi.json", key="Kpay")
    assert answer.headers["cache-control"] == "no-store"
    assert "LegacyPayment" in answer.json()["components"]["schemas"]
    assert "LegacyPush" not in answer.json()["components"]["schemas"]
    assert of_key(world, "Kpay") == answer.json()


@pytest.mark.parametrize("key", ["Kdis", "Kexp", "od" + "0" * 48])
def test_a_wrong_credential_is_refused_where_none_is_needed(world: World, key: str) -> None:
    assert call(world, "GET", "/openapi.json", key=key).status_code == 401
    assert call(world, "GET", CURRENT, key=key).status_code == 401


def test_the_document_of_a_key_needs_its_credential(world: World) -> None:
    assert call(world, "GET", CURRENT, key=None).status_code == 401


@pytest.mark.parametrize("path", ["/openapi.json", "/docs"])
def test_what_is_known_is_not_sent_again(world: World, path: str) -> None:
    tag = call(world, "GET", path, key=None).headers["etag"]
    again = call(world, "GET", path, key=None, headers={"If-None-Match": tag})
    assert (again.status_code, again.content) == (304, b"")
    assert call(world, "HEAD", path, key=None).status_code == 200


def test_the_page_needs_nothing_from_elsewhere(world: World) -> None:
    answer = call(world, "GET", "/docs", key=None)
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    policy = answer.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'")
    assert "style-src 'sha256-" in policy
    assert "<script" not in answer.text
    assert " style=" not in answer.text
    assert "src=" not in answer.text
    assert "http://" not in answer.text
    assert "product_details" in answer.text


def test_what_the_schema_of_a_key_refuses_the_server_refuses_too(world: World) -> None:
    key = mandatory_key(world)
    made = of_key(world, key)
    lines = [{"product_name": "Lamp", "rate": "1"}, {"product_name": "Shade", "sku_id": ""}]
    body = [{"customer_name": "Asha", "email_id": "a@example.com", "product_details": lines}]
    assert not body_of(made).is_valid(body)
    answer = post(world, WRITE, body, key=key)
    assert faults(answer.json()) == [
        ("ReqFieldMissing", "[0].phone"),
        ("ReqFieldMissing", "[0].zip_code"),
        ("ReqFieldMissing", "[0].product_details[0].sku_id"),
        ("ReqFieldMissing", "[0].product_details[1].sku_id"),
    ]
    good = [{"phone": fresh_phone(), "pincode": 411001, "product_details": [line()]}]
    assert body_of(made).is_valid(good)
    assert post(world, WRITE, good, key=key).json()[0]["outcome"] == "created"


def test_the_examples_of_a_key_are_taken(world: World) -> None:
    made = of_key(world, mandatory_key(world))
    example = made["paths"][WRITE]["post"]["requestBody"]["content"]["application/json"]["example"]
    answer = post(world, WRITE, [{**example[0], "erp_order_id": f"SO-{fresh_phone()}"}])
    assert answer.json()[0]["outcome"] == "created"


def test_the_command_line_describes_a_key(world: World) -> None:
    name = "erp described"
    options = ["--account", world.a.subdomain, "--name", name]
    cli(world, "key", "create", *options, "--operation", "order.push", "--mandatory", "phone")
    page = cli(world, "key", "docs", *options, "--url", "https://lamps.example.com")
    assert page.startswith(f"# Orderdock for {name}\n")
    assert "`phone`" in page
    assert "curl 'https://lamps.example.com/add-update-order-from-other-source.html'" in page
    made = json.loads(cli(world, "key", "docs", *options, "--format", "openapi"))
    assert next(iter(made["paths"])) == WRITE
    schemas = json.loads(cli(world, "key", "docs", *options, "--format", "schema"))
    assert list(schemas) == ["order.push"]
    assert schemas["order.push"]["$defs"]["LegacyPush"]["required"] == ["phone"]


def held(world: World, made: Json, key: str) -> int:
    """Calls every operation of a document with generated requests; fails where an answer is not as it says."""
    schema = schemathesis.openapi.from_dict(made)
    schema.config.update(base_url=world.server.url)
    seen = []
    for found in schema.get_all_operations():
        assert isinstance(found, Ok)
        operation = found.ok()

        @seed(1)
        @settings(
            max_examples=EXAMPLES, deadline=None, database=None, phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )  # fmt: skip
        @given(case=operation.as_strategy())
        def answers_as_documented(case: schemathesis.Case[Any]) -> None:
            answer = case.call_and_validate(headers={"Authorization": basic(key)}, checks=CHECKS)
            seen.append(answer.status_code)

        answers_as_documented()
    assert seen
    assert 200 in seen
    return len(seen)


@pytest.fixture(scope="module")
def alone(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A world of its own for generated requests, on SQLite; at its end the log of the server must be clean."""
    directory = tmp_path_factory.mktemp("generated")
    with running(f"sqlite:///{shutil.copyfile(sqlite_template, directory / 'orderdock.db')}", directory) as made:
        yield made


def test_answers_to_generated_requests_are_as_the_whole_document_says(alone: World) -> None:
    made = call(alone, "GET", "/openapi.json", key=None).json()
    assert held(alone, made, alone.a.key) >= 10 * EXAMPLES


def test_answers_to_generated_requests_are_as_the_document_of_a_key_says(alone: World) -> None:
    key = mandatory_key(alone)
    assert held(alone, of_key(alone, key), key) >= 3 * EXAMPLES


def test_a_failure_that_is_not_documented_is_caught(world: World) -> None:
    answer = post(world, WRITE, [{}])
    check(answer)
    other = httpx.Response(200, json={"Message": 5}, headers={"x-request-id": "1"}, request=answer.request)
    with pytest.raises(AssertionError):
        check(other)
