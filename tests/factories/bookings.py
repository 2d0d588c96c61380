"""Bookings as tests want them: in March 2027, seen from 1 February 2027, 08:00 UTC."""

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction

from accounts.models import User
from bookings.models import Booking
from bookings.services import confirm_stays
from bookings.services.confirm_stays import AgreedStay
from core.database.plain import converse
from properties.models import CalendarEntry, Property
from properties.rules.quote import make_quote

NOW = datetime(2027, 2, 1, 8, tzinfo=UTC)


def confirm_agreed_stays(stays, *, now):
    """As the engine does, the rules of the haggle aside: all of it or nothing."""
    with transaction.atomic():
        return converse(confirm_stays.confirm_agreed_stays(stays, now=now))


def day(n: int) -> date:
    """1 March 2027 and n days."""
    return date(2027, 3, 1) + timedelta(days=n)


def agreed(home: Property, guest: User, first: int = 0, nights: int = 3, **more: Any) -> AgreedStay:
    """A stay haggled down from 3000.00 to 2500.00, at 14:00 to 11:00 in Dhaka."""
    start, end = day(first), day(first + nights)
    food = sum((meal.price * meal.quantity for meal in more.get("meals", ())), Decimal(0))
    quote = make_quote(
        currency="BDT", nights=nights, stay=Decimal(2500), meals=food, cleaning=Decimal(100),
        fee_percent=Decimal(5), tax_percent=Decimal(10),
    )  # fmt: skip
    values: dict[str, Any] = {
        "property_id": home.pk, "guest_id": guest.pk, "host_id": home.host_id, "negotiation_id": None,
        "booking_type": "stay", "start_date": start, "end_date": end,
        "check_in_at": datetime.combine(start, time(8), UTC), "check_out_at": datetime.combine(end, time(5), UTC),
        "guests": 2, "quote": quote, "list_price": Decimal(3000), "cancellation_policy": "moderate",
    }  # fmt: skip
    return AgreedStay(**values | more)


def make_booking(home: Property, guest: User, *, now: datetime = NOW, first: int = 0, **more: Any) -> Booking:
    """An agreed booking that is due."""
    [booking] = confirm_agreed_stays([agreed(home, guest, first, **more)], now=now)
    return Booking.objects.get(pk=booking.pk)


def make_hold(home: Property, guest: User, until: datetime, *, first: int = 0, **fields: Any) -> Booking:
    """A reservation whose nights are held until then."""
    booking = make_booking(home, guest, first=first)
    CalendarEntry.objects.filter(booking=booking).update(kind="hold", held_until=until)
    values = {"status": "pending", "hold_expires_at": until, "pay_by": None, "confirmed_at": None} | fields
    Booking.objects.filter(pk=booking.pk).update(**values)
    return Booking.objects.get(pk=booking.pk)
