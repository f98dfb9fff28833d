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
    gross = rate if quantity == SCALE else _half_up(rate * quantity, SCALE)
    if percent:
        discount = gross - _after_percent(rate * quantity, discount, at, faults)
    value = gross - discount
    if max(abs(gross), abs(value)) > MAX_BIGINT:
        faults.append(Fault("InvalidAmount", "line.rate", "the value of the line is too large", shortest(rate), at))
    elif value < 0 <= rate:
        told = shortest(discount)
        warnings.append(Fault("DiscountExceedsLine", "line.discount", "the discount is larger than the line", told, at))
    return {**line, "rate": rate, "quantity": quantity, "discount": discount, "value": value}


def _after_percent(product: int, discount: int, at: int, faults: list[Fault]) -> int:
    """What is left of rate x quantity (in 1/10000 squared) after a discount in percent."""
    if discount > _HUNDRED:
        message = "a percentage from 0 to 100 is needed"
        faults.append(Fault("InvalidAmount", "line.discount", message, shortest(discount), at))
        discount = 0
    return _half_up(product * (_HUNDRED - discount), SCALE * _HUNDRED)


def sums_of(lines: tuple[Record, ...], faults: list[Fault]) -> Record:
    """The sums that an order keeps of its lines; gross is what they were worth without discounts."""
    quantity = value = discount = 0
    for line in lines:
        quantity += line["quantity"]
        value += line["value"]
        discount += line["discount"]
    gross = value + discount
    if max(quantity, abs(value), abs(gross), discount) > MAX_BIGINT:
        faults.append(Fault("InvalidAmount", "lines", "the sum of the lines is too large"))
    return {"product_quantity": quantity, "product_value": value, "gross_value": gross, "discount": discount}
