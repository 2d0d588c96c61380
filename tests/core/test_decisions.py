"""docs/decisions: a page a decision, numbered without a gap, each in the list; every path that the docs lead to is there."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "docs" / "decisions"
PAGES = sorted(FOLDER.glob("[0-9]*.md"))
HEADINGS = ["Context", "Decision", "Consequences"]
TEXTS = [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob(".github/**/*.md"), ROOT / "findings" / "README.md"]
LONGEST = 140


def test_the_numbers_have_no_gap():
    assert [int(page.name[:4]) for page in PAGES] == list(range(1, len(PAGES) + 1))
    assert len(PAGES) > 25


def test_each_page_has_its_date_its_status_and_its_headings():
    for page in PAGES:
        text = page.read_text()
        assert re.match(rf"# {page.name[:4]}\. \S.*\n\n20\d\d-\d\d-\d\d · (accepted|replaced by \d{{4}})\n", text), (
            page.name
        )
        assert re.findall(r"^## (.*)$", text, re.MULTILINE) == HEADINGS, page.name


def test_each_page_stands_in_the_list_by_its_title():
    listed = re.findall(
        r"^\| \[(\d{4})\]\((\S+)\) \| (\S+) \| (.*) \|$", (FOLDER / "README.md").read_text(), re.MULTILINE
    )
    found = []
    for page in PAGES:
        number, title = re.match(r"# (\d{4})\. (.*)", page.read_text()).groups()
        found.append((number, page.name, page.read_text().split("\n")[2][:10], title))
    assert listed == found


def links(text: str) -> list[str]:
    """The files of this project that a page of the docs leads to."""
    targets = re.findall(r"\]\(([^)\s]+)\)", re.sub(r"```.*?```", "", text, flags=re.DOTALL))
    return [
        target.split("#")[0] for target in targets if "://" not in target and not target.startswith(("#", "mailto:"))
    ]


def test_every_link_of_the_docs_leads_to_a_file():
    dead = [(str(page.relative_to(ROOT)), link) for page in TEXTS for link in links(page.read_text())
            if link and not (page.parent / link).exists() and link != "NAME.sh"]  # fmt: skip
    assert not dead


# None, and none to come.
WIDE: set[str] = set()


def test_lines_of_docs_can_be_read_in_a_diff():
    pages = {str(page.relative_to(ROOT)): page.read_text().splitlines() for page in TEXTS}
    long = [(name, n) for name, lines in pages.items() for n, line in enumerate(lines, 1) if len(line) > LONGEST]
    assert not [place for place in long if place[0] not in WIDE]
