"""A credential as it is shown to whoever sends it (contract 2.19)."""

import json
from dataclasses import replace

import pytest

from orderdock.accounts.decide import meant_by
from orderdock.accounts.model import TAKES, Scope, spell_out
from orderdock.accounts.options import ACCOUNT_OPTIONS, KEY_OPTIONS, defaults
from orderdock.errors import Fault
from orderdock.fields import In, mandatory_fields
from orderdock.kinds import Locale
from orderdock.wire.keys import show_current, written_as
from orderdock.wire.legacy.said import Said, locate
from orderdock.wire.v1_write import said as v1_said

SCOPE = Scope(
    cm_id=1000298, subdomain="kapdemo", key_id=1, key_name="erp-push", kind="key", last4="7f3a",
    operations=spell_out(["order.payment", "order.push"]),
    mandatory={"order.push": ("order.grand_total", "line.sku"), "order.update": ("order.remarks",)}, allowed=None,
    account=defaults(ACCOUNT_OPTIONS, {}),
    settings=defaults(KEY_OPTIONS, {"expires_on": "2026-12-31", "rate_per_minute": 600}), owner=1, enabled=True,
    expires_at=None, networks=(), locale=Locale(),
)  # fmt: skip


def test_the_sample_of_the_contract_to_the_letter() -> None:
    assert json.loads(show_current(SCOPE, 598)) == {
        "name": "erp-push", "kind": "key", "last4": "7f3a", "cmId": 1000298, "subdomain": "kapdemo",
        "operations": ["order.push", "order.payment"], "expires_on": "2026-12-31", "enabled": True,
        "mandatory_fields": {"order.push": ["order.grand_total", "line.sku"]},
        "mandatory_names": {"order.push": ["grand_total", "product_details[].sku_id"]}, "allowed_fields": "*",
        "limits": {"rate_per_minute": 600, "remaining": 598, "batch_max_items": 1000, "body_max_bytes": 16777216},
        "settings": {
            "discount_kind": "amount", "total_mismatch": "warn", "customer_update": "fill",
            "http_status": "compatible", "time_zone": "Asia/Kolkata",
        },
    }  # fmt: skip
    assert list(json.loads(show_current(SCOPE, 598))) == [
        "name", "kind", "last4", "cmId", "subdomain", "operations", "expires_on", "enabled", "mandatory_fields",
        "mandatory_names", "allowed_fields", "limits", "settings",
    ]  # fmt: skip


def test_what_is_not_set_is_null_and_a_list_is_a_list() -> None:
    plain = replace(SCOPE, settings={**defaults(KEY_OPTIONS, {}), "allowed_fields": ["customer.phone"]})
    shown = json.loads(show_current(plain, None))
    assert (shown["expires_on"], shown["allowed_fields"]) == (None, ["customer.phone"])
    assert (shown["limits"]["rate_per_minute"], shown["limits"]["remaining"]) == (None, None)


WANTED = sorted({(operation, found) for operation in TAKES for row in mandatory_fields()
                 if (found := meant_by(row.name, operation))})  # fmt: skip
PLACES = {"order.push": In.LEGACY_ORDER, "order.update": In.LEGACY_ORDER, "order.payment": In.LEGACY_PAYMENT}


@pytest.mark.parametrize(("operation", "field"), [pair for pair in WANTED if pair[0] in PLACES])
def test_legacy_names_are_those_by_which_faults_are_told(operation: str, field: str) -> None:
    at = 0 if field.startswith("line.") else None
    told, _ = locate(Fault("ReqFieldMissing", field, at=at), Said({}, 0, False), PLACES[operation])
    assert written_as(field, operation) == told.replace("[0]", "[]")


V1 = ("order.add-update", "customer.add-update")


@pytest.mark.parametrize(("operation", "field"), [pair for pair in WANTED if pair[0] in V1])
def test_v1_names_are_those_by_which_faults_are_told(operation: str, field: str) -> None:
    at = 0 if field.partition(".")[0] in ("line", "contact", "payment") else None
    told, _ = v1_said.locate(Fault("ReqFieldMissing", field, at=at), v1_said.Said({}))
    assert written_as(field, operation) == told.replace("[0]", "[]")


def test_every_field_that_can_be_asked_for_has_a_name() -> None:
    assert len(WANTED) > 100
    assert all(written_as(field, operation) for operation, field in WANTED)
    assert written_as("order.additional.cess", "order.push") == "cess"
