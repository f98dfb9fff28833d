"""`clear` of an add-update: which fields a request unsets, and which it may not (contract 2.8 rule 9)."""

from __future__ import annotations

from typing import Any, Final

from orderdock.accounts.model import Scope
from orderdock.errors import Fault
from orderdock.fields import FIELDS
from orderdock.orders.model import AddUpdate, Clear

_NEVER: Final = frozenset(
    {
        "customer.name",
        "order.contact_name",
        "order.erp_order_id",
        "customer.code",
        "order.create_date",
        "order.total_paid",
    }
)
_KEYED: Final = frozenset({"phone", "phone2", "email", "contact_phone", "contact_email"})
LINES: Final = "lines"


class Cleared:
    """What a request unsets: columns and members of open objects, by record, a contact's by its index too."""

    def __init__(self) -> None:
        self.columns: dict[tuple[str, int | None], set[str]] = {}
        self.members: dict[tuple[str, int | None], set[tuple[str, str]]] = {}

    def of(self, record: str, at: int | None = None) -> tuple[set[str], set[tuple[str, str]]]:
        """(columns, (column, member) pairs) to unset of a record."""
        return self.columns.get((record, at), set()), self.members.get((record, at), set())

    def add(self, clear: Clear) -> None:
        """Note a path that may be cleared."""
        if clear.member:
            field = FIELDS[clear.bag]
            self.members.setdefault((field.record, clear.at), set()).add((field.column, clear.member))
        for name in clear.fields:
            columns = self.columns.setdefault((FIELDS[name].record, clear.at), set())
            columns.update(_columns_of(name))


def _columns_of(name: str) -> set[str]:
    """The columns that a field is kept in: what is found by a folded form has that beside it."""
    column = FIELDS[name].column or name
    if column in _KEYED:
        return {column, f"{column}_key"}
    return {column, "assigned_reason"} if column == "assigned_to" else {column}


def read_clears(form: AddUpdate, scope: Scope, faults: list[Fault]) -> Cleared:
    """What is to be unset. Adds NotClearable and ClearConflict."""
    cleared = Cleared()
    mandatory = frozenset(scope.mandatory.get(form.operation, ()))
    for clear in form.clears:
        code, message = _wrong(form, clear, mandatory)
        if code:
            faults.append(Fault(code, "", message, clear.path, None, clear.where))
        else:
            cleared.add(clear)
    return cleared


def _wrong(form: AddUpdate, clear: Clear, mandatory: frozenset[str]) -> tuple[str, str]:
    """(code, message) of what is wrong with a path; empty when it may be cleared."""
    names = clear.fields or ((f"{clear.bag}.{clear.member}",) if clear.bag else ())
    if not names or any(_is_kept(name) for name in names) or not mandatory.isdisjoint(names):
        return "NotClearable", "this cannot be cleared"
    if not _is_updated(form, clear):
        return "ClearConflict", "the group's update is not true"
    if _is_given(form, clear):
        return "ClearConflict", "given and cleared at once"
    return "", ""


def _is_kept(name: str) -> bool:
    field = FIELDS.get(name)
    if name in _NEVER or name.startswith("payment."):
        return True
    return field is not None and name != LINES and (not field.column or field.column == "id")


def _record_of(clear: Clear) -> str:
    """Whose group the path names; what feeds two records is the customer's."""
    records = {name.partition(".")[0] for name in (*clear.fields, clear.bag) if name}
    return "customer" if "customer" in records else next(iter(records))


def _is_updated(form: AddUpdate, clear: Clear) -> bool:
    record = _record_of(clear)
    if record == "contact":
        return any(contact.at == clear.at and contact.update for contact in form.contacts)
    return {"customer": form.changes_customer, "enquiry": form.changes_enquiry}.get(record, form.update)


def _is_given(form: AddUpdate, clear: Clear) -> bool:
    record = _record_of(clear)
    if clear.member:
        return clear.member in _bag(form, clear)
    column = FIELDS[clear.fields[0]].column
    if column in ("additional", "associate"):
        return bool(_bag(form, clear))
    if clear.fields[0] == LINES:
        return bool(form.order.lines)
    if column == "assigned_to":
        assignees = {"customer": form.customer_assignee, "enquiry": form.enquiry_assignee}
        return bool(assignees.get(record, form.order.assignee))
    return any(FIELDS[name].column in _values(form, name.partition(".")[0], clear.at) for name in clear.fields)


def _values(form: AddUpdate, record: str, at: int | None) -> dict[str, Any]:
    if record == "contact":
        return next((contact.values for contact in form.contacts if contact.at == at), {})
    return {"customer": form.order.customer, "enquiry": form.enquiry}.get(record, form.order.order)


def _bag(form: AddUpdate, clear: Clear) -> dict[str, Any]:
    """What was given of the open object that a path names, or is in."""
    name = clear.bag or clear.fields[0]
    if name == "contact.additional":
        return next((contact.extra for contact in form.contacts if contact.at == clear.at), {})
    return {
        "customer.additional": form.customer_extra,
        "customer.associate": form.customer_associate,
        "enquiry.additional": form.enquiry_extra,
        "order.associate": form.order.associate,
    }.get(name, form.order.extra)
