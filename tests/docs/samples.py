"""The bodies that `000_70806473c1e3ddb5.txt` prints, byte for byte, with other ids where a test says so."""

import json
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent / "samples"
OPERATIONS = ("push", "update", "payment", "pull", "get")


def sample(name: str, **ids: str) -> bytes:
    """A request body as printed; `_4141343="77"` puts another id in the place of a printed one."""
    text = (HERE / f"{name}.txt").read_text()
    for printed, other in ids.items():
        before = f'"{printed.removeprefix("_")}"'
        assert text.count(before) == 1, before
        text = text.replace(before, f'"{other}"')
    return text.encode()


def printed(name: str, kind: str) -> Any:
    """The body of a `success` or `failure` as printed, without the `;` behind it."""
    return json.loads((HERE / f"{name}.{kind}.txt").read_text().strip().removesuffix(";"))
