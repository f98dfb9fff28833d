"""The rules for orders, their lines and payments. Pure: records in, verdicts and changed records out."""

from orderdock.orders.decide.form import add_update
from orderdock.orders.decide.payments import pay
from orderdock.orders.decide.write import delete, write

__all__ = ["add_update", "delete", "pay", "write"]
