"""The generated tables of docs/ say what the sources say."""

from pathlib import Path

from orderdock import docs

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "reference"


def test_the_tables_are_fresh() -> None:
    assert docs.stale(FOLDER) == [], "run `make docs`"


def test_every_row_of_a_table_has_every_cell() -> None:
    for name, page in docs.PAGES.items():
        for block in page().split("\n\n"):
            rows = [line.replace("\\|", "").count("|") for line in block.splitlines() if line.startswith("|")]
            assert len(set(rows)) <= 1, (name, block[:80])


def test_stale_pages_are_named(tmp_path: Path) -> None:
    docs.write(tmp_path)
    (tmp_path / "errors.md").write_text("old")
    (tmp_path / "fields.md").unlink()
    assert docs.stale(tmp_path) == ["fields.md", "errors.md"]
