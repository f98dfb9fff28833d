"""The whole schema on one page; the columns of records come from the registry of fields.

Every tenant's table begins its key with cm_id. Times are UTC epoch ms, money and quantities whole 1/10000,
ids from block-allocated sequences. Text compares by bytes on both engines (COLLATE "C" is SQLite's BINARY).
"""

from __future__ import annotations

from typing import Any, Final

import sqlalchemy as sa

from orderdock.fields import (
    CONTACT_FIELDS,
    CUSTOMER_FIELDS,
    ENQUIRY_FIELDS,
    LINE_FIELDS,
    ORDER_FIELDS,
    PAYMENT_FIELDS,
    Field,
)

metadata: Final = sa.MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    }
)
TEXT: Final = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
BIG: Final = sa.BigInteger()


def _text(name: str, *, null: bool = True) -> sa.Column[Any]:
    return sa.Column(name, TEXT, nullable=null)


def _big(name: str, *, null: bool = True) -> sa.Column[Any]:
    return sa.Column(name, BIG, nullable=null)


def _key(*names: str, text: tuple[str, ...] = ()) -> list[sa.Column[Any]]:
    """Columns of a primary key, in order."""
    return [
        sa.Column(name, TEXT if name in text else BIG, primary_key=True, nullable=False, autoincrement=False)
        for name in names
    ]


def _of(rows: tuple[Field, ...]) -> list[sa.Column[Any]]:
    """One column a field, in the registry's order; ids are in the key already."""
    return [
        sa.Column(row.column, TEXT if row.kind.sql == "text" else BIG)
        for row in rows
        if row.column and row.column not in ("id", "payment_id")
    ]


account: Final = sa.Table(
    "account", metadata, *_key("cm_id"), _text("name", null=False), _text("subdomain", null=False),
    _text("options", null=False), _big("created_at", null=False), sa.UniqueConstraint("subdomain"),
)  # fmt: skip
account_lock: Final = sa.Table("account_lock", metadata, *_key("cm_id"))
credential: Final = sa.Table(
    "credential", metadata, *_key("hash", text=("hash",)), _big("account_id", null=False), _big("key_id", null=False),
    _big("until"),
)  # fmt: skip
id_block: Final = sa.Table("id_block", metadata, *_key("name", text=("name",)), _big("next_id", null=False))
api_key: Final = sa.Table(
    "api_key", metadata, *_key("cm_id", "id"), _text("kind", null=False), _text("name", null=False), _text("last4", null=False),
    _text("password_hash"), _text("operations", null=False), _text("mandatory", null=False), _text("options", null=False),
    _big("owner", null=False), _big("created_at", null=False), _text("told"), sa.UniqueConstraint("cm_id", "name"),
)  # fmt: skip
key_use: Final = sa.Table(
    "key_use", metadata, *_key("cm_id", "key_id", "day"), _big("requests", null=False), _big("failures", null=False),
    _big("last_at", null=False),
)  # fmt: skip
employee: Final = sa.Table(
    "employee", metadata, *_key("cm_id", "id"), _text("code", null=False), _text("name", null=False), _text("name_key", null=False),
    _text("email"), _text("email_key"), _big("active", null=False), _big("created_at", null=False),
    sa.UniqueConstraint("cm_id", "code"), sa.Index(None, "cm_id", "email_key"), sa.Index(None, "cm_id", "name_key"),
)  # fmt: skip
assignment_group: Final = sa.Table(
    "assignment_group", metadata, *_key("cm_id", "id"), _text("name", null=False), _text("members", null=False),
    _big("turn", null=False), sa.UniqueConstraint("cm_id", "name"),
)  # fmt: skip
customer: Final = sa.Table(
    "customer", metadata, *_key("cm_id", "id"), _big("revision", null=False), _big("created_at", null=False),
    _big("modified_at", null=False), _big("creator_id"), _big("main_contact_id"), _big("merged_into"),
    _text("phone_key"), _text("email_key"), *_of(CUSTOMER_FIELDS), _text("name_key"), _text("words_key"),
    sa.Index(None, "cm_id", "created_at", "id"),
)  # fmt: skip
customer_identity: Final = sa.Table(
    "customer_identity", metadata, *_key("cm_id", "kind", "value", "customer_id", text=("kind", "value")),
)  # fmt: skip
sa.Index("uq_customer_identity_code", customer_identity.c.cm_id, customer_identity.c.value, unique=True,
         postgresql_where=sa.text("kind = 'code'"), sqlite_where=sa.text("kind = 'code'"))  # fmt: skip
