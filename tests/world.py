"""One small world: a running server with two accounts, their keys and people, and plain functions to call it.

Everything is made the way an administrator or a caller makes it. A test takes fresh phones and order numbers
(`item()`), or an account or key of its own, so that no test disturbs another.
"""

import base64
import json
import shutil
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import count
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import pytest
from typer.testing import CliRunner

from orderdock.accounts import actions
from orderdock.accounts.actions import Admin
from orderdock.accounts.decide import Hasher
from orderdock.cli import app
from orderdock.db import Database
from orderdock.events.actions import record
from tests.conftest import ENGINES
from tests.engines import PostgresServer
from tests.http import ServerProcess

Json = dict[str, Any]

WRITE = "/add-update-order-from-other-source.html"
PULL = "/select-order-between-start-and-end-dates.html"
GET = "/search-order-by-order-id.html"
CUSTOMER = "/add-update-customer-from-other-source.html"
GET_CUSTOMER = "/search-customer-by-customer-id.html"
PULL_CUSTOMERS = "/select-customer-between-start-and-end-dates.html"
ENQUIRY = "/add-update-enquiry-from-other-source.html"
ORDERS = "/api/v1/orders/"
ADD_UPDATE = "/ms/customer/order/api/v1/add-update"
EVENTS = "/api/v1/events"

ADDED = "Order Added Successfully"
PAID = "payment against order updated successfully."
PUSH_FAILED = "Order Creation Failed..."
UPDATE_FAILED = (
    "Order Id Or Enquiry Id Or Customer Id Or Customer Name Or Customer Code And Email Id or Phone required."
)
PAYMENT_FAILED = "(customer Id and order Id) or (payment Id) required and Paid amount should be greater than zero"
WRONG_KEY = "od" + "0" * 41 + "1xfghpw"  # the contract's test vector: never issued
SECRET = "the secret of the tests' installation"
OPS_PASSWORD = "correct horse battery"
EIGHT_KEYS = [
    "Enquiry Id", "Order Id", "kapture_customer_id", "message", "order_id", "enquiry_id", "Kapture Customer Id",
    "status",
]  # fmt: skip

_serial = count(1)


class Tenant(NamedTuple):
    """An account, and a key of it that may do everything."""

    cm_id: int
    subdomain: str
    key: str


@dataclass(repr=False)
class World:
    """A running server and what is in it: accounts A and B, keys by their names in the contract, employees by code."""

    server: ServerProcess
    http: httpx.Client
    admin: Admin
    a: Tenant
    b: Tenant
    keys: dict[str, str] = field(default_factory=dict)
    people: dict[str, int] = field(default_factory=dict)
    f1: Json = field(default_factory=dict)
    f2: Json = field(default_factory=dict)
    secrets: list[str] = field(default_factory=list)

    def __repr__(self) -> str:
        return f"<world on {self.admin.database.engine}>"


# --- calling ---------------------------------------------------------------------------------------------------------


def basic(secret: str) -> str:
    return "Basic " + base64.b64encode(secret.encode()).decode()


Headers = Mapping[str, str] | Mapping[str, bytes]


def call(
    world: World, method: str, path: str, body: Any = None, *, key: str | None = "K", headers: Headers | None = None
) -> httpx.Response:
    """One request. `key` is a key's name in the world, or a secret; bytes are sent as they are, others as JSON."""
    sent: dict[str, str | bytes] = dict(headers or {})
    if key is not None and "Authorization" not in sent:
        sent["Authorization"] = basic(world.keys.get(key, key))
    encoded = [(name.encode(), text if isinstance(text, bytes) else text.encode()) for name, text in sent.items()]
    content = body if body is None or isinstance(body, bytes) else json.dumps(body, ensure_ascii=False).encode()
    return world.http.request(method, path, content=content, headers=encoded)


def post(
    world: World, path: str, body: Any, *, key: str | None = "K", headers: Headers | None = None
) -> httpx.Response:
    return call(world, "POST", path, body, key=key, headers=headers)


