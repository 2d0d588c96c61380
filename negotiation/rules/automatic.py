"""Automatic answers of a host (rule 8): percentages of the list amount, read when a bid is made."""

from __future__ import annotations

from decimal import Decimal

from core.money import percent_of
from core.values import value

# The automatic decline comes after so many seconds, as a host's would.
DECLINE_DELAY_S = (10.0, 60.0)
# The line of the automatic decline lies up to so many per cent of the list amount below the host's figure.
DECLINE_SLACK_PERCENT = Decimal(5)
BIDS_A_DAY = 12
# From this number on a guest's bids are counted under the property's lock, so that two at once can't pass together.
BIDS_COUNTED_ALONE = 6
OPENINGS_A_DAY = 3


@value()
class AutoRules:
    """A property's figures, in per cent of the list amount; None where the host set none."""

    accept_percent: Decimal | None = None
    decline_percent: Decimal | None = None


NO_RULES = AutoRules()


def accepts(rules: AutoRules, *, amount: Decimal, list_amount: Decimal) -> bool:
    """Whether a bid of `amount` is good enough to be accepted at once."""
    return rules.accept_percent is not None and amount >= percent_of(rules.accept_percent, list_amount)


def declines(rules: AutoRules, *, amount: Decimal, list_amount: Decimal, slack_percent: Decimal) -> bool:
    """Whether a bid of `amount` is declined a little later; `slack_percent` was drawn for this negotiation."""
    if rules.decline_percent is None:
        return False
    return amount < percent_of(max(rules.decline_percent - slack_percent, Decimal(0)), list_amount)


def decline_delay_ms(chance: float) -> int:
    """Milliseconds until an automatic decline, since times are told in whole ones; `chance` is uniform in [0, 1)."""
    low, high = DECLINE_DELAY_S
    return round(1000 * (low + (high - low) * chance))


def draw_slack(chance: float) -> Decimal:
    """The slack of one negotiation, in per cent; `chance` is uniform in [0, 1)."""
    return (DECLINE_SLACK_PERCENT * Decimal(str(chance))).quantize(Decimal("0.01"))
