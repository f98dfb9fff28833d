"""What a group leaves of its requests: stored answers and the log, written together with the orders (contract 1.12)."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy as sa
import zstandard

from orderdock import group, tables
from orderdock.db import Database
from orderdock.errors import IdempotencyConflict
from orderdock.requests.decide import CUT, HIDDEN, digest_of, ended, entry_of
from orderdock.requests.model import Asked, Counts, Token
from tests.model.account import numbers_for, open_account, quick_connection, scope_of, work_of

HEADERS = {"content-type": "application/json", "authorization": "Basic c2VjcmV0", "x-api-key": "secret"}


class Till:
    """An account on one engine, and requests to it as the web hands them on."""

    def __init__(self, url: str) -> None:
        self.database = Database(url)
        self.connection = quick_connection(self.database)
        self.cm_id = open_account(self.connection)
        self.scope = scope_of(self.cm_id)

    def work(self, *items: Any, token: str = "", since: int = 0, request_id: str = "r1") -> group.Work:
        body = json.dumps(items).encode()
        work = work_of(self.scope, items, request_id=request_id, render=render)
        work.asked = Asked(17, time.perf_counter(), request_id, "10.0.0.7", "POST", "/write", "", HEADERS, 9_000, body)
        work.asked.operation, work.asked.queued = "order.push", work.asked.began
        work.token = Token(token, digest_of("/write", "", body), since) if token else None
        work.headers = (("preference-applied", "return=minimal"),)
        return work

    def run(self, *works: group.Work, commit: bool = True) -> group.Done:
        self.connection.reserve(sum(map(numbers_for, [[work] for work in works])) + len(works))
        done = group.run(self.connection.begin(), self.cm_id, works, self.connection.ids)
        assert done is not None
        self.connection.commit() if done.wrote and commit else self.connection.rollback()
        return done

    def rows(self, table: sa.Table) -> list[dict[str, Any]]:
        with self.database.read() as tx:
            columns = [column.name for column in table.columns]
            return [dict(zip(columns, row, strict=True)) for row in tx.all(sa.select(table))]


def render(verdicts: list[Any]) -> tuple[int, bytes]:
    return 200, json.dumps([[verdict.outcome, verdict.order_id] for verdict in verdicts]).encode()


@pytest.fixture
def till(engine_url: str) -> Iterator[Till]:
    till = Till(engine_url)
    yield till
    till.connection.close()
    till.database.close()


def test_a_repeat_in_the_same_group_and_in_a_later_one_gets_the_first_answer(till: Till) -> None:
    first, second = till.run(till.work({"phone": "1"}, token="a"), till.work({"phone": "1"}, token="a")).answers
    third = till.run(till.work({"phone": "1"}, token="a")).answers[0]
    again = group.Replayed(first[0], first[1], [("preference-applied", "return=minimal")])
    assert [second, third] == [again, again]
    assert len(till.rows(tables.orders)) == 1
    assert len(till.rows(tables.idempotency)) == 1


def test_a_token_for_something_else_is_refused_in_the_same_group_and_later(till: Till) -> None:
    works = [till.work({"phone": "1"}, token="a"), till.work({"phone": "2"}, token="a")]
    assert isinstance(till.run(*works).answers[1], IdempotencyConflict)
    assert isinstance(till.run(till.work({"phone": "3"}, token="a")).answers[0], IdempotencyConflict)
    assert len(till.rows(tables.orders)) == 1


def test_an_answer_that_is_too_old_counts_no_more_and_is_written_over(till: Till) -> None:
    till.run(till.work({"phone": "1"}, token="a"))
    later = time.time_ns() // 1_000_000 + 60_000
    done = till.run(till.work({"phone": "2"}, token="a", since=later))
    assert json.loads(done.answers[0][1])[0][0] == "created"
    [row] = till.rows(tables.idempotency)
    assert row["answer"].encode() == done.answers[0][1]


def test_what_fails_entirely_is_not_stored_and_what_changes_nothing_is(till: Till) -> None:
    bad = {"phone": "1", "create_date": "?"}
    assert not till.run(till.work(bad, token="a")).wrote
    assert till.run(till.work(bad, {"phone": "1", "erp_order_id": "S"}, token="a")).wrote
    assert till.run(till.work({"erp_order_id": "S"}, token="b")).wrote
    assert [row["token"] for row in till.rows(tables.idempotency)] == ["a", "b"]


def test_the_log_has_what_was_asked_and_answered(till: Till) -> None:
    done = till.run(
        till.work({"phone": "8123456789", "erp_order_id": "S1"}),
        till.work({"phone": "9123456789", "erp_order_id": "S2", "create_date": "?"}, request_id="r2"),
    )
    first, second = till.rows(tables.request_log)
    facts = json.loads(first["facts"])
    assert facts.pop("ms") >= facts.pop("queuedMs") >= 0
    assert facts == {
        "key": till.scope.key_name, "ip": "10.0.0.7", "method": "POST", "path": "/write", "items": 1, "created": 1,
        "updated": 0, "unchanged": 0, "stale": 0, "failed": 0, "errors": [],
    }  # fmt: skip
    assert (first["at"], first["request_id"], first["operation"], first["status"]) == (17, "r1", "order.push", 200)
    assert (first["error"], second["error"]) == (None, "InvalidDate")
    [block] = till.rows(tables.request_block)
    text = zstandard.ZstdDecompressor().decompress(block["data"])
    exchange = json.loads(text)[second["place"]]
    assert len(text) == block["size"]
    assert exchange["request"]["headers"] == {"content-type": "application/json"}
    assert exchange["response"] == {
        "headers": {"preference-applied": "return=minimal"}, "body": done.answers[1][1].decode(),
    }  # fmt: skip
    finds = {(row["kind"], row["value"]) for row in till.rows(tables.request_find)}
    assert finds == {("erp", "S2"), ("phone", "+919123456789"), ("error", "InvalidDate")}
    assert {row["id"] for row in till.rows(tables.request_find)} == {second["id"]}


def test_what_is_missing_is_the_first_fault_as_it_is_told(till: Till) -> None:
    work = till.work({"create_date": "?", "grand_total": "x"})
    till.run(work)
    assert work.asked is not None
    assert work.asked.errors == ["ReqFieldMissing", "InvalidDate", "InvalidAmount"]


def test_what_only_has_to_be_logged_is_written_alone(till: Till) -> None:
    asked = till.work().asked
    assert asked is not None
    late = ended(asked, till.scope, 403, [], b"{}", time.perf_counter())
    till.connection.reserve(5)
    till.run(group.Work(till.scope, "", (), False, list, late=[late, late]))
    assert [row["status"] for row in till.rows(tables.request_log)] == [403, 403]
    assert (till.rows(tables.event), till.rows(tables.orders)) == ([], [])


@pytest.mark.parametrize("commit", [True, False])
@pytest.mark.parametrize("items", [{"phone": "1"}, {"erp_order_id": "S"}], ids=["with events", "without"])
def test_a_group_can_tell_whether_it_became_durable(till: Till, items: dict[str, str], commit: bool) -> None:
    till.run(till.work({"phone": "7", "erp_order_id": "S"}))
    done = till.run(till.work(items, token="a"), commit=commit)
    assert done.wrote
    assert done.was_written(till.connection.begin()) is commit
    till.connection.rollback()


def test_named_fields_are_hidden_at_every_depth_and_long_bodies_cut(till: Till) -> None:
    hidden = {**till.scope.account, "redact_fields": ["phone", "pin"]}
    asked = till.work({"phone": "8123456789", "product_details": [{"pin": "77", "sku_id": "A"}]}).asked
    assert asked is not None
    asked.counts = Counts(created=1)
    scope = replace(till.scope, account=hidden)
    veiled = entry_of(ended(asked, scope, 200, [], b'{"phone": "8123456789"', 1.0)).exchange
    assert veiled.request.body == f'[{{"phone":"{HIDDEN}","product_details":[{{"pin":"{HIDDEN}","sku_id":"A"}}]}}]'
    assert veiled.response.body == HIDDEN


def test_a_long_body_is_cut_and_with_hidden_fields_hidden_whole(till: Till) -> None:
    for fields, shown in ([], '[{"phone"' + CUT), (["phone"], HIDDEN + CUT):
        asked = till.work({"phone": "8123456789"}).asked
        assert asked is not None
        asked.counts, asked.most = Counts(created=1), 9
        scope = replace(till.scope, account={**till.scope.account, "redact_fields": fields})
        side = entry_of(ended(asked, scope, 200, [], b"", 1.0)).exchange.request
        assert (side.body, side.body_bytes) == (shown, 25)


def hidden_in(till: Till, answer: bytes, *fields: str, query: str = "") -> tuple[str, str]:
    """(the answer, the query) as the log keeps them."""
    asked = till.work({"a": 1}).asked
    assert asked is not None
    asked.query, asked.finds = query, [("phone", "+918123456789"), ("erp", "S1")]
    scope = replace(till.scope, account={**till.scope.account, "redact_fields": list(fields)})
    entry = entry_of(ended(asked, scope, 200, [], answer, 1.0))
    assert entry.finds == [("erp", "S1")]
    return entry.exchange.response.body, entry.exchange.request.query


@pytest.mark.parametrize(
    ("answer", "shown"),
    [
        ('{"field":"[0].phone","value":"81234"}', '{"field":"[0].phone","value":"•"}'),
        ('{"field":"phone","before":"1","after":"2"}', '{"field":"phone","before":"•","after":"•"}'),
        ('{"field":"order_info.zip","value":"1"}', '{"field":"order_info.zip","value":"1"}'),
        ('{" Phone":"1","phoneE164":"2","other":"3"}', '{" Phone":"•","phoneE164":"•","other":"3"}'),
    ],
)
def test_hidden_fields_do_not_come_back_in_answers_and_queries(till: Till, answer: str, shown: str) -> None:
    assert hidden_in(till, answer.encode(), "phone", query="phone=8123456789&x=1") == (shown, "phone=•&x=1")


def test_what_an_undone_attempt_noted_counts_no_more(till: Till) -> None:
    work = till.work({"phone": "1"})
    till.run(work, commit=False)
    assert work.asked is not None
    assert work.asked.is_logged
    work.commands = till.work({"phone": "1", "create_date": "?"}).commands
    assert not till.run(work).wrote
    assert (work.asked.is_logged, work.asked.counts) == (False, Counts(failed=1))