def write(world: World, *items: Any, key: str = "K", headers: Headers | None = None) -> httpx.Response:
    """Items as one array on the path of push, update and payment."""
    return post(world, WRITE, list(items), key=key, headers=headers)


# --- pushing, paying, looking ----------------------------------------------------------------------------------------


def fresh_phone() -> str:
    return f"98{next(_serial):08d}"


def fresh_erp() -> str:
    return f"SO-T{next(_serial)}"


def fresh_word(word: str) -> str:
    return f"{word}{next(_serial)}"


def item(**fields: Any) -> Json:
    """An order to push, of a new customer under a new number of its own. A field given as None is left out."""
    whole = {"customer_name": "Asha", "phone": fresh_phone(), "erp_order_id": fresh_erp(), **fields}
    return {name: value for name, value in whole.items() if value is not None}


def line(**fields: Any) -> Json:
    return {"sku_id": "A-1", "product_name": "Lamp", "rate": "1000", "quantity": "1", **fields}


def push(world: World, *, key: str = "K", **fields: Any) -> Json:
    """The answer to a good push of `item(**fields)`."""
    return good(write(world, item(**fields), key=key))


def customer(world: World, *, key: str = "K", **fields: Any) -> Json:
    """The answer to a good push of a customer, with a phone of its own unless another is given."""
    answer = post(world, CUSTOMER, [{"name": "Asha", "phone": fresh_phone(), **fields}], key=key).json()
    assert answer.get("status") == "success", answer
    made: Json = answer
    return made


def enquiry(world: World, *, key: str = "K", **fields: Any) -> Json:
    """The answer to a good push of an enquiry."""
    answer = post(world, ENQUIRY, [fields], key=key).json()
    assert answer.get("status") == "success", answer
    made: Json = answer
    return made


def update(world: World, order: Json, *, key: str = "K", **fields: Any) -> Json:
    """The answer to a good update of an order that an answer named."""
    return good(write(world, {"order_id": order["order_id"], **fields}, key=key))


def pay(world: World, order: Json, amount: str, *, key: str = "K", **fields: Any) -> Json:
    """The answer to a good payment against an order that an answer named."""
    answer: Json = write(world, payment(order, amount, **fields), key=key).json()
    assert answer.get("status") == "success", answer
    return answer


def payment(order: Json, amount: str, **fields: Any) -> Json:
    ids = {"kapture_order_id": order["order_id"], "kapture_customer_id": order["kapture_customer_id"]}
    return {**ids, "amount_paid": amount, **fields}


def good(answer: httpx.Response) -> Json:
    """The one success object of a push or update."""
    body = answer.json()
    assert isinstance(body, list), body
    assert [one.get("status") for one in body] == ["success"], body
    only: Json = body[0]
    return only


def add_update(world: World, body: Any, *, key: str = "K", headers: Headers | None = None) -> httpx.Response:
    """A body on the path of the v1 family that writes orders."""
    return post(world, ADD_UPDATE, body, key=key, headers=headers)


def groups(order: Json | None = None, /, **others: Any) -> Json:
    """A v1 body: a customer of its own, and an order to add unless `order` says otherwise."""
    customer = {"customer_name": "Asha", "phone": fresh_phone()}
    return {"customer_info": customer, "order_info": {} if order is None else order, **others}


def v1_good(answer: httpx.Response) -> Json:
    """The success of an add-update: what stands in `Order`, with the warnings and the message."""
    body: Json = answer.json()
    assert (answer.status_code, body["status"]) == (200, "success"), answer.text
    return {**body["Order"], "message": body["message"], "warnings": body.get("warnings", [])}


def v1_bad(answer: httpx.Response) -> tuple[int, str, list[tuple[str, str]]]:
    """(HTTP status, code, every (code, field)) of a failed add-update."""
    body: Json = answer.json()
    assert list(body) == ["message", "status", "error", "errors"], body
    assert body["status"] == "failed"
    return answer.status_code, body["error"], faults(body)


