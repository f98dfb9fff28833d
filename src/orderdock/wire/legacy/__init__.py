"""The legacy family of the order API, writing: `add-update-order-from-other-source.html` (contract 2.1 - 2.5)."""

from __future__ import annotations

from orderdock.wire.legacy.read import read_writes
from orderdock.wire.legacy.show import REQUEST_TEXT, render_writes

__all__ = ["REQUEST_TEXT", "read_writes", "render_writes"]
