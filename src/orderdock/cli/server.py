"""`orderdock serve`, `orderdock migrate` and `orderdock demo`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Final

import typer

from orderdock.cli.base import (
    DatabaseOption,
    administration,
    demand_schema,
    make_file,
    opened,
    print_lines,
    settings_of,
)
from orderdock.errors import Invalid, Unsafe
from orderdock.settings import Settings

if TYPE_CHECKING:
    from orderdock.accounts.model import Account
    from orderdock.db import Database

USUAL: Final = 200


def migrate(
    database: DatabaseOption = None,
    down: Annotated[
        str | None, typer.Option(metavar="REVISION", help="Go back to a revision; `base`: to nothing.")
    ] = None,
) -> None:
    """Bring the database to the schema of this version."""
    from orderdock import migrations

    with opened(settings_of(database=database)) as found:
        make_file(found)
        before = migrations.current(found)
        if down:
            _downgrade(found, down)
        else:
            migrations.upgrade(found)
        print_lines(f"schema: {before or 'nothing'} -> {migrations.current(found) or 'nothing'}")


def _downgrade(database: Database, revision: str) -> None:
    from alembic.util import CommandError

    from orderdock import migrations

    try:
        migrations.downgrade(database, revision)
    except CommandError:
        raise Invalid(f"there is no revision {revision} to go back to; `base` goes back to nothing") from None


def prepare(settings: Settings) -> None:
    """See to it that a server may start: the schema, safe settings, the secret. Raises Unsafe saying what to change."""
    import structlog

    from orderdock import migrations
    from orderdock.accounts.actions import open_hasher
    from orderdock.db import check_safety

    with opened(settings) as database:
        if database.engine == "sqlite":
            if settings.workers > 1:
                raise Unsafe("SQLite takes one worker: start with --workers 1, or use PostgreSQL")
            make_file(database)
            before = migrations.current(database)
            migrations.upgrade(database)
            if before != (after := migrations.current(database)):
                structlog.get_logger().info("migrated", before=before, after=after)
        demand_schema(database)
        for finding in check_safety(database, allow=settings.unsafe_database):
            print_lines(f"UNSAFE: {finding}; acknowledged writes may be lost")
        open_hasher(database, secret=settings.secret, secret_file=settings.secret_file)


def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on.", show_default="127.0.0.1")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on.", min=1, max=65535, show_default="8480")] = None,
    workers: Annotated[int | None, typer.Option(help="Worker processes.", min=1, max=64, show_default="1")] = None,
    database: DatabaseOption = None,
    unsafe_database: Annotated[bool, typer.Option(help="Start on a database that may lose writes.")] = False,
    demo: Annotated[bool, typer.Option("--demo", help="Make a demo account with orders, and print its key.")] = False,
) -> None:
    """Start the server. A SQLite file is made and migrated; PostgreSQL must have been migrated."""
    settings = settings_of(
        host=host, port=port, workers=workers, database=database, unsafe_database=unsafe_database or None
    )
    from orderdock.web.app import serve as run
    from orderdock.web.app import set_up_logs

    set_up_logs(settings.log_level)
    _demand_port(settings)
    prepare(settings)
    if demo:
        _show_demo(settings)
    run(settings)


def _demand_port(settings: Settings) -> None:
    """Raises Unsafe when the port is taken, before anything is made or said for a server that will not be there."""
    from orderdock.web.app import check_port

    try:
        check_port(settings.host, settings.port)
    except Unsafe as error:
        raise Unsafe(f"{error}; choose another with --port or ORDERDOCK_PORT (--host, ORDERDOCK_HOST)") from None


def _show_demo(settings: Settings) -> None:
    """See to it that there is a demo account, and say how to call it."""
    from orderdock.cli.demo import fill, key_path

    with administration(settings.database) as admin:
        path = key_path(admin.database)
        is_new = not path.exists()
        account, secret, _ = fill(settings, admin, USUAL)
    url = f"http://{_callable(settings.host)}:{settings.port}"
    print_lines(*_banner(url, account, secret, secret if is_new else f"in the file {path}"))


def _callable(host: str) -> str:
    """How an address to listen on is called from this machine."""
    if host in ("0.0.0.0", "::"):
        return "127.0.0.1"
    return f"[{host}]" if ":" in host else host


def _banner(url: str, account: Account, secret: str, key: str) -> list[str]:
    from orderdock.cli.demo import header_of

    return [
        f"Orderdock at {url}, account {account.cm_id} ({account.subdomain})",
        f"Key: {key}",
        f"Authorization: {header_of(secret)}",
        "",
        f"curl {url}/search-order-by-order-id.html -H 'Authorization: {header_of(secret)}' \\",
        """  -d '[{"erp_order_id": "DEMO-000001"}]'""",
        "",
    ]


def demo(
    orders: Annotated[int, typer.Option(help="How many orders.", min=1, max=1_000_000)] = USUAL,
    database: DatabaseOption = None,
) -> None:
    """Fill an account `demo` with customers, orders in every state and payments. Running it twice does not double."""
    from orderdock.cli.demo import fill, header_of

    with administration(database) as admin:
        account, secret, outcomes = fill(settings_of(database=database), admin, orders)
    said = ", ".join(f"{count} {outcome}" for outcome, count in outcomes.items())
    print_lines(
        f"account {account.cm_id}, subdomain {account.subdomain}: {said}", f"Authorization: {header_of(secret)}"
    )
