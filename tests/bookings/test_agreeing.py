from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from bookings.models import BookedMeal, Booking
from bookings.selectors.details import get_booking_details
from bookings.selectors.unpaid import count_unpaid, paused_until
from bookings.services.jobs import expire_holds
from core.errors import DomainError
from properties.models import CalendarEntry
from properties.rules.menu import PricedMeal
from tests.factories.bookings import NOW, agreed, confirm_agreed_stays, day, make_hold
from tests.factories.properties import make_meal, make_property, make_user

pytestmark = pytest.mark.django_db


def test_many_stays_in_two_statements():
    homes, guest = [make_property() for _ in range(30)], make_user()
    stays = [agreed(home, guest, negotiation_id=n) for n, home in enumerate(homes)]
    with transaction.atomic(), CaptureQueriesContext(connection) as seen:
        bookings = confirm_agreed_stays(stays, now=NOW)
    # A connection prepares each once, and sometimes forgets its plans.
    upkeep = ("SAVEPOINT", "RELEASE SAVEPOINT", "PREPARE ", "DISCARD PLANS")
    assert len([q for q in seen if not q["sql"].startswith(upkeep)]) == 2
    assert [b.negotiation_id for b in bookings] == list(range(30))
    for booking in bookings:
        stored = Booking.objects.get(pk=booking.pk)
        assert stored.total == stored.base_price + Decimal("100") + Decimal("390")
        assert (stored.status, stored.payment_status, stored.pay_by) == ("confirmed", "due", NOW + timedelta(days=1))
        entry = CalendarEntry.objects.get(booking=stored)
        assert (entry.kind, entry.property_id) == ("stay", stored.property_id)
        assert stored.property_id == booking.property_id


def test_meals_are_booked_with_their_frozen_price():
    home, guest = make_property(), make_user()
    meal = make_meal(home)
    ordered = PricedMeal(meal.pk, "breakfast", "Paratha", Decimal("120.00"), 2, day(1))
    [booking] = confirm_agreed_stays([agreed(home, guest, meals=[ordered])], now=NOW)
    meal.price = Decimal("999")
    meal.save()
    assert BookedMeal.objects.get(booking=booking).price == Decimal("120.00")
    [details] = get_booking_details([booking.pk], now=NOW)
    assert details["breakfast"] == [
        {
            "item": "Paratha",
            "meal_id": meal.pk,
            "meal_name": "Paratha",
            "quantity": 2,
            "date": "2027-03-02",
            "price": "120.00",
        }
    ]
    assert details["total"] == str(booking.total)


def test_a_taken_night_refuses_one_stay_by_name_and_several_as_they_are():
    home, guest = make_property(), make_user()
    confirm_agreed_stays([agreed(home, guest)], now=NOW)
    with pytest.raises(DomainError) as refused:
        confirm_agreed_stays([agreed(home, make_user(), first=2)], now=NOW)
    assert refused.value.code == "dates.taken"
    with pytest.raises(IntegrityError):
        confirm_agreed_stays([agreed(home, make_user(), first=2), agreed(home, make_user(), first=20)], now=NOW)
    assert Booking.objects.count() == 1
    confirm_agreed_stays([agreed(home, make_user(), first=3)], now=NOW)


def test_a_expired_hold_makes_way_and_a_live_one_does_not():
    home, guest = make_property(), make_user()
    expired = make_hold(home, make_user(), NOW)
    confirm_agreed_stays([agreed(home, guest)], now=NOW)
    expired.refresh_from_db()
    assert expired.calendar_entry_id is None
    assert expire_holds(NOW) == 1
    expired.refresh_from_db()
    assert (expired.status, expired.ended_by) == ("expired", "system")
    other = make_property()
    make_hold(other, make_user(), NOW + timedelta(seconds=1))
    with pytest.raises(DomainError, match=r"dates\.taken"):
        confirm_agreed_stays([agreed(other, guest)], now=NOW)


def test_the_guests_own_reservation_is_given_up_unless_its_payment_runs():
    home, guest = make_property(), make_user()
    own = make_hold(home, guest, NOW + timedelta(hours=1))
    [booking] = confirm_agreed_stays([agreed(home, guest)], now=NOW)
    own.refresh_from_db()
    assert (own.status, own.ended_by, own.calendar_entry_id) == ("cancelled", "system", None)
    assert booking.status == "confirmed"
    other = make_property()
    make_hold(other, guest, NOW + timedelta(hours=1), payment_status="processing", processing_since=NOW)
    with pytest.raises(DomainError, match=r"dates\.taken"):
        confirm_agreed_stays([agreed(other, guest)], now=NOW)


def test_unpaid_are_counted_until_their_time_is_over():
    home, guest = make_property(), make_user()
    make_hold(home, guest, NOW + timedelta(hours=1))
    confirm_agreed_stays([agreed(home, guest, first=10)], now=NOW)
    assert count_unpaid([guest.pk, home.host_id], now=NOW) == {guest.pk: 2}
    assert count_unpaid([guest.pk], now=NOW + timedelta(hours=1)) == {guest.pk: 1}
    assert count_unpaid([guest.pk], now=NOW + timedelta(days=1)) == {}


def test_who_did_not_pay_pauses_for_a_week():
    home, guest = make_property(), make_user()
    assert paused_until(guest.pk, home.pk, NOW) is None
    [booking] = confirm_agreed_stays([agreed(home, guest)], now=NOW)
    Booking.objects.filter(pk=booking.pk).update(status="cancelled", ended_at=NOW, ended_by="system", unpaid=True)
    assert paused_until(guest.pk, home.pk, NOW + timedelta(days=6)) == NOW + timedelta(days=7)
    assert paused_until(guest.pk, home.pk, NOW + timedelta(days=7)) is None


@pytest.mark.parametrize(
    ("now", "deadline"),
    [
        (datetime(2027, 2, 27, 0, tzinfo=UTC), datetime(2027, 2, 28, 0, tzinfo=UTC)),
        # Noon in Dhaka is 06:00 UTC.
        (datetime(2027, 2, 28, 12, tzinfo=UTC), datetime(2027, 3, 1, 6, tzinfo=UTC)),
        (datetime(2027, 3, 1, 5, 50, tzinfo=UTC), datetime(2027, 3, 1, 6, 20, tzinfo=UTC)),
    ],
)
def test_pay_by(now, deadline):
    [booking] = confirm_agreed_stays([agreed(make_property(), make_user())], now=now)
    assert booking.pay_by == deadline


def test_settled_at_the_door_is_never_due(settings):
    settings.PAYMENT = "on_arrival"
    [booking] = confirm_agreed_stays([agreed(make_property(), make_user())], now=NOW)
    assert (booking.payment_status, booking.pay_by) == ("on_arrival", None)
