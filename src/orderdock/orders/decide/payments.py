"""Payments: recorded, corrected, and never recorded twice; the ledger is append-only (contract 2.4)."""

from __future__ import annotations

from typing import Final

from orderdock.accounts.model import Scope
from orderdock.errors import Fault
from orderdock.kinds import MAX_BIGINT, shortest
from orderdock.orders.decide.mandatory import missing_payment
from orderdock.orders.model import PaymentWrite, Verdict
from orderdock.world import Event, Record, World

REFUND: Final = "refund"
DETAILS: Final[tuple[str, ...]] = ("mode", "cheque_number", "cheque_date", "bank", "remarks", "paid_at", "reference")


def amount_of(entries: tuple[Record, ...]) -> int:
    """What a payment amounts to now."""
    return sum(entry["amount"] for entry in entries)


def paid_of(entries: tuple[Record, ...]) -> int:
    """What a payment was paid with, whatever was refunded of it since; a refund of its own: its negative amount."""
    return sum(entry["amount"] for entry in _own(entries))


def is_refund(entries: tuple[Record, ...]) -> bool:
    """Whether it is a refund of its own, and no payment."""
    return bool(entries[0]["kind"] == REFUND)


def _own(entries: tuple[Record, ...]) -> list[Record]:
    """The entries of a payment without its refunds: the newest of them tells its details."""
    return [entry for entry in entries if entry["kind"] != REFUND or is_refund(entries)]


def pay_statement(order: Record, amount: int) -> Record:
    """The payment that a statement of `total_paid` makes: its amount, in the order's payment mode."""
    return {"amount": amount, "mode": order["payment_mode"]} if order.get("payment_mode") else {"amount": amount}


def book(world: World, order: Record, values: Record) -> int:
    """Record a payment on an order: one entry, the order's sum, one event. Answers the payment's number."""
    number = world.take_id("payment")
    details = _enter(world, order, number, "payment", values["amount"], values)
    for table, name in ((world.references, "reference"), (world.cheques, "cheque_number")):
        if name in details:
            key = (order["id"], details[name])
            world.put(table, key, (*table.get(key, ()), number))
    _tell(world, order, "payment.added", number, {"after": {"amount": values["amount"], **details}})
    return number


def _enter(world: World, order: Record, number: int, kind: str, amount: int, values: Record) -> Record:
    """Append an entry to a payment, new or known; answers its details."""
    entries = world.payments.get(number, ())
    details = {name: values[name] for name in DETAILS if name in values}
    details.setdefault("paid_at", world.now)
    entry: Record = {
        "payment_id": number,
        "entry_no": len(entries) + 1,
        "order_id": order["id"],
        "at": world.now,
        "kind": kind,
        "amount": amount,
        **details,
    }
    world.put(world.payments, number, (*entries, entry))
    _add_paid(world, order, amount)
    return details


def give_back(world: World, order: Record, values: Record, of: int | None) -> int:
    """Book a refund: a negative entry, of a payment or of its own (contract 2.8 rule 8). Answers the payment."""
    number = world.take_id("payment") if of is None else of
    details = _enter(world, order, number, REFUND, -values["amount"], values)
    _index_details(world, order["id"], number, details)
    _tell(world, order, "payment.refunded", number, {"after": {"amount": -values["amount"], **details}})
    return number


def _add_paid(world: World, order: Record, amount: int) -> None:
    paid = order["total_paid"] + amount
    world.put(
        world.orders,
        order["id"],
        {**order, "total_paid": paid, "revision": order["revision"] + 1, "modified_at": world.now},
    )


def _tell(world: World, order: Record, kind: str, payment_id: int, changes: Record) -> None:
    world.events.append(
        Event(kind, order["id"], order["customer_id"], order["enquiry_id"], {"payment_id": payment_id, **changes})
    )


def pay(world: World, scope: Scope, command: PaymentWrite) -> Verdict:
    """Judge one payment and lay its records over the world."""
    faults = [*command.faults, *(missing_payment(command, scope) if scope.mandatory else ())]
    warnings = list(command.warnings)
    _check_amount(command, faults)
    payment_id = command.values.get("payment_id")
    if payment_id is not None:
        return correct(world, command, payment_id, faults, warnings)
    order = _order_of(world, command, faults)
    if faults or order is None:
        return Verdict("failed", command, faults, warnings)
    return record(world, command, order, warnings)


