"""The model's records, and how it judges the items of a request one after the other (contract 1.13, 2.1)."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable
from copy import deepcopy
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, NoReturn

Record = dict[str, Any]
IDS = {"customer_id", "order_id", "enquiry_id", "kapture_order_id", "kapture_customer_id", "payment_id"}
DETAILS = {
    "payment_mode": "mode",
    "cheque_number": "cheque_number",
    "payment_reference": "reference",
    "remarks": "remarks",
}
PAYMENT_NAMES = {*DETAILS, "kapture_order_id", "erp_order_id", "kapture_customer_id", "payment_id", "amount_paid"}


@dataclass(frozen=True)
class Key:
    """The settings of a key that the rules ask for."""

    discount_kind: str = "amount"
    total_mismatch: str = "warn"
    customer_update: str = "fill"
    enquiry_duplicates: str = "accept"


@dataclass
class Judged:
    """What the model says of one item."""

    outcome: str
    faults: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    order: str = ""
    customer: str = ""
    enquiry: str = ""
    payment: str = ""
    contact: str = ""
    payments: list[str] = field(default_factory=list)
    repeat: bool = False


class Refused(Exception):
    """An item cannot be carried out; `faults` of the shop say why."""


def amount(text: Any) -> int | None:
    """Ten-thousandths of a decimal text; None when it is none."""
    if not re.fullmatch(r"[+-]?[0-9]+(\.[0-9]+)?", str(text)):
        return None
    scaled = Decimal(str(text)) * 10_000
    return int(scaled) if scaled == int(scaled) else None


def codes(faults: Iterable[Any]) -> list[str]:
    """The codes of faults, in no order."""
    return sorted(fault if isinstance(fault, str) else fault.code for fault in faults)


class State(ABC):
    """The records of an account, and the order in which requests and their items are judged."""

    def __init__(self, employees: list[Record], groups: dict[str, list[int]]) -> None:
        self.employees = employees
        self.groups = groups
        self.state: dict[str, dict[str, Any]] = {
            "customers": {}, "contacts": {}, "enquiries": {}, "orders": {}, "payments": {},
            "turns": dict.fromkeys(groups, 0),
        }  # fmt: skip
        self.real: dict[str, int] = {}
        self.made = 0

    def request(
        self, key: Key, items: list[Record], judge: Callable[[Key, Record], Judged], *, strict: bool
    ) -> list[Judged]:
        """Judge the items of one request in order; a failed one leaves nothing, nor does a failed strict request."""
        start = deepcopy(self.state)
        judged = []
        for item in items:
            before = deepcopy(self.state)
            judged.append(judge(key, item))
            if judged[-1].outcome == "failed":
                self.state = before
        if strict and any(one.outcome == "failed" for one in judged):
            self.state = start
            return [one if one.outcome == "failed" else Judged("failed", ["BatchRejected"]) for one in judged]
        return judged

    def order(self, key: Key, item: Record) -> Judged:
        """Judge one push, update or payment."""
        self.key = key
        self.item = {
            name: value
            for name, value in item.items()
            if value not in (None, "", []) and (name not in IDS or value != 0)
        }
        self.faults: list[str] = []
        self.warnings: list[str] = []
        marks = {"amount_paid", "kapture_order_id", "payment_id"}
        paying = bool(marks & self.item.keys())
        if marks & item.keys() and not {"order_id", "enquiry_id"} & self.item.keys():
            paying = paying or self.item.keys() <= PAYMENT_NAMES
        try:
            judged = self._pay() if paying else self._write()
        except Refused:
            return Judged("failed", self.faults, self.warnings)
        return judged if not self.faults else Judged("failed", self.faults, self.warnings)

    def delete(self, mark: str) -> Judged:
        """An administrator deletes an order: it is found no more, its number is free."""
        if mark not in self.living():
            return Judged("failed", ["OrderNotFound"])
        order = self.state["orders"][mark]
        order["deleted"] = True
        return Judged("updated", order=mark, customer=order["customer"], enquiry=order["enquiry"])

    def _mark(self, letter: str) -> str:
        self.made += 1
        return f"{letter}{self.made}"

    def _refuse(self, code: str) -> NoReturn:
        self.faults.append(code)
        raise Refused

    def _named(self, table: str, name: str) -> str | None:
        """The mark of a record whose number is given."""
        wanted = int(self.item[name])
        kept = self.state[table]
        return next((mark for mark, number in self.real.items() if number == wanted and mark in kept), None)

    def living(self) -> dict[str, Record]:
        return {mark: order for mark, order in self.state["orders"].items() if not order["deleted"]}

    def _by_erp(self, text: Any) -> str | None:
        return next((mark for mark, order in self.living().items() if order.get("erp_order_id") == str(text)), None)

    @abstractmethod
    def _write(self) -> Judged:
        """What becomes of a push or an update."""

    @abstractmethod
    def _pay(self) -> Judged:
        """What becomes of a payment."""
