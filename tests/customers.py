"""Customers of the v1 family, added and changed over HTTP (contract 2.14)."""

from typing import Any

import httpx

from tests.world import Headers, Json, World, events, fresh_phone, post

CUSTOMER_FORM = "/ms/customer/customer/api/v1/add-update"
NEEDED = "Name, Email Id, and Phone Number required"


def send(world: World, body: Any, *, key: str = "K", headers: Headers | None = None, query: str = "") -> httpx.Response:
    """A body on the path of the v1 family that writes customers."""
    return post(world, f"{CUSTOMER_FORM}{query}", body, key=key, headers=headers)


def info(**fields: Any) -> Json:
    """A `customer_info` of somebody new; a field given as None is left out."""
    whole = {"customer_name": "Asha", "phone": fresh_phone(), **fields}
    return {name: value for name, value in whole.items() if value is not None}


def kept(answer: httpx.Response) -> Json:
    """The success of such a request: what stands in `Customer`, with the warnings and the message."""
    body: Json = answer.json()
    assert (answer.status_code, body["status"]) == (200, "success"), answer.text
    return {**body["Customer"], "message": body["message"], "warnings": body.get("warnings", [])}


def added(world: World, customer: Json | None = None, *, key: str = "K", **groups: Any) -> Json:
    """The answer to a good request; of a new customer unless `customer` says otherwise."""
    body = {"customer_info": info() if customer is None else customer, **groups}
    return kept(send(world, body, key=key))


def feed(world: World, key: str, after: int = 0) -> list[Json]:
    """The newest events of an account, those of its own keeping left out."""
    found = events(world, f"after={after}&include=record", key=key)["events"]
    return [event for event in found if event["type"].partition(".")[0] in ("customer", "enquiry", "order", "payment")]


def record(world: World, key: str, made: Json) -> Json:
    """A customer as it is now, by the feed of a small account."""
    told = [event["record"] for event in feed(world, key) if event["customerId"] == made["customer_id"]]
    newest: Json = [one for one in told if one is not None and "customerId" not in one][-1]
    return newest


def changes(event: Json) -> Json:
    """What an event says that values are now."""
    return {change["field"]: change["after"] for change in event["changes"]}