def record(world: World, command: PaymentWrite, order: Record, warnings: list[Fault]) -> Verdict:
    """Record a payment on an order, unless its reference says that it is there already."""
    known = world.references.get((order["id"], command.values.get("reference", "")), ())
    if known:
        return _repeat(world, command, order, known[0], warnings)
    if order["total_paid"] + command.values["amount"] > MAX_BIGINT:
        return Verdict(
            "failed", command, [Fault("InvalidAmount", "payment.amount", "the sum paid would be too large")], warnings
        )
    _warn_of_twin(world, command, order, warnings)
    number = book(world, order, command.values)
    _warn_of_excess(world.orders[order["id"]], warnings)
    return _verdict("created", command, warnings, order, number)


def _verdict(outcome: str, command: PaymentWrite, warnings: list[Fault], order: Record, number: int) -> Verdict:
    return Verdict(outcome, command, [], warnings, order["id"], order["customer_id"], order["enquiry_id"], number)  # type: ignore[arg-type]  # callers pass one of the outcomes


def _check_amount(command: PaymentWrite, faults: list[Fault]) -> None:
    amount = command.values.get("amount")
    if amount is None:
        if not any(fault.field == "payment.amount" for fault in faults):
            faults.append(Fault("ReqFieldMissing", "payment.amount", "amount_paid is needed"))
    elif amount <= 0:
        faults.append(Fault("AmountNotPositive", "payment.amount", "must be greater than zero"))


def _order_of(world: World, command: PaymentWrite, faults: list[Fault]) -> Record | None:
    """The order that a new payment is for; adds what is missing or does not agree."""
    if command.order_id is None and command.erp_order_id is None:
        faults.append(Fault("ReqFieldMissing", "order.id", "the order is needed"))
    if command.customer_id is None:
        faults.append(Fault("ReqFieldMissing", "customer.id", "the customer is needed"))
    by_number = world.order(command.order_id)
    by_erp = world.order(world.erp.get(command.erp_order_id)) if command.erp_order_id is not None else None
    order = by_number if command.order_id is not None else by_erp
    if order is None:
        if command.order_id is not None or command.erp_order_id is not None:
            field = "order.id" if command.order_id is not None else "order.erp_order_id"
            faults.append(Fault("OrderNotFound", field, "no such order"))
        return None
    if command.erp_order_id is not None and (by_erp is None or by_erp["id"] != order["id"]):
        faults.append(Fault("PaymentMismatch", "order.erp_order_id", "this is not the number of the order"))
    if command.customer_id is not None and _survivor(world, command.customer_id) != order["customer_id"]:
        faults.append(Fault("CustomerMismatch", "customer.id", "not the customer of this order"))
    return order


def _survivor(world: World, customer_id: int) -> int:
    return world.merged.get(customer_id, customer_id)


def _repeat(world: World, command: PaymentWrite, order: Record, number: int, warnings: list[Fault]) -> Verdict:
    """The same payment_reference again: the payment is there already, or it is another one."""
    if _is_paid(world.payments[number], command.values):
        return _verdict("unchanged", command, warnings, order, number)
    message = f"payment {number} has this reference and another amount; correct it by payment_id"
    return Verdict("failed", command, [Fault("PaymentMismatch", "payment.reference", message)], warnings)


def _is_paid(entries: tuple[Record, ...], values: Record) -> bool:
    """Whether a payment has the reference and the amount; the reference of a refund of it is not its own."""
    carried = any(entry.get("reference") == values["reference"] for entry in _own(entries))
    return carried and paid_of(entries) == values["amount"]


def _warn_of_twin(world: World, command: PaymentWrite, order: Record, warnings: list[Fault]) -> None:
    cheque = command.values.get("cheque_number")
    if cheque is None or "reference" in command.values:
        return
    twins = [
        one
        for one in world.cheques.get((order["id"], cheque), ())
        if paid_of(world.payments[one]) == command.values["amount"]
    ]
    if twins:
        warnings.append(
            Fault(
                "PossibleDuplicate",
                "payment.cheque_number",
                "a payment with this cheque and amount is there already",
                str(twins[0]),
            )
        )


