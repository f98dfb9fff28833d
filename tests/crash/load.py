"""Clients that push, change and pay orders without end, each in a thread of its own, and keep a journal of it."""

import contextlib
import http.client
import json
import random
import threading
import time
import traceback
from dataclasses import dataclass, field
from typing import Any, Literal

from tests.crash.journal import Book, Order, Request, Shared
from tests.crash.server import HOST
from tests.crash.shop import Shop

WRITE = "/add-update-order-from-other-source.html"
PATIENCE = 40.0  # longer than the server's own
BROKEN = (OSError, http.client.HTTPException)


@dataclass
class Tally:
    """What was counted in a run. `faults` is everything that should not be."""

    acknowledged: int = 0
    requests: int = 0
    unanswered: int = 0
    read_back: int = 0
    faults: list[str] = field(default_factory=list)


class Client(threading.Thread):
    """One client: one request at a time over one connection, repeated until it is acknowledged."""

    def __init__(self, load: "Load", name: str, seed: str, nameless: float) -> None:
        super().__init__(name=name, daemon=True)
        self.book = Book(name, seed, nameless)
        self.tally = Tally()
        self.parked = False
        self.shared_step = 0
        self._load = load
        self._random = random.Random(f"client {seed} {name}")
        self._connection: http.client.HTTPConnection | None = None

    def run(self) -> None:
        try:
            while self._load.admit(self):
                self._step()
        except Exception:
            self.tally.faults.append(f"client {self.name} failed:\n{traceback.format_exc()}")
        finally:
            self._close()
            self._load.left(self)

    def _step(self) -> None:
        book = self.book
        if book.pending is None:
            book.pending = self._load.shared.request(self.name, self.shared_step) or book.next()
        sending = book.pending
        sending.sent += 1
        try:
            status, answer = self.post(sending.body)
        except ConnectionRefusedError:
            self._close()
            sending.sent -= 1
            time.sleep(0.02)
            return
        except BROKEN:
            self._close()
            status, answer = 0, b""
        if status == 200:
            self._acknowledge(sending, json.loads(answer))
        elif status in (0, 500, 503):
            self._missed(sending, status)
        else:
            self.tally.faults.append(f"answered {status}: {answer[:500]!r}")
            book.pending = None

    def post(self, body: bytes, path: str = WRITE) -> tuple[int, bytes]:
        return self._ask("POST", path, body)

    def _ask(self, method: str, path: str, body: bytes | None) -> tuple[int, bytes]:
        if self._connection is None:
            self._connection = http.client.HTTPConnection(HOST, self._load.port, timeout=PATIENCE)
        self._connection.request(method, path, body, {"Authorization": self._load.shop.authorization})
        answer = self._connection.getresponse()
        return answer.status, answer.read()

    def _missed(self, sending: Request, status: int) -> None:
        """Not acknowledged: a refusal (503) was not taken; of anything else nobody knows."""
        self.tally.unanswered += 1
        if sending.once:
            (self.book.refused if status == 503 else self.book.unknown).append(sending)
            self.book.pending = None
        time.sleep(0.02)

    def _acknowledge(self, sending: Request, answer: Any) -> None:
        book, tally = self.book, self.tally
        answers = answer if isinstance(answer, list) else [answer]
        wrong = [one for one in answers if one.get("status") != "success"]
        if wrong or len(answers) != len(sending.writes):
            tally.faults.append(f"{sending.body[:300]!r} was answered {wrong or answers}"[:1500])
            book.pending = None
            return
        for write, one in zip(sending.writes, answers, strict=True):
            if write.kind != "payment":
                self._number(write.order, one)
        shared, told = self._load.shared.has(sending), [one["outcome"] for one in answers]
        expected = sending.take()
        if not shared and told != expected and (sending.sent == 1 or set(told) != {"unchanged"}):
            tally.faults.append(f"sent {sending.sent} times, told {told}, not {expected}: {sending.body[:300]!r}")
        tally.acknowledged += len(answers)
        tally.requests += 1
        book.pending = None
        if shared:
            self.shared_step += sending.writes[0].order is self._load.shared.orders[-1]
        else:
            book.orders.update({write.order.mark: write.order for write in sending.writes})
        if self._random.random() < 0.1:
            self._read_back(sending.writes[-1].order)

    def _number(self, order: Order, answer: dict[str, str]) -> None:
        number, customer = answer["order_id"], answer["kapture_customer_id"]
        if order.number not in ("", number) or order.customer not in ("", customer):
            self.tally.faults.append(f"doubled: {order.mark} is order {order.number} and order {number}")
        order.number, order.customer = number, customer

    def _read_back(self, order: Order) -> None:
        """A read sees every write that was acknowledged before it began (contract 1.14)."""
        assert order.content is not None
        remark, paid = order.content.remark, sum(list(order.paid.values()))
        try:
            status, answer = self._ask("GET", f"/api/v1/orders/{order.number}", None)
        except BROKEN:
            self._close()
            return
        if status not in (500, 503):
            self.tally.read_back += 1
            found = json.loads(answer)
            if status != 200 or found["remarks"] != remark or found["totalPaid"] < paid:
                self.tally.faults.append(f"not read back: order {order.number}, {status} {answer[:500]!r}")

    def _close(self) -> None:
        if self._connection is not None:
            with contextlib.suppress(OSError):
                self._connection.close()
        self._connection = None


