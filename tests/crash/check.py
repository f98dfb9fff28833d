"""What the database holds, read by plain SQL, against the clients' journal."""

import json
import sqlite3
from collections import defaultdict
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any

import psycopg

from tests.crash.journal import SCALE, Book, Line, Order, Request, Shared, Told

Row = dict[str, Any]


def rows(url: str, statement: str) -> list[Row]:
    """The rows that a statement answers, by column."""
    if url.startswith("sqlite"):
        with closing(sqlite3.connect(url.removeprefix("sqlite:///"), timeout=30)) as connection:
            cursor: Any = connection.execute(statement)
            names = [column[0] for column in cursor.description]
            return [dict(zip(names, row, strict=True)) for row in cursor]
    with psycopg.connect(url, connect_timeout=10, application_name="check") as other, other.cursor() as reply:
        reply.execute(statement.encode())
        names = [column.name for column in reply.description or ()]
        return [dict(zip(names, row, strict=True)) for row in reply]


@dataclass
class Held:
    """One order as the database holds it, by its mark, with its event log."""

    row: Row
    lines: tuple[Line, ...]
    paid: dict[str, int]
    told: list[Told]

    def differs(self, order: Order) -> str:
        """How it differs from what it must be; empty when it does not."""
        content = order.content
        assert content is not None
        value = sum(line.value for line in content.lines) * SCALE
        expected = {
            "remarks": content.remark, "contact_phone": order.phone, "erp_order_id": order.erp or None,
            "contact_name": order.mark, "product_value": value, "grand_total": value,
            "total_paid": sum(order.paid.values()) * SCALE, "revision": len(order.told),
        }  # fmt: skip
        if order.number:
            expected |= {"id": int(order.number), "customer_id": int(order.customer)}
        wrong = [f"{name} is {self.row[name]!r:.60}, not {right!r:.60}" for name, right in expected.items()
                 if self.row[name] != right]  # fmt: skip
        for what, found, right in (
            ("lines", self.lines, content.lines),
            ("payments", self.paid, order.paid),
            ("events", self.told, order.told),
        ):
            if found != right:
                wrong.append(f"{what} are {_short(found)}, not {_short(right)}")
        return "; ".join(wrong)


def _short(value: Any) -> str:
    return str(value)[:400]


@dataclass
class Stored:
    """Everything that the database holds of orders: mark -> the orders that carry it."""

    orders: dict[str, list[Held]] = field(default_factory=lambda: defaultdict(list))
    events: list[Row] = field(default_factory=list)
    unchained: list[str] = field(default_factory=list)

    @classmethod
    def read(cls, url: str) -> "Stored":
        stored = cls()
        lines: dict[int, list[Row]] = defaultdict(list)
        paid: dict[int, dict[str, int]] = defaultdict(dict)
        for row in rows(url, "SELECT * FROM order_line ORDER BY order_id, line_no"):
            lines[row["order_id"]].append(row)
        for row in rows(url, "SELECT * FROM payment_entry ORDER BY payment_id, entry_no"):
            paid[row["order_id"]][row["reference"] or f"none {row['payment_id']}"] = row["amount"] // SCALE
        stored.events = rows(url, "SELECT * FROM event ORDER BY seq")
        histories: dict[int, list[Row]] = defaultdict(list)
        for event in stored.events:
            event["changes"] = json.loads(event["changes"])
            if event["order_id"] is not None:
                histories[event["order_id"]].append(event)
        for row in rows(url, "SELECT * FROM orders"):
            history, own = histories.pop(row["id"], []), lines[row["id"]]
            stored.unchained += rebuild(row, own, history)
            told = [told_by(event) for event in history]
            held = Held(row, tuple(map(_line, own)), paid[row["id"]], told)
            stored.orders[row["client_reference_id"]].append(held)
        stored.unchained += [f"events of order {number}, which is not there" for number in histories]
        return stored


