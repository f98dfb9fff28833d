"""The model's add-updates: contract 2.8, over the same dictionaries as pushes and payments."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from tests.model.people import email_key, keys_of, phone_key
from tests.model.shop import CUSTOMER_FIELDS, Shop
from tests.model.state import DETAILS, Judged, Key, Record, Refused, amount

CONTACT = {"contact_person_name": "name", "contact_person_phone": "phone", "contact_person_email": "email",
           "title": "title"}  # fmt: skip


def given(record: Record) -> Record:
    """What is given of a group; 0 is no number of a record."""
    ids = ("contact_id", "payment_id", "refund_of")
    return {
        name: value
        for name, value in record.items()
        if value not in (None, "", []) and not ((name.endswith("_id") or name in ids) and value == 0)
    }


class Forms(Shop):
    """An account that takes add-updates too."""

    def form(self, key: Key, body: Record) -> Judged:
        """Judge one add-update: wholly, or not at all (rule 10)."""
        before = deepcopy(self.state)
        self.key, self.faults, self.warnings = key, [], []
        try:
            judged = self._form(body)
        except Refused:
            judged = Judged("failed")
        if self.faults:
            self.state = before
            return Judged("failed", self.faults, self.warnings)
        return judged

    def _form(self, body: Record) -> Judged:
        before = deepcopy(self.state)
        info, order = given(body["customer_info"]), given(body.get("order_info", {}))
        self.contacts = [given(entry) for entry in body.get("contact_info", [])]
        self.payments = [one for one in (given(entry) for entry in body.get("payment_details", [])) if one]
        self.clears = body.get("clear", [])
        self._read(info, order, body)
        target = self._aim(order)
        self.update, self.customer_update = bool(order.get("update")), bool(info.get("update"))
        self.enquiry = given(body.get("enquiry_info", {}))
        self._check_clears(order, info)
        if target == "lost":
            self._check_lost()
            raise Refused
        repeated = bool(target) and not self.update and "order_id" not in order
        mark = self._add() if target is None else self._meet(target, repeated)
        self.known, self.met = set(self.payments_of(mark)) if mark else set(), set[tuple[str, int]]()
        paid = [self._settle(mark, payment, repeated) for payment in self.payments] if mark else []
        if self.faults:
            raise Refused
        kept = self.state["orders"][mark]
        outcome = "created" if target is None else "unchanged" if self.state == before else "updated"
        return Judged(outcome, [], self.warnings, mark, kept["customer"], kept["enquiry"], "", self.contact, paid)

    def _read(self, info: Record, order: Record, body: Record) -> None:
        """The order and its customer in the names that a push has."""
        self.item = {**{name: value for name, value in info.items() if name != "update"},
                     **{name: value for name, value in order.items() if name != "update"}}  # fmt: skip
        self.item.pop("enquiry_id", None)
        if "delivery_status" in self.item:
            self.item["order_status"] = self.item.pop("delivery_status")
        lines = [line for line in body.get("product_details", []) if any(given(line).values())]
        if lines:
            self.item["product_details"] = lines
        if self.payments and self.item.pop("total_paid", None) is not None:
            self.warnings.append("FieldIgnored")
        self.given = {CUSTOMER_FIELDS[name]: str(info[name]) for name in info if name in CUSTOMER_FIELDS}
        phones = [self.given.get("phone"), *(one.get("contact_person_phone") for one in self.contacts)]
        mails = [self.given.get("email"), *(one.get("contact_person_email") for one in self.contacts)]
        for read, texts in ((phone_key, phones), (email_key, mails)):
            self.warnings += [code for text in texts if text and (code := read(text)[1])]
        self.total, self.paid = self._amount("grand_total"), self._amount("total_paid") or 0
        self.lines = [self._line(line) for line in lines]
        if "name" not in self.given:
            self.faults.append("ReqFieldMissing")
        for payment in self.payments:
            paid = amount(payment["amount_paid"]) if "amount_paid" in payment else None
            if paid is None or paid <= 0:
                self.faults.append("ReqFieldMissing" if paid is None else "AmountNotPositive")

    def _aim(self, order: Record) -> str | None:
        """The order that is meant, None: a new one, `lost`: there is none to be found (rules 4 and 5)."""
        found = None
        if "order_id" in order:
            found = self._named("orders", "order_id")
            found = found if found in self.living() else None
        elif "erp_order_id" in order:
            found = self._by_erp(order["erp_order_id"])
        elif order.get("update"):
            self.faults.append("ReqFieldMissing")
            return "lost"
        if found is None and (order.get("update") or "order_id" in order):
            self.faults.append("OrderNotFound")
            return "lost"
        return found

    def _mark_of(self, table: str, number: Any) -> str | None:
        kept = self.state[table]
        return next((mark for mark, known in self.real.items() if known == int(number) and mark in kept), None)

    def _check_lost(self) -> None:
        for entry in self.contacts:
            if "contact_id" in entry and self._mark_of("contacts", entry["contact_id"]) is None:
                self.faults.append("ContactNotFound")

    # ------------------------------------------------------------------------------------------- people

    def _search(self) -> str | None:
        """The customer of a new order (rule 1)."""
        keys = keys_of(self.given)
        found = self._named("customers", "customer_id") if "customer_id" in self.item else None
        others: list[str] = []
        for kind in ("code", "phone", "email"):
            hits = self._hits(kind, keys[kind]) if kind in keys else []
            if found in hits:
                continue
            if found is None:
                found = next((hit for hit in hits if not self._codes_differ(hit)), None)
            others += [hit for hit in hits if hit != found]
        if others:
            self.warnings.append("CustomerAmbiguous")
        return found

    def _change_customer(self, customer: str) -> None:
        code = self.given.get("code")
        kept = self.state["customers"][customer]
        if code and kept.get("code") != code and any(hit != customer for hit in self._hits("code", code)):
            self.faults.append("CustomerCodeTaken")
        self._set_customer(customer, {**kept, **self.given}, "customer_info.phone" in self.clears)

    def _set_customer(self, customer: str, values: Record, no_phone: bool) -> None:
        if no_phone:
            values.pop("phone", None)
        self.state["customers"][customer] = values
        self._follow(customer)

    def _meet_contacts(self, customer: str, fresh: bool, repeated: bool) -> None:
        """Match, change and make contacts (rule 2)."""
        main = next(mark for mark, one in self.state["contacts"].items() if one["customer"] == customer and one["main"])
        self.contact = ""
        for entry in self.contacts:
            if not entry.keys() - {"update", "matchEmailPhone"}:
                continue
            mark = self._meet_contact(customer, entry, fresh, repeated)
            self.contact = self.contact or mark
        self.contact = self.contact or main

    def _meet_contact(self, customer: str, entry: Record, fresh: bool, repeated: bool) -> str:
        values = {CONTACT[name]: str(value) for name, value in entry.items() if name in CONTACT}
        if "contact_id" in entry:
            found = self._mark_of("contacts", entry["contact_id"])
            if found is None or self.state["contacts"][found]["customer"] != customer:
                self.faults.append("ContactNotFound" if found is None else "ContactMismatch")
                return ""
        else:
            found = self._match(customer, values, bool(entry.get("matchEmailPhone")))
        if found is None:
            if repeated and not (keys_of(values).keys() & {"phone", "email"}):
                return ""
            mark = self._mark("k")
            self.state["contacts"][mark] = {"customer": customer, "main": False, "own": True, **values}
            return mark
        kept = self.state["contacts"][found]
        if entry.get("update") or (fresh and not kept["own"]):
            own = any(kept.get(name) != values[name] for name in ("name", "phone", "email") if name in values)
            self.state["contacts"][found] = {**kept, **values, "own": kept["own"] or own}
        return found

    def _match(self, customer: str, values: Record, both: bool) -> str | None:
        keys = keys_of({name: value for name, value in values.items() if name in ("phone", "email")})
        mine = {mark: one for mark, one in self.state["contacts"].items() if one["customer"] == customer}
        order = sorted(mine, key=lambda mark: not mine[mark]["main"])
        ways = [list(keys)] if both and keys else [[kind] for kind in ("phone", "email") if kind in keys]
        for way in ways:
            for mark in order:
                if all(keys_of(mine[mark]).get(kind) == keys[kind] for kind in way):
                    return mark
        return None

    # ------------------------------------------------------------------------------------------- the order

    def _add(self) -> str:
        customer, fresh = self._search_or_make()
        if customer is None:
            self._check_lost()
        else:
            self._meet_contacts(customer, fresh, repeated=False)
        enquiry = None
        if "enquiry_id" in self.enquiry:
            enquiry = self._mark_of("enquiries", self.enquiry["enquiry_id"])
            if enquiry is None:
                self.faults.append("EnquiryNotFound")
            elif customer and self.state["enquiries"][enquiry]["customer"] != customer:
                self.faults.append("EnquiryMismatch")
                enquiry = None
            elif self.enquiry.get("update"):
                self._change_enquiry(enquiry)
        order: Record = {"lines": [], "total_given": False, "deleted": False, "status": "AP", **self._fields()}
        order["additional"] = {}
        if {} not in self.lines:
            self._totals(order)
        if customer is None or (enquiry is None and "enquiry_id" in self.enquiry):
            raise Refused
        if enquiry is None:
            enquiry = self._mark("e")
            self.state["enquiries"][enquiry] = {"customer": customer, "assigned": None}
            self._change_enquiry(enquiry)
        order.update(customer=customer, enquiry=enquiry, assigned=self.state["enquiries"][enquiry]["assigned"])
        mark = self._mark("o")
        self.state["orders"][mark] = order
        if self.paid > 0:
            self._book(mark, self.paid, {"mode": order["payment_mode"]} if "payment_mode" in order else {})
        return mark

    def _change_enquiry(self, enquiry: str) -> None:
        if "action" in self.enquiry:
            self.state["enquiries"][enquiry]["action"] = self.enquiry["action"]

    def _search_or_make(self) -> tuple[str | None, bool]:
        if "customer_id" in self.item and self._named("customers", "customer_id") is None:
            self.faults.append("CustomerNotFound")
            return None, False
        found = self._search()
        if found is not None:
            if self.customer_update:
                self._change_customer(found)
            return found, False
        if self.customer_update:
            self.warnings.append("NothingToUpdate")
        if not self.given.keys() & {"phone", "email"}:
            self.warnings.append("CustomerWithoutContact")
        return self._new_customer({"name": "nobody", **self.given}), True

    def _meet(self, mark: str, repeated: bool) -> str:
        order = self.state["orders"][mark]
        customer = order["customer"]
        if not self._mismatch(customer) and self.customer_update:
            self._change_customer(customer)
        self._meet_contacts(customer, False, repeated)
        wanted = self.enquiry.get("enquiry_id")
        if wanted is not None and self.real.get(order["enquiry"]) != wanted:
            self.warnings.append("EnquiryMismatch")
        elif self.enquiry.get("update"):
            self._change_enquiry(order["enquiry"])
        if self.update:
            self._change_order(mark, order)
        elif self._says_more(mark, order):
            self.warnings.append("UpdateFlagFalse")
        return mark

    def _says_more(self, mark: str, order: Record) -> bool:
        """Whether a request that only matches says something else than is stored."""
        told, warned, faults = deepcopy(order), list(self.warnings), list(self.faults)
        told.update(self._fields())
        if {} not in self.lines:
            self._totals(told)
        self.warnings, self.faults = warned, faults
        return told != order or self.paid > self.sum_of(mark)

    def _change_order(self, mark: str, order: Record) -> None:
        owner = self._by_erp(self.item["erp_order_id"]) if "erp_order_id" in self.item else None
        if owner not in (None, mark):
            self.faults.append("ErpOrderIdTaken")
        order.update(self._fields())
        if "order_info.remarks" in self.clears:
            order.pop("remarks", None)
        if "customer_info.phone" in self.clears:
            order.pop("contact_phone", None)
        if "product_details" in self.clears:
            order["lines"] = []
            if not order["total_given"] and self.total is None:
                order.pop("grand_total", None)
        if {} not in self.lines:
            self._totals(order)
        paid = self.sum_of(mark)
        if self.paid > paid:
            self._book(mark, self.paid - paid, {"mode": order["payment_mode"]} if "payment_mode" in order else {})
        elif 0 < self.paid < paid:
            self.warnings.append("TotalPaidBelowLedger")

    def _check_clears(self, order: Record, info: Record) -> None:
        given_too = {"order_info.remarks": "remarks" in order, "product_details": bool(self.lines),
                     "customer_info.phone": "phone" in info}  # fmt: skip
        for path in self.clears:
            flag = self.customer_update if path.startswith("customer_info") else self.update
            if path == "order_info.erp_order_id":
                self.faults.append("NotClearable")
            elif not flag or given_too[path]:
                self.faults.append("ClearConflict")

    # ------------------------------------------------------------------------------------------- payments

    def _settle(self, order: str, payment: Record, repeated: bool) -> str:
        """Book, correct or refund one payment; its mark (rules 7 and 8)."""
        paid = amount(payment.get("amount_paid", "0")) or 0
        if paid <= 0:
            return ""
        details = {DETAILS[name]: str(value) for name, value in payment.items() if name in DETAILS}
        refund = payment.get("kind") == "refund" or "refund_of" in payment
        if repeated and "payment_id" not in payment and "reference" not in details:
            twin = self._twin(order, payment, -paid if refund else paid, details)
            if twin:
                self.warnings.append("PossibleDuplicate")
                return twin
        for name in ("payment_id",) if not refund or "payment_id" in payment else ("refund_of",):
            if name in payment and not self._is_there(order, payment[name], refund, name):
                return ""
        if "payment_id" in payment:
            return self._amend(order, str(self._mark_of("payments", payment["payment_id"])), paid, details)
        return self._give_back(order, payment, paid, details) if refund else self._receive(order, paid, details)

    def _is_there(self, order: str, number: int, refund: bool, name: str) -> bool:
        mark = self._mark_of("payments", number)
        entries = self.state["payments"][mark] if mark else []
        if mark is None or entries[0]["order"] not in self.living():
            self.faults.append("PaymentNotFound")
        elif entries[0]["order"] != order or (refund and (entries[0]["kind"] == "refund") is (name == "refund_of")):
            self.faults.append("PaymentMismatch")
        else:
            return True
        return False

    def _twin(self, order: str, payment: Record, paid: int, details: Record) -> str:
        """A payment that a repeated add has booked already; each is met once."""
        for mark, entries in self.payments_of(order).items():
            if mark not in self.known or payment.get("refund_of") not in (None, self.real.get(mark)):
                continue
            if "refund_of" in payment:
                found = [one for one in entries if one["kind"] == "refund" and one["amount"] == paid]
            else:
                is_same = (entries[0]["kind"] == "refund") is (paid < 0) and self.paid_of(entries) == paid
                found = self.own(entries)[-1:] if is_same else []
            for one in found:
                place = (mark, next(at for at, entry in enumerate(entries) if entry is one))
                alike = all(one.get(name) == details.get(name) for name in ("mode", "cheque_number"))
                if alike and place not in self.met:
                    self.met.add(place)
                    return mark
        return ""

    def _receive(self, order: str, paid: int, details: Record) -> str:
        try:
            return self._record(order, paid, details)[1]
        except Refused:
            return ""

    def _amend(self, order: str, mark: str, paid: int, details: Record) -> str:
        held = [other for other, rows in self.payments_of(order).items() for row in rows
                if "reference" in details and row.get("reference") == details["reference"]]  # fmt: skip
        if held and mark not in held:
            self.faults.append("PaymentMismatch")
            return ""
        try:
            return self._replace(order, mark, paid, details)[1]
        except Refused:
            return ""

    def _give_back(self, order: str, payment: Record, paid: int, details: Record) -> str:
        of = self._mark_of("payments", payment["refund_of"]) if "refund_of" in payment else None
        for mark, entries in self.payments_of(order).items():
            if "reference" in details and any(one.get("reference") == details["reference"] for one in entries):
                is_own = entries[0]["kind"] == "refund"
                if is_own and of is None and self.paid_of(entries) == -paid:
                    return mark
                same = [one for one in entries if one["kind"] == "refund" and one["amount"] == -paid]
                if not is_own and of in (None, mark) and any(one["reference"] == details["reference"]
                                                             for one in same if "reference" in one):  # fmt: skip
                    return mark
                self.faults.append("PaymentMismatch")
                return ""
        left = self.sum_of(order)
        if of is not None:
            left = min(left, sum(one["amount"] for one in self.state["payments"][of]))
        if paid > left:
            self.faults.append("RefundExceedsPaid")
            return ""
        entry = {"order": order, "kind": "refund", "amount": -paid, **details}
        if of is None:
            of = self._mark("p")
            self.state["payments"][of] = []
        self.state["payments"][of] = [*self.state["payments"][of], entry]
        return of
