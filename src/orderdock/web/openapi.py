"""The documents of the API: OpenAPI for everybody or for one key, and the page made from it (contract 2.19, 2.20)."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Mapping
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path
from typing import Final, NamedTuple

import msgspec
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from orderdock.accounts.model import Scope
from orderdock.web.request import Answer, Call, Route
from orderdock.wire.openapi import Base, Profile, document, profile_of
from orderdock.wire.openapi.page import page_of

# So many documents are kept, a quarter of a megabyte each.
KEPT: Final = 32
_POLICY: Final = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
_HTML: Final = "text/html; charset=utf-8"


class _Made(NamedTuple):
    body: bytes
    tag: str


def _tagged(body: bytes) -> _Made:
    return _Made(body, f'"{hashlib.blake2b(body, digest_size=12).hexdigest()}"')


@lru_cache(maxsize=KEPT)
def _document(profile: Profile | None, base: Base) -> _Made:
    return _tagged(msgspec.json.encode(document(profile, base)))


@lru_cache(maxsize=1)
def _page(base: Base) -> tuple[_Made, str]:
    """The page, and the policy that allows its own style and nothing else."""
    folder = Path(__file__).parent / "templates"
    loader = FileSystemLoader(folder)
    world = Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    style = (folder / "docs.css").read_text(encoding="utf-8")
    text = world.get_template("docs.html").render(style=style, **page_of(document(None, base)))
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    return _tagged(text.encode()), f"{_POLICY}; style-src 'sha256-{digest}'"


def _answer(call: Call, made: _Made, content_type: str = "application/json; charset=utf-8") -> Answer:
    """What was made, or nothing when the caller has it."""
    known = call.request.headers.get("if-none-match", "")
    tags = {tag.strip().removeprefix("W/") for tag in known.split(",")}
    if made.tag in tags or "*" in tags:
        return Answer(304, b"", [("etag", made.tag)])
    return Answer(200, made.body, [("etag", made.tag)], content_type)


def routes(served: Iterable[str]) -> Mapping[str, Route]:
    """The addresses of documents that tell of all addresses `served`, and of these."""
    own = ("/openapi.json", "/docs", "/api/v1/keys/current/openapi.json")
    base = Base(version("orderdock"), served=frozenset((*served, *own)))

    async def of_caller(call: Call) -> Answer:
        # At an open address nobody is known unless a credential was given.
        scope: Scope | None = call.scope
        profile = profile_of(scope) if scope is not None else None
        return _answer(call, await call.reads.aside(_document, profile, base))

    async def page(call: Call) -> Answer:
        made, policy = await call.reads.aside(_page, base)
        answer = _answer(call, made, _HTML)
        answer.headers.append(("content-security-policy", policy))
        return answer

    return {
        "/openapi.json": Route(("GET",), of_caller, open=True, knows=True),
        "/api/v1/keys/current/openapi.json": Route(("GET",), of_caller),
        "/docs": Route(("GET",), page, open=True),
    }
