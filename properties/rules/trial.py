"""Which properties haggle by other rules while an operator tries them (setting RULES_TRIAL).

Properties whose host chose another number of offers than the default keep it and are in no arm: the host's choice stands,
and the arms stay comparable.
"""

from __future__ import annotations

from core.trials import Arm, Trial
from properties.rules.terms import PropertyTerms

USUAL_OFFERS = 3


def arm_of(trial: Trial, terms: PropertyTerms) -> Arm | None:
    """The arm of a property; None without a trial, or where the property is in no arm."""
    return trial.arm_of(terms.id) if terms.offers_per_side == USUAL_OFFERS else None


def offers_in(arm: Arm | None, terms: PropertyTerms) -> int:
    """The number of offers that each side has at that property."""
    return int(arm.options.get("offers", terms.offers_per_side)) if arm else terms.offers_per_side


def seals_first(arm: Arm | None) -> bool:
    """Whether the home's page offers sealing a limit before naming a price."""
    return arm is not None and arm.options.get("seal") == "first"
