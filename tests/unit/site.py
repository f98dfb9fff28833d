"""A service made of stand-ins: requests are asked of it without a server or a database."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import msgspec

from orderdock.accounts.model import Account, Scope, spell_out
from orderdock.accounts.options import ACCOUNT_OPTIONS, KEY_OPTIONS, defaults
from orderdock.kinds import Locale
from orderdock.orders.model import Verdict
from orderdock.settings import load
from orderdock.web import health, legacy, v1
from orderdock.web.request import (
    Answer,
    Check,
    Credentials,
    Origins,
    Preflights,
    Request,
    Route,
    Routes,
    Service,
    respond,
)
from orderdock.web.server.head import address_of
from orderdock.writer import Submission

WRITE = "/add-update-order-from-other-source.html"
GET = "/search-order-by-order-id.html"
PULL = "/select-order-between-start-and-end-dates.html"
EVENTS = "/api/v1/events"
KEY = {"authorization": "Basic K"}
PUSH = b'[{"phone":"8123456789"}]'


def scope(*operations: str, **changes: Any) -> Scope:
    account, settings = changes.pop("account", {}), changes.pop("settings", {})
    made = Scope(
        cm_id=1000298, subdomain="kapdemo", key_id=1, key_name="erp", kind="key", last4="abcd",
        operations=spell_out(list(operations or ("*",))), mandatory={}, allowed=None,
        account=defaults(ACCOUNT_OPTIONS, account), settings=defaults(KEY_OPTIONS, settings), owner=1, enabled=True,
        expires_at=None, networks=(), locale=Locale(),
    )  # fmt: skip
    return replace(made, **changes)


@dataclass
class Reads:
    """Runs at once what the real one runs in threads; with an `answer` that is what every read finds."""

    answer: Any = None
    works: list[Any] = field(default_factory=list)

    async def aside(self, work: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        return work(*args, **kwargs)

    async def read(self, work: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        self.works.append(work)
        return self.answer if self.answer is not None else work(None, *args, **kwargs)

    look = read


@dataclass
class Writer:
    """Answers every command with a success, or is full, or too far behind with everybody's account."""

    full: bool = False
    late: bool = False
    taken: list[Submission] = field(default_factory=list)

    def is_full(self) -> bool:
        return self.full

    def is_late(self, cm_id: int) -> bool:
        return self.late

    def submit(self, submission: Submission) -> None:
        self.taken.append(submission)
        work = submission.work
        verdicts = [Verdict("created", one, [], one.warnings, 1, 2, 3, 4) for one in work.commands]
        submission.ticket.set_result(work.render(verdicts))


@dataclass
class Site:
    """A service made of stand-ins: keys by their token, accounts by their subdomain."""

    keys: dict[str, Scope] = field(default_factory=lambda: {"K": scope()})
    accounts: dict[str, Account] = field(default_factory=dict)
    proxies: tuple[str, ...] = ()
    writer: Writer = field(default_factory=Writer)
    reads: Reads = field(default_factory=Reads)
    routes: Mapping[str, Route] = field(default_factory=dict)
    lookups: list[str] = field(default_factory=list)
    origins: tuple[str, ...] = ()
    settings: Mapping[str, Any] = field(default_factory=dict)

    def service(self) -> Service:
        async def find(token: str, check: Check) -> Scope | None:
            check()
            self.lookups.append(token)
            return self.keys.get(token)

        async def find_origins() -> frozenset[str]:
            self.lookups.append("origins")
            return frozenset(self.origins)

        async def find_account(label: str) -> Account | None:
            return self.accounts.get(label)

        routes = {**legacy.ROUTES, **v1.ROUTES, **health.ROUTES, **self.routes}
        reads, writer, origins = self.reads, self.writer, Origins(self.proxies, find_account)
        return Service(
            settings=load(self.settings, {}), reads=reads, writer=writer, credentials=Credentials(find),  # type: ignore[arg-type]  # stand-ins
            origins=origins, preflights=Preflights(origins, find_origins), routes=Routes(routes),
        )  # fmt: skip

    def ask(
        self, path: str, body: bytes = b"", method: str = "POST", *, headers: Mapping[str, str] = KEY, **more: Any
    ) -> Answer:
        return self.ask_again(self.service(), path, body, method, headers=headers, **more)

    def ask_again(self, service: Service, path: str, body: bytes = b"", method: str = "POST", **more: Any) -> Answer:
        """Ask a service that was asked before."""
        return asyncio.run(self.respond(service, path, body, method, **more))

    async def respond(
        self, service: Service, path: str, body: bytes = b"", method: str = "POST", **more: Any
    ) -> Answer:
        return await respond(service, request(path, body, method, **more))


def request(
    path: str,
    body: bytes = b"",
    method: str = "POST",
    *,
    headers: Mapping[str, str] = KEY,
    peer: str = "10.0.0.7:51234",
    **more: Any,
) -> Request:
    async def receive(most: int) -> bytes:
        return body

    bare, query = address_of(path.encode())
    made = {"receive": receive, "headers_size": sum(map(len, headers.values())), **more}
    return Request(method, bare, query, {"content-length": str(len(body)), **headers}, peer, **made)


def told(answer: Answer) -> dict[str, Any]:
    decoded: dict[str, Any] = msgspec.json.decode(answer.body)
    return decoded


def code(answer: Answer) -> str:
    return str(told(answer)["errors"][0]["code"])
