"""Which refusal comes first where several would be due."""

from datetime import timedelta
from typing import Any

import pytest

from core import clock
from negotiation.models import Negotiation
from tests.factories.accounts import client_of
from tests.factories.properties import make_entry
from tests.factories.stays import day, make_property, make_user
from tests.negotiation.play import Play, code, move
from tests.negotiation.refusals.scene import edit, opening, owing


@pytest.mark.django_db
def test_opening_with_everything_wrong_and_mended_step_by_step() -> None:
    play = Play()
    play.open("1000")
    for n in range(2):
        Play(home=play.home, guest=play.guest, start=day(10 + n), end=day(11 + n)).open("500")
    edit(play, status="unlisted", negotiable=False, min_nights=3)
    make_entry(play.home, day(2), day(3))
    fields = opening(play, amount="12.345", property=2**62, guests=9, start_date=day(1).isoformat())
    actor, told = play.host, []

    def mend(**changes: Any) -> None:
        told.append(code(move("negotiation.open", actor, **fields)))
        fields.update(changes)

    mend(amount="9000")
    mend(property=play.home.pk)
    mend()
    edit(play, status="listed")
    mend()
    actor = play.guest
    mend()
    edit(play, negotiable=True)
    mend(start_date=day(0).isoformat())
    mend(guests=2)
    mend()
    play.answer("guest", "withdraw")
    mend()
    Negotiation.objects.update(guest_opened_at=clock.now() - timedelta(days=2))
    mend(amount="2000")
    mend()
    play.home.calendar.all().delete()
    mend()
    assert told == [
        "invalid", "not_found", "property.not_listed", "not_allowed", "negotiation.not_offered", "dates.invalid",
        "stay.too_many_guests", "negotiation.already_open", "offer.limit_reached", "offer.not_a_concession",
        "dates.taken", "ok",
    ]  # fmt: skip


@pytest.mark.django_db
class TestOrder:
    def test_a_reused_id_before_invalid(self) -> None:
        play = Play()
        play.open()
        assert code(play.do("host", "message.send", text="Hello", key="k")) == "ok"
        assert code(play.do("host", "message.send", text="", key="k")) == "command.id_reused"

    def test_invalid_before_not_found_before_closed(self) -> None:
        play, stranger = Play(), make_user()
        play.open()
        play.answer("guest", "withdraw")
        assert code(move("offer.make", stranger, negotiation=play.id, amount="-5")) == "invalid"
        assert code(move("offer.make", stranger, negotiation=play.id, amount="5")) == "not_found"
        api = client_of(stranger)
        for word, expected in (("perhaps", "invalid"), ("accepted", "not_found")):
            answer = api.put(f"/api/nego/update_status/{play.id}/", {"negotiation_status": word}, format="json")
            assert answer.json()["code"] == expected

    def test_not_found_before_not_allowed(self) -> None:
        play, other = Play(), Play()
        play.open()
        other.open()
        assert code(play.answer("host", "withdraw", offer=other.standing())) == "not_found"

    def test_not_allowed_before_closed(self) -> None:
        play = Play()
        play.open()
        offer = play.standing()
        play.answer("host", "decline")
        assert code(play.do("host", "offer.withdraw", offer=offer)) == "not_allowed"
        api = client_of(play.host)
        answer = api.put(f"/api/nego/guest_proposed/{play.id}/", {"guest_price": "2500"}, format="json")
        assert (answer.status_code, answer.json()["code"]) == (403, "not_allowed")

    def test_closed_and_expired_before_stale(self) -> None:
        play = Play()
        play.open()
        first = play.standing()
        play.offer("host", 2900, expires_in=300)
        play.later(seconds=301)
        assert code(play.do("guest", "offer.accept", offer=first)) == "offer.expired"
        other = Play()
        other.open()
        first = other.standing()
        other.offer("host", 2900)
        other.answer("guest", "decline")
        assert code(other.do("guest", "offer.accept", offer=first)) == "negotiation.closed"

    def test_stale_before_not_your_turn(self) -> None:
        play = Play()
        play.open()
        first = play.standing()
        play.offer("host", 2900)
        play.offer("guest", 2100)
        assert code(play.do("guest", "offer.accept", offer=first)) == "offer.stale"

    def test_not_your_turn_before_limit_reached_before_not_a_concession(self) -> None:
        play = Play()
        edit(play, offers_per_side=1)
        play.open()
        assert code(play.offer("guest", 1)) == "offer.not_your_turn"
        play.offer("host", 2900)
        assert code(play.offer("guest", 1)) == "offer.limit_reached"

    def test_the_budget_of_bids_before_not_a_concession(self) -> None:
        play = Play()
        edit(play, offers_per_side=20)
        play.open("1000")
        for n in range(11):
            play.offer("host", 2900 - n)
            assert code(play.offer("guest", 1100 + n)) == "ok"
        play.offer("host", 2000)
        assert code(play.offer("guest", 1)) == "offer.limit_reached"

    def test_too_many_unpaid_before_dates(self) -> None:
        play = Play()
        owing(play.guest)
        play.open()
        make_entry(play.home, day(1), day(2), kind="block")
        assert code(play.answer("host", "accept")) == "booking.too_many_unpaid"

    def test_too_late_today_before_too_many_guests(self) -> None:
        home = make_property()
        # 20:30 in Dhaka on the check-in day.
        late = Play(home=home).now.replace(year=day(0).year, month=day(0).month, day=day(0).day, hour=14, minute=30)
        play = Play(home=home, now=late)
        assert code(play.open(guests=9)) == "dates.invalid"
        assert code(play.open(guests=9, booking_type="paying_guest", end_date=day(0).isoformat())) == "dates.invalid"
