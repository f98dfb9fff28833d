"""Databases prepared once and copied for each run: accounts, keys, and the customers that are already known.

The customers come in as the first user would bring them, by arrays of orders over HTTP, and every answer is read.
"""

import http.client
import json
import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench import server
from bench.cases import Case, Engine
from bench.homes import Home
from bench.postgres import BenchError
from bench.wrk import PATH

BATCH = 500


@dataclass(frozen=True)
class Seed:
    """A prepared database and a file with one Authorization header for each of its accounts."""

    name: str
    keys: Path


class Seeds:
    """Makes each seed when it is first asked for."""

    def __init__(self, homes: dict[Engine, Home], work: Path) -> None:
        self.homes = homes
        self.work = work
        self.made: dict[tuple[Engine, int], Seed] = {}

    def of(self, case: Case) -> Seed:
        """The seed that a case starts from."""
        wanted = (case.engine, case.accounts)
        if wanted not in self.made:
            self.made[wanted] = self._make(case)
        return self.made[wanted]

    def _make(self, case: Case) -> Seed:
        name = f"seed_{case.engine}_{case.accounts}"
        home = self.homes[case.engine]
        home.remove(name)
        url = home.make(name)
        server.migrate(url, self.work)
        with ThreadPoolExecutor(os.cpu_count() if case.engine == "postgres" else 1) as pool:
            # the first alone: it also makes the file of the secret that all keys are hashed with
            keys = [server.new_account(url, "bench0", self.work)]
            names = [f"bench{number}" for number in range(1, case.accounts)]
            keys += pool.map(lambda name: server.new_account(url, name, self.work), names)
        with server.serving(url, 1, self.work) as served:
            for key in keys:
                push_customers(served.port, key, case.known)
        home.rest(name)
        file = self.work / f"{name}.keys"
        file.write_text("\n".join(keys) + "\n", encoding="ascii")
        return Seed(name, file)


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
