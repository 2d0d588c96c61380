"""A page loads the stylesheets of the parts that it shows, and each part has its style in one place."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from itertools import chain
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
APPS = ("core", "accounts", "properties", "bookings", "negotiation")
TEMPLATES = {
    str(path.relative_to(ROOT / app / "templates")): path.read_text()
    for app in APPS
    for path in (ROOT / app / "templates").rglob("*.html")
    if "admin" not in path.parts
}
SHEETS = {
    str(path.relative_to(ROOT / app / "static")): path.read_text()
    for app in APPS
    for path in (ROOT / app / "static").rglob("*.css")
    if "vendor" not in path.parts
}
USED = re.compile(r'{% (?:extends|include) "([^"]+)"')
LINKED = re.compile(r"static '([^']+\.css)'")
CLASSES = re.compile(r'class="([^"]*)"')
TAG = re.compile(r"{[{%].*?[%}]}", re.DOTALL)
# These sheets add to classes that others own: sizes by class, and the room on each screen.
ADD = {"core/base.css", "negotiation/room/screens.css"}


@cache
def selectors(sheet: str) -> frozenset[str]:
    text = re.sub(r"/\*.*?\*/", "", SHEETS[sheet], flags=re.DOTALL)
    lists = re.findall(r"([^{}@;]+){", text)
    return frozenset(one.strip() for group in lists for one in group.split(","))


def styled(sheet: str) -> set[str]:
    """The classes with which a selector of the sheet begins; `is-…` is a state that many parts have."""
    return {found[1] for one in selectors(sheet) if (found := re.match(r"(?::is\()?\.(?!is-)([\w-]+)", one))}


def parts(page: str, seen: set[str]) -> Iterator[str]:
    """A page, what it extends and what it includes."""
    if page in TEMPLATES and page not in seen:
        seen.add(page)
        yield TEMPLATES[page]
        yield from chain.from_iterable(parts(part, seen) for part in USED.findall(TEMPLATES[page]))


def test_a_page_loads_the_style_of_each_class_that_it_uses() -> None:
    everywhere = set(chain.from_iterable(map(styled, SHEETS)))
    unstyled = {}
    pages = [name for name, text in TEMPLATES.items() if "{% extends" in text]
    for page in pages:
        texts = list(parts(page, set()))
        here = {name for text in texts for sheet in LINKED.findall(text) if sheet in SHEETS for name in styled(sheet)}
        used = {name for text in texts for found in CLASSES.findall(text) for name in TAG.sub(" ", found).split()}
        if missing := used & everywhere - here:
            unstyled[page] = sorted(missing)
    assert len(pages) > 50
    assert not unstyled, "link the sheet in the page, or move the part's style to core/static/core/pieces"


def test_a_class_has_its_style_in_one_sheet() -> None:
    sheets: dict[str, set[str]] = {}
    for sheet in SHEETS.keys() - ADD:
        for one in selectors(sheet):
            if re.fullmatch(r"\.[\w-]+", one):
                sheets.setdefault(one, set()).add(sheet)
    assert len(sheets) > 300
    assert not {name: sorted(found) for name, found in sheets.items() if len(found) > 1}
