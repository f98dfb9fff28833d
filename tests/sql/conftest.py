"""What the tests of groups share."""

from collections.abc import Iterator

import pytest

from tests.sql.desk import Desk


@pytest.fixture
def desk(engine_url: str) -> Iterator[Desk]:
    with Desk(engine_url) as desk:
        yield desk
