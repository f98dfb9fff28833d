"""The example of the guide for adding a customer is sent as it stands, and answered as it stands."""

import json
import re
from pathlib import Path
from typing import Any

from tests.world import Json, World, new_account, post

GUIDE = Path(__file__).resolve().parents[2] / "docs" / "v1-api.md"
_EXAMPLE = re.compile(r"""\$URL(/ms/customer/customer/\S+?)" -d '(.*?)'\n```\n\n```json\n(.*?)\n```""", re.DOTALL)


def without_numbers(shown: Json) -> Any:
    """An answer whose numbers of records only say whether there is one."""
    customer = {name: bool(value) if name.endswith("_id") else value for name, value in shown["Customer"].items()}
    return {**shown, "Customer": customer}


def test_the_customer_of_the_guide(world: World) -> None:
    found = _EXAMPLE.search(GUIDE.read_text())
    assert found is not None
    answer = post(world, found[1], found[2].encode(), key=new_account(world).key)
    assert answer.status_code == 200
    assert without_numbers(answer.json()) == without_numbers(json.loads(found[3]))
    assert [*answer.json(), *answer.json()["Customer"]] == [*json.loads(found[3]), *json.loads(found[3])["Customer"]]
