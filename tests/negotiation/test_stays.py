"""What a process remembers of negotiations, what a wrong memory costs, and frames that are encoded before their id is known."""

from datetime import timedelta

import orjson
import pytest

from accounts.events import notification_frame
from bookings.models import Booking
from core import clock
from negotiation.engine import stays
from negotiation.engine.draft import Draft, NewNotification
from negotiation.engine.write import News
from tests.factories.stays import make_property, make_user
from tests.negotiation.play import Play, code


@pytest.mark.django_db
@pytest.mark.parametrize("memory", ["right", "none", "of another stay"])
def test_an_accept_ends_its_own_rivals_whatever_is_remembered(memory: str) -> None:
    play, elsewhere = Play(), make_property()
    play.open("2000.00")
    rival = Play(home=play.home, guest=make_user(), now=play.now)
    rival.open("2100.00")
    right = stays._remembered.pop(play.id, None) or stays.Stay(
        play.home.pk, play.guest.pk, play.host.pk, play.start, play.end
    )
    if memory != "none":
        later = timedelta(days=40)
        wrong = right._replace(
            property_id=elsewhere.pk, start_date=right.start_date + later, end_date=right.end_date + later
        )
        stays._remembered[play.id] = right if memory == "right" else wrong
    assert code(play.answer("host", "accept")) == "ok"
    assert rival.negotiation.status == "superseded"
    assert Booking.objects.get(negotiation_id=play.id).property_id == play.home.pk
    assert stays._remembered[play.id] == right


def test_what_is_remembered_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stays, "MOST", 2)
    stays._remembered.clear()
    stay = stays.Stay(1, 2, 3, clock.now().date(), clock.now().date())
    for number in range(1, 4):
        stays._remembered.setdefault(number, stay)
        stays.forget_oldest()
    assert list(stays._remembered) == [2, 3]
    stays._remembered.clear()


def test_a_frame_encoded_before_its_id_is_the_same() -> None:
    note = NewNotification(
        user_id=7, kind="offer.made", title='"id":0,', negotiation_id=3, property_id=4, booking_id=5, at=clock.now()
    )
    [publication] = News(Draft(notifications=[note]), 0.0).publications([12])
    whole = notification_frame(
        id=12, kind=note.kind, title=note.title, negotiation_id=3, booking_id=5, property_id=4, at=note.at, read=False
    )
    assert (publication.frame, publication.seq) == (orjson.dumps(whole), 12)
