"""Whether a read of Orderdock and its script in limit/ say the same: only then is their ratio one of programs."""

import json
import re
from collections.abc import Mapping
from typing import Any

from bench import limit, reads
from bench.cases import PAGE, Case
from bench.loader import PAID_EVERY
from bench.postgres import Postgres
from bench.reads import Asked
from bench.seeds import Seed


def differences(postgres: Postgres, case: Case, seed: Seed, port: int) -> list[str]:
    """What Orderdock answers otherwise than the script; of the reads that have one."""
    if case.load not in {"get", "pull"}:
        return []
    limit.make_views(postgres, seed.name)
    key = seed.first_key()
    errors = []
    for asked, values in samples(case, seed):
        _, said = reads.answer(port, key, asked)
        if names := unlike(said, built(postgres, seed.name, f"{case.load}.pgbench", values)):
            errors.append(f"{asked[1]} and limit/{case.load}.pgbench differ in {', '.join(names)}")
    return errors


def samples(case: Case, seed: Seed) -> list[tuple[Asked, Mapping[str, int]]]:
    """Requests, each with the variables that make its script read the same: a paid order, a plain one; a page."""
    if case.load == "get":
        numbers = (seed.first_id, seed.first_id + PAID_EVERY - 1)
        return [(("GET", f"/api/v1/orders/{one}", None), {"cm_id": seed.cm_id, "order": one}) for one in numbers]
    asked = reads.pulled(seed)
    body = asked[2] or {}
    span = {"from": int(body["createStartDate"]), "until": int(body["createEndDate"])}
    return [(asked, {"cm_id": seed.cm_id, "page": PAGE, **span})]


def built(postgres: Postgres, database: str, script: str, values: Mapping[str, int]) -> dict[str, Any]:
    """What a script's statement builds with these variables."""
    lines = (limit.HERE / script).read_text(encoding="utf-8").splitlines()
    text = "\n".join(line for line in lines if not line.startswith(("--", "\\")))
    statement = re.sub(r"(?<!:):([a-z_]+)", lambda found: str(values[found[1]]), text)
    with postgres.connect(database) as connection:
        row = connection.execute(statement.encode()).fetchone()
    return dict(json.loads(row[0])) if row else {}


def unlike(said: dict[str, Any], wanted: dict[str, Any]) -> list[str]:
    """The names of what differs, of the orders of a page in the first that does."""
    ours, theirs = said.get("order_details"), wanted.get("order_details")
    if ours and theirs and len(ours) == len(theirs):
        pairs = zip(ours, theirs, strict=True)
        return next((names for names in (unlike(*pair) for pair in pairs) if names), [])
    return [name for name in said | wanted if said.get(name) != wanted.get(name)]
