"""No credential is found in anything that a server, its database, its answers or its commands leave behind.

Each secret is put where a caller could put it, at every address, while all is well and while the database fails.
Then everything is searched for it, in every form of `secrets.forms`. A control plants secrets and finds them all.
"""

import base64
import json
import os
import pkgutil
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pytest
import sqlalchemy as sa

from orderdock import web
from orderdock.accounts.actions import new_secret
from tests.api.secrets import Grep, files, forms, unpacked
from tests.engines import PostgresServer
from tests.http import RawConnection, ServerProcess

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

ADOPTED = "kap-7f0c92fa+c3d14e/91b2-4d3a&b17e"
PASSWORD = "correct horse+battery/staple"
DATABASE_PASSWORD = "pg4pass8word2of6tests0long"
ACCOUNT = ("--account", "lamps")
ADDRESSES = ("/readyz", "/metrics", "/openapi.json", "/docs", "/nothing/at/all", "/nothing.html")
SECRET_FILE = "orderdock.secret"
# Here a credential is sent in every form; elsewhere in one, since all addresses read it alike.
THOROUGH = ("/add-update-order-from-other-source.html", "/api/v1/events", "/api/v1/orders/")


@dataclass(repr=False)
class House:
    """An installation with its secrets, and everything that it said."""

    database: str
    folder: Path
    secrets: dict[str, str] = field(default_factory=dict)
    said: list[tuple[str, bytes]] = field(default_factory=list)

    def cli(self, *words: str, given: str = "", keep: bool = True) -> str:
        """What a command prints; kept, unless it is the one that shows a secret this once."""
        done = subprocess.run(
            [sys.executable, "-m", "orderdock", *words], cwd=self.folder, env=self.environ(), input=given,
            capture_output=True, text=True, timeout=120, check=False,
        )  # fmt: skip
        if keep:
            self.said.append((f"orderdock {words[:2]}", (done.stdout + done.stderr).encode()))
        return done.stdout

    def environ(self) -> dict[str, str]:
        (self.folder / "tmp").mkdir(exist_ok=True)
        own = {"HOME": str(self.folder), "TMPDIR": str(self.folder / "tmp"), "ORDERDOCK_DATABASE": self.database}
        return {**os.environ, **own, "ORDERDOCK_LOG_LEVEL": "debug", "ORDERDOCK_ACCESS_LOG": "on"}

    def furnish(self) -> None:
        """Make the account with every kind of credential."""
        self.cli("migrate")
        self.cli("account", "create", "--name", "Lamps", "--subdomain", "lamps")
        self.cli("account", "set", *ACCOUNT, "allow_query_key=on")
        for name in ("key", "disabled key"):
            made = self.cli("key", "create", *ACCOUNT, "--name", name, "--operation", "*", "--json", keep=False)
            self.secrets[name] = json.loads(made)["auth_key"]
        self.cli("key", "disable", *ACCOUNT, "--name", "disabled key")
        adopted = ("--name", "adopted key", "--operation", "*", "--adopt", ADOPTED)
        self.cli("key", "create", *ACCOUNT, *adopted, "--json", keep=False)
        login = ("--username", "ops", "--operation", "*", "--password-stdin", "--json")
        self.cli("login", "create", *ACCOUNT, *login, given=PASSWORD, keep=False)
        self.secrets |= {"adopted key": ADOPTED, "password": PASSWORD, "unknown key": new_secret()}
        self.secrets |= {"database password": DATABASE_PASSWORD}
        self.secrets["installation"] = (self.folder / SECRET_FILE).read_text().strip()

    def administer(self) -> None:
        """Run every command that tells something, also wrongly."""
        for what, show in (("key", "list"), ("employee", "list"), ("view", "list"), ("list", "show")):
            for more in ((), ("--json",)):
                self.cli(what, show, *ACCOUNT, *more)
        for command in ("doctor", "doctor --json", "account list --json", "--help"):
            self.cli(*command.split())
        self.cli("key", "create", *ACCOUNT, "--name", "again", "--operation", "*", "--adopt", ADOPTED)
        self.cli(
            "login", "create", *ACCOUNT, "--username", "ops", "--operation", "*", "--password-stdin", given=PASSWORD
        )
        for url in (f"postgresql://u:{DATABASE_PASSWORD}@127.0.0.1:1/x", f"postgres//u:{DATABASE_PASSWORD}@x"):
            self.cli("doctor", "--database", url)
            self.cli("serve", "--database", url)


