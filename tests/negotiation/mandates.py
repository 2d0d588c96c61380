"""What tests of mandates share: one of a side, which limit refused, what a stay costs."""

from decimal import Decimal
from typing import Any

from accounts.models import Mandate
from negotiation.selectors.mandates import get_standings
from tests.factories.accounts import make_mandate
from tests.negotiation.play import Play, code, opened


def given(play: Play, side: str = "guest", **values: Any) -> Mandate:
    """A mandate of one side of `play`."""
    user = play.guest if side == "guest" else play.host
    values = {name: Decimal(value) if name in ("max_total", "min_percent") else value for name, value in values.items()}
    return make_mandate(user, side=side, now=play.now, **values)[0]


def limit_of(outcome: Any) -> str:
    """Which limit of the mandate refused it; else the code."""
    told = code(outcome)
    return outcome.error.params["limit"] if told == "mandate.exceeded" else told


def total(amount: str) -> Decimal:
    """All in: fee and tax of the test's settings on the stay's price."""
    play = opened(amount)
    return Decimal(play.negotiation.offers.get().quote["total"])


def stake(mandate: Mandate, play: Play) -> Decimal:
    return get_standings([mandate.pk], play.now)[mandate.pk].total
