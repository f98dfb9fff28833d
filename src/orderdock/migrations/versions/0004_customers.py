"""Indexes by which customers are pulled by date, and the newest enquiries of a customer are found.

The compared forms of customers' attributes are filled in here, a thousand rows at a time.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

STEP = 1_000
ATTRIBUTES = tuple(f"attr{n}" for n in range(1, 16))
_columns: list[Any] = [sa.column(word) for word in ("cm_id", "id", "words_key", *ATTRIBUTES)]
CUSTOMERS = sa.table("customer", *_columns)


def upgrade() -> None:
    """Customers by date; enquiries of a customer by date instead of by number."""
    _fill()
    op.create_index("ix_customer_cm_id_created_at_id", "customer", ["cm_id", "created_at", "id"])
    op.create_index(
        "ix_enquiry_cm_id_customer_id_created_at_id", "enquiry", ["cm_id", "customer_id", "created_at", "id"]
    )
    op.drop_index("ix_enquiry_cm_id_customer_id_id", "enquiry")


def _fill() -> None:
    """The compared forms of attributes that folding changes, beside those that are kept already."""
    columns = CUSTOMERS.c
    change = (
        sa.update(CUSTOMERS)
        .where(columns.cm_id == sa.bindparam("b_cm_id"), columns.id == sa.bindparam("b_id"))
        .values(words_key=sa.bindparam("b_words"))
    )
    for page in _pages():
        changes = [found for row in page if (found := _forms(row))]
        if changes:
            op.get_bind().execute(change, changes)


def _pages() -> Iterator[list[dict[str, Any]]]:
    """The customers that have attributes, a thousand at a time, by key."""
    columns, last = CUSTOMERS.c, (0, 0)
    given = sa.or_(*(columns[word].is_not(None) for word in ATTRIBUTES))
    while True:
        asked = sa.select(CUSTOMERS).where(sa.tuple_(columns.cm_id, columns.id) > last, given)
        asked = asked.order_by(columns.cm_id, columns.id).limit(STEP)
        page = [dict(row) for row in op.get_bind().execute(asked).mappings()]
        if not page:
            return
        yield page
        last = (page[-1]["cm_id"], page[-1]["id"])


def _forms(row: dict[str, Any]) -> dict[str, Any] | None:
    given = {word: row[word] for word in ATTRIBUTES if row[word] is not None}
    folded = {word: text.casefold() for word, text in given.items() if text.casefold() != text}
    if not folded:
        return None
    kept = {**(json.loads(row["words_key"]) if row["words_key"] else {}), **folded}
    words = json.dumps(kept, ensure_ascii=False, separators=(",", ":"))
    return {"b_cm_id": row["cm_id"], "b_id": row["id"], "b_words": words}


def downgrade() -> None:
    """The index by number again."""
    op.create_index("ix_enquiry_cm_id_customer_id_id", "enquiry", ["cm_id", "customer_id", "id"])
    op.drop_index("ix_enquiry_cm_id_customer_id_created_at_id", "enquiry")
    op.drop_index("ix_customer_cm_id_created_at_id", "customer")
