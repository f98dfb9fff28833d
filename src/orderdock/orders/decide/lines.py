"""What lines are worth, and what an order's sums follow from them (contract 1.7)."""

from __future__ import annotations

from typing import Final

from orderdock.errors import Fault
from orderdock.kinds import MAX_BIGINT, SCALE, shortest
from orderdock.world import Record

_HUNDRED: Final = 100 * SCALE


def _half_up(number: int, parts: int) -> int:
    """number / parts, a half rounded away from zero."""
    quotient = (abs(number) + parts // 2) // parts
    return -quotient if number < 0 else quotient


def value_line(line: Record, at: int, percent: bool, faults: list[Fault], warnings: list[Fault]) -> Record:
    """A line with its defaults and its value; the discount becomes an amount whatever the key says it is."""
    rate, quantity, discount = line.get("rate", 0), line.get("quantity", SCALE), line.get("discount", 0)
    gross = _half_up(rate * quantity, SCALE)
    if percent and discount > _HUNDRED:
        faults.append(
            Fault("InvalidAmount", "line.discount", "a percentage from 0 to 100 is needed", shortest(discount), at)
        )
        discount = 0
    value = _half_up(rate * quantity * (_HUNDRED - discount), SCALE * _HUNDRED) if percent else gross - discount
    if max(abs(gross), abs(value)) > MAX_BIGINT:
        faults.append(Fault("InvalidAmount", "line.rate", "the value of the line is too large", shortest(rate), at))
    elif value < 0 <= rate:
        warnings.append(
            Fault(
                "DiscountExceedsLine", "line.discount", "the discount is larger than the line", shortest(discount), at
            )
        )
    return {
        **line,
        "rate": rate,
        "quantity": quantity,
        "discount": gross - value if percent else discount,
        "value": value,
    }


def sums_of(lines: tuple[Record, ...], faults: list[Fault]) -> Record:
    """The sums that an order keeps of its lines."""
    quantity = value = gross = discount = 0
    for line in lines:
        quantity += line["quantity"]
        value += line["value"]
        gross += _half_up(line["rate"] * line["quantity"], SCALE)
        discount += line["discount"]
    if max(quantity, abs(value), abs(gross), discount) > MAX_BIGINT:
        faults.append(Fault("InvalidAmount", "lines", "the sum of the lines is too large"))
    return {"product_quantity": quantity, "product_value": value, "gross_value": gross, "discount": discount}
