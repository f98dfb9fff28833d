"""What a process asked of the kernel, and in which order: strace, and how its output is read."""

import ast
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NoReturn

import pytest

UNABLE: Final = "this machine cannot show it"

SYNCS = ("fsync", "fdatasync")
SENDS = ("write", "writev", "sendto", "sendmsg")
TAKES = ("read", "recvfrom", "recvmsg")
CALLS = ",".join((*SYNCS, *SENDS, *TAKES, "pwrite64", "pwritev", "ftruncate", "unlink"))

_LINE = re.compile(r"(?P<pid>\d+) +(?P<rest>.*)")
_CALL = re.compile(r"(?P<name>\w+)\((?P<args>.*)\) += (?P<result>-?\d+|\?)")
_TARGET = re.compile(r"\d+<(?P<target>(?:[^<>]|->)*)>")
_TEXT = re.compile(r'"(?:[^"\\]|\\.)*"')


def unable(why: str) -> NoReturn:
    """Skip a test: counted and listed with its reason at the end of the run."""
    pytest.skip(f"{UNABLE}: {why}")  # the one skip that tests/conftest.py allows, counts and lists


def strace(output: Path, *more: str) -> list[str]:
    """The command that runs another one, or with `-p` joins a running one, and notes its calls."""
    if shutil.which("strace") is None:
        unable("strace is not installed (apt-get install strace)")
    return ["strace", "-f", "-yy", "-s", "10000", "-o", str(output), "-e", f"trace={CALLS}", *more]


@dataclass(frozen=True)
class Call:
    """One call: the file or connection that it was about, when it began and ended (as lines of the output)."""

    pid: str
    name: str
    target: str
    args: str
    result: str
    began: int
    ended: int
    shown: str

    @property
    def data(self) -> bytes:
        """The first text of its arguments, as bytes."""
        found = _TEXT.search(self.args)
        return bytes(ast.literal_eval(f"b{found.group()}")) if found else b""

    @property
    def offset(self) -> int:
        """The last of its arguments."""
        return int(self.args.rpartition(",")[2])

    def carries(self, text: str) -> bool:
        return text in self.args


def read(output: Path) -> list[Call]:
    """The calls, in the order in which they began."""
    return sorted(_calls(output.read_text(errors="replace").splitlines()), key=lambda call: call.began)


def _calls(lines: list[str]) -> Iterator[Call]:
    begun: dict[str, tuple[int, str]] = {}
    for number, line in enumerate(lines):
        found = _LINE.match(line)
        if found is None:
            continue
        pid, rest = found["pid"], found["rest"]
        if rest.endswith("<unfinished ...>"):
            begun[pid] = (number, rest.removesuffix("<unfinished ...>").rstrip())
            continue
        began = number
        if rest.startswith("<...") and pid in begun:
            began, first = begun.pop(pid)
            rest = first + rest.partition(" resumed>")[2]
        if call := _CALL.match(rest):
            target = _TARGET.match(call["args"])
            about = target["target"] if target else call["args"].strip('"')
            yield Call(pid, call["name"], about, call["args"], call["result"], began, number, line)
