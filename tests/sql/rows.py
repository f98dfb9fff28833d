"""Rows as they are stored, and who reads them: for tests that begin below the writers."""

import json
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from orderdock import tables
from orderdock.accounts.model import OPERATIONS, Scope
from orderdock.accounts.options import ACCOUNT_OPTIONS, KEY_OPTIONS, defaults
from orderdock.db import Database, Tx, store_rows
from orderdock.kinds import Locale

INDIA = ZoneInfo("Asia/Kolkata")
A, B = 1000298, 2469


def scope_of(cm_id: int = A, **settings: Any) -> Scope:
    account, key = defaults(ACCOUNT_OPTIONS, {}), defaults(KEY_OPTIONS, settings)
    may = frozenset(OPERATIONS)
    return Scope(
        cm_id, "kapdemo", 1, "erp", "key", "7f3a", may, {}, None, account, key, 209803, True, None, (), Locale()
    )  # fmt: skip


SCOPE = scope_of()


def ms(text: str) -> int:
    """Epoch ms of a local time of the account."""
    return int(datetime.fromisoformat(text).replace(tzinfo=INDIA).timestamp() * 1000)


def put(tx: Tx, table: Any, *rows: dict[str, Any], cm_id: int = A) -> None:
    store_rows(tx, cm_id, table, rows)


def order(number: int, at: str | int = "2024-05-08 10:00", **values: Any) -> dict[str, Any]:
    created = ms(at) if isinstance(at, str) else at
    blank = {"revision": 1, "received_at": created, "modified_at": created, "create_date": created, "total_given": 0}
    sums = dict.fromkeys(("product_quantity", "product_value", "gross_value", "discount", "total_paid"), 0)
    return {**blank, **sums, "id": number, "customer_id": 1, "enquiry_id": 2, "status": "AP", **values}


def customer(number: int, **values: Any) -> dict[str, Any]:
    return {"id": number, "revision": 1, "created_at": 1, "modified_at": 1, **values}


def event(seq: int, kind: str, changes: dict[str, Any], **values: Any) -> dict[str, Any]:
    noted = {"seq": seq, "at": seq, "kind": kind, "actor": "key:erp", "request_id": "b7f0c2", "group_id": 1}
    return {**noted, "changes": json.dumps(changes), **values}


def add(database: Database, *rows: dict[str, Any], cm_id: int = A) -> None:
    with database.write() as tx:
        put(tx, tables.orders, *rows, cm_id=cm_id)
