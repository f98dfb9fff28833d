"""Every setting of an installation once: name, kind, default, help -> one frozen Settings.

Each is read from `ORDERDOCK_<NAME>`; a secret may also come from the file named by `ORDERDOCK_<NAME>_FILE`;
an option of the command line wins over both. Every value is checked when it is loaded.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from ipaddress import ip_network
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


def _networks(text: str) -> tuple[str, ...]:
    words = tuple(word.strip() for word in text.split(",") if word.strip())
    for word in words:
        try:
            ip_network(word, strict=False)
        except ValueError:
            raise ValueError("addresses or ranges such as 10.0.0.0/8, separated by commas") from None
    return words


def _level(text: str) -> str:
    if text.strip().lower() not in LEVELS:
        raise ValueError("one of " + ", ".join(LEVELS))
    return text.strip().lower()


def _host(text: str) -> str:
    if len(text.split()) != 1:
        raise ValueError("an address or the name of a host")
    return text.strip()


def _database(text: str) -> str:
    text = text.strip()
    engine = text.partition("://")[0].partition("+")[0]
    if "://" not in text or engine not in ("sqlite", "postgresql"):
        raise ValueError("sqlite:///FILE or postgresql://USER@HOST:PORT/NAME")
    if engine == "sqlite":
        _check_folder(text.partition(":///")[2].partition("?")[0])
    return text


def _check_folder(file: str) -> None:
    if not file or file == ":memory:":
        raise ValueError("sqlite:///FILE, with a file")
    if not Path(file).parent.is_dir():
        raise ValueError(f"in a folder that is there, and {Path(file).parent} is not")


def _secret(text: str) -> str:
    if len(text) < 16:
        raise ValueError("at least 16 characters long")
    return text


def _folder(text: str) -> str:
    if not Path(text).is_dir():
        raise ValueError("a folder that is there")
    return text


def _file(text: str) -> str:
    _read_file(text)
    return text


def _read_file(name: str) -> str:
    try:
        return Path(name).read_text().strip()
    except OSError as error:
        raise ValueError(f"a file that can be read ({error.strerror})") from None
    except UnicodeDecodeError:
        raise ValueError("a file of text") from None


LEVELS: Final = ("debug", "info", "warning", "error")


SETTINGS: Final[tuple[Setting, ...]] = (
    Setting("database", _database, "sqlite:///orderdock.db", "Database URL: sqlite:///relative.db, sqlite:////absolute.db or postgresql://user@host:port/name. Set it by a file when it carries a password.", secret=True),
    Setting("secret_file", _file, "", "File of the secret that keys are hashed with, which must be there. Unset: orderdock.secret beside the SQLite file, else in the working directory, made on first use (0600)."),
    Setting("secret", _secret, "", "The secret itself, in place of the file.", secret=True),
    Setting("host", _host, "127.0.0.1", "Address to listen on."),
    Setting("port", _whole(1, 65535), 8480, "Port to listen on."),
    Setting("workers", _whole(1, 64), 1, "Worker processes. SQLite takes one."),
    Setting("writers", _whole(1, 16), 2, "Writing connections of one worker on PostgreSQL. SQLite takes one."),
    Setting("readers", _whole(1, 64), 4, "Reading connections of one worker."),
    Setting("queue_items", _whole(1, 1_000_000), 20_000, "Most items that wait to be written, for one account; past it: 503."),
    Setting("queue_ms", _whole(10, 600_000), 100, "Longest wait to be written, in milliseconds, that is taken on, for one account, as its last groups went; past it: 503."),
    Setting("queue_bytes", _whole(1_024, 2**40), 256 * 1024 * 1024, "Most bytes that wait to be written in one worker; past it: 503."),
    Setting("group_items", _whole(1, 5_000), 1_000, "Most items written by one transaction (a larger single request stays whole)."),
    Setting("request_log", _switch, True, "Keep what was asked and answered, for search."),
    Setting("request_log_body_bytes", _whole(0, 2**24), 65_536, "Most bytes of a body that the request log keeps."),
    Setting("request_log_bytes", _whole(2**20, 2**50), 10 * 2**30, "Most bytes that the bodies in the request log take, packed; past it the oldest go."),
    Setting("idempotency_hours", _whole(1, 8_760), 72, "Hours for which the answer to a request with an Idempotency-Key is kept."),
    Setting("body_timeout", _whole(1, 3_600), 30, "Seconds in which a request must arrive; past it: 408."),
    Setting("stop_timeout", _whole(1, 600), 20, "Seconds that an orderly stop may take to answer what was taken."),
    Setting("unsafe_database", _switch, False, "Start although the database may lose acknowledged writes (fsync off and the like)."),
    Setting("trusted_proxies", _networks, (), "Addresses or ranges whose X-Forwarded-For and X-Forwarded-Host are believed."),
    Setting("failed_logins", _whole(0, 10_000), 20, "Wrong credentials that one address may send to one worker in a minute; after them it gets 429 for a minute. 0: any number."),
    Setting("metrics_allow", _networks, ("127.0.0.0/8", "::1"), "Addresses or ranges that may read /metrics; for others there is no such address."),
    Setting("access_log", _switch, False, "One line of the log for each request (level info), without its query and its body."),
    Setting("pg_bin", _folder, "", "Folder of pg_dump and pg_restore, for backups of PostgreSQL. Unset: PATH, then where packages put them."),
    Setting("log_level", _level, "info", "Least level that is logged: debug, info, warning, error."),
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
    queue_ms: int
    queue_bytes: int
    group_items: int
    request_log: bool
    request_log_body_bytes: int
    request_log_bytes: int
    idempotency_hours: int
    body_timeout: int
    stop_timeout: int
    unsafe_database: bool
    trusted_proxies: tuple[str, ...]
    failed_logins: int
    metrics_allow: tuple[str, ...]
    access_log: bool
    pg_bin: str
    log_level: str


assert tuple(row.name for row in SETTINGS) == tuple(field.name for field in fields(Settings))


def _name_of(row: Setting) -> str:
    return f"ORDERDOCK_{row.name.upper()}"


def _text_of(row: Setting, environ: Mapping[str, str]) -> str | None:
    """What the environment says; None: nothing. Raises ValueError when it says it twice."""
    name = _name_of(row)
    text, file = environ.get(name), environ.get(f"{name}_FILE") if row.secret else None
    if text and file:
        raise ValueError(f"{name} and {name}_FILE are both set: unset one of them")
    if not file or f"{row.name}_file" in _NAMES:  # a file that is a setting of its own is read by who needs it
        return text or None
    try:
        return _read_file(file)
    except ValueError as error:
        raise ValueError(f"{name}_FILE={file}: must be {error}") from None


_NAMES: Final = frozenset(row.name for row in SETTINGS)


def _value_of(row: Setting, given: Any, environ: Mapping[str, str]) -> Any:
    """The value of one setting. Raises ValueError with a sentence that names it; what may be secret is not shown."""
    if given is not None and not isinstance(given, str):
        return given
    text = _text_of(row, environ) if given is None else given
    if text is None:
        return row.default
    try:
        return row.read(text)
    except ValueError as error:
        name = _name_of(row) if given is None else f"--{row.name.replace('_', '-')}"
        raise ValueError(f"{name}{'' if row.secret else f'={text}'}: must be {error}") from None


def load(given: Mapping[str, Any] | None = None, environ: Mapping[str, str] | None = None) -> Settings:
    """The settings from options of the command line, the environment and defaults, in this order.

    Raises ValueError naming every setting that cannot be read.
    """
    values, wrong = {}, []
    for row in SETTINGS:
        try:
            values[row.name] = _value_of(row, (given or {}).get(row.name), os.environ if environ is None else environ)
        except ValueError as error:
            wrong.append(str(error))
    if wrong:
        raise ValueError("; ".join(wrong))
    return Settings(**values)
