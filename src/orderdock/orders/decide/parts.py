"""Payments and refunds of an add-update: booked in order; a repeated add books nothing twice (contract 2.8.7)."""

from __future__ import annotations

from typing import Final

from orderdock.errors import Fault
from orderdock.kinds import shortest
from orderdock.orders.decide import payments
from orderdock.orders.decide.payments import REFUND, amount_of, is_refund, paid_of
from orderdock.orders.model import AddUpdate, PaymentPart, PaymentWrite
from orderdock.world import Record, World

_COMPARED: Final = ("mode", "cheque_number")


class Till:
    """The payments of one request while they are booked on one order.

    `repeated`: the order was matched by its erp_order_id, so a payment that it has already is not booked again.
    """

    def __init__(self, world: World, form: AddUpdate, faults: list[Fault], warnings: list[Fault]) -> None:
        self.world, self.form = world, form
        self.faults, self.warnings = faults, warnings
        self.known: list[int] = []
        self.met: set[tuple[int, int]] = set()

    def check(self) -> bool:
        """Whether every payment has an amount; adds ReqFieldMissing and AmountNotPositive."""
        before = len(self.faults)
        unread = {fault.at for fault in self.faults if fault.field == "payment.amount"}
        for part in self.form.payments:
            amount = part.values.get("amount")
            if amount is None:
                if part.at not in unread:
                    self._fault("ReqFieldMissing", "amount", part, "amount_paid is needed")
            elif amount <= 0:
                self._fault("AmountNotPositive", "amount", part, "must be greater than zero")
        return len(self.faults) == before

    def book(self, order_id: int, *, repeated: bool) -> tuple[int, ...]:
        """Book every payment on an order; their numbers, 0 where there is none."""
        if repeated:
            found = self.world.payments.items()
            self.known = [number for number, entries in found if entries[0]["order_id"] == order_id]
        numbers: list[int] = []
        for part in self.form.payments:
            if part.values.get("amount", 0) <= 0:
                numbers.append(0)
                continue
            order = self.world.orders[order_id]
            twin = self._twin(part) if repeated else 0
            numbers.append(twin or (self._refund(order, part) if part.refund else self._pay(order, part)))
        return tuple(numbers)

    def _fault(self, code: str, name: str, part: PaymentPart, message: str, value: str = "") -> int:
        self.faults.append(Fault(code, f"payment.{name}", message, value, part.at))
        return 0

    def _pay(self, order: Record, part: PaymentPart) -> int:
        """Record a payment, or correct the one that is named."""
        command = PaymentWrite(part.values, order["id"], None, None, [], [], None, "order.add-update")
        told: list[Fault] = []
        number = part.values.get("payment_id")
        if number is None:
            verdict = payments.record(self.world, command, order, told)
        elif self._has(order, part, number, "id"):
            verdict = payments.correct(self.world, command, number, [], told)
        else:
            return 0
        self.faults += [fault._replace(at=part.at) for fault in verdict.faults]
        self.warnings += [fault._replace(at=part.at) for fault in told]
        return verdict.payment_id

    def _has(self, order: Record, part: PaymentPart, number: int, name: str) -> bool:
        """Whether the order has a payment; adds PaymentNotFound, PaymentMismatch."""
        entries = self.world.payments.get(number)
        if entries is None or self.world.order(entries[0]["order_id"]) is None:
            self._fault("PaymentNotFound", name, part, "no such payment", str(number))
        elif entries[0]["order_id"] != order["id"]:
            self._fault("PaymentMismatch", name, part, "the payment is for another order", str(number))
        elif part.refund and (is_refund(entries) if name == "refund_of" else not is_refund(entries)):
            self._fault("PaymentMismatch", name, part, "a payment cannot become a refund, nor be refunded twice over")
        else:
            return True
        return False

    def _refund(self, order: Record, part: PaymentPart) -> int:
        """Book a refund of a payment, or one of its own; a repeated reference is the refund that is there."""
        if "payment_id" in part.values:
            return self._pay(order, part) if self._has(order, part, part.values["payment_id"], "id") else 0
        of, amount = part.refund_of, part.values["amount"]
        if of is not None and not self._has(order, part, of, "refund_of"):
            return 0
        known = self.world.references.get((order["id"], part.values.get("reference", "")), ())
        if known:
            return self._repeated_refund(part, known[0])
        paid = min(order["total_paid"], amount_of(self.world.payments[of])) if of else order["total_paid"]
        if amount > paid:
            return self._fault("RefundExceedsPaid", "amount", part, f"{shortest(paid)} is paid", shortest(amount))
        return payments.give_back(self.world, order, part.values, of)

    def _repeated_refund(self, part: PaymentPart, number: int) -> int:
        """The payment whose refund has the reference already; another amount or another payment is PaymentMismatch."""
        entries, amount = self.world.payments[number], part.values["amount"]
        if part.refund_of in (None, number):
            if is_refund(entries) and part.refund_of is None and paid_of(entries) == -amount:
                return number
            if any(self._is_refund_entry(entry, part) for entry in entries) and not is_refund(entries):
                return number
        return self._fault("PaymentMismatch", "reference", part, f"payment {number} has this reference")

    def _is_refund_entry(self, entry: Record, part: PaymentPart) -> bool:
        same = entry.get("reference") == part.values["reference"]
        return bool(same and entry["kind"] == REFUND and entry["amount"] == -part.values["amount"])

    def _twin(self, part: PaymentPart) -> int:
        """The payment that a repeated add has booked already, 0 when there is none; each is met once."""
        if "payment_id" in part.values or "reference" in part.values:
            return 0
        for number in self.known:
            entries = self.world.payments[number]
            if part.refund_of not in (None, number):
                continue
            place = self._place_of(entries, part, number)
            if place:
                self.met.add((number, place))
                message = "this payment is there already; it was not booked again"
                self.warnings.append(Fault("PossibleDuplicate", "payment.amount", message, str(number), part.at))
                return number
        return 0

    def _place_of(self, entries: tuple[Record, ...], part: PaymentPart, number: int) -> int:
        """The entry that a part repeats: of a refund the refund itself, else the newest one of the payment; 0: none."""
        if part.refund_of is not None:
            found = [one for one in entries if one["kind"] == REFUND and one["amount"] == -part.values["amount"]]
        else:
            own = [one for one in entries if one["kind"] != REFUND or is_refund(entries)]
            sign = -1 if part.refund else 1
            found = (
                own[-1:]
                if is_refund(entries) is part.refund and paid_of(entries) == sign * part.values["amount"]
                else []
            )
        for entry in found:
            is_same = all(entry.get(name) == part.values.get(name) for name in _COMPARED)
            is_then = "paid_at" not in part.values or entry.get("paid_at") == part.values["paid_at"]
            if is_same and is_then and (number, entry["entry_no"]) not in self.met:
                return int(entry["entry_no"])
        return 0
