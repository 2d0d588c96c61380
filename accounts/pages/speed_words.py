"""The words of `accounts.rules.answer_speed` in the page's language."""

from __future__ import annotations

from django.utils.translation import gettext as _


def speed_words(words: str | None) -> str:
    """`within an hour` as the page says it; "" where nothing was answered yet."""
    known = {
        "within an hour": _("within an hour"),
        "within a few hours": _("within a few hours"),
        "within a day": _("within a day"),
        "a few days or more": _("in a few days or more"),
    }
    return known.get(words or "", "")
