"""The installation's secret: a file, made on first use, without which no stored digest can be matched."""

from __future__ import annotations

import os
import secrets
import tempfile
from pathlib import Path
from typing import Final

from orderdock.accounts.decide import Hasher
from orderdock.accounts.sql import admin as sql
from orderdock.db import Database
from orderdock.errors import Unsafe

SHORTEST: Final = 16
NAME: Final = "orderdock.secret"


def secret_path(database: Database, secret_file: str) -> Path:
    """Where the secret is: the named file, else beside the SQLite file, else in the working directory."""
    if secret_file:
        return Path(secret_file)
    return Path(database.path).with_name(NAME) if database.engine == "sqlite" else Path(NAME)


def read_secret(database: Database, *, secret: str = "", secret_file: str = "") -> str | None:
    """The secret itself if given, else that of its file; None when it is not there yet."""
    path = secret_path(database, secret_file)
    return secret or (path.read_text().strip() if path.exists() else None)


def put_secret(path: Path, text: str) -> bool:
    """Write a secret to a file (0600) that is not there; answers whether it was not."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")  # mode 0600
    try:
        with os.fdopen(handle, "w") as file:
            file.write(text + "\n")
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(name, path)
        except FileExistsError:
            return False
        _sync_folder(path.parent)
        return True
    finally:
        os.unlink(name)


def open_hasher(database: Database, *, secret: str = "", secret_file: str = "") -> Hasher:
    """What digests are made with: of the secret itself if given, else of its file, which is made when there is none.

    Raises Unsafe when the file is gone although there are keys: a new secret would make every one of them worthless.
    """
    found = read_secret(database, secret=secret, secret_file=secret_file)
    secret = found if found is not None else _make(database, secret_path(database, secret_file))
    if len(secret) < SHORTEST:
        raise Unsafe(f"the secret must have at least {SHORTEST} characters")
    return Hasher(secret.encode())


def _sync_folder(folder: Path) -> None:
    """Make a new name in a folder survive a power loss."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def demand_no_keys(database: Database, path: Path) -> None:
    """Raises Unsafe when there are keys, which were made with the secret that is missing at a path."""
    with database.read() as tx:
        if sql.any_credential(tx):
            raise Unsafe(
                f"the secret file {path} is missing, but there are keys that were made with it."
                " Restore it from the backup, or say where it is (ORDERDOCK_SECRET_FILE)."
            )


def _make(database: Database, path: Path) -> str:
    demand_no_keys(database, path)
    put_secret(path, secrets.token_hex(32))  # if another process was quicker, its secret counts
    return path.read_text().strip()
