"""The model's payments: contract 2.4."""

from __future__ import annotations

from tests.model.people import People
from tests.model.state import DETAILS, PAYMENT_NAMES, Judged, Record, Refused, amount


class Ledger(People):
    """Payments are lists of entries; what a payment amounts to is their sum."""

    def payments_of(self, order: str) -> dict[str, list[Record]]:
        return {mark: entries for mark, entries in self.state["payments"].items() if entries[0]["order"] == order}

    def sum_of(self, order: str) -> int:
        return sum(entry["amount"] for entries in self.payments_of(order).values() for entry in entries)

    def own(self, entries: list[Record]) -> list[Record]:
        """The entries of a payment without its refunds."""
        return [one for one in entries if one["kind"] != "refund" or entries[0]["kind"] == "refund"]

    def paid_of(self, entries: list[Record]) -> int:
        return sum(one["amount"] for one in self.own(entries))

    def _book(self, order: str, paid: int, details: Record) -> str:
        mark = self._mark("p")
        self.state["payments"][mark] = [{"order": order, "kind": "payment", "amount": paid, **details}]
        return mark

    def _pay(self) -> Judged:
        self.warnings += ["FieldIgnored" for name in self.item if name not in PAYMENT_NAMES]
        paid = amount(self.item["amount_paid"]) if "amount_paid" in self.item else None
        if "amount_paid" not in self.item:
            self.faults.append("ReqFieldMissing")
        elif paid is None:
            self.faults.append("InvalidAmount")
        elif paid <= 0:
            self.faults.append("AmountNotPositive")
        details = {DETAILS[name]: str(value) for name, value in self.item.items() if name in DETAILS}
        return self._correct(paid or 0, details) if "payment_id" in self.item else self._new(paid or 0, details)

    def _new(self, paid: int, details: Record) -> Judged:
        customer = self._named("customers", "kapture_customer_id") if "kapture_customer_id" in self.item else None
        by_erp = self._by_erp(self.item["erp_order_id"]) if "erp_order_id" in self.item else None
        order = self._named("orders", "kapture_order_id") if "kapture_order_id" in self.item else by_erp
        named = self.item.keys() & {"kapture_order_id", "erp_order_id"}
        if not named:
            self.faults.append("ReqFieldMissing")
        if "kapture_customer_id" not in self.item:
            self.faults.append("ReqFieldMissing")
        if order not in self.living():
            order = None
            if named:
                self._refuse("OrderNotFound")
        if order and "erp_order_id" in self.item and by_erp != order:
            self.faults.append("PaymentMismatch")
        if order and "kapture_customer_id" in self.item and customer != self.living()[order]["customer"]:
            self.faults.append("CustomerMismatch")
        if self.faults or order is None:
            raise Refused
        outcome, mark = self._record(order, paid, details)
        return self._paid(outcome, order, mark)

    def _record(self, order: str, paid: int, details: Record) -> tuple[str, str]:
        """Record a payment unless its reference is there; (outcome, its mark)."""
        for mark, entries in self.payments_of(order).items():
            if "reference" in details and any(entry.get("reference") == details["reference"] for entry in entries):
                carried = any(entry.get("reference") == details["reference"] for entry in self.own(entries))
                if not carried or self.paid_of(entries) != paid:
                    self._refuse("PaymentMismatch")
                return "unchanged", mark
        if "cheque_number" in details and "reference" not in details:
            cheque = details["cheque_number"]
            held = [e for e in self.payments_of(order).values() if any(one.get("cheque_number") == cheque for one in e)]
            if any(self.paid_of(entries) == paid for entries in held):
                self.warnings.append("PossibleDuplicate")
        mark = self._book(order, paid, details)
        self._warn_of_excess(order)
        return "created", mark

    def _warn_of_excess(self, order: str) -> None:
        kept = self.state["orders"][order]
        if "grand_total" in kept and self.sum_of(order) > kept["grand_total"]:
            self.warnings.append("Overpaid")

    def _paid(self, outcome: str, order: str, payment: str) -> Judged:
        kept = self.state["orders"][order]
        return Judged(outcome, [], self.warnings, order, kept["customer"], kept["enquiry"], payment)

    def _correct(self, paid: int, details: Record) -> Judged:
        mark = self._named("payments", "payment_id")
        entries = self.state["payments"][mark] if mark else []
        if mark is None or entries[0]["order"] not in self.living():
            self._refuse("PaymentNotFound")
        order = entries[0]["order"]
        if "kapture_order_id" in self.item and self._named("orders", "kapture_order_id") != order:
            self.faults.append("PaymentMismatch")
        if "erp_order_id" in self.item and self._by_erp(self.item["erp_order_id"]) != order:
            self.faults.append("PaymentMismatch")
        if "kapture_customer_id" in self.item:
            customer = self._named("customers", "kapture_customer_id")
            if customer != self.state["orders"][order]["customer"]:
                self.faults.append("PaymentMismatch")
        held = [other for other, rows in self.payments_of(order).items() for row in rows
                if "reference" in details and row.get("reference") == details["reference"]]  # fmt: skip
        if held and mark not in held:
            self.faults.append("PaymentMismatch")
        if self.faults or mark is None:
            raise Refused
        outcome, mark = self._replace(order, mark, paid, details)
        return self._paid(outcome, order, mark)

    def _replace(self, order: str, mark: str, paid: int, details: Record) -> tuple[str, str]:
        """Reverse a payment and enter it anew; its refunds stay. (outcome, its mark)"""
        entries = self.state["payments"][mark]
        before, last, kind = self.paid_of(entries), self.own(entries)[-1], entries[0]["kind"]
        paid = -paid if kind == "refund" else paid
        after = {**last, **details, "amount": paid, "kind": kind}
        if paid == before and {**last, **details} == last:
            return "unchanged", mark
        whole = sum(entry["amount"] for entry in entries)
        if self.sum_of(order) + paid - before < 0 or (kind != "refund" and whole + paid - before < 0):
            self._refuse("RefundExceedsPaid")
        self.state["payments"][mark] = [*entries, {**last, "amount": -before, "kind": "reversal"}, after]
        self._warn_of_excess(order)
        return "updated", mark
