"""Saved views: filters under a number."""

from __future__ import annotations

from typing import Final

from orderdock.db import Row, Sql, Tx

_ADD: Final = Sql(
    """INSERT INTO saved_view (cm_id, id, name, filters, created_at)
       SELECT :cm_id, (SELECT COALESCE(MAX(v.id), 0) + 1 FROM saved_view v WHERE v.cm_id = :cm_id), :name, :filters, :at
       {where} ON CONFLICT (cm_id, name) DO NOTHING RETURNING id""",
    where=("WHERE true", ""),
)
_ONE: Final = Sql("SELECT v.filters FROM saved_view v WHERE v.cm_id = :cm_id AND v.id = :id")
_ALL: Final = Sql("SELECT v.id, v.name, v.filters FROM saved_view v WHERE v.cm_id = :cm_id ORDER BY v.id")


def add(tx: Tx, cm_id: int, name: str, filters: str, at: int) -> int | None:
    """Keep a view under the next number; None when the name is taken. The account is locked."""
    rows = tx.all(_ADD, cm_id=cm_id, name=name, filters=filters, at=at)
    return int(rows[0][0]) if rows else None


def filters_of(tx: Tx, cm_id: int, number: int) -> str | None:
    """The filters of a view, as JSON text."""
    rows = tx.all(_ONE, cm_id=cm_id, id=number)
    return str(rows[0][0]) if rows else None


def views(tx: Tx, cm_id: int) -> list[Row]:
    """(number, name, filters) of every view."""
    return tx.all(_ALL, cm_id=cm_id)
