"""Numbers of orders alone: by the caller's own number, and the newest of customers."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from orderdock.db import JSON_ARRAY, Sql, Tx, as_rows, source
from orderdock.kinds import from_json

_BY_ERP: Final = Sql(
    """SELECT o.id FROM orders o
       WHERE o.cm_id = :cm_id AND o.erp_order_id = :erp_order_id AND o.deleted_at IS NULL"""
)
# By the index of customers alone, however many orders one of them has.
_OF_CUSTOMERS: Final = Sql(
    """SELECT (SELECT {array}(hit.id) FROM (
            SELECT o.id FROM orders o WHERE o.cm_id = :cm_id AND o.customer_id = names.id
            ORDER BY o.customer_id DESC, o.create_date DESC, o.id DESC LIMIT :most) AS hit) FROM {names}""",
    names=source("names", id="bigint"),
    array=JSON_ARRAY,
)
# By the order's own contact, which need not be its customer's. The index holds no order, so what is sorted is bounded.
_OF_CONTACT: Final = {
    kind: Sql(
        f"""SELECT hit.id FROM (SELECT o.id FROM orders o WHERE o.cm_id = :cm_id AND o.{column} = :value
                                LIMIT :looked_at) AS hit ORDER BY hit.id DESC LIMIT :most"""
    )
    for kind, column in (("phone", "contact_phone_key"), ("email", "contact_email_key"))
}
_MOST_LOOKED_AT: Final = 20_000


def by_erp(tx: Tx, cm_id: int, erp_order_id: str) -> list[int]:
    """The order of a caller's own number; none or one."""
    return [number for (number,) in tx.all(_BY_ERP, cm_id=cm_id, erp_order_id=erp_order_id)]


def of_customers(tx: Tx, cm_id: int, customers: Collection[int], most: int) -> list[int]:
    """The newest orders of each of some customers, deleted ones included, `most` of each; newest first."""
    found: list[int] = []
    for (listed,) in tx.all(_OF_CUSTOMERS, cm_id=cm_id, most=most, names=as_rows([{"id": one} for one in customers])):
        found += from_json(listed) if isinstance(listed, str) else listed or []
    return sorted(found, reverse=True)


def of_contact(tx: Tx, cm_id: int, kind: str, value: str, most: int) -> list[int]:
    """The newest orders that carry a phone or an e-mail themselves, in its compared form, deleted ones included."""
    asked = {"cm_id": cm_id, "value": value, "most": most, "looked_at": max(most, _MOST_LOOKED_AT)}
    return [number for (number,) in tx.all(_OF_CONTACT[kind], **asked)]
