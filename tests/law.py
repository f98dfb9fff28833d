"""The laws of the layout, read from the sources themselves.

The tables below are the law. Where one turns out wrong, change it here and in CONTRIBUTING.md (`python -m
tests.test_law` prints its table) in one commit, with the reason.
"""

import ast
import importlib
import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SRC = ROOT / "src" / "orderdock"
PRODUCT = "orderdock"

FEATURES = ("accounts", "people", "orders", "events", "requests")
SPLIT = (*FEATURES, "wire", "web")  # their files are rooms of their own: `orders.sql`, `wire.legacy`
OWN = "own.* errors db world"  # db for the type of `tx`
RIM = "X.actions X.model X.query wire.* group writer db settings errors stats"

# room -> the rooms that it may import. X is each feature, `own` the feature that the room belongs to; a room
# may always import itself. The first row that fits a room holds for it.
ARROWS = {
    "kinds": "",
    "errors": "",
    "settings": "kinds",
    "fields": "kinds errors",
    "tables": "fields kinds errors settings",
    "db": "tables fields kinds errors settings",
    "migrations": "tables db fields kinds settings",
    "accounts.options": "kinds errors",
    "accounts.hide": "accounts.decide",  # credentials by their form, for who keeps or logs what callers send
    "world": "",
    "stats": "",  # plain numbers: who does something counts it, whatever floor it stands on
    "orders.model": "fields kinds errors accounts.model people.model",  # what can be asked is one union
    "X.model": "fields kinds errors accounts.model",
    # What is asked of a feature and what comes of it, where the dialects make the one and print the other.
    "X.query": "fields kinds errors accounts.model",
    "accounts.assign": "accounts.model errors world",
    "orders.decide": "X.model fields kinds errors world people.decide accounts.assign",
    # Customers and enquiries have employees who look after them, as orders do.
    "people.decide": "X.model fields kinds errors world accounts.assign",
    "X.decide": "X.model fields kinds errors world",
    # A search of orders joins what people and accounts keep; their sql rooms hand out the pieces.
    "orders.sql": "own.model own.query tables db kinds world accounts.model people.sql accounts.sql",
    "X.sql": "own.model own.query tables db kinds world accounts.model",
    "orders.actions": f"{OWN} people.actions people.model events.actions events.model accounts.actions accounts.model",
    "people.actions": f"{OWN} events.actions events.model accounts.actions accounts.model",
    "events.actions": f"{OWN} accounts.actions accounts.model",
    "requests.actions": f"{OWN} events.actions events.model accounts.model",
    "accounts.actions": OWN,
    "group": "X.decide X.sql X.actions X.model accounts.assign db world errors kinds",
    "writer": "db errors settings stats",
    "wire.openapi": "fields kinds errors X.model X.query wire.*",
    # `body` and `parts` are nobody's dialect: JSON itself, and objects read by the registry.
    "wire.*": "fields kinds errors X.model X.query wire.body wire.parts",
    "web.app": f"{RIM} kinds web.*",
    # What a request leaves behind is decided where it comes in, before and beside the writer.
    "web.request": f"{RIM} requests.decide web.limits",
    "web.*": f"{RIM} web.request web.limits",
    "worker": RIM,
    "client": "wire.* X.model fields errors",
    "cli": f"{RIM} migrations web.app worker",
    "docs": f"{RIM} fields kinds web.app",
    "testing": f"{RIM} cli client",
    "__main__": "cli",
    "X": "",
    "wire": "",
    "web": "",
    PRODUCT: "",
}

# room -> what it may import from outside the standard library, or from the part of it that is guarded.
OUTSIDE = {
    "kinds": "phonenumbers zoneinfo msgspec",
    "tables": "sqlalchemy",
    "db": "psycopg sqlalchemy sqlite3 msgspec",
    "migrations": "alembic sqlalchemy",
    "accounts.options": "phonenumbers zoneinfo",
    "accounts.actions": "argon2",
    "X.model": "msgspec",
    "requests.sql": "sqlalchemy msgspec zstandard",
    "X.sql": "sqlalchemy msgspec",
    "group": "structlog msgspec",
    "writer": "tenacity structlog",
    "wire.sheet": "python_calamine xlsxwriter",
    "wire.*": "msgspec",
    "web.*": "httptools msgspec structlog uvloop jinja2 prometheus_client asyncio",
    "worker": "httpx structlog tenacity standardwebhooks",
    "cli": "typer rich structlog alembic",
    "client": "httpx tenacity",
    "testing": "pytest httpx",
}
GUARDED = {"sqlite3", "asyncio", "zoneinfo"}

# Rooms that only compute, and what in the standard library would let them do more.
PURE = "kinds errors fields X.model X.decide accounts.hide wire.*"
IMPURE = "os pathlib subprocess socket threading tempfile shutil time random secrets logging urllib.request http"

