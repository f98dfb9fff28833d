"""The generated tables of docs/ say what the sources say."""

from pathlib import Path

import pytest

from orderdock import docs
from orderdock.fields import ALL_FIELDS, In

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "reference"


def test_the_tables_are_fresh() -> None:
    assert docs.stale(FOLDER) == [], "run `make docs`"


def test_every_row_of_a_table_has_every_cell() -> None:
    for name, page in {**docs.PAGES, **docs.TABLES}.items():
        for block in page().split("\n\n"):
            rows = [line.replace("\\|", "").count("|") for line in block.splitlines() if line.startswith("|")]
            assert len(set(rows)) <= 1, (name, block[:80])


def test_stale_pages_are_named(tmp_path: Path) -> None:
    docs.write(tmp_path)
    (tmp_path / "errors.md").write_text("old")
    (tmp_path / "fields.md").unlink()
    assert docs.stale(tmp_path) == ["fields.md", "errors.md"]


def test_every_table_stands_in_a_guide() -> None:
    guides = "".join(page.read_text() for page in FOLDER.parent.glob("*.md"))
    assert [name for name in docs.TABLES if f"<!-- made: {name} -->" not in guides] == []


def test_the_tables_of_a_guide_are_made_anew(tmp_path: Path) -> None:
    guide = tmp_path / "guide.md"
    guide.write_text("before\n\n<!-- made: failures -->\nold\n<!-- end -->\n\nafter\n")
    assert "guide.md" in docs.stale(tmp_path / "reference")
    docs.write(tmp_path / "reference")
    assert docs.stale(tmp_path / "reference") == []
    text = guide.read_text()
    assert text.startswith("before\n\n<!-- made: failures -->\n\n| operation |")
    assert text.endswith("|\n\n<!-- end -->\n\nafter\n")
    assert "old" not in text


def test_a_table_that_there_is_not_is_refused() -> None:
    with pytest.raises(KeyError):
        docs.woven("<!-- made: no-such -->\n<!-- end -->")


def test_every_name_of_the_legacy_family_stands_in_its_guide() -> None:
    guide = (FOLDER.parent / "legacy-api.md").read_text()
    places = (In.LEGACY_ORDER, In.LEGACY_LINE, In.LEGACY_PAYMENT, In.LEGACY_CUSTOMER)
    words = {name.word for row in ALL_FIELDS for place in places for name in row.ins.get(place, ())}
    assert [word for word in words if f"`{word}`" not in guide and not word.startswith("attr")] == []


def test_every_kind_that_the_legacy_family_reads_is_explained() -> None:
    guide = (FOLDER.parent / "legacy-api.md").read_text()
    places = (In.LEGACY_ORDER, In.LEGACY_LINE, In.LEGACY_PAYMENT)
    labels = {row.kind.label for row in ALL_FIELDS for place in places if place in row.ins}
    assert [label for label in labels if f"\n| {label} | " not in guide] == []
