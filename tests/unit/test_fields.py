"""The registry: every field once, whole, and in step with the contract's dictionary, the tables and the kinds."""

from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from jsonschema_rs import Draft202012Validator

from orderdock import tables
from orderdock.fields import (
    ALL_FIELDS,
    CONTACT_FIELDS,
    CUSTOMER_FIELDS,
    ENQUIRY_FIELDS,
    FIELDS,
    LINE_FIELDS,
    ORDER_FIELDS,
    PAYMENT_FIELDS,
    Field,
    In,
    Mandatory,
    Out,
    mandatory_fields,
    read_at,
    resolve,
    shown_at,
)
from orderdock.kinds import EXTRA, OBJECTS, RECORDS, TEXT_OR_OBJECT, Kind, Locale, from_json, to_json

LOCALE = Locale()
DICTIONARY = Path(__file__).with_name("dictionary.txt")
Row = tuple[str, str, str]

# Tables that keep a record: its fields, and the columns that are bookkeeping (the account and the key left out).
KEPT: dict[str, tuple[sa.Table, tuple[Field, ...], str]] = {
    "order": (
        tables.orders, ORDER_FIELDS,
        "revision received_at deleted_at total_given assigned_reason contact_phone_key contact_email_key"
        " contact_name_key words_key",
    ),
    "line": (tables.order_line, LINE_FIELDS, "order_id line_no"),
    "payment": (tables.payment_entry, PAYMENT_FIELDS, "entry_no order_id at"),
    "customer": (
        tables.customer, CUSTOMER_FIELDS,
        "revision created_at modified_at creator_id main_contact_id merged_into phone_key email_key name_key words_key",
    ),
    "contact": (
        tables.contact, CONTACT_FIELDS, "customer_id created_at modified_at own phone_key phone2_key email_key",
    ),
    "enquiry": (
        tables.enquiry, ENQUIRY_FIELDS, "customer_id revision modified_at creator_id assigned_reason",
    ),
}  # fmt: skip
# Contract section 3, the column "mand.": what is not `yes`.
SYSTEM = {"order.id", "payment.id", "payment.amount"}
NEVER = {
    "order.account", "order.customer", "order.modified_at", "order.product_quantity", "order.product_value",
    "order.gross_value", "order.discount", "order.creator", "order.contact_name", "order.contact_phone",
    "order.contact_email", "order.contact_address", "order.contact_zip", "order.contact_company",
    "line.value", "payment.kind", "customer.individual", "customer.organization", "customer.channel_partner",
    "contact.id", "contact.additional", "enquiry.created_at",
}  # fmt: skip


def stored(row: Field, raw: Any) -> Any:
    """What is kept of a value as a caller sends it; open objects by way of the merge that alone stores them."""
    value = row.kind.read(raw, LOCALE, [])
    return EXTRA.merge(None, value) if row.kind is EXTRA else value


def test_a_field_has_help_and_an_example() -> None:
    for row in ALL_FIELDS:
        assert row.help.strip(), row.name
        assert row.help.endswith("."), row.name
        notes: list[tuple[str, str]] = []
        assert row.kind.read(row.example, LOCALE, notes) is not None, row.name
        assert notes == [], row.name


def test_an_example_survives_the_legacy_text() -> None:
    for row in [row for row in ALL_FIELDS if row.kind not in (EXTRA, OBJECTS, RECORDS, TEXT_OR_OBJECT)]:
        value = stored(row, row.example)
        text = row.kind.show(value, LOCALE)
        assert isinstance(text, str)
        assert stored(row, text) == value, row.name


def test_an_example_survives_json() -> None:
    for row in ALL_FIELDS:
        value = stored(row, row.example)
        assert stored(row, from_json(to_json(row.kind.plain(value)))) == value, row.name


def test_field_names_are_unique() -> None:
    assert [name for name, times in Counter(row.name for row in ALL_FIELDS).items() if times > 1] == []
    columns = Counter((row.record, row.column) for row in ALL_FIELDS if row.column)
    assert [column for column, times in columns.items() if times > 1] == []


def test_a_name_means_one_thing_in_one_place_but_for_the_shared_rows() -> None:
    shared = {
        row.name for place in In for feeds in read_at(place).values() if len({f.name for f, _ in feeds}) > 1
        for row, _ in feeds
    }  # fmt: skip
    assert shared == {row.name for row in ALL_FIELDS if row.shared}


def test_a_row_says_a_name_once_in_a_place() -> None:
    for row in ALL_FIELDS:
        for names in [*row.ins.values(), *row.outs.values()]:
            assert len({name.word for name in names}) == len(names)


