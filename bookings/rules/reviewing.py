"""When a stay may be reviewed, until when a review may be changed, and when both sides read what was written.

Source: docs/bookings.md, "Reviews".
"""

from __future__ import annotations

from datetime import datetime, timedelta

# The time after check-out in which both sides may write.
REVIEW_WITHIN = timedelta(days=60)
# The time in which a writer may change a review or take it back.
EDIT_WITHIN = timedelta(hours=1)


def ends_at(check_out_at: datetime) -> datetime:
    """Until when either side may write; a review without a counterpart is shown from then on."""
    return check_out_at + REVIEW_WITHIN


def may_change(*, created_at: datetime, shows_at: datetime | None, now: datetime) -> bool:
    """Whether its writer may change a review or take it back: for an hour, and never once it can be read, because a writer who
    has read the other side's review would answer it with other stars."""
    shown = shows_at is None or shows_at <= now
    return not shown and now < created_at + EDIT_WITHIN
