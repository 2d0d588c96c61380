"""The haggle through the services, on the real database."""

import pytest

from bookings.models import Booking
from negotiation.models import Negotiation
from tests.factories.stays import make_property, make_user
from tests.negotiation.play import Play, code

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_haggle_ends_in_a_confirmed_booking() -> None:
    play = Play()
    play.open("2000")
    play.offer("host", "2900")
    play.offer("guest", "2400")
    outcome = play.answer("host", "accept")
    booking = Booking.objects.get(pk=outcome.stored["booking"])
    assert (booking.status, booking.payment_status, booking.base_price) == ("confirmed", "due", 2400)
    assert (booking.guest, booking.host, booking.negotiation_id) == (play.guest, play.host, play.id)
    assert play.kinds() == ["negotiation.opened", "offer.made", "offer.made", "offer.made", "offer.accepted"]
    assert play.negotiation.booking_id == booking.pk


def test_rivals_end_with_the_accept_that_took_their_nights() -> None:
    play = Play()
    rival = Play(home=play.home, guest=make_user())
    elsewhere = Play(home=make_property(), guest=play.guest)
    for each in (play, rival, elsewhere):
        assert code(each.open()) == "ok"
    assert code(play.answer("host", "accept")) == "ok"
    assert rival.kinds()[-1] == elsewhere.kinds()[-1] == "negotiation.superseded"
    reasons = [each.negotiation.entries.values_list("data", flat=True).last() for each in (rival, elsewhere)]
    assert reasons == [{"reason": "dates.taken"}, {"reason": "guest.booked"}]
    assert code(rival.offer("host", 2500)) == "negotiation.closed"
    assert not Negotiation.objects.filter(status="open").exists()
