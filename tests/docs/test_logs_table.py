"""The table of logged events in the guide for operators names each one that the sources log, and its level."""

import ast
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LEVELS = {"debug": "debug", "info": "info", "warning": "warning", "error": "error", "exception": "error"}


def logged() -> dict[str, str]:
    """What is logged by name -> its level."""
    found = {}
    for path in (ROOT / "src").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in LEVELS):
                continue
            if node.args and isinstance(told := node.args[0], ast.Constant) and _is_log(node.func.value):
                found[str(told.value)] = LEVELS[node.func.attr]
    return found


def _is_log(node: ast.expr) -> bool:
    return ast.unparse(node) in ("log", "structlog.get_logger()")


def told() -> dict[str, str]:
    """The same as the guide says it."""
    part = (ROOT / "docs" / "operations.md").read_text().partition("\n## Logs\n")[2]
    rows = re.findall(r"^\| (`.*?`) \| (\w+) \| ", part, re.MULTILINE)
    return {name: level for names, level in rows for name in re.findall(r"`([^`]+)`", names)}


def test_the_table_of_events_is_complete() -> None:
    found = logged()
    assert len(found) > 25
    assert {name: told().get(name) for name in found} == found
    assert sorted(set(told()) - set(found)) == []