def _warn_of_excess(order: Record, warnings: list[Fault]) -> None:
    excess = order["total_paid"] - order["grand_total"] if "grand_total" in order else 0
    if excess > 0:
        warnings.append(Fault("Overpaid", "payment.amount", "more is paid than the order costs", shortest(excess)))


def correct(world: World, command: PaymentWrite, number: int, faults: list[Fault], warnings: list[Fault]) -> Verdict:
    """Correct an earlier payment: its amount is reversed and entered anew, empty details stay (contract 2.4 rule 3)."""
    entries = world.payments.get(number)
    order = world.order(entries[0]["order_id"]) if entries else None
    if entries is None or order is None:
        return Verdict(
            "failed", command, [*faults, Fault("PaymentNotFound", "payment.id", "no such payment")], warnings
        )
    faults += _disagreements(world, command, order, number)
    if faults:
        return Verdict("failed", command, faults, warnings)
    old, before = _own(entries)[-1], paid_of(entries)
    details = {name: old[name] for name in DETAILS if name in old} | {
        name: command.values[name] for name in DETAILS if name in command.values
    }
    after = {"amount": -command.values["amount"] if is_refund(entries) else command.values["amount"], **details}
    changed = [name for name, value in after.items() if (before if name == "amount" else old.get(name)) != value]
    if not changed:
        return _verdict("unchanged", command, warnings, order, number)
    if fault := _overdrawn(order, entries, after["amount"] - before):
        return Verdict("failed", command, [fault], warnings)
    common: Record = {"payment_id": number, "order_id": order["id"], "at": world.now}
    reversal: Record = {
        **common,
        "entry_no": len(entries) + 1,
        "kind": "reversal",
        "amount": -before,
        **{name: old[name] for name in DETAILS if name in old},
    }
    anew: Record = {**common, "entry_no": len(entries) + 2, "kind": entries[0]["kind"], **after}
    world.put(world.payments, number, (*entries, reversal, anew))
    _index_details(world, order["id"], number, command.values)
    _add_paid(world, order, after["amount"] - before)
    shown = {name: before if name == "amount" else old.get(name) for name in changed}
    _tell(
        world, order, "payment.corrected", number, {"before": shown, "after": {name: after[name] for name in changed}}
    )
    _warn_of_excess(world.orders[order["id"]], warnings)
    return _verdict("updated", command, warnings, order, number)


def _overdrawn(order: Record, entries: tuple[Record, ...], more: int) -> Fault | None:
    """What forbids that a payment grows by `more`: too much is paid, or less than was refunded (contract 2.8.8)."""
    if order["total_paid"] + more > MAX_BIGINT:
        return Fault("InvalidAmount", "payment.amount", "the sum paid would be too large")
    if order["total_paid"] + more < 0 or (not is_refund(entries) and amount_of(entries) + more < 0):
        return Fault("RefundExceedsPaid", "payment.amount", "more was refunded than would be paid")
    return None


def _index_details(world: World, order_id: int, number: int, values: Record) -> None:
    for table, name in ((world.references, "reference"), (world.cheques, "cheque_number")):
        if name in values and number not in table.get((order_id, values[name]), ()):
            world.put(table, (order_id, values[name]), (*table.get((order_id, values[name]), ()), number))


def _disagreements(world: World, command: PaymentWrite, order: Record, number: int) -> list[Fault]:
    """A correction may name the order, the customer and the reference, but not other ones than the payment's."""
    faults = []
    if command.order_id is not None and command.order_id != order["id"]:
        faults.append(Fault("PaymentMismatch", "order.id", "the payment is for another order"))
    if command.erp_order_id is not None and world.erp.get(command.erp_order_id) != order["id"]:
        faults.append(Fault("PaymentMismatch", "order.erp_order_id", "the payment is for another order"))
    if command.customer_id is not None and _survivor(world, command.customer_id) != order["customer_id"]:
        faults.append(Fault("PaymentMismatch", "customer.id", "the payment is of another customer"))
    holders = world.references.get((order["id"], command.values.get("reference", "")), ())
    if holders and number not in holders:
        faults.append(Fault("PaymentMismatch", "payment.reference", f"payment {holders[0]} has this reference"))
    return faults
