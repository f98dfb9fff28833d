"""What the demo's orders hold: the same every time, order by order."""

from __future__ import annotations

from random import Random
from typing import Any, Final

DAY: Final = 86_400_000
EMPLOYEES: Final = (
    ("E-1", "Meera Iyer", "meera@demo.example", ("north",)),
    ("E-2", "Ravi Nair", "ravi@demo.example", ("north", "south")),
    ("E-3", "Farah Khan", "farah@demo.example", ("south",)),
)
_FIRST: Final = (
    "Asha", "Ravi", "Meera", "Farah", "Kabir", "Leela", "Arjun", "Nisha", "Vikram", "Divya", "Rohan", "Sana", "Ishaan",
    "Priya", "Dev", "Anita",
)  # fmt: skip
_LAST: Final = ("Rao", "Iyer", "Nair", "Khan", "Shah", "Menon", "Das", "Kapoor", "Joshi", "Bose", "Pillai", "Reddy")
_PLACES: Final = (
    ("Pune", "Maharashtra", "411001", "West"),
    ("Mumbai", "Maharashtra", "400001", "West"),
    ("Bengaluru", "Karnataka", "560001", "South"),
    ("Chennai", "Tamil Nadu", "600001", "South"),
    ("Delhi", "Delhi", "110001", "North"),
    ("Kolkata", "West Bengal", "700001", "East"),
)
_GOODS: Final = (
    ("LMP-01", "Desk lamp, brass", 3499),
    ("LMP-02", "Floor lamp, oak", 8999),
    ("LMP-03", "Reading light", 1299),
    ("SHD-10", "Linen shade, 30 cm", 749),
    ("SHD-11", "Paper shade, 45 cm", 549),
    ("BLB-05", "Bulb, warm white, box of 6", 899),
    ("CBL-07", "Textile cable, 3 m", 349),
)
_STATUSES: Final = (
    "AP",
    "AP",
    "PACKED",
    "SHIPPED",
    "SHIPPED",
    "DELIVERED",
    "DELIVERED",
    "DELIVERED",
    "CANCELLED",
    "RETURNED",
)
_MODES: Final = ("card", "upi", "cheque", "cash")


def _dice(number: int, what: str) -> Random:
    return Random(f"orderdock demo {what} {number}")


def _customer(number: int) -> dict[str, Any]:
    """About every third order is one of a customer who came before."""
    dice = _dice(number % max(1, (number * 2) // 3 + 1), "customer")
    who = dice.randrange(100_000)
    first, last = dice.choice(_FIRST), dice.choice(_LAST)
    city, state, code, zone = dice.choice(_PLACES)
    return {
        "customer_name": f"{first} {last}",
        "phone": f"98{who:05d}{dice.randrange(1000):03d}",
        "email_id": f"{first}.{last}.{who}@mail.example".lower(),
        "address": f"{dice.randrange(1, 200)} Hill Road, {city}",
        "zip_code": code,
        "city": city,
        "state": state,
        "zone": zone,
    }


def _lines(number: int) -> list[dict[str, Any]]:
    dice = _dice(number, "lines")
    goods = dice.sample(_GOODS, dice.choice((1, 1, 2, 2, 3)))
    return [
        {
            "sku_id": sku,
            "product_name": name,
            "rate": str(price),
            "quantity": str(dice.choice((1, 1, 1, 2, 4))),
            "discount": str(price // 10) if dice.random() < 0.2 else "",
        }
        for sku, name, price in goods
    ]


def _total(number: int) -> int:
    return sum(int(line["rate"]) * int(line["quantity"]) - int(line["discount"] or 0) for line in _lines(number))


def order_of(number: int, now: int) -> dict[str, Any]:
    """The push of an order, of the sixty days before `now`."""
    dice = _dice(number, "order")
    body = {
        "erp_order_id": f"DEMO-{number:06d}",
        "order_type": dice.choice(("web", "web", "store", "phone")),
        "create_date": str(now - dice.randrange(60 * DAY)),
        "payment_mode": dice.choice(_MODES),
        "grand_total": str(_total(number)),
        "remarks": dice.choice(("", "", "", "call first", "gift wrap, please", "leave at the gate")),
        "product_details": _lines(number),
        **_customer(number),
    }
    who = {"assign_emp_code": dice.choice(EMPLOYEES)[0]} if dice.random() < 0.7 else {"round_robin_key": "north"}
    return {**body, **who}


def progress_of(number: int) -> list[dict[str, Any]]:
    """What became of an order: nothing yet, or its next status with an invoice."""
    status = _dice(number, "status").choice(_STATUSES)
    if status == "AP":
        return []
    invoice = {} if status == "CANCELLED" else {"invoice_no": f"INV-{number:06d}"}
    return [{"erp_order_id": f"DEMO-{number:06d}", "order_status": status, **invoice}]


def payments_of(number: int, order_id: int, customer_id: int) -> list[dict[str, Any]]:
    """The payments of an order: none, one or two."""
    dice, total = _dice(number, "payments"), _total(number)
    parts = dice.choice(([], [total], [total], [total // 2, total - total // 2], [total // 2]))
    return [
        {
            "kapture_order_id": str(order_id),
            "kapture_customer_id": str(customer_id),
            "amount_paid": str(part),
            "payment_mode": dice.choice(_MODES),
            "payment_reference": f"PAY-{number:06d}-{at}",
        }
        for at, part in enumerate(parts, start=1)
    ]
