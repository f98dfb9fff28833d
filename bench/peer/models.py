"""The tables: the facts of one pushed order, as classes with relationships."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import BigInteger, DateTime, ForeignKey, Identity, Index, Numeric, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship


class Base(DeclarativeBase):
    """Numbers are exact, moments have a zone, ids are big."""

    type_annotation_map = {  # noqa: RUF012 -- as SQLAlchemy declares it
        int: BigInteger,
        datetime: DateTime(timezone=True),
        Decimal: Numeric(19, 4),
        dict[str, Any]: JSONB,
    }


class Customer(Base):
    """Who orders; found by phone."""

    __tablename__ = "customer"
    __table_args__ = (Index("ix_customer_phone", "account_id", "phone"),)

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    account_id: Mapped[int]
    name: Mapped[str]
    phone: Mapped[str]
    email: Mapped[str | None]
    address: Mapped[str | None]
    zip_code: Mapped[str | None]
    created_at: Mapped[datetime]
    modified_at: Mapped[datetime]


class Enquiry(Base):
    """What an order came from."""

    __tablename__ = "enquiry"

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    account_id: Mapped[int]
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id"), index=True)
    status: Mapped[str]
    created_at: Mapped[datetime]
    customer: Mapped[Customer] = relationship()


class Order(Base):
    """One order with its own copy of the customer's name and contact."""

    __tablename__ = "orders"
    __table_args__ = (
        UniqueConstraint("account_id", "erp_order_id"),
        Index("ix_orders_create_date", "account_id", "create_date", "id"),
    )

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    account_id: Mapped[int]
    erp_order_id: Mapped[str]
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id"), index=True)
    enquiry_id: Mapped[int] = mapped_column(ForeignKey("enquiry.id"), index=True)
    status: Mapped[str | None]
    type: Mapped[str | None]
    create_date: Mapped[datetime]
    payment_mode: Mapped[str | None]
    name: Mapped[str]
    phone: Mapped[str]
    email: Mapped[str | None]
    address: Mapped[str | None]
    zip_code: Mapped[str | None]
    grand_total: Mapped[Decimal]
    product_value: Mapped[Decimal]
    product_quantity: Mapped[Decimal]
    created_at: Mapped[datetime]
    modified_at: Mapped[datetime]
    customer: Mapped[Customer] = relationship()
    enquiry: Mapped[Enquiry] = relationship()
    lines: Mapped[list["OrderLine"]] = relationship(back_populates="order", order_by="OrderLine.line_no")
    history: Mapped[list["History"]] = relationship(back_populates="order")


class OrderLine(Base):
    """One article of an order."""

    __tablename__ = "order_line"

    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"), primary_key=True)
    line_no: Mapped[int] = mapped_column(primary_key=True)
    sku: Mapped[str | None]
    name: Mapped[str]
    rate: Mapped[Decimal]
    quantity: Mapped[Decimal]
    discount: Mapped[Decimal]
    value: Mapped[Decimal]
    order: Mapped[Order] = relationship(back_populates="lines")


class History(Base):
    """Who did what to an order, and when."""

    __tablename__ = "history"

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"), index=True)
    at: Mapped[datetime]
    action: Mapped[str]
    actor: Mapped[str]
    changes: Mapped[dict[str, Any]]
    order: Mapped[Order] = relationship(back_populates="history")
