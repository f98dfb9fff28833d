"""`orderdock backup`, `orderdock restore` and `orderdock copy`: a whole installation at once."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from orderdock.cli.base import (
    DatabaseOption,
    JsonOption,
    demand_schema,
    opened,
    print_json,
    print_lines,
    settings_of,
)
from orderdock.errors import Invalid
from orderdock.settings import Settings

if TYPE_CHECKING:
    from orderdock.db import Database, Tx
    from orderdock.db.move.archive import Archive, Manifest
    from orderdock.db.move.backup import Seen

SECRET_FILE: Final = "ORDERDOCK_SECRET_FILE"
FileArgument = Annotated[Path, typer.Argument(metavar="FILE", help="The file of the backup.", show_default=False)]
ProgramsOption = Annotated[
    str | None, typer.Option("--pg-bin", metavar="FOLDER", help="Where pg_dump and pg_restore are.", show_default=False)
]


@contextmanager
def _progress() -> Iterator[Callable[[str, int], None]]:
    """Shows on a terminal what is being done; scripts see nothing of it."""
    from rich.console import Console
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    console = Console(stderr=True)
    columns = (SpinnerColumn(), TextColumn("{task.description}: {task.completed:,.0f}"), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as shown:
        bar = shown.add_task("begins", total=None)
        now = ""

        def told(name: str, count: int) -> None:
            nonlocal now
            if name != now:
                now = name
                shown.reset(bar, description=name, total=None)
            shown.advance(bar, count)

        yield told


def _last(tx: Tx) -> dict[int, int]:
    from orderdock.events.actions import spans

    return {cm_id: span.newest for cm_id, span in spans(tx).items()}


def _look(tx: Tx) -> Seen:
    from orderdock.db.move.backup import Seen
    from orderdock.orders.actions import look_over

    return Seen(*look_over(tx))


def _secret_for_backup(database: Database, settings: Settings) -> str:
    """The secret. Raises Unsafe when there are keys without it; without keys there is none to be had yet."""
    from orderdock.accounts.actions import demand_no_keys, read_secret, secret_path

    found = read_secret(database, secret=settings.secret, secret_file=settings.secret_file)
    if found is None:
        demand_no_keys(database, secret_path(database, settings.secret_file))
    return found or ""


def backup(
    file: FileArgument,
    database: DatabaseOption = None,
    without_secret: Annotated[
        bool, typer.Option("--without-secret", help="Leave the secret out; keep it elsewhere.")
    ] = False,
    verify: Annotated[
        bool, typer.Option("--verify", help="Restore it into a scratch database too, and compare every row.")
    ] = False,
    force: Annotated[bool, typer.Option("--force", help="Write over a file that is there.")] = False,
    pg_bin: ProgramsOption = None,
    as_json: JsonOption = False,
) -> None:
    """Back the installation up into one file, while it is in use; exit 1 when what it holds is not sound."""
    from importlib.metadata import version

    from orderdock import migrations
    from orderdock.db.move.backup import Wish, back_up

    settings = settings_of(database=database, pg_bin=pg_bin)
    with opened(settings) as found, _progress() as told:
        demand_schema(found)
        secret = None if without_secret else _secret_for_backup(found, settings) or None
        wish = Wish(version("orderdock"), migrations.head(), secret, _last, _look, told, settings.pg_bin, force, verify)
        manifest = back_up(found, file, wish)
    _show(file, manifest, as_json=as_json, more=", verified: it was restored and every row compared" if verify else "")
    if manifest.faults:
        raise Invalid(f"the backup is written, but the database is not sound: {'; '.join(manifest.faults)}")


def _summary(file: Path, manifest: Manifest) -> dict[str, Any]:
    accounts = {cm_id for one in manifest.tables for cm_id in one.rows if cm_id}
    return {
        "file": str(file), "size": file.stat().st_size, "orderdock": manifest.orderdock, "engine": manifest.engine,
        "schema": manifest.schema, "made_at": manifest.made_at, "secret": "orderdock.secret" in manifest.parts,
        "rows": {one.shape.name: one.total for one in manifest.tables},
        "accounts": {str(cm_id): {"last_event": manifest.last.get(cm_id, 0)} for cm_id in sorted(accounts)},
        "faults": manifest.faults,
    }  # fmt: skip


def _held(told: dict[str, Any]) -> str:
    accounts, rows = len(told["accounts"]), sum(told["rows"].values())
    return f"{accounts} account{'s' * (accounts != 1)}, {rows:,} row{'s' * (rows != 1)}"


def _show(file: Path, manifest: Manifest, *, as_json: bool, more: str) -> None:
    told = _summary(file, manifest)
    if as_json:
        return print_json(told)
    held = f"{_held(told)}, {told['size']:,} bytes"
    secret = "with the secret: keep it as safe" if told["secret"] else "without a secret"
    return print_lines(f"{file}: {held}, {secret}{more}")


def restore(
    file: FileArgument,
    database: DatabaseOption = None,
    secret_file: Annotated[
        str | None, typer.Option(metavar="PATH", help=f"Where the secret is put; else {SECRET_FILE}.")
    ] = None,
    without_secret: Annotated[bool, typer.Option("--without-secret", help="Leave the secret alone.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Restore over tables that are there, and empty.")] = False,
    pg_bin: ProgramsOption = None,
    as_json: JsonOption = False,
) -> None:
    """Restore a backup into an empty database: all of it, or nothing. Nothing is ever written over data."""
    from orderdock import migrations
    from orderdock.db.move.archive import Archive
    from orderdock.db.move.restore import Order
    from orderdock.db.move.restore import restore as put_back

    # The file of the secret is what is restored: it need not be there yet.
    environ = {name: value for name, value in os.environ.items() if name != SECRET_FILE}
    settings = settings_of(environ, database=database, pg_bin=pg_bin)
    with opened(settings) as found, closing(Archive(file)) as archive, _progress() as told:
        _demand_known(archive, migrations.known())
        path = secret_file or os.environ.get(SECRET_FILE) or ""
        place = _no_secret if without_secret else _secret_placer(archive, found, settings, path)
        put_back(archive, found, Order(migrations.head(), _look, told, place, settings.pg_bin, force))
        manifest, behind, shown = archive.manifest, archive.manifest.schema != migrations.head(), found.shown
    if as_json:
        print_json(_summary(file, manifest))
    else:
        print_lines(f"restored {_held(_summary(file, manifest))} from {file} into {shown}")
    if behind:
        typer.echo(f"its schema is {manifest.schema}: run `orderdock migrate`", err=True)
    if not as_json:
        print_lines(
            "next: name this database to the server (ORDERDOCK_DATABASE), run `orderdock doctor`, start the server"
        )


def _demand_known(archive: Archive, known: list[str]) -> None:
    manifest = archive.manifest
    if manifest.schema not in known:
        raise Invalid(
            f"the backup has the schema {manifest.schema}, made by Orderdock {manifest.orderdock};"
            f" this one knows {known[0]} and older"
        )


def _nothing() -> None:
    """Nothing was put anywhere."""


def _no_secret() -> Callable[[], None]:
    return _nothing


def _secret_placer(
    archive: Archive, database: Database, settings: Settings, secret_file: str
) -> Callable[[], Callable[[], None]]:
    """What puts the secret of a backup where this installation has it. Raises Invalid when another one is there."""
    from orderdock.accounts.actions import put_secret, read_secret, secret_path

    wanted, path = archive.secret, secret_path(database, secret_file)
    there = read_secret(database, secret=settings.secret, secret_file=secret_file)
    if wanted is None or there == wanted:
        return _no_secret
    where = "ORDERDOCK_SECRET" if settings.secret else str(path.absolute())
    refusal = f"another secret is there already ({where}), with which the keys of the backup would be worthless"
    if there is not None:
        raise Invalid(f"{refusal}: take it away, or restore --without-secret")

    def place() -> Callable[[], None]:
        if not put_secret(path, wanted):
            raise Invalid(refusal)
        return path.unlink

    return place


def copy(
    source: Annotated[
        str | None, typer.Option("--from", metavar="URL", help="The database to copy; else ORDERDOCK_DATABASE.")
    ] = None,
    target: Annotated[
        str | None, typer.Option("--to", metavar="URL", help="The database to fill; else ORDERDOCK_DATABASE.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Copy an installation to another database, from SQLite to PostgreSQL or back. Nobody may write meanwhile."""
    from orderdock.accounts.actions import secret_path
    from orderdock.db.move.copy import copy as move

    if source == target:
        raise typer.BadParameter("name two databases: with --from, with --to, or one of them by ORDERDOCK_DATABASE")
    theirs, ours = settings_of(database=source), settings_of(database=target)
    with opened(theirs) as old, opened(ours) as new, _progress() as told:
        for one in (old, new):
            demand_schema(one)
        tables = move(old, new, told)
        secret, wanted = (secret_path(one, theirs.secret_file).absolute() for one in (old, new))
    rows = {one.shape.name: one.total for one in tables}
    if as_json:
        return print_json({"rows": rows, "digests": {one.shape.name: one.digest for one in tables}})
    print_lines(f"copied: {len(rows)} tables, {sum(rows.values()):,} rows; every row was compared")
    if not theirs.secret and secret != wanted:
        print_lines(f"the secret is in {secret}: the server on the new database needs it in {wanted}")
    return None
