"""What Orderdock writes for one order, as templates: its rows in all tables, with names where a copy differs.

A customer with one order and one paid order come in over HTTP, with numbers that stand nowhere else. Wherever they
stand in what was stored, in a column or inside an event, a copy gets its own. So nothing of the schema is told twice.
"""

import http.client
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg import sql

from bench.postgres import BenchError
from bench.wrk import PATH
from orderdock.tables import metadata

NUMBER, PHONE = 7_777_777, 9_807_777_777
PLAIN, PAID = 5_555_555_551, 5_555_555_552
PLACED = 978_307_200_000
BY_CUSTOMER = {
    "customer": "id = {customer}",
    "customer_identity": "customer_id = {customer}",
    "contact": "customer_id = {customer}",
    "event": "customer_id = {customer} AND order_id IS NULL",
}
BY_ORDER = {
    "enquiry": "id = {enquiry}",
    "orders": "id = {order}",
    "order_line": "order_id = {order}",
    "payment_entry": "order_id = {order}",
    "event": "order_id = {order}",
}
"""Where the rows of a customer, and of an order, are found."""

Connection = psycopg.Connection[tuple[Any, ...]]


@dataclass(frozen=True)
class Template:
    """The rows of one record: for each table the text that COPY reads, with `%(name)d` for what differs."""

    texts: dict[str, str]

    @property
    def events(self) -> int:
        """How many numbers of the event log one copy takes."""
        return self.texts.get("event", "").count("\n")


def push(port: int, key: str) -> None:
    """Make what is copied: a customer with two orders, and a payment of the second."""
    said = ask(port, key, [order(PLAIN)])
    ask(port, key, [order(PAID)])
    payment = {"erp_order_id": f"LOADED-{PAID}", "amount_paid": "150", "payment_mode": "cash"}
    ask(port, key, [{**payment, "kapture_customer_id": said["kapture_customer_id"]}])


def ask(port: int, key: str, body: list[dict[str, Any]]) -> dict[str, Any]:
    """Push one item; returns what is said of it."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request("POST", PATH, json.dumps(body), {"Authorization": key, "Content-Type": "application/json"})
    answer = connection.getresponse().read()
    connection.close()
    said = json.loads(answer)
    said = said[0] if isinstance(said, list) else said
    if said.get("status") != "success":
        raise BenchError(f"preparing what is loaded: {answer[:600].decode(errors='replace')}")
    return dict(said)


def order(number: int) -> dict[str, Any]:
    """An order as load/orders.lua pushes it."""
    line = {"sku_id": "LAMP-100", "product_name": "Desk lamp, brushed steel", "rate": "500", "quantity": "1"}
    bulb = {"sku_id": "BULB-7W", "product_name": "LED bulb 7 W, warm white", "rate": "100", "quantity": "1"}
    return {
        "customer_name": f"Customer {NUMBER}",
        "phone": str(PHONE),
        "email_id": f"c{NUMBER}@example.com",
        "create_date": str(PLACED),
        "address": "12 Lake View Road, Bengaluru",
        "zip_code": "560001",
        "payment_mode": "cash",
        "order_status": "AP",
        "order_type": "web",
        "grand_total": "600",
        "erp_order_id": f"LOADED-{number}",
        "product_details": [line, bulb],
    }


def read(connection: Connection) -> tuple[int, Template, Template, Template]:
    """The account, and the templates of a customer, of an order, and of a paid order."""
    cm_id, names = of_customer(connection)
    plain, paid = (names | of_order(connection, number) for number in (PLAIN, PAID))
    return (
        cm_id,
        template(connection, BY_CUSTOMER, names),
        template(connection, BY_ORDER, plain),
        template(connection, BY_ORDER, paid),
    )


def of_customer(connection: Connection) -> tuple[int, dict[int, str]]:
    """The account, and what the numbers of the template's customer are called."""
    row = one(connection, "SELECT cm_id, id, main_contact_id, created_at FROM customer WHERE phone = %s", str(PHONE))
    return row[0], {row[1]: "customer", row[2]: "contact", row[3]: "date", NUMBER: "number", PHONE: "phone"}


def of_order(connection: Connection, number: int) -> dict[int, str]:
    """What the numbers of a template's order are called."""
    query = "SELECT id, enquiry_id, received_at, modified_at FROM orders WHERE erp_order_id = %s"
    row = one(connection, query, f"LOADED-{number}")
    names = {row[0]: "order", row[1]: "enquiry", row[2]: "date", row[3]: "date", number: "serial", PLACED: "date"}
    for payment in connection.execute("SELECT payment_id, at FROM payment_entry WHERE order_id = %s", [row[0]]):
        names |= {payment[0]: "payment", payment[1]: "date"}
    return names


def one(connection: Connection, query: str, value: str) -> tuple[Any, ...]:
    """The only row of a query."""
    row = connection.execute(query.encode(), [value]).fetchone()
    if row is None:
        raise BenchError(f"the template {value} is not there")
    return row


def template(connection: Connection, where: Mapping[str, str], names: Mapping[int, str]) -> Template:
    """The rows of one record with names in place of its numbers."""
    numbers = {name: number for number, name in names.items()}
    texts = {}
    for table, condition in where.items():
        columns = sql.SQL(", ").join(sql.Identifier(column.name) for column in metadata.tables[table].columns)
        query = sql.SQL("COPY (SELECT {} FROM {} WHERE {} ORDER BY 1, 2, 3) TO STDOUT").format(
            columns, sql.Identifier(table), sql.SQL(condition.format(**numbers))
        )
        with connection.cursor().copy(query) as copy:
            rows = b"".join(copy).decode().splitlines(keepends=True)
        texts[table] = "".join(named(row, names, table, index) for index, row in enumerate(rows))
    return Template({table: text for table, text in texts.items() if text})


def named(row: str, names: Mapping[int, str], table: str, index: int) -> str:
    """A row with names in place of numbers. A phone also stands behind its country's number."""
    text = row.replace("%", "%%").replace(str(PHONE), "%(phone)d")
    if table == "event":
        cm_id, _, rest = text.split("\t", 2)
        text = f"{cm_id}\t%(seq{index})d\t{rest}"

    def name(found: re.Match[str]) -> str:
        known = names.get(int(found[0]))
        return f"%({known})d" if known else found[0]

    return re.sub(r"(?<![\d.])\d{5,17}(?![\d.])", name, text)
