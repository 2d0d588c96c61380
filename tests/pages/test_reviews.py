"""The forms of a review: nothing chosen for anybody, words asked for, and nothing typed is lost."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client

from bookings.models import Booking, GuestReview, Review
from core import clock
from tests.factories.bookings import make_booking
from tests.factories.stays import make_property, make_user
from tests.pages.test_forms import signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def stay() -> Booking:
    """Over since yesterday, and paid."""
    booking = make_booking(make_property(), make_user(first_name="Rahim"), now=clock.now())
    over = clock.now() - timedelta(days=1)
    Booking.objects.filter(pk=booking.pk).update(
        status="completed", payment_status="paid", pay_by=None, check_in_at=over - timedelta(days=3), check_out_at=over
    )
    booking.refresh_from_db()
    return booking


def send(client: Client, stay: Booking, **fields: str) -> str:
    return client.post(f"/bookings/{stay.pk}/review/", fields, follow=True).content.decode()


def test_no_star_is_chosen_and_words_are_asked_for(stay: Booking) -> None:
    client = signed_in(stay.guest)
    page = client.get(f"/bookings/{stay.pk}/").content.decode()
    assert ("How was it?" in page, "checked" in page) == (True, False)
    again = send(client, stay, review="A quiet, clean place.")
    assert "Choose how many stars." in again
    assert "A quiet, clean place.</textarea>" in again
    assert "Write a few words." in send(client, stay, rating="5", review=" ")
    assert not Review.objects.exists()


def test_both_sides_write_and_read_each_other_then(stay: Booking) -> None:
    guest, host = signed_in(stay.guest), signed_in(stay.host)
    kept = send(guest, stay, rating="4", review="A quiet place.")
    assert "Take it back" in kept
    assert "A quiet place." not in host.get(f"/bookings/{stay.pk}/").content.decode()
    assert "How was Rahim as a guest?" in host.get(f"/bookings/{stay.pk}/").content.decode()
    both = send(host, stay, rating="5", review="Kind and tidy.")
    assert "A quiet place." in both
    theirs = guest.get(f"/bookings/{stay.pk}/").content.decode()
    assert ("Kind and tidy." in theirs, "Take it back" in theirs) == (True, False)
    answered = host.post(f"/bookings/{stay.pk}/review/answer/", {"answer": "Come again."}, follow=True)
    assert "Come again." in answered.content.decode()


def test_a_review_is_taken_back_on_its_page(stay: Booking) -> None:
    host = signed_in(stay.host)
    send(host, stay, rating="1", review="Hm.")
    assert "You took your review back." in send(host, stay, take_back="1")
    assert not GuestReview.objects.exists()
