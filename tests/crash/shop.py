"""An installation to be served and crashed: a database, an account and a key."""

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

ACCOUNT = ("--name", "Crash", "--subdomain", "crash")
KEY = ("--account", "crash", "--name", "all", "--operation", "*")


@dataclass(frozen=True)
class Shop:
    """An installation to be served: a migrated database with one account, and a key that may do everything.

    Its secret lies in the folder, where the server runs.
    """

    database: str
    folder: Path
    authorization: str


def run_cli(database: str, folder: Path, *words: str) -> str:
    """What a command of the administrator prints."""
    command = [sys.executable, "-m", "orderdock", *words, "--database", database]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, f"{' '.join(command)} ended with {done.returncode}\n{done.stdout}{done.stderr}"
    return done.stdout


def furnish(database: str, folder: Path) -> Shop:
    """Make the tables, an account and a key."""
    run_cli(database, folder, "migrate")
    run_cli(database, folder, "account", "create", *ACCOUNT, "--json")
    key = json.loads(run_cli(database, folder, "key", "create", *KEY, "--json"))
    return Shop(database, folder, key["authorization"])
