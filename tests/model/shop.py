"""One account's orders as plain dictionaries: the rules of contract 1.7, 1.8, 1.13 and 2.1 - 2.4 in the simplest form.

It is written from the contract's words, knows no database, and stands against the real thing in test_model.py.
Records are named by their own marks ("c1", "o2"); the numbers that Orderdock gave them are learned from its answers.
"""

from __future__ import annotations

from copy import deepcopy
from decimal import ROUND_HALF_UP, Decimal

from tests.model.ledger import Ledger
from tests.model.people import email_key, phone_key
from tests.model.state import Judged, Record, Refused, amount

ORDER_FIELDS = {
    "erp_order_id": "erp_order_id", "order_status": "status", "remarks": "remarks", "payment_mode": "payment_mode",
    "customer_name": "contact_name", "phone": "contact_phone", "email_id": "contact_email",
    "address": "contact_address", "zip_code": "contact_zip", "company_name": "contact_company",
}  # fmt: skip
CUSTOMER_FIELDS = {
    "customer_name": "name", "phone": "phone", "email_id": "email", "address": "address", "zip_code": "zip",
    "company_name": "company_name", "customer_code": "code",
}  # fmt: skip
KNOWN = {*ORDER_FIELDS, *CUSTOMER_FIELDS, "customer_id", "order_id", "enquiry_id", "grand_total", "total_paid",
         "product_details", "assign_emp_code", "assign_email_id", "assign_emp_name", "round_robin_key",
         "additional_fields"}  # fmt: skip


