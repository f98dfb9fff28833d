"""What becomes of a key after its issue, on both engines: changed, rotated, told of, counted (contract 1.3, 2.18)."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime, timedelta
from threading import Barrier
from typing import Any

import pytest

from orderdock.accounts import actions
from orderdock.accounts.actions import Admin, authenticate
from orderdock.accounts.decide import Hasher
from orderdock.accounts.model import Scope
from orderdock.db import Database, Sql
from orderdock.errors import Invalid
from orderdock.events.actions import record
from orderdock.kinds import from_json

HASHER = Hasher(b"a secret of the tests")
HOUR = 3_600_000
LOGGED = Sql("SELECT kind, changes FROM event WHERE cm_id = :cm_id ORDER BY seq")
COUNTED = Sql("SELECT key_id, day, requests, failures, last_at FROM key_use WHERE cm_id = :cm_id ORDER BY key_id, day")
CREDENTIALS = Sql("SELECT until FROM credential ORDER BY until")


@pytest.fixture
def admin(engine_url: str) -> Iterator[Admin]:
    with closing(Database(engine_url)) as database:
        yield Admin(database, HASHER, record)


@pytest.fixture
def shop(admin: Admin) -> int:
    return actions.create_account(admin, name="Shop", subdomain="shop", options={"time_zone": "UTC"}).cm_id


def told(admin: Admin, cm_id: int, kind: str) -> list[dict[str, Any]]:
    """The changes of every event of a type."""
    with admin.database.read() as tx:
        return [from_json(changes) for found, changes in tx.all(LOGGED, cm_id=cm_id) if found == kind]


def whose(admin: Admin, token: str) -> Scope | None:
    return authenticate(admin.database, HASHER, token)


def now() -> int:
    return time.time_ns() // 1_000_000


# --- changing a profile ----------------------------------------------------------------------------------------------


def test_a_profile_is_changed_and_the_secret_stays(admin: Admin, shop: int) -> None:
    actions.create_employee(admin, shop, code="E-7", name="Meera")
    issued = actions.create_key(admin, shop, name="erp", operations=["order.*"], mandatory=["sku_id"])
    values = actions.set_key(
        admin, shop, "erp", operations=["order.push", "order.get"], options={"discount_kind": "percent"}, owner="E-7"
    )
    scope = whose(admin, issued.auth_key)
    assert scope is not None
    assert scope.operations == {"order.push", "order.get"}
    assert scope.mandatory == {"order.push": ("line.sku",)}, "what it has no more asks for nothing"
    assert scope.settings["discount_kind"] == values["discount_kind"] == "percent"
    [changes] = told(admin, shop, "settings.updated")[1:]
    assert changes["after"]["key"] == "erp"
    assert sorted(changes["before"]) == ["discount_kind", "mandatory_fields", "operations", "owner"]
    actions.set_key(admin, shop, "erp", operations=["order.push", "order.get"], options={"discount_kind": "percent"})
    assert len(told(admin, shop, "settings.updated")) == 2, "the same again is no change"


def test_mandatory_fields_are_replaced_and_may_be_none(admin: Admin, shop: int) -> None:
    issued = actions.create_key(admin, shop, name="erp", operations=["order.push"], mandatory=["sku_id"])
    actions.set_key(admin, shop, "erp", mandatory=["grand_total"])
    scope = whose(admin, issued.auth_key)
    assert scope is not None
    assert scope.mandatory == {"order.push": ("order.grand_total",)}
    actions.set_key(admin, shop, "erp", mandatory=[])
    scope = whose(admin, issued.auth_key)
    assert scope is not None
    assert scope.mandatory == {}


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({"operations": ["order.fly"]}, r"order\.fly"),
        ({"operations": []}, "at least one"),
        ({"operations": ["order.get"], "mandatory": ["sku_id"]}, "no granted operation"),
        ({"options": {"colour": "red", "discount_kind": "half"}}, "colour.*discount_kind=half"),
        ({"options": {"default_assignee": "77"}}, "default_assignee=77"),
        ({"owner": "E-9"}, "no employee E-9"),
    ],
)
def test_a_change_that_cannot_be_leaves_the_key(admin: Admin, shop: int, given: dict[str, Any], why: str) -> None:
    actions.create_key(admin, shop, name="erp", operations=["order.push"])
    before = actions.list_keys(admin.database, shop)
    with pytest.raises(Invalid, match=why):
        actions.set_key(admin, shop, "erp", **given)
    assert actions.list_keys(admin.database, shop) == before
    with pytest.raises(Invalid, match="no key named"):
        actions.set_key(admin, shop, "nothing")


def test_switching_off_by_setting_is_told_as_disabling(admin: Admin, shop: int) -> None:
    actions.create_key(admin, shop, name="erp", operations=["order.push"])
    actions.set_key(admin, shop, "erp", options={"enabled": "off"})
    actions.set_key(admin, shop, "erp", options={"enabled": "on"})
    assert len(told(admin, shop, "key.disabled")) == 1
    [changes] = told(admin, shop, "settings.updated")[1:]
    assert changes == {"before": {"enabled": False}, "after": {"enabled": True, "key": "erp"}}


# --- rotating --------------------------------------------------------------------------------------------------------


def test_both_secrets_are_the_same_key_until_the_old_one_ends(admin: Admin, shop: int) -> None:
    old = actions.create_key(admin, shop, name="erp", operations=["*"])
    until = now() + HOUR
    new = actions.rotate_key(admin, shop, "erp", until=until).issued
    by_old, by_new = whose(admin, old.auth_key), whose(admin, new.auth_key)
    assert by_old is not None
    assert by_new is not None
    assert by_old.key_id == by_new.key_id == old.id == new.id
    assert (by_old.until, by_new.until) == (until, None)
    assert (by_old.last4, by_new.last4) == (old.auth_key[-4:], new.auth_key[-4:])
    assert by_old.announced == (0, datetime.fromtimestamp(until / 1000, UTC).date().isoformat())
    assert by_new.announced is None
    [changes] = told(admin, shop, "key.rotated")
    after = {"id": old.id, "name": "erp", "last4": new.auth_key[-4:], "until": until}
    assert changes == {"before": {"last4": old.auth_key[-4:]}, "after": after}
    assert actions.show_key(admin.database, shop, "erp")["old_secrets"] == [until]


def test_an_old_secret_is_unknown_after_its_end(admin: Admin, shop: int) -> None:
    old = actions.create_key(admin, shop, name="erp", operations=["*"])
    actions.rotate_key(admin, shop, "erp", until=now() + 300)
    assert whose(admin, old.auth_key)
    time.sleep(0.35)
    assert whose(admin, old.auth_key) is None
    assert actions.look_up(admin.database, HASHER, old.auth_key).state == "ended"


def test_a_third_old_secret_is_refused_and_no_overlap_ends_them_all(admin: Admin, shop: int) -> None:
    secrets = [actions.create_key(admin, shop, name="erp", operations=["*"]).auth_key]
    for hours in (30, 2):
        secrets.append(actions.rotate_key(admin, shop, "erp", until=now() + hours * HOUR).issued.auth_key)
    with pytest.raises(Invalid, match=r"2 old secrets .* the first for (119|120) minutes"):
        actions.rotate_key(admin, shop, "erp", until=now() + HOUR)
    assert all(whose(admin, secret) for secret in secrets)
    last = actions.rotate_key(admin, shop, "erp", until=0).issued.auth_key
    assert [whose(admin, secret) for secret in secrets] == [None] * 3
    assert whose(admin, last)
    actions.rotate_key(admin, shop, "erp", until=now() + HOUR)


def test_an_adopted_key_gets_a_secret_of_ours(admin: Admin, shop: int) -> None:
    adopted = "x" * 40
    actions.create_key(admin, shop, name="old", operations=["*"], adopt=adopted)
    rotated = actions.rotate_key(admin, shop, "old", until=now() + HOUR)
    scope = whose(admin, adopted)
    assert scope is not None
    assert (scope.kind, actions.look_at(rotated.issued.auth_key).form) == ("key", "key")
    [changes] = told(admin, shop, "key.rotated")
    assert (changes["before"]["kind"], changes["after"]["kind"]) == ("adopted", "key")


def test_what_ended_long_ago_is_forgotten(admin: Admin, shop: int) -> None:
    actions.create_key(admin, shop, name="erp", operations=["*"])
    for _ in range(3):
        actions.rotate_key(admin, shop, "erp", until=0)
    with admin.database.write() as tx:
        tx.ask(Sql("UPDATE credential SET until = 1 WHERE until IS NOT NULL"))
    actions.rotate_key(admin, shop, "erp", until=0)
    with admin.database.read() as tx:
        assert len(tx.all(CREDENTIALS)) == 2


def test_many_who_rotate_at_once_take_turns(admin: Admin, shop: int) -> None:
    actions.create_key(admin, shop, name="erp", operations=["*"])

    def rotate(_: int) -> str:
        return actions.rotate_key(admin, shop, "erp", until=0).issued.auth_key

    with ThreadPoolExecutor(4) as pool:
        secrets = list(pool.map(rotate, range(8)))
    assert sum(whose(admin, secret) is not None for secret in secrets) == 1
    assert len(told(admin, shop, "key.rotated")) == 8


@pytest.mark.parametrize(
    ("said", "hours"), [({}, 24), ({"overlap": "90m"}, 1.5), ({"overlap": "7d"}, 168), ({"overlap": "0"}, 0)]
)
def test_how_long_an_old_secret_works(admin: Admin, shop: int, said: dict[str, str], hours: float) -> None:
    assert actions.overlap_end(admin.database, shop, **said) == pytest.approx(now() + hours * HOUR, abs=5_000)


def test_until_when_an_old_secret_works(admin: Admin, shop: int) -> None:
    actions.set_account_options(admin, shop, {"time_zone": "Asia/Kolkata"})
    end = actions.overlap_end(admin.database, shop, until="2090-12-31")
    assert end == int(datetime(2090, 12, 31, 18, 30, tzinfo=UTC).timestamp() * 1000) - 1
    exact = actions.overlap_end(admin.database, shop, until="2090-12-31 18:00")
    assert exact == int(datetime(2090, 12, 31, 12, 30, tzinfo=UTC).timestamp() * 1000)
    for wrong in ({"until": "2020-01-01"}, {"until": "soon"}, {"overlap": "soon"}, {"overlap": "1h", "until": "2090"}):
        with pytest.raises(Invalid):
            actions.overlap_end(admin.database, shop, **wrong)


def test_a_new_password_ends_the_old_one(admin: Admin, shop: int) -> None:
    first = actions.create_login(admin, shop, username="ops", password="correct horse", operations=["*"])
    assert whose(admin, first.authorization.removeprefix("Basic "))
    second = actions.set_password(admin, shop, "ops", "battery staple").issued
    assert whose(admin, first.authorization.removeprefix("Basic ")) is None
    scope = whose(admin, second.authorization.removeprefix("Basic "))
    assert scope is not None
    assert scope.key_id == first.id
    [changes] = told(admin, shop, "key.rotated")
    assert sorted(changes["after"]) == ["id", "name", "until"]
    assert "staple" not in repr(changes)
    actions.create_key(admin, shop, name="erp", operations=["*"])
    with pytest.raises(Invalid, match="is a login"):
        actions.rotate_key(admin, shop, "ops", until=0)
    for name, password, why in (("erp", "battery staple", "is a key"), ("ops", "short", "8 to 500")):
        with pytest.raises(Invalid, match=why):
            actions.set_password(admin, shop, name, password)


def test_whose_a_secret_is(admin: Admin, shop: int) -> None:
    other = actions.create_account(admin, name="Other", subdomain="other").cm_id
    issued = actions.create_key(admin, shop, name="erp", operations=["*"])
    adopted = actions.create_key(admin, other, name="old", operations=["*"], adopt="x" * 40)
    found = actions.look_up(admin.database, HASHER, issued.authorization)
    assert (found.form, found.state, found.account, found.name, found.last4) == (
        "key", "works", "shop", "erp", issued.auth_key[-4:],
    )  # fmt: skip
    assert actions.look_up(admin.database, HASHER, issued.auth_key, "other").state == "unknown"
    assert actions.look_up(admin.database, HASHER, adopted.auth_key).form == "adoptable"
    actions.disable_key(admin, shop, "erp")
    assert actions.look_up(admin.database, HASHER, issued.auth_key).state == "disabled"
    assert actions.look_up(admin.database, HASHER, actions.new_secret()).state == "unknown"
    assert issued.auth_key not in repr(found)


# --- telling ahead ---------------------------------------------------------------------------------------------------


def at(day: str, hour: int = 12) -> int:
    return int(datetime.fromisoformat(f"{day}T{hour:02}:00:00+00:00").timestamp() * 1000)


def expiring(admin: Admin, cm_id: int) -> list[tuple[str, int]]:
    return [(one["after"]["expires_on"], one["after"]["days_left"]) for one in told(admin, cm_id, "key.expiring")]


def tell(admin: Admin, *days: str) -> list[int]:
    return [actions.tell_expiring(admin.database, record, at(day)) for day in days]


def test_an_end_is_told_30_7_and_1_days_before_and_once_each(admin: Admin, shop: int) -> None:
    actions.create_key(admin, shop, name="erp", operations=["*"], options={"expires_on": "2030-12-31"})
    actions.create_key(admin, shop, name="ever", operations=["*"])
    days = ["2030-11-30", "2030-12-01", "2030-12-01", "2030-12-23", "2030-12-24", "2030-12-25", "2030-12-30",
            "2030-12-31", "2031-01-01"]  # fmt: skip
    assert tell(admin, *days) == [0, 1, 0, 0, 1, 0, 1, 0, 0]
    assert expiring(admin, shop) == [("2030-12-31", 30), ("2030-12-31", 7), ("2030-12-31", 1)]


def test_what_was_missed_is_told_once_and_a_new_day_starts_anew(admin: Admin, shop: int) -> None:
    actions.create_key(admin, shop, name="erp", operations=["*"], options={"expires_on": "2030-12-31"})
    assert tell(admin, "2030-12-28", "2030-12-29") == [1, 0]
    actions.set_key(admin, shop, "erp", options={"expires_on": "2031-01-20"})
    assert tell(admin, "2030-12-29", "2030-12-29") == [1, 0]
    assert expiring(admin, shop) == [("2030-12-31", 3), ("2031-01-20", 22)]


def test_a_day_is_one_of_the_accounts_zone_and_a_disabled_key_is_not_told(admin: Admin, shop: int) -> None:
    for name, more in {"erp": {}, "off": {"enabled": "off"}, "on": {"enabled": "on"}}.items():
        actions.create_key(admin, shop, name=name, operations=["*"], options={"expires_on": "2030-12-31", **more})
    actions.set_account_options(admin, shop, {"time_zone": "Pacific/Kiritimati"})  # UTC+14
    assert actions.tell_expiring(admin.database, record, at("2030-11-30", 9)) == 0
    assert actions.tell_expiring(admin.database, record, at("2030-11-30", 11)) == 2
    actions.set_key(admin, shop, "off", options={"enabled": "on"})
    assert actions.tell_expiring(admin.database, record, at("2030-11-30", 11)) == 1


def test_many_processes_tell_once(engine_url: str, admin: Admin, shop: int) -> None:
    other = actions.create_account(admin, name="Other", subdomain="other").cm_id
    for cm_id in (shop, other):
        for n in range(5):
            options = {"expires_on": "2030-12-31"}
            actions.create_key(admin, cm_id, name=f"k{n}", operations=["*"], options=options)
    ready = Barrier(4)

    def tell(_: int) -> int:
        with closing(Database(engine_url)) as database:
            ready.wait()
            return actions.tell_expiring(database, record, at("2030-12-24"))

    with ThreadPoolExecutor(4) as pool:
        counts = list(pool.map(tell, range(4)))
    assert sum(counts) == 10
    assert [len(expiring(admin, cm_id)) for cm_id in (shop, other)] == [5, 5]


# --- counting uses ---------------------------------------------------------------------------------------------------


def test_uses_add_up_whoever_writes_them(engine_url: str, admin: Admin, shop: int) -> None:
    other = actions.create_account(admin, name="Other", subdomain="other").cm_id
    rounds, ready = 25, Barrier(4)

    def add(process: int) -> None:
        with closing(Database(engine_url)) as database:
            ready.wait()
            for n in range(rounds):
                keys = [(cm_id, key, 20_000) for cm_id in (other, shop) for key in (3, 1, 2)]
                actions.add_uses(database, {key: [2, 1, process * 1_000 + n] for key in keys})

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(add, range(4)))
    with admin.database.read() as tx:
        for cm_id in (shop, other):
            counted = tx.all(COUNTED, cm_id=cm_id)
            assert counted == [(key, 20_000, 2 * 4 * rounds, 4 * rounds, 3_000 + rounds - 1) for key in (1, 2, 3)]


def test_writing_uses_takes_one_statement_an_account(admin: Admin, shop: int, monkeypatch: pytest.MonkeyPatch) -> None:
    sent = []
    monkeypatch.setattr("orderdock.db.sql.Tx.ask", lambda self, statement, **values: sent.append(values["cm_id"]))
    actions.add_uses(admin.database, {(cm_id, key, 1): [1, 0, 1] for cm_id in (shop, shop + 1) for key in range(500)})
    assert sent == [shop, shop + 1]


def test_use_is_shown_by_day(admin: Admin, shop: int) -> None:
    issued = actions.create_key(admin, shop, name="erp", operations=["*"])
    actions.create_key(admin, shop, name="never", operations=["*"])
    today = now() // (24 * HOUR)
    used = {(shop, issued.id, today - back): [5, back, now() - back * 24 * HOUR] for back in (0, 1, 29, 30)}
    actions.add_uses(admin.database, used)
    shown = actions.show_key(admin.database, shop, "erp")
    days = [(datetime.now(UTC).date() - timedelta(days=back)).isoformat() for back in (0, 1, 29)]
    assert [(one["day"], one["requests"], one["failures"]) for one in shown["use"]] == [
        (day, 5, back) for day, back in zip(days, (0, 1, 29), strict=True)
    ]
    last = used[shop, issued.id, today][2]
    assert [row["last_used_at"] for row in actions.list_keys(admin.database, shop)] == [last, None]
