"""The schema's steps, and how a database takes them. Proved equal to tables.py on both engines."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import TYPE_CHECKING, Final

from orderdock.db import Database, Sql

if TYPE_CHECKING:
    from alembic.config import Config

HEAD: Final = "0004"
_TABLE: Final = Sql(
    "{look}",
    look=(
        "SELECT 1 FROM sqlite_master WHERE name = 'alembic_version'",
        "SELECT 1 WHERE to_regclass('alembic_version') IS NOT NULL",
    ),
)
_VERSION: Final = Sql("SELECT version_num FROM alembic_version")

# Alembic is imported only when a step is taken: that takes longer than all the rest of most commands.
# It tells each step at INFO; whoever migrates says what happened in its own words.
logging.getLogger("alembic").setLevel(logging.WARNING)


def _config() -> Config:
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config


def head() -> str:
    """The newest revision that this version knows."""
    return HEAD


def known() -> list[str]:
    """Every revision that this version knows, newest first."""
    from alembic.script import ScriptDirectory

    return [step.revision for step in ScriptDirectory.from_config(_config()).walk_revisions()]


def current(database: Database) -> str | None:
    """The revision that a database is at; None when it is empty."""
    with database.read() as tx:
        rows = tx.all(_VERSION) if tx.all(_TABLE) else []
    return str(rows[0][0]) if rows else None


def upgrade(database: Database, revision: str = "head") -> None:
    """Take the steps up to a revision, all in one transaction; nothing happens when they were taken already."""
    if revision == "head" and current(database) == HEAD:
        return
    from alembic import command

    with database.migrating() as connection:
        config = _config()
        config.attributes["connection"] = connection
        command.upgrade(config, revision)


def downgrade(database: Database, revision: str) -> None:
    """Go back to a revision (`base`: to nothing), all in one transaction. What the undone steps kept is lost."""
    from alembic import command

    with database.migrating() as connection:
        config = _config()
        config.attributes["connection"] = connection
        command.downgrade(config, revision)