def added(world: World, order: Json | None = None, /, *, key: str = "K", **others: Any) -> Json:
    """The answer to a good add-update of `groups(...)`."""
    return v1_good(add_update(world, groups(order, **others), key=key))


def get(world: World, order: Json, *, key: str = "K", **fields: Any) -> Json:
    """An order as legacy get prints it."""
    body = post(world, GET, [{"order_id": order["order_id"], **fields}], key=key).json()
    assert body.get("status") == "success", body
    message: Json = body["message"]
    return message


def one(world: World, order: Json, *, key: str = "K", history: bool = False) -> Json:
    """An order as v1 prints it."""
    answer = call(world, "GET", f"{ORDERS}{order['order_id']}{'?includeHistory=true' if history else ''}", key=key)
    assert answer.status_code == 200, answer.text
    body: Json = answer.json()
    return body


def pull(world: World, *, key: str = "K", **fields: Any) -> Json:
    """A page of legacy pull, or its failure."""
    answer = post(world, PULL, [fields], key=key)
    assert answer.status_code == 200, answer.text
    body: Json = answer.json()
    return body


def ids(page: Json) -> list[str]:
    """The numbers of the orders of a page, in its order."""
    return [order["id"] for order in page["orders"]]


def events(world: World, query: str = "", *, key: str = "K") -> Json:
    answer = call(world, "GET", f"{EVENTS}?limit=1000&{query}", key=key)
    assert answer.status_code == 200, answer.text
    body: Json = answer.json()
    return body


def told(world: World, order: Json, *, key: str) -> list[str]:
    """The types of the events of an order, oldest first; for accounts with a short feed."""
    return [event["type"] for event in events(world, key=key)["events"] if str(event["orderId"]) == order["order_id"]]


def faults(failure: Json) -> list[tuple[str, str]]:
    """(code, field) of everything that a failure tells, in its order."""
    assert isinstance(failure, dict), failure
    assert "errors" in failure, failure
    return [(entry["code"], entry["field"]) for entry in failure["errors"]]


def warned(success: Json) -> list[tuple[str, str]]:
    """(code, field) of the warnings of a success."""
    return [(entry["code"], entry["field"]) for entry in success.get("warnings", [])]


# --- administering ---------------------------------------------------------------------------------------------------


def new_account(world: World, **options: str) -> Tenant:
    """An account of the test's own, with a key that may do everything."""
    subdomain = fresh_word("shop")
    account = actions.create_account(world.admin, name="Shop", subdomain=subdomain, options=options)
    return Tenant(account.cm_id, subdomain, new_key(world, account.cm_id))


def new_key(
    world: World, cm_id: int = 0, operations: tuple[str, ...] = ("*",), mandatory: tuple[str, ...] = (),
    owner: str | None = None, **options: str,
) -> str:  # fmt: skip
    """A key of an account (A when none is named)."""
    issued = actions.create_key(
        world.admin, cm_id or world.a.cm_id, name=fresh_word("key"), operations=operations, mandatory=mandatory,
        options=options, owner=owner,
    )  # fmt: skip
    world.secrets += [issued.auth_key, issued.authorization]
    return issued.auth_key


def new_group(world: World, members: int, cm_id: int = 0) -> tuple[str, list[int]]:
    """A group of new employees, who take turns: its name, and their numbers in order."""
    name = fresh_word("group")
    codes = [fresh_word("M") for _ in range(members)]
    people = [
        actions.create_employee(world.admin, cm_id or world.a.cm_id, code=code, name=code, groups=[name])
        for code in codes
    ]
    return name, [who.id for who in people]


def cli(world: World, *arguments: str) -> str:
    """What `orderdock` prints for a command on this world's database."""
    environ = {"ORDERDOCK_DATABASE": world.server.database, "ORDERDOCK_SECRET": SECRET}
    done = CliRunner().invoke(app, list(arguments), env=environ)
    assert done.exit_code == 0, (done.output, done.exception)
    return done.output


