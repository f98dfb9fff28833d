"""What requests leave behind: stored answers, the request log, how keys are used; secrets that end at a time.

And indexes of what orders are looked up by, and by which the orders of one customer are read by date.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
BIG = sa.BigInteger()
# What people look orders up by -> what else its index has.
LOOKED_UP: dict[str, tuple[str, ...]] = {
    "contact_phone_key": (),
    "contact_email_key": (),
    "client_reference_id": ("create_date", "id"),
    "erp_invoice_no": ("create_date", "id"),
}


def _key(table: str, *names: str, text: tuple[str, ...] = ()) -> list[Any]:
    """A primary key and its columns."""
    columns = [sa.Column(name, TEXT if name in text else BIG, nullable=False, autoincrement=False) for name in names]
    return [*columns, sa.PrimaryKeyConstraint(*names, name=f"pk_{table}")]


def _text(name: str, *, null: bool = False) -> sa.Column[Any]:
    return sa.Column(name, TEXT, nullable=null)


def _big(name: str, *, null: bool = False) -> sa.Column[Any]:
    return sa.Column(name, BIG, nullable=null)


def upgrade() -> None:
    """Add columns and tables, and begin to number requests."""
    op.add_column("credential", sa.Column("until", BIG))
    op.add_column("api_key", sa.Column("told", TEXT))
    op.create_table(
        "key_use", *_key("key_use", "cm_id", "key_id", "day"), _big("requests"), _big("failures"), _big("last_at")
    )
    op.create_table(
        "idempotency",
        *_key("idempotency", "cm_id", "key_id", "token", text=("token",)),
        _big("at"), _text("request_hash"), _big("status"), _text("answer"), _text("headers"),
    )  # fmt: skip
    op.create_index("ix_idempotency_cm_id_at", "idempotency", ["cm_id", "at"])
    op.create_table(
        "request_log",
        *_key("request_log", "cm_id", "at", "id"),
        _text("request_id"), _big("key_id"), _text("operation"), _big("status"), _text("error", null=True),
        _text("facts"), _big("block_id", null=True), _big("place", null=True),
    )  # fmt: skip
    op.create_index("ix_request_log_cm_id_request_id_at", "request_log", ["cm_id", "request_id", "at"])
    has_error = sa.text("error IS NOT NULL")
    op.create_index(
        "ix_request_log_error", "request_log", ["cm_id", "error", "at", "id"],
        postgresql_where=has_error, sqlite_where=has_error,
    )  # fmt: skip
    op.create_table(
        "request_block",
        *_key("request_block", "cm_id", "id"),
        _big("at"), _big("size"), sa.Column("data", sa.LargeBinary, nullable=False),
    )  # fmt: skip
    op.create_index("ix_request_block_cm_id_at", "request_block", ["cm_id", "at"])
    op.create_table("request_find", *_key("request_find", "cm_id", "kind", "value", "at", "id", text=("kind", "value")))
    op.execute("INSERT INTO id_block (name, next_id) VALUES ('request', 1)")
    for column, more in LOOKED_UP.items():
        there = sa.text(f"{column} IS NOT NULL")
        op.create_index(
            f"ix_orders_{column}", "orders", ["cm_id", column, *more], postgresql_where=there, sqlite_where=there
        )
    # A customer's newest orders are read without sorting all that it has.
    op.create_index(
        "ix_orders_cm_id_customer_id_create_date_id", "orders", ["cm_id", "customer_id", "create_date", "id"]
    )
    op.drop_index("ix_orders_cm_id_customer_id_id", "orders")


def downgrade() -> None:
    """Drop what was added."""
    op.create_index("ix_orders_cm_id_customer_id_id", "orders", ["cm_id", "customer_id", "id"])
    op.drop_index("ix_orders_cm_id_customer_id_create_date_id", "orders")
    for column in LOOKED_UP:
        op.drop_index(f"ix_orders_{column}", "orders")
    op.execute("DELETE FROM id_block WHERE name = 'request'")
    for table in ("request_find", "request_block", "request_log", "idempotency", "key_use"):
        op.drop_table(table)
    # Without its end a secret that was replaced would work again.
    op.execute("DELETE FROM credential WHERE until IS NOT NULL")
    op.drop_column("api_key", "told")
    op.drop_column("credential", "until")
