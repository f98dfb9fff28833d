"""Every setting of an installation once: name, kind, default, help -> one frozen Settings.

Each is read from `ORDERDOCK_<NAME>`; a secret may also come from the file named by `ORDERDOCK_<NAME>_FILE`;
an option of the command line wins over both.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Final


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting: how its text is read, what it is when unset, what it does, and whether it is secret."""

    name: str
    read: Callable[[str], Any]
    default: Any
    help: str
    secret: bool = False


def _whole(low: int, high: int) -> Callable[[str], int]:
    def read(text: str) -> int:
        if not text.strip().isdecimal() or not low <= int(text) <= high:
            raise ValueError(f"a whole number from {low} to {high}")
        return int(text)

    return read


def _switch(text: str) -> bool:
    if text.lower() not in ("on", "off", "true", "false", "1", "0", "yes", "no"):
        raise ValueError("on or off")
    return text.lower() in ("on", "true", "1", "yes")


def _words(text: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in text.split(",") if word.strip())


SETTINGS: Final[tuple[Setting, ...]] = (
    Setting("database", str, "sqlite:///orderdock.db", "Database URL: sqlite:///relative.db, sqlite:////absolute.db or postgresql://user@host:port/name. Set it by a file when it carries a password.", secret=True),
    Setting("secret_file", str, "", "File of the secret that keys are hashed with; made on first use (0600). Empty: orderdock.secret beside the SQLite file, else in the working directory."),
    Setting("secret", str, "", "The secret itself, in place of the file.", secret=True),
    Setting("host", str, "127.0.0.1", "Address to listen on."),
    Setting("port", _whole(1, 65535), 8480, "Port to listen on."),
    Setting("workers", _whole(1, 64), 1, "Worker processes. SQLite takes one."),
    Setting("writers", _whole(1, 16), 2, "Writing connections of one worker on PostgreSQL. SQLite takes one."),
    Setting("readers", _whole(1, 64), 4, "Reading connections of one worker."),
    Setting("queue_items", _whole(1, 1_000_000), 20_000, "Most items that wait to be written, for one account; past it: 503."),
    Setting("queue_bytes", _whole(1_024, 2**40), 256 * 1024 * 1024, "Most bytes that wait to be written in one worker; past it: 503."),
    Setting("group_items", _whole(1, 5_000), 1_000, "Most items written by one transaction (a larger single request stays whole)."),
    Setting("body_timeout", _whole(1, 3_600), 30, "Seconds in which a request must arrive; past it: 408."),
    Setting("stop_timeout", _whole(1, 600), 20, "Seconds that an orderly stop may take to answer what was taken."),
    Setting("unsafe_database", _switch, False, "Start although the database may lose acknowledged writes (fsync off and the like)."),
    Setting("trusted_proxies", _words, (), "Addresses or ranges whose X-Forwarded-For and X-Forwarded-Host are believed."),
    Setting("log_level", str, "info", "Least level that is logged: debug, info, warning, error."),
)  # fmt: skip


@dataclass(frozen=True)
class Settings:
    """The settings of a running installation; one attribute a row of SETTINGS."""

    database: str
    secret_file: str
    secret: str
    host: str
    port: int
    workers: int
    writers: int
    readers: int
    queue_items: int
    queue_bytes: int
    group_items: int
    body_timeout: int
    stop_timeout: int
    unsafe_database: bool
    trusted_proxies: tuple[str, ...]
    log_level: str


assert tuple(row.name for row in SETTINGS) == tuple(field.name for field in fields(Settings))


def _text_of(row: Setting, environ: Mapping[str, str]) -> str | None:
    name = f"ORDERDOCK_{row.name.upper()}"
    if row.secret and environ.get(f"{name}_FILE"):
        return Path(environ[f"{name}_FILE"]).read_text().strip()
    return environ.get(name) or None


def load(given: Mapping[str, Any] | None = None, environ: Mapping[str, str] | None = None) -> Settings:
    """The settings from options of the command line, the environment and defaults, in this order.

    Raises ValueError naming every setting that cannot be read.
    """
    values, wrong = {}, []
    for row in SETTINGS:
        value = (given or {}).get(row.name)
        text = None if value is not None else _text_of(row, os.environ if environ is None else environ)
        try:
            values[row.name] = row.read(text) if text is not None else row.default if value is None else value
        except ValueError as error:
            wrong.append(f"ORDERDOCK_{row.name.upper()}={text}: must be {error}")
    if wrong:
        raise ValueError("; ".join(wrong))
    return Settings(**values)
