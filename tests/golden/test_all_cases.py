"""Every golden case of the contract (section 5) is tested in this folder, or named here with the reason why not yet."""

import re
from pathlib import Path

NOT_YET = {
    10: "needs the customer push (2.10)",
    66: "kills a process: stands with the crash tests",
    **dict.fromkeys(range(90, 95), "needs customers and enquiries of their own (2.10-2.14)"),
    101: "breaks a connection: stands with the crash tests",
}


def numbers_tested() -> set[int]:
    names = re.compile(r"^def test_g(\d+)_", re.MULTILINE)
    return {
        int(number) for file in Path(__file__).parent.glob("test_*.py") for number in names.findall(file.read_text())
    }


def test_every_golden_case_is_tested_or_named() -> None:
    assert numbers_tested() | NOT_YET.keys() == set(range(1, 103))


def test_no_tested_case_is_excused() -> None:
    assert not numbers_tested() & NOT_YET.keys()
