"""Stored answers and the log, as they are written: rows of a group, and one block with what was sent and answered."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final

import msgspec
import zstandard

from orderdock.db import Reply, Sql, Tx, as_rows, blob, source, store_rows
from orderdock.requests.model import Entry, Stored, Token
from orderdock.tables import idempotency, request_find, request_log

# (key, token): whose Idempotency-Key it is.
Named = tuple[int, str]
_encode: Final = msgspec.json.Encoder().encode
# The fastest level: a block is packed while its group waits.
_LEVEL: Final = 1

ANSWERS: Final = Sql(
    """SELECT i.key_id, i.token, i.at, i.request_hash, i.status, i.answer, i.headers FROM {wanted}
       JOIN idempotency i ON i.cm_id = :cm_id AND i.key_id = wanted.key_id AND i.token = wanted.token""",
    wanted=source("wanted", key_id="bigint", token="text"),
)
BLOCK: Final = Sql(
    "INSERT INTO request_block (cm_id, id, at, size, data) VALUES (:cm_id, :id, :at, :size, {data})", data=blob("data")
)
WRITTEN: Final = Sql("SELECT l.id FROM request_log l WHERE l.cm_id = :cm_id AND l.at = :at AND l.id = :id")


def ask_answers(tx: Tx, cm_id: int, wanted: Iterable[Named]) -> Reply:
    """The answers that were stored for tokens of keys."""
    return tx.ask(ANSWERS, cm_id=cm_id, wanted=as_rows([{"key_id": key, "token": text} for key, text in wanted]))


def take_answers(reply: Reply, tokens: dict[Named, Token]) -> dict[Named, Stored]:
    """What is still kept of them."""
    found: dict[Named, Stored] = {}
    for key_id, text, at, digest, status, answer, headers in reply.rows():
        if at >= tokens[key_id, text].since:
            pairs = [(name, value) for name, value in msgspec.json.decode(headers)]
            found[key_id, text] = Stored(digest, status, answer.encode(), pairs)
    return found


def store_answers(tx: Tx, cm_id: int, at: int, answers: dict[Named, Stored]) -> None:
    """Keep new answers; one that is too old to count is written over."""
    rows = [
        {
            "key_id": key, "token": text, "at": at, "request_hash": one.digest, "status": one.status,
            "answer": one.body.decode(), "headers": _encode(one.headers).decode(),
        }
        for (key, text), one in answers.items()
    ]  # fmt: skip
    store_rows(tx, cm_id, idempotency, rows, change=True)


def store_log(tx: Tx, cm_id: int, entries: Sequence[Entry], take_id: Callable[[str], int]) -> tuple[int, int] | None:
    """Write entries of the log; answers (at, id) of the first, None when there is none."""
    if not entries:
        return None
    block_id, last = take_id("request"), max(entry.at for entry in entries)
    rows: list[dict[str, Any]] = []
    finds: list[dict[str, Any]] = []
    for place, entry in enumerate(entries):
        number = take_id("request")
        rows.append(_row(entry, number, block_id, place))
        finds += [{"kind": kind, "value": value, "at": entry.at, "id": number} for kind, value in entry.finds]
    text = _encode([entry.exchange for entry in entries])
    data = zstandard.ZstdCompressor(_LEVEL).compress(text)
    packed = data if tx.engine == "sqlite" else "\\x" + data.hex()
    tx.ask(BLOCK, cm_id=cm_id, id=block_id, at=last, size=len(text), data=packed)
    store_rows(tx, cm_id, request_log, rows, apart="facts")
    store_rows(tx, cm_id, request_find, finds)
    return rows[0]["at"], rows[0]["id"]


def _row(entry: Entry, number: int, block_id: int, place: int) -> dict[str, Any]:
    row = {
        "at": entry.at, "id": number, "request_id": entry.request_id, "key_id": entry.key_id,
        "operation": entry.operation, "status": entry.status, "facts": _encode(entry.facts).decode(),
        "block_id": block_id, "place": place,
    }  # fmt: skip
    return row if entry.error is None else {**row, "error": entry.error}


def was_logged(tx: Tx, cm_id: int, first: tuple[int, int]) -> bool:
    """Whether the entry that `store_log` named is in the log."""
    return bool(tx.all(WRITTEN, cm_id=cm_id, at=first[0], id=first[1]))
