"""Prices for some nights, one over the other: of the rules that cover a night the last one holds."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from properties.rules.terms import SeasonPrice

MOST_RULES = 200


def overlaid(rules: Sequence[SeasonPrice], season: SeasonPrice, today: date) -> list[SeasonPrice]:
    """`season`, which is for all weekdays, on top of `rules`. Those that lie wholly under it have nothing left to say,
    but for how many nights a stay has at least.

    Where they become too many the ones whose nights have all passed go as well.
    """
    kept = [rule for rule in rules if rule.min_nights or not (season.start <= rule.start and rule.end <= season.end)]
    if len(kept) >= MOST_RULES:
        kept = [rule for rule in kept if rule.end > today]
    return [*kept, season]
