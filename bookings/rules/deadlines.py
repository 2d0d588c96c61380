"""Deadlines of a booking. Numbers are seconds, moments are UTC.

Source: docs/rest.md, "Booking".
"""

from __future__ import annotations

from datetime import datetime, timedelta

# While a payment runs, nothing is expired or cancelled for this long.
PROCESSING_GRACE = timedelta(minutes=30)
# A guest always has at least this long to pay, even where noon of the check-in day comes sooner.
LEAST_TO_PAY = timedelta(minutes=30)
# How long after check-out the parties still see each other's contact.
CONTACT_AFTER = timedelta(days=30)


def pay_by(now: datetime, noon: datetime, within_s: int) -> datetime:
    """When an agreed stay must be paid: `within_s` from now, or sooner at `noon` of the check-in day there."""
    return min(now + timedelta(seconds=within_s), max(noon, now + LEAST_TO_PAY))


def hold_ends(hold_expires_at: datetime, processing_since: datetime | None) -> datetime:
    """When a hold, or the time to pay an agreed stay, really ends: a running payment carries it further."""
    if processing_since is None:
        return hold_expires_at
    return max(hold_expires_at, processing_since + PROCESSING_GRACE)
