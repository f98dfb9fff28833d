"""The model's customers and employees: contract 1.8."""

from __future__ import annotations

from tests.model.state import Record, State


def phone_key(text: str) -> tuple[str | None, str | None]:
    """(what a phone is matched by, the warning it makes), for the few spellings that the tests use."""
    digits = "".join(filter(str.isdigit, text))
    if len(set(digits)) == 1:
        return None, "ContactPlaceholder"
    if 10 <= len(digits) <= 12:
        return digits[-10:], None
    return (digits if len(digits) >= 7 else None), "PhoneNotNormalised"


def email_key(text: str) -> tuple[str | None, str | None]:
    return (text.lower(), None) if "@" in text else (None, "EmailNotUsable")


def keys_of(record: Record) -> Record:
    """The identities of a customer, or of what was given: kind -> value."""
    found = {"code": record.get("code")}
    if "phone" in record:
        found["phone"] = phone_key(record["phone"])[0]
    if "email" in record:
        found["email"] = email_key(record["email"])[0]
    return {kind: value for kind, value in found.items() if value}


class People(State):
    """Who is meant, and what a write does to their records."""

    given: Record

    def _hits(self, kind: str, value: str) -> list[str]:
        """The customers who have an identity, oldest first."""
        return [
            mark
            for mark, one in self.state["customers"].items()
            if keys_of(one).get(kind) == value
            or any(
                kind != "code" and keys_of(contact).get(kind) == value
                for contact in self.state["contacts"].values()
                if contact["customer"] == mark
            )
        ]

    def _new_customer(self, values: Record) -> str:
        """A customer with its main contact (1.8)."""
        mark = self._mark("c")
        self.state["customers"][mark] = values
        self.state["contacts"][self._mark("k")] = {"customer": mark, "main": True, "own": False}
        self._follow(mark)
        return mark

    def _follow(self, customer: str) -> None:
        """The main contact has its customer's name, phone and e-mail unless it was changed by itself."""
        kept = self.state["customers"][customer]
        for contact in self.state["contacts"].values():
            if contact["customer"] == customer and contact["main"] and not contact["own"]:
                for name in ("name", "phone", "email"):
                    contact.pop(name, None)
                    if name in kept:
                        contact[name] = kept[name]

    def _find(self) -> str | None:
        """The customer of a new order (1.8); None: a new one is needed."""
        if not self.given.keys() & {"code", "phone", "email"} and "customer_id" not in self.item:
            self.faults.append("ReqFieldMissing")
            return None
        keys = keys_of(self.given)
        found = self._named("customers", "customer_id") if "customer_id" in self.item else None
        unknown = "customer_id" in self.item and found is None
        others: list[str] = []
        for kind in ("code", "phone", "email"):
            hits = self._hits(kind, keys[kind]) if kind in keys else []
            if found in hits:
                continue
            if found is None:
                found = next((hit for hit in hits if not self._codes_differ(hit)), None)
            others += [hit for hit in hits if hit != found]
        if found is None and not self.given.keys() & {"phone", "email"}:
            self.faults.append("CustomerNotFound")
            return None
        if unknown:
            self.warnings.append("CustomerIdUnknown")
        if others:
            self.warnings.append("CustomerAmbiguous")
        return found

    def _codes_differ(self, customer: str) -> bool:
        mine, yours = self.given.get("code"), self.state["customers"][customer].get("code")
        return bool(mine and yours and mine != yours)

    def _fill(self, customer: str) -> bool:
        """What a write does to its customer's record; whether it changed."""
        if self.key.customer_update == "never":
            return False
        kept, keys, changed = self.state["customers"][customer], keys_of(self.given), False
        for name, value in self.given.items():
            free = all(hit == customer for hit in self._hits(name, keys[name])) if name in keys else True
            if kept.get(name) != value and free and (name not in kept or self.key.customer_update == "overwrite"):
                kept[name], changed = value, True
        self._follow(customer)
        return changed

    def _mismatch(self, customer: str) -> bool:
        """Whether an identifier hits somebody else than the order's customer; warns once."""
        named = self._named("customers", "customer_id") if "customer_id" in self.item else None
        hits = [self._hits(kind, value) for kind, value in keys_of(self.given).items()]
        wrong = (named is not None and named != customer) or any(found and customer not in found for found in hits)
        if wrong:
            self.warnings.append("CustomerMismatch")
        return wrong

    def _employee(self) -> tuple[int, str] | None:
        for name, part in (("assign_emp_code", "code"), ("assign_email_id", "email"), ("assign_emp_name", "name")):
            text = str(self.item.get(name, ""))
            words = [one for one in self.employees if one["active"] and text and
                     (one[part] == text if part == "code" else one[part].lower() == text.lower())]  # fmt: skip
            if len(words) == 1:
                return words[0]["id"], f"by {part}"
        if self.item.keys() & {"assign_emp_code", "assign_email_id", "assign_emp_name"}:
            self.warnings.append("EmployeeUnknown")
        return None

    def _next(self) -> tuple[int, str] | None:
        name = self.item["round_robin_key"]
        members = self.groups.get(name, [])
        active = {one["id"] for one in self.employees if one["active"]}
        for step in range(len(members)):
            place = (self.state["turns"][name] + step) % len(members)
            if members[place] in active:
                self.state["turns"][name] = (place + 1) % len(members)
                return members[place], f"round robin {name}"
        self.warnings.append("GroupUnknown")
        return None
