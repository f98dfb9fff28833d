"""The running world is made once for all black-box tests of a session, wherever they stand."""

from collections.abc import Iterator

import pytest

from tests.conform import check

pytest.register_assert_rewrite("tests.world", "tests.http")


def pytest_configure(config: pytest.Config) -> None:
    if not config.pluginmanager.has_plugin("world"):
        from tests import world

        config.pluginmanager.register(world, "world")


@pytest.fixture(autouse=True)
def _every_answer_is_as_documented(request: pytest.FixtureRequest) -> Iterator[None]:
    """Every answer of a golden case validates against the OpenAPI document."""
    if "world" not in request.fixturenames:
        yield
        return
    world = request.getfixturevalue("world")
    world.http.event_hooks["response"].append(check)
    yield
    world.http.event_hooks["response"].remove(check)
