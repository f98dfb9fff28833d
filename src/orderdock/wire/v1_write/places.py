"""The v1 family's names, as the registry has them: groups, fields in groups, and words that are no field."""

from __future__ import annotations

from typing import Final

from orderdock.fields import FIELDS, In


def group_of(place: In) -> str:
    """The word of a group: `v1 contact_info[]` -> `contact_info`."""
    return place.value.removeprefix("v1 ").removesuffix("[]")


CUSTOMER, CONTACT, ENQUIRY, ORDER, LINE, PAYMENT = (
    In.V1_CUSTOMER, In.V1_CONTACT, In.V1_ENQUIRY, In.V1_ORDER, In.V1_LINE, In.V1_PAYMENT,
)  # fmt: skip
GROUPS: Final = {group_of(place): place for place in (CUSTOMER, CONTACT, ENQUIRY, ORDER, LINE, PAYMENT)}
# record -> the group that it is written in.
PLACES: Final = {
    "customer": CUSTOMER, "contact": CONTACT, "enquiry": ENQUIRY, "order": ORDER, "line": LINE, "payment": PAYMENT,
}  # fmt: skip
# The groups of a body that is about a customer alone (contract 2.14).
CUSTOMER_GROUPS: Final = frozenset(map(group_of, (CUSTOMER, CONTACT, ENQUIRY)))
# What a body is about -> whose associate fields keep the groups that nobody knows.
GROUP_BAGS: Final = {ORDER: "order.associate", CUSTOMER: "customer.associate"}
LINES_WORD: Final = FIELDS["lines"].ins[In.V1_TOP][0].word
ACCOUNT_WORDS: Final = tuple(name.word for name in FIELDS["order.account"].ins[In.V1_TOP])
CLEAR: Final = "clear"


def words_of(field: str) -> tuple[In, tuple[str, ...]]:
    """(the group that a field is written in, its names there, the documented one first)."""
    record = field.partition(".")[0]
    row = FIELDS.get(field)
    for place in (PLACES[record], CUSTOMER):
        if row is not None and place in row.ins:
            return place, tuple(name.word for name in row.ins[place])
    for bag in (".additional.", ".associate."):  # a member that is no field of its own has the caller's name already
        if bag in field:
            return PLACES[record], (field.partition(bag)[2],)
    return PLACES[record], (field.partition(".")[2],) if "." in field else ()