class Load:
    """Several clients behind one gate. `run` lets them work, `halt` waits until none has a request under way."""

    def __init__(self, shop: Shop, port: int, *, clients: int = 4, seed: str = "", nameless: float = 0.08) -> None:
        self.shop = shop
        self.port = port
        self.shared = Shared()
        self.strangers: set[str] = set()  # marks of orders that others made
        self._gate = threading.Condition()
        self._state: Literal["run", "settle", "halt", "over"] = "halt"
        self.clients = [Client(self, f"c{number}", seed, nameless) for number in range(clients)]
        for client in self.clients:
            client.start()

    def admit(self, client: Client) -> bool:
        """Wait at the gate; False when it is over."""
        with self._gate:
            while True:
                if self._state == "over":
                    return False
                if self._state == "run" or (self._state == "settle" and client.book.pending is not None):
                    client.parked = False
                    return True
                client.parked = True
                self._gate.notify_all()
                self._gate.wait()

    def left(self, client: Client) -> None:
        with self._gate:
            client.parked = True
            self._gate.notify_all()

    def run(self, *, share: bool = True) -> None:
        """Let the clients work; with `share` they begin with a new order that they share."""
        with self._gate:
            if share:
                self.shared.add()
                for client in self.clients:
                    client.shared_step = 0
            self._state = "run"
            self._gate.notify_all()

    def halt(self) -> None:
        """Let each client finish the request that is under way, whatever becomes of it."""
        self._wait("halt")

    def settle(self) -> None:
        """Let the clients send again what was not acknowledged, until it is, and nothing else."""
        self._wait("settle")

    def end(self) -> None:
        self._wait("over")
        for client in self.clients:
            client.join(PATIENCE)

    def _wait(self, state: Literal["settle", "halt", "over"]) -> None:
        with self._gate:
            self._state = state
            self._gate.notify_all()
            done = self._gate.wait_for(lambda: all(client.parked for client in self.clients), PATIENCE * 1.5)
        assert done, f"clients are still waiting for an answer: {[c.name for c in self.clients if not c.parked]}"

    @property
    def books(self) -> list[Book]:
        return [client.book for client in self.clients]

    @property
    def tally(self) -> Tally:
        """The sum of what the clients counted."""
        whole = Tally()
        for client in self.clients:
            one = client.tally
            whole.acknowledged += one.acknowledged
            whole.requests += one.requests
            whole.unanswered += one.unanswered
            whole.read_back += one.read_back
            whole.faults += one.faults
        return whole
