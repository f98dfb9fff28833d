"""The v1 family, writing: add-updates of orders and of customers (contract 2.8, 2.14)."""

from __future__ import annotations

from orderdock.wire.v1_write.customer import read_customer
from orderdock.wire.v1_write.read import check_account, one_object, read_form, revisions_of
from orderdock.wire.v1_write.show import render_form

__all__ = ["check_account", "one_object", "read_customer", "read_form", "render_form", "revisions_of"]
