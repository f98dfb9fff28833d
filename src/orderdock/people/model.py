"""What a customer is found by, and what can be asked of customers and enquiries by themselves."""

from __future__ import annotations

from typing import Any, Final, Literal

import msgspec

from orderdock.errors import Fault

Record = dict[str, Any]

# (kind of identity, the customer's column that holds its folded value), in the order in which they are looked up.
IDENTITY_COLUMNS: Final = (("code", "code"), ("phone", "phone_key"), ("email", "email_key"))
# The same for a contact: its phones and its e-mail are its customer's too (contract 1.8 rule 1).
CONTACT_IDENTITIES: Final = (("phone", "phone_key"), ("phone", "phone2_key"), ("email", "email_key"))


class CustomerWrite(msgspec.Struct):
    """A customer to be created or changed (contract 2.10): only what was given and could be read.

    `customer` maps columns to stored forms; `id` is the caller's reference, what is matched by folded form has it
    beside it (`phone_key`). `assignee` holds what was given of an employee: code, email, name. `extra` are members to
    be merged. `faults`, `warnings` and `said` as in an order's write.
    """

    customer: Record
    assignee: dict[str, str]
    extra: dict[str, Any]
    faults: list[Fault]
    warnings: list[Fault]
    said: Any
    operation: Literal["customer.push"] = "customer.push"


class EnquiryWrite(msgspec.Struct):
    """An enquiry to be created or changed, and by what its customer is found (contract 2.13).

    `enquiry` maps columns to stored forms, `id` naming the enquiry that is to be changed; `customer` as in
    CustomerWrite. `group` is the one whose next member in turn gets it.
    """

    enquiry: Record
    customer: Record
    assignee: dict[str, str]
    group: str | None
    extra: dict[str, Any]
    faults: list[Fault]
    warnings: list[Fault]
    said: Any
    operation: Literal["enquiry.push"] = "enquiry.push"
