"""`orderdock log`: find requests, watch them come, show one whole, judge one again, cut the log back."""

from __future__ import annotations

import json
import shutil
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import asdict, replace
from datetime import datetime, tzinfo
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from orderdock.cli.base import (
    AccountOption,
    DatabaseOption,
    JsonOption,
    opened_at_schema,
    print_json,
    print_lines,
    print_rows,
    settings_of,
)
from orderdock.cli.log_again import commands_of, curl_of, sent_to
from orderdock.errors import Invalid, Refusal

if TYPE_CHECKING:
    from orderdock.accounts.model import Account, Scope
    from orderdock.db import Database
    from orderdock.requests.query import LogPage, LogQuery

app = typer.Typer(help="The request log.", invoke_without_command=True)
# These are copied from here, and so never broken up; the others get what is left, and at least so much.
WHOLE: Final = ("time", "request id", "operation")
LEAST: Final = 50
COLUMNS: Final = ("time", "request id", "key", "operation", "status", "outcome", "ms", "errors")
OUTCOMES: Final = ("created", "updated", "unchanged", "stale", "failed")
# Seconds between two looks of --follow, and how far each goes back: a request is logged when it is answered.
PAUSE: Final = 1.0
OVERLAP: Final = 120_000
# What the API calls an option.
OPTIONS: Final = {
    "orderId": "--order", "erpOrderId": "--erp", "phone": "--phone", "email": "--email", "key": "--key",
    "operation": "--operation", "status": "--status", "error": "--error", "from": "--from", "to": "--to",
}  # fmt: skip


@app.callback()
def search(
    context: typer.Context,
    account: Annotated[str | None, typer.Option(metavar="SUBDOMAIN", help="The account, by its subdomain.")] = None,
    order: Annotated[str | None, typer.Option(metavar="N", help="Requests about this order.")] = None,
    erp: Annotated[str | None, typer.Option(metavar="ID", help="About the order of this erp_order_id.")] = None,
    phone: Annotated[str | None, typer.Option(help="About orders of the customers with this phone.")] = None,
    email: Annotated[str | None, typer.Option(help="About orders of the customers with this e-mail.")] = None,
    key: Annotated[str | None, typer.Option(metavar="NAME", help="Sent with this key or login.")] = None,
    operation: Annotated[str | None, typer.Option(metavar="OP", help="Such as order.push.")] = None,
    status: Annotated[str | None, typer.Option(metavar="HTTP", help="Answered with this HTTP status.")] = None,
    error: Annotated[str | None, typer.Option(metavar="CODE", help="That met this error.")] = None,
    since: Annotated[str | None, typer.Option("--from", metavar="DATE", help="Not before; in its zone.")] = None,
    until: Annotated[str | None, typer.Option("--to", metavar="DATE", help="Not after.")] = None,
    limit: Annotated[int, typer.Option(help="At most so many.", min=1, max=100_000)] = 50,
    follow: Annotated[bool, typer.Option("--follow", help="Go on and print what comes, until Ctrl-C.")] = False,
    database: DatabaseOption = None,
    as_json: JsonOption = False,
) -> None:
    """Find requests, newest first."""
    if context.invoked_subcommand is not None:
        return
    if account is None:
        raise typer.BadParameter("name the account", param_hint="--account")
    values = (order, erp, phone, email, key, operation, status, error, since, until)
    given = {name: text for name, text in zip(OPTIONS, values, strict=True) if text is not None}
    with opened_at_schema(database) as found:
        log = _Log(found, account)
        query = log.read(given)
        if follow:
            _follow(log, query, limit, as_json)
        else:
            _print(log, log.requests(query, limit), as_json)


