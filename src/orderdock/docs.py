"""`python -m orderdock.docs`: writes what is generated in docs/; with `--check` it says what is stale.

Whole pages stand in docs/reference. A guide in docs/ is written by hand and holds generated tables between
`<!-- made: NAME -->` and `<!-- end -->`.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, Final

from orderdock.accounts.actions import ACCOUNT_OPTIONS, KEY_OPTIONS, Option, meant_by
from orderdock.accounts.model import OPERATIONS
from orderdock.errors import CODES, Refusal
from orderdock.fields import ALL_FIELDS, OURS, Field, In, Mandatory, Name, Out
from orderdock.orders.query.filters import FILTERS, Filter
from orderdock.orders.query.search import SORTS
from orderdock.people import query as customers
from orderdock.settings import SETTINGS
from orderdock.stats import METRICS, OUTCOMES
from orderdock.wire.legacy.show import FAILED
from orderdock.wire.refusals import LEGACY_TEXT, STATUS_LEGACY, STATUS_V1, refusal

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
    live = [(_code(row.name), _value(row.default), row.takes, row.help) for row in rows if row.live]
    later = ", ".join(_code(row.name) for row in rows if not row.live)
    table = _table(("setting", "default", "takes", "what it does"), live)
    return f"{table}\n\nNot in this version: {later}." if later else table


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
        "## Of a key or login\n\n`orderdock key create` and `key set`, `--set SETTING=VALUE`;"
        " what an account says has no say here.",
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


def _example(row: Field) -> str:
    return _code(row.example if isinstance(row.example, str) else json.dumps(row.example))


def _field(row: Field) -> tuple[str, ...]:
    return _code(row.name), row.kind.label, row.help, _example(row), _names(row.ins), _names(row.outs), _who(row)


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
    rows = ((_code(name), text) for name, text in OPERATIONS.items())
    return _page("Operations", about, _table(("operation", "what it allows"), rows))


# Names of a search that the documents of the original service do not show.
_OURS: Final = ("modifiedStartDate", "modifiedEndDate", "primarySourceId", "tertiarySourceId")


def _filter_names(row: Filter | customers.Filter, ours: Iterable[str] = _OURS) -> str:
    return ", ".join(_code(name) + (OURS if name in ours else "") for name in row.names)


def filters_table(filters: Iterable[Filter | customers.Filter] = FILTERS, ours: Iterable[str] = _OURS) -> str:
    """What orders can be searched by, or customers be pulled by; `ours` are names of ours."""
    rows = (
        _together(row.field, (_filter_names(row, ours), row.how.value, row.field.help, _code(row.name)))
        for row in filters
        if not _is_one_of_many(row.field)
    )
    return _table(("name", "how it is read and compared", "what it is", "field"), rows)


def sorts_table() -> str:
    """What orders can be sorted by."""
    rows = ((_code(name), "" if sort.always else "last") for name, sort in SORTS.items())
    return _table(("name", "orders without it"), rows)


def _index(row: Filter) -> str:
    if not row.index:
        return "none: the orders are read in the order asked for"
    return _code(row.index) + ("" if row.is_of_orders else " on PostgreSQL, when few fit")


def filters_markdown() -> str:
    """Which index serves each filter."""
    rows = (
        _together(row.field, (_filter_names(row), ", ".join(map(_code, row.sql)), _index(row)))
        for row in FILTERS
        if not _is_one_of_many(row.field)
    )
    about = (
        "What a search by one filter alone reads; `tests/sql/test_filter_plans.py` asks both engines. `o` is the order,"
        " `c` its customer, `e` its enquiry. A filter without an index is cheap when many orders fit, since reading"
        " stops when the page is full, and reads all orders of the account when few do: give it a span of dates, which"
        " bounds what is read. A phone of fewer than 8 digits, and a part of a name, have no index. What each takes:"
        " [benchmarks](../benchmarks.md#what-filters-cost). Among several filters"
        " PostgreSQL takes the index that it expects to read least by;"
        " SQLite, which counts no rows, asks customers and enquiries for each order that it reads."
    )
    return _page("Filters and their indexes", about, _table(("filter", "compared with", "served by"), rows))


PAGES: Final[dict[str, Callable[[], str]]] = {
    "settings.md": settings_markdown,
    "fields.md": fields_markdown,
    "errors.md": errors_markdown,
    "operations.md": operations_markdown,
    "filters.md": filters_markdown,
}


def _kind(row: Field) -> str:
    """A kind with the most characters that it takes."""
    limit = getattr(row.kind, "limit", None)
    return f"{row.kind.label} ({limit:,})" if limit else row.kind.label


def _word(name: Name) -> str:
    part = {"": "", "email": " (e-mail)"}.get(name.part, f" ({name.part})")
    return _code(name.word) + (OURS if name.ours else "") + part


def _is_one_of_many(row: Field) -> bool:
    """`attr2` to `attr15` are told with `attr1`."""
    return re.fullmatch(r"attr([2-9]|1\d)", row.column) is not None


def _together(row: Field, cells: Iterable[str]) -> tuple[str, ...]:
    """The row of `attr1` speaks for `attr2` to `attr15` too."""
    if row.column != "attr1":
        return tuple(cells)
    every = (re.sub(r"`(\S*)attr1`", r"`\1attr1` … `\1attr15`", cell) for cell in cells)
    return tuple(cell.replace("attribute 1", "attributes") for cell in every)


def names_table(place: In, *, ours: bool | None = None) -> str:
    """The names that callers write at a place: all, those that the documents show, or those of ours alone."""
    found: dict[tuple[Name, ...], list[Field]] = {}
    for row in ALL_FIELDS:
        names = row.ins.get(place, ())
        if names and ours in (None, names[0].ours) and not _is_one_of_many(row):
            found.setdefault(names, []).append(row)
    # A name that feeds two records means the customer, or the enquiry; the order keeps a copy.
    rows = (
        _together(
            rows[-1],
            (
                ", ".join(map(_word, names)),
                _kind(rows[-1]),
                rows[-1].help,
                _example(rows[-1]),
                ", ".join(_code(row.name) for row in reversed(rows)),
            ),
        )
        for names, rows in found.items()
    )
    return _table(("name", "kind", "what it is", "example", "stored as"), rows)


def keys_table(*places: Out) -> str:
    """The keys that an answer shows, with the field that each comes from."""
    rows = (
        _together(row, (_word(name), row.kind.label, row.help, _code(row.name)))
        for place in places
        for row in ALL_FIELDS
        for name in row.outs.get(place, ())
        if not _is_one_of_many(row)
    )
    return _table(("key", "kind", "what it is", "comes from"), rows)


def failures_table() -> str:
    """What an item that fails is answered with, by operation."""
    rows = ((_code(operation), _code(text), _code(status)) for operation, (text, status) in FAILED.items())
    return _table(("operation", "`Message`", "`Status`"), rows)


# Codes of the legacy table of statuses that no address of the legacy family answers.
_NOT_LEGACY: Final = frozenset(
    {
        "EventsGone", "InvalidSort", "FilterRequired",
        "ContactNotFound", "ContactMismatch", "RevisionMismatch", "NotClearable", "ClearConflict",
    }
)  # fmt: skip


def refusals_table() -> str:
    """Requests that are refused as a whole: what is answered is asked of the dialect itself."""
    rows = []
    for code, status in sorted(STATUS_LEGACY.items(), key=lambda pair: pair[1]):
        if status != 200:
            error: Refusal = type(code, (Refusal,), {})()
            always, body = refusal(error, "/x.html", http_status="always-200")
            said = json.loads(body)
            rows.append((_code(code), str(status), str(always), _code(said["Error"]), _code(said["Message"])))
    return _table(("code", "HTTP", "under `always-200`", "`Error`", "`Message`"), rows)


def faults_table() -> str:
    """What can be wrong with an item, or with the question of a read."""
    codes = [code for code in CODES if STATUS_LEGACY[code] == 200 and code not in _NOT_LEGACY]
    return _table(("code", "sentence"), ((_code(code), CODES[code]) for code in codes))


# Codes that an add-update of the v1 family answers with, beside those of every value that cannot be read.
_OF_ADD_UPDATE: Final = (
    "ReqFieldMissing", "InvalidType", "OrderNotFound", "CustomerNotFound", "ContactNotFound", "EnquiryNotFound",
    "PaymentNotFound", "ErpOrderIdTaken", "CustomerCodeTaken", "ContactMismatch", "EnquiryMismatch", "PaymentMismatch",
    "AmountNotPositive", "RefundExceedsPaid", "ClearConflict", "NotClearable", "RevisionMismatch",
)  # fmt: skip


def v1_faults_table() -> str:
    """What can be wrong with an add-update, with its HTTP status."""
    return _table(
        ("code", "HTTP", "sentence"), ((_code(code), str(STATUS_V1[code]), CODES[code]) for code in _OF_ADD_UPDATE)
    )


def metrics_table() -> str:
    """Everything that is counted."""
    rows = (
        (_code(row.name), row.kind, ", ".join(map(_code, row.labels)), row.help)
        for row in sorted(METRICS, key=lambda row: row.name)
    )
    return _table(("metric", "kind", "labels", "what it says"), rows)


def outcomes_table() -> str:
    """What can become of a request."""
    return _table(("`outcome`", "what became of it"), ((_code(name), said) for name, said in OUTCOMES.items()))


TABLES: Final[dict[str, Callable[[], str]]] = {
    "metrics": metrics_table,
    "request-outcomes": outcomes_table,
    "search-filters": filters_table,
    "search-sorts": sorts_table,
    "order-names": lambda: names_table(In.LEGACY_ORDER, ours=False),
    "order-names-of-ours": lambda: names_table(In.LEGACY_ORDER, ours=True),
    "line-names": lambda: names_table(In.LEGACY_LINE, ours=False),
    "payment-names": lambda: names_table(In.LEGACY_PAYMENT, ours=False),
    "payment-names-of-ours": lambda: names_table(In.LEGACY_PAYMENT, ours=True),
    "customer-names": lambda: names_table(In.LEGACY_CUSTOMER),
    "enquiry-names": lambda: names_table(In.LEGACY_ENQUIRY),
    "pull-keys": lambda: keys_table(Out.LEGACY_ORDER),
    "detail-keys": lambda: keys_table(Out.LEGACY_DETAILS),
    "line-keys": lambda: keys_table(Out.LEGACY_LINE),
    "customer-keys": lambda: keys_table(Out.LEGACY_CUSTOMER),
    "contact-keys": lambda: keys_table(Out.LEGACY_CONTACT),
    "customer-filters": lambda: filters_table(customers.FILTERS, ()),
    "payment-keys": lambda: keys_table(Out.LEGACY_PAYMENT),
    "failures": failures_table,
    "refusals": refusals_table,
    "faults": faults_table,
    "v1-customer-names": lambda: names_table(In.V1_CUSTOMER),
    "v1-contact-names": lambda: names_table(In.V1_CONTACT),
    "v1-enquiry-names": lambda: names_table(In.V1_ENQUIRY),
    "v1-order-names": lambda: names_table(In.V1_ORDER),
    "v1-line-names": lambda: names_table(In.V1_LINE),
    "v1-payment-names": lambda: names_table(In.V1_PAYMENT),
    "v1-faults": v1_faults_table,
    "v1-order-keys": lambda: keys_table(Out.V1_ORDER, Out.V1_ONE),
    "v1-customer-keys": lambda: keys_table(Out.V1_ONE_CUSTOMER),
    "v1-enquiry-keys": lambda: keys_table(Out.V1_ONE_ENQUIRY),
    "v1-line-keys": lambda: keys_table(Out.V1_LINE),
    "v1-payment-keys": lambda: keys_table(Out.V1_PAYMENT),
}
_BLOCK: Final = re.compile(r"<!-- made: (\S+) -->\n.*?<!-- end -->", re.DOTALL)


def woven(text: str) -> str:
    """A guide with its tables made anew. Raises KeyError for a table that there is not."""
    return _BLOCK.sub(lambda found: f"<!-- made: {found[1]} -->\n\n{TABLES[found[1]]()}\n\n<!-- end -->", text)


def _guides(folder: Path) -> list[Path]:
    return sorted(folder.parent.glob("*.md"))


def stale(folder: Path = FOLDER) -> list[str]:
    """The pages that differ from what the sources say now."""
    pages = [
        name for name, page in PAGES.items() if not (folder / name).exists() or (folder / name).read_text() != page()
    ]
    return pages + [guide.name for guide in _guides(folder) if woven(guide.read_text()) != guide.read_text()]


def write(folder: Path = FOLDER) -> None:
    """Write every page, and the tables of the guides beside the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, page in PAGES.items():
        (folder / name).write_text(page())
    for guide in _guides(folder):
        guide.write_text(woven(guide.read_text()))


if __name__ == "__main__":
    if "--check" in sys.argv[1:]:
        if found := stale():
            sys.exit(f"stale: {', '.join(found)}; run `make docs`")
    else:
        write()
