"""Accounts, keys, logins and employees on both engines."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from orderdock.accounts import actions
from orderdock.accounts.actions import Admin, authenticate
from orderdock.accounts.decide import Hasher
from orderdock.accounts.model import OPERATIONS
from orderdock.accounts.sql import admin as admin_sql
from orderdock.accounts.sql import employees as employees_sql
from orderdock.db import Database, Sql, Tx
from orderdock.errors import Invalid, Unsafe

HASHER = Hasher(b"a secret of the tests")
EVERYTHING = [Sql(f"SELECT * FROM {table}") for table in ("credential", "api_key", "account", "employee")]
SET_HASH = Sql("UPDATE api_key SET password_hash = :hash WHERE cm_id = :cm_id")
NO_KEY = "od" + "0" * 41 + "1xfghpw"


class Notes:
    """Stands for the event log: what was recorded, once its transaction was."""

    def __init__(self) -> None:
        self.kept: list[tuple[int, str, str, dict[str, Any]]] = []

    def __call__(self, tx: Tx, cm_id: int, kind: str, actor: str, changes: dict[str, Any]) -> None:
        json.dumps(changes)
        self.kept.append((cm_id, kind, actor, changes))


@pytest.fixture
def admin(engine_url: str) -> Iterator[Admin]:
    database = Database(engine_url)
    yield Admin(database, HASHER, Notes())
    database.close()


@pytest.fixture
def shop(admin: Admin) -> int:
    return actions.create_account(admin, name="Shop", subdomain="shop").cm_id


def kinds(admin: Admin) -> list[str]:
    assert isinstance(admin.record, Notes)
    return [kind for _, kind, _, _ in admin.record.kept]


def test_an_account_has_its_number_its_lock_and_an_owner(admin: Admin) -> None:
    account = actions.create_account(admin, name="Kap", subdomain="kapdemo", cm_id=1000298, options={"country": "us"})
    assert (account.cm_id, account.options) == (1000298, {"country": "US"})
    assert actions.account_of_subdomain(admin.database, "KapDemo") == account
    assert [who["code"] for who in actions.list_employees(admin.database, 1000298)] == ["system"]
    with admin.database.write() as tx:
        assert admin_sql.lock(tx, 1000298).rows() == [(1000298,)]
        assert admin_sql.lock(tx, 1000298, wait=False).rows() == [(1000298,)]
        assert admin_sql.lock(tx, 5).rows() == []
    assert kinds(admin) == ["settings.updated", "employee.changed"]


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({"name": "B", "subdomain": "shop"}, "shop is taken"),
        ({"name": "B", "subdomain": "two.labels"}, "one label"),
        ({"name": "B", "subdomain": "-b"}, "one label"),
        ({"name": " ", "subdomain": "b"}, "name"),
        ({"name": "B", "subdomain": "b", "cm_id": 0}, "cm-id"),
        ({"name": "B", "subdomain": "b", "options": {"country": "XX", "colour": "red"}}, "country=XX.*colour"),
    ],
)
def test_an_account_that_cannot_be(admin: Admin, shop: int, given: dict[str, Any], why: str) -> None:
    with pytest.raises(Invalid, match=why):
        actions.create_account(admin, **given)
    assert [row.subdomain for row in actions.list_accounts(admin.database)] == ["shop"]


def test_an_account_number_is_used_once(admin: Admin, shop: int) -> None:
    with pytest.raises(Invalid, match="taken"):
        actions.create_account(admin, name="B", subdomain="b", cm_id=shop)
    actions.create_account(admin, name="B", subdomain="b", cm_id=shop + 1)
    assert actions.create_account(admin, name="C", subdomain="c").cm_id == shop + 2


def test_settings_tell_what_changed_and_only_that(admin: Admin, shop: int) -> None:
    assert isinstance(admin.record, Notes)
    admin.record.kept.clear()
    assert (
        actions.set_account_options(admin, shop, {"default_status": "NEW", "country": "IN"})["default_status"] == "NEW"
    )
    actions.set_account_options(admin, shop, {"default_status": "NEW"})
    changes = {"before": {"default_status": "AP"}, "after": {"default_status": "NEW"}}
    assert admin.record.kept == [(shop, "settings.updated", "cli", changes)]
    with pytest.raises(Invalid, match=r"colour: no such.*event_retention_days: not available"):
        actions.set_account_options(admin, shop, {"colour": "red", "event_retention_days": "30"})


def test_a_key_resolves_to_everything_that_requests_ask(admin: Admin, shop: int) -> None:
    who = actions.create_employee(admin, shop, code="E-7", name="Meera", email="Meera@example.com")
    actions.set_account_options(admin, shop, {"time_zone": "UTC", "placeholder_contacts": "9999900000"})
    options = {
        "expires_on": "2026-12-31",
        "ip_allow": "10.0.0.0/8,::1",
        "allowed_fields": "phone",
        "discount_kind": "percent",
    }
    issued = actions.create_key(
        admin, shop, name="erp", operations=["order.*"], mandatory=["order.push=sku_id"], options=options, owner="E-7"
    )
    scope = authenticate(admin.database, HASHER, issued.authorization.removeprefix("Basic "))
    assert scope == authenticate(admin.database, HASHER, issued.auth_key)
    assert scope is not None
    assert (scope.cm_id, scope.subdomain, scope.key_id, scope.key_name, scope.kind) == (
        shop,
        "shop",
        issued.id,
        "erp",
        "key",
    )
    assert (scope.last4, scope.owner, scope.actor, scope.enabled) == (issued.auth_key[-4:], who.id, "key:erp", True)
    assert scope.operations == {name for name in OPERATIONS if name.startswith("order.")}
    assert scope.mandatory == {"order.push": ("line.sku",)}
    assert scope.allowed == frozenset({"customer.phone", "order.contact_phone"})
    assert scope.expires_at == 1_798_761_599_999
    assert [str(network) for network in scope.networks] == ["10.0.0.0/8", "::1/128"]
    assert (scope.settings["discount_kind"], scope.settings["customer_update"]) == ("percent", "fill")
    assert (scope.account["time_zone"], scope.account["default_status"]) == ("UTC", "AP")
    assert scope.locale.zone.key == "UTC"
    assert "+919999900000" in scope.locale.placeholders


def test_unknown_and_wrong_are_nobody(admin: Admin, shop: int) -> None:
    issued = actions.create_key(admin, shop, name="erp", operations=["*"])
    wrong = issued.auth_key[:-1] + ("a" if issued.auth_key[-1] != "a" else "b")
    assert [authenticate(admin.database, HASHER, token) for token in ("", NO_KEY, wrong, "bm9ib2R5OnB3")] == [None] * 4
    assert authenticate(admin.database, Hasher(b"another installation"), issued.auth_key) is None


def test_no_secret_is_stored_listed_or_told(admin: Admin, shop: int) -> None:
    assert isinstance(admin.record, Notes)
    issued = actions.create_key(admin, shop, name="erp", operations=["*"])
    actions.create_login(admin, shop, username="ops", password="correct horse", operations=["order.get"])
    with admin.database.read() as tx:
        stored = [tx.all(statement) for statement in EVERYTHING]
    said = repr((actions.list_keys(admin.database, shop), admin.record.kept, stored))
    assert issued.auth_key not in said
    assert "correct horse" not in said
    assert "argon2" not in repr((actions.list_keys(admin.database, shop), admin.record.kept))
    assert [row["last4"] for row in actions.list_keys(admin.database, shop)] == [issued.auth_key[-4:], ""]


def test_a_login(admin: Admin, shop: int, monkeypatch: pytest.MonkeyPatch) -> None:
    issued = actions.create_login(admin, shop, username="ops", password="pass:word", operations=["order.get"])
    token = issued.authorization.removeprefix("Basic ")
    first = authenticate(admin.database, HASHER, token)
    assert first is not None
    assert (first.kind, first.actor, first.cm_id) == ("login", "login:ops", shop)
    assert authenticate(admin.database, HASHER, "b3BzOnBhc3M6d29yeA==") is None  # ops:pass:worx

    monkeypatch.setattr("orderdock.accounts.actions.identify._is_password", lambda stored, password: False)
    assert authenticate(admin.database, HASHER, token) == first, "a verified login is remembered"
    with admin.database.write() as tx:
        tx.ask(SET_HASH, cm_id=shop, hash="another hash")
    assert authenticate(admin.database, HASHER, token) is None, "but not when the stored hash changed"


def test_login_names_are_unique_in_the_installation(admin: Admin, shop: int) -> None:
    other = actions.create_account(admin, name="Other", subdomain="other").cm_id
    actions.create_login(admin, shop, username="ops", password="password one", operations=["*"])
    with pytest.raises(Invalid, match="taken"):
        actions.create_login(admin, other, username="ops", password="password two", operations=["*"])
    assert actions.list_keys(admin.database, other) == []


def test_an_adopted_secret_works_as_it_is(admin: Admin, shop: int) -> None:
    other = actions.create_account(admin, name="Other", subdomain="other").cm_id
    secret = "od" + "x" * 48
    actions.create_key(admin, shop, name="old", operations=["*"], adopt=secret)
    scope = authenticate(admin.database, HASHER, secret)
    assert scope is not None
    assert (scope.kind, scope.last4) == ("adopted", "xxxx")
    with pytest.raises(Invalid, match="another key"):
        actions.create_key(admin, other, name="old", operations=["*"], adopt=secret)
    with pytest.raises(Invalid, match="32 to 128"):
        actions.create_key(admin, shop, name="older", operations=["*"], adopt="too short")


def test_a_disabled_key_says_so(admin: Admin, shop: int) -> None:
    issued = actions.create_key(admin, shop, name="erp", operations=["*"])
    actions.disable_key(admin, shop, "erp")
    actions.disable_key(admin, shop, "erp")
    scope = authenticate(admin.database, HASHER, issued.auth_key)
    assert scope is not None
    assert scope.enabled is False
    assert kinds(admin).count("key.disabled") == 1
    with pytest.raises(Invalid, match="no key named"):
        actions.disable_key(admin, shop, "nothing")


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({"operations": ["order.fly"]}, "order.fly"),
        ({"operations": []}, "at least one"),
        ({"mandatory": ["colour"]}, "colour"),
        ({"owner": "E-9"}, "no employee E-9"),
        ({"options": {"expires_on": "31.12.2026"}}, "yyyy-mm-dd"),
        ({"options": {"default_assignee": "77"}}, "default_assignee=77"),
        ({"options": {"allowed_fields": "colour"}}, "colour"),
        ({"name": "erp"}, "named erp already"),
    ],
)
def test_a_key_that_cannot_be_leaves_nothing(admin: Admin, shop: int, given: dict[str, Any], why: str) -> None:
    actions.create_key(admin, shop, name="erp", operations=["*"])
    with pytest.raises(Invalid, match=why):
        actions.create_key(admin, shop, **{"name": "new", "operations": ["*"], **given})
    assert [row["name"] for row in actions.list_keys(admin.database, shop)] == ["erp"]


def test_two_accounts_never_meet(admin: Admin, shop: int) -> None:
    other = actions.create_account(admin, name="Other", subdomain="other").cm_id
    mine = actions.create_key(admin, shop, name="erp", operations=["*"])
    theirs = actions.create_key(admin, other, name="erp", operations=["order.get"])
    actions.create_employee(admin, shop, code="E-7", name="Meera", groups=["north"])
    actions.create_employee(admin, other, code="E-7", name="Ravi", groups=["north"])
    actions.disable_key(admin, other, "erp")
    found = [authenticate(admin.database, HASHER, issued.auth_key) for issued in (mine, theirs)]
    assert [(scope.cm_id, scope.enabled) for scope in found if scope] == [(shop, True), (other, False)]
    assert [who["name"] for who in actions.list_employees(admin.database, shop)] == ["Orderdock", "Meera"]
    with pytest.raises(Invalid, match="no account"):
        actions.set_employee(admin, 5, "E-7", name="X")


def test_employees_and_their_groups(admin: Admin, shop: int) -> None:
    assert isinstance(admin.record, Notes)
    one = actions.create_employee(admin, shop, code="M1", name="Meera", email="Meera@Example.com", groups=["north"])
    two = actions.create_employee(admin, shop, code="M2", name="Ravi", groups=["north", "south"])
    with pytest.raises(Invalid, match="taken"):
        actions.create_employee(admin, shop, code="M1", name="Again")
    with pytest.raises(Invalid, match="e-mail"):
        actions.set_employee(admin, shop, "M1", email="nonsense")
    admin.record.kept.clear()
    changed = actions.set_employee(admin, shop, "M1", active=False, name="Meera R", email="")
    actions.set_employee(admin, shop, "M1", active=False, groups=["north"])
    assert (changed.id, changed.name, changed.email, changed.active) == (one.id, "Meera R", None, False)
    assert [kind for _, kind, _, _ in admin.record.kept] == ["employee.changed"]
    assert admin.record.kept[0][3]["before"] == {"name": "Meera", "email": "Meera@Example.com", "active": True}
    rows = {who["code"]: who["groups"] for who in actions.list_employees(admin.database, shop)}
    assert rows == {"system": [], "M1": ["north"], "M2": ["north", "south"]}
    with admin.database.read() as tx:
        assert employees_sql.groups(tx, shop) == {"north": [one.id, two.id], "south": [two.id]}


def test_a_change_that_fails_leaves_nothing(admin: Admin, shop: int) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("the log is full")

    with pytest.raises(RuntimeError):
        actions.create_key(Admin(admin.database, HASHER, broken), shop, name="erp", operations=["*"])
    assert actions.list_keys(admin.database, shop) == []


def test_the_secret_is_made_once_and_never_again_when_it_is_lost(admin: Admin, shop: int, tmp_path: Path) -> None:
    path = tmp_path / "deep.secret"
    made = actions.open_hasher(admin.database, secret_file=str(path))
    assert path.stat().st_mode & 0o777 == 0o600
    assert actions.open_hasher(admin.database, secret_file=str(path)) == made
    assert [entry.name for entry in tmp_path.iterdir() if "secret" in entry.name] == ["deep.secret"]
    actions.create_key(admin, shop, name="erp", operations=["*"])
    path.unlink()
    with pytest.raises(Unsafe, match="missing"):
        actions.open_hasher(admin.database, secret_file=str(path))
    with pytest.raises(Unsafe, match="16 characters"):
        actions.open_hasher(admin.database, secret="short")
