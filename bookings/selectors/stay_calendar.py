"""A stay as an entry of its guest's or host's own calendar (RFC 5545)."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils.translation import gettext as _
from icalendar import Calendar, Event

from bookings.models import Booking
from bookings.selectors.bookings import access_booking
from bookings.selectors.contact import may_see_address
from properties.models import Location

PRODUCT = "-//StayNest//Stay//EN"


def get_stay_calendar(booking_id: int, *, user_id: int, now: datetime) -> bytes:
    """The file, for one of the two parties: check-in to check-out in the property's zone, the address as `address_of` shows it.

    A booking that ended without a stay is `CANCELLED`, so that calendars which have it drop it. Raises `not_found`.
    """
    booking = access_booking(booking_id, user_id=user_id)
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add_component(_event(booking, user_id, now))
    calendar.add_missing_timezones()
    return bytes(calendar.to_ical())


STATUSES = {"pending": "TENTATIVE", "confirmed": "CONFIRMED", "completed": "CONFIRMED"}


def _event(booking: Booking, user_id: int, now: datetime) -> Event:
    zone = ZoneInfo(booking.property.timezone)
    page = f"{settings.PUBLIC_URL}/bookings/{booking.pk}/"
    event = Event()
    event.add("uid", f"stay-{booking.pk}@{settings.PUBLIC_URL.partition('://')[2]}")
    event.add("dtstamp", now)
    event.add("last-modified", booking.updated_at)
    event.add("sequence", int(booking.updated_at.timestamp()) - int(booking.created_at.timestamp()))
    event.add("dtstart", booking.check_in_at.astimezone(zone))
    event.add("dtend", booking.check_out_at.astimezone(zone))
    is_guest = user_id == booking.guest_id
    who = booking.property.title if is_guest else booking.guest.name
    words = _("Stay at %(home)s") if is_guest else _("%(home)s at your home")
    event.add("summary", words % {"home": who})
    event.add("description", page)
    event.add("url", page)
    event.add("status", STATUSES.get(booking.status, "CANCELLED"))
    event.add("location", address_of(booking, user_id=user_id, now=now) or _place(booking))
    return event


def _place(booking: Booking) -> str:
    return Location.objects.values_list("selected_location", flat=True).get(property=booking.property_id)


def get_shown_point(booking: Booking, *, user_id: int, now: datetime) -> tuple[float, float]:
    """Latitude and longitude of the home in degrees: exact where `address_of` tells the address, else to some 150 m."""
    place = Location.objects.get(property_id=booking.property_id)
    if address_of(booking, user_id=user_id, now=now):
        return float(place.latitude), float(place.longitude)
    return place.public_latitude, place.public_longitude


def address_of(booking: Booking, *, user_id: int, now: datetime) -> str:
    """The exact address, for the host and for the guest of a settled stay; "" for others."""
    home = booking.property_id
    if user_id != booking.host_id and not may_see_address(viewer_id=user_id, property_id=home, now=now):
        return ""
    place = Location.objects.get(property_id=home)
    parts = (place.house_name, place.holding_number, place.flat_number, place.road_number, place.area_details)
    return ", ".join(part for part in (*parts, place.selected_location) if part)
