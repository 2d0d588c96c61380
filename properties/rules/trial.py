"""Which homes live under other rules of the haggle while an operator tries them (setting RULES_TRIAL).

Homes whose host chose another number of offers than the usual one keep it and are in no arm: what a host chose stands,
and the arms hold alike homes.
"""

from __future__ import annotations

from core.trials import Arm, Trial
from properties.rules.terms import PropertyTerms

USUAL_OFFERS = 3


def arm_of(trial: Trial, terms: PropertyTerms) -> Arm | None:
    """The arm of a home; None where there is no trial, or where it is in none."""
    return trial.arm_of(terms.id) if terms.offers_per_side == USUAL_OFFERS else None


def offers_in(arm: Arm | None, terms: PropertyTerms) -> int:
    """How many offers each side has at that home."""
    return int(arm.options.get("offers", terms.offers_per_side)) if arm else terms.offers_per_side


def seals_first(arm: Arm | None) -> bool:
    """Whether the home's page offers sealing a limit before naming a price."""
    return arm is not None and arm.options.get("seal") == "first"
