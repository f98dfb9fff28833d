"""A writer's desk for tests: an account on one engine, requests of every family in groups, and what came of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Self

from orderdock import group
from orderdock.db import Database
from orderdock.kinds import from_json
from orderdock.orders.model import Verdict
from tests.model.account import (
    Stored,
    customer_work,
    enquiry_work,
    form_work,
    open_account,
    people_work,
    quick_connection,
    scope_of,
    stored,
    work_of,
    write,
)

Json = dict[str, Any]


class Desk:
    """An account on one engine; every call of `together`, `run` or `push` is one group of requests."""

    def __init__(self, url: str) -> None:
        self.database = Database(url)
        self.connection = quick_connection(self.database)
        self.cm_id = open_account(self.connection)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.connection.close()
        self.database.close()

    def together(self, *works: group.Work) -> list[list[Verdict]]:
        """Requests that were made before."""
        found: list[list[Verdict]] = write(self.connection, self.cm_id, works)
        return found

    def run(self, *bodies: Any, **settings: Any) -> list[Verdict]:
        """Requests by their form: lists of legacy items, tuples of customers pushed, add-updates of an order (with
        `order_info`) or of a customer alone; the first verdict of each.
        """
        scope = scope_of(self.cm_id, **settings)
        works = [_maker(body)(scope, body, request_id=f"r{at}") for at, body in enumerate(bodies)]
        return [answer[0] for answer in self.together(*works)]

    def outcomes(self, *bodies: Any) -> list[str]:
        return [verdict.outcome for verdict in self.run(*bodies)]

    def work(self, *items: Any, strict: bool = False, **settings: Any) -> group.Work:
        """A request of enquiries."""
        return enquiry_work(scope_of(self.cm_id, **settings), items, strict=strict)

    def push(self, *items: Any, **settings: Any) -> list[Verdict]:
        """Enquiries as one request, which is one group."""
        return self.together(self.work(*items, **settings))[0]

    def stored(self) -> Stored:
        return stored(self.database, self.cm_id)

    def told(self) -> list[str]:
        """The kinds of all events, oldest first."""
        return [event["kind"] for event in self.stored().events]

    def changes(self, kind: str) -> Json:
        """What the newest event of a kind says."""
        found: Json = from_json([event["changes"] for event in self.stored().events if event["kind"] == kind][-1])
        return found


def _maker(body: Json | Sequence[Any]) -> Any:
    if isinstance(body, dict):
        return form_work if "order_info" in body else customer_work
    return people_work if isinstance(body, tuple) else work_of
