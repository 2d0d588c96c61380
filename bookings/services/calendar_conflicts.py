"""Tells a host of nights that are booked here and on another site, in the transaction that finds the conflict."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from accounts.services.notifications import notify
from bookings.models import Booking
from properties.calendar_words import conflict_title
from properties.models import Property


def tell_conflict(*, property_id: int, entry_id: int, calendar: str, now: datetime, **_more: Any) -> None:
    """Tells the host of a property that the other site's `calendar` has an event on nights of one of its entries."""
    home = Property.objects.get(pk=property_id)
    booking = Booking.objects.filter(calendar_entry_id=entry_id).select_related("guest").first()
    who = booking.guest.name if booking else _("a guest")
    notify(
        user_id=home.host_id, kind="calendar.conflict",
        title=conflict_title(calendar=calendar, who=who, home=home.title or str(home)), now=now, property_id=property_id,
        booking_id=booking.pk if booking else None, negotiation_id=booking.negotiation_id if booking else None,
    )  # fmt: skip
