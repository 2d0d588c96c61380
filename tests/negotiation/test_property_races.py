"""What a host does to a property while guests haggle about it: real threads on the real database."""

from datetime import timedelta
from functools import partial

import pytest

from bookings.models import Booking
from negotiation.models import Negotiation
from properties.models import CalendarEntry, Property
from properties.rules.spans import span_of
from properties.services.blocks import block_nights
from properties.services.listings import unlist_property
from tests.factories.stays import make_host, make_property, make_user
from tests.negotiation.play import Play, code
from tests.threads import at_once

pytestmark = pytest.mark.django_db(transaction=True)


def host_does(service, home, now, **nights):
    service(property_id=home.pk, actor=home.host, now=now, **nights)
    return "done"


def test_unlisting_while_guests_open_leaves_nothing_open(rounds):
    for _ in range(rounds(3, 30)):
        home = make_property(make_host())
        plays = [Play(home=home, guest=make_user()) for _ in range(4)]
        opened = [lambda play=play: code(play.open()) for play in plays]
        results = at_once(*opened[:2], partial(host_does, unlist_property, home, plays[0].now), *opened[2:])
        assert set(results) <= {"ok", "property.not_listed", "done"}
        assert Property.objects.get(pk=home.pk).status == "unlisted"
        ended = Negotiation.objects.filter(property=home)
        assert ended.count() == results.count("ok")
        assert set(ended.values_list("status", flat=True)) <= {"superseded"}
        for play in plays:
            if play.id:
                assert play.log()[-1]["data"] == {"reason": "property.unlisted"}
                assert "negotiation.superseded" in play.told("guest")
                assert "negotiation.superseded" in play.told("host")


def test_a_block_and_an_accept_at_once_never_share_a_night(rounds):
    for _ in range(rounds(4, 40)):
        play = Play(home=make_property(make_host()))
        play.open()
        nights = {"start_date": play.start + timedelta(1), "end_date": play.end + timedelta(2)}
        results = at_once(
            lambda play=play: code(play.answer("host", "accept")),
            partial(host_does, block_nights, play.home, play.now, **nights),
        )
        booked = Booking.objects.filter(property=play.home).count()
        assert results in (["ok", "dates.taken"], ["dates.taken", "done"])
        assert booked == results.count("ok")
        entries = [span_of(entry.nights) for entry in CalendarEntry.objects.filter(property=play.home)]
        assert len(entries) == 1
        assert play.negotiation.status == ("accepted" if booked else "open")
