"""A transaction on PostgreSQL as one pipeline of libpq, through psycopg's own wrapper of it.

psycopg's cursors cost a writer about 50 us a statement, thirteen times a group. Here a statement is prepared once
by its text and sent with its parameters as they are; answers are read when somebody asks for them.
"""

from __future__ import annotations

import select
from collections import deque
from typing import Any, Final

import psycopg
import sqlalchemy as sa
from psycopg.adapt import Transformer
from psycopg.errors import error_from_result
from psycopg.pq import ConnStatus, ExecStatus, TransactionStatus

from orderdock.db.sql import Reply, Row, Sql, Tx

_MOST_PREPARED: Final = 200
_INT8: Final = 20
_TEXT: Final = 25
_GOOD: Final = (ExecStatus.COMMAND_OK, ExecStatus.TUPLES_OK)


class Answer(Reply):
    """The answer to one statement; `rows` waits for it."""

    __slots__ = ("_pipeline", "result")

    def __init__(self, pipeline: Pipeline) -> None:
        self._pipeline = pipeline
        self.result: Any = None

    def rows(self) -> list[Row]:
        if self.result is None:
            self._pipeline.read_until(self)
        return self._pipeline.load(self.result)


class Pipeline:
    """What was sent on a connection and not yet answered. Raises psycopg's errors, the first that the server tells."""

    def __init__(self, raw: psycopg.Connection[Any]) -> None:
        self._raw = raw
        self._pg: Any = raw.pgconn
        self._prepared: dict[str, bytes] = {}
        self._due: deque[Answer | None] = deque()
        self._poll = select.poll()
        self._poll.register(self._pg.socket, select.POLLIN)
        self._loader = Transformer(raw)
        self._synced = False
        # A statement that failed makes the server pass over those behind it, also over those that were to be prepared.
        self._is_stale = False

    def begin(self) -> None:
        """Begin a transaction; nothing is waited for."""
        self._pg.enter_pipeline_mode()
        if self._is_stale or len(self._prepared) > _MOST_PREPARED:
            self._is_stale = False
            self._prepared.clear()
            self._plain(b"DEALLOCATE ALL")
        self._plain(b"BEGIN ISOLATION LEVEL READ COMMITTED")

    def _plain(self, text: bytes) -> None:
        self._pg.send_query_params(text, None)
        self._due.append(None)

    def send(self, statement: Sql, values: dict[str, Any]) -> Answer:
        """Send a statement, prepared under a name of its own when it is new."""
        names = statement.names
        name = self._prepared.get(statement.numbered)
        if name is None:
            name = self._prepared[statement.numbered] = f"s{len(self._prepared)}".encode()
            kinds = [_INT8 if type(values[one]) is int else _TEXT for one in names]
            self._pg.send_prepare(name, statement.numbered.encode(), kinds)
            self._due.append(None)
        self._pg.send_query_prepared(name, [str(values[one]).encode() for one in names])
        answer = Answer(self)
        self._due.append(answer)
        self._pg.flush()
        return answer

    def read_until(self, answer: Answer) -> None:
        """Wait for the answers up to one; the server is asked to send them now."""
        self._pg.send_flush_request()
        self._push()
        while answer.result is None:
            self._take_one()

    def _push(self) -> None:
        """Hand everything to the network; the server's answers are taken in meanwhile, or both sides could wait."""
        while self._pg.flush():
            both = select.poll()
            both.register(self._pg.socket, select.POLLIN | select.POLLOUT)
            both.poll()
            self._pg.consume_input()

    def _result(self) -> Any:
        while self._pg.is_busy():
            self._poll.poll()
            self._pg.consume_input()
        result = self._pg.get_result()
        if self._pg.status != ConnStatus.OK:
            raise psycopg.OperationalError("the connection to the server was lost")
        return result

    def _take_one(self) -> None:
        """The result of the oldest statement that is due, and the end mark behind it."""
        result = self._result()
        self._result()
        answer = self._due.popleft()
        if result.status not in _GOOD:
            self._is_stale = True
            raise error_from_result(result)
        if answer is not None:
            answer.result = result

    def commit(self) -> None:
        """Send COMMIT and wait for everything that is due. When the connection breaks here, nobody knows."""
        self._plain(b"COMMIT")
        try:
            self._sync()
            while self._due:
                self._take_one()
        finally:
            self.leave()

    def _sync(self) -> None:
        self._pg.pipeline_sync()
        self._synced = True
        self._push()

    def leave(self) -> None:
        """Read what is still due, whatever it says, and leave the pipeline; a broken connection raises."""
        if not self._pg.pipeline_status:
            return
        if not self._synced:
            self._sync()
        while (result := self._result()) is None or result.status != ExecStatus.PIPELINE_SYNC:
            self._is_stale = self._is_stale or (result is not None and result.status not in _GOOD)
        self._due.clear()
        self._synced = False
        self._pg.exit_pipeline_mode()

    @property
    def in_transaction(self) -> bool:
        return bool(self._pg.transaction_status != TransactionStatus.IDLE)

    def load(self, result: Any) -> list[Row]:
        """The rows of a result as Python values."""
        self._loader.set_pgresult(result)
        return self._loader.load_rows(0, result.ntuples, tuple)


class PipelineTx(Tx):
    """A transaction whose statements go out as a pipeline."""

    __slots__ = ()

    def __init__(self, pipeline: Pipeline) -> None:
        super().__init__(pipeline, "postgresql")

    def ask(self, statement: Sql | sa.ClauseElement, **values: Any) -> Reply:
        """Send a statement; only `rows` of its answer waits. Dynamic statements have no place in a writer."""
        if not isinstance(statement, Sql):
            raise TypeError("a writer runs statements written once")
        self.statements += 1
        answer: Reply = self._raw.send(statement, values)
        return answer
