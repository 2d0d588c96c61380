"""The line about a booking in a letter: home, dates and price."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bookings.models import Booking
from core.amounts import price
from properties.calendar_words import span_words


def subjects_in_letters(*, rows: Sequence[Any], **_more: Any) -> dict[int, str]:
    """notification id → words, of those that are about a booking."""
    of = {row.pk: row.booking_id for row in rows if row.booking_id and row.property_id}
    found = {one.pk: one for one in Booking.objects.select_related("property").filter(pk__in=set(of.values()))}
    return {pk: _words(found[number]) for pk, number in of.items() if number in found}


def _words(one: Booking) -> str:
    return " · ".join((one.property.title, span_words(one.start_date, one.end_date), price(one.total, one.currency)))