# feature -> the tenant tables that it keeps: its `sql` alone names them.
KEEPS = {
    "accounts": "account account_lock api_key key_use user session employee assignment_group named_list",
    "people": "customer customer_identity contact enquiry",
    "orders": "orders order_line payment_entry saved_view import_job",
    "events": "event webhook delivery",
    "requests": "idempotency request_log request_block request_find",
}
SCHEMA = ("tables", "migrations")  # may name every table
TRANSACTIONS = ("db", "writer")  # the rooms that begin and commit: db knows how, the writer says when
ASYNC = "web.*"
LONGEST_FUNCTION = 50
LONGEST_FILE = 400


@dataclass(frozen=True)
class Source:
    """One file: its room, and what is written in it."""

    path: str
    module: tuple[str, ...]
    text: str

    @property
    def room(self) -> str:
        return room_of(self.module)

    @property
    def tree(self) -> ast.Module:
        return _parse(self.text)

    def at(self, node: ast.AST, message: str) -> str:
        return f"{self.path}:{getattr(node, 'lineno', 1)}: {message}"


@cache
def _parse(text: str) -> ast.Module:
    return ast.parse(text)


def room_of(module: tuple[str, ...]) -> str:
    """`("orders", "sql", "find")` -> `orders.sql`; `("kinds", "text")` -> `kinds`; `()` -> the package itself."""
    if not module:
        return PRODUCT
    return ".".join(module[:2]) if module[0] in SPLIT else module[0]


def spell_out(words: str, own: str = "") -> list[str]:
    """Patterns with X and `own` put in."""
    plain = [word.replace("own.", f"{own}.") for word in words.split()]
    return [re.sub(r"^X\b", name, word) for word in plain for name in (FEATURES if word.startswith("X") else ("",))]


def row_of(table: dict[str, str], room: str) -> list[str] | None:
    """What the first row that fits the room grants it; None if no row fits."""
    for key, words in table.items():
        if fits(room, key):
            return spell_out(words, own=room.split(".", maxsplit=1)[0])
    return None


def fits(room: str, words: str) -> bool:
    return any(fnmatchcase(room, pattern) for pattern in spell_out(words))


def read_sources() -> list[Source]:
    found = []
    for path in sorted(SRC.rglob("*.py")):
        module = path.relative_to(SRC).with_suffix("").parts
        module = module[:-1] if module[-1] == "__init__" else module
        found.append(Source(str(path.relative_to(ROOT)), module, path.read_text(encoding="utf-8")))
    return found