@pytest.mark.parametrize("place", list(Out))
def test_an_answer_shows_one_field_under_a_name(place: Out) -> None:
    words = [name.word for row in ALL_FIELDS for name in row.outs.get(place, ())]
    assert sorted(words) == sorted(shown_at(place))


def test_a_kind_is_a_column_or_a_list_of_records() -> None:
    for row in ALL_FIELDS:
        assert row.kind.sql in ("text", "bigint", "")
        assert (row.kind.sql == "") == (row.kind is RECORDS)
        if not row.kind.sql:
            assert row.column == ""


@pytest.mark.parametrize("record", list(KEPT))
def test_a_table_has_the_columns_of_the_registry_and_its_bookkeeping(record: str) -> None:
    table, rows, bookkeeping = KEPT[record]
    columns = {row.column: row.kind.sql for row in rows if row.column}
    have = {column.name: "text" if isinstance(column.type, sa.Text) else "bigint" for column in table.columns}
    assert set(have) == {"cm_id", *columns, *bookkeeping.split()} | ({"id"} if "id" in table.primary_key else set())
    assert {name: have[name] for name in columns} == columns
    assert set(columns) & {"cm_id", *bookkeeping.split()} == set()


# ------------------------------------------------------------------------------------------------ JSON Schema


def fits(value: Any, schema: dict[str, Any]) -> bool:
    return Draft202012Validator(schema).is_valid(value)


def test_the_schema_of_a_kind_takes_its_example() -> None:
    for row in ALL_FIELDS:
        schema = row.kind.schema()
        assert fits(row.example, schema)
        assert fits(None, schema)
        assert fits("", schema)


KINDS = [pytest.param(kind, id=kind.label) for kind in {row.kind.label: row.kind for row in ALL_FIELDS}.values()]


@pytest.mark.parametrize("kind", KINDS)
def test_the_schema_of_a_kind_takes_what_it_prints(kind: Kind) -> None:
    row = next(row for row in ALL_FIELDS if row.kind is kind or row.kind.label == kind.label)
    assert fits(from_json(to_json(row.kind.plain(stored(row, row.example)))), kind.schema())


# ------------------------------------------------------------------------------------------------ the dictionary


def side_of(place: In | Out) -> str:
    return f"{'legacy' if place.value.startswith('legacy') else 'v1'} {'in' if isinstance(place, In) else 'out'}"


def written() -> dict[Row, str]:
    """(field, side, name) of the contract's dictionary -> where else the name stands."""
    found = {}
    for line in DICTIONARY.read_text().splitlines():
        if not line.startswith("#"):
            name, side, word, *where = line.split("\t")
            found[name, side, word] = where[0] if where else ""
    return found


def registered() -> set[Row]:
    places = [(row, {**row.ins, **row.outs}) for row in ALL_FIELDS]
    return {(row.name, side_of(at), name.word) for row, all_ in places for at, names in all_.items() for name in names}


def test_the_registry_has_every_name_of_the_contract_and_no_other() -> None:
    contract, registry = written(), registered()
    plain = {row for row, where in contract.items() if not where or where.startswith("section")}
    assert sorted(plain - registry) == []
    assert sorted(registry - plain) == []


def test_names_that_stand_in_another_row_are_there() -> None:
    registry = registered()
    for (_, side, word), where in written().items():
        if where.startswith("row "):
            assert (where.removeprefix("row "), side, word) in registry
    assert {where.split()[0] for where in written().values() if where} == {"row", "by", "section"}


def test_every_field_of_the_contract_is_in_the_registry_and_the_other_way_round() -> None:
    unnamed = {"contact.additional"}  # kept for unknown members (contract 1.9); the dictionary has no row for it
    assert {name for name, _, _ in written()} | unnamed | {"line.additional"} == set(FIELDS)


# ------------------------------------------------------------------------------------------------ mandatory, resolve


def test_mandatory_fields_are_those_of_the_contract() -> None:
    assert {row.name for row in ALL_FIELDS if row.mandatory is Mandatory.SYSTEM} == SYSTEM
    assert {row.name for row in ALL_FIELDS if row.mandatory is Mandatory.NO} == NEVER
    assert {row.name for row in mandatory_fields()} == set(FIELDS) - SYSTEM - NEVER


def test_an_administrator_may_say_a_field_by_any_of_its_names() -> None:
    for row in ALL_FIELDS:
        assert resolve(row.name) == (row,)
        for names in row.ins.values():
            for name in names:
                assert row in resolve(name.word)


def test_a_path_into_a_list_means_the_fields_of_its_records() -> None:
    assert [row.name for row in resolve("product_details[].product_details")] == ["line.name", "line.description"]
    assert resolve("no such name") == ()
