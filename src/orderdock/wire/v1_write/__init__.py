"""The v1 family of the order API, writing: `/ms/customer/order/api/v1/add-update` (contract 2.8)."""

from __future__ import annotations

from orderdock.wire.v1_write.read import check_account, one_object, read_form, revisions_of
from orderdock.wire.v1_write.show import render_form

__all__ = ["check_account", "one_object", "read_form", "render_form", "revisions_of"]
