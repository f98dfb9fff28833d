"""The running world is made once for all black-box tests of a session, wherever they stand."""

import pytest

pytest.register_assert_rewrite("tests.world", "tests.http")


def pytest_configure(config: pytest.Config) -> None:
    if not config.pluginmanager.has_plugin("world"):
        from tests import world

        config.pluginmanager.register(world, "world")
