"""Draws the picture of an account that has none: its initials on one of a few colours."""

from __future__ import annotations

import re
import unicodedata

from PIL import Image, ImageDraw, ImageFont

from core.web.drawn_pictures import drawn

SIDE, SMOOTH = 256, 2
WHITE = (255, 255, 255)
# White reads on each of them with a contrast of at least 4.5 : 1.
COLOURS = (
    (11, 110, 79), (37, 99, 174), (140, 60, 120), (166, 76, 20), (86, 84, 160), (15, 112, 122), (178, 44, 62), (92, 96, 60),
)  # fmt: skip
NAME = re.compile(r"([A-Z0-9]{0,2})-([0-7])\Z")


def drawn_person(user_id: int, first: str, last: str, username: str) -> str:
    """The file name of the drawn picture of an account."""
    return drawn("person", f"{initials(first, last, username)}-{user_id % len(COLOURS)}")


def initials(first: str, last: str, username: str) -> str:
    """At most two capital letters of the name, else of the user name, in Latin script; "" where none can be told."""
    letters = [_latin(word) for word in (first, last) if word] or [_latin(username)]
    return "".join(letters)


def _latin(word: str) -> str:
    """The first letter or digit of a word. Another script's letter is named by Unicode: BENGALI LETTER RA is an R."""
    for letter in unicodedata.normalize("NFKD", word):
        if letter.isascii() and letter.isalnum():
            return letter.upper()
        _, found, name = unicodedata.name(letter, "").partition(" LETTER ")
        if found and name[:1].isascii() and name[:1].isalpha():
            return name[0]
    return ""


def draw_person(name: str) -> Image.Image | None:
    """256 × 256 px: `RU-3` is R and U on the fourth colour; without letters a bust. None for any other name."""
    match = NAME.match(name)
    if match is None:
        return None
    letters, colour = match[1], COLOURS[int(match[2])]
    image = Image.new("RGB", (SIDE * SMOOTH, SIDE * SMOOTH), colour)
    pen, middle = ImageDraw.Draw(image), SIDE * SMOOTH / 2
    if letters:
        pen.text((middle, middle), letters, WHITE, ImageFont.load_default(112 * SMOOTH), anchor="mm")
    else:
        pen.ellipse([middle - 84, 110, middle + 84, 278], WHITE)
        pen.ellipse([middle - 160, 316, middle + 160, 700], WHITE)
    return image.reduce(SMOOTH)
