"""What can be paid at once; bookings, the app above, fills it in."""

from __future__ import annotations

from core import hooks
from core.money import Bounds


def payment_bounds(currency: str) -> Bounds | None:
    """The least and the most that can be paid at once in a currency; None without limits. Both 0.00: nothing can be paid."""
    found: list[Bounds | None] = hooks.payment_bounds(currency=currency)
    return next((bounds for bounds in found if bounds is not None), None)
