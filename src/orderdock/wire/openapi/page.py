"""What people read of a document: its schemas flattened into rows, and a curl for every address."""

from __future__ import annotations

import json
import re
from typing import Any, Final, NamedTuple
from urllib.parse import quote

from orderdock.errors import CODES
from orderdock.fields import FIELDS
from orderdock.kinds import Json
from orderdock.wire.openapi.answers import FAILURE, FAILURES
from orderdock.wire.openapi.values import SCHEMAS, kind_schemas
from orderdock.wire.refusals import STATUS_LEGACY, STATUS_V1

# Where a page that knows no address says that it stands.
ADDRESS: Final = "https://orders.example.com"
_PASSED_OVER: Final = frozenset({"Empty", "EmptyId", "Nothing"})
_LABELS: Final = {
    "SignedMoney": "money, may be negative", "TextOrObject": "text or object", "List": "list", "Ids": "list of ids",
    "Words": "list of words", "Employees": "list of employees", "Account": "id of the account", "Object": "object",
    "Email": "e-mail", "Fault": "object",
}  # fmt: skip
_DEEPEST: Final = 3
# What is the same at every address, and is told of with the codes.
_FAILURES: Final = frozenset({*FAILURES.values(), FAILURE})
# The values that a page explains; of texts one speaks for all.
VALUES: Final = frozenset(kind_schemas()) - _PASSED_OVER - {"Text200", "Text500", "Text2000"}


class Row(NamedTuple):
    """One member of a record. `depth` counts the records around it; `example` is JSON text."""

    depth: int
    name: str
    type: str
    required: bool
    help: str
    example: str


class Shape(NamedTuple):
    """A record as a table: its members, and what else must be given."""

    name: str
    title: str
    help: str
    rows: tuple[Row, ...]
    notes: tuple[str, ...]


class Reader:
    """Finds its way about the schemas of one document."""

    def __init__(self, document: Json) -> None:
        self._schemas: dict[str, Json] = document["components"]["schemas"]

    def resolved(self, schema: Json) -> Json:
        """The schema itself, or the one that it refers to."""
        while "$ref" in schema:
            schema = self._schemas[schema["$ref"].removeprefix(SCHEMAS)]
        return schema

    def _name(self, schema: Json) -> str:
        return str(schema.get("$ref", "")).removeprefix(SCHEMAS)

    def records(self, schema: Json) -> dict[str, Json]:
        """The records that a schema means, whether bare, in lists or as alternatives, by name."""
        found: dict[str, Json] = {}
        name, plain = self._name(schema), self.resolved(schema)
        if name in _PASSED_OVER:
            return found
        if "properties" in plain:
            return {name: plain}
        for part in (*plain.get("anyOf", ()), *plain.get("allOf", ()), plain.get("items")):
            if isinstance(part, dict):
                found.update(self.records(part))
        return found

    def label(self, schema: Json) -> str:
        """What kind of value a schema means, in a word or two."""
        name = self._name(schema)
        if name:
            size = re.fullmatch(r"Text(\d+)", name)
            if size:
                return f"text, up to {int(size[1]):,}"
            if "properties" in self.resolved(schema):
                return "object"
            return _LABELS.get(name) or name.lower()
        if "const" in schema:
            return json.dumps(schema["const"])
        if "enum" in schema:
            return " | ".join(map(str, schema["enum"]))
        if "anyOf" in schema:
            parts = [self.label(one) for one in schema["anyOf"] if self._name(one) not in _PASSED_OVER]
            return " or ".join(dict.fromkeys(part for part in parts if part))
        return self._type(schema)

    def _type(self, schema: Json) -> str:
        types = schema.get("type", [])
        names = [name for name in ([types] if isinstance(types, str) else types) if name != "null"]
        if "array" in names and "items" in schema:
            inner = self.label(schema["items"])
            return f"list of {inner}s" if inner in ("object", "string", "integer", "number") else "list"
        return " or ".join(names)

    def rows(self, record: Json, depth: int = 0, seen: tuple[str, ...] = ()) -> list[Row]:
        """The members of a record, each followed by the members of the record that it holds."""
        found: list[Row] = []
        required = {*record.get("required", ()), *self._demanded(record)}
        for word, schema in record["properties"].items():
            plain = self.resolved(schema)
            example = schema.get("examples", plain.get("examples", [None]))[0]
            inner = self.records(schema)
            about = next(iter(inner.values())).get("description", "") if inner else ""
            help = schema.get("description") or plain.get("description", "") or about
            told = "" if example is None or (isinstance(example, list | dict) and inner) else as_text(example)
            found.append(Row(depth, word, self.label(schema), word in required, help, told))
            for name, one in inner.items():
                if name not in seen and depth < _DEEPEST:
                    found += self.rows(one, depth + 1, (*seen, name))
        return found

    def _demanded(self, record: Json) -> list[str]:
        """The names that a clause of their own demands."""
        return [word for clause in record.get("allOf", ()) for word in clause.get("required", ())]

    def notes(self, record: Json, where: str = "") -> list[str]:
        """What must be given beside what is required: one of several, by name."""
        found = []
        clauses = [*record.get("allOf", ()), *([{"anyOf": record["anyOf"]}] if "anyOf" in record else [])]
        for clause in clauses:
            told = "" if "required" in clause else _alternatives(clause)
            if told:
                found.append(f"{where}{told}")
        for word, schema in record["properties"].items():
            for one in self.records(schema).values():
                found += self.notes(one, f"in each `{word}`: ")
        return list(dict.fromkeys(found))

    def shapes(self, schema: Json) -> list[Shape]:
        """The tables of a body."""
        return [
            Shape(
                name,
                _title(name),
                one.get("description", ""),
                tuple(self.rows(one, 0, (name,))),
                tuple(self.notes(one)),
            )
            for name, one in self.records(schema).items()
        ]


