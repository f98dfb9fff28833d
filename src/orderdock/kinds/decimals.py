"""Money and quantities: exact decimals, stored as whole 1/10000 (contract 1.7)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Any, Final

from orderdock.kinds.base import MAX_BIGINT, SCALE, Json, Locale, Note, Number, Unreadable, as_text, is_empty, trimmed

_DECIMAL: Final = re.compile(r"([+-]?)(\d*)(?:\.(\d*))?", re.ASCII)


_LONGEST: Final = 64


@lru_cache(maxsize=65_536)
def _scaled(text: str, exponent: bool) -> int | None:
    """Ten-thousandths of a decimal text, exactly; None when it is not one. A JSON number may have an exponent."""
    text = text.strip()
    if text.isdigit() and text.isascii() and len(text) <= 15:
        return int(text) * SCALE
    if exponent and ("e" in text or "E" in text):
        try:
            number = Decimal(text)
        except ArithmeticError:  # an exponent of twenty digits
            return None
        if not -20 < number.adjusted() < 16:
            return 0 if not number else None
        text = format(number, "f")
    match = _DECIMAL.fullmatch(text)
    if match is None:
        return None
    sign, whole, part = match[1], match[2].lstrip("0"), (match[3] or "").rstrip("0")
    if len(whole) > 15 or len(part) > 4 or not (match[2] or match[3]):
        return None
    amount = int(whole or "0") * SCALE + int(part.ljust(4, "0"))
    return -amount if sign == "-" else amount


def shortest(scaled: int) -> str:
    """The shortest decimal text of a number of ten-thousandths: 15000000 -> "1500", 995000 -> "99.5"."""
    if scaled % SCALE == 0:
        return str(scaled // SCALE)
    whole, part = divmod(abs(scaled), SCALE)
    sign = "-" if scaled < 0 else ""
    return f"{sign}{whole}.{part:04d}".rstrip("0")


@dataclass(frozen=True)
class Decimals:
    """An exact decimal with up to 15 digits before and 4 behind the point, stored as whole 1/10000."""

    label: str = "money"
    code: str = "InvalidAmount"
    message: str = "not an amount"
    negative: bool = False
    sql: str = "bigint"

    def read(self, raw: Any, locale: Locale, notes: list[Note]) -> int | None:
        text = raw if type(raw) is str else as_text(raw)
        # What is longer is no amount that comes again, and would fill the memory.
        find = _scaled if len(text) <= _LONGEST else _scaled.__wrapped__
        amount = find(text, isinstance(raw, Number))
        if amount is None:
            if is_empty(raw):
                return None
            raise Unreadable(self.code, self.message)
        if abs(amount) > MAX_BIGINT:
            raise Unreadable(self.code, "too large")
        if amount < 0 and not self.negative:
            raise Unreadable(self.code, "must not be negative")
        return amount

    def show(self, value: int, locale: Locale) -> str:
        return shortest(value)

    def plain(self, value: int) -> Any:
        return value // SCALE if value % SCALE == 0 else Decimal(value) / SCALE

    def schema(self) -> Json:
        digits = r"0*\d{0,15}(?:\.\d{0,4}0*)?"
        if self.negative:
            return {"type": ["number", "string", "null"], "pattern": trimmed(f"[+-]?{digits}")}
        return {"type": ["number", "string", "null"], "minimum": 0, "pattern": trimmed(rf"-[0.]*|\+?{digits}")}
