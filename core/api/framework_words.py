"""Finds the template again of a text that the REST framework filled in, so that it can be said in another language."""

from __future__ import annotations

import re
from collections.abc import Iterator

from core.api.fields import WORDS
from core.said import Said

CHOICES = "Choose one of: {choices}."
VALUE = re.compile(r"\{(\w+)\}")


def said_by(detail: object) -> str:
    """Returns the text of a framework error. The text may quote the input, so NUL and lone surrogates are replaced."""
    if isinstance(code := getattr(detail, "code", None), Said):
        return code
    text = str(detail).encode("utf-8", "replace").decode().replace("\0", "?")
    for pattern, template in TEMPLATES:
        if found := pattern.fullmatch(text):
            return Said(template, found.groupdict())
    return text


def _templates() -> Iterator[tuple[re.Pattern[str], str]]:
    """(what its filled-in texts look like, template) of every text with values; longer ones first, as they say more."""
    texts = {text for texts in WORDS.values() for text in texts.values() if VALUE.search(text)} | {CHOICES}
    for text in sorted(texts, key=len, reverse=True):
        pattern = VALUE.sub(r"(?P<\1>.+)", re.escape(text).replace(r"\{", "{").replace(r"\}", "}"))
        yield re.compile(pattern), VALUE.sub(r"%(\1)s", text)


TEMPLATES = tuple(_templates())
