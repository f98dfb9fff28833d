"""The fields of a line of an order (contract section 3, Line)."""

from __future__ import annotations

from typing import Final

from orderdock import kinds
from orderdock.fields.field import Field, In, Mandatory, Out, field

_OUTS: Final = (Out.LEGACY_LINE, Out.V1_LINE)


def _ins(legacy: str) -> dict[In, str]:
    return {In.LEGACY_LINE: legacy, In.V1_LINE: legacy}


def _outs(name: str) -> dict[Out, str]:
    return dict.fromkeys(_OUTS, name)


LINE_FIELDS: Final[tuple[Field, ...]] = (
    field("line.sku", kinds.CODE, "Article number.", "A-1", ins=_ins("sku_id"), outs=_outs("skuId†")),
    field("line.name", kinds.SHORT, "Name of the product.", "Lamp", shared=True,
          ins=_ins("product_name product_details"), outs=_outs("productName†")),
    field("line.parent_name", kinds.SHORT, "Name of the parent product.", "Lighting",
          ins=_ins("parent_product_name"), outs=_outs("parentProductName†")),
    field("line.type", kinds.SHORT, "Type of the product.", "goods", ins=_ins("product_type"), outs=_outs("productType†")),
    field("line.description", kinds.REMARKS, "Description, beside a product name.", "Desk lamp, brass", shared=True,
          ins=_ins("product_details"), outs=_outs("description†")),
    field("line.rate", kinds.SIGNED, "Price of one; may be negative (a credit line).", "10000",
          ins=_ins("rate"), outs=_outs("rate†")),
    field("line.quantity", kinds.QUANTITY, "How many; empty: 1.", "1", ins=_ins("quantity"), outs=_outs("quantity†")),
    field("line.discount", kinds.MONEY, "Discount on the line: an amount, or a percentage if the key says so.", "1",
          ins=_ins("discount"), outs=_outs("discount†")),
    field("line.value", kinds.SIGNED, "rate x quantity - discount.", "9999", mandatory=Mandatory.NO, outs=_outs("value†")),
    field("line.additional", kinds.EXTRA, "Members of a line that have no field of their own.", {"colour": "brass"},
          outs={Out.V1_LINE: "additionalFields†"}),
)  # fmt: skip