def _alternatives(clause: Json) -> str:
    """`a` or (`b` and `c`): what a clause demands."""
    if "required" in clause:
        return " and ".join(f"`{word}`" for word in clause["required"])
    for key, joint in (("anyOf", " or "), ("allOf", " and ")):
        if key in clause:
            parts = [told for one in clause[key] if (told := _alternatives(one))]
            wrapped = [f"({part})" if " " in part and len(parts) > 1 else part for part in parts]
            return joint.join(wrapped)
    return ""


def _title(name: str) -> str:
    """`LegacyPush` -> `Push`, `OrderWritten` -> `Order written`."""
    words = re.findall(r"[A-Z][a-z]*", name.removeprefix("Legacy"))
    return " ".join(words).capitalize() or "Members"


def as_text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def pretty(value: Any) -> str:
    """An example as people read it."""
    return json.dumps(value, ensure_ascii=False, indent=2)


# What a curl asks for at an address that needs no body.
_ASKED: Final = {
    "/api/v1/orders": "customerIds=48046485&includeTotal=true",
    "/api/v1/events": "after=0",
    "/ms/customer-search/order-search/api/v1/pull-internal": "cmId={account}&customerIds=48046485",
    "/api/v1/requests": "error=ReqFieldMissing",
}


def curl(path: str, method: str, operation: Json, address: str = ADDRESS, account: int = 0) -> str:
    """A command that calls an address; `account` is that of the caller (0: the one of the examples)."""
    number = account or FIELDS["order.account"].example
    asked = _ASKED.get(path, "").format(account=number) if method == "get" else ""
    named = [one["schema"]["examples"][0] for one in operation.get("parameters", ()) if one["in"] == "path"]
    url = address.rstrip("/") + path.replace("{id}", quote("".join(named), safe=":")) + (f"?{asked}" if asked else "")
    words = [f"curl '{url}'"]
    if operation.get("security") != []:
        words.append("-H 'Authorization: Bearer YOUR-KEY'")
    example = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("example")
    if example is not None:
        quoted = pretty(example).replace("'", "'\\''")
        words += ["-H 'Content-Type: application/json'", f"-d '{quoted}'"]
    return " \\\n  ".join(words)


def _parameters(reader: Reader, operation: Json) -> dict[str, list[Row]]:
    """The parameters by where they stand."""
    found: dict[str, list[Row]] = {}
    for one in operation.get("parameters", ()):
        schema = one["schema"]
        plain = reader.resolved(schema)
        example = schema.get("examples", plain.get("examples", [None]))[0]
        help = one.get("description") or plain.get("description", "")
        row = Row(
            0,
            one["name"],
            reader.label(schema),
            one.get("required", False),
            help,
            as_text(example) if example is not None else "",
        )
        found.setdefault(one["in"], []).append(row)
    return found


def _answers(reader: Reader, operation: Json) -> list[dict[str, Any]]:
    found = []
    for status, one in operation["responses"].items():
        content: Json = next(iter(one.get("content", {}).values()), {})
        good = status == "200" or operation["operationId"] == "ready"
        shapes = reader.shapes(content["schema"]) if good and content else []
        found.append(
            {
                "status": status,
                "help": one["description"],
                "shapes": [shape for shape in shapes if shape.name not in _FAILURES],
                "example": pretty(content["example"]) if good and "example" in content else "",
                "headers": list(one.get("headers", ())),
            }
        )
    return found


def endpoint_of(document: Json, path: str, method: str, address: str = ADDRESS) -> dict[str, Any]:
    """One address as it is shown."""
    reader, operation = Reader(document), document["paths"][path][method]
    body = operation.get("requestBody", {}).get("content", {}).get("application/json")
    return {
        "id": operation["operationId"],
        "method": method.upper(),
        "path": path,
        "summary": operation["summary"],
        "help": operation["description"],
        "parameters": _parameters(reader, operation),
        "shapes": reader.shapes(body["schema"]) if body else [],
        "curl": curl(path, method, operation, address),
        "answers": _answers(reader, operation),
    }


def codes() -> list[tuple[str, str, int, int]]:
    """Every code with its sentence, and its status in the legacy and in the v1 family."""
    return [(code, text, STATUS_LEGACY[code], STATUS_V1[code]) for code, text in CODES.items()]


def page_of(document: Json) -> dict[str, Any]:
    """Everything that the page shows."""
    groups: dict[str, list[dict[str, Any]]] = {tag["name"]: [] for tag in document["tags"]}
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            groups[operation["tags"][0]].append(endpoint_of(document, path, method))
    schemas = document["components"]["schemas"]
    values = [
        ("text" if name == "Text20000" else Reader(document).label({"$ref": SCHEMAS + name}), schema["description"])
        for name, schema in schemas.items()
        if name in VALUES and "description" in schema
    ]
    security = [(name, one["description"]) for name, one in document["components"]["securitySchemes"].items()]
    return {
        "info": document["info"], "groups": groups, "values": sorted(values), "codes": codes(), "security": security,
    }  # fmt: skip
