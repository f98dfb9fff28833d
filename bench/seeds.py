"""Databases prepared once and copied for each run: accounts, keys, the customers that are already known, loaded orders.

The customers come in as the first user would bring them, by arrays of orders over HTTP, and every answer is read. Where
a case wants more orders than that, loader.py copies them in.
"""

import http.client
import json
import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

from bench import loader, peers, server, templates
from bench.cases import COPIED_UP_TO, Case, Engine, System
from bench.homes import Home
from bench.postgres import BenchError
from bench.wrk import PATH

BATCH = 500


@dataclass(frozen=True)
class Seed:
    """A prepared database and a file with one Authorization header for each of its accounts."""

    name: str
    keys: Path
    known: int
    orders: int = 0
    """Loaded orders: one every SPACING from LOADED_FROM on, with numbers from `first_id` on."""
    cm_id: int = 0
    first_id: int = 1
    numbers: Iterator[int] = field(default_factory=count)
    """A number for each load on it, which keeps the orders of runs in one database apart."""

    def first_key(self) -> str:
        """The Authorization header of its first account."""
        return self.keys.read_text(encoding="ascii").split("\n", 1)[0]

    @property
    def shared(self) -> bool:
        """All runs use the one database: a copy of it would take longer than a run."""
        return self.orders > COPIED_UP_TO


class Seeds:
    """Makes each seed when it is first asked for."""

    def __init__(self, homes: dict[Engine, Home], work: Path) -> None:
        self.homes = homes
        self.work = work
        self.made: dict[tuple[System, Engine, int, int], Seed] = {}

    def of(self, case: Case) -> Seed:
        """The seed that a case starts from; pgbench reads from Orderdock's."""
        system: System = "peer" if case.system == "peer" else "orderdock"
        wanted = (system, case.engine, case.accounts, case.orders)
        if wanted not in self.made:
            name = "_".join(("seed", *(str(part) for part in wanted)))
            home = self.homes[case.engine]
            home.remove(name)
            self.made[wanted] = self._peer(case, name) if system == "peer" else self._make(case, name)
            home.rest(name)
        return self.made[wanted]

    def _peer(self, case: Case, name: str) -> Seed:
        peers.prepare(self.homes[case.engine].make(name), case.known, case.orders)
        return Seed(name, self._file(name, [peers.KEY]), case.known, case.orders)

    def _make(self, case: Case, name: str) -> Seed:
        url = self.homes[case.engine].make(name)
        server.migrate(url, self.work)
        keys = self._accounts(case, url)
        with server.serving(url, 1, self.work) as served:
            if case.orders:
                templates.push(served.port, keys[0])
            else:
                for key in keys:
                    push_customers(served.port, key, case.known)
        file = self._file(name, keys)
        if not case.orders:
            return Seed(name, file, case.known)
        loaded = loader.load(url, case.known, case.orders)
        return Seed(name, file, case.known, case.orders, loaded.cm_id, loaded.first_id)

    def _accounts(self, case: Case, url: str) -> list[str]:
        with ThreadPoolExecutor(os.cpu_count() if case.engine == "postgres" else 1) as pool:
            # the first alone: it also makes the file of the secret that all keys are hashed with
            keys = [server.new_account(url, "bench0", self.work)]
            names = [f"bench{number}" for number in range(1, case.accounts)]
            return keys + list(pool.map(lambda name: server.new_account(url, name, self.work), names))

    def _file(self, name: str, keys: list[str]) -> Path:
        file = self.work / f"{name}.keys"
        file.write_text("\n".join(keys) + "\n", encoding="ascii")
        return file


def push_customers(port: int, key: str, known: int) -> None:
    """Make the known customers of one account, by an order each."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    for start in range(1, known + 1, BATCH):
        orders = [first_order(number) for number in range(start, min(start + BATCH, known + 1))]
        headers = {"Authorization": key, "Content-Type": "application/json"}
        connection.request("POST", PATH, json.dumps(orders, separators=(",", ":")), headers)
        answer = connection.getresponse()
        body = answer.read()
        if answer.status != 200 or not all_good(body, len(orders)):
            raise BenchError(f"preparing customers: {answer.status} {body[:600].decode(errors='replace')}")
    connection.close()


def all_good(body: bytes, items: int) -> bool:
    """Whether an answer is one success for each item."""
    said = json.loads(body)
    return isinstance(said, list) and len(said) == items and all(one.get("status") == "success" for one in said)


def first_order(number: int) -> dict[str, Any]:
    """The first order of a known customer; name, phone and e-mail as load/orders.lua and limit/schema.sql say them."""
    line = {"sku_id": "LAMP-100", "product_name": "Desk lamp, brushed steel", "rate": "500", "quantity": "1"}
    bulb = {"sku_id": "BULB-7W", "product_name": "LED bulb 7 W, warm white", "rate": "100", "quantity": "1"}
    return {
        "customer_name": f"Customer {number}",
        "phone": str(9_800_000_000 + number),
        "email_id": f"c{number}@example.com",
        "create_date": "2026-05-01 09:00",
        "address": "12 Lake View Road, Bengaluru",
        "zip_code": "560001",
        "payment_mode": "cash",
        "order_status": "AP",
        "order_type": "web",
        "grand_total": "600",
        "erp_order_id": f"FIRST-{number}",
        "product_details": [line, bulb],
    }
