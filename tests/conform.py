"""Whether answers are what the OpenAPI document says: their status, their headers, their body."""

import json
import re
from functools import cache
from typing import Any

import httpx
from jsonschema_rs import Draft202012Validator

from orderdock.wire.openapi import Base, document

Json = dict[str, Any]


@cache
def whole() -> Json:
    """The document of everything, whether it is served already or not."""
    return document(None, Base("test"))


def validator(made: Json, schema: Json) -> Draft202012Validator:
    """A validator of a part of a document."""
    return Draft202012Validator({**schema, "components": made["components"]})


@cache
def _of_answer(path: str, method: str, status: str) -> Draft202012Validator:
    content = whole()["paths"][path][method]["responses"][status]["content"]
    return validator(whole(), content["application/json"]["schema"])


@cache
def _addresses() -> list[tuple[re.Pattern[str], str]]:
    exact = {path: path.replace(".", r"\.").replace("{id}", "[^/]+(?:/[^/]+)*") for path in whole()["paths"]}
    return [(re.compile(exact[path]), path) for path in sorted(exact, key=lambda path: "{id}" in path)]


def path_of(address: str) -> str | None:
    """The documented path that an address is one of; one slash at its end is passed over."""
    address = address.removesuffix("/").removesuffix("/v.2.0")
    return next((path for pattern, path in _addresses() if pattern.fullmatch(address)), None)


@cache
def _of_request(path: str, method: str) -> Draft202012Validator:
    content = whole()["paths"][path][method]["requestBody"]["content"]
    return validator(whole(), content["application/json"]["schema"])


def is_taken(answer: Any) -> bool:
    """Whether everything that was asked for was taken."""
    if isinstance(answer, list):
        return all(map(is_taken, answer))
    return isinstance(answer, dict) and (answer.get("status") == "success" or answer.get("success") == "true")


def strict(body: bytes) -> Any:
    """The value of a body that is JSON as it should be; None for one that is only read leniently."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def check(response: httpx.Response) -> None:
    """Fails when a documented address answers what the document does not say, or takes what it forbids."""
    path, method = path_of(response.request.url.path), response.request.method.lower()
    methods = whole()["paths"].get(path or "", {})
    if method not in methods:
        return
    told = methods[method]["responses"]
    status = str(response.status_code)
    where = f"{method} {path} {status}"
    assert status in told, where
    for name in told[status].get("headers", {}):
        needed = whole()["components"]["headers"][name].get("required")
        assert not needed or name in response.headers, f"{where}: no {name}"
    if "application/json" in told[status].get("content", {}):
        response.read()
        found = _of_answer(path or "", method, status).iter_errors(json.loads(response.text))
        errors = [error.message for error in found]
        assert not errors, f"{where}: {errors[0][:500]}"
        sent = strict(response.request.content)
        if status == "200" and sent and "requestBody" in methods[method] and is_taken(response.json()):
            wrong = [error.message for error in _of_request(path or "", method).iter_errors(sent)]
            assert not wrong, f"{where} was taken: {wrong[0][:2000]}"