class Shop(Ledger):
    """An account: pushes and updates of orders, over its customers and payments."""

    def _write(self) -> Judged:
        if "kapture_customer_id" in self.item:
            self.item.setdefault("customer_id", self.item.pop("kapture_customer_id"))
        self.given = {CUSTOMER_FIELDS[name]: str(value) for name, value in self.item.items() if name in CUSTOMER_FIELDS}
        for read, name in ((phone_key, "phone"), (email_key, "email")):
            if name in self.given and (code := read(self.given[name])[1]):
                self.warnings.append(code)
        self.total = self._amount("grand_total")
        self.paid = self._amount("total_paid") or 0
        self.lines = [self._line(line) for line in self.item.get("product_details", []) if any(line.values())]
        order, enquiry = self._target()
        if order is not None:
            return self._update(order)
        return self._create(enquiry)

    def _amount(self, name: str) -> int | None:
        if name not in self.item:
            return None
        found = amount(self.item[name])
        if found is None or found < 0:
            self.faults.append("InvalidAmount")
            return None
        return found

    def _line(self, raw: Record) -> Record:
        """A line with its defaults and its value (1.7 rules 3 and 4)."""
        read = {
            name: amount(raw.get(name) or default) for name, default in (("rate", 0), ("quantity", 1), ("discount", 0))
        }
        if None in read.values():
            self.faults.append("InvalidAmount" if read["quantity"] is not None else "InvalidNumber")
            return {}
        rate, quantity, discount = (Decimal(read[name] or 0) / 10_000 for name in ("rate", "quantity", "discount"))
        gross = (rate * quantity).quantize(Decimal("0.0001"), ROUND_HALF_UP)
        value = gross - discount
        if self.key.discount_kind == "percent":
            if discount > 100:
                self.faults.append("InvalidAmount")
                return {}
            value = (rate * quantity * (1 - discount / 100)).quantize(Decimal("0.0001"), ROUND_HALF_UP)
            discount = gross - value
        if value < 0 <= rate:
            self.warnings.append("DiscountExceedsLine")
        line = {"rate": rate, "quantity": quantity, "discount": discount, "value": value, "gross": gross}
        scaled: Record = {name: int(number * 10_000) for name, number in line.items()}
        if raw.get("sku_id"):
            scaled["sku"] = raw["sku_id"]
        if extra := {name: value for name, value in raw.items() if name not in ("sku_id", *read) and value}:
            scaled["additional"] = extra
        return scaled

    def _target(self) -> tuple[str | None, str | None]:
        """(the order that is meant, the enquiry that a new one goes to): 2.2, and 2.3 rules 1 to 3."""
        erp = self.item.get("erp_order_id")
        if "order_id" in self.item:
            order = self._named("orders", "order_id")
            if order is None or self.state["orders"][order]["deleted"]:
                self._refuse("OrderNotFound")
            elif (
                "enquiry_id" in self.item and self._named("enquiries", "enquiry_id") != self.living()[order]["enquiry"]
            ):
                self.warnings.append("EnquiryMismatch")
            return order, None
        if "enquiry_id" not in self.item:
            return (self._by_erp(erp) if erp else None), None
        enquiry = self._named("enquiries", "enquiry_id")
        if enquiry is None:
            self._refuse("EnquiryNotFound")
        known = self._by_erp(erp) if erp else None
        if known:
            if self.living()[known]["enquiry"] != enquiry:
                self._refuse("EnquiryMismatch")
            return known, None
        inside = [mark for mark, order in self.living().items() if order["enquiry"] == enquiry]
        if len(inside) > 1:
            self._refuse("AmbiguousOrder")
        if inside and not (erp and "erp_order_id" in self.living()[inside[0]]):
            return inside[0], None
        return None, enquiry

    def _fields(self) -> Record:
        return {ORDER_FIELDS[name]: str(value) for name, value in self.item.items() if name in ORDER_FIELDS}

    def _additional(self, stored: Record) -> Record:
        extra = {name: value for name, value in self.item.items() if name not in KNOWN}
        given = {name: value for name, value in self.item.get("additional_fields", {}).items() if value}
        return {**stored, **extra, **given}

    def _totals(self, order: Record) -> None:
        """1.7 rules 5 and 6, after lines or a total were given."""
        if self.lines:
            order["lines"] = self.lines
        if self.total is not None:
            order["total_given"] = True
            order["grand_total"] = self.total
        value = sum(line["value"] for line in order["lines"])
        if order["lines"] and not order["total_given"]:
            order["grand_total"] = value
        touched = (self.lines or self.total is not None) and order["lines"] and order["total_given"]
        if touched and order["grand_total"] != value:
            if self.key.total_mismatch == "reject":
                self.faults.append("TotalMismatch")
            elif self.key.total_mismatch == "warn":
                self.warnings.append("TotalMismatch")

    def _create(self, enquiry: str | None) -> Judged:
        wrong = False
        if enquiry is not None:
            customer: str | None = self.state["enquiries"][enquiry]["customer"]
            wrong = self._mismatch(str(customer))
        else:
            customer = self._find()
        order: Record = {"lines": [], "total_given": False, "deleted": False, "status": "AP", **self._fields()}
        order["additional"] = self._additional({})
        if {} not in self.lines:
            self._totals(order)
        chosen = self._employee() or (self._next() if "round_robin_key" in self.item else None)
        if self.faults:
            raise Refused
        if customer is None:
            name = next(self.given[part] for part in ("name", "phone", "email") if part in self.given)
            customer = self._new_customer({**self.given, "name": name})
        elif not wrong:
            self._fill(customer)
        if enquiry is None:
            enquiry = self._mark("e")
            self.state["enquiries"][enquiry] = {"customer": customer, "assigned": None}
        assigned = self.state["enquiries"][enquiry]["assigned"]
        if assigned is None:
            self.state["enquiries"][enquiry]["assigned"] = chosen
        order.update(customer=customer, enquiry=enquiry, assigned=chosen or assigned)
        mark = self._mark("o")
        self.state["orders"][mark] = order
        if self.paid > 0:
            self._book(mark, self.paid, {"mode": order["payment_mode"]} if "payment_mode" in order else {})
        return Judged("created", [], self.warnings, mark, customer, enquiry)

    def _update(self, mark: str) -> Judged:
        before = deepcopy(self.state)
        order = self.state["orders"][mark]
        owner = self._by_erp(self.item["erp_order_id"]) if "erp_order_id" in self.item else None
        if owner not in (None, mark):
            self.faults.append("ErpOrderIdTaken")
        order.update(self._fields())
        order["additional"] = self._additional(order["additional"])
        if {} not in self.lines:
            self._totals(order)
        chosen = self._employee()
        if chosen is None and order["assigned"] is None and "round_robin_key" in self.item:
            chosen = self._next()
        if chosen and (order["assigned"] or (0, ""))[0] != chosen[0]:
            order["assigned"] = chosen
        wrong = self._mismatch(order["customer"])
        if self.faults:
            raise Refused
        if not wrong:
            self._fill(order["customer"])
        paid = self.sum_of(mark)
        if self.paid > paid:
            self._book(mark, self.paid - paid, {"mode": order["payment_mode"]} if "payment_mode" in order else {})
        elif 0 < self.paid < paid:
            self.warnings.append("TotalPaidBelowLedger")
        outcome = "unchanged" if self.state == before else "updated"
        return Judged(outcome, [], self.warnings, mark, order["customer"], order["enquiry"])