contact: Final = sa.Table(
    "contact", metadata, *_key("cm_id", "id"), _big("customer_id", null=False), _big("created_at", null=False),
    _big("modified_at", null=False), _big("own", null=False), _text("phone_key"), _text("phone2_key"), _text("email_key"),
    *_of(CONTACT_FIELDS), sa.Index(None, "cm_id", "customer_id", "id"),
)  # fmt: skip
for _column in ("phone_key", "phone2_key", "email_key"):
    sa.Index(f"ix_contact_own_{_column}", contact.c.cm_id, contact.c[_column], contact.c.customer_id,
             postgresql_where=sa.text("own = 1"), sqlite_where=sa.text("own = 1"))  # fmt: skip
enquiry: Final = sa.Table(
    "enquiry", metadata, *_key("cm_id", "id"), _big("customer_id", null=False), _big("revision", null=False),
    _big("modified_at", null=False), _big("creator_id"), _text("assigned_reason"), *_of(ENQUIRY_FIELDS),
    sa.Index(None, "cm_id", "customer_id", "created_at", "id"),
)  # fmt: skip
orders: Final = sa.Table(
    "orders", metadata, *_key("cm_id", "id"), _big("revision", null=False), _big("received_at", null=False),
    _big("deleted_at"), _big("total_given", null=False), _text("assigned_reason"), _text("contact_phone_key"),
    _text("contact_email_key"), *_of(ORDER_FIELDS), _text("contact_name_key"), _text("words_key"),
    sa.Index(None, "cm_id", "create_date", "id"), sa.Index(None, "cm_id", "modified_at", "id"),
    sa.Index(None, "cm_id", "customer_id", "create_date", "id"), sa.Index(None, "cm_id", "enquiry_id", "id"),
    sa.Index(None, "cm_id", "status", "create_date", "id"),
)  # fmt: skip
sa.Index("ix_orders_assigned_to", orders.c.cm_id, orders.c.assigned_to, orders.c.create_date, orders.c.id,
         postgresql_where=sa.text("assigned_to IS NOT NULL"), sqlite_where=sa.text("assigned_to IS NOT NULL"))  # fmt: skip
# What people look orders up by. Many orders have no e-mail, and few the two references: those pay nothing for it.
for _column in ("contact_phone_key", "contact_email_key"):
    sa.Index(f"ix_orders_{_column}", orders.c.cm_id, orders.c[_column],
             postgresql_where=sa.text(f"{_column} IS NOT NULL"), sqlite_where=sa.text(f"{_column} IS NOT NULL"))  # fmt: skip
for _column in ("client_reference_id", "erp_invoice_no"):
    sa.Index(f"ix_orders_{_column}", orders.c.cm_id, orders.c[_column], orders.c.create_date, orders.c.id,
             postgresql_where=sa.text(f"{_column} IS NOT NULL"), sqlite_where=sa.text(f"{_column} IS NOT NULL"))  # fmt: skip
sa.Index("uq_orders_erp_order_id", orders.c.cm_id, orders.c.erp_order_id, unique=True,
         postgresql_where=sa.text("deleted_at IS NULL"), sqlite_where=sa.text("deleted_at IS NULL"))  # fmt: skip
