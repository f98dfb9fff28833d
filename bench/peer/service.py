"""What the service does, in terms of its tables. Who calls it commits."""

from collections.abc import Sequence
from datetime import UTC, datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import selectinload

from bench.peer.models import Customer, Enquiry, History, Order, OrderLine
from bench.peer.schemas import LineIn, OrderIn


async def push(session: AsyncSession, account_id: int, items: Sequence[OrderIn]) -> list[Order]:
    """Store orders, with their customers where they are new."""
    known = await customers_by_phone(session, account_id, {item.phone for item in items})
    made = []
    for item in items:
        customer = known.get(item.phone)
        if customer is None:
            customer = known[item.phone] = new_customer(account_id, item)
        made.append(new_order(account_id, customer, item))
    session.add_all(made)
    await session.flush()
    return made


async def customers_by_phone(session: AsyncSession, account_id: int, phones: set[str]) -> dict[str, Customer]:
    """The customers already there: one query, however many orders come in."""
    query = select(Customer).where(Customer.account_id == account_id, Customer.phone.in_(phones))
    return {customer.phone: customer for customer in await session.scalars(query)}


def new_customer(account_id: int, item: OrderIn) -> Customer:
    """A customer as the first order names them."""
    now = datetime.now(UTC)
    return Customer(
        account_id=account_id,
        name=item.customer_name,
        phone=item.phone,
        email=item.email_id,
        address=item.address,
        zip_code=item.zip_code,
        created_at=now,
        modified_at=now,
    )


def new_order(account_id: int, customer: Customer, item: OrderIn) -> Order:
    """An order with its enquiry, lines and history."""
    now = datetime.now(UTC)
    lines = [new_line(number, line) for number, line in enumerate(item.product_details, start=1)]
    return Order(
        account_id=account_id,
        erp_order_id=item.erp_order_id,
        customer=customer,
        enquiry=Enquiry(account_id=account_id, customer=customer, status="N", created_at=now),
        status=item.order_status,
        type=item.order_type,
        create_date=item.create_date,
        payment_mode=item.payment_mode,
        name=item.customer_name,
        phone=item.phone,
        email=item.email_id,
        address=item.address,
        zip_code=item.zip_code,
        grand_total=item.grand_total,
        product_value=sum(line.value for line in lines),
        product_quantity=sum(line.quantity for line in lines),
        created_at=now,
        modified_at=now,
        lines=lines,
        history=[History(at=now, action="created", actor="key:bench", changes=item.model_dump(mode="json"))],
    )


def new_line(number: int, line: LineIn) -> OrderLine:
    """A line, with what it comes to."""
    return OrderLine(
        line_no=number,
        sku=line.sku_id,
        name=line.product_name,
        rate=line.rate,
        quantity=line.quantity,
        discount=line.discount,
        value=line.rate * line.quantity - line.discount,
    )


async def find(
    session: AsyncSession, account_id: int, start: datetime, end: datetime, limit: int, offset: int
) -> Sequence[Order]:
    """Orders of a range of dates, oldest first, with their lines by a second query."""
    query = (
        select(Order)
        .where(Order.account_id == account_id, Order.create_date >= start, Order.create_date <= end)
        .order_by(Order.create_date, Order.id)
        .limit(limit)
        .offset(offset)
        .options(selectinload(Order.lines))
    )
    return (await session.scalars(query)).all()
