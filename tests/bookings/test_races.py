"""What if two do this at once: real threads on the real database, each race more than once."""

from datetime import timedelta
from functools import partial

import pytest
from django.db import transaction

from accounts.models import Notification
from bookings.models import Booking, GuestReview, LedgerLine, Payment, Refund, Review, SandboxCharge
from bookings.selectors.refunds import get_balance
from bookings.services import jobs
from bookings.services.locking import lock_booking
from bookings.services.paying import start_payment
from bookings.services.rating import count_shown_reviews
from bookings.services.reconciling import reconcile_all
from bookings.services.refunding import refund_booking
from bookings.services.reserving import StayOrder, reserve_stay
from bookings.services.reviewing import put_review, write_review
from bookings.services.status_changes import change_status
from core.errors import DomainError
from properties.models import CalendarEntry, Property
from tests.factories.accounts import client_of
from tests.factories.bookings import NOW, day, make_booking, make_hold
from tests.factories.properties import make_property, make_user
from tests.threads import at_once

pytestmark = pytest.mark.django_db(transaction=True)
ROUNDS = range(5)


def order(home, first=0):
    return StayOrder(home.pk, "stay", day(first), day(first + 3), 2)


def pay(booking, token="tok_ok", key=None):
    return start_payment(actor=booking.guest, booking_id=booking.pk, method="", token=token, key=key, now=NOW).status


def cancel(booking, actor, now=NOW):
    return change_status(actor=actor, booking_id=booking.pk, status="cancelled", now=now)


def approve(booking):
    return change_status(actor=booking.host, booking_id=booking.pk, status="confirmed", now=NOW)


def test_one_of_many_gets_the_nights():
    for first in ROUNDS:
        home = make_property(title=f"Home {first}")
        guests = [make_user() for _ in range(6)]
        # Stays that overlap, but not all with each other.
        jobs = [
            partial(reserve_stay, actor=guest, order=order(home, first=n), now=NOW) for n, guest in enumerate(guests)
        ]
        answers = at_once(*jobs)
        won = [a for a in answers if a != "dates.taken"]
        assert all(isinstance(a, int) for a in won)
        assert sorted(won) == list(Booking.objects.filter(property=home).order_by("id").values_list("id", flat=True))
        nights = [n for b in Booking.objects.filter(property=home) for n in range(b.start_date.day, b.end_date.day)]
        assert len(nights) == len(set(nights)) > 0


def test_one_key_at_once_is_one_reservation():
    for _ in ROUNDS:
        home, guest = make_property(), make_user()
        job = partial(reserve_stay, actor=guest, order=order(home), key="once", now=NOW)
        answers = at_once(*[job] * 5)
        assert len(set(answers)) == 1
        assert Booking.objects.filter(property=home).count() == 1


def test_three_unpaid_are_three_however_fast_they_come():
    guest = make_user()
    jobs = [partial(reserve_stay, actor=guest, order=order(make_property()), now=NOW) for _ in range(6)]
    answers = at_once(*jobs)
    assert list(answers).count("booking.too_many_unpaid") == 3
    assert Booking.objects.count() == 3


def test_a_booking_is_charged_once():
    for _ in ROUNDS:
        booking = make_booking(make_property(), make_user())
        answers = at_once(*[partial(pay, booking)] * 4)
        assert list(answers).count("succeeded") == 1
        assert set(answers) <= {"succeeded", "booking.wrong_state", "payment.already_paid"}
        assert get_balance(booking.pk).kept == booking.total
    assert SandboxCharge.objects.count() == len(ROUNDS)


def test_paying_and_cancelling_at_once_leaves_no_money_behind():
    seen = set()
    for _ in range(8):
        booking = make_booking(make_property(), make_user())
        at_once(partial(pay, booking), partial(cancel, booking, booking.host))
        booking.refresh_from_db()
        seen.add(booking.status)
        kept = get_balance(booking.pk).kept
        assert kept == (booking.total if booking.status == "confirmed" else 0)
        assert bool(booking.calendar_entry_id) == (booking.status == "confirmed")
        assert not Payment.objects.filter(booking=booking, status__in=Payment.RUNNING).exists()
    assert seen <= {"confirmed", "cancelled"}


