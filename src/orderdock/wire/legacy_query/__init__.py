"""Legacy pull and get, of orders and of customers: requests -> queries (contract 2.6, 2.7, 2.11, 2.12)."""

from orderdock.wire.legacy_query.customers import read_customer, read_customers
from orderdock.wire.legacy_query.orders import read_gets, read_pull

__all__ = ["read_customer", "read_customers", "read_gets", "read_pull"]
