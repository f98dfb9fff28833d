"""The fields of a payment (contract section 3, Payment)."""

from __future__ import annotations

from typing import Final

from orderdock import kinds
from orderdock.fields.field import Field, In, Mandatory, Out, field


def _both(name: str, ours: bool = False) -> dict[In, str]:
    return {In.LEGACY_PAYMENT: f"{name}†" if ours else name, In.V1_PAYMENT: f"{name}†"}


def _outs(name: str) -> dict[Out, str]:
    return {Out.LEGACY_PAYMENT: name, Out.V1_PAYMENT: name}


PAYMENT_FIELDS: Final[tuple[Field, ...]] = (
    field("payment.id", kinds.ID, "An earlier payment, to be corrected.", "90210", mandatory=Mandatory.SYSTEM,
          ins=_both("payment_id"), outs=_outs("paymentId†"), column="payment_id"),
    field("payment.amount", kinds.SIGNED, "What was paid; greater than zero.", "1000", mandatory=Mandatory.SYSTEM,
          ins=_both("amount_paid"), outs=_outs("amount†")),
    field("payment.mode", kinds.SHORT, "How it was paid, stored as sent.", "cheque",
          ins=_both("payment_mode"), outs=_outs("mode†")),
    field("payment.cheque_number", kinds.CODE, "Number of the cheque.", "000123",
          ins=_both("cheque_number"), outs=_outs("chequeNumber†")),
    field("payment.cheque_date", kinds.MOMENT, "Date of the cheque.", "2020-05-22",
          ins=_both("cheque_date"), outs=_outs("chequeDate†")),
    field("payment.bank", kinds.SHORT, "Name of the bank.", "State Bank", ins=_both("bank_name"), outs=_outs("bankName†")),
    field("payment.remarks", kinds.REMARKS, "Remarks on the payment.", "first half",
          ins=_both("remarks"), outs=_outs("remarks†")),
    field("payment.date", kinds.MOMENT, "When it was paid; unset: when it was received.", "2020-05-22 10:00", column="paid_at",
          ins=_both("payment_date", ours=True), outs=_outs("paidAt†")),
    field("payment.reference", kinds.CODE, "The caller's own number of the payment; makes repeats harmless.", "PAY-1",
          ins=_both("payment_reference", ours=True), outs=_outs("reference†")),
    field("payment.kind", kinds.CODE, "payment or refund.", "payment", mandatory=Mandatory.NO,
          ins={In.V1_PAYMENT: "kind†"}, outs={}),
)  # fmt: skip
