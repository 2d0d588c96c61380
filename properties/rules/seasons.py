"""Price rules laid over each other: of the rules that cover a night, the last applies."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from properties.rules.terms import SeasonPrice

MOST_RULES = 200


def overlaid(rules: Sequence[SeasonPrice], season: SeasonPrice, today: date) -> list[SeasonPrice]:
    """`rules` with `season`, which is for all weekdays, on top. Of rules that lie wholly under it only the least number of
    nights remains.

    Where they become too many, rules whose nights have all passed are dropped.
    """
    kept = [rule for rule in rules if rule.min_nights or not (season.start <= rule.start and rule.end <= season.end)]
    if len(kept) >= MOST_RULES:
        kept = [rule for rule in kept if rule.end > today]
    return [*kept, season]
