"""The command line, as a person or a script uses it."""

import base64
import socket
from pathlib import Path

import pytest

from orderdock import __version__
from orderdock.accounts.model import OPERATIONS
from tests.api.terminal import Run, kap, scope_of
from tests.desk import Said

THERE_ARE = f"there are {', '.join(OPERATIONS)}"


def test_from_an_account_to_a_key(run: Run, engine_url: str) -> None:
    cm_id = kap(run)
    place = ("--account", "kapdemo")
    run(
        "employee",
        "create",
        *place,
        "--code",
        "E-7",
        "--name",
        "Meera",
        "--email",
        "meera@example.com",
        "--group",
        "north",
    )
    run("account", "set", *place, "time_zone=UTC")
    said = run(
        "key", "create", *place, "--name", "K", "--operation", "order.*", "--mandatory", "phone",
        "--expires", "2099-12-31", "--owner", "E-7", "--set", "discount_kind=percent", "--json",
    )  # fmt: skip
    assert set(said.json) == {"id", "auth_key", "authorization"}
    scope = scope_of(engine_url, said.json["authorization"])
    assert scope is not None
    assert (scope.cm_id, scope.expires_at, scope.settings["discount_kind"]) == (cm_id, 4_102_444_799_999, "percent")
    assert scope.mandatory["order.push"] == ("customer.phone",)

    listed = run("key", "list", *place, "--json")
    assert said.json["auth_key"] not in listed.out
    assert (listed.json[0]["name"], listed.json[0]["owner"]) == ("K", "E-7")
    assert "K" in run("key", "list", *place).out
    assert [row["code"] for row in run("employee", "list", *place, "--json").json] == ["system", "E-7"]
    assert run("account", "list", "--json").json[0]["settings"]["time_zone"] == "UTC"

    assert run("key", "disable", *place, "--name", "K").code == 0
    after = scope_of(engine_url, said.json["authorization"])
    assert after is not None
    assert not after.enabled


def test_a_key_is_shown_with_its_header(run: Run, engine_url: str) -> None:
    kap(run)
    said = run("key", "create", "--account", "kapdemo", "--name", "K", "--operation", "*")
    header = next(line for line in said.out.splitlines() if "Authorization: " in line).partition("Authorization: ")[2]
    assert scope_of(engine_url, header) is not None


def test_a_login_reads_its_password_from_stdin(run: Run, engine_url: str) -> None:
    kap(run)
    words = (
        "login",
        "create",
        "--account",
        "kapdemo",
        "--username",
        "ops",
        "--operation",
        "order.get",
        "--password-stdin",
    )
    said = run(*words, "--json", stdin="pass:word9\n")
    scope = scope_of(engine_url, said.json["authorization"])
    assert scope is not None
    assert (scope.kind, scope.actor) == ("login", "login:ops")
    assert run(*words, stdin="short\n") == Said(1, "", "orderdock: a password has 8 to 500 characters\n")


@pytest.mark.parametrize(
    ("words", "code", "sentence"),
    [
        ("account set --account nobody country=IN", 1, "there is no account with the subdomain nobody"),
        ("account set --account kapdemo country=XX", 1, "country=XX: must be a country code such as IN"),
        (
            "key create --account kapdemo --name K --operation order.fly",
            1,
            f"there is no such operation: order.fly; {THERE_ARE}",
        ),
        (
            "key create --account kapdemo --name K --operation * --mandatory order.pussh=phone",
            1,
            f"there is no such operation: order.pussh; {THERE_ARE}",
        ),
        (
            "key create --account kapdemo --name K --operation * --expires 2020-01-01",
            1,
            "2020-01-01 is over: a key needs a last day that is not in the past",
        ),
        (
            "login create --account kapdemo --username ops --operation *",
            1,
            "the password is asked for at a terminal; give --password-stdin to read it from a pipe",
        ),
        ("migrate --down 0000", 1, "there is no revision 0000 to go back to; `base` goes back to nothing"),
        ("key create --account kapdemo --name K --operation * --mandatory colour", 1, "colour: there is no such field"),
        ("employee set --account kapdemo --code E-9 --inactive", 1, "there is no employee E-9"),
        ("order delete --account kapdemo --order-id 7", 1, "order 7: no such order"),
    ],
)
def test_an_error_is_one_sentence(run: Run, words: str, code: int, sentence: str) -> None:
    kap(run)
    assert run(*words.split()) == Said(code, "", f"orderdock: {sentence}\n")


