"""What a booking does to negotiations, and the other way round: both floors in one commit."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import TestCase

from accounts.models import Notification
from bookings.models import Booking
from bookings.services import jobs
from core import clock
from tests.factories.accounts import client_of
from tests.factories.stays import make_property, make_user
from tests.negotiation.play import Play, code

pytestmark = pytest.mark.django_db


@pytest.fixture
def play() -> Play:
    return Play(home=make_property(instant_book=True))


@pytest.fixture
def rival(play: Play) -> Play:
    """Somebody else who haggles about the same nights."""
    other = Play(home=play.home, now=play.now)
    other.open("2100.00")
    return other


@pytest.fixture(autouse=True)
def _commits(play: Play, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The doors read the play's time, and what is left for after the commit is done."""
    monkeypatch.setattr(clock, "now", lambda: play.now)
    with TestCase.captureOnCommitCallbacks(execute=True):
        yield


def reserve(play: Play, **more: Any) -> Any:
    body = {
        "property_id": play.home.pk, "booking_type": "stay", "start_date": play.start.isoformat(),
        "end_date": play.end.isoformat(), "number_of_guests": 2,
    } | more  # fmt: skip
    return client_of(play.guest).post("/api/reserve/", body, format="json")


def pay(play: Play, booking_id: int) -> Any:
    return client_of(play.guest).post(f"/api/booking/{booking_id}/payment/", {"token": "tok_ok"}, format="json")


def label(play: Play) -> str:
    row: str = client_of(play.guest).get("/api/nego/as_guest/").json()[0]["negotiation_status"]
    return row


def agree(play: Play) -> Booking:
    play.open()
    assert code(play.answer("host", "accept")) == "ok"
    return Booking.objects.get(negotiation_id=play.id)


def test_a_hold_that_is_paid_ends_the_haggle_about_its_nights(play: Play, rival: Play) -> None:
    held = reserve(play).json()["reservation_id"]
    assert code(rival.answer("host", "accept")) == "dates.taken"
    assert rival.negotiation.status == "open"
    assert pay(play, held).status_code == 201
    assert (rival.negotiation.status, rival.log()[-1]["data"]) == ("superseded", {"reason": "dates.taken"})
    assert rival.told("guest")[-1] == "negotiation.superseded"


def test_an_approved_request_ends_it_too(play: Play, rival: Play) -> None:
    play.home.instant_book = False
    play.home.save()
    held = reserve(play).json()["reservation_id"]
    path = f"/api/booking/{held}/status/"
    assert client_of(play.host).put(path, {"status": "confirmed"}, format="json").status_code == 200
    assert rival.negotiation.status == "superseded"


def test_an_agreement_is_paid_and_its_label_follows(play: Play) -> None:
    booking = agree(play)
    assert label(play) == "Host Payment"
    assert pay(play, booking.pk).status_code == 201
    assert label(play) == "Accepted By Host"
    path = f"/api/booking/{booking.pk}/status/"
    assert client_of(play.guest).put(path, {"status": "cancelled"}, format="json").status_code == 200
    assert label(play) == "Cancelled"


def test_an_agreement_nobody_pays_is_cancelled_and_the_rivals_hear_once(play: Play, rival: Play) -> None:
    booking = agree(play)
    assert rival.negotiation.status == "superseded"
    play.later(hours=24)
    assert jobs.cancel_unpaid(play.now) == 1
    booking.refresh_from_db()
    assert (booking.status, booking.unpaid, label(play)) == ("cancelled", True, "Cancelled")
    assert rival.told("guest").count("dates.free") == 1
    again = Play(home=play.home, guest=play.guest, now=play.now)
    assert code(again.open("2200.00")) == "offer.limit_reached"
    assert reserve(play).json()["code"] == "offer.limit_reached"
    new = Play(home=play.home, guest=rival.guest, now=play.now)
    assert code(new.open("2200.00")) == "ok"
    assert code(new.answer("host", "accept")) == "ok"
    play.later(hours=24)
    assert jobs.cancel_unpaid(play.now) == 1
    assert rival.told("guest").count("dates.free") == 1
    play.later(days=6)
    assert code(Play(home=play.home, guest=play.guest, now=play.now).open("2200.00")) == "ok"


def test_the_guests_own_reservation_makes_way_for_the_agreement(play: Play) -> None:
    play.open()
    held = reserve(play).json()["reservation_id"]
    assert code(play.answer("host", "accept")) == "ok"
    given_up = Booking.objects.get(pk=held)
    assert (given_up.status, given_up.ended_by, given_up.calendar_entry_id) == ("cancelled", "system", None)
    assert Booking.objects.get(negotiation_id=play.id).status == "confirmed"


def test_but_not_while_it_is_paid_for(play: Play) -> None:
    play.open()
    held = reserve(play).json()["reservation_id"]
    path = f"/api/booking/{held}/payment/"
    assert client_of(play.guest).post(path, {"token": "tok_action"}, format="json").status_code == 201
    assert code(play.answer("host", "accept")) == "dates.taken"
    assert (play.negotiation.status, Booking.objects.get().status) == ("open", "pending")


def test_a_reserve_that_echoes_an_agreement_books_nothing_twice(play: Play) -> None:
    booking = agree(play)
    answer = reserve(play, id=play.id, negotiation_status="Accepted By Host")
    assert (answer.status_code, answer.json()["reservation_id"]) == (201, booking.pk)
    assert answer.json()["quote"] == booking.quote
    assert Booking.objects.count() == 1
    stranger = client_of(make_user()).post("/api/reserve/", {"id": play.id, "negotiation_status": "x"}, format="json")
    assert stranger.status_code == 404


def test_a_reserve_that_echoes_what_is_not_agreed(play: Play) -> None:
    play.open()
    answer = reserve(play, id=play.id, negotiation_status="Guest Proposed")
    assert (answer.status_code, answer.json()["code"]) == (409, "booking.wrong_state")
    play.answer("host", "decline")
    answer = reserve(play, id=play.id, negotiation_status="Rejected By Host")
    assert (answer.status_code, answer.json()["code"]) == (409, "negotiation.closed")
    assert Notification.objects.filter(kind="booking.requested").count() == 0
