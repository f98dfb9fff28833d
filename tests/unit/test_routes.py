"""What the routes say of themselves, and what is told of them elsewhere."""

from __future__ import annotations

import pytest

from orderdock.cli.log_again import READERS
from orderdock.web.app import ROUTES
from orderdock.wire.openapi.endpoints import ENDPOINTS, Endpoint
from orderdock.wire.refusals import is_legacy


def test_every_write_can_be_judged_again_from_the_log() -> None:
    assert set(READERS) == {path for path, route in ROUTES.items() if route.writes}


@pytest.mark.parametrize("one", [pytest.param(one, id=one.name) for one in ENDPOINTS if one.route in ROUTES])
def test_the_documents_tell_failures_as_the_route_words_them(one: Endpoint) -> None:
    route = ROUTES[one.route]
    assert (dict(one.text), one.spelling) == (dict(route.text), route.spelling)


def test_every_route_that_words_failures_its_own_way_is_told_of() -> None:
    own = {path for path, route in ROUTES.items() if route.text or route.spelling != "capitals"}
    assert own <= {one.route for one in ENDPOINTS}
    assert all(map(is_legacy, own))
