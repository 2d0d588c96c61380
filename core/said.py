"""The texts of refusals: English where they are raised, stored and logged; the reader's language where they are shown.

A text is its own key in the catalogue. One that holds values keeps its template and the values beside its English.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any, Self

from django.utils.translation import get_language, gettext

from core.amounts import own_digits, price

PLAIN_NUMBER = re.compile(r"[0-9][0-9,]*(\.[0-9]+)?\Z")


class Said(str):
    """English text made of a `template` (as the catalogue has it) and `values`; `{}` where there are none.

    A value is a text, a whole number, another `Said`, or an amount as (amount, currency).
    """

    template: str
    values: Mapping[str, Any]

    def __new__(cls, template: str, values: Mapping[str, Any] | None = None) -> Self:
        shown = {name: _english(value) for name, value in (values or {}).items()}
        made = super().__new__(cls, template % shown if shown else template)
        made.template, made.values = template, dict(values or {})
        return made

    @property
    def code(self) -> Said:
        """The text itself: the REST framework copies a text's characters and its `code`, and nothing else."""
        return self

    def translated(self) -> str:
        """The text in the active language."""
        words = gettext(self.template) if self.template else ""
        return words % {name: _shown(value) for name, value in self.values.items()} if self.values else words

    def as_stored(self) -> list[Any]:
        """`[template, values]`, which JSON can hold and `from_stored` reads."""
        values = {name: {"said": v.as_stored()} if isinstance(v, Said) else v for name, v in self.values.items()}
        return [self.template, values]

    @classmethod
    def from_stored(cls, stored: list[Any]) -> Said:
        """The text from what `as_stored` wrote."""
        template, values = stored
        nested = {n: cls.from_stored(v["said"]) if isinstance(v, dict) else v for n, v in values.items()}
        return cls(template, nested)


def said(template: str, /, **values: Any) -> Said:
    """A text for a refusal: `said("You keep %(most)s homes already.", most=500)`."""
    return Said(template, values)


def together(texts: Iterable[str], between: str = " ") -> Said:
    """Several texts, one after another."""
    parts = {f"part{number}": as_said(text) for number, text in enumerate(texts)}
    return Said(between.join(f"%({name})s" for name in parts), parts)


def named(name: str, text: str) -> Said:
    """A text behind the name of what it is about: a field or a file."""
    return Said("%(name)s: %(text)s", {"name": name, "text": as_said(text)})


def as_said(text: str) -> Said:
    """`text` as one whose words the catalogue may have."""
    return text if isinstance(text, Said) else Said(text)


def translated(text: str) -> str:
    """A text of a refusal in the active language; as it is where the catalogue does not have it."""
    return as_said(text).translated() if (get_language() or "en") != "en" else str(text)


def _english(value: Any) -> str:
    return f"{value[0]} {value[1]}" if isinstance(value, (tuple, list)) else str(value)


def _shown(value: Any) -> str:
    """A value in the active language. Text of people and dates that have to be typed like that stay as they are."""
    if isinstance(value, Said):
        return value.translated()
    if isinstance(value, (tuple, list)):
        return price(Decimal(value[0]), value[1])
    text = str(value)
    return own_digits(text) if PLAIN_NUMBER.match(text) else text