def addresses() -> dict[str, tuple[str, ...]]:
    """Every address of the product with its methods, from the routes themselves."""
    found: dict[str, tuple[str, ...]] = dict.fromkeys(ADDRESSES, ("GET", "POST"))
    for module in pkgutil.iter_modules(web.__path__):
        for path, route in getattr(import_module(f"orderdock.web.{module.name}"), "ROUTES", {}).items():
            found[path] = route.methods
    return found


def b64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def credentials(name: str, secret: str) -> Iterator[Mapping[str, str]]:
    """Every place and form of 1.3 in which a credential is looked for, and some in which it is malformed."""
    if name == "password":
        yield {"Authorization": f"Basic {b64(f'ops:{secret}')}"}
        yield {"Authorization": f"Basic {b64(f'nobody:{secret}')}"}
        yield {"x-api-key": b64(f"ops:{secret}")}
        yield {"Authorization": f"Basic ops:{secret}"}
        return
    for token in (secret, b64(secret), b64(f"{secret}:"), b64(f"{secret}:x")):
        yield {"Authorization": f"Basic {token}"}
    yield {"Authorization": f"Bearer {secret}"}
    yield {"Authorization": secret}
    yield {"x-api-key": f"Basic {b64(secret)}"}
    yield {"Authorization": f"Digest username={secret}", "Cookie": f"session={secret}"}
    yield {"Authorization": f"Bearer {secret[:-1]}"}


def bodies(secret: str) -> Iterator[bytes]:
    """Bodies that hold a secret, well and badly formed."""
    item = {"phone": "9812345678", "customer_name": "Asha", "erp_order_id": f"SO-{len(secret)}", "api_key": secret}
    for body in (
        [{**item, "remarks": f"key {b64(secret)} of us", "order_id": secret}], [{**item, "associate": {"a": secret}}],
        {"customer_info": item, "order_info": {"auth_key": secret, "create_date": secret}},
    ):  # fmt: skip
        yield json.dumps(body).encode()
    yield f'[{{"api_key": "{secret}"'.encode()


