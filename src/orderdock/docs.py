"""`python -m orderdock.docs`: writes the generated tables of docs/reference; with `--check` it says which are stale."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, Final

from orderdock.accounts.actions import ACCOUNT_OPTIONS, KEY_OPTIONS, Option, meant_by
from orderdock.accounts.model import OPERATIONS
from orderdock.errors import CODES
from orderdock.fields import ALL_FIELDS, OURS, Field, Mandatory, Name
from orderdock.settings import SETTINGS
from orderdock.wire.refusals import LEGACY_TEXT, STATUS_LEGACY, STATUS_V1

FOLDER: Final = Path("docs/reference")
MADE: Final = "<!-- Made by `make docs` from the sources: change those, not this file. -->"
RECORDS: Final = {
    "order": "Orders",
    "line": "Lines",
    "payment": "Payments",
    "customer": "Customers",
    "contact": "Contacts",
    "enquiry": "Enquiries",
}


def _table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    lines = [list(head), ["---"] * len(list(head)), *map(list, rows)]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)


def _page(title: str, *parts: str) -> str:
    return "\n\n".join((f"# {title}", MADE, *parts)) + "\n"


def _code(text: str) -> str:
    return f"`{text}`" if text else ""


def _value(value: Any) -> str:
    """A setting's value as it is typed."""
    if value is None or value in ([], (), ""):
        return ""
    if isinstance(value, list | tuple):
        return _code(",".join(value))
    return _code({True: "on", False: "off"}[value] if isinstance(value, bool) else str(value))


def _options(rows: tuple[Option, ...]) -> str:
    live = [(_code(row.name), _value(row.default), row.help) for row in rows if row.live]
    later = ", ".join(_code(row.name) for row in rows if not row.live)
    return _table(("setting", "default", "what it does"), live) + f"\n\nNot in this version: {later}."


def settings_markdown() -> str:
    """Every setting: of the installation, of an account, of a key."""
    rows = [(_code(f"ORDERDOCK_{row.name.upper()}"), _value(row.default), row.help) for row in SETTINGS]
    secret = " and ".join(_code(f"ORDERDOCK_{row.name.upper()}_FILE") for row in SETTINGS if row.secret)
    return _page(
        "Settings",
        "## Of an installation\n\nRead from the environment; an option of the command line wins."
        f" What may carry a password can be put in a file, named by {secret}.",
        _table(("setting", "default", "what it does"), rows),
        "## Of an account\n\n`orderdock account set --account SUBDOMAIN SETTING=VALUE ...`",
        _options(ACCOUNT_OPTIONS),
        "## Of a key or login\n\n`orderdock key create ... --set SETTING=VALUE`; what an account says has no say here.",
        _options(KEY_OPTIONS),
    )


def _names(places: Mapping[Any, tuple[Name, ...]]) -> str:
    said = (
        (place.value, " ".join(_code(name.word) + (OURS if name.ours else "") for name in names))
        for place, names in places.items()
    )
    return "<br>".join(f"{place}: {names}" for place, names in said)


def _who(row: Field) -> str:
    """Who may ask for a field."""
    if row.mandatory is Mandatory.SYSTEM:
        return "the system"
    if row.mandatory is Mandatory.NO:
        return "nobody"
    return "a key" + ("" if any(meant_by(row.name, name) for name in OPERATIONS) else ", in a later version")


def _field(row: Field) -> tuple[str, ...]:
    example = row.example if isinstance(row.example, str) else json.dumps(row.example)
    return _code(row.name), row.kind.label, row.help, _code(example), _names(row.ins), _names(row.outs), _who(row)


def fields_markdown() -> str:
    """The registry of fields, a table a record."""
    head = ("field", "kind", "what it is", "example", "callers write", "answers show", "may be asked for by")
    parts = []
    for record, title in RECORDS.items():
        rows = [row for row in ALL_FIELDS if row.record == record or (row.record == "lines" and record == "order")]
        parts.append(f"## {title}\n\n{_table(head, map(_field, rows))}")
    about = (
        f"{OURS} marks names of ours: the documents of the original service do not show them. What callers send beyond"
        " these fields is kept as an additional field. A key may ask for a field by its name here or by any name that"
        " callers write (`--mandatory`)."
    )
    return _page("Fields", about, *parts)


def errors_markdown() -> str:
    """Every code with its sentence and the HTTP status in each family."""
    rows = [
        (_code(code), text, str(STATUS_LEGACY.get(code, "")), str(STATUS_V1.get(code, "")), _code(LEGACY_TEXT[code]))
        for code, text in CODES.items()
    ]
    head = ("code", "sentence", "legacy status", "v1 status", "legacy `Message`")
    about = (
        "Codes are never renamed. The legacy family answers 200 to what is wrong inside an order, and says so in the"
        " body; an operation may have a `Message` of its own."
    )
    return _page("Errors", about, _table(head, rows))


def operations_markdown() -> str:
    """What a key may be granted."""
    about = "What a key may do (`--operation`). Wildcards: `order.*`, `customer.*`, `enquiry.*`, `*`."
    return _page(
        "Operations",
        about,
        _table(("operation", "what it allows"), ((_code(name), text) for name, text in OPERATIONS.items())),
    )


PAGES: Final[dict[str, Callable[[], str]]] = {
    "settings.md": settings_markdown,
    "fields.md": fields_markdown,
    "errors.md": errors_markdown,
    "operations.md": operations_markdown,
}


def stale(folder: Path = FOLDER) -> list[str]:
    """The pages that differ from what the sources say now."""
    return [
        name for name, page in PAGES.items() if not (folder / name).exists() or (folder / name).read_text() != page()
    ]


def write(folder: Path = FOLDER) -> None:
    """Write every page."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, page in PAGES.items():
        (folder / name).write_text(page())


if __name__ == "__main__":
    if "--check" in sys.argv[1:]:
        if found := stale():
            sys.exit(f"stale: {', '.join(found)}; run `make docs`")
    else:
        write()
