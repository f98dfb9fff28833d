"""Whatever callers send, the legacy writer reads it without an exception and prints JSON about it."""

from typing import Any

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from orderdock.accounts.model import Scope
from orderdock.accounts.options import ACCOUNT_OPTIONS, KEY_OPTIONS, defaults
from orderdock.errors import AccountMismatch, Fault
from orderdock.fields import FIELDS, In, read_at
from orderdock.kinds import Locale
from orderdock.orders.model import Outcome, Verdict
from orderdock.wire import body
from orderdock.wire.legacy import read_writes, render_writes
from orderdock.wire.legacy.places import LINE_NAMES, ORDER_NAMES, PAYMENT_NAMES
from orderdock.wire.legacy_people.customers import PUSH, read_customer, show_customer
from orderdock.wire.legacy_people.items import read_items, render_items

SCOPE = Scope(
    cm_id=1, subdomain="a", key_id=1, key_name="erp", kind="key", last4="abcd",
    operations=frozenset({"order.push", "order.update", "order.payment", "customer.push"}), mandatory={}, allowed=None,
    account=defaults(ACCOUNT_OPTIONS, {}), settings=defaults(KEY_OPTIONS, {}), owner=1, enabled=True, expires_at=None,
    networks=(), locale=Locale(),
)  # fmt: skip

texts = st.text(max_size=20) | st.sampled_from(
    ["", "0", "5", "1.5", "-1", "yyyy-mm-dd", "2024-05-08", "+91 81234 56789"]
)
scalars = (
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats(allow_nan=False, allow_infinity=False) | texts
)
values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3), max_leaves=6
)
lines = st.dictionaries(st.sampled_from(sorted(LINE_NAMES)) | texts, values, max_size=5) | values
names = st.sampled_from(sorted({*ORDER_NAMES, *PAYMENT_NAMES})) | texts
items = (
    st.dictionaries(names, values, max_size=8)
    | st.fixed_dictionaries({"product_details": st.lists(lines, max_size=3)})
    | values
)
people = st.dictionaries(st.sampled_from(sorted(read_at(In.LEGACY_CUSTOMER))) | texts, values, max_size=8) | values
domain_faults = st.builds(
    Fault,
    st.just("InvalidType"),
    st.sampled_from(sorted(FIELDS)) | texts,
    st.just(""),
    st.just(""),
    st.none() | st.integers(0, 3),
)


@given(st.lists(items, min_size=1, max_size=3), st.booleans(), st.lists(domain_faults, max_size=3))
def test_anything_is_read_and_told(sent: list[Any], was_array: bool, more: list[Fault]) -> None:
    decoded = body.read(msgspec.json.encode(sent))
    try:
        commands = read_writes(decoded, was_array, SCOPE)
    except AccountMismatch:
        return
    verdicts = []
    for command in commands:
        faults = [*command.faults, *more]
        verdicts.append(Verdict("failed" if faults else "created", command, faults, command.warnings, 1, 2, 3, 4))
    status, answer = render_writes(verdicts, SCOPE)
    assert status == 200
    assert msgspec.json.decode(answer)


@given(st.lists(people, min_size=1, max_size=3), st.booleans(), st.lists(domain_faults, max_size=3))
def test_any_customer_is_read_and_told(sent: list[Any], was_array: bool, more: list[Fault]) -> None:
    decoded = body.read(msgspec.json.encode(sent))
    try:
        commands = read_items(decoded, was_array, SCOPE, PUSH, read_customer)
    except AccountMismatch:
        return
    verdicts = []
    for command in commands:
        faults = [*command.faults, *more]
        outcome: Outcome = "failed" if faults else "created"
        verdicts.append(Verdict(outcome, command, faults, command.warnings, customer_id=2))
    status, answer = render_items(
        verdicts, SCOPE, lambda verdict: show_customer(verdict, scope=SCOPE, minimal=False, dry_run=True)
    )
    assert status == 200
    shown = msgspec.json.decode(answer)
    for one in shown if isinstance(shown, list) else [shown]:
        assert (one["status"] == "success") != ("Error" in one)
