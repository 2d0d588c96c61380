"""What can be paid, as the floor above knows it."""

from __future__ import annotations

from core import hooks
from core.money import Bounds


def payment_bounds(currency: str) -> Bounds | None:
    """What can be paid at once in a currency; None where nothing limits it. Both 0.00: nothing can."""
    found: list[Bounds | None] = hooks.payment_bounds(currency=currency)
    return next((bounds for bounds in found if bounds is not None), None)
