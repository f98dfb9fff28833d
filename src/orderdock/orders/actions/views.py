"""Saved views: filters that searches name by number (contract 2.9, viewId)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from orderdock.accounts.actions import Admin, checked_text, now_ms
from orderdock.db import Database
from orderdock.errors import Invalid
from orderdock.orders.sql import views as sql


def create_view(admin: Admin, cm_id: int, name: str, filters: Mapping[str, str]) -> int:
    """Keep filters, as a search names them, under the account's next number. Raises Invalid when the name is taken."""
    name = checked_text(name, "name")
    with admin.change(cm_id) as tx:
        number = sql.add(tx, cm_id, name, json.dumps(dict(filters), ensure_ascii=False), now_ms())
        if number is None:
            raise Invalid(f"there is a view named {name} already")
        admin.note(tx, cm_id, "settings.updated", {}, {"view": {"id": number, "name": name, "filters": dict(filters)}})
    return number


def list_views(database: Database, cm_id: int) -> list[dict[str, Any]]:
    """Every view of an account."""
    with database.read() as tx:
        rows = sql.views(tx, cm_id)
    return [{"id": number, "name": name, "filters": json.loads(filters)} for number, name, filters in rows]
