"""While nobody knows whether a COMMIT happened, nothing is written again, whatever else goes wrong (design 3.1)."""

from typing import Any

import psycopg
import pytest

from orderdock import group
from orderdock.db import Connection, Database, Tx
from orderdock.settings import load
from orderdock.writer import Submission, Writer, _Unknown
from orderdock.writer.parts import Part


class Cut(Writer):
    """A writer whose first COMMIT is lost, and whose looks afterwards fail in given ways."""

    failures: list[Exception]
    written = 0

    def _write(self, connection: Connection, parts: list[Part]) -> dict[int, Any]:
        self.written += 1
        done = group.Done(["written"] * len(parts[0][1]), True, lambda tx: True, {}, 0)
        raise _Unknown({1: done}, 0.0, 0.0)

    def _became_durable(self, connection: Connection, unknown: _Unknown) -> bool:
        if self.failures:
            raise self.failures.pop(0)
        return True


def no_run(tx: Tx, cm_id: int, works: Any, ids: Any, *, wait: bool = True) -> None:
    raise AssertionError("nothing is run here")


@pytest.mark.parametrize(
    "failures",
    [[], [RuntimeError("no number was reserved")], [psycopg.errors.ReadOnlySqlTransaction("a standby")] * 2],
    ids=["none", "a defect", "a standby"],
)
def test_a_look_that_fails_is_made_again(sqlite_url: str, failures: list[Exception]) -> None:
    heard: list[tuple[Any, Any]] = []
    database = Database(sqlite_url)
    writer = Cut(database, no_run, load(environ={}), heard.extend)
    writer.failures = list(failures)
    for number in range(2):  # two requests, so that there would be halves
        writer.submit(Submission(1, 1, 0, None, number))
    writer.start()
    assert writer.stop(20)
    database.close()
    assert writer.written == 1
    assert heard == [(0, "written"), (1, "written")]
    assert not writer.failures
