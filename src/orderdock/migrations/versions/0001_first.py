"""The first schema: accounts, keys, employees, customers, enquiries, orders, payments and events.

Written out, not taken from tables.py: this step stays as it is when tables.py goes on. A test proves the two equal.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")

# Each sequence begins where numbers of that kind look like the documented ones.
SEQUENCES = {
    "account": 1_000_001,
    "key": 1,
    "employee": 200_001,
    "group": 1,
    "customer": 48_000_001,
    "contact": 209_000_001,
    "enquiry": 11_000_001,
    "order": 4_000_001,
    "payment": 90_001,
    "write": 1,
}

TABLES = (
    "account",
    "account_lock",
    "credential",
    "id_block",
    "api_key",
    "employee",
    "assignment_group",
    "customer",
    "customer_identity",
    "contact",
    "enquiry",
    "orders",
    "order_line",
    "payment_entry",
    "event",
)


def _text(name: str, *, null: bool = True) -> sa.Column[Any]:
    return sa.Column(name, TEXT, nullable=null)


def _big(name: str, *, null: bool = True) -> sa.Column[Any]:
    return sa.Column(name, sa.BigInteger(), nullable=null, autoincrement=False)


def _where(condition: str) -> dict[str, Any]:
    return {"postgresql_where": sa.text(condition), "sqlite_where": sa.text(condition)}


def _accounts() -> None:
    """Accounts, and what belongs to them alone."""
    op.create_table(
        "account",
        _big("cm_id", null=False), _text("name", null=False), _text("subdomain", null=False),
        _text("options", null=False), _big("created_at", null=False),
        sa.PrimaryKeyConstraint("cm_id", name="pk_account"),
        sa.UniqueConstraint("subdomain", name="uq_account_subdomain"),
    )  # fmt: skip
    op.create_table(
        "account_lock",
        _big("cm_id", null=False), sa.PrimaryKeyConstraint("cm_id", name="pk_account_lock"),
    )  # fmt: skip
    op.create_table(
        "credential",
        _text("hash", null=False), _big("account_id", null=False), _big("key_id", null=False),
        sa.PrimaryKeyConstraint("hash", name="pk_credential"),
    )  # fmt: skip
    op.create_table(
        "id_block",
        _text("name", null=False), _big("next_id", null=False), sa.PrimaryKeyConstraint("name", name="pk_id_block"),
    )  # fmt: skip
    op.create_table(
        "api_key",
        _big("cm_id", null=False), _big("id", null=False), _text("kind", null=False), _text("name", null=False),
        _text("last4", null=False), _text("password_hash"), _text("operations", null=False),
        _text("mandatory", null=False), _text("options", null=False), _big("owner", null=False),
        _big("created_at", null=False), sa.PrimaryKeyConstraint("cm_id", "id", name="pk_api_key"),
        sa.UniqueConstraint("cm_id", "name", name="uq_api_key_cm_id_name"),
    )  # fmt: skip
    op.create_table(
        "employee",
        _big("cm_id", null=False), _big("id", null=False), _text("code", null=False), _text("name", null=False),
        _text("name_key", null=False), _text("email"), _text("email_key"), _big("active", null=False),
        _big("created_at", null=False), sa.PrimaryKeyConstraint("cm_id", "id", name="pk_employee"),
        sa.UniqueConstraint("cm_id", "code", name="uq_employee_cm_id_code"),
    )  # fmt: skip
    op.create_index("ix_employee_cm_id_email_key", "employee", ["cm_id", "email_key"])
    op.create_index("ix_employee_cm_id_name_key", "employee", ["cm_id", "name_key"])
    op.create_table(
        "assignment_group",
        _big("cm_id", null=False), _big("id", null=False), _text("name", null=False), _text("members", null=False),
        _big("turn", null=False), sa.PrimaryKeyConstraint("cm_id", "id", name="pk_assignment_group"),
        sa.UniqueConstraint("cm_id", "name", name="uq_assignment_group_cm_id_name"),
    )  # fmt: skip


def _customers() -> None:
    """Customers, how they are found, and their contacts."""
    op.create_table(
        "customer",
        _big("cm_id", null=False), _big("id", null=False), _big("revision", null=False),
        _big("created_at", null=False), _big("modified_at", null=False), _big("creator_id"), _big("main_contact_id"),
        _big("merged_into"), _text("phone_key"), _text("email_key"), _text("code"), _text("name"),
        _text("company_name"), _text("phone"), _text("email"), _big("birth_date"), _big("anniversary"),
        _text("address"), _text("zip"), _text("locality"), _text("city"), _text("state"), _text("country"),
        _text("type"), _text("classification"), _text("zone"), _text("website"), _text("board_line"),
        _text("remarks"), _text("primary_source"), _text("secondary_source"), _text("tertiary_source"),
        _big("individual"), _big("organization"), _big("channel_partner"), _big("assigned_to"), _text("attr1"),
        _text("attr2"), _text("attr3"), _text("attr4"), _text("attr5"), _text("attr6"), _text("attr7"),
        _text("attr8"), _text("attr9"), _text("attr10"), _text("attr11"), _text("attr12"), _text("attr13"),
        _text("attr14"), _text("attr15"), _text("additional"), _text("associate"), _big("source_version"),
        _big("source_modified_at"), sa.PrimaryKeyConstraint("cm_id", "id", name="pk_customer"),
    )  # fmt: skip
    op.create_table(
        "customer_identity",
        _big("cm_id", null=False), _text("kind", null=False), _text("value", null=False),
        _big("customer_id", null=False),
        sa.PrimaryKeyConstraint("cm_id", "kind", "value", "customer_id", name="pk_customer_identity"),
    )  # fmt: skip
    op.create_index(
        "uq_customer_identity_code", "customer_identity", ["cm_id", "value"], unique=True, **_where("kind = 'code'")
    )
    op.create_table(
        "contact",
        _big("cm_id", null=False), _big("id", null=False), _big("customer_id", null=False),
        _big("created_at", null=False), _big("modified_at", null=False), _big("own", null=False), _text("phone_key"),
        _text("phone2_key"), _text("email_key"), _text("name"), _text("title"), _text("first_name"),
        _text("last_name"), _text("gender"), _text("country_code"), _text("phone"), _text("phone2"), _text("email"),
        _big("birth_date"), _text("additional"), sa.PrimaryKeyConstraint("cm_id", "id", name="pk_contact"),
    )  # fmt: skip
    op.create_index("ix_contact_cm_id_customer_id_id", "contact", ["cm_id", "customer_id", "id"])
    for column in ("phone_key", "phone2_key", "email_key"):
        op.create_index(
            f"ix_contact_own_{column}", "contact", ["cm_id", column, "customer_id"], unique=False, **_where("own = 1")
        )


def _enquiries() -> None:
    """Enquiries."""
    op.create_table(
        "enquiry",
        _big("cm_id", null=False), _big("id", null=False), _big("customer_id", null=False),
        _big("revision", null=False), _big("modified_at", null=False), _big("creator_id"), _text("assigned_reason"),
        _text("products"), _text("status"), _text("sub_status"), _text("action"), _text("message"), _text("remarks"),
        _big("assigned_to"), _big("next_follow_up"), _big("last_follow_up"), _big("expected_closure"),
        _text("priority"), _text("campaign"), _text("secondary_source"), _text("tertiary_source"),
        _big("created_at"), _text("additional"), sa.PrimaryKeyConstraint("cm_id", "id", name="pk_enquiry"),
    )  # fmt: skip
    op.create_index("ix_enquiry_cm_id_customer_id_id", "enquiry", ["cm_id", "customer_id", "id"])


def _orders() -> None:
    """Orders."""
    op.create_table(
        "orders",
        _big("cm_id", null=False), _big("id", null=False), _big("revision", null=False),
        _big("received_at", null=False), _big("deleted_at"), _big("total_given", null=False),
        _text("assigned_reason"), _text("contact_phone_key"), _text("contact_email_key"), _text("erp_order_id"),
        _big("customer_id"), _big("enquiry_id"), _text("status"), _text("sub_status"), _text("type"),
        _big("create_date"), _big("modified_at"), _big("booking_date"), _big("agreement_date"),
        _big("expected_delivery_date"), _text("shipping_address"), _big("grand_total"), _big("total_paid"),
        _big("product_quantity"), _big("product_value"), _big("gross_value"), _big("discount"),
        _text("payment_mode"), _text("payment_term"), _text("transaction"), _text("remarks"), _big("creator_id"),
        _big("assigned_to"), _text("invoice_no"), _big("invoice_date"), _text("erp_invoice_no"), _text("unit_name"),
        _text("block_name"), _text("contact_name"), _text("contact_phone"), _text("contact_email"),
        _text("contact_address"), _text("contact_zip"), _text("contact_company"), _text("zone"), _text("ticket_id"),
        _text("encrypt_order"), _text("deal_details"), _text("client_reference_id"), _text("pricing_status"),
        _text("approval_designations"), _text("approved_by"), _text("attr1"), _text("attr2"), _text("attr3"),
        _text("attr4"), _text("attr5"), _text("attr6"), _text("attr7"), _text("attr8"), _text("attr9"),
        _text("attr10"), _text("attr11"), _text("attr12"), _text("attr13"), _text("attr14"), _text("attr15"),
        _text("additional"), _text("associate"), _big("source_version"), _big("source_modified_at"),
        sa.PrimaryKeyConstraint("cm_id", "id", name="pk_orders"),
    )  # fmt: skip
    op.create_index("ix_orders_cm_id_create_date_id", "orders", ["cm_id", "create_date", "id"])
    op.create_index("ix_orders_cm_id_customer_id_id", "orders", ["cm_id", "customer_id", "id"])
    op.create_index("ix_orders_cm_id_enquiry_id_id", "orders", ["cm_id", "enquiry_id", "id"])
    op.create_index(
        "uq_orders_erp_order_id", "orders", ["cm_id", "erp_order_id"], unique=True, **_where("deleted_at IS NULL")
    )
    op.create_index("ix_orders_cm_id_modified_at_id", "orders", ["cm_id", "modified_at", "id"])


def _order_parts() -> None:
    """Lines, payments, and the log of events."""
    op.create_table(
        "order_line",
        _big("cm_id", null=False), _big("order_id", null=False), _big("line_no", null=False), _text("sku"),
        _text("name"), _text("parent_name"), _text("type"), _text("description"), _big("rate"), _big("quantity"),
        _big("discount"), _big("value"), _text("additional"),
        sa.PrimaryKeyConstraint("cm_id", "order_id", "line_no", name="pk_order_line"),
    )  # fmt: skip
    op.create_table(
        "payment_entry",
        _big("cm_id", null=False), _big("payment_id", null=False), _big("entry_no", null=False),
        _big("order_id", null=False), _big("at", null=False), _big("amount"), _text("mode"), _text("cheque_number"),
        _big("cheque_date"), _text("bank"), _text("remarks"), _big("paid_at"), _text("reference"), _text("kind"),
        sa.PrimaryKeyConstraint("cm_id", "payment_id", "entry_no", name="pk_payment_entry"),
    )  # fmt: skip
    op.create_index(
        "ix_payment_entry_cm_id_order_id_payment_id_entry_no",
        "payment_entry",
        ["cm_id", "order_id", "payment_id", "entry_no"],
    )
    op.create_index(
        "uq_payment_entry_reference",
        "payment_entry",
        ["cm_id", "order_id", "reference"],
        unique=True,
        **_where("entry_no = 1"),
    )
    op.create_table(
        "event",
        _big("cm_id", null=False), _big("seq", null=False), _big("at", null=False), _text("kind", null=False),
        _big("order_id"), _big("customer_id"), _big("enquiry_id"), _text("actor", null=False),
        _text("request_id", null=False), _big("group_id", null=False), _text("changes", null=False),
        sa.PrimaryKeyConstraint("cm_id", "seq", name="pk_event"),
    )  # fmt: skip
    op.create_index("ix_event_cm_id_order_id_seq", "event", ["cm_id", "order_id", "seq"])


def upgrade() -> None:
    """Make the tables with their indexes, and begin the sequences."""
    _accounts()
    _customers()
    _enquiries()
    _orders()
    _order_parts()
    numbers = sa.table("id_block", sa.column("name"), sa.column("next_id"))
    op.bulk_insert(numbers, [{"name": name, "next_id": first} for name, first in SEQUENCES.items()])


def downgrade() -> None:
    """Drop everything."""
    for name in reversed(TABLES):
        op.drop_table(name)
