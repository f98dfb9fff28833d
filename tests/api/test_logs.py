"""What a server writes on standard error, for who runs it."""

import json
from pathlib import Path
from typing import Any

import httpx

from tests.engines import PostgresServer
from tests.http import ServerProcess
from tests.world import GET, WRITE, World, call, item, post, running, write

FIELDS = ["request_id", "account", "key", "operation", "route", "method", "path", "status", "ms", "bytes"]


def lines(world: World) -> list[dict[str, Any]]:
    return [json.loads(line) for line in world.server.log.read_text().splitlines()]


def test_it_says_what_started_and_nothing_of_requests(world: World) -> None:
    write(world, item())
    post(world, GET, [{"order_id": "1"}], key="an unknown key")
    started = next(line for line in lines(world) if line["event"] == "started")
    assert started["address"] == f"127.0.0.1:{world.server.port}"
    assert (started["version"], started["workers"]) == ("0.1.0", 1)
    assert started["engine"] == world.admin.database.engine
    assert "request" not in {line["event"] for line in lines(world)}


def test_a_line_for_each_request_when_asked_for(engine_url: str, tmp_path: Path) -> None:
    with running(engine_url, tmp_path, ORDERDOCK_ACCESS_LOG="on") as world:
        call(
            world, "GET", "/api/v1/orders/erp:SO-2?cmId=1000298&includeHistory=true", headers={"X-Request-Id": "mine-1"}
        )
        write(world, item(customer_name="Nobody Knows"))
        call(world, "GET", "/api/v1/orders/17", key="an unknown key")
        call(world, "GET", "/nothing/there?a=b", key=None)
        answer = call(world, "GET", "/api/v1/events", headers={"X-Request-Id": world.keys["K"]})
        assert answer.headers["x-request-id"] != world.keys["K"]
        told = [line for line in lines(world) if line["event"] == "request" and line["path"] not in ("/readyz",)]
        mine = next(line for line in told if line["request_id"] == "mine-1")
        assert list(mine)[: len(FIELDS)] == FIELDS
        assert mine["path"] == "/api/v1/orders/erp:SO-2"
        assert (mine["account"], mine["route"], mine["method"], mine["status"]) == (
            "kapdemo", "/api/v1/orders/{id}", "GET", 200,
        )  # fmt: skip
        assert mine["key"].startswith("key")
        assert mine["ms"] > 0
        assert mine["bytes"] > 100
        assert [(line["status"], line["account"], line["path"]) for line in told[-3:-1]] == [
            (401, "", "/api/v1/orders/{id}"), (404, "", "/nothing/there"),
        ]  # fmt: skip
        text = world.server.log.read_text()
        for word in ("Nobody Knows", "cmId", "a=b", "includeHistory"):
            assert word not in text
        assert any(line["route"] == WRITE for line in told)


def test_lines_of_failures_carry_the_id_of_the_request(own_postgres: PostgresServer, tmp_path: Path) -> None:
    url = own_postgres.create_database(own_postgres.create_template())
    server = ServerProcess(url, tmp_path, {"ORDERDOCK_SECRET": "x" * 32})
    with server, httpx.Client(base_url=server.url, timeout=30) as http:
        own_postgres.stop("immediate")
        for path in ("/readyz", "/metrics", "/api/v1/events"):
            http.get(path, headers={"X-Request-Id": f"id-of{path}".replace("/", "-"), "x-api-key": "k" * 40})
    told = [json.loads(line) for line in server.log.read_text().splitlines()]
    asked = {line["event"]: line["request_id"] for line in told if line["level"] in ("warning", "error")}
    assert asked["not ready"] == "id-of-readyz"
    assert asked["metrics without the database"] == "id-of-metrics"
    assert asked["a request failed"] == "id-of-api-v1-events"
    assert told[-1]["event"] == "stopped"
