"""Commands as a test gives them, and what it asks of a database beside them."""

from collections.abc import Callable

from orderdock.accounts.actions import authenticate, open_hasher
from orderdock.accounts.model import Scope
from orderdock.db import Database
from tests.desk import Said

Run = Callable[..., Said]


def scope_of(url: str, authorization: str) -> Scope | None:
    database = Database(url)
    try:
        return authenticate(database, open_hasher(database), authorization.removeprefix("Basic "))
    finally:
        database.close()


def kap(run: Run) -> int:
    said = run("account", "create", "--name", "Kap", "--subdomain", "kapdemo", "--cm-id", "1000298", "--json")
    assert (said.code, said.err) == (0, "")
    assert (said.json["cm_id"], said.json["subdomain"]) == (1000298, "kapdemo")
    return int(said.json["cm_id"])