@pytest.mark.parametrize(
    "words", ["account sett", "key create --account kapdemo", "account set --account kapdemo country", "serve --port 0"]
)
def test_wrong_usage_is_2(run: Run, words: str) -> None:
    said = run(*words.split())
    assert (said.code, said.out) == (2, "")
    assert "Error: " in said.err


def test_nothing_is_made_by_a_mistyped_path(run: Run, tmp_path: Path) -> None:
    said = run("account", "list", "--database", f"sqlite:///{tmp_path}/typo.db")
    assert (said.code, said.err) == (1, "orderdock: the database has no tables yet: run `orderdock migrate` first\n")
    assert not (tmp_path / "typo.db").exists()


def test_a_database_that_is_not_there(run: Run) -> None:
    said = run("account", "list", "--database", "postgresql://127.0.0.1:1/none")
    assert said.code == 1
    assert said.err.startswith("orderdock: ")
    assert len(said.err.splitlines()) == 1


def test_a_setting_that_cannot_be_read(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ORDERDOCK_PORT", "http")
    assert run("account", "list").err == "orderdock: ORDERDOCK_PORT=http: must be a whole number from 1 to 65535\n"


@pytest.mark.parametrize("command", ["migrate", "serve", "doctor"])
@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"DATABASE": "foo"}, "ORDERDOCK_DATABASE: must be sqlite:///FILE or postgresql://USER@HOST:PORT/NAME"),
        (
            {"DATABASE": "sqlite:////no/such/dir/x.db"},
            "ORDERDOCK_DATABASE: must be in a folder that is there, and /no/such/dir is not",
        ),
        (
            {"DATABASE": "", "DATABASE_FILE": "/nope"},
            "ORDERDOCK_DATABASE_FILE=/nope: must be a file that can be read (No such file or directory)",
        ),
        (
            {"SECRET_FILE": "/nope"},
            "ORDERDOCK_SECRET_FILE=/nope: must be a file that can be read (No such file or directory)",
        ),
        (
            {"DATABASE_FILE": "/nope"},
            "ORDERDOCK_DATABASE and ORDERDOCK_DATABASE_FILE are both set: unset one of them",
        ),
        (
            {"SECRET": "x" * 40, "SECRET_FILE": "/dev/null"},
            "ORDERDOCK_SECRET and ORDERDOCK_SECRET_FILE are both set: unset one of them",
        ),
        (
            {"TRUSTED_PROXIES": "1.2.3", "LOG_LEVEL": "loud", "PORT": "http"},
            "ORDERDOCK_PORT=http: must be a whole number from 1 to 65535;"
            " ORDERDOCK_TRUSTED_PROXIES=1.2.3: must be addresses or ranges such as 10.0.0.0/8, separated by commas;"
            " ORDERDOCK_LOG_LEVEL=loud: must be one of debug, info, warning, error",
        ),
    ],
)
def test_bad_settings_are_named_at_once(
    run: Run, monkeypatch: pytest.MonkeyPatch, command: str, settings: dict[str, str], sentence: str
) -> None:
    for name, text in settings.items():
        monkeypatch.setenv(f"ORDERDOCK_{name}", text)
    assert run(command) == Said(1, "", f"orderdock: {sentence}\n")


def test_a_bad_option_is_named(run: Run) -> None:
    said = run("migrate", "--database", "sqlite:////no/such/dir/x.db")
    assert said == Said(1, "", "orderdock: --database: must be in a folder that is there, and /no/such/dir is not\n")


def test_a_database_file_that_cannot_be_opened(run: Run, tmp_path: Path) -> None:
    said = run("migrate", "--database", f"sqlite:///{tmp_path}")
    assert said.err == (
        f"orderdock: the database file {tmp_path} cannot be opened: Is a directory (--database, ORDERDOCK_DATABASE)\n"
    )


