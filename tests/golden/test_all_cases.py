"""Every golden case of the contract (section 5) is tested here, or with the crash tests."""

import re
from pathlib import Path


def numbers_tested() -> set[int]:
    names = re.compile(r"^def test_g(\d+)_", re.MULTILINE)
    here = Path(__file__).parent
    files = [
        *here.glob("test_*.py"),
        *(here.parent / "crash").glob("test_*.py"),
    ]  # what kills stands with the crash tests
    return {int(number) for file in files for number in names.findall(file.read_text())}


def test_every_golden_case_is_tested() -> None:
    assert numbers_tested() == set(range(1, 103))
