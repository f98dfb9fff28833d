"""`orderdock order`: what administrators do to single orders."""

from __future__ import annotations

from typing import Annotated
from uuid import uuid4

import typer

from orderdock.cli.base import (
    AccountOption,
    DatabaseOption,
    JsonOption,
    administration,
    print_json,
    print_lines,
    settings_of,
)
from orderdock.errors import Invalid

app = typer.Typer(help="Orders.", no_args_is_help=True)


@app.callback()
def _orders() -> None:
    """Orders."""


@app.command()
def delete(
    account: AccountOption,
    order_id: Annotated[int, typer.Option(help="Number of the order.", min=1)],
    database: DatabaseOption = None,
    as_json: JsonOption = False,
) -> None:
    """Delete an order: it is found no more, and its erp_order_id is free."""
    from orderdock import group
    from orderdock.accounts.actions import cli_scope, find_account
    from orderdock.orders.model import OrderDelete, Verdict
    from orderdock.writer import run_now

    with administration(database) as admin:
        scope = cli_scope(find_account(admin.database, account))
        work = group.Work(scope, uuid4().hex, [OrderDelete(order_id, [], [])], False, list)
        verdicts: list[Verdict] = run_now(
            admin.database, group.run, scope.cm_id, [work], settings_of(database=database)
        )[0]
    if verdicts[0].outcome == "failed":
        raise Invalid(f"order {order_id}: {verdicts[0].faults[0].message}")
    if as_json:
        print_json({"order_id": order_id, "outcome": "deleted"})
    else:
        print_lines(f"order {order_id} is deleted")
