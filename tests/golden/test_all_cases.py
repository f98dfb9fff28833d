"""Every golden case of the contract (section 5) is tested here, with the crash tests, or named with why not."""

import re
from pathlib import Path

NOT_YET = {
    **dict.fromkeys((91, 92, 94), "needs customers of their own (2.11, 2.12, 2.14)"),
}


def numbers_tested() -> set[int]:
    names = re.compile(r"^def test_g(\d+)_", re.MULTILINE)
    here = Path(__file__).parent
    files = [
        *here.glob("test_*.py"),
        *(here.parent / "crash").glob("test_*.py"),
    ]  # what kills stands with the crash tests
    return {int(number) for file in files for number in names.findall(file.read_text())}


def test_every_golden_case_is_tested_or_named() -> None:
    assert numbers_tested() | NOT_YET.keys() == set(range(1, 103))


def test_no_tested_case_is_excused() -> None:
    assert not numbers_tested() & NOT_YET.keys()
