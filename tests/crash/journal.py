"""The clients' own journal: what they sent, what was acknowledged, and so what the database must hold."""

import copy
import json
import random
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, NamedTuple

SCALE = 10_000  # money and quantities are kept in 1/10000


class Line(NamedTuple):
    """A line of an order, in whole units."""

    rate: int
    quantity: int
    discount: int

    @property
    def value(self) -> int:
        return self.rate * self.quantity - self.discount


@dataclass(frozen=True)
class Content:
    """What a push or an update says of an order; its remark belongs to no other content."""

    remark: str
    lines: tuple[Line, ...]


Told = tuple[str, str]  # an event that must be there: its kind, and the remark or the payment's reference


@dataclass(eq=False)
class Order:
    """One order as its client knows it. `mark` is its client_reference_id, `told` its events, oldest first."""

    mark: str
    erp: str
    phone: str
    number: str = ""
    customer: str = ""
    content: Content | None = None
    paid: dict[str, int] = field(default_factory=dict)
    told: list[Told] = field(default_factory=list)

    def write(self, content: Content) -> str:
        """What a push or an update of it brings about, and its outcome; the same content again brings nothing."""
        if self.content == content:
            return "unchanged"
        outcome = "updated" if self.content else "created"
        self.told.append((f"order.{outcome}", content.remark))
        self.content = content
        return outcome

    def pay(self, reference: str, amount: int) -> str:
        """What a payment brings about, and its outcome; the same reference again brings nothing."""
        if reference in self.paid:
            return "unchanged"
        self.told.append(("payment.added", reference))
        self.paid[reference] = amount
        return "created"


@dataclass(frozen=True)
class Write:
    """One item of a request: a push or an update with its content, or a payment."""

    kind: str
    order: Order
    content: Content | None = None
    reference: str = ""
    amount: int = 0

    def apply(self, order: Order) -> str:
        """Bring it about; answers the outcome."""
        return order.pay(self.reference, self.amount) if self.content is None else order.write(self.content)

    def item(self) -> dict[str, Any]:
        """What is sent. A payment of an order that has no number yet names it by its erp_order_id."""
        order = self.order
        if self.kind == "payment":
            named = {"kapture_order_id": order.number} if order.number else {"erp_order_id": order.erp}
            said = {"amount_paid": str(self.amount), "payment_reference": self.reference, "payment_mode": "cash"}
            return {**named, "kapture_customer_id": order.customer, **said}
        assert self.content is not None
        lines = [line._asdict() for line in self.content.lines]
        said = {"remarks": self.content.remark, "client_reference_id": order.mark}
        item: dict[str, Any] = {**said, "phone": order.phone, "customer_name": order.mark, "product_details": lines}
        return {**item, **({"order_id": order.number} if self.kind == "update" else {"erp_order_id": order.erp})}


@dataclass
class Request:
    """Items that are sent together, and take effect together or not at all.

    `once`: a repeat would make a second order, so the client never sends it again. `here`: seen in the database, or
    acknowledged; from then on it may not be missing.
    """

    writes: list[Write]
    body: bytes
    once: bool = False
    here: bool = False
    sent: int = 0

    def take(self) -> list[str]:
        """Note that it took effect; answers the outcomes that had to be told, of a repeat that nothing changed."""
        if self.here:
            return ["unchanged"] * len(self.writes)
        self.here = True
        return [write.apply(write.order) for write in self.writes]

    def after(self) -> dict[str, Order]:
        """What its orders will be when it has taken effect, by mark."""
        changed = {write.order.mark: copy.deepcopy(write.order) for write in self.writes}
        for write in self.writes:
            write.apply(changed[write.order.mark])
        return changed


def request(writes: Iterable[Write], *, once: bool = False, bare: bool = False) -> Request:
    """A request of some writes: an array, or with `bare` one object."""
    listed = list(writes)
    items = [write.item() for write in listed]
    return Request(listed, json.dumps(items[0] if bare else items).encode(), once)