def test_a_taken_port_is_told_before_anything_else(run: Run, sqlite_url: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        said = run("serve", "--demo", "--port", str(port), "--database", sqlite_url)
    assert (said.code, said.out) == (1, "")
    hint = "Address already in use; choose another with --port or ORDERDOCK_PORT (--host, ORDERDOCK_HOST)"
    assert said.err == f"orderdock: cannot listen on 127.0.0.1 port {port}: {hint}\n"


def test_a_taken_port_leaves_no_database_behind(run: Run, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        said = run("serve", "--port", str(port), "--database", f"sqlite:///{tmp_path}/new.db")
    assert (said.code, list(tmp_path.glob("new.db*"))) == (1, [])


def test_a_demo_server_says_how_to_call_it(run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("orderdock.web.app.serve", lambda settings: None)
    monkeypatch.setattr("orderdock.web.app.check_port", lambda host, port: None)
    first, again = (run("serve", "--demo").out.splitlines() for _ in range(2))
    key = (tmp_path / "orderdock-demo.key").read_text().strip()
    header = "Basic " + base64.b64encode(key.encode()).decode()
    assert first[0].startswith("Orderdock at http://127.0.0.1:8480, account ")
    assert first[1:3] == [f"Key: {key}", f"Authorization: {header}"]
    assert again[1].endswith("orderdock-demo.key")
    assert again[2] == first[2]


def test_the_version(run: Run) -> None:
    assert run("--version") == Said(0, f"orderdock {__version__}\n", "")


def test_a_password_is_asked_for_twice(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    kap(run)
    asked: list[dict[str, object]] = []

    def prompt(text: str, **how: object) -> str:
        asked.append(how)
        return "correct horse"

    monkeypatch.setattr("typer.prompt", prompt)
    words = ("login", "create", "--account", "kapdemo", "--username", "ops", "--operation", "order.get")
    monkeypatch.setattr("orderdock.cli.keys.is_terminal", lambda: True)
    assert run(*words).code == 0
    assert asked == [{"hide_input": True, "confirmation_prompt": True}]


def test_keys_are_listed_within_80_columns(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    kap(run)
    place = ("--account", "kapdemo")
    run("key", "create", *place, "--name", "erp", "--operation", "order.push", "--operation", "order.payment",
        "--operation", "events.read", "--expires", "2099-12-31", "--mandatory", "phone")  # fmt: skip
    assert run("key", "disable", *place, "--name", "erp").out == "erp is disabled\n"
    assert run("key", "disable", *place, "--name", "erp").out == "erp was disabled already\n"
    monkeypatch.setenv("COLUMNS", "80")
    shown = run("key", "list", *place).out
    assert all(word in shown for word in ("erp", "key", "order.push, order.payment", "2099-12-31", "disabled"))
    (row,) = run("key", "list", *place, "--json").json
    assert row["mandatory_fields"]["order.push"] == ["customer.phone"]
    assert (row["state"], row["discount_kind"]) == ("disabled", "amount")
    assert row["rate_per_minute"] is None
    assert "event_retention_days" not in run("account", "list", "--json").json[0]["settings"]


def test_an_email_is_one_active_employees(run: Run) -> None:
    kap(run)
    place = ("--account", "kapdemo")
    new = ("employee", "create", *place, "--email")
    assert run(*new, "meera@example.com", "--code", "E-1", "--name", "Meera").code == 0
    taken = "orderdock: the e-mail Meera@example.com is that of employee E-1, who is active\n"
    assert run(*new, "Meera@example.com", "--code", "E-2", "--name", "Other") == Said(1, "", taken)
    run("employee", "set", *place, "--code", "E-1", "--inactive")
    assert run(*new, "Meera@example.com", "--code", "E-2", "--name", "Other").code == 0
    back = run("employee", "set", *place, "--code", "E-1", "--active")
    assert back.err == "orderdock: the e-mail meera@example.com is that of employee E-2, who is active\n"
