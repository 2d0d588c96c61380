"""How long an offer may stand, as its maker can choose on a page."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.utils.translation import gettext as _

HOUR, DAY = 3600, 86400


@dataclass(frozen=True, slots=True)
class Life:
    """`seconds` is the `expires_in` of an offer."""

    seconds: int
    words: str
    usual: bool


def offer_lives() -> list[Life]:
    """The choices from an hour to a week, with a day as the default; none is shorter than OFFER_MIN_EXPIRES_IN."""
    words = {HOUR: _("1 hour"), 6 * HOUR: _("6 hours"), DAY: _("1 day"), 3 * DAY: _("3 days"), 7 * DAY: _("7 days")}
    least = settings.OFFER_MIN_EXPIRES_IN
    return [Life(seconds, name, seconds == DAY) for seconds, name in words.items() if seconds >= least]
