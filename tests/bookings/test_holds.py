"""How often nights are held for nothing, until when a request waits, and what an own hold shuts."""

from datetime import UTC, datetime, timedelta

import pytest

from bookings.models import Booking
from bookings.services import jobs
from bookings.services.reserving import StayOrder, reserve_stay
from bookings.services.status_changes import change_status
from core.errors import DomainError
from properties.models import CalendarEntry
from properties.selectors.calendar import has_free_nights
from properties.services.search import refresh_search
from tests.factories.bookings import NOW, day, make_booking, make_hold
from tests.factories.properties import make_property, make_user

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def order(home, first=0):
    return StayOrder(home.pk, "stay", day(first), day(first + 3), 2)


def reserve(home, guest, now=NOW, first=0):
    try:
        return reserve_stay(actor=guest, order=order(home, first), now=now)
    except DomainError as error:
        return error


@pytest.mark.django_db
@pytest.mark.usefixtures("at")
class TestPauses:
    @pytest.mark.parametrize("by", ["cancel", "run out", "run out, the clock is down"])
    def test_three_holds_for_nothing_pause_there_and_nowhere_else(self, by):
        home, guest = make_property(instant_book=True), make_user()
        now = NOW
        for _ in range(3):
            booking = reserve(home, guest, now)
            if by == "cancel":
                change_status(actor=guest, booking_id=booking, status="cancelled", now=now + MINUTE)
            elif by == "run out":
                jobs.expire_holds(now + 15 * MINUTE)
            now += 16 * MINUTE
        refusal = reserve(home, guest, now)
        assert refusal.code == "offer.limit_reached"
        end = now - (15 if by == "cancel" else 1) * MINUTE + DAY
        assert refusal.params["retry_after"] == int((end - now).total_seconds()) + 1
        assert isinstance(reserve(make_property(), guest, now), int)
        assert isinstance(reserve(home, make_user(), now), int)
        Booking.objects.filter(guest=guest, status="pending").delete()
        assert isinstance(reserve(home, guest, end, first=10), int)

    def test_what_the_host_leaves_or_refuses_is_not_held_against_the_guest(self):
        home, guest = make_property(), make_user()
        for n in range(4):
            booking = reserve(home, guest, NOW, first=3 * n)
            assert isinstance(booking, int), booking
            if n % 2:
                change_status(actor=home.host, booking_id=booking, status="rejected", now=NOW)
            else:
                Booking.objects.filter(pk=booking).update(hold_expires_at=NOW)
                jobs.expire_holds(NOW)
        assert isinstance(reserve(home, guest, NOW, first=20), int)

    def test_who_did_not_pay_is_paused_from_the_deadline_whether_or_not_the_clock_has_been(self):
        home, guest = make_property(), make_user()
        booking = make_booking(home, guest)
        before, after = booking.pay_by - timedelta(seconds=1), booking.pay_by
        assert isinstance(reserve(home, guest, before, first=10), int)
        refusal = reserve(home, guest, after, first=20)
        assert (refusal.code, refusal.params["until"]) == ("offer.limit_reached", "2027-02-09T08:00:00.000Z")
        jobs.cancel_unpaid(after + HOUR)
        booking.refresh_from_db()
        assert (booking.ended_at, booking.unpaid) == (after, True)
        assert reserve(home, guest, after + HOUR, first=20).params == refusal.params | {
            "retry_after": refusal.params["retry_after"] - 3600
        }


@pytest.mark.django_db
@pytest.mark.usefixtures("at")
class TestOwnHold:
    def test_reserving_its_nights_again_leads_to_it(self, sign_in):
        home, guest = make_property(instant_book=True), make_user()
        held = reserve(home, guest)
        for first in (0, 2):
            refusal = reserve(home, guest, first=first)
            assert (refusal.code, refusal.params) == ("dates.taken", {"booking": held})
        assert reserve(home, make_user()).params == {}
        assert isinstance(reserve(home, guest, first=3), int)

    def test_search_and_quote_show_the_home_to_that_guest_alone(self, sign_in):
        home, guest = make_property(instant_book=True), make_user()
        refresh_search([home.pk])
        reserve(home, guest)
        dates = {"check_in": day(0).isoformat(), "check_out": day(3).isoformat()}
        quote = f"/api/property/{home.pk}/quote/?start_date={day(0)}&end_date={day(3)}&guests=2&booking_type=stay"
        for user, sees in ((guest, True), (make_user(), False), (home.host, False)):
            client = sign_in(user)
            assert bool(client.get("/api/properties/search/", dates).json()["results"]) is sees
            assert client.get(quote).json()["available"] is sees


@pytest.mark.django_db
class TestRequests:
    def test_a_request_ends_at_the_latest_at_eight_in_the_evening_of_its_first_day(self):
        """Dhaka is six hours before Greenwich all year."""
        home, guest = make_property(), make_user()
        noon = datetime(2027, 3, 1, 6, tzinfo=UTC)
        booking = Booking.objects.get(pk=reserve(home, guest, noon))
        eight = datetime(2027, 3, 1, 14, tzinfo=UTC)
        assert booking.hold_expires_at == booking.calendar_entry.held_until == eight
        with pytest.raises(DomainError, match=r"booking\.wrong_state"):
            change_status(actor=home.host, booking_id=booking.pk, status="confirmed", now=eight)

    def test_after_that_hour_none_is_taken_for_tonight_but_an_instant_booking_is(self):
        eight = datetime(2027, 3, 1, 14, tzinfo=UTC)
        refusal = reserve(make_property(), make_user(), eight)
        assert (refusal.code, list(refusal.fields)) == ("dates.invalid", ["start_date"])
        assert isinstance(reserve(make_property(instant_book=True), make_user(), eight), int)

    def test_approved_at_the_last_minute_it_can_still_be_paid(self, at, sign_in):
        home, guest = make_property(), make_user()
        booking = reserve(home, guest, datetime(2027, 3, 1, 6, tzinfo=UTC))
        last = datetime(2027, 3, 1, 13, 59, tzinfo=UTC)
        change_status(actor=home.host, booking_id=booking, status="confirmed", now=last)
        assert Booking.objects.get().pay_by == last + 30 * MINUTE
        at(last + 29 * MINUTE)
        assert sign_in(guest).post(f"/api/booking/{booking}/payment/", {"token": "tok_ok"}).status_code == 201


@pytest.mark.django_db
@pytest.mark.usefixtures("at")
def test_an_ended_hold_whose_payment_runs_blocks_nobody(sign_in):
    """With the clock stopped, opening says the same as reserving and search."""
    home = make_property(instant_book=True, negotiable=True)
    held = make_hold(home, make_user(), NOW - 31 * MINUTE, instant=True)
    Booking.objects.filter(pk=held.pk).update(payment_status="processing", processing_since=NOW - 30 * MINUTE)
    CalendarEntry.objects.filter(booking=held).update(held_until=NOW)
    assert has_free_nights(property_id=home.pk, start_date=day(0), end_date=day(3), now=NOW)
    answer = sign_in(make_user()).post("/api/nego/start_negotiation_by_guest/", {
        "property_id": home.pk, "booking_type": "stay", "start_date": day(0).isoformat(),
        "end_date": day(3).isoformat(), "number_of_guests": 2, "guest_price": "2000",
    })  # fmt: skip
    assert answer.status_code == 200, answer.json()