@dataclass(repr=False)
class Caller:
    """Puts secrets everywhere, and keeps every answer."""

    house: House
    http: httpx.Client

    def ask(self, method: str, path: str, body: bytes | None = None, headers: Mapping[str, str] | None = None) -> int:
        """One request; the status of its answer. What httpx does not send at all leaves nothing behind."""
        try:
            answer = self.http.request(method, path, content=body, headers=headers)
        except httpx.TransportError:
            return 0
        head = "".join(f"{name}: {text}\n" for name, text in answer.headers.items())
        self.house.said.append((f"{method} {path.partition('?')[0][:40]}", head.encode() + answer.content))
        return answer.status_code

    def drive(self, *, brief: bool = False) -> set[int]:
        """Every secret in every place at every address; every status that came. `brief`: one place of each kind."""
        names = ("key", "adopted key") if brief else ("key", "disabled key", "adopted key", "unknown key", "password")
        statuses = set()
        for name in names:
            secret = self.house.secrets[name]
            good = next(iter(credentials(name, secret)))
            for address, methods in addresses().items():
                path = f"{address}erp:{quote(secret, safe='')}" if address.endswith("/") else address
                for method in methods:
                    thorough = address in THOROUGH and not brief
                    for headers in credentials(name, secret) if thorough else [good]:
                        body = None if method == "GET" else b'[{"erp_order_id": "SO-1"}]'
                        statuses.add(self.ask(method, path, body, headers))
                    statuses |= self._elsewhere(method, path, secret, good, brief=brief)
        return statuses

    def _elsewhere(self, method: str, path: str, secret: str, good: Mapping[str, str], *, brief: bool) -> set[int]:
        """The secret in the query, the body, the path and in headers where it does not belong."""
        quoted = quote(secret, safe="")
        odd = {
            "X-Request-Id": secret,
            "Idempotency-Key": secret,
            "Referer": f"https://x/?auth_key={quoted}",
            "User-Agent": f"u/{secret}",
        }
        found = {self.ask(method, f"{path}?auth_key={quoted}"), self.ask(method, path, None, {**good, **odd})}
        # What somebody has as a password may also be what is in an order, so only what is no password is never data.
        if secret != PASSWORD and method != "GET":
            for body in list(bodies(secret))[: 1 if brief else 9]:
                found.add(self.ask(method, path, body, good))
        if not brief:
            for query in (
                f"limit={quoted}",
                f"dry_run={quoted}",
                f"{quoted}=1",
                f"erpOrderId={quoted}",
                f"cmId={quoted}",
            ):
                found.add(self.ask(method, f"{path}?{query}", None, good))
            found.add(self.ask(method, f"/{quoted}", None, good))
            found.add(self.ask(method, path, None, {**good, "If-Match": secret, "Prefer": secret}))
        return found

    def send_garbage(self, port: int) -> None:
        """What is no HTTP, and heads that are too large."""
        secret = self.house.secrets["key"]
        for data in (
            f"GET / HTTP/1.1\r\nAuthorization: Bearer {secret}\r\n\r\n", f"POST {secret} \x00\r\n\r\n",
            f"GET /?auth_key={secret}{'x' * 20_000} HTTP/1.1\r\nHost: x\r\n\r\n",
            f"GET /healthz HTTP/1.1\r\nHost: x\r\nA: {secret * 800}\r\nAuthorization: Bearer {secret}\r\n\r\n",
            f"POST /x.html HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\nTransfer-Encoding: {secret}\r\n\r\n",
        ):  # fmt: skip
            with RawConnection(port) as connection, suppress(OSError):
                connection.send(data.encode())
                answer = connection.answer()
                self.house.said.append(("garbage", json.dumps(answer.headers).encode() + answer.body))


@contextmanager
def served(house: House) -> Iterator[tuple[Caller, int]]:
    server = ServerProcess(house.database, house.folder, house.environ())
    with server, httpx.Client(base_url=server.url, timeout=60) as http:
        yield Caller(house, http), server.port


def rows(url: str) -> Iterator[tuple[str, bytes]]:
    """(table, every value of every row), compressed ones unpacked: what no grep of files can see."""
    engine = sa.create_engine(url.replace("postgresql:", "postgresql+psycopg:"))
    with engine.connect() as connection:
        for table in sa.inspect(engine).get_table_names():
            for row in connection.exec_driver_sql(f'SELECT * FROM "{table}"'):
                yield f"table {table}", b"\n".join(map(unpacked, row))
    engine.dispose()


def search(house: House, places: Iterator[tuple[str, bytes]]) -> list[str]:
    """Every (secret, form) that was found, with the place."""
    grep = Grep(house.secrets)
    return sorted({f"{what} in {place}" for place, data in places for what in grep.found(data)})


def check(house: House, *, log: str) -> None:
    """The whole search, and that there was something to search."""
    places = [*house.said, *files(house.folder, but=(SECRET_FILE,)), *rows(house.database)]
    assert search(house, iter(places)) == []
    names = {name for name, _ in places}
    assert {"server.log", "table orders", "table event", "table credential"} <= names
    lines = [json.loads(line) for line in log.splitlines() if line.startswith("{")]
    assert {"started", "request", "a request failed", "stopped"} <= {line["event"] for line in lines}
    asked = [line for line in lines if line["event"] in ("request", "a request failed")]
    assert len(asked) > 200
    assert all(line["request_id"] for line in asked)
    assert any("•" in line["path"] for line in asked)
    # What callers sent beside was kept: it is the credential that is missing, not the order.
    kept = b"".join(data for name, data in places if name == "table orders")
    assert b"SO-50" in kept
    assert "•".encode() in kept


@pytest.fixture
def sqlite_house(tmp_path: Path) -> House:
    house = House(f"sqlite:///{tmp_path}/orderdock.db", tmp_path)
    house.furnish()
    return house


