"""The laws of the layout (tests/law.py), held; each is also shown to catch a breach.

`python -m tests.test_law` prints the table of CONTRIBUTING.md.
"""

import re
import sys
from collections.abc import Callable, Iterator

import pytest

from tests.law import (
    ARROWS,
    KEEPS,
    OUTSIDE,
    PRODUCT,
    ROOT,
    SRC,
    Source,
    breaches,
    breaks_arrows,
    breaks_colour,
    breaks_keeping,
    breaks_outside,
    breaks_size,
    breaks_tenancy,
    breaks_transactions,
    fits,
    on_tables,
    read_sources,
    tenant_tables,
)


def test_the_law_sees_every_file() -> None:
    seen = {source.path for source in read_sources()}
    assert "src/orderdock/__init__.py" in seen
    assert len(seen) == sum(1 for _ in SRC.rglob("*.py")) > 1


def test_rooms_import_only_what_lies_below_them() -> None:
    assert breaches(breaks_arrows) == []


def test_rooms_import_only_their_own_tools() -> None:
    assert breaches(breaks_outside) == []


def test_transactions_begin_and_end_in_one_file() -> None:
    assert breaches(breaks_transactions) == []


def test_every_tenant_table_has_one_keeper() -> None:
    kept = [table for words in KEEPS.values() for table in words.split()]
    assert len(kept) == len(set(kept))
    assert tenant_tables() <= set(kept)
    assert tenant_tables() or not (SRC / "tables.py").exists()


def test_only_the_keeper_names_a_tenant_table() -> None:
    assert breaches(on_tables(breaks_keeping)) == []


def test_sql_on_a_tenant_table_names_the_tenant() -> None:
    assert breaches(on_tables(breaks_tenancy)) == []


def test_functions_and_files_are_short() -> None:
    assert breaches(breaks_size) == []


def test_async_stands_at_the_edge_only() -> None:
    assert breaches(breaks_colour) == []


TENANT = frozenset({"orders", "event", "account"})
CAUGHT = [
    (breaks_arrows, "orders.decide", "from orderdock.orders import sql"),
    (breaks_arrows, "orders.decide", "from orderdock import db"),
    (breaks_arrows, "orders.decide", "from ..people.actions import find"),
    (breaks_arrows, "orders.sql", "def f():\n    import orderdock.people.model"),
    (breaks_arrows, "people.actions", "from orderdock.orders.actions import find"),
    (breaks_arrows, "wire.v1", "from orderdock.wire import legacy"),
    (breaks_arrows, "web.v1", "from orderdock.web.legacy import route"),
    (breaks_arrows, "web.v1", "from orderdock.orders.sql import find"),
    (breaks_arrows, "kinds", "from orderdock import __version__"),
    (breaks_arrows, "cupboard", "x = 1"),
    (breaks_arrows, "orders.cupboard", "x = 1"),
    (breaks_outside, "orders.decide", "import msgspec"),
    (breaks_outside, "orders.decide", "import time"),
    (breaks_outside, "orders.actions", "from sqlite3 import connect"),
    (breaks_outside, "kinds", "from urllib.request import urlopen"),
    (breaks_outside, "cli", "from importlib import import_module"),
    (breaks_transactions, "group", "tx.commit()"),
    (breaks_transactions, "orders.sql", "run('BEGIN IMMEDIATE')"),
    (breaks_size, "kinds", "def f():\n" + "    x = 1\n" * 50),
    (breaks_size, "kinds", "x = 1\n" * 401),
    (breaks_colour, "writer", "async def f(): ..."),
]
CAUGHT_ON_TABLES = [
    (breaks_keeping, "people.sql", "x = 'SELECT id FROM orders WHERE cm_id = :cm_id'"),
    (breaks_keeping, "people.sql", "x = f'SELECT {a} ' + 'FROM orders WHERE cm_id = :cm_id'"),
    (breaks_keeping, "people.sql", "x = 'select id from orders where cm_id = :cm_id'"),
    (breaks_keeping, "people.sql", "x = run('JOIN orders o ON o.cm_id = :cm_id')"),
    (breaks_keeping, "people.sql", "from orderdock.tables import orders"),
    (breaks_keeping, "people.sql", "from orderdock import tables as t\nx = t.orders.c.id"),
    (breaks_keeping, "group", "x = 'SELECT 1 FROM account WHERE cm_id = :cm_id'"),
    (breaks_tenancy, "orders.sql", "x = 'DELETE FROM orders WHERE id = :id'"),
    (breaks_tenancy, "orders.sql", "x = f'UPDATE orders SET a = {b}'"),
]
GOOD = [
    (breaks_arrows, "orders.decide", "from orderdock.people.model import Customer\nfrom .model import Order"),
    (breaks_arrows, "orders.actions", "from orderdock.events import actions\nfrom . import sql"),
    (breaks_arrows, "kinds.phone", "from orderdock.kinds.text import Text\nfrom . import base"),
    (breaks_outside, "db", "import sqlite3, psycopg, os"),
    (breaks_transactions, "db", "raw.commit()"),
    (breaks_transactions, "writer", "def f():\n    'Runs before COMMIT.'"),
    (breaks_size, "kinds", "def f():\n" + "    x = 1\n" * 49),
    (breaks_colour, "web.legacy", "async def f(): await g()"),
    (on_tables(breaks_keeping), "orders.sql", "x = 'SELECT id FROM orders WHERE cm_id = :cm_id'"),
    (on_tables(breaks_keeping), "people.model", "x = 'Update orders.', 'taken from orders'"),
]


def made_up(room: str, text: str) -> Source:
    module = tuple(room.split("."))
    return Source(f"src/orderdock/{'/'.join(module)}.py", module, text)


@pytest.mark.parametrize(("law", "room", "text"), CAUGHT)
def test_a_breach_is_caught(law: Callable[[Source], Iterator[str]], room: str, text: str) -> None:
    assert list(law(made_up(room, text)))


@pytest.mark.parametrize(("law", "room", "text"), CAUGHT_ON_TABLES)
def test_a_breach_on_tables_is_caught(
    law: Callable[[Source, frozenset[str]], Iterator[str]], room: str, text: str
) -> None:
    assert list(law(made_up(room, text), TENANT))


@pytest.mark.parametrize(("law", "room", "text"), GOOD)
def test_what_is_allowed_passes(law: Callable[[Source], Iterator[str]], room: str, text: str) -> None:
    assert list(law(made_up(room, text))) == []


def rows() -> list[str]:
    """The table of CONTRIBUTING.md."""

    def cell(words: str) -> str:
        return " ".join(f"`{word}`" for word in words.split()) or "nothing of ours"

    def tools(room: str) -> str:
        return cell(next((words for key, words in OUTSIDE.items() if key == room or fits(room, key)), ""))

    shown = [room for room in ARROWS if room not in ("X", "wire", "web", PRODUCT)]
    return [
        f"| `{room}` | {cell(ARROWS[room])} | {tools(room).replace('nothing of ours', '')} |".replace("|  |", "| |")
        for room in shown
    ]


def test_contributing_says_the_same() -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    assert [row for row in rows() if row not in text.splitlines()] == []
    assert set(re.findall(r"\btest_law\.py::(\w+)", text)) <= set(globals())


if __name__ == "__main__":
    sys.stdout.write("\n".join(rows()) + "\n")