def test_approving_cancelling_and_expiring_at_once_ends_in_one_state():
    for _ in ROUNDS:
        home = make_property()
        booking = make_hold(home, make_user(), NOW + timedelta(seconds=1))
        at_once(
            partial(approve, booking),
            partial(cancel, booking, booking.guest),
            partial(jobs.expire_holds, NOW + timedelta(seconds=1)),
        )
        booking.refresh_from_db()
        entries = list(CalendarEntry.objects.filter(property=home).values_list("kind", flat=True))
        assert (booking.status, entries) in [("confirmed", ["stay"]), ("cancelled", []), ("expired", [])]


def test_any_number_of_clocks_tells_of_an_unpaid_stay_once():
    bookings = [make_booking(make_property(), make_user()) for _ in range(6)]
    later = NOW + timedelta(days=1)
    done = at_once(*[partial(jobs.cancel_unpaid, later)] * 4)
    left = jobs.cancel_unpaid(later)
    assert sum(done) + left == len(bookings)
    assert Notification.objects.filter(kind="booking.cancelled").count() == 2 * len(bookings)


def test_any_number_of_clocks_settles_a_payment_once():
    bookings = [make_booking(make_property(), make_user()) for _ in range(4)]
    for booking in bookings:
        assert pay(booking, "tok_timeout") == "processing"
    at_once(*[partial(reconcile_all, NOW + timedelta(minutes=1))] * 3)
    for booking in bookings:
        booking.refresh_from_db()
        assert (booking.payment_status, get_balance(booking.pk).kept) == ("paid", booking.total)
    assert LedgerLine.objects.count() == len(bookings)


def test_refunds_at_once_never_give_back_more_than_was_paid():
    booking = make_booking(make_property(), make_user())
    pay(booking)
    part = booking.total / 2

    def refund():
        with transaction.atomic():
            return len(refund_booking(lock_booking(booking.pk), amount=part, reason="goodwill", now=NOW))

    answers = at_once(*[refund] * 4)
    assert sorted(map(str, answers)) == ["1", "1", "invalid", "invalid"]
    booking.refresh_from_db()
    assert (booking.payment_status, get_balance(booking.pk).kept) == ("refunded", 0)
    assert Refund.objects.filter(status="succeeded").count() == 2


def test_a_cancellation_answers_with_its_refund_done(client):

    booking = make_booking(make_property(), make_user(), now=NOW)
    pay(booking)
    api = client_of(booking.guest)
    answer = api.put(f"/api/booking/{booking.pk}/status/", {"status": "cancelled"})
    assert (answer.status_code, answer.json()["payment_status"]) == (200, "refunded")


def test_reviews_at_once_are_all_counted():
    home = make_property()
    stays = [make_booking(home, make_user(), first=n * 3) for n in range(6)]
    Booking.objects.update(payment_status="paid")
    late = stays[-1].check_out_at + timedelta(days=1)

    def write(stay, rating):
        return write_review(
            actor=stay.guest, property_id=home.pk, booking_id=stay.pk, rating=rating, text="x", now=late
        )

    def write_back(stay):
        return put_review(actor=stay.host, booking_id=stay.pk, rating=5, text="x", now=late).rating

    # Both sides of each stay review at once: the second review shows both, and the stars count once.
    pairs = [(partial(write, stay, n % 5 + 1), partial(write_back, stay)) for n, stay in enumerate(stays)]
    answers = at_once(*[one for pair in pairs for one in pair])
    assert all(isinstance(a, int) for a in answers)
    assert {review.shows_at for kind in (Review, GuestReview) for review in kind.objects.all()} == {late}
    home = Property.objects.get(pk=home.pk)
    assert (home.rating_sum, home.rating_count) == (1 + 2 + 3 + 4 + 5 + 1, 6)
    twice = at_once(*[partial(write, stays[0], 5)] * 3)
    assert set(twice) == {"booking.wrong_state"}


def test_two_reviews_of_one_stay_at_once_are_one():
    home = make_property()
    stay = make_booking(home, make_user())
    Booking.objects.update(payment_status="paid")

    def write():
        try:
            return write_review(
                actor=stay.guest, property_id=home.pk, booking_id=stay.pk, rating=5, text="", now=stay.check_out_at
            )
        except DomainError as error:
            return error.code

    answers = at_once(*[write] * 4)
    assert list(answers).count("booking.wrong_state") == 3
    over = stay.check_out_at + timedelta(days=60)
    assert sum(at_once(*[partial(count_shown_reviews, over)] * 3)) == 1
    assert Property.objects.get(pk=home.pk).rating_count == 1
