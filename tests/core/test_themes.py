"""Light and dark: chosen in a browser, and readable in both."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.test import Client

ROOT = Path(__file__).resolve().parents[2]
TOKENS = ROOT / "core/static/core/tokens.css"
DARK = ROOT / "core/static/core/dark.css"
TOKEN = re.compile(r"--([a-z-]+): (#[0-9a-f]{6});")
COLOUR = re.compile(r"#[0-9a-fA-F]{3,8}\b|rgba?\(|hsla?\(")
# A code for a camera is black on white in every theme; paper is white; the REST documents are drawn by another's sheet.
MAY_COLOUR = ("vendor/", "tokens.css", "dark.css", "second_factor.css", "api_docs.css")
# Words on a ground. What a side or a state is filled with carries --on-fill.
GROUNDS = ("paper", "card", "sunken")
PAIRS = [
    *((words, ground) for words in ("ink", "ink-soft", "brand-strong") for ground in GROUNDS),
    *((words, ground) for words in ("amber", "danger", "success") for ground in ("paper", "card")),
    *(("muted", ground) for ground in ("paper", "card")),
    *((words, ground) for words in ("muted-on-tint", "ink") for ground in ("sunken", "brand-tint", "amber-tint")),
    *((f"{name}-strong", f"{name}-tint") for name in ("brand", "amber", "success", "danger")),
    *(
        ("on-fill", name)
        for name in ("brand", "brand-strong", "amber", "amber-strong", "success", "danger", "danger-strong")
    ),
    ("paper", "ink"),
    ("ink", "land"),
    ("muted-on-tint", "land"),
]


def colours(theme: str) -> dict[str, str]:
    light = dict(TOKEN.findall(TOKENS.read_text()))
    return light | (dict(TOKEN.findall(DARK.read_text())) if theme == "dark" else {})


def luminance(colour: str) -> float:
    """Relative luminance. Source: WCAG 2.2."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    bright, dim = sorted((luminance(one), luminance(other)), reverse=True)
    return (bright + 0.05) / (dim + 0.05)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_words_can_be_read_on_their_ground(theme: str) -> None:
    shown = colours(theme)
    faint = {pair: round(contrast(*(shown[name] for name in pair)), 2) for pair in PAIRS}
    assert {pair: value for pair, value in faint.items() if value < 4.5} == {}
    # The edge of a field.
    assert contrast(shown["line-strong"], shown["card"]) >= 3


def test_dark_knows_every_colour_of_the_light_and_no_other() -> None:
    names = {name for name, _ in TOKEN.findall(TOKENS.read_text())}
    dark = {name for name, _ in TOKEN.findall(DARK.read_text())}
    # The mark is the same sign in both.
    assert names - dark == {"mark"}
    assert dark - names == set()


def test_colours_stand_in_the_tokens_alone() -> None:
    sheets = [path for path in ROOT.glob("*/static/**/*.css") if not any(part in str(path) for part in MAY_COLOUR)]
    assert len(sheets) > 20
    found = {str(path.relative_to(ROOT)): COLOUR.findall(path.read_text()) for path in sheets}
    # What is printed stands on white.
    found["core/static/core/frame.css"].remove("#fff")
    assert {path: colours for path, colours in found.items() if colours} == {}


@pytest.mark.parametrize(
    ("cookie", "said", "sheet"),
    [
        ("", "", "screen and (prefers-color-scheme: dark)"),
        ("dark", ' data-theme="dark"', "screen"),
        ("light", ' data-theme="light"', "not all"),
        ('"><script>', "", "screen and (prefers-color-scheme: dark)"),
    ],
)
@pytest.mark.django_db
def test_a_page_comes_in_the_theme_of_its_browser(client: Client, cookie: str, said: str, sheet: str) -> None:
    if cookie:
        client.cookies["theme"] = cookie
    page = client.get("/login/").content.decode()
    assert f'<html lang="en"{said}>' in page
    assert f'dark.css" media="{sheet}" data-dark>' in page
    bars = re.findall(r'<meta name="theme-color" content="(#[0-9a-f]+)"', page)
    assert bars == {"dark": ["#14181a"], "light": ["#fbfaf7"]}.get(cookie, ["#fbfaf7", "#14181a"])


@pytest.mark.django_db
def test_the_switch_works_without_scripts() -> None:
    client = Client()
    answer = client.post("/theme/", {"theme": "dark"}, headers={"Referer": "http://testserver/about/help/"})
    assert (answer.status_code, answer["Location"]) == (302, "http://testserver/about/help/")
    assert (answer.cookies["theme"].value, answer.cookies["theme"]["samesite"]) == ("dark", "Lax")
    assert 'data-theme="dark"' in client.get("/login/").content.decode()
    back = client.post("/theme/", {"theme": ""}, headers={"Referer": "https://elsewhere.example/"})
    assert back["Location"] == "/"
    assert "data-theme=" not in client.get("/login/").content.decode()
    assert client.get("/theme/").status_code == 405