class _Log:
    """The log of one account."""

    def __init__(self, database: Database, subdomain: str) -> None:
        from orderdock.accounts.actions import cli_scope, find_account

        self.database = database
        self.account: Account = find_account(database, subdomain)
        self.scope: Scope = cli_scope(self.account)
        self.zone: tzinfo = self.scope.locale.zone

    def read(self, given: Mapping[str, str]) -> LogQuery:
        """The query of options by their names in the API. Raises Invalid naming each option that is wrong."""
        from orderdock.wire.requests import read_query

        try:
            return read_query(given, self.scope)
        except Refusal as error:
            raise _invalid(error) from None

    def page(self, query: LogQuery) -> LogPage:
        from orderdock.accounts.actions import key_number
        from orderdock.orders.actions import numbers_about
        from orderdock.requests import actions
        from orderdock.requests.query import Meant

        with self.database.read() as tx:
            key = None if query.key is None else key_number(tx, self.scope.cm_id, query.key)
            orders = numbers_about(tx, self.scope, query.about, actions.MOST_ORDERS)
            try:
                return actions.search(tx, self.scope, query, Meant(key, orders))
            except Refusal as error:
                raise _invalid(error) from None

    def requests(self, query: LogQuery, most: int) -> Iterator[dict[str, Any]]:
        """The requests that fit, as the API prints them, newest first, through as many pages as it takes."""
        from orderdock.wire.requests import page_of

        while most > 0:
            page = self.page(replace(query, limit=min(most, 1_000)))
            yield from page_of(page)["requests"]
            most -= len(page.requests)
            resumed = query.resumed(page.next) if page.next else None
            if resumed is None:
                return
            query = resumed

    def time(self, ms: int) -> str:
        """A moment, in epoch ms, in the account's zone."""
        return f"{datetime.fromtimestamp(ms / 1000, self.zone):%Y-%m-%d %H:%M:%S}"

    def row(self, shown: Mapping[str, Any]) -> dict[str, Any]:
        """A request as a row of the table; times are in the account's zone."""
        outcome = [f"{shown[name]} {name}" for name in OUTCOMES if shown[name]]
        values = (
            self.time(shown["at"]), shown["id"], shown["key"], shown["operation"], shown["status"], outcome,
            shown["ms"], shown["errors"],
        )  # fmt: skip
        return dict(zip(COLUMNS, values, strict=True))


def _invalid(error: Refusal) -> Invalid:
    told = (
        f"{OPTIONS.get((fault.path or '').removeprefix('query:'), '')}={fault.value}: {fault.message}"
        for fault in error.faults
    )
    return Invalid("; ".join(told))


def _print(log: _Log, requests: Iterator[dict[str, Any]], as_json: bool) -> None:
    if as_json:
        print_json(list(requests))
    else:
        rows = [log.row(one) for one in requests]
        if terminal_width() >= LEAST + sum(max((len(row[name]) for row in rows), default=0) for name in WHOLE):
            print_rows(rows, COLUMNS, as_json=False, whole=WHOLE)
        else:
            print_lines(*map(_line_of, rows))


def terminal_width() -> int:
    """Columns of the terminal that is printed to; 0 when it is none."""
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else 0


def _line_of(row: Mapping[str, Any]) -> str:
    return "  ".join(", ".join(one) if isinstance(one, list) else str(one) for one in row.values())


def pause() -> None:
    """Wait for what comes."""
    time.sleep(PAUSE)