def test_sqlite(sqlite_house: House) -> None:
    house = sqlite_house
    house.administer()
    with served(house) as (caller, port):
        assert {200, 401, 404, 400} <= caller.drive()
        caller.send_garbage(port)
        with sqlite_without(house, "event"):
            assert 500 in caller.drive(brief=True)
        # The log of SQLite is read while it is there: an orderly end takes it away.
        assert search(house, files(house.folder, but=(SECRET_FILE,))) == []
        assert (house.folder / "orderdock.db-wal").stat().st_size > 0
    house.administer()
    check(house, log=(house.folder / "server.log").read_text())


@contextmanager
def sqlite_without(house: House, table: str) -> Iterator[None]:
    """A table is away, so that handlers and writers raise."""
    path = house.database.removeprefix("sqlite:///")

    def rename(old: str, new: str) -> None:
        connection = sqlite3.connect(path, timeout=30)
        connection.execute(f"ALTER TABLE {old} RENAME TO {new}")
        connection.close()

    rename(table, f"{table}_away")
    yield
    rename(f"{table}_away", table)


def test_postgresql(own_postgres: PostgresServer, tmp_path: Path) -> None:
    url = own_postgres.create_database().replace("://orderdock@", f"://orderdock:{DATABASE_PASSWORD}@")
    house = House(url, tmp_path)
    house.furnish()
    house.administer()
    with served(house) as (caller, port):
        assert {200, 401, 404, 400} <= caller.drive()
        caller.send_garbage(port)
        own_postgres.stop("immediate")
        house.administer()
        fail_at_once(caller)
        own_postgres.start()
        assert 200 in caller.drive(brief=True)
    own_postgres.execute("CHECKPOINT")
    check(house, log=(house.folder / "server.log").read_text())
    own_postgres.stop()
    assert search(house, files(own_postgres.root)) == []
    # The role's name stands there, so it is the right place that was searched.
    assert any(b"orderdock" in data for _, data in files(own_postgres.root))


def fail_at_once(caller: Caller) -> None:
    """Requests while the database is away, side by side: a write is tried for a while before it fails."""
    house, todo = caller.house, []
    for name in ("key", "adopted key"):
        secret = house.secrets[name]
        headers = {**next(iter(credentials(name, secret))), "X-Request-Id": secret}
        for path, methods in addresses().items():
            todo += [(method, path, None if method == "GET" else next(bodies(secret)), headers) for method in methods]
    ask: Callable[[Any], int] = lambda one: caller.ask(*one)  # noqa: E731  # the one line that it is
    with ThreadPoolExecutor(8) as pool:
        assert {500, 503} & set(pool.map(ask, todo))


def test_the_control_a_planted_secret_is_found_in_every_form_and_place(sqlite_house: House) -> None:
    house = sqlite_house
    for name, secret in house.secrets.items():
        grep = Grep({name: secret})
        for form, text in forms(secret).items():
            assert f"{name}, {form}" in grep.found(b"before " + text + b" behind")
        for before in ("", "x", "xy", "user:"):
            planted = base64.b64encode(f'{before}{secret}", and more'.encode())
            assert any("base64 at" in what for what in grep.found(planted)), (name, before)
        assert grep.found(b"nothing here") == []
    hidden = house.folder / "tmp" / ".hidden"
    hidden.write_bytes(b"log " + base64.b64encode(f"ops:{PASSWORD}".encode()))
    assert any("password" in what for what in search(house, files(house.folder, but=(SECRET_FILE,))))
    hidden.unlink()
    assert [what for what in search(house, files(house.folder)) if "installation, plain" in what] == [
        f"installation, plain in {SECRET_FILE}"
    ]
    path = house.database.removeprefix("sqlite:///")
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE account SET name = ?", (house.secrets["key"],))
    connection.close()
    assert "key, plain in table account" in search(house, rows(house.database))
    assert any("orderdock.db" in what for what in search(house, files(house.folder, but=(SECRET_FILE,))))
    shutil.rmtree(house.folder / "tmp")
