"""Indexes by which customers are pulled by date, and the newest enquiries of a customer are found."""

from __future__ import annotations

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Customers by date; enquiries of a customer by date instead of by number."""
    op.create_index("ix_customer_cm_id_created_at_id", "customer", ["cm_id", "created_at", "id"])
    op.create_index(
        "ix_enquiry_cm_id_customer_id_created_at_id", "enquiry", ["cm_id", "customer_id", "created_at", "id"]
    )
    op.drop_index("ix_enquiry_cm_id_customer_id_id", "enquiry")


def downgrade() -> None:
    """The index by number again."""
    op.create_index("ix_enquiry_cm_id_customer_id_id", "enquiry", ["cm_id", "customer_id", "id"])
    op.drop_index("ix_enquiry_cm_id_customer_id_created_at_id", "enquiry")
    op.drop_index("ix_customer_cm_id_created_at_id", "customer")
