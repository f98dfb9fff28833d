"""What orders are searched by: compared forms of names and words, saved views, numbers of named lists, two indexes.

The compared forms of what is stored are filled in here, a thousand rows at a time.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
BIG = sa.BigInteger()
STEP = 1_000
# table -> (the column whose folded form gets a column of its own, the words whose forms go into `words_key`)
FOLDED = {
    "customer": (
        "name",
        ("country", "city", "state", "zone", "primary_source", "secondary_source", "tertiary_source"),
    ),
    "orders": (
        "contact_name",
        (*(f"attr{n}" for n in range(1, 16)), "zone", "block_name", "unit_name", "approval_designations"),
    ),
}


def _key_columns(*names: str) -> list[sa.Column[Any]]:
    return [sa.Column(name, BIG, nullable=False, autoincrement=False) for name in names]


def upgrade() -> None:
    """Add columns, fill them, add tables and indexes."""
    for table, (name, _) in FOLDED.items():
        op.add_column(table, sa.Column(f"{name}_key", TEXT))
        op.add_column(table, sa.Column("words_key", TEXT))
        _fill(table)
    op.create_index("ix_orders_cm_id_status_create_date_id", "orders", ["cm_id", "status", "create_date", "id"])
    assigned = sa.text("assigned_to IS NOT NULL")
    op.create_index(
        "ix_orders_assigned_to",
        "orders",
        ["cm_id", "assigned_to", "create_date", "id"],
        postgresql_where=assigned,
        sqlite_where=assigned,
    )
    op.create_table(
        "named_list",
        *_key_columns("cm_id", "id"), sa.Column("list", TEXT, nullable=False),
        sa.Column("name_key", TEXT, nullable=False), sa.Column("name", TEXT, nullable=False),
        sa.Column("created_at", BIG, nullable=False), sa.PrimaryKeyConstraint("cm_id", "id", name="pk_named_list"),
        sa.UniqueConstraint("cm_id", "list", "name_key", name="uq_named_list_cm_id_list_name_key"),
    )  # fmt: skip
    op.create_table(
        "saved_view",
        *_key_columns("cm_id", "id"), sa.Column("name", TEXT, nullable=False),
        sa.Column("filters", TEXT, nullable=False), sa.Column("created_at", BIG, nullable=False),
        sa.PrimaryKeyConstraint("cm_id", "id", name="pk_saved_view"),
        sa.UniqueConstraint("cm_id", "name", name="uq_saved_view_cm_id_name"),
    )  # fmt: skip


def _fill(table: str) -> None:
    """The compared forms of the rows that have names or words."""
    name, words = FOLDED[table]
    columns: list[Any] = [sa.column(word) for word in ("cm_id", "id", name, f"{name}_key", "words_key", *words)]
    rows = sa.table(table, *columns)
    change = (
        sa.update(rows)
        .where(rows.c.cm_id == sa.bindparam("b_cm_id"), rows.c.id == sa.bindparam("b_id"))
        .values({f"{name}_key": sa.bindparam("b_name"), "words_key": sa.bindparam("b_words")})
    )
    for page in _pages(rows, [name, *words]):
        changes = [found for row in page if (found := _forms(row, name, words))]
        if changes:
            op.get_bind().execute(change, changes)


def _pages(rows: Any, columns: list[str]) -> Iterator[list[dict[str, Any]]]:
    """All rows, a thousand at a time, by key."""
    last = (0, 0)
    while True:
        asked = sa.select(rows.c.cm_id, rows.c.id, *(rows.c[column] for column in columns))
        asked = asked.where(sa.tuple_(rows.c.cm_id, rows.c.id) > last).order_by(rows.c.cm_id, rows.c.id).limit(STEP)
        page = [dict(row) for row in op.get_bind().execute(asked).mappings()]
        if not page:
            return
        yield page
        last = (page[-1]["cm_id"], page[-1]["id"])


def _forms(row: dict[str, Any], name: str, words: tuple[str, ...]) -> dict[str, Any] | None:
    given = {word: row[word] for word in words if row[word] is not None}
    folded = {word: text.casefold() for word, text in given.items() if text.casefold() != text}
    if row[name] is None and not folded:
        return None
    kept = json.dumps(folded, ensure_ascii=False, separators=(",", ":")) if folded else None
    forms = {"b_name": row[name].casefold() if row[name] is not None else None, "b_words": kept}
    return {"b_cm_id": row["cm_id"], "b_id": row["id"], **forms}


def downgrade() -> None:
    """Drop what was added."""
    op.drop_table("saved_view")
    op.drop_table("named_list")
    op.drop_index("ix_orders_assigned_to", "orders")
    op.drop_index("ix_orders_cm_id_status_create_date_id", "orders")
    for table, (name, _) in FOLDED.items():
        op.drop_column(table, "words_key")
        op.drop_column(table, f"{name}_key")