def _line(row: Row) -> Line:
    return Line(row["rate"] // SCALE, row["quantity"] // SCALE, row["discount"] // SCALE)


def told_by(event: Row) -> Told:
    """What the journal notes of an event."""
    after = event["changes"].get("after") or {}
    return event["kind"], after.get("reference", "") if event["kind"].startswith("payment") else after.get(
        "remarks", ""
    )


def rebuild(row: Row, lines: list[Row], history: list[Row]) -> Iterator[str]:
    """Fold an order's events, and say where they do not lead to the order that is there."""
    order: Row = {}
    paid = 0
    for event in history:
        changes = event["changes"]
        after = dict(changes.get("after") or {})
        if event["kind"].startswith("payment."):
            paid += after["amount"]
            continue
        after.pop("enquiry", None)
        for name, old in (changes.get("before") or {}).items():
            if order.get(name) != old:
                yield f"event {event['seq']} changes {name} from what it was not"
        order |= after
    if order.pop("total_paid", 0) + paid != row["total_paid"]:
        yield f"order {row['id']}: its events add up to another sum paid"
    told_lines = [{**line, "line_no": at} for at, line in enumerate(order.pop("lines", []), 1)]
    kept_lines = [{name: value for name, value in line.items() if value is not None} for line in lines]
    if told_lines != [{k: v for k, v in line.items() if k not in ("cm_id", "order_id")} for line in kept_lines]:
        yield f"order {row['id']}: its events tell of other lines"
    for name in order:
        if row[name] != order[name]:
            yield f"order {row['id']}: its events tell another {name}"


@dataclass
class Verdict:
    """What a comparison found."""

    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    survived: int = 0  # requests that were not acknowledged, and are there

    @property
    def faults(self) -> list[str]:
        return [f"lost: {one}" for one in self.lost] + [f"doubled: {one}" for one in self.doubled] + self.wrong


def compare(stored: Stored, books: list[Book], shared: Shared, strangers: set[str]) -> Verdict:
    """Every acknowledged write is there once; of every other request all or nothing is there, once."""
    verdict = Verdict()
    known = set(strangers)
    for book in books:
        for request in [*book.unknown, *([book.pending] if book.pending and not shared.has(book.pending) else [])]:
            _judge(stored, request, verdict)
            known.update(write.order.mark for write in request.writes)
        absent = {w.order.mark for r in [book.pending] if r and not r.here for w in r.writes}
        for mark, order in book.orders.items():
            known.add(mark)
            if mark not in absent:
                _expect(stored, order, verdict)
        verdict.wrong += [
            f"{write.order.mark} was refused, and is there"
            for request in book.refused for write in request.writes if stored.orders.get(write.order.mark)
        ]  # fmt: skip
    for order in shared.orders:
        known.add(order.mark)
        _expect_shared(stored, order, shared, verdict)
    verdict.wrong += [f"{mark} was never sent" for mark in stored.orders if mark not in known]
    return verdict


def _judge(stored: Stored, request: Request, verdict: Verdict) -> None:
    """Decide whether a request that was not acknowledged took effect: wholly, or not at all."""
    if request.here:
        for write in request.writes:
            _expect(stored, write.order, verdict)
        return
    before = {write.order.mark: write.order for write in request.writes}
    states = []
    for mark, after in request.after().items():
        held = stored.orders.get(mark, [])
        if len(held) > 1:
            verdict.doubled.append(f"{mark} is there {len(held)} times")
            return
        is_before = not held if before[mark].content is None else bool(held) and not held[0].differs(before[mark])
        states.append((is_before, bool(held) and not held[0].differs(after)))
    if all(is_before for is_before, _ in states):
        return
    if all(is_after for _, is_after in states):
        request.take()
        verdict.survived += 1
    else:
        verdict.wrong.append(f"half of a request is there: {list(before)} {states}; {request.body[:300]!r}")


def _expect(stored: Stored, order: Order, verdict: Verdict) -> None:
    held = stored.orders.get(order.mark, [])
    if len(held) != 1:
        if held:
            verdict.doubled.append(f"{order.mark} is there {len(held)} times: {[one.row['id'] for one in held]}")
        else:
            verdict.lost.append(f"{order.mark} is not there")
        return
    difference = held[0].differs(order)
    if difference:
        twice = len(held[0].told) > len(set(held[0].told)) or len(held[0].told) > len(order.told)
        (verdict.doubled if twice else verdict.lost).append(f"{order.mark}: {difference}")


def _expect_shared(stored: Stored, order: Order, shared: Shared, verdict: Verdict) -> None:
    """An order that many pushed at once: created once, and each share paid once."""
    held = stored.orders.get(order.mark, [])
    if not held and not order.number:
        return
    if len(held) != 1:
        (verdict.doubled if held else verdict.lost).append(f"{order.mark} is there {len(held)} times")
        return
    told = held[0].told
    references = [reference for kind, reference in told if kind == "payment.added"]
    created = [kind for kind, _ in told if kind != "payment.added"]
    if created != ["order.created"] or len(references) != len(set(references)):
        verdict.doubled.append(f"{order.mark}: {told}")
    if missing := set(order.paid) - set(held[0].paid):
        verdict.lost.append(f"{order.mark}: payments {missing} are not there")
    if strange := set(references) - shared.sent:
        verdict.wrong.append(f"{order.mark}: payments {strange} were never sent")
    if held[0].row["total_paid"] != len(references) * SCALE or set(references) != set(held[0].paid):
        verdict.wrong.append(f"{order.mark}: {held[0].row['total_paid']} is not the sum of {references}")
