"""Decides whether a review counts: reviews by friends and second accounts of a host do not."""

from __future__ import annotations

from datetime import datetime

from accounts.selectors.relations import share_address
from bookings.gateways import payment_bounds
from bookings.models import Booking, Payment
from bookings.selectors.refunds import get_balance
from core.money import unit_of


def counts_for_rating(booking: Booking, now: datetime) -> bool:
    """Whether a review of that stay counts for ratings: at least the least amount that a gateway takes was paid for it, and its
    two sides share neither an address nor a card."""
    bounds = payment_bounds(currency=booking.currency)
    held = get_balance(booking.pk)
    paid = held.kept if held.paid else booking.total
    if paid < (bounds.least if bounds and bounds.least else unit_of(booking.currency)):
        return False
    return not share_address(booking.guest_id, booking.host_id, now) and not _share_card(booking)


def _share_card(booking: Booking) -> bool:
    """Whether both have ever paid with the same card, for any stay."""
    cards = Payment.objects.exclude(card=None)
    theirs = cards.filter(booking__guest_id=booking.host_id).values("card")
    return cards.filter(booking__guest_id=booking.guest_id, card__in=theirs).exists()