def delete_order(world: World, order: Json) -> None:
    """What the console does when somebody deletes an order of account A."""
    cli(world, "order", "delete", "--account", world.a.subdomain, "--order-id", order["order_id"])


# --- making it -------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="session", params=ENGINES)
def world(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """The world on one engine after the other. At the end the server stops in order, and its log is clean."""
    directory = tmp_path_factory.mktemp(f"world-{request.param}")
    if request.param == "sqlite":
        template: Path = request.getfixturevalue("sqlite_template")
        url = f"sqlite:///{shutil.copyfile(template, directory / 'orderdock.db')}"
    else:
        postgres: PostgresServer = request.getfixturevalue("postgres")
        url = postgres.create_database(request.getfixturevalue("postgres_template"))
    with running(url, directory) as made:
        yield made


@contextmanager
def running(url: str, directory: Path, **environ: str) -> Iterator[World]:
    """A world on a migrated database, for as long as the block runs; afterwards its log must be clean."""
    server = ServerProcess(url, directory, {"ORDERDOCK_SECRET": SECRET, **environ})
    with closing(Database(url)) as database, server, httpx.Client(base_url=server.url, timeout=30) as http:
        made = make(server, http, Admin(database, Hasher(SECRET.encode()), record))
        yield made
    server.check_log(made.secrets)


def make(server: ServerProcess, http: httpx.Client, admin: Admin) -> World:
    """The accounts, people, keys and orders of the contract's fixture (section 5), under numbers of our own."""
    for cm_id, subdomain in ((1000298, "kapdemo"), (2469, "other")):
        actions.create_account(admin, name=subdomain, subdomain=subdomain, cm_id=cm_id)
    world = World(server, http, admin, Tenant(1000298, "kapdemo", ""), Tenant(2469, "other", ""))
    for code, name, email, groups in (
        ("E-7", "Meera", "meera@example.com", []), ("M1", "Mohan", None, ["north"]), ("M2", "Mira", None, ["north"]),
    ):  # fmt: skip
        made = actions.create_employee(admin, world.a.cm_id, code=code, name=name, email=email, groups=groups)
        world.people[code] = made.id
    _make_keys(world)
    world.a, world.b = Tenant(*world.a[:2], world.keys["K"]), Tenant(*world.b[:2], world.keys["KB"])
    f1 = {"customer_name": "ABC", "phone": "9380491257", "email_id": "abc@abc.min", "remarks": "testing",
          "create_date": "1715149492000", "assign_emp_code": "E-7"}  # fmt: skip
    world.f1 = push(world, erp_order_id=None, **f1)
    world.f2 = push(world, erp_order_id="SO-2", customer_name="Guru", product_details=[line(quantity="2")])
    return world


def _make_keys(world: World) -> None:
    for name, operation in {
        "Kpush": "order.push", "Kupd": "order.update", "Kpay": "order.payment", "Kget": "order.get",
    }.items():  # fmt: skip
        world.keys[name] = new_key(world, operations=(operation,))
    world.keys["K"] = new_key(world, owner="E-7")
    world.keys["KB"] = new_key(world, world.b.cm_id)
    world.keys["Kexp"] = new_key(world, expires_on=(date.today() - timedelta(days=2)).isoformat())
    world.keys["Kdis"] = new_key(world, enabled="off")
    world.keys["Kip"] = new_key(world, ip_allow="203.0.113.7")
    world.keys["Kmand"] = new_key(
        world, operations=("order.push",), mandatory=("order.grand_total", "product_details[].sku_id")
    )
    issued = actions.create_login(
        world.admin, world.a.cm_id, username="ops", password=OPS_PASSWORD, operations=["*"], owner="E-7"
    )
    world.secrets += [OPS_PASSWORD, issued.authorization]
