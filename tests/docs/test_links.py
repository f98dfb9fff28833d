"""Every link of the documents leads somewhere, and every decision that the sources name is there."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), ROOT / "bench" / "README.md"])
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
HEADING = re.compile(r"#{1,6} (.+)")
ELSEWHERE = ("http://", "https://", "mailto:")


def lines(page: Path) -> Iterator[str]:
    """The lines of a page that are text: what stands in a fenced block is no link and no heading."""
    fenced = False
    for line in page.read_text().splitlines():
        if line.lstrip().startswith("```"):
            fenced = not fenced
        elif not fenced:
            yield line


def anchors(page: Path) -> set[str]:
    """The anchors that a page's headings make: lower case, without marks, hyphens for blanks."""
    titles = [found[1] for line in lines(page) if (found := HEADING.fullmatch(line))]
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


def links(page: Path) -> list[str]:
    """Where a page leads to within the repository; code in a line is no link."""
    text = "\n".join(re.sub(r"`[^`]*`", "", line) for line in lines(page))
    return [target for target in LINK.findall(text) if not target.startswith(ELSEWHERE)]


@pytest.mark.parametrize("page", [pytest.param(page, id=str(page.relative_to(ROOT))) for page in PAGES])
def test_every_link_resolves(page: Path) -> None:
    lost = []
    for target in links(page):
        name, _, anchor = target.partition("#")
        leads_to = (page.parent / name).resolve() if name else page
        if not leads_to.is_relative_to(ROOT) or not leads_to.exists() or (anchor and anchor not in anchors(leads_to)):
            lost.append(target)
    assert lost == []


def test_there_are_links_to_follow() -> None:
    assert {"docs/quick-start.md", "CHANGELOG.md"} <= set(links(ROOT / "README.md"))


def test_every_page_can_be_reached_from_the_readme() -> None:
    reached, next_pages = set[Path](), [ROOT / "README.md"]
    while next_pages:
        page = next_pages.pop()
        if page.suffix == ".md" and page not in reached:
            reached.add(page)
            targets = [target.partition("#")[0] for target in links(page)]
            next_pages += [(page.parent / target).resolve() for target in targets if target]
    assert [page for page in PAGES if page not in reached] == []


def test_every_decision_that_the_sources_name_is_there() -> None:
    kept = {page.name[:4] for page in (ROOT / "docs" / "decisions").glob("[0-9]*.md")}
    named = {
        number
        for source in (ROOT / "src").rglob("*.py")
        for number in re.findall(r"docs/decisions/(\d{4})", source.read_text())
    }
    assert named <= kept
