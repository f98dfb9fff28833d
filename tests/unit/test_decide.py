"""Lines and sums: compared with an implementation in decimals that was written from contract 1.7 alone."""

from decimal import ROUND_HALF_UP, Decimal, localcontext

from hypothesis import given
from hypothesis import strategies as st

from orderdock.errors import Fault
from orderdock.kinds import MAX_BIGINT, SCALE
from orderdock.orders.decide.lines import sums_of, value_line
from orderdock.world import Record

STEP = Decimal("0.0001")
MOST = Decimal(MAX_BIGINT) / SCALE

# Mostly small numbers and ends of the range: where halves are rounded, and where sums leave a BIGINT.
amounts = st.one_of(st.integers(0, 30_000), st.sampled_from([0, 1, 9_999, 10**19 - 1]), st.integers(0, 10**19 - 1))
rates = st.one_of(amounts, amounts.map(lambda amount: -amount))
lines = st.fixed_dictionaries({}, optional={"rate": rates, "quantity": amounts, "discount": amounts})


def exact(scaled: int) -> Decimal:
    return Decimal(scaled).scaleb(-4)


def reference(line: Record, percent: bool) -> tuple[Decimal, Decimal, Decimal]:
    """(gross, discount amount, value) of a line: missing rate 0, quantity 1, discount 0; a half goes up."""
    with localcontext() as context:
        context.prec = 100
        rate, quantity = exact(line.get("rate", 0)), exact(line.get("quantity", SCALE))
        discount = exact(line.get("discount", 0))
        gross = (rate * quantity).quantize(STEP, ROUND_HALF_UP)
        if percent:
            value = (rate * quantity * (1 - discount / 100)).quantize(STEP, ROUND_HALF_UP)
            return gross, gross - value, value
        return gross, discount, (rate * quantity - discount).quantize(STEP, ROUND_HALF_UP)


@given(lines, st.booleans())
def test_the_value_of_a_line(line: Record, percent: bool) -> None:
    faults: list[Fault] = []
    warnings: list[Fault] = []
    valued = value_line(line, 3, percent, faults, warnings)
    if percent and line.get("discount", 0) > 100 * SCALE:
        assert [(fault.code, fault.field, fault.at) for fault in faults][:1] == [("InvalidAmount", "line.discount", 3)]
        return
    gross, discount, value = reference(line, percent)
    if max(abs(gross), abs(value)) > MOST:
        assert [(fault.code, fault.at) for fault in faults] == [("InvalidAmount", 3)]
        return
    assert faults == []
    assert (exact(valued["discount"]), exact(valued["value"])) == (discount, value)
    assert (valued["rate"], valued["quantity"]) == (line.get("rate", 0), line.get("quantity", SCALE))
    exceeds = value < 0 <= line.get("rate", 0)
    assert [warning.code for warning in warnings] == (["DiscountExceedsLine"] if exceeds else [])
    assert line.keys() <= valued.keys()


@given(st.lists(lines, max_size=6), st.booleans())
def test_the_sums_of_lines(given_lines: list[Record], percent: bool) -> None:
    faults: list[Fault] = []
    valued = tuple(value_line(line, at, percent, faults, []) for at, line in enumerate(given_lines))
    if faults:
        return
    sums = sums_of(valued, faults)
    parts = [reference(line, percent) for line in given_lines]
    wanted = {
        "product_quantity": sum((exact(line.get("quantity", SCALE)) for line in given_lines), Decimal(0)),
        "gross_value": sum((gross for gross, _, _ in parts), Decimal(0)),
        "discount": sum((discount for _, discount, _ in parts), Decimal(0)),
        "product_value": sum((value for _, _, value in parts), Decimal(0)),
    }
    if max(abs(amount) for amount in wanted.values()) > MOST:
        assert [fault.code for fault in faults] == ["InvalidAmount"]
    else:
        assert faults == []
        assert {name: exact(amount) for name, amount in sums.items()} == wanted


def test_examples_of_the_contract() -> None:
    lamp = value_line({"rate": 10_000 * SCALE, "quantity": SCALE, "discount": SCALE}, 0, False, [], [])
    assert lamp["value"] == 9_999 * SCALE
    bare = value_line({"name": "Lamp"}, 0, False, [], [])  # P17
    assert (bare["quantity"], bare["rate"], bare["discount"], bare["value"]) == (SCALE, 0, 0, 0)
    tenth = value_line({"rate": 15 * SCALE, "quantity": 3 * SCALE, "discount": 10 * SCALE}, 0, True, [], [])
    assert (tenth["discount"], tenth["value"]) == (45_000, 405_000)