def _follow(log: _Log, query: LogQuery, limit: int, as_json: bool) -> None:
    """Print the newest requests, oldest first, and then each new one. What was printed before is known by its place."""
    shown = sorted(log.requests(query, limit), key=lambda one: int(one["at"]))
    seen: dict[tuple[int, str], None] = {}
    try:
        while True:
            for one in shown:
                _print_line(log, one, as_json)
                seen[one["at"], one["id"]] = None
            newest = max((at for at, _ in seen), default=time.time_ns() // 1_000_000)
            since = max(newest - OVERLAP, query.first or 0)
            seen = {place: None for place in seen if place[0] >= since}
            pause()
            came = log.requests(replace(query, first=since), 100_000)
            shown = sorted((one for one in came if (one["at"], one["id"]) not in seen), key=lambda one: int(one["at"]))
    except KeyboardInterrupt:
        return


def _print_line(log: _Log, shown: dict[str, Any], as_json: bool) -> None:
    if as_json:
        print_lines(json.dumps(shown, ensure_ascii=False))
    else:
        print_lines(_line_of(log.row(shown)))


class As(StrEnum):
    """How one request is shown."""

    TEXT = "text"
    CURL = "curl"


RequestArgument = Annotated[str, typer.Argument(metavar="ID", help="The request id: `X-Request-Id` of its answer.")]


@app.command()
def show(
    request_id: RequestArgument,
    account: AccountOption,
    how: Annotated[As, typer.Option("--as", help="As text, or as a command line that sends it again.")] = As.TEXT,
    url: Annotated[str | None, typer.Option(help="Where to send it; else to the host that it was sent to.")] = None,
    database: DatabaseOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show the newest request with an id, whole."""
    settings = settings_of(database=database)
    with opened_at_schema(database) as found:
        log = _Log(found, account)
        shown = _one(log, request_id)
    if as_json:
        print_json(shown)
    elif how is As.CURL:
        print_lines(curl_of(shown, url or sent_to(shown) or f"http://{settings.host}:{settings.port}"))
    else:
        print_lines(*_text_of({**shown, "at": f"{log.time(shown['at'])} {log.zone}"}))


def _one(log: _Log, request_id: str) -> dict[str, Any]:
    from orderdock.requests import actions
    from orderdock.wire.requests import found_of

    try:
        with log.database.read() as tx:
            return found_of(actions.one(tx, log.scope, request_id))
    except Refusal as error:
        raise Invalid(f"{request_id}: {error}") from None


def _text_of(shown: Mapping[str, Any]) -> Iterator[str]:
    for name, value in shown.items():
        if name not in ("request", "response"):
            yield f"{name}: {', '.join(value) if isinstance(value, list) else value}"
    for name in ("request", "response"):
        side = shown[name]
        yield f"--- {name}" if side is not None else f"--- {name}: not kept, or no longer"
        for part in side or ():
            if part == "headers":
                yield from (f"{header}: {text}" for header, text in side[part].items())
            elif part != "body":
                yield f"{part}: {side[part]}"
        if side and side.get("body"):
            yield from ("", side["body"])


@app.command()
def rerun(
    request_id: RequestArgument,
    account: AccountOption,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Judge it and write nothing; has to be given.")] = False,
    database: DatabaseOption = None,
    as_json: JsonOption = False,
) -> None:
    """Judge a logged write as if it came now, with the key that it came with; nothing is written."""
    if not dry_run:
        raise Invalid("a request is sent again by its caller, not from here; with --dry-run it is judged again")
    with opened_at_schema(database) as found:
        verdicts = _judged(_Log(found, account), request_id)
    if as_json:
        print_json(verdicts)
    else:
        print_rows(verdicts, ["item", "outcome", *_NUMBERS, "errors", "warnings"], as_json=False)


# The numbers of the records that an item is about; 0: none, or one that would be new.
_NUMBERS: Final = ("order_id", "customer_id", "enquiry_id")


def _judged(log: _Log, request_id: str) -> list[dict[str, Any]]:
    from orderdock.accounts.actions import key_scope
    from orderdock.group import Work, rehearse

    shown = _one(log, request_id)
    scope = key_scope(log.database, log.account, shown["key"])
    try:
        commands, strict = commands_of(shown, scope)
    except Refusal as error:
        told = [f"{fault.code} {fault.message}" for fault in error.faults]
        return [{"item": "all", "outcome": "refused", **dict.fromkeys(_NUMBERS, 0), "errors": told, "warnings": []}]
    with log.database.read() as tx:
        verdicts = rehearse(tx, log.scope.cm_id, [Work(scope, request_id, commands, strict, list)])[0]
    return [
        {
            "item": number, "outcome": verdict.outcome, **{name: getattr(verdict, name) for name in _NUMBERS},
            "errors": [_told(fault) for fault in verdict.faults],
            "warnings": [_told(fault) for fault in verdict.warnings],
        }
        for number, verdict in enumerate(verdicts)
    ]  # fmt: skip


def _told(fault: Any) -> str:
    return " ".join(word for word in (fault.code, fault.path or fault.field, fault.message) if word)


@app.command()
def prune(
    database: DatabaseOption = None,
    as_json: JsonOption = False,
) -> None:
    """Remove what is too old or too much, of all accounts; a running server does it by itself."""
    from orderdock.accounts.actions import account_settings, list_accounts, now_ms
    from orderdock.requests import actions

    settings = settings_of(database=database)
    with opened_at_schema(database) as found:
        days = {one.cm_id: int(account_settings(one)["request_log_days"]) for one in list_accounts(found)}
        done = actions.prune(
            found, days, now_ms(), hours=settings.idempotency_hours, most_bytes=settings.request_log_bytes
        )
    if as_json:
        print_json(asdict(done))
    else:
        print_lines(
            f"removed: {done.requests} requests, {done.finds} search rows, {done.blocks} blocks that were too old and"
            f" {done.too_many} that were too much, {done.answers} stored answers"
        )
