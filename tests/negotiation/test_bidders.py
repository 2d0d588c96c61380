"""Who bids: what a host sees of the guests that deal with them, and nobody else does."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.test import Client

from bookings.models import Booking, GuestReview
from core import clock
from negotiation.models import Entry
from negotiation.selectors.bidders import Answering, get_answering, get_bidders
from tests.factories.bookings import make_booking
from tests.factories.stays import make_host, make_property, make_user
from tests.negotiation.play import Play

pytestmark = pytest.mark.django_db


def browser_of(user):
    browser = Client()
    browser.force_login(user)
    return browser


def been(guest, rating=None):
    """A stay that is over, and what its host said."""
    now = clock.now()
    stay = make_booking(make_property(), guest, now=now, first=-40)
    Booking.objects.filter(pk=stay.pk).update(status="completed")
    if rating:
        GuestReview.objects.create(
            booking=stay, guest=guest, host=stay.host, rating=rating, text="Tidy.", created_at=now
        )


def test_a_guest_in_one_line_however_many_guests_are_asked_about(django_assert_num_queries):
    guests = [make_user() for _ in range(4)]
    been(guests[0], 5)
    been(guests[0], 4)
    been(guests[1])
    with django_assert_num_queries(3):
        found = get_bidders([guest.pk for guest in guests], now=clock.now())
    shown = [(one.stays, one.rating, one.reviews) for one in map(found.get, (guest.pk for guest in guests))]
    assert shown == [(2, Decimal("4.50"), 2), (1, None, 0), (0, None, 0), (0, None, 0)]
    with django_assert_num_queries(0):
        assert get_bidders([], now=clock.now()) == {}


def test_how_a_guest_answers_asks():
    play = Play()
    assert get_answering(play.guest.pk, now=clock.now()) == Answering()
    play.open("2000.00")
    play.offer("host", 2800)
    # Nobody is late before a day has passed.
    assert get_answering(play.guest.pk, now=clock.now()) == Answering()
    late = clock.now() + timedelta(hours=25)
    assert get_answering(play.guest.pk, now=late) == Answering(Decimal("0.0"), None)
    play.offer("guest", 2300)
    answers = Entry.objects.filter(negotiation_id=play.id, kind="offer.made").order_by("seq")
    asked = answers[1].at
    Entry.objects.filter(negotiation_id=play.id, seq=answers[2].seq).update(at=asked + timedelta(minutes=7))
    assert get_answering(play.guest.pk, now=late) == Answering(Decimal("100.0"), 420)


def test_the_host_s_room_and_inbox_say_who_bids_and_the_guest_s_do_not():
    play = Play()
    been(play.guest, 5)
    play.open("2000.00")
    play.offer("host", 2800)
    play.offer("guest", 2300)
    room, inbox = f"/inbox/{play.id}/", "/inbox/?show=host"
    host = browser_of(play.host)
    html = host.get(room).content.decode()
    for words in (
        "Who bids",
        "Guest since",
        "1 stay",
        f'href="/guests/{play.guest.pk}/"',
        "you receive ৳2,300",
        "You receive",
    ):
        assert words in html, words
    assert "1 stay" in host.get(inbox).content.decode()
    html = browser_of(play.guest).get(room).content.decode()
    for words in ("Who bids", "Guest since", "ou receive", "/guests/"):
        assert words not in html, words


def test_a_guest_s_page_is_for_hosts_who_deal_with_them():
    play = Play()
    been(play.guest, 4)
    path = f"/guests/{play.guest.pk}/"
    assert browser_of(play.host).get(path).status_code == 404
    play.open("2000.00")
    html = browser_of(play.host).get(path).content.decode()
    assert "Tidy." in html
    assert play.guest.email not in html
    for stranger in (make_host(), make_user(), play.guest):
        assert browser_of(stranger).get(path).status_code == 404
    assert Client().get(path).url == f"/login/?next={path}"