def imports(source: Source) -> Iterator[tuple[ast.AST, str]]:
    """Every import as a full dotted name, wherever in the file it stands."""
    package = source.module if source.path.endswith("__init__.py") else source.module[:-1]
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Import):
            yield from ((node, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            start = [PRODUCT, *package][: len(package) + 2 - node.level] if node.level else []
            base = ".".join([*start, *([node.module] if node.module else [])])
            yield from ((node, f"{base}.{alias.name}") for alias in node.names)


def imported_room(name: str) -> str:
    """The room that a dotted name of ours leads to; what a name means inside a room does not matter."""
    parts = tuple(name.split(".")[1:])
    room = room_of(parts)
    if len(parts) <= 2 and row_of(ARROWS, room) is None:  # a name in an `__init__.py`
        return room_of(parts[:-1])
    return room


def breaks_arrows(source: Source) -> Iterator[str]:
    """A room imports only the rooms below it."""
    granted = row_of(ARROWS, source.room)
    if granted is None:
        yield source.at(source.tree, f"the room `{source.room}` stands in no row of ARROWS")
        return
    for node, name in imports(source):
        if name.split(".")[0] != PRODUCT:
            continue
        room = imported_room(name)
        if room != source.room and not any(fnmatchcase(room, pattern) for pattern in granted):
            yield source.at(node, f"`{source.room}` imports `{room}`")


def breaks_outside(source: Source) -> Iterator[str]:
    """A room imports from outside only what its work needs, and a pure room nothing that could do more than compute."""
    granted = {*(row_of(OUTSIDE, source.room) or []), PRODUCT}
    pure = fits(source.room, PURE)
    for node, name in imports(source):
        top = name.split(".")[0]
        if top not in granted and (top in GUARDED or top not in sys.stdlib_module_names):
            yield source.at(node, f"`{source.room}` imports `{top}`")
        if pure and any(f"{name}.".startswith(f"{word}.") for word in IMPURE.split()):
            yield source.at(node, f"`{source.room}` is pure and imports `{name}`")
        if name in ("importlib", "importlib.import_module"):
            yield source.at(node, "an import that no law can read")


def breaks_transactions(source: Source) -> Iterator[str]:
    """Transactions begin and end in one file."""
    if source.room in TRANSACTIONS:
        return
    for node in ast.walk(source.tree):
        called = isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr
        if called in ("commit", "begin"):
            yield source.at(node, f"`.{called}()` outside db and writer")
    for node, text in texts(source.tree):
        if found := re.search(r"\b(COMMIT|BEGIN)\b", text):
            yield source.at(node, f"{found[0]} outside db and writer")


def texts(tree: ast.AST) -> Iterator[tuple[ast.expr, str]]:
    """Every text in the code, joined as the code joins it; docstrings are not code."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            continue
        if isinstance(node, ast.expr) and (text := text_of(node)) is not None:
            yield node, text
        if not isinstance(node, ast.expr) or text_of(node) is None or isinstance(node, ast.JoinedStr):
            yield from texts(node)


def text_of(node: ast.expr) -> str | None:
    """The text that an expression makes, `…` where only the running program knows; None if it makes none."""
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else None
    if isinstance(node, ast.JoinedStr):
        return "".join(text_of(part) or "…" for part in node.values)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        left, right = text_of(node.left), text_of(node.right)
        return None if left is None and right is None else f"{left or '…'}{right or '…'}"
    return None


STATEMENT = r"\s*(select\b.+\bfrom\b|insert\s+into\b|update\s+\S+\s+set\b|delete\s+from\b|with\s+\w+.*\bas\s*\()"
NAMED = r'\b(?:FROM|JOIN|INTO|UPDATE)\s+(?:ONLY\s+)?"?(\w+)'


def tables_in(text: str) -> set[str]:
    """The tables that a text names, if it is SQL; keywords in capitals mark a piece of a statement as SQL."""
    whole = re.match(STATEMENT, text, re.IGNORECASE | re.DOTALL)
    return set(re.findall(NAMED, text, re.IGNORECASE if whole else 0))


def names_of_tables(source: Source) -> Iterator[tuple[ast.AST, set[str]]]:
    """Each place that names tables, in SQL or as `tables.X`."""
    yield from ((place, tables_in(text)) for place, text in texts(source.tree))
    aliases = set()
    for node in ast.walk(source.tree):
        if isinstance(node, ast.ImportFrom) and node.module == f"{PRODUCT}.tables":
            yield node, {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module == PRODUCT:
            aliases |= {alias.asname or alias.name for alias in node.names if alias.name == "tables"}
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in aliases:
            yield node, {node.attr}


def breaks_keeping(source: Source, tenant: frozenset[str]) -> Iterator[str]:
    """A tenant's table is named only by the `sql` room of the feature that keeps it."""
    keeper = {table: f"{feature}.sql" for feature, words in KEEPS.items() for table in words.split()}
    if source.room in SCHEMA:
        return
    for node, named in names_of_tables(source):
        for table in sorted(named & tenant):
            if keeper.get(table) != source.room:
                yield source.at(node, f"`{source.room}` names the table `{table}`; {keeper.get(table)} keeps it")


def breaks_tenancy(source: Source, tenant: frozenset[str]) -> Iterator[str]:
    """SQL that names a tenant's table names the tenant."""
    if source.room in SCHEMA:
        return
    for node, text in texts(source.tree):
        if (named := tables_in(text) & tenant) and "cm_id" not in text:
            yield source.at(node, f"SQL on {', '.join(sorted(named))} without cm_id")


def breaks_size(source: Source) -> Iterator[str]:
    """Functions fit on a screen, files in a head. Migrations are as long as they must be."""
    if source.room == "migrations":
        return
    if (lines := len(source.text.splitlines())) > LONGEST_FILE:
        yield source.at(source.tree, f"{lines} lines, more than {LONGEST_FILE}")
    for node in ast.walk(source.tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            lines = (node.end_lineno or node.lineno) - node.lineno + 1
            if lines > LONGEST_FUNCTION:
                yield source.at(node, f"`{node.name}` has {lines} lines, more than {LONGEST_FUNCTION}")


def breaks_colour(source: Source) -> Iterator[str]:
    """Only the edge waits."""
    for node in ast.walk(source.tree):
        waits = isinstance(node, ast.AsyncFunctionDef | ast.Await | ast.AsyncFor | ast.AsyncWith)
        if waits and not fits(source.room, ASYNC):
            yield source.at(node, "async outside web/")


def tenant_tables() -> frozenset[str]:
    """The tables that carry cm_id, from the schema itself."""
    if not (SRC / "tables.py").exists():
        return frozenset()
    metadata = importlib.import_module(f"{PRODUCT}.tables").metadata
    return frozenset(name for name, table in metadata.tables.items() if "cm_id" in table.columns)


def on_tables(law: Callable[[Source, frozenset[str]], Iterator[str]]) -> Callable[[Source], Iterator[str]]:
    return lambda source: law(source, tenant_tables())


def breaches(law: Callable[[Source], Iterator[str]]) -> list[str]:
    return [breach for source in read_sources() for breach in law(source)]
