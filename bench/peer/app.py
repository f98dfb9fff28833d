"""The HTTP side: who calls, one transaction a request, and three routes."""

import hmac
import os
from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from typing import Annotated

from fastapi import Depends, FastAPI, Header, HTTPException, Query
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine

from bench.peer import service
from bench.peer.models import Order
from bench.peer.schemas import OrderIn, OrderOut, Pushed

ACCOUNT = 1

engine = create_async_engine(os.environ["PEER_DATABASE"], pool_size=20, max_overflow=10)
sessions = async_sessionmaker(engine, expire_on_commit=False)
app = FastAPI(title="Orders")


async def session() -> AsyncIterator[AsyncSession]:
    """A session for one request."""
    async with sessions() as opened:
        yield opened


async def account(authorization: Annotated[str, Header()] = "") -> int:
    """The account that the key belongs to."""
    if not hmac.compare_digest(authorization, os.environ["PEER_KEY"]):
        raise HTTPException(401, "unknown key")
    return ACCOUNT


Session = Annotated[AsyncSession, Depends(session)]
Account = Annotated[int, Depends(account)]


@app.get("/readyz")
async def ready() -> dict[str, str]:
    """Whether the service answers."""
    return {"status": "ok"}


@app.post("/orders")
async def push(items: list[OrderIn], account_id: Account, session: Session) -> list[Pushed]:
    """Store one order or many, all or none."""
    try:
        made = await service.push(session, account_id, items)
        await session.commit()
    except IntegrityError as error:
        raise HTTPException(409, "an order of this number is there already") from error
    return [Pushed(order_id=one.id, enquiry_id=one.enquiry_id, customer_id=one.customer_id) for one in made]


@app.get("/orders", response_model=list[OrderOut])
async def find(
    start: datetime,
    end: datetime,
    account_id: Account,
    session: Session,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    offset: Annotated[int, Query(ge=0)] = 0,
) -> Sequence[Order]:
    """Orders of a range of dates with their lines."""
    return await service.find(session, account_id, start, end, limit, offset)