class Book:
    """One client's share of the journal: its orders, and the requests whose fate it does not know."""

    def __init__(self, name: str, seed: str, nameless: float) -> None:
        self.name = name
        self.orders: dict[str, Order] = {}  # by mark; those that were acknowledged
        self.pending: Request | None = None  # sent again until acknowledged
        self.unknown: list[Request] = []  # never sent again: there or not
        self.refused: list[Request] = []  # never sent again, and not there
        self._random = random.Random(f"{seed} {name}")
        self._nameless = nameless
        self._serial = 0
        self._phones: list[str] = []

    def next(self) -> Request:
        """What the client does next."""
        known = [order for order in islice(reversed(self.orders.values()), 40) if order.erp]
        choice = self._random.random()
        if choice < self._nameless:
            return request([self._push(self._new(erp=False))], once=True, bare=choice < self._nameless / 2)
        if choice < 0.3 or not known:
            return request([self._push(self._new())], bare=self._random.random() < 0.5)
        if choice < 0.6:
            return request([self._change(self._random.choice(known))])
        return request(self._many(known))

    def _many(self, known: list[Order]) -> list[Write]:
        """An array: new orders, repeats, updates and payments, also of orders that are new in it."""
        writes: list[Write] = []
        said: dict[Order, Content] = {}  # one content for an order in one array, or a repeat would change it again
        for _ in range(self._random.randint(2, 24)):
            new = self._random.random() < 0.5
            order = self._new() if new else self._random.choice(known)
            if new or order not in said:
                writes.append(self._push(order) if new else self._change(order))
            else:
                writes.append(Write("push", order, said[order]))
            if (content := writes[-1].content) is not None:
                said[order] = content
            if new and order.customer and self._random.random() < 0.4:
                writes.append(self._payment(order))
        return writes

    def _new(self, *, erp: bool = True) -> Order:
        """A new order; of a new customer, or of one that has ordered before."""
        mark = self._mark()
        if not self._phones or self._random.random() < 0.3:
            self._phones.append(f"9{self._random.randrange(10**9):09d}")
        phone = self._random.choice(self._phones[-20:])
        before = next((order for order in self.orders.values() if order.phone == phone and order.customer), None)
        return Order(mark, f"E-{mark}" if erp else "", phone, customer=before.customer if before else "")

    def _change(self, order: Order) -> Write:
        choice = self._random.random()
        if choice < 0.45:
            return self._payment(order)
        if choice < 0.6 and order.content is not None:
            return Write("push", order, order.content)
        return Write("update" if choice < 0.8 else "push", order, self._content())

    def _push(self, order: Order) -> Write:
        return Write("push", order, self._content())

    def _payment(self, order: Order) -> Write:
        return Write("payment", order, reference=f"P-{self._mark()}", amount=self._random.randint(1, 500))

    def _content(self) -> Content:
        lines = [
            Line(self._random.randint(1, 999), self._random.randint(1, 9), self._random.randint(0, 1))
            for _ in range(self._random.randint(1, 4))
        ]
        filling = "x" * self._random.choice((0, 20, 300, 3000))
        return Content(f"{self._mark()} {filling}".strip(), tuple(lines))

    def _mark(self) -> str:
        self._serial += 1
        return f"{self.name}-{self._serial}"


class Shared:
    """Orders that every client pushes at the same time, with the same content, and pays its own share of."""

    def __init__(self) -> None:
        self.orders: list[Order] = []
        self.sent: set[str] = set()  # references of payments that may be there

    def add(self) -> None:
        number = len(self.orders)
        order = Order(f"shared-{number}", f"SHARED-{number}", f"8{number:09d}")
        order.write(Content(f"shared {number}", (Line(100, 2, 1),)))
        self.orders.append(order)

    def request(self, client: str, step: int) -> Request | None:
        """A client's step: it pushes the newest order, then pays its share."""
        if not self.orders or step > 1:
            return None
        order = self.orders[-1]
        if step == 0:
            return request([Write("push", order, order.content)])
        reference = f"S-{order.mark}-{client}"
        self.sent.add(reference)
        return request([Write("payment", order, reference=reference, amount=1)])

    def has(self, request: Request) -> bool:
        """Whether a request is a step on a shared order."""
        return request.writes[0].order in self.orders