order_line: Final = sa.Table("order_line", metadata, *_key("cm_id", "order_id", "line_no"), *_of(LINE_FIELDS))
payment_entry: Final = sa.Table(
    "payment_entry", metadata, *_key("cm_id", "payment_id", "entry_no"), _big("order_id", null=False),
    _big("at", null=False), *_of(PAYMENT_FIELDS), sa.Index(None, "cm_id", "order_id", "payment_id", "entry_no"),
)  # fmt: skip
sa.Index("uq_payment_entry_reference", payment_entry.c.cm_id, payment_entry.c.order_id, payment_entry.c.reference, unique=True,
         postgresql_where=sa.text("entry_no = 1"), sqlite_where=sa.text("entry_no = 1"))  # fmt: skip
event: Final = sa.Table(
    "event", metadata, *_key("cm_id", "seq"), _big("at", null=False), _text("kind", null=False), _big("order_id"),
    _big("customer_id"), _big("enquiry_id"), _text("actor", null=False), _text("request_id", null=False),
    _big("group_id", null=False), _text("changes", null=False), sa.Index(None, "cm_id", "order_id", "seq"),
)  # fmt: skip
named_list: Final = sa.Table(
    "named_list", metadata, *_key("cm_id", "id"), _text("list", null=False), _text("name_key", null=False),
    _text("name", null=False), _big("created_at", null=False), sa.UniqueConstraint("cm_id", "list", "name_key"),
)  # fmt: skip
saved_view: Final = sa.Table(
    "saved_view", metadata, *_key("cm_id", "id"), _text("name", null=False), _text("filters", null=False),
    _big("created_at", null=False), sa.UniqueConstraint("cm_id", "name"),
)  # fmt: skip
idempotency: Final = sa.Table(
    "idempotency", metadata, *_key("cm_id", "key_id", "token", text=("token",)), _big("at", null=False),
    _text("request_hash", null=False), _big("status", null=False), _text("answer", null=False),
    _text("headers", null=False), sa.Index(None, "cm_id", "at"),
)  # fmt: skip
# `facts` is what the log shows of a request, as JSON; what it sent and was answered lies in a block with its neighbours.
request_log: Final = sa.Table(
    "request_log", metadata, *_key("cm_id", "at", "id"), _text("request_id", null=False), _big("key_id", null=False),
    _text("operation", null=False), _big("status", null=False), _text("error"), _text("facts", null=False),
    _big("block_id"), _big("place"), sa.Index(None, "cm_id", "request_id", "at"),
)  # fmt: skip
sa.Index("ix_request_log_error", request_log.c.cm_id, request_log.c.error, request_log.c.at, request_log.c.id,
         postgresql_where=sa.text("error IS NOT NULL"), sqlite_where=sa.text("error IS NOT NULL"))  # fmt: skip
request_block: Final = sa.Table(
    "request_block", metadata, *_key("cm_id", "id"), _big("at", null=False), _big("size", null=False),
    sa.Column("data", sa.LargeBinary, nullable=False), sa.Index(None, "cm_id", "at"),
)  # fmt: skip
request_find: Final = sa.Table(
    "request_find", metadata, *_key("cm_id", "kind", "value", "at", "id", text=("kind", "value"))
)

SEQUENCES: Final[dict[str, int]] = {
    "account": 1_000_001, "key": 1, "employee": 200_001, "group": 1, "customer": 48_000_001, "contact": 209_000_001,
    "enquiry": 11_000_001, "order": 4_000_001, "payment": 90_001, "write": 1, "request": 1,
}  # fmt: skip
# Sequence -> the column that it numbers. Accounts are left out: one may be given a number of any size.
NUMBERED: Final[dict[str, tuple[str, str]]] = {
    "key": ("api_key", "id"), "employee": ("employee", "id"), "group": ("assignment_group", "id"),
    "customer": ("customer", "id"), "contact": ("contact", "id"), "enquiry": ("enquiry", "id"), "order": ("orders", "id"),
    "payment": ("payment_entry", "payment_id"), "write": ("event", "group_id"), "request": ("request_log", "id"),
}  # fmt: skip
