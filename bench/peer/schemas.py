"""What comes in and goes out. The names coming in are those of Orderdock's push, so that both get the same bytes."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field


def with_zone(value: datetime) -> datetime:
    """A moment without a zone is UTC."""
    return value if value.tzinfo else value.replace(tzinfo=UTC)


Moment = Annotated[datetime, AfterValidator(with_zone)]
Short = Annotated[str, Field(max_length=500)]
Money = Annotated[Decimal, Field(ge=0, max_digits=19, decimal_places=4)]


class LineIn(BaseModel):
    """One line of a pushed order."""

    sku_id: Short | None = None
    product_name: Short
    rate: Money
    quantity: Money = Decimal(1)
    discount: Money = Decimal(0)


class OrderIn(BaseModel):
    """One pushed order."""

    erp_order_id: Annotated[str, Field(min_length=1, max_length=200)]
    customer_name: Short
    phone: Annotated[str, Field(pattern=r"^\+?\d{7,15}$")]
    email_id: Short | None = None
    address: Annotated[str, Field(max_length=2000)] | None = None
    zip_code: Short | None = None
    create_date: Moment
    payment_mode: Short | None = None
    order_status: Short | None = None
    order_type: Short | None = None
    grand_total: Money
    product_details: list[LineIn]


class Pushed(BaseModel):
    """The answer to one pushed order."""

    status: str = "success"
    order_id: int
    enquiry_id: int
    customer_id: int


class LineOut(BaseModel):
    """One line of a listed order."""

    model_config = ConfigDict(from_attributes=True)

    line_no: int
    sku: str | None
    name: str
    rate: Decimal
    quantity: Decimal
    discount: Decimal
    value: Decimal


class OrderOut(BaseModel):
    """One listed order."""

    model_config = ConfigDict(from_attributes=True)

    id: int
    erp_order_id: str
    customer_id: int
    enquiry_id: int
    status: str | None
    type: str | None
    create_date: datetime
    modified_at: datetime
    payment_mode: str | None
    name: str
    phone: str
    email: str | None
    address: str | None
    zip_code: str | None
    grand_total: Decimal
    product_value: Decimal
    product_quantity: Decimal
    lines: list[LineOut]
